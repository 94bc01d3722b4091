//! Changes of runs, each with the event that tells of it, in one transaction.

use super::{CONSUMER, Reported, Run, to_json};
use crate::Error;
use crate::entity::{derived_instance, result, run};
use crate::workflow::{Command, Effect, Life, Patience, Phase, Step, decide, turn_at};
use contract::generation::{DerivedInstance, DerivedRole, Region};
use contract::rollout::Stage;
use contract::{
    Actor, DeploymentId, Digest, Envelope, Event, EventId, JobId, ModelVersionId, Priority, RunId, SeriesId,
    StudyId, Time,
};
use database::outbox::{self, NewEvent};
use database::{DatabaseConnection, DatabaseTransaction, inbox, transaction};
use platform::{Random, telemetry};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _};

/// A step of one run.
pub(crate) struct Change<'a> {
    pub(crate) run: &'a Run,
    pub(crate) step: Step,
    /// How far the worker is, where that changed.
    pub(crate) fraction: Option<f32>,
    /// What the worker reported, where it did.
    pub(crate) reported: Option<Reported>,
    pub(crate) now: Time,
}

/// An accepted result.
#[derive(Clone)]
pub(crate) struct Accepted {
    pub(crate) case_digest: Digest,
    /// Role, Series Instance UID and instance.
    pub(crate) instances: Vec<(DerivedRole, String, DerivedInstance)>,
    pub(crate) regions: Vec<Region>,
    /// Bytes of all instances.
    pub(crate) stored_bytes: u64,
}

/// A run that is asked for.
#[derive(Clone)]
pub(crate) struct NewRun {
    pub(crate) id: RunId,
    pub(crate) deployment: DeploymentId,
    pub(crate) model: ModelVersionId,
    pub(crate) stage: Stage,
    pub(crate) series: SeriesId,
    pub(crate) study: StudyId,
    pub(crate) source_set: Digest,
    pub(crate) volume: Digest,
    pub(crate) priority: Priority,
    pub(crate) deadline: Time,
    pub(crate) now: Time,
}

/// Creates the run that an event asks for, once.
pub(crate) async fn run_create(db: &DatabaseConnection, cause: &Envelope, new: NewRun) -> Result<(), Error> {
    let cause = cause.clone();
    transaction(db, move |txn| {
        Box::pin(async move {
            if inbox::first_time(txn, CONSUMER, &cause.id).await? {
                let once = OnConflict::column(run::Column::Id).do_nothing().to_owned();
                let row = requested(&new, cause.trace);
                run::Entity::insert(row).on_conflict(once).exec_without_returning(txn).await?;
            }
            Ok(())
        })
    })
    .await
}

fn requested(new: &NewRun, trace: Option<String>) -> run::ActiveModel {
    let job = JobId::from_bits(Digest::of(format!("job\n{}", new.id).as_bytes()).leading_bits());
    run::ActiveModel {
        id: Set(new.id.to_string()),
        job: Set(job.to_string()),
        deployment: Set(new.deployment.to_string()),
        model: Set(new.model.to_string()),
        stage: Set(new.stage.as_str().to_owned()),
        series: Set(new.series.to_string()),
        study: Set(new.study.to_string()),
        source_set: Set(new.source_set.to_string()),
        volume: Set(new.volume.to_string()),
        phase: Set(Phase::Waiting.as_str().to_owned()),
        attempt: Set(0),
        fence: Set(0),
        due_at: Set(new.now),
        deadline: Set(new.deadline),
        fraction: Set(0.0),
        failure_code: Set(None),
        failure: Set(None),
        report: Set(None),
        trace: Set(trace),
        requested_at: Set(new.now),
        priority: Set(new.priority.as_str().to_owned()),
        turn_at: Set(turn_at(new.priority, new.now, new.deadline)),
        reported_at: Set(None),
        ended_at: Set(None),
        version: Set(1),
    }
}

/// Saves a step with its event.
///
/// # Errors
/// A conflict when somebody else changed the run since it was loaded.
pub(crate) async fn run_change(
    db: &DatabaseConnection,
    random: &Random,
    change: Change<'_>,
) -> Result<(), Error> {
    let (random, run) = (random.clone(), change.run.clone());
    let Change { step, fraction, reported, now, .. } = change;
    transaction(db, move |txn| {
        Box::pin(async move {
            let change = Change { run: &run, step, fraction, reported, now };
            change_in_txn(txn, &random, &change, None).await
        })
    })
    .await
}

/// Fixes the first accepted result of a run: result, instances, the run's end and its event, all or nothing.
///
/// # Errors
/// A violated unique key or a conflict when a result is fixed already.
pub(crate) async fn result_fix(
    db: &DatabaseConnection,
    random: &Random,
    change: Change<'_>,
    accepted: Accepted,
) -> Result<(), Error> {
    let (random, run) = (random.clone(), change.run.clone());
    let Change { step, fraction, reported, now, .. } = change;
    let Some(report) = run.reported.clone() else {
        return Err(Error::Unknown { what: "the worker's report" });
    };
    transaction(db, move |txn| {
        Box::pin(async move {
            let row = result::ActiveModel {
                run: Set(run.id.to_string()),
                case_digest: Set(accepted.case_digest.to_string()),
                scores: Set(to_json(&report.scores)),
                cost: Set(to_json(&report.cost)),
                regions: Set(to_json(&accepted.regions)),
                accepted_at: Set(now),
                stored_bytes: Set(i64::try_from(accepted.stored_bytes).ok()),
            };
            result::Entity::insert(row).exec_without_returning(txn).await?;
            let rows = accepted.instances.iter().map(|derived| instance_row(&run, derived));
            derived_instance::Entity::insert_many(rows).exec_without_returning(txn).await?;
            let change = Change { run: &run, step, fraction, reported, now };
            change_in_txn(txn, &random, &change, Some(accepted.case_digest)).await
        })
    })
    .await
}

fn instance_row(
    run: &Run,
    (role, series_instance_uid, instance): &(DerivedRole, String, DerivedInstance),
) -> derived_instance::ActiveModel {
    derived_instance::ActiveModel {
        sop_instance_uid: Set(instance.sop_instance_uid.clone()),
        run: Set(run.id.to_string()),
        role: Set(role.as_str().to_owned()),
        series_instance_uid: Set(series_instance_uid.clone()),
        sop_class_uid: Set(instance.sop_class_uid.clone()),
        digest: Set(instance.digest.to_string()),
        object: Set(instance.object.to_string()),
        slice: Set(i32::try_from(instance.slice).expect("a series has fewer than 2^31 slices")),
    }
}

/// A series whose set of instances changed.
#[derive(Clone)]
pub(crate) struct ChangedSeries {
    pub(crate) id: SeriesId,
    pub(crate) former_source_set: Digest,
    pub(crate) now: Time,
}

/// Supersedes the runs on the former set of a series, once.
pub(crate) async fn runs_supersede(
    db: &DatabaseConnection,
    random: &Random,
    cause: &Envelope,
    changed: ChangedSeries,
    patience: Patience,
) -> Result<(), Error> {
    let (random, cause) = (random.clone(), cause.id.clone());
    transaction(db, move |txn| {
        Box::pin(async move {
            if !inbox::first_time(txn, CONSUMER, &cause).await? {
                return Ok(());
            }
            let now = changed.now;
            for run in runs_on_set(txn, &changed.id, &changed.former_source_set).await? {
                if let Ok(step) = decide(&run.life, &Command::Supersede, patience, now) {
                    let change = Change { run: &run, step, fraction: None, reported: None, now };
                    change_in_txn(txn, &random, &change, None).await?;
                }
            }
            Ok(())
        })
    })
    .await
}

async fn runs_on_set(
    txn: &DatabaseTransaction,
    series: &SeriesId,
    source_set: &Digest,
) -> Result<Vec<Run>, Error> {
    let rows = run::Entity::find()
        .filter(run::Column::Series.eq(series.as_str()))
        .filter(run::Column::SourceSet.eq(source_set.to_string()))
        .all(txn)
        .await?;
    rows.into_iter().map(Run::try_from).collect()
}

async fn change_in_txn(
    txn: &DatabaseTransaction,
    random: &Random,
    change: &Change<'_>,
    case_digest: Option<Digest>,
) -> Result<(), Error> {
    let Change { run, step, now, .. } = change;
    let Life { phase, attempt, fence, due_at, .. } = step.life;
    let mut update = run::Entity::update_many()
        .col_expr(run::Column::Phase, Expr::value(phase.as_str()))
        .col_expr(run::Column::Attempt, Expr::value(attempt.cast_signed()))
        .col_expr(run::Column::Fence, Expr::value(fence.cast_signed()))
        .col_expr(run::Column::DueAt, Expr::value(due_at))
        .col_expr(run::Column::Version, Expr::value(run.version + 1));
    if phase.is_over() {
        update = update.col_expr(run::Column::EndedAt, Expr::value(*now));
    }
    let fraction = if phase == Phase::Waiting { Some(0.0) } else { change.fraction };
    if let Some(fraction) = fraction {
        update = update.col_expr(run::Column::Fraction, Expr::value(f64::from(fraction)));
    }
    if let Some(reported) = &change.reported {
        update = update
            .col_expr(run::Column::Report, Expr::value(to_json(reported)))
            .col_expr(run::Column::ReportedAt, Expr::value(reported.at));
    }
    if let Effect::Failed(failure) = &step.effect {
        update = update
            .col_expr(run::Column::FailureCode, Expr::value(failure.code.clone()))
            .col_expr(run::Column::Failure, Expr::value(failure.words.clone()));
    }
    let updated = update
        .filter(run::Column::Id.eq(run.id.as_str()))
        .filter(run::Column::Version.eq(run.version))
        .exec(txn)
        .await?;
    if updated.rows_affected != 1 {
        return Err(database::Error::Conflict { what: "the run" }.into());
    }
    match event(run, step, case_digest) {
        Some(event) => tell(txn, random, run, event, *now).await,
        None => Ok(()),
    }
}

/// What others are told of a step.
fn event(run: &Run, step: &Step, case_digest: Option<Digest>) -> Option<Event> {
    let id = run.id.clone();
    match &step.effect {
        Effect::Nothing | Effect::Publish | Effect::Record => None,
        Effect::Started => Some(Event::RunStarted { run: id, attempt: step.life.attempt }),
        Effect::Failed(failure) => Some(Event::RunFailed { run: id, reason_code: failure.code.clone() }),
        Effect::Superseded => Some(Event::RunSuperseded { run: id }),
        Effect::Completed => case_digest.map(|case_digest| Event::RunCompleted {
            run: id,
            deployment: run.deployment.clone(),
            model: run.model.clone(),
            stage: run.stage,
            series: run.series.clone(),
            study: run.study.clone(),
            case_digest,
        }),
    }
}

async fn tell(
    txn: &DatabaseTransaction,
    random: &Random,
    run: &Run,
    event: Event,
    now: Time,
) -> Result<(), Error> {
    let new = NewEvent {
        id: random.with(EventId::random),
        occurred_at: now,
        actor: Actor::service("generation"),
        subject: run.id.to_string(),
        causation: None,
        trace: telemetry::traceparent().or_else(|| run.trace.clone()),
        event,
    };
    Ok(outbox::append(txn, new).await?)
}
