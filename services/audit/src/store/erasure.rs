//! What is or was to be erased, and erasing it.

use super::mention::may_mention;
use crate::entity::{ledger_entry, ledger_erasure};
use crate::entry::Told;
use crate::{Error, personal};
use contract::audit::{ErasureRecord, ErasureScope, ErasureState};
use contract::{ErasureId, Time, UserId};
use database::outbox::{self, NewEvent};
use database::{DatabaseConnection, DatabaseTransaction, transaction};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

/// Entries that one transaction erases from.
const PAGE_ENTRIES: u64 = 500;

/// Every erasure, newest first.
pub(crate) async fn erasure_list(db: &DatabaseConnection) -> Result<Vec<ErasureRecord>, Error> {
    let rows = ledger_erasure::Entity::find()
        .order_by_desc(ledger_erasure::Column::ProposedAt)
        .order_by_asc(ledger_erasure::Column::Id)
        .all(db)
        .await?;
    rows.into_iter().map(|row| read(row).map(|(record, _)| record)).collect()
}

/// One erasure.
pub(crate) async fn erasure_load(
    db: &DatabaseConnection,
    id: &ErasureId,
) -> Result<Option<ErasureRecord>, Error> {
    let row = ledger_erasure::Entity::find_by_id(id.as_str().to_owned()).one(db).await?;
    row.map(|row| read(row).map(|(record, _)| record)).transpose()
}

/// Erasures that are agreed to and not carried out to their end, and the place from which on each goes on.
pub(crate) async fn erasure_unfinished(db: &DatabaseConnection) -> Result<Vec<(ErasureRecord, u64)>, Error> {
    let approved = ledger_erasure::Column::State.eq(ErasureState::Approved.as_str());
    let rows = ledger_erasure::Entity::find()
        .filter(approved)
        .order_by_asc(ledger_erasure::Column::ProposedAt)
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
}

/// Keeps a new erasure and what is told of it.
pub(crate) async fn erasure_insert(
    db: &DatabaseConnection,
    record: &ErasureRecord,
    told: NewEvent,
) -> Result<(), Error> {
    let text = |id: &UserId| id.to_string();
    let row = ledger_erasure::ActiveModel {
        id: Set(record.id.to_string()),
        scope: Set(serde_json::to_value(&record.scope).expect("a scope is plain JSON")),
        reason: Set(record.reason.clone()),
        state: Set(record.state.as_str().to_owned()),
        proposed_by: Set(record.proposed_by.as_ref().map(text)),
        proposed_at: Set(record.proposed_at),
        decided_by: Set(record.decided_by.as_ref().map(text)),
        decided_at: Set(record.decided_at),
        before: Set(record.before as i64),
        next: Set(0),
        erased: Set(record.erased as i64),
    };
    transaction(db, |txn| {
        Box::pin(async move {
            ledger_erasure::Entity::insert(row).exec_without_returning(txn).await?;
            Ok(outbox::append(txn, told).await?)
        })
    })
    .await
}

/// Keeps what has become of an erasure that was in the state `former`, and what is told of it; gives whether it was.
pub(crate) async fn erasure_save(
    db: &DatabaseConnection,
    record: &ErasureRecord,
    told: NewEvent,
    former: ErasureState,
) -> Result<bool, Error> {
    let record = record.clone();
    transaction(db, |txn| {
        Box::pin(async move {
            let changed = ledger_erasure::Entity::update_many()
                .col_expr(ledger_erasure::Column::State, Expr::value(record.state.as_str()))
                .col_expr(
                    ledger_erasure::Column::DecidedBy,
                    Expr::value(record.decided_by.as_ref().map(ToString::to_string)),
                )
                .col_expr(ledger_erasure::Column::DecidedAt, Expr::value(record.decided_at))
                .col_expr(ledger_erasure::Column::Before, Expr::value(record.before as i64))
                .filter(ledger_erasure::Column::Id.eq(record.id.as_str()))
                .filter(ledger_erasure::Column::State.eq(former.as_str()))
                .exec(txn)
                .await?;
            let is_former = changed.rows_affected == 1;
            if is_former {
                outbox::append(txn, told).await?;
            }
            Ok(is_former)
        })
    })
    .await
}

/// What a page of an erasure came to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ErasedPage {
    /// Entries that lost content.
    pub(crate) erased: u64,
    /// The place from which on it goes on.
    pub(crate) next: u64,
}

/// Erases what `record` covers from the next entries at or after `next`; `None` when there are none.
pub(crate) async fn erasure_page(
    db: &DatabaseConnection,
    record: &ErasureRecord,
    next: u64,
    now: Time,
) -> Result<Option<ErasedPage>, Error> {
    let record = record.clone();
    transaction(db, |txn| Box::pin(async move { page(txn, &record, next, now).await })).await
}

async fn page(
    txn: &DatabaseTransaction,
    record: &ErasureRecord,
    next: u64,
    now: Time,
) -> Result<Option<ErasedPage>, Error> {
    let found = ledger_entry::Entity::find()
        .filter(ledger_entry::Column::Position.gte(next as i64))
        .filter(ledger_entry::Column::Position.lt(record.before as i64))
        .filter(ledger_entry::Column::Personal.ne(""));
    let found = match &record.scope {
        ErasureScope::Person { user } => found.filter(may_mention([user.as_str()], record.before)),
        ErasureScope::Entries { entries } => {
            found.filter(ledger_entry::Column::Position.is_in(entries.iter().map(|entry| *entry as i64)))
        }
        ErasureScope::Older => found,
    };
    let rows = found.order_by_asc(ledger_entry::Column::Position).limit(PAGE_ENTRIES).all(txn).await?;
    let Some(last) = rows.last() else { return Ok(None) };
    let next = last.position as u64 + 1;
    let mut erased = 0;
    for row in &rows {
        let Some(kept) = without(record, row, now)? else { continue };
        erased += 1;
        ledger_entry::Entity::update_many()
            .col_expr(ledger_entry::Column::Personal, Expr::value(kept))
            .filter(ledger_entry::Column::Position.eq(row.position))
            .exec(txn)
            .await?;
    }
    ledger_erasure::Entity::update_many()
        .col_expr(ledger_erasure::Column::Next, Expr::value(next as i64))
        .col_expr(ledger_erasure::Column::Erased, Expr::value((record.erased + erased) as i64))
        .filter(ledger_erasure::Column::Id.eq(record.id.as_str()))
        .exec(txn)
        .await?;
    Ok(Some(ErasedPage { erased, next }))
}

/// What stays beside an entry; `None` where the erasure doesn't touch it.
fn without(record: &ErasureRecord, row: &ledger_entry::Model, now: Time) -> Result<Option<String>, Error> {
    let told: Told =
        serde_json::from_str(&row.entry).map_err(|source| Error::Entry { position: row.position, source })?;
    let user = told.envelope.user();
    let index = row.position as u64;
    let lost = |part: &str| personal::covers(&record.scope, record.before, index, part, user);
    Ok(personal::erase(&row.personal, now, lost))
}

fn read(row: ledger_erasure::Model) -> Result<(ErasureRecord, u64), Error> {
    let stored = |source| Error::Database(database::Error::Stored { what: "erasure", source });
    let parsed = |value: serde_json::Value| serde_json::from_value(value).map_err(stored);
    let user = |id: Option<String>| id.map(|id| parsed(id.into())).transpose();
    let record = ErasureRecord {
        id: serde_json::from_value(row.id.into()).map_err(stored)?,
        scope: serde_json::from_value(row.scope).map_err(stored)?,
        reason: row.reason,
        state: serde_json::from_value(row.state.into()).map_err(stored)?,
        proposed_by: user(row.proposed_by)?,
        proposed_at: row.proposed_at,
        decided_by: user(row.decided_by)?,
        decided_at: row.decided_at,
        before: row.before as u64,
        erased: row.erased as u64,
    };
    Ok((record, row.next as u64))
}
