//! The tables of generation: nothing else names them.

mod change;
mod load;
mod shown;

pub(crate) use change::{
    Accepted, Change, ChangedSeries, NewRun, result_fix, run_change, run_create, runs_supersede,
};
pub(crate) use load::load_by_deployment;
pub(crate) use shown::{run_costs, run_of_derived_series, runs_of_series, runs_of_study, runs_shown};

use crate::Error;
use crate::entity::run;
use crate::workflow::{Life, Phase};
use contract::job::{Cost, JobVolume, Scores, Suspect};
use contract::rollout::Stage;
use contract::{DeploymentId, Digest, JobId, ModelVersionId, RunId, SeriesId, StudyId, Time};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, ExprTrait as _, QueryFilter as _,
    QueryOrder as _,
};
use sea_orm::{QuerySelect as _, sea_query::Condition};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The name under which the inbox remembers events.
pub(crate) const CONSUMER: &str = "generation";
/// Runs taken in hand at a time.
const BATCH: u64 = 32;

/// A run as generation works on it.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) id: RunId,
    pub(crate) job: JobId,
    pub(crate) deployment: DeploymentId,
    pub(crate) model: ModelVersionId,
    pub(crate) stage: Stage,
    pub(crate) series: SeriesId,
    pub(crate) study: StudyId,
    pub(crate) source_set: Digest,
    pub(crate) volume: Digest,
    pub(crate) life: Life,
    pub(crate) reported: Option<Reported>,
    pub(crate) trace: Option<String>,
    version: i32,
}

/// What a worker reported, and when it was recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Reported {
    pub(crate) outputs: Vec<JobVolume>,
    pub(crate) scores: Scores,
    pub(crate) cost: Cost,
    /// None where it was recorded before workers told any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) suspects: Vec<Suspect>,
    pub(crate) at: Time,
}

impl From<DbErr> for Error {
    fn from(source: DbErr) -> Self {
        Self::Database(source.into())
    }
}

/// Published runs for which it is time to do something, and all whose deadline has passed; the most overdue first.
pub(crate) async fn run_due_list(db: &impl ConnectionTrait, now: Time) -> Result<Vec<Run>, Error> {
    let published = [Phase::Queued, Phase::Running].map(Phase::as_str);
    let due = run::Column::Phase.is_in(published).and(run::Column::DueAt.lte(now));
    let active = [Phase::Waiting, Phase::Queued, Phase::Running].map(Phase::as_str);
    let late = run::Column::Phase.is_in(active).and(run::Column::Deadline.lte(now));
    let rows = run::Entity::find()
        .filter(Condition::any().add(due).add(late))
        .order_by_asc(run::Column::DueAt)
        .limit(BATCH)
        .all(db)
        .await?;
    rows.into_iter().map(Run::try_from).collect()
}

/// The deployments of which a run waits to be published.
pub(crate) async fn deployments_waiting(
    db: &impl ConnectionTrait,
    now: Time,
) -> Result<Vec<DeploymentId>, Error> {
    let waiting: Vec<String> = run::Entity::find()
        .filter(waiting(now))
        .select_only()
        .column(run::Column::Deployment)
        .distinct()
        .into_tuple()
        .all(db)
        .await?;
    waiting.into_iter().map(|id| from_text("deployment id", id)).collect()
}

/// How many runs of each deployment are published and no worker has started.
pub(crate) async fn unstarted_counts(db: &impl ConnectionTrait) -> Result<Vec<(DeploymentId, u64)>, Error> {
    let counts: Vec<(String, i64)> = run::Entity::find()
        .filter(run::Column::Phase.eq(Phase::Queued.as_str()))
        .select_only()
        .column(run::Column::Deployment)
        .column_as(run::Column::Id.count(), "count")
        .group_by(run::Column::Deployment)
        .into_tuple()
        .all(db)
        .await?;
    let counted = |(id, count): (String, i64)| Ok((from_text("deployment id", id)?, count.unsigned_abs()));
    counts.into_iter().map(counted).collect()
}

/// Runs of deployments that wait to be published, in the order of their turns.
pub(crate) async fn run_turn_list(
    db: &impl ConnectionTrait,
    deployments: &[DeploymentId],
    now: Time,
) -> Result<Vec<Run>, Error> {
    let rows = run::Entity::find()
        .filter(waiting(now))
        .filter(run::Column::Deployment.is_in(deployments.iter().map(DeploymentId::as_str)))
        .order_by_asc(run::Column::TurnAt)
        .order_by_asc(run::Column::Id)
        .limit(BATCH)
        .all(db)
        .await?;
    rows.into_iter().map(Run::try_from).collect()
}

fn waiting(now: Time) -> Condition {
    Condition::all()
        .add(run::Column::Phase.eq(Phase::Waiting.as_str()))
        .add(run::Column::DueAt.lte(now))
        .add(run::Column::Deadline.gt(now))
}

/// Runs whose result waits to be checked, the oldest first.
pub(crate) async fn run_reported_list(db: &impl ConnectionTrait, now: Time) -> Result<Vec<Run>, Error> {
    let rows = run::Entity::find()
        .filter(run::Column::Phase.eq(Phase::Reported.as_str()))
        .filter(run::Column::DueAt.lte(now))
        .order_by_asc(run::Column::DueAt)
        .limit(BATCH)
        .all(db)
        .await?;
    rows.into_iter().map(Run::try_from).collect()
}

/// How many runs there are in each phase.
pub(crate) async fn run_counts(db: &impl ConnectionTrait) -> Result<Vec<(String, i64)>, Error> {
    let counts = run::Entity::find()
        .select_only()
        .column(run::Column::Phase)
        .column_as(run::Column::Id.count(), "count")
        .group_by(run::Column::Phase)
        .into_tuple()
        .all(db)
        .await?;
    Ok(counts)
}

/// Since when the oldest run waits that no worker has started.
pub(crate) async fn run_waiting_since(db: &impl ConnectionTrait) -> Result<Option<Time>, Error> {
    let oldest = run::Entity::find()
        .filter(run::Column::Phase.is_in([Phase::Waiting, Phase::Queued].map(Phase::as_str)))
        .order_by_asc(run::Column::RequestedAt)
        .one(db)
        .await?;
    Ok(oldest.map(|row| row.requested_at))
}

/// The run that a job belongs to.
pub(crate) async fn run_by_job(db: &impl ConnectionTrait, job: &JobId) -> Result<Option<Run>, Error> {
    let row = run::Entity::find().filter(run::Column::Job.eq(job.as_str())).one(db).await?;
    row.map(Run::try_from).transpose()
}

impl TryFrom<run::Model> for Run {
    type Error = Error;

    fn try_from(row: run::Model) -> Result<Self, Error> {
        let phase = Phase::ALL.into_iter().find(|phase| phase.as_str() == row.phase);
        let stored = |what| Error::Stored { what, text: row.id.clone() };
        let life = Life {
            phase: phase.ok_or_else(|| stored("phase"))?,
            attempt: u32::try_from(row.attempt).map_err(|_| stored("attempt"))?,
            fence: u64::try_from(row.fence).map_err(|_| stored("fence"))?,
            due_at: row.due_at,
            deadline: row.deadline,
        };
        Ok(Self {
            life,
            id: from_text("run id", row.id)?,
            job: from_text("job id", row.job)?,
            deployment: from_text("deployment id", row.deployment)?,
            model: from_text("model version id", row.model)?,
            stage: from_text("stage", row.stage)?,
            series: from_text("series id", row.series)?,
            study: from_text("study id", row.study)?,
            source_set: from_text("digest", row.source_set)?,
            volume: from_text("digest", row.volume)?,
            reported: row.report.map(|report| from_json("report", &report)).transpose()?,
            trace: row.trace,
            version: row.version,
        })
    }
}

fn to_json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).expect("what generation stores is plain JSON")
}

fn from_json<T: DeserializeOwned>(what: &'static str, value: &Value) -> Result<T, Error> {
    T::deserialize(value).map_err(|_| Error::Stored { what, text: value.to_string() })
}

/// An id, a digest or a word of an enumeration from its column.
fn from_text<T: DeserializeOwned>(what: &'static str, text: String) -> Result<T, Error> {
    from_json(what, &Value::String(text))
}
