//! Pages of the ledger, as they are told.

use crate::placed::Placed;
use crate::store::{self, Wanted};
use crate::{Error, sentence};
use contract::Page;
use contract::audit::{LedgerEntry, LedgerQuery};
use database::DatabaseConnection;

/// The entries below `before` that a query wants, newest first.
///
/// # Errors
/// When the database doesn't answer, or an entry isn't one.
pub async fn look_up(
    db: &DatabaseConnection,
    query: &LedgerQuery,
    before: Option<i64>,
) -> Result<Page<LedgerEntry>, Error> {
    let limit = query.page.limit();
    let wanted = Wanted { mentioning: &query.mentioning, since: query.since, until: query.until };
    let rows = store::entry_list(db, wanted, before, limit as usize + 1).await?;
    let rows = rows.into_iter().map(told).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::from_rows(rows, limit, |entry| entry.index.to_string()))
}

/// An entry with the sentence that says it.
pub(crate) fn told(placed: Placed) -> Result<LedgerEntry, Error> {
    let leaf = placed.leaf()?;
    let envelope = placed.entry.envelope;
    Ok(LedgerEntry {
        index: placed.position as u64,
        leaf,
        recorded_at: placed.entry.recorded_at,
        sentence: sentence::sentence(&envelope),
        kind: envelope.event.kind().to_owned(),
        event: envelope.id,
        service: envelope.service,
        seq: envelope.seq,
        occurred_at: envelope.occurred_at,
        actor: envelope.actor,
        subject: envelope.subject,
    })
}
