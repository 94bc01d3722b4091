//! What audit answers: the ledger, for quality and administrators. Each look at it is itself recorded.

mod erasure;
mod handed_out;
mod report;

use crate::look_up::{look_up, told};
use crate::witness::Problem;
use crate::{Deps, Error, figures, gaps, health, quality, scores, sentinels, store, watch};
use actix_web::web::{self, Data, Json, Query, ServiceConfig};
use chrono::TimeDelta;
use contract::audit::{
    Figures, FiguresQuery, LEDGER_IDS_MAX, LedgerEntry, LedgerHealth, LedgerQuery, LedgerStatus, QualityFile,
    Scores, Sentinels, Watched, WitnessHealth,
};
use contract::client::Batch;
use contract::event::Access;
use contract::{Actor, CaseId, Envelope, Event, EventId, LoginSessionId, Page, Refusal, Role};
use database::{outbox, transaction};
use platform::http::{Caller, HttpError, HttpResult};
use platform::telemetry;
use serde::Deserialize;
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// The most ids one history is asked for.
const SUBJECTS_MAX: usize = 100;
/// The most looks that are remembered; then they are forgotten and written down once more.
const LOOKS_MAX: usize = 10_000;
/// Who may look at the ledger.
const READERS: [Role; 2] = [Role::Quality, Role::Administrator];

/// What the handlers share.
pub(crate) struct Desk {
    pub(crate) deps: Deps,
    /// How long a checkpoint may be due.
    pub(crate) patience: TimeDelta,
    /// Groups of fewer cases show no figures.
    pub(crate) figures_minimum: u32,
    pub(crate) looked: Looked,
    /// The witness and what is wrong with it now, where there is one.
    pub(crate) witness: Option<(String, Problem)>,
}

/// What each login session has looked at already. A page asks again and again, and each entry about that would change
/// what the page shows: one entry per login session and subject says it.
#[derive(Default)]
pub(crate) struct Looked(Mutex<HashSet<(LoginSessionId, String)>>);

impl Looked {
    fn has(&self, login: &LoginSessionId, subject: &str) -> bool {
        let looked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        looked.contains(&(login.clone(), subject.to_owned()))
    }

    fn note(&self, login: &LoginSessionId, subject: &str) {
        let mut looked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if looked.len() >= LOOKS_MAX {
            looked.clear();
        }
        looked.insert((login.clone(), subject.to_owned()));
    }
}

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .route("/v1/ledger", web::post().to(entries))
        .route("/v1/ledger/history", web::post().to(history))
        .route("/v1/ledger/status", web::get().to(status))
        .route("/v1/ledger/health", web::get().to(health))
        .route("/v1/ledger/witness", web::get().to(witness))
        .route("/v1/ledger/entries/{index}/inclusion", web::get().to(handed_out::inclusion))
        .route("/v1/ledger/entries/{index}/consistency", web::get().to(handed_out::consistency))
        .route("/v1/erasures", web::get().to(erasure::list))
        .route("/v1/erasures", web::post().to(erasure::propose))
        .route("/v1/erasures/{erasure}/approve", web::post().to(erasure::approve))
        .route("/v1/erasures/{erasure}/decline", web::post().to(erasure::decline))
        .route("/v1/quality/figures", web::get().to(quality_figures))
        .route("/v1/quality/watch", web::get().to(quality_watch))
        .route("/v1/quality/sentinels", web::get().to(quality_sentinels))
        .route("/v1/quality/scores", web::get().to(quality_scores))
        .route(QualityFile::Html.path(), web::get().to(report::html))
        .route(QualityFile::Pdf.path(), web::get().to(report::pdf))
        .route("/v1/ledger/export", web::get().to(handed_out::export))
        .route("/v1/outbox", web::get().to(outbox_page));
}

async fn entries(
    caller: Caller,
    desk: Data<Desk>,
    query: Json<LedgerQuery>,
) -> HttpResult<Page<LedgerEntry>> {
    caller.require_role(&READERS)?;
    let query = query.into_inner();
    if query.mentioning.iter().map(Vec::len).sum::<usize>() > LEDGER_IDS_MAX {
        return Err(HttpError::BadRequest(format!("entries are looked for by at most {LEDGER_IDS_MAX} ids")));
    }
    let before = query.page.after.as_deref().map(str::parse).transpose();
    let before =
        before.map_err(|_| HttpError::BadRequest("the cursor is not one of this list".to_owned()))?;
    let page = look_up(&desk.deps.db, &query, before).await?;
    let about = query.mentioning.iter().flatten().next().map_or("ledger", String::as_str);
    record_access(&desk.deps, &caller, Access::Ledger, about).await?;
    Ok(Json(page))
}

async fn history(
    caller: Caller,
    desk: Data<Desk>,
    subjects: Json<Batch<String>>,
) -> HttpResult<Vec<LedgerEntry>> {
    // The gateway asks on behalf of a person whose right it has checked, where it has no token of theirs.
    if caller.is_person() {
        caller.require_role(&READERS)?;
    } else {
        caller.require_service(&["gateway"])?;
    }
    let subjects = subjects.into_inner().ids;
    let Some(first) = subjects.first() else { return Ok(Json(Vec::new())) };
    if subjects.len() > SUBJECTS_MAX {
        return Err(HttpError::BadRequest(format!("a history is told of at most {SUBJECTS_MAX} ids")));
    }
    let rows = store::entry_history(&desk.deps.db, &subjects).await?;
    for subject in told_of(&subjects, first) {
        record_look(&desk, &caller, Access::History, subject).await?;
    }
    Ok(Json(rows.into_iter().map(told).collect::<Result<_, _>>()?))
}

async fn status(caller: Caller, desk: Data<Desk>) -> HttpResult<LedgerStatus> {
    caller.require_role(&READERS)?;
    record_look(&desk, &caller, Access::Ledger, "ledger").await?;
    let head = store::head_load(&desk.deps.db).await?;
    let checkpoint = store::checkpoint_latest(&desk.deps.db).await?;
    let gaps = gaps::all_gaps(&store::source_list(&desk.deps.db).await?);
    let checkpoint = checkpoint.map(|checkpoint| checkpoint.note);
    Ok(Json(LedgerStatus { size: head.size(), root: head.root(), checkpoint, gaps }))
}

async fn health(caller: Caller, desk: Data<Desk>) -> HttpResult<LedgerHealth> {
    caller.require_role(&READERS)?;
    record_look(&desk, &caller, Access::Ledger, "ledger").await?;
    let look = health::Look { patience: desk.patience, now: desk.deps.clock.now() };
    Ok(Json(health::health(&desk.deps.db, look, desk.witness.as_ref()).await?))
}

/// For gates that ask for a witness.
async fn witness(caller: Caller, desk: Data<Desk>) -> HttpResult<Option<WitnessHealth>> {
    caller.require_service(&["rollout"])?;
    Ok(Json(health::witness(&desk.deps.db, desk.witness.as_ref()).await?))
}

/// Figures over the cases that ended in a period. Only quality: an administrator may also be a reader's superior.
async fn quality_figures(
    caller: Caller,
    desk: Data<Desk>,
    period: Query<FiguresQuery>,
) -> HttpResult<Figures> {
    caller.require_role(&[Role::Quality])?;
    let period = checked(&period)?;
    let subject = told_as("cases", period);
    let cases = quality::cases(&desk.deps, period).await?;
    let series = quality::series(&desk.deps, &cases).await?;
    let mut names = quality::names(&desk.deps, &series).await?;
    names.machine_s = quality::machine_s(&desk.deps, &cases).await?;
    record_access(&desk.deps, &caller, Access::Figures, &subject).await?;
    let minimum = desk.figures_minimum;
    Ok(Json(desk.deps.cpu.run(move || figures::figures(&cases, &names, minimum)).await))
}

/// Which test cases were caught: never for people who read, whom it would tell what tests them.
async fn quality_sentinels(
    caller: Caller,
    desk: Data<Desk>,
    period: Query<FiguresQuery>,
) -> HttpResult<Sentinels> {
    caller.require_role(&[Role::Quality])?;
    if [Role::Radiologist, Role::Adjudicator].iter().any(|role| caller.actor.has_role(*role)) {
        return Err(HttpError::Forbidden(Refusal::forbidden()));
    }
    let period = checked(&period)?;
    let read = quality::sentinels(&desk.deps, period).await?;
    let names = quality::names(&desk.deps, &[]).await?;
    record_access(&desk.deps, &caller, Access::Figures, &told_as("test cases", period)).await?;
    Ok(Json(sentinels::sentinels(&read, &names)))
}

/// How reading was scored, by what made the images.
async fn quality_scores(caller: Caller, desk: Data<Desk>, period: Query<FiguresQuery>) -> HttpResult<Scores> {
    caller.require_role(&[Role::Quality])?;
    let period = checked(&period)?;
    let cases = quality::scored(&desk.deps, period).await?;
    let names = quality::names(&desk.deps, &[]).await?;
    record_access(&desk.deps, &caller, Access::Figures, &told_as("scores", period)).await?;
    Ok(Json(scores::scores(&cases, &names, desk.figures_minimum)))
}

async fn quality_watch(caller: Caller, desk: Data<Desk>, period: Query<FiguresQuery>) -> HttpResult<Watched> {
    caller.require_role(&[Role::Quality])?;
    let period = checked(&period)?;
    let subject = told_as("watch", period);
    let gathered = quality::gathered(&desk.deps, period).await?;
    record_access(&desk.deps, &caller, Access::Figures, &subject).await?;
    let minimum = desk.figures_minimum;
    Ok(Json(desk.deps.cpu.run(move || watch::watched(&gathered, period.to, minimum)).await))
}

fn checked(period: &FiguresQuery) -> Result<FiguresQuery, HttpError> {
    if period.from >= period.to {
        return Err(HttpError::BadRequest("the period ends before it begins".to_owned()));
    }
    Ok(*period)
}

/// What was looked at, as the ledger tells it.
fn told_as(what: &str, period: FiguresQuery) -> String {
    format!("{what} from {} to {}", period.from.date_naive(), period.to.date_naive())
}

/// Whose history it is: the cases among the ids, whose runs, reads and sends are only parts of them.
fn told_of<'a>(subjects: &'a [String], first: &'a String) -> Vec<&'a String> {
    let mut cases: Vec<_> = subjects.iter().filter(|id| id.parse::<CaseId>().is_ok()).collect();
    if cases.is_empty() {
        cases.push(first);
    }
    cases
}

/// Records the first look of a login session at a subject; remembered only when the record is committed.
async fn record_look(desk: &Desk, caller: &Caller, access: Access, subject: &str) -> Result<(), Error> {
    let Actor::Person { login, .. } = &caller.actor else {
        return record_access(&desk.deps, caller, access, subject).await;
    };
    if !desk.looked.has(login, subject) {
        record_access(&desk.deps, caller, access, subject).await?;
        desk.looked.note(login, subject);
    }
    Ok(())
}

#[derive(Deserialize)]
struct AfterSeq {
    after_seq: i64,
}

async fn outbox_page(caller: Caller, desk: Data<Desk>, query: Query<AfterSeq>) -> HttpResult<Vec<Envelope>> {
    caller.require_service(&["audit"])?;
    let page = outbox::page(&desk.deps.db, query.after_seq, outbox::PAGE_ROWS_MAX).await;
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
