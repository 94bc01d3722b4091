//! What intake answers: exactly what [`contract::intake::Intake`] asks, uploads, and its outbox.

use crate::admit::Admitter;
use crate::error::Error;
use crate::receive::stow::{Upload, stow};
use crate::store::{self, Origin};
use crate::{overdue, prior, remedy};
use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Data, Json, Path, Payload, Query, ServiceConfig, get, post};
use contract::client::Batch;
use contract::event::Access;
use contract::intake::{
    ArrivedStudies, Attribute, ClaimedIdentity, Discard, Patient, Prior, PriorCount, QuarantineGroups,
    QuarantineOutcome, QuarantineSummary, Quarantined, Readmit, Series, SettleIdentity, SourceCheck,
    StowOutcome, Study, StudyNumber, StudyRange, Subgroups,
};
use contract::{
    Actor, Digest, Envelope, Event, Page, PageRequest, QuarantineId, Refusal, Role, SeriesId, StudyId,
};
use platform::http::{Caller, HttpError, HttpResult};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The most ids in one batch.
const BATCH_MAX: usize = 1000;

/// Adds intake's routes.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .route("/v1/studies", get().to(studies))
        .route("/v1/studies/by-arrival", get().to(studies_by_arrival))
        .route("/v1/studies/batch", post().to(study_batch))
        .route("/v1/studies/named", post().to(studies_named))
        .route("/v1/studies/by-uid", get().to(study_by_uid))
        .route("/v1/studies/{study}/identity", post().to(settle_identity))
        .route("/v1/studies/{study}/claims", get().to(claimed_identities))
        .route("/v1/series/batch", post().to(series_batch))
        .route("/v1/series/subgroups", post().to(subgroups))
        .route("/v1/series/{series}/priors", get().to(priors))
        .route("/v1/series/prior-counts", post().to(prior_counts))
        .route("/v1/series/{series}/view", post().to(view))
        .route("/v1/series/{series}/source-check", get().to(source_check))
        .route("/v1/quarantine", get().to(quarantine))
        .route("/v1/quarantine/summary", get().to(quarantine_summary))
        .route("/v1/quarantine/groups", get().to(quarantine_groups))
        .route("/v1/quarantine/{entry}/as-sent", get().to(quarantine_as_sent))
        .route("/v1/quarantine/{entry}/readmit", post().to(readmit))
        .route("/v1/quarantine/{entry}/discard", post().to(discard))
        .route("/v1/stow", post().to(upload))
        .route("/v1/outbox", get().to(outbox));
}

/// Services, and people with any role.
fn require_staff(caller: &Caller) -> Result<(), HttpError> {
    match &caller.actor {
        Actor::Service { .. } => Ok(()),
        Actor::Person { roles, .. } if !roles.is_empty() => Ok(()),
        _ => Err(HttpError::Forbidden(Refusal::forbidden())),
    }
}

fn checked<I>(batch: Batch<I>) -> Result<Vec<I>, HttpError> {
    if batch.ids.len() > BATCH_MAX {
        return Err(HttpError::BadRequest(format!("more than {BATCH_MAX} ids in one batch")));
    }
    Ok(batch.ids)
}

fn known<T>(page: Option<Page<T>>) -> HttpResult<Page<T>> {
    page.map(Json).ok_or_else(|| HttpError::BadRequest("the cursor is none of ours".to_owned()))
}

async fn studies(
    admitter: Data<Admitter>,
    caller: Caller,
    page: Query<PageRequest>,
) -> HttpResult<Page<Study>> {
    require_staff(&caller)?;
    known(store::study_page(&admitter.deps.db, &page).await?)
}

async fn studies_by_arrival(
    admitter: Data<Admitter>,
    caller: Caller,
    range: Query<StudyRange>,
) -> HttpResult<ArrivedStudies> {
    require_staff(&caller)?;
    Ok(Json(store::studies_by_arrival(&admitter.deps.db, *range).await?))
}

async fn studies_named(
    admitter: Data<Admitter>,
    caller: Caller,
    wanted: Json<StudyNumber>,
) -> HttpResult<Vec<Study>> {
    caller.require_role(&[Role::Quality, Role::Administrator])?;
    Ok(Json(store::studies_named(&admitter.deps.db, &wanted.number).await?))
}

async fn study_batch(
    admitter: Data<Admitter>,
    caller: Caller,
    batch: Json<Batch<StudyId>>,
) -> HttpResult<Vec<Study>> {
    require_staff(&caller)?;
    let ids = checked(batch.into_inner())?;
    Ok(Json(store::study_batch(&admitter.deps.db, &ids).await?))
}

async fn series_batch(
    admitter: Data<Admitter>,
    caller: Caller,
    batch: Json<Batch<SeriesId>>,
) -> HttpResult<Vec<Series>> {
    require_staff(&caller)?;
    let ids = checked(batch.into_inner())?;
    Ok(Json(store::series_batch(&admitter.deps.db, &ids).await?))
}

/// For gates, which never learn whose series these are.
async fn subgroups(
    admitter: Data<Admitter>,
    caller: Caller,
    batch: Json<Batch<SeriesId>>,
) -> HttpResult<Vec<Subgroups>> {
    caller.require_service(&["rollout"])?;
    let ids = checked(batch.into_inner())?;
    Ok(Json(store::subgroups(&admitter.deps.db, &ids).await?))
}

/// Earlier images of the same patient, as far as they are known.
async fn priors(admitter: Data<Admitter>, caller: Caller, series: Path<SeriesId>) -> HttpResult<Vec<Prior>> {
    require_staff(&caller)?;
    let db = &admitter.deps.db;
    let series = store::series_batch(db, &[series.into_inner()]).await?.pop().ok_or(HttpError::NotFound)?;
    let study = store::study_batch(db, std::slice::from_ref(&series.study)).await?.pop();
    let study = study.ok_or(HttpError::NotFound)?;
    let others = store::acquired_of_patients(db, std::slice::from_ref(&study.patient)).await?;
    Ok(Json(prior::priors(&study, &series, others)))
}

/// For lists: how many there are, and nothing of what they are.
async fn prior_counts(
    admitter: Data<Admitter>,
    caller: Caller,
    batch: Json<Batch<SeriesId>>,
) -> HttpResult<Vec<PriorCount>> {
    require_staff(&caller)?;
    let (db, ids) = (&admitter.deps.db, checked(batch.into_inner())?);
    let studies = store::studies_of_series(db, &ids).await?;
    let patients: Vec<Patient> = studies.iter().map(|study| study.patient.clone()).collect();
    let others = store::acquired_of_patients(db, &patients).await?;
    let wanted = studies.iter().flat_map(|study| study.series.iter().map(move |series| (study, series)));
    let wanted = wanted.filter(|(_, series)| ids.contains(&series.id));
    let count = |(study, series): (&Study, &Series)| {
        let priors = prior::priors(study, series, others.clone()).len();
        PriorCount { series: series.id.clone(), priors: u32::try_from(priors).unwrap_or(u32::MAX) }
    };
    Ok(Json(wanted.map(count).collect()))
}

#[derive(Deserialize)]
struct ByUid {
    study_instance_uid: String,
}

async fn study_by_uid(admitter: Data<Admitter>, caller: Caller, query: Query<ByUid>) -> HttpResult<Study> {
    require_staff(&caller)?;
    let study = store::study_by_uid(&admitter.deps.db, &query.study_instance_uid).await?;
    study.map(Json).ok_or(HttpError::NotFound)
}

/// Who else a study may be of, for those who decide it.
async fn claimed_identities(
    admitter: Data<Admitter>,
    caller: Caller,
    id: Path<String>,
) -> HttpResult<Vec<ClaimedIdentity>> {
    caller.require_role(&[Role::Coordinator, Role::Quality])?;
    let study: StudyId = id.parse().map_err(|_| HttpError::NotFound)?;
    Ok(Json(store::claimed_identities(&admitter.deps.db, &study).await?))
}

/// A coordinator or quality decides whose a study is.
async fn settle_identity(
    admitter: Data<Admitter>,
    caller: Caller,
    id: Path<String>,
    command: Json<SettleIdentity>,
) -> HttpResult<Study> {
    caller.require_role(&[Role::Coordinator, Role::Quality])?;
    let study: StudyId = id.parse().map_err(|_| HttpError::NotFound)?;
    let SettleIdentity { decision, reason } = command.into_inner();
    admitter.settle(origin(&admitter, &caller), &study, decision, &reason).await?;
    let settled = store::study_batch(&admitter.deps.db, &[study]).await?.pop();
    settled.map(Json).ok_or(HttpError::NotFound)
}

fn origin(admitter: &Admitter, caller: &Caller) -> Origin {
    Origin {
        actor: caller.actor.clone(),
        now: admitter.deps.clock.now(),
        causation: Some(caller.request.to_string()),
        random: admitter.deps.random.clone(),
    }
}

/// Lets a person see the pixels of a series. The access is committed before the answer, once per login session.
async fn view(admitter: Data<Admitter>, caller: Caller, series: Path<SeriesId>) -> HttpResult<()> {
    require_staff(&caller)?;
    let Actor::Person { user, login, .. } = &caller.actor else {
        return Err(HttpError::Forbidden(Refusal::forbidden()));
    };
    let series = series.into_inner();
    if !store::series_exists(&admitter.deps.db, &series).await? {
        return Err(HttpError::NotFound);
    }
    let origin = origin(&admitter, &caller);
    let (user, login) = (user.clone(), login.clone());
    database::transaction(&admitter.deps.db, |txn| {
        Box::pin(async move {
            if store::access_insert(txn, (&user, &login), &series, origin.now).await? {
                let event = Event::AccessRecorded { access: Access::SourceImages };
                store::tell(txn, &origin, series.as_str(), event).await?;
            }
            Ok::<(), Error>(())
        })
    })
    .await?;
    Ok(Json(()))
}

#[derive(Deserialize)]
struct Wanted {
    source_set: Digest,
}

async fn source_check(
    admitter: Data<Admitter>,
    caller: Caller,
    series: Path<SeriesId>,
    query: Query<Wanted>,
) -> HttpResult<SourceCheck> {
    require_staff(&caller)?;
    let check = store::series_check(&admitter.deps.db, &series, query.source_set).await?;
    check.map(Json).ok_or(HttpError::NotFound)
}

async fn quarantine(
    admitter: Data<Admitter>,
    caller: Caller,
    page: Query<PageRequest>,
) -> HttpResult<Page<Quarantined>> {
    require_staff(&caller)?;
    known(store::quarantine_page(&admitter.deps.db, &page).await?)
}

/// Who owns what waits in quarantine.
const OWNERS: [Role; 3] = [Role::Administrator, Role::Coordinator, Role::Quality];
/// Who knows whose an image is, and may write it into a copy.
const CORRECTORS: [Role; 2] = [Role::Administrator, Role::Coordinator];
/// Waiting entries that are looked at to put them together.
const GROUPED_MAX: u64 = 20_000;

async fn quarantine_summary(admitter: Data<Admitter>, caller: Caller) -> HttpResult<QuarantineSummary> {
    caller.require_role(&OWNERS)?;
    let before = overdue::before(&admitter.config, admitter.deps.clock.now());
    let hours = admitter.config.quarantine_alarm_hours;
    Ok(Json(store::quarantine_summary(&admitter.deps.db, before, hours).await?))
}

async fn quarantine_groups(admitter: Data<Admitter>, caller: Caller) -> HttpResult<QuarantineGroups> {
    caller.require_role(&OWNERS)?;
    let (waiting, left_out) = store::quarantine_waiting(&admitter.deps.db, GROUPED_MAX).await?;
    let uids = waiting.iter().map(|entry| entry.belongs_to.as_str());
    let studies = store::study_ids_by_uid(&admitter.deps.db, uids).await?;
    let before = overdue::before(&admitter.config, admitter.deps.clock.now());
    Ok(Json(QuarantineGroups { groups: remedy::grouped(&waiting, &studies, before), left_out }))
}

async fn quarantine_as_sent(
    admitter: Data<Admitter>,
    caller: Caller,
    entry: Path<QuarantineId>,
) -> HttpResult<BTreeMap<Attribute, String>> {
    caller.require_role(&OWNERS)?;
    admitter.as_sent(&entry).await?.map(Json).ok_or(HttpError::NotFound)
}

async fn readmit(
    admitter: Data<Admitter>,
    caller: Caller,
    entry: Path<QuarantineId>,
    command: Json<Readmit>,
) -> HttpResult<QuarantineOutcome> {
    caller.require_role(if command.corrections.is_empty() { &OWNERS[..] } else { &CORRECTORS[..] })?;
    Ok(Json(admitter.readmit(origin(&admitter, &caller), &entry, command.into_inner()).await?))
}

async fn discard(
    admitter: Data<Admitter>,
    caller: Caller,
    entry: Path<QuarantineId>,
    command: Json<Discard>,
) -> HttpResult<QuarantineOutcome> {
    caller.require_role(&OWNERS)?;
    Ok(Json(admitter.discard(origin(&admitter, &caller), &entry, command.into_inner()).await?))
}

#[derive(Deserialize)]
struct Into {
    study_instance_uid: Option<String>,
}

async fn upload(
    admitter: Data<Admitter>,
    caller: Caller,
    request: HttpRequest,
    query: Query<Into>,
    body: Payload,
) -> HttpResult<Vec<StowOutcome>> {
    if !matches!(caller.actor, Actor::Device { .. } | Actor::Operator) {
        require_staff(&caller)?;
    }
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let upload = Upload {
        actor: caller.actor,
        causation: caller.request.to_string(),
        study_instance_uid: query.into_inner().study_instance_uid,
    };
    Ok(Json(stow(&admitter, content_type.unwrap_or_default(), body, upload).await?))
}

#[derive(Deserialize)]
struct After {
    #[serde(default)]
    after_seq: i64,
    #[serde(default = "outbox_rows")]
    limit: u64,
}

fn outbox_rows() -> u64 {
    database::outbox::PAGE_ROWS_MAX
}

async fn outbox(admitter: Data<Admitter>, caller: Caller, query: Query<After>) -> HttpResult<Vec<Envelope>> {
    caller.require_service(&["audit", "generation", "review", "rollout"])?;
    let page = database::outbox::page(&admitter.deps.db, query.after_seq, query.limit).await;
    Ok(Json(page.map_err(Error::from)?))
}
