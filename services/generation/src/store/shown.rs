//! Runs as other services and people see them.

use super::{Reported, from_json, from_text};
use crate::Error;
use crate::entity::{derived_instance, result, run};
use crate::workflow::Phase;
use contract::generation::{DerivedInstance, DerivedSeries, Run, RunCost};
use contract::job::JobVolume;
use contract::{Digest, RunId, SeriesId, StudyId};
use database::DatabaseConnection;
use sea_orm::{ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use std::collections::BTreeMap;

/// Runs by id; unknown ones are left out.
pub(crate) async fn runs_shown(db: &DatabaseConnection, ids: &[RunId]) -> Result<Vec<Run>, Error> {
    let ids = ids.iter().map(RunId::as_str);
    shown(db, Condition::all().add(run::Column::Id.is_in(ids))).await
}

/// What runs took that are over.
pub(crate) async fn run_costs(db: &DatabaseConnection, ids: &[RunId]) -> Result<Vec<RunCost>, Error> {
    let rows = run::Entity::find()
        .filter(run::Column::Id.is_in(ids.iter().map(RunId::as_str)))
        .filter(run::Column::EndedAt.is_not_null())
        .all(db)
        .await?;
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let results = result::Entity::find().filter(result::Column::Run.is_in(ids)).all(db).await?;
    let bytes: BTreeMap<String, i64> =
        results.into_iter().filter_map(|result| Some((result.run, result.stored_bytes?))).collect();
    rows.into_iter().map(|row| cost_of(row, &bytes)).collect()
}

fn cost_of(row: run::Model, bytes: &BTreeMap<String, i64>) -> Result<RunCost, Error> {
    let phase = Phase::ALL.into_iter().find(|phase| phase.as_str() == row.phase);
    let phase = phase.ok_or_else(|| Error::Stored { what: "phase", text: row.phase.clone() })?;
    let ended_at = row.ended_at.ok_or_else(|| Error::Stored { what: "end", text: row.id.clone() })?;
    let reported: Option<Reported> = row.report.map(|report| from_json("report", &report)).transpose()?;
    Ok(RunCost {
        stored_bytes: bytes.get(&row.id).map(|bytes| bytes.cast_unsigned()),
        run: from_text("run id", row.id)?,
        state: phase.shown(),
        ended_at,
        attempts: row.attempt.cast_unsigned(),
        cost: reported.map(|reported| reported.cost),
    })
}

/// Runs on series, newest first.
pub(crate) async fn runs_of_series(db: &DatabaseConnection, ids: &[SeriesId]) -> Result<Vec<Run>, Error> {
    let ids = ids.iter().map(SeriesId::as_str);
    shown(db, Condition::all().add(run::Column::Series.is_in(ids))).await
}

/// The completed runs of a study, newest first.
pub(crate) async fn runs_of_study(db: &DatabaseConnection, id: &StudyId) -> Result<Vec<Run>, Error> {
    let completed = run::Column::Phase.eq(Phase::Completed.as_str());
    shown(db, Condition::all().add(run::Column::Study.eq(id.as_str())).add(completed)).await
}

/// The run that made a derived series.
pub(crate) async fn run_of_derived_series(
    db: &DatabaseConnection,
    series_instance_uid: &str,
) -> Result<Option<Run>, Error> {
    let instance = derived_instance::Entity::find()
        .filter(derived_instance::Column::SeriesInstanceUid.eq(series_instance_uid))
        .one(db)
        .await?;
    let Some(instance) = instance else { return Ok(None) };
    Ok(shown(db, Condition::all().add(run::Column::Id.eq(instance.run))).await?.pop())
}

async fn shown(db: &DatabaseConnection, wanted: Condition) -> Result<Vec<Run>, Error> {
    let rows = run::Entity::find()
        .filter(wanted)
        .order_by_desc(run::Column::RequestedAt)
        .order_by_asc(run::Column::Id)
        .all(db)
        .await?;
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let results = result::Entity::find().filter(result::Column::Run.is_in(ids.clone())).all(db).await?;
    let mut results: BTreeMap<String, result::Model> =
        results.into_iter().map(|result| (result.run.clone(), result)).collect();
    let instances = derived_instance::Entity::find()
        .filter(derived_instance::Column::Run.is_in(ids))
        .order_by_asc(derived_instance::Column::Role)
        .order_by_asc(derived_instance::Column::Slice)
        .all(db)
        .await?;
    let mut derived: BTreeMap<String, Vec<DerivedSeries>> = BTreeMap::new();
    for row in instances {
        let of_run = derived.entry(row.run.clone()).or_default();
        add_instance(of_run, row)?;
    }
    rows.into_iter()
        .map(|row| {
            let (result, derived) = (results.remove(&row.id), derived.remove(&row.id).unwrap_or_default());
            one(row, result, derived)
        })
        .collect()
}

fn add_instance(of_run: &mut Vec<DerivedSeries>, row: derived_instance::Model) -> Result<(), Error> {
    let slice =
        u32::try_from(row.slice).map_err(|_| Error::Stored { what: "slice", text: row.slice.to_string() })?;
    let instance = DerivedInstance {
        sop_instance_uid: row.sop_instance_uid,
        sop_class_uid: row.sop_class_uid,
        digest: from_text("digest", row.digest)?,
        object: from_text("digest", row.object)?,
        slice,
    };
    let uid = row.series_instance_uid;
    match of_run.iter_mut().find(|series| series.series_instance_uid == uid) {
        Some(series) => series.instances.push(instance),
        None => of_run.push(DerivedSeries {
            series_instance_uid: uid,
            role: from_text("derived role", row.role)?,
            instances: vec![instance],
        }),
    }
    Ok(())
}

/// The digest over a run's volumes, by their roles: two runs with the same one show the same values at the same places.
fn volumes(source: &str, mut results: Vec<JobVolume>) -> Digest {
    results.sort_by(|one, other| one.role.cmp(&other.role));
    let results = results.iter().map(|result| format!("{} {}\n", result.role, result.volume));
    Digest::of(format!("source {source}\n{}", results.collect::<String>()).as_bytes())
}

fn one(
    row: run::Model,
    result: Option<result::Model>,
    mut derived: Vec<DerivedSeries>,
) -> Result<Run, Error> {
    let phase = Phase::ALL.into_iter().find(|phase| phase.as_str() == row.phase);
    let phase = phase.ok_or_else(|| Error::Stored { what: "phase", text: row.phase.clone() })?;
    derived.sort_by_key(|series| series.role);
    let reported: Option<Reported> =
        row.report.as_ref().map(|report| from_json("report", report)).transpose()?;
    let volumes = reported.map(|reported| volumes(&row.volume, reported.outputs));
    let (scores, cost, case_digest, regions) = match result {
        Some(result) => (
            Some(from_json("scores", &result.scores)?),
            Some(from_json("cost", &result.cost)?),
            Some(from_text("digest", result.case_digest)?),
            from_json("list of regions", &result.regions)?,
        ),
        None => (None, None, None, Vec::new()),
    };
    Ok(Run {
        id: from_text("run id", row.id)?,
        deployment: from_text("deployment id", row.deployment)?,
        model: from_text("model version id", row.model)?,
        stage: from_text("stage", row.stage)?,
        series: from_text("series id", row.series)?,
        study: from_text("study id", row.study)?,
        source_set: from_text("digest", row.source_set)?,
        priority: from_text("priority", row.priority)?,
        state: phase.shown(),
        attempt: row.attempt.cast_unsigned(),
        progress: if phase == Phase::Completed { 1.0 } else { row.fraction as f32 },
        failure: row.failure,
        requested_at: row.requested_at,
        ended_at: row.ended_at,
        scores,
        cost,
        volumes: case_digest.and(volumes),
        case_digest,
        derived,
        regions,
    })
}
