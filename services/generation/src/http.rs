//! What generation answers: runs, to services and signed-in people. Which pixels of them somebody may see is
//! review's to say.

use crate::capacity::{self, Facts, WINDOW_HOURS};
use crate::{Error, Shell, blinded, store};
use actix_web::HttpResponse;
use actix_web::web::{self, Data, Json, Path, Query, ServiceConfig};
use chrono::TimeDelta;
use contract::client::Batch;
use contract::generation::{BlindedImage, Blinding, Capacity, Run, RunCost};
use contract::{Envelope, Role, RunId, SeriesId, StudyId};
use database::outbox;
use dicom_io::blind::BlindedCopy;
use platform::http::{Caller, HttpError, HttpResult};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The services that ask about runs.
const ASKING: [&str; 5] = ["audit", "review", "delivery", "gateway", "rollout"];
/// The most ids in one batch.
const BATCH_MAX: usize = 1_000;

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .route("/v1/runs/batch", web::post().to(run_batch))
        .route("/v1/runs/costs", web::post().to(run_costs))
        .route("/v1/runs/by-series", web::post().to(runs_of_series))
        .route("/v1/runs/by-series-uid", web::get().to(run_by_series_uid))
        .route("/v1/runs/by-study", web::get().to(runs_of_study))
        .route("/v1/runs/{run}/blinded", web::post().to(blinded_images))
        .route("/v1/runs/{run}/blinded/{slice}", web::post().to(blinded_image))
        .route("/v1/capacity", web::get().to(pool_capacity))
        .route("/v1/outbox", web::get().to(outbox_page));
}

async fn run_batch(caller: Caller, state: Data<Shell>, batch: Json<Batch<RunId>>) -> HttpResult<Vec<Run>> {
    authorise(&caller)?;
    limit(batch.ids.len())?;
    Ok(Json(store::runs_shown(&state.deps.db, &batch.ids).await?))
}

async fn run_costs(
    caller: Caller,
    state: Data<Shell>,
    batch: Json<Batch<RunId>>,
) -> HttpResult<Vec<RunCost>> {
    caller.require_service(&["rollout"])?;
    limit(batch.ids.len())?;
    Ok(Json(store::run_costs(&state.deps.db, &batch.ids).await?))
}

async fn runs_of_series(
    caller: Caller,
    state: Data<Shell>,
    batch: Json<Batch<SeriesId>>,
) -> HttpResult<Vec<Run>> {
    authorise(&caller)?;
    limit(batch.ids.len())?;
    Ok(Json(store::runs_of_series(&state.deps.db, &batch.ids).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BySeriesUid {
    series_instance_uid: String,
}

async fn run_by_series_uid(caller: Caller, state: Data<Shell>, query: Query<BySeriesUid>) -> HttpResult<Run> {
    authorise(&caller)?;
    let run = store::run_of_derived_series(&state.deps.db, &query.series_instance_uid).await?;
    run.map(Json).ok_or(HttpError::NotFound)
}

/// What the copies of a run's images are called and what they hash to, so that what a reader signs can be compared.
async fn blinded_images(
    caller: Caller,
    state: Data<Shell>,
    id: Path<RunId>,
    blinding: Json<Blinding>,
) -> HttpResult<Vec<BlindedImage>> {
    caller.require_service(&["review"])?;
    let mut copies = Vec::new();
    for image in blinded::images(&state, &id).await?.ok_or(HttpError::NotFound)? {
        let copy = blinded::copy(&state, &image, &blinding.salt).await?;
        let BlindedCopy { sop_instance_uid, digest, .. } = copy;
        copies.push(BlindedImage { sop_instance_uid, digest, slice: image.slice });
    }
    Ok(Json(copies))
}

/// One of the copies, whole.
async fn blinded_image(
    caller: Caller,
    state: Data<Shell>,
    path: Path<(RunId, u32)>,
    blinding: Json<Blinding>,
) -> Result<HttpResponse, HttpError> {
    caller.require_service(&["gateway"])?;
    let (id, slice) = path.into_inner();
    let images = blinded::images(&state, &id).await?.ok_or(HttpError::NotFound)?;
    let image = images.into_iter().find(|image| image.slice == slice).ok_or(HttpError::NotFound)?;
    let copy = blinded::copy(&state, &image, &blinding.salt).await?;
    Ok(HttpResponse::Ok().content_type("application/dicom").body(copy.file))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ByStudy {
    study: StudyId,
}

async fn runs_of_study(caller: Caller, state: Data<Shell>, query: Query<ByStudy>) -> HttpResult<Vec<Run>> {
    authorise(&caller)?;
    Ok(Json(store::runs_of_study(&state.deps.db, &query.study).await?))
}

/// How much work stands before the workers: for those who let runs in, and those who see to the workers.
async fn pool_capacity(caller: Caller, state: Data<Shell>) -> HttpResult<Capacity> {
    if caller.is_person() {
        caller.require_role(&[Role::Administrator, Role::Quality])?;
    } else {
        caller.require_service(&["rollout"])?;
    }
    let now = state.deps.clock.now();
    let since = now - TimeDelta::hours(i64::from(WINDOW_HOURS));
    let mut pools: BTreeMap<String, Facts> = BTreeMap::new();
    for (deployment, load) in store::load_by_deployment(&state.deps.db, since).await? {
        // A deployment stays in rollout for ever; its pool may change with time, and counts as it is now.
        let deployment = state.deps.rollout.deployment(&deployment).await.map_err(Error::from)?;
        let pool = deployment.ok_or(Error::Unknown { what: "the deployment" })?.pool;
        let facts = pools.entry(pool).or_default();
        facts.waiting.extend(load.waiting);
        facts.running += load.running;
        facts.done.extend(load.done);
    }
    let deadline = state.config.deadline();
    let pools = pools.iter().map(|(pool, facts)| capacity::capacity(pool, facts, now, deadline)).collect();
    Ok(Json(Capacity { at: now, window_hours: WINDOW_HOURS, pools }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AfterSeq {
    after_seq: i64,
}

/// Every consumer of our events repairs from here.
async fn outbox_page(
    caller: Caller,
    state: Data<Shell>,
    query: Query<AfterSeq>,
) -> HttpResult<Vec<Envelope>> {
    caller.require_service(&["audit", "review"])?;
    let page = outbox::page(&state.deps.db, query.after_seq, outbox::PAGE_ROWS_MAX).await;
    Ok(Json(page.map_err(Error::from)?))
}

fn authorise(caller: &Caller) -> Result<(), HttpError> {
    if caller.is_person() { Ok(()) } else { caller.require_service(&ASKING) }
}

fn limit(ids: usize) -> Result<(), HttpError> {
    if ids <= BATCH_MAX {
        return Ok(());
    }
    Err(HttpError::BadRequest(format!("{ids} ids in one request, at most {BATCH_MAX}")))
}
