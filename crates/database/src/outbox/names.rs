//! Names leave an outbox some time after they were told: the ledger has them long since, where they can be erased.

use super::entity::event;
use crate::{Error, transaction};
use contract::Time;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, DatabaseConnection, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde_json::Value;

/// Rows looked at in one go.
const PAGE_ROWS: u64 = 500;
/// The members of an actor that name a person.
const NAMES: [&str; 2] = ["printed_name", "username"];

/// Takes the names of people out of a page of events at a higher position than `after` that were published before
/// `before`; ids stay. Gives the last position that was looked at, `None` where there was no such event.
///
/// # Errors
/// When the database does not do its part.
pub async fn forget_names(db: &DatabaseConnection, after: i64, before: Time) -> Result<Option<i64>, Error> {
    let rows = event::Entity::find()
        .filter(event::Column::Position.gt(after))
        .filter(event::Column::SentAt.lt(before))
        .order_by_asc(event::Column::Position)
        .limit(PAGE_ROWS)
        .all(db)
        .await?;
    let last = rows.last().map(|row| row.position);
    let named: Vec<event::Model> = rows.into_iter().filter(names_somebody).collect();
    if !named.is_empty() {
        transaction(db, |txn| {
            Box::pin(async move {
                for mut row in named {
                    let actor = without_names(std::mem::take(&mut row.actor));
                    let mut row = row.into_active_model();
                    row.actor = Set(actor);
                    row.update(txn).await?;
                }
                Ok::<_, Error>(())
            })
        })
        .await?;
    }
    Ok(last)
}

fn names_somebody(row: &event::Model) -> bool {
    NAMES.iter().any(|name| row.actor.get(name).and_then(Value::as_str).is_some_and(|name| !name.is_empty()))
}

/// The actor with empty names, so that it is still read as a person.
fn without_names(mut actor: Value) -> Value {
    for name in NAMES {
        if let Some(name) = actor.get_mut(name) {
            *name = Value::String(String::new());
        }
    }
    actor
}
