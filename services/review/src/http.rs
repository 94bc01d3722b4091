//! Review's routes: parse, authorise, hand to the shell, answer.

mod campaign;
mod discussion;
mod ended;
mod oversight;
mod pair;
mod signing;

use crate::case::Case;
use crate::error::Error;
use crate::release::Around;
use crate::shell::{Request, Shell};
use crate::{blind, release, store, urgency};
use actix_web::web::{Data, Json, Path, Query, ServiceConfig, get, post};
use contract::client::Batch;
use contract::event::Access;
use contract::review::{
    Availability, Case as CaseView, CountsQuery, Draft, Purpose, ReadCounts, Release, ReleaseCheck, SaveDraft,
};
use contract::{
    Actor, CaseId, Envelope, Event, Page, PageRequest, Refusal, ReleaseId, Role, RunId, SeriesId,
};
use database::{outbox, transaction};
use platform::http::{Caller, HttpError, HttpResult};
use serde::Deserialize;

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/v1/worklist", get().to(worklist))
        .route("/v1/evaluation-worklist", get().to(evaluation_worklist))
        .route("/v1/cases", get().to(cases))
        .route("/v1/cases/of-series", post().to(cases_of_series))
        .route("/v1/cases/{case}", get().to(case))
        .route("/v1/cases/{case}/open", post().to(open))
        .route("/v1/cases/{case}/draft", post().to(save_draft))
        .route("/v1/runs/{run}/view", post().to(view_pixels))
        .route("/v1/releases/{release}", get().to(release_load))
        .route("/v1/releases/{release}/check", get().to(release_check))
        .route("/v1/read-counts", get().to(read_counts))
        .route("/v1/outbox", get().to(outbox_page))
        .configure(campaign::routes)
        .configure(discussion::routes)
        .configure(ended::routes)
        .configure(oversight::routes)
        .configure(pair::routes)
        .configure(signing::routes);
}

const READERS: [Role; 2] = [Role::Radiologist, Role::Adjudicator];

async fn worklist(
    shell: Data<Shell>,
    caller: Caller,
    page: Query<PageRequest>,
) -> HttpResult<Page<CaseView>> {
    offered(&shell, &caller, &page, Purpose::Clinical).await
}

async fn evaluation_worklist(
    shell: Data<Shell>,
    caller: Caller,
    page: Query<PageRequest>,
) -> HttpResult<Page<CaseView>> {
    offered(&shell, &caller, &page, Purpose::Evaluation).await
}

/// What the caller holds or may take, for one purpose.
async fn offered(
    shell: &Shell,
    caller: &Caller,
    page: &PageRequest,
    purpose: Purpose,
) -> HttpResult<Page<CaseView>> {
    caller.require_role(&READERS)?;
    let Some(user) = caller.actor.user() else { return Err(HttpError::Forbidden(Refusal::forbidden())) };
    let now = shell.now();
    let as_of = urgency::as_of(page.after.as_deref(), now);
    let open = store::cases_open_for(&shell.db, purpose).await?;
    let mut offered: Vec<(String, CaseView)> = open
        .iter()
        .filter_map(|case| {
            let view = blind::view(case, &caller.actor, now)?;
            let is_held = match view.availability {
                Availability::Mine => true,
                Availability::Available => false,
                Availability::Signed | Availability::Unavailable => return None,
            };
            let bucket = shell.config.worklist_bucket_minutes;
            Some((urgency::worklist_key(user, case, is_held, as_of, bucket), view))
        })
        .collect();
    offered.sort_by(|one, other| one.0.cmp(&other.0));
    if let Some(after) = &page.after {
        offered.retain(|(key, _)| key > after);
    }
    let page = Page::from_rows(offered, page.limit(), |(key, _)| key.clone());
    Ok(Json(map_page(page, |(_, view)| Some(view))))
}

fn map_page<T, U>(page: Page<T>, f: impl Fn(T) -> Option<U>) -> Page<U> {
    let items = page.items.into_iter();
    let items = items
        .filter_map(|item| f(item.node).map(|node| contract::page::Item { cursor: item.cursor, node }))
        .collect();
    Page { items, has_next_page: page.has_next_page }
}

async fn cases(shell: Data<Shell>, caller: Caller, page: Query<PageRequest>) -> HttpResult<Page<CaseView>> {
    caller.require_role(&[Role::Quality, Role::Administrator, Role::Coordinator])?;
    let now = shell.now();
    let rows = store::case_page(&shell.db, &page).await?;
    let page = Page::from_rows(rows, page.limit(), store::case_cursor);
    Ok(Json(map_page(page, |case| blind::view(&case, &caller.actor, now))))
}

async fn cases_of_series(
    shell: Data<Shell>,
    caller: Caller,
    batch: Json<Batch<SeriesId>>,
) -> HttpResult<Vec<CaseId>> {
    caller.require_role(&[Role::Quality, Role::Administrator])?;
    Ok(Json(store::case_ids_of_series(&shell.db, &batch.ids).await?))
}

async fn case(shell: Data<Shell>, caller: Caller, id: Path<String>) -> HttpResult<CaseView> {
    let case = store::case_load(&shell.db, &case_id(&id)?).await?.ok_or(HttpError::NotFound)?;
    blind::view(&case, &caller.actor, shell.now()).map(Json).ok_or(HttpError::NotFound)
}

async fn open(shell: Data<Shell>, caller: Caller, id: Path<String>) -> HttpResult<CaseView> {
    let request = readers_request(caller, &id)?;
    Ok(Json(shell.open(&request).await?))
}

async fn save_draft(
    shell: Data<Shell>,
    caller: Caller,
    id: Path<String>,
    body: Json<SaveDraft>,
) -> HttpResult<Draft> {
    let request = readers_request(caller, &id)?;
    Ok(Json(shell.save_draft(&request, body.into_inner()).await?))
}

/// Whether the caller may see the derived pixels of a run; the access is committed before the answer.
async fn view_pixels(shell: Data<Shell>, caller: Caller, id: Path<String>) -> HttpResult<()> {
    let Actor::Person { user, login, .. } = caller.actor.clone() else {
        return Err(HttpError::Forbidden(Refusal::forbidden()));
    };
    let run: RunId = id.parse().map_err(|_| HttpError::NotFound)?;
    let cases = store::cases_of_run(&shell.db, &run).await?;
    if !cases.iter().any(|case| blind::may_view_pixels(case, &caller.actor)) {
        return Err(HttpError::NotFound);
    }
    let origin = shell.person(&caller.actor, &caller.request);
    transaction(&shell.db, move |txn| {
        Box::pin(async move {
            if store::pixel_access_add(txn, &user, run.as_str(), &login, origin.now).await? {
                let event = Event::AccessRecorded { access: Access::DerivedImages };
                store::tell(txn, &origin, run.as_str(), event).await?;
            }
            Ok::<(), Error>(())
        })
    })
    .await?;
    Ok(Json(()))
}

async fn release_load(shell: Data<Shell>, caller: Caller, id: Path<String>) -> HttpResult<Release> {
    let case = released_case(&shell, &caller, &id).await?;
    release::release(&case).map(Json).ok_or(HttpError::NotFound)
}

async fn release_check(shell: Data<Shell>, caller: Caller, id: Path<String>) -> HttpResult<ReleaseCheck> {
    let case = released_case(&shell, &caller, &id).await?;
    let stage = store::deployment_stage(&shell.db, &case.deployment).await?;
    let investigated = store::study_is_flagged(&shell.db, &case.study).await?;
    let wanted_back = shell.is_wanted_back(&case).await?;
    Ok(Json(release::check(&case, Around { stage, investigated, wanted_back })))
}

async fn released_case(shell: &Shell, caller: &Caller, id: &str) -> Result<Case, HttpError> {
    caller.require_service(&["delivery"])?;
    let release: ReleaseId = id.parse().map_err(|_| HttpError::NotFound)?;
    store::case_of_release(&shell.db, &release).await?.ok_or(HttpError::NotFound)
}

async fn read_counts(
    shell: Data<Shell>,
    caller: Caller,
    query: Query<CountsQuery>,
) -> HttpResult<ReadCounts> {
    caller.require_service(&["rollout"])?;
    let ended = store::cases_counted(&shell.db, &query).await?;
    Ok(Json(release::counts(&ended)))
}

#[derive(Deserialize)]
struct OutboxQuery {
    #[serde(default)]
    after_seq: i64,
}

async fn outbox_page(
    shell: Data<Shell>,
    caller: Caller,
    query: Query<OutboxQuery>,
) -> HttpResult<Vec<Envelope>> {
    caller.require_service(&["audit", "delivery", "rollout"])?;
    let page = outbox::page(&shell.db, query.after_seq, outbox::PAGE_ROWS_MAX).await;
    Ok(Json(page.map_err(Error::from)?))
}

fn readers_request(caller: Caller, id: &str) -> Result<Request, HttpError> {
    caller.require_role(&READERS)?;
    Ok(Request { case: case_id(id)?, actor: caller.actor, causation: caller.request })
}

/// Text that is no id names nothing.
fn case_id(text: &str) -> Result<CaseId, HttpError> {
    text.parse().map_err(|_| HttpError::NotFound)
}
