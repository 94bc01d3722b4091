//! Reads and writes of `bus.sqlite`.

use super::entity::{binding, message, queue};
use crate::transaction::begin;
use bus::{Message, PARK_REASON_HEADER, QueueSpec, Route, dead_letter_queue, topic_matches};
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{
    ActiveModelTrait as _,
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

pub(super) async fn queue_declare(db: &DatabaseConnection, spec: &QueueSpec) -> Result<(), crate::Error> {
    let limit = i32::try_from(spec.delivery_limit).unwrap_or(i32::MAX);
    let queue = queue::ActiveModel { name: Set(spec.name.clone()), delivery_limit: Set(Some(limit)) };
    let dead = queue::ActiveModel { name: Set(dead_letter_queue(&spec.name)), delivery_limit: Set(None) };
    let update =
        OnConflict::column(queue::Column::Name).update_column(queue::Column::DeliveryLimit).to_owned();

    let (txn, _turn) = begin(db).await?;
    queue::Entity::insert_many([queue, dead]).on_conflict(update).exec_without_returning(&txn).await?;
    binding::Entity::delete_many().filter(binding::Column::Queue.eq(&*spec.name)).exec(&txn).await?;
    for topic in &spec.topics {
        let row = binding::ActiveModel { queue: Set(spec.name.clone()), topic: Set(topic.clone()) };
        let repeated = OnConflict::new().do_nothing().to_owned();
        binding::Entity::insert(row).on_conflict(repeated).exec_without_returning(&txn).await?;
    }
    Ok(txn.commit().await?)
}

pub(super) async fn queue_load(db: &DatabaseConnection, name: &str) -> Result<Option<queue::Model>, DbErr> {
    queue::Entity::find_by_id(name).one(db).await
}

/// Keeps a message in each queue that its route leads to, and gives these queues.
pub(super) async fn message_insert(
    db: &DatabaseConnection,
    new: &Message,
) -> Result<Vec<String>, crate::Error> {
    let (txn, _turn) = begin(db).await?;
    let queues = route(&txn, &new.route).await?;
    let headers = new.headers.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
    let headers = serde_json::Value::Object(headers);
    for queue in &queues {
        let row = message::ActiveModel {
            id: NotSet,
            queue: Set(queue.clone()),
            message_id: Set(new.id.clone()),
            headers: Set(headers.clone()),
            body: Set(new.body.to_vec()),
            due_ms: Set(0),
            attempt: Set(1),
            deliveries: Set(0),
        };
        message::Entity::insert(row).exec_without_returning(&txn).await?;
    }
    txn.commit().await?;
    Ok(queues)
}

async fn route(txn: &DatabaseTransaction, route: &Route) -> Result<Vec<String>, DbErr> {
    match route {
        Route::Queue(name) => {
            let queue = queue::Entity::find_by_id(name.as_str()).one(txn).await?;
            Ok(queue.map(|queue| queue.name).into_iter().collect())
        }
        Route::Topic(topic) => {
            let bindings = binding::Entity::find().order_by_asc(binding::Column::Queue).all(txn).await?;
            let mut queues: Vec<String> = bindings
                .into_iter()
                .filter(|binding| topic_matches(&binding.topic, topic))
                .map(|binding| binding.queue)
                .collect();
            queues.dedup();
            Ok(queues)
        }
    }
}

/// The oldest message of a queue that is due and not lent.
pub(super) async fn message_next(
    db: &DatabaseConnection,
    queue: &str,
    lent: &[i64],
    now_ms: i64,
) -> Result<Option<message::Model>, DbErr> {
    message::Entity::find()
        .filter(message::Column::Queue.eq(queue))
        .filter(message::Column::DueMs.lte(now_ms))
        .filter(message::Column::Id.is_not_in(lent.iter().copied()))
        .order_by_asc(message::Column::Id)
        .one(db)
        .await
}

/// When the next message of a queue that isn't lent will be due.
pub(super) async fn message_next_due_ms(
    db: &DatabaseConnection,
    queue: &str,
    lent: &[i64],
) -> Result<Option<i64>, DbErr> {
    message::Entity::find()
        .select_only()
        .column(message::Column::DueMs)
        .filter(message::Column::Queue.eq(queue))
        .filter(message::Column::Id.is_not_in(lent.iter().copied()))
        .order_by_asc(message::Column::DueMs)
        .into_tuple()
        .one(db)
        .await
}

pub(super) async fn message_count_delivery(db: &DatabaseConnection, id: i64) -> Result<(), DbErr> {
    message::Entity::update_many()
        .col_expr(message::Column::Deliveries, Expr::col(message::Column::Deliveries).add(1))
        .filter(message::Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

pub(super) async fn message_delete(db: &DatabaseConnection, id: i64) -> Result<(), DbErr> {
    message::Entity::delete_by_id(id).exec(db).await?;
    Ok(())
}

pub(super) async fn message_delay(db: &DatabaseConnection, id: i64, due_ms: i64) -> Result<(), DbErr> {
    message::Entity::update_many()
        .col_expr(message::Column::DueMs, Expr::value(due_ms))
        .col_expr(message::Column::Attempt, Expr::col(message::Column::Attempt).add(1))
        .col_expr(message::Column::Deliveries, Expr::value(0))
        .filter(message::Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// Moves a message to the dead-letter queue of its queue, and gives that queue. A message that is already there
/// stays.
pub(super) async fn message_park(db: &DatabaseConnection, id: i64, reason: &str) -> Result<String, DbErr> {
    let row = message::Entity::find_by_id(id).one(db).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound(format!("message {id}")))?;
    let dead = match queue::Entity::find_by_id(&*row.queue).one(db).await? {
        Some(queue) if queue.delivery_limit.is_none() => row.queue.clone(),
        _ => dead_letter_queue(&row.queue),
    };
    let mut headers = row.headers.clone();
    headers[PARK_REASON_HEADER] = reason.into();
    let mut row = row.into_active_model();
    row.queue = Set(dead.clone());
    row.headers = Set(headers);
    row.due_ms = Set(0);
    row.deliveries = Set(0);
    row.update(db).await?;
    Ok(dead)
}
