//! Comparisons and their looks.

use super::promotion::person;
use super::{from_json, from_text, to_json, told};
use crate::Error;
use crate::entity::{comparison, comparison_look};
use contract::event::{ComparisonEnded, ComparisonLooked, ComparisonStarted};
use contract::rollout::{Comparison, ComparisonState, Look, LookDecision, StartComparison};
use contract::{Actor, ComparisonId, Digest, Event, Refusal, RequestId, Time};
use database::{DatabaseConnection, DatabaseTransaction, outbox, transaction};
use platform::Random;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Select, SqlErr,
};

/// A comparison that may begin.
pub(crate) struct NewComparison {
    pub(crate) id: ComparisonId,
    pub(crate) command: StartComparison,
    pub(crate) actor: Actor,
    pub(crate) at: Time,
    pub(crate) request: RequestId,
}

/// A comparison that a person ends.
pub(crate) struct GivenUp {
    pub(crate) reason: String,
    pub(crate) actor: Actor,
    pub(crate) at: Time,
    pub(crate) request: RequestId,
}

/// Every comparison with its looks, newest first.
pub(crate) async fn comparison_list(db: &impl ConnectionTrait) -> Result<Vec<Comparison>, Error> {
    with_looks(db, comparison::Entity::find().order_by_desc(comparison::Column::StartedAt)).await
}

/// The comparisons for which pairs are read.
pub(crate) async fn comparisons_open(db: &impl ConnectionTrait) -> Result<Vec<Comparison>, Error> {
    let open = comparison::Column::State.eq(ComparisonState::Open.as_str());
    with_looks(db, comparison::Entity::find().filter(open)).await
}

/// One comparison.
pub(crate) async fn comparison_load(
    db: &impl ConnectionTrait,
    id: &ComparisonId,
) -> Result<Option<Comparison>, Error> {
    Ok(with_looks(db, comparison::Entity::find_by_id(id.as_str())).await?.pop())
}

/// The comparisons that are sought with their looks, in one statement: a look that ends a comparison is seen together
/// with the end.
async fn with_looks(
    db: &impl ConnectionTrait,
    sought: Select<comparison::Entity>,
) -> Result<Vec<Comparison>, Error> {
    let found = sought
        .order_by_asc(comparison::Column::Id)
        .find_with_related(comparison_look::Entity)
        .order_by_asc(comparison_look::Column::Number);
    found.all(db).await?.into_iter().map(|(row, looks)| shown(row, looks)).collect()
}

fn shown(row: comparison::Model, looks: Vec<comparison_look::Model>) -> Result<Comparison, Error> {
    let looks: Result<Vec<Look>, Error> =
        looks.into_iter().map(|look| from_json("look", &look.content)).collect();
    Ok(Comparison {
        looks: looks?,
        id: from_text("comparison id", row.id)?,
        champion: from_text("deployment id", row.champion)?,
        challenger: from_text("deployment id", row.challenger)?,
        plan: from_json("plan of a comparison", &row.plan)?,
        reason: row.reason,
        started_by: row.started_by_name,
        started_at: row.started_at,
        state: from_text("state of a comparison", row.state)?,
        pairs: row.pairs.unsigned_abs(),
        ended_at: row.ended_at,
        ended_by: row.ended_by_name,
        ended_reason: row.ended_reason,
        read: Vec::new(),
    })
}

/// Begins a comparison, unless the challenger is in another one.
pub(crate) async fn comparison_create(
    db: &DatabaseConnection,
    random: &Random,
    new: NewComparison,
) -> Result<Comparison, Error> {
    let random = random.clone();
    let created = transaction(db, |txn| {
        Box::pin(async move {
            let NewComparison { id, command, actor, at, request } = new;
            let (user, name) = person(&actor);
            let plan = to_json(&command.plan);
            let row = comparison::ActiveModel {
                id: Set(id.to_string()),
                champion: Set(command.champion.to_string()),
                challenger: Set(command.challenger.to_string()),
                plan: Set(plan.clone()),
                reason: Set(command.reason),
                started_by: Set(user),
                started_by_name: Set(name),
                started_at: Set(at),
                state: Set(ComparisonState::Open.as_str().to_owned()),
                pairs: Set(0),
                ended_at: Set(None),
                ended_by_name: Set(None),
                ended_reason: Set(None),
            };
            comparison::Entity::insert(row).exec_without_returning(txn).await.map_err(open_before)?;
            let event = Event::ComparisonStarted(ComparisonStarted {
                comparison: id.clone(),
                champion: command.champion,
                challenger: command.challenger,
                pairs: command.plan.pairs(),
                readers: command.plan.readers,
                draw_per_mille: command.plan.draw_per_mille,
                plan: Digest::of(plan.to_string().as_bytes()),
            });
            let mut event = told(&random, at, actor, &id, event);
            event.causation = Some(request.to_string());
            outbox::append(txn, event).await?;
            comparison_load(txn, &id).await
        })
    })
    .await?;
    created.ok_or_else(|| Refusal::not_found().into())
}

fn open_before(error: sea_orm::DbErr) -> Error {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Refusal::new(
            "comparison_open",
            "the challenger is being compared already",
            "wait until that comparison is over, or give it up",
        )
        .into(),
        _ => error.into(),
    }
}

/// Ends a comparison without a result.
pub(crate) async fn comparison_give_up(
    db: &DatabaseConnection,
    random: &Random,
    id: &ComparisonId,
    by: GivenUp,
) -> Result<Comparison, Error> {
    let (random, id) = (random.clone(), id.clone());
    let ended = transaction(db, |txn| {
        Box::pin(async move {
            let (_, name) = person(&by.actor);
            let reason = Digest::of(by.reason.as_bytes());
            let changed = comparison::ActiveModel {
                state: Set(ComparisonState::GivenUp.as_str().to_owned()),
                ended_at: Set(Some(by.at)),
                ended_by_name: Set(Some(name)),
                ended_reason: Set(Some(by.reason)),
                ..sea_orm::ActiveModelTrait::default()
            };
            if !change_open(txn, &id, changed).await? {
                return Err(over().into());
            }
            let event = Event::ComparisonEnded(ComparisonEnded {
                comparison: id.clone(),
                reason_code: ComparisonState::GivenUp.as_str().to_owned(),
                reason: Some(reason),
            });
            let mut event = told(&random, by.at, by.actor, &id, event);
            event.causation = Some(by.request.to_string());
            outbox::append(txn, event).await?;
            comparison_load(txn, &id).await
        })
    })
    .await?;
    ended.ok_or_else(|| Refusal::not_found().into())
}

fn over() -> Refusal {
    Refusal::new("comparison_over", "the comparison is over", "begin another one")
}

/// Changes a comparison that is open; whether it was.
async fn change_open(
    txn: &DatabaseTransaction,
    id: &ComparisonId,
    changed: comparison::ActiveModel,
) -> Result<bool, Error> {
    let updated = comparison::Entity::update_many()
        .set(changed)
        .filter(comparison::Column::Id.eq(id.as_str()))
        .filter(comparison::Column::State.eq(ComparisonState::Open.as_str()))
        .exec(txn)
        .await?;
    Ok(updated.rows_affected == 1)
}

/// Notes how many pairs all their readers answered; they never become fewer.
pub(crate) async fn comparison_pairs_set(
    db: &DatabaseConnection,
    id: &ComparisonId,
    pairs: u32,
) -> Result<(), Error> {
    let pairs = i32::try_from(pairs).unwrap_or(i32::MAX);
    comparison::Entity::update_many()
        .set(comparison::ActiveModel { pairs: Set(pairs), ..sea_orm::ActiveModelTrait::default() })
        .filter(comparison::Column::Id.eq(id.as_str()))
        .filter(comparison::Column::Pairs.lt(pairs))
        .exec(db)
        .await?;
    Ok(())
}

/// Keeps what a look says, once, and ends the comparison where it decides. `false` when it was taken before, or the
/// comparison is over.
pub(crate) async fn look_save(
    db: &DatabaseConnection,
    random: &Random,
    id: &ComparisonId,
    look: Look,
) -> Result<bool, Error> {
    let (random, id) = (random.clone(), id.clone());
    transaction(db, |txn| {
        Box::pin(async move {
            let row = comparison::Entity::find_by_id(id.as_str()).lock_exclusive().one(txn).await?;
            let taken = comparison_look::Entity::find()
                .filter(comparison_look::Column::Comparison.eq(id.as_str()))
                .order_by_desc(comparison_look::Column::Number)
                .one(txn)
                .await?;
            let is_open = row.is_some_and(|row| row.state == ComparisonState::Open.as_str());
            let number = i32::try_from(look.number).unwrap_or(i32::MAX);
            if !is_open || taken.map_or(0, |taken| taken.number) + 1 != number {
                return Ok(false);
            }
            let kept = comparison_look::ActiveModel {
                comparison: Set(id.to_string()),
                number: Set(number),
                content: Set(to_json(&look)),
                looked_at: Set(look.looked_at),
            };
            comparison_look::Entity::insert(kept).exec_without_returning(txn).await?;
            let rollout = || Actor::service("rollout");
            let event = Event::ComparisonLooked(ComparisonLooked {
                comparison: id.clone(),
                look: look.number,
                pairs: look.pairs,
                decision: look.decision,
            });
            outbox::append(txn, told(&random, look.looked_at, rollout(), &id, event)).await?;
            if look.decision != LookDecision::GoOn {
                let changed = comparison::ActiveModel {
                    state: Set(ComparisonState::Decided.as_str().to_owned()),
                    ended_at: Set(Some(look.looked_at)),
                    ..sea_orm::ActiveModelTrait::default()
                };
                change_open(txn, &id, changed).await?;
                let event = Event::ComparisonEnded(ComparisonEnded {
                    comparison: id.clone(),
                    reason_code: ComparisonState::Decided.as_str().to_owned(),
                    reason: None,
                });
                outbox::append(txn, told(&random, look.looked_at, rollout(), &id, event)).await?;
            }
            Ok(true)
        })
    })
    .await
}
