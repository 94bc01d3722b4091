//! Reading cases, alone and in lists.

use super::join::assemble;
use super::row;
use crate::case::{Case, Purpose};
use crate::entity::{deployment_stage, lease, release, review_case};
use crate::error::Error;
use contract::review::{CaseState, CountsQuery};
use contract::rollout::Stage;
use contract::{CaseId, DeploymentId, PageRequest, ReleaseId, RunId, SeriesId, StudyId, Time, UserId};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};

const CLINICAL_STAGES: [Stage; 3] = [Stage::Pilot, Stage::Supervised, Stage::General];

/// One case.
pub(crate) async fn case_load(db: &impl ConnectionTrait, id: &CaseId) -> Result<Option<Case>, Error> {
    let row = review_case::Entity::find_by_id(id.as_str()).one(db).await?;
    Ok(assemble(db, row.into_iter().collect()).await?.pop())
}

/// The trace of the work that a case came from.
pub(crate) async fn case_trace(db: &impl ConnectionTrait, id: &CaseId) -> Result<Option<String>, Error> {
    let row = review_case::Entity::find_by_id(id.as_str()).one(db).await?;
    Ok(row.and_then(|row| row.trace))
}

/// How many cases there are in each state.
pub(crate) async fn case_counts(db: &impl ConnectionTrait) -> Result<Vec<(String, i64)>, Error> {
    let counts = review_case::Entity::find()
        .select_only()
        .column(review_case::Column::State)
        .column_as(review_case::Column::Id.count(), "count")
        .filter(review_case::Column::Kind.eq(row::CLINICAL))
        .group_by(review_case::Column::State)
        .into_tuple()
        .all(db)
        .await?;
    Ok(counts)
}

/// Since when the oldest case waits that nobody has begun to read.
pub(crate) async fn case_unread_since(db: &impl ConnectionTrait) -> Result<Option<Time>, Error> {
    let oldest = review_case::Entity::find()
        .filter(review_case::Column::State.eq(row::text_of(CaseState::Queued)))
        .filter(review_case::Column::Kind.eq(row::CLINICAL))
        .order_by_asc(review_case::Column::QueuedAt)
        .one(db)
        .await?;
    Ok(oldest.map(|row| row.queued_at))
}

/// Every case of a run: the patient's first, then sentinels and repeats.
pub(crate) async fn cases_of_run(db: &impl ConnectionTrait, run: &RunId) -> Result<Vec<Case>, Error> {
    let rows = review_case::Entity::find()
        .filter(review_case::Column::Run.eq(run.as_str()))
        .order_by_asc(review_case::Column::Kind)
        .all(db)
        .await?;
    assemble(db, rows).await
}

/// The case that rests on a release.
pub(crate) async fn case_of_release(
    db: &impl ConnectionTrait,
    id: &ReleaseId,
) -> Result<Option<Case>, Error> {
    let Some(release) = release::Entity::find_by_id(id.as_str()).one(db).await? else { return Ok(None) };
    case_load(db, &row::parse("case id", &release.case_id)?).await
}

/// Every case that can still be read for a purpose.
pub(crate) async fn cases_open_for(db: &impl ConnectionTrait, purpose: Purpose) -> Result<Vec<Case>, Error> {
    let open =
        review_case::Column::State.is_in(row::open_states()).or(review_case::Column::SampleOpen.eq(true));
    let of_purpose = match purpose {
        Purpose::Clinical => review_case::Column::Stage.is_in(CLINICAL_STAGES.map(Stage::as_str)),
        Purpose::Evaluation => review_case::Column::IsDrawn.eq(true),
    };
    let rows = review_case::Entity::find().filter(open).filter(of_purpose).all(db).await?;
    assemble(db, rows).await
}

/// The most cases that are told of series.
const CASES_OF_SERIES_MAX: u64 = 200;

/// The cases of series, newest first.
pub(crate) async fn case_ids_of_series(
    db: &impl ConnectionTrait,
    series: &[SeriesId],
) -> Result<Vec<CaseId>, Error> {
    let ids: Vec<String> = review_case::Entity::find()
        .select_only()
        .column(review_case::Column::Id)
        .filter(review_case::Column::Series.is_in(series.iter().map(SeriesId::as_str)))
        .order_by_desc(review_case::Column::QueuedAt)
        .order_by_asc(review_case::Column::Id)
        .limit(CASES_OF_SERIES_MAX)
        .into_tuple()
        .all(db)
        .await?;
    ids.iter().map(|id| row::parse("case id", id)).collect()
}

/// One page of all cases, newest first; one row more than the page tells that more follow.
pub(crate) async fn case_page(db: &impl ConnectionTrait, page: &PageRequest) -> Result<Vec<Case>, Error> {
    let mut query = review_case::Entity::find()
        .order_by_desc(review_case::Column::QueuedAt)
        .order_by_asc(review_case::Column::Id)
        .limit(page.limit() + 1);
    if let Some((queued_at, id)) = page.after.as_deref().and_then(read_cursor) {
        let older = review_case::Column::QueuedAt.lt(queued_at);
        let same = review_case::Column::QueuedAt.eq(queued_at).and(review_case::Column::Id.gt(id));
        query = query.filter(Condition::any().add(older).add(same));
    }
    let rows = query.all(db).await?;
    assemble(db, rows).await
}

/// The cursor that continues after a case.
pub(crate) fn case_cursor(case: &Case) -> String {
    cursor(case.queued_at, &case.id)
}

/// The cursor that continues after an instant and the id beside it.
pub(crate) fn cursor(at: Time, id: &impl ToString) -> String {
    format!("{}.{}", at.timestamp_micros(), id.to_string())
}

/// The instant and the id of a cursor; `None` when it is none.
pub(crate) fn read_cursor(cursor: &str) -> Option<(Time, String)> {
    let (micros, id) = cursor.split_once('.')?;
    Some((Time::from_timestamp_micros(micros.parse().ok()?)?, id.to_owned()))
}

/// Cases of a deployment that are not over.
pub(crate) async fn deployment_cases_open(
    db: &impl ConnectionTrait,
    deployment: &DeploymentId,
) -> Result<Vec<CaseId>, Error> {
    let query = review_case::Entity::find()
        .filter(review_case::Column::Deployment.eq(deployment.as_str()))
        .filter(review_case::Column::State.is_in(row::open_states()));
    ids(&query.select_only().column(review_case::Column::Id).into_tuple().all(db).await?)
}

/// Cases that their reads ended, as a gate wants them.
pub(crate) async fn cases_counted(
    db: &impl ConnectionTrait,
    wanted: &CountsQuery,
) -> Result<Vec<Case>, Error> {
    let stages = [Stage::Suspended, Stage::Shadow, Stage::Pilot, Stage::Supervised, Stage::General];
    let at_or_above = stages.into_iter().filter(|stage| *stage >= wanted.stage);
    let rows = review_case::Entity::find()
        .filter(review_case::Column::Deployment.eq(wanted.deployment.as_str()))
        .filter(review_case::Column::Stage.is_in(at_or_above.map(Stage::as_str)))
        .filter(review_case::Column::QueuedAt.gte(wanted.since))
        .filter(review_case::Column::Kind.eq(row::CLINICAL))
        .filter(review_case::Column::EndedAt.is_not_null())
        .all(db)
        .await?;
    assemble(db, rows).await
}

/// Cases that are not over and came too late to be of use.
pub(crate) async fn cases_expired(db: &impl ConnectionTrait, now: Time) -> Result<Vec<Case>, Error> {
    let rows = review_case::Entity::find()
        .filter(review_case::Column::State.is_in(row::open_states()))
        .filter(review_case::Column::ExpiresAt.lte(now))
        .all(db)
        .await?;
    assemble(db, rows).await
}

/// Patients' cases that should have ended by now, where that was not told yet.
pub(crate) async fn cases_overdue(db: &impl ConnectionTrait, now: Time) -> Result<Vec<CaseId>, Error> {
    let query = review_case::Entity::find()
        .filter(review_case::Column::State.is_in(row::open_states()))
        .filter(review_case::Column::Kind.eq(row::CLINICAL))
        .filter(review_case::Column::Stage.is_in(CLINICAL_STAGES.map(Stage::as_str)))
        .filter(review_case::Column::DueAt.lte(now))
        .filter(review_case::Column::OverdueAt.is_null());
    ids(&query.select_only().column(review_case::Column::Id).into_tuple().all(db).await?)
}

/// Cases of a study that are not over.
pub(crate) async fn study_cases_open(
    db: &impl ConnectionTrait,
    study: &StudyId,
) -> Result<Vec<CaseId>, Error> {
    let query = review_case::Entity::find()
        .filter(review_case::Column::Study.eq(study.as_str()))
        .filter(review_case::Column::State.is_in(row::open_states()));
    ids(&query.select_only().column(review_case::Column::Id).into_tuple().all(db).await?)
}

/// Cases in any of the given states.
pub(crate) async fn cases_in(db: &impl ConnectionTrait, states: &[CaseState]) -> Result<Vec<Case>, Error> {
    let states: Vec<String> = states.iter().map(row::text_of).collect();
    let rows = review_case::Entity::find().filter(review_case::Column::State.is_in(states)).all(db).await?;
    assemble(db, rows).await
}

/// Cases with a hold that lapsed and was not ended yet.
pub(crate) async fn cases_with_lapsed_lease(
    db: &impl ConnectionTrait,
    now: Time,
) -> Result<Vec<CaseId>, Error> {
    let query = lease::Entity::find()
        .filter(lease::Column::EndedAt.is_null())
        .filter(lease::Column::ExpiresAt.lte(now));
    ids(&query.select_only().column(lease::Column::CaseId).distinct().into_tuple().all(db).await?)
}

/// The case on which a reader has a hold that was not ended.
pub(crate) async fn case_held_by(
    db: &impl ConnectionTrait,
    reader: &UserId,
) -> Result<Option<CaseId>, Error> {
    let held = lease::Entity::find()
        .filter(lease::Column::Reader.eq(reader.as_str()))
        .filter(lease::Column::EndedAt.is_null())
        .one(db)
        .await?;
    held.map(|lease| row::parse("case id", &lease.case_id)).transpose()
}

/// The stage of a deployment as last told by rollout.
pub(crate) async fn deployment_stage(
    db: &impl ConnectionTrait,
    deployment: &DeploymentId,
) -> Result<Option<Stage>, Error> {
    let known = deployment_stage::Entity::find_by_id(deployment.as_str()).one(db).await?;
    known.map(|known| row::word("stage", &known.stage)).transpose()
}

fn ids(texts: &[String]) -> Result<Vec<CaseId>, Error> {
    texts.iter().map(|text| row::parse("case id", text)).collect()
}
