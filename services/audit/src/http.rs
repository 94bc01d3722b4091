//! What audit answers: the ledger, for quality and administrators. Each look at it is itself recorded.

use crate::store::Placed;
use crate::{Deps, Error, consume, sentence, store};
use actix_web::web::{self, Data, Json, Query, ServiceConfig};
use contract::audit::{LedgerEntry, LedgerStatus};
use contract::client::Batch;
use contract::event::Access;
use contract::{Envelope, Event, EventId, Page, PageRequest, Role};
use database::{outbox, transaction};
use platform::http::{Caller, HttpError, HttpResult};
use platform::telemetry;
use serde::Deserialize;

/// The most ids one history is asked for.
const SUBJECTS_MAX: usize = 100;

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .route("/v1/ledger", web::get().to(entries))
        .route("/v1/ledger/history", web::post().to(history))
        .route("/v1/ledger/status", web::get().to(status))
        .route("/v1/outbox", web::get().to(outbox_page));
}

/// A [`contract::audit::LedgerQuery`] as it stands in a URL, where a number inside a flattened struct would be
/// taken for text.
#[derive(Deserialize)]
struct EntriesQuery {
    first: Option<u32>,
    after: Option<String>,
    subject: Option<String>,
}

async fn entries(
    caller: Caller,
    deps: Data<Deps>,
    query: Query<EntriesQuery>,
) -> HttpResult<Page<LedgerEntry>> {
    caller.require_role(&[Role::Quality, Role::Administrator])?;
    let EntriesQuery { first, after, subject } = query.into_inner();
    let before = after.as_deref().map(str::parse).transpose();
    let before =
        before.map_err(|_| HttpError::BadRequest("the cursor is not one of this list".to_owned()))?;
    let subject = subject.as_deref();
    let limit = PageRequest { first, after: None }.limit();
    let rows = store::entry_list(&deps.db, subject, before, limit + 1).await?;
    record_access(&deps, &caller, Access::Ledger, subject.unwrap_or("ledger")).await?;
    let rows = rows.into_iter().map(told).collect::<Result<Vec<_>, _>>()?;
    Ok(Json(Page::from_rows(rows, limit, |entry| entry.index.to_string())))
}

async fn history(
    caller: Caller,
    deps: Data<Deps>,
    subjects: Json<Batch<String>>,
) -> HttpResult<Vec<LedgerEntry>> {
    // The gateway asks on behalf of a person whose right it has checked, where it has no token of theirs.
    if caller.is_person() {
        caller.require_role(&[Role::Quality, Role::Administrator])?;
    } else {
        caller.require_service(&["gateway"])?;
    }
    let subjects = subjects.into_inner().ids;
    let Some(first) = subjects.first() else { return Ok(Json(Vec::new())) };
    if subjects.len() > SUBJECTS_MAX {
        return Err(HttpError::BadRequest(format!("a history is told of at most {SUBJECTS_MAX} ids")));
    }
    let rows = store::entry_history(&deps.db, &subjects).await?;
    record_access(&deps, &caller, Access::History, first).await?;
    Ok(Json(rows.into_iter().map(told).collect::<Result<_, _>>()?))
}

async fn status(caller: Caller, deps: Data<Deps>) -> HttpResult<LedgerStatus> {
    caller.require_role(&[Role::Quality, Role::Administrator])?;
    let head = store::head_load(&deps.db).await?;
    let checkpoint = store::checkpoint_latest(&deps.db).await?;
    let gaps = consume::all_gaps(&deps.db).await?;
    let checkpoint = checkpoint.map(|checkpoint| checkpoint.note);
    Ok(Json(LedgerStatus { size: head.size(), root: head.root(), checkpoint, gaps }))
}

#[derive(Deserialize)]
struct AfterSeq {
    after_seq: i64,
}

async fn outbox_page(caller: Caller, deps: Data<Deps>, query: Query<AfterSeq>) -> HttpResult<Vec<Envelope>> {
    caller.require_service(&["audit"])?;
    let page = outbox::page(&deps.db, query.after_seq, outbox::PAGE_ROWS_MAX).await;
    Ok(Json(page.map_err(Error::from)?))
}

/// Writes down that somebody is about to be shown something; committed before the answer.
async fn record_access(deps: &Deps, caller: &Caller, access: Access, subject: &str) -> Result<(), Error> {
    let event = outbox::NewEvent {
        id: deps.random.with(EventId::random),
        occurred_at: deps.clock.now(),
        actor: caller.actor.clone(),
        subject: subject.to_owned(),
        causation: Some(caller.request.to_string()),
        trace: telemetry::traceparent(),
        event: Event::AccessRecorded { access },
    };
    transaction(&deps.db, |txn| Box::pin(async move { Ok(outbox::append(txn, event).await?) })).await
}

fn told(placed: Placed) -> Result<LedgerEntry, Error> {
    let envelope = placed.entry.envelope;
    let leaf = placed.leaf.parse().map_err(|_| Error::Leaf { position: placed.position })?;
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
