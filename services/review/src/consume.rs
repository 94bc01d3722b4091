//! What review does when others tell something.

use crate::case::HoldReason;
use crate::error::Error;
use crate::shell::Shell;
use crate::store;
use crate::workflow::Command;
use bus::Bus;
use contract::client::Outbox;
use contract::event::ComparisonStarted;
use contract::rollout::Stage;
use contract::{ClientError, ComparisonId, DeploymentId, Envelope, Event, RunId, StudyId};
use database::consume::{Class as Fate, Failure, Handler};
use database::repair::{Repair, Source};
use database::{inbox, transaction};
use platform::{Class, telemetry};
use std::sync::Arc;

/// The events that review listens to.
pub(crate) const KINDS: [&str; 8] = [
    "run.requested",
    "run.completed",
    "run.superseded",
    "deployment.stage_changed",
    "study.disputed",
    "study.settled",
    "comparison.started",
    "comparison.ended",
];
const CONSUMER: &str = "review";

/// What is read once more from its owners, should the bus have lost it.
pub(crate) fn repair(shell: &Shell, bus: Arc<dyn Bus>) -> Repair {
    let generation = Source { service: "generation", pages: Arc::new(Outbox(shell.generation.0.clone())) };
    let rollout = Source { service: "rollout", pages: Arc::new(Outbox(shell.rollout.0.clone())) };
    let intake = Source { service: "intake", pages: Arc::new(Outbox(shell.intake.0.clone())) };
    let sources = vec![generation, rollout, intake];
    Repair { db: shell.db.clone(), bus, service: CONSUMER, kinds: &KINDS, sources }
}

#[async_trait::async_trait]
impl Handler for Shell {
    async fn handle(&self, envelope: &Envelope) -> Result<(), Failure> {
        let handled = match &envelope.event {
            Event::RunRequested { run, .. } => run_requested(self, envelope, run).await,
            Event::RunCompleted { run, .. } => run_completed(self, envelope, run).await,
            Event::RunSuperseded { run } => run_superseded(self, envelope, run).await,
            Event::StageChanged { deployment, to, .. } => {
                stage_changed(self, envelope, deployment, *to).await
            }
            Event::StudyDisputed { study, .. } => study_disputed(self, envelope, study).await,
            Event::StudySettled { study, .. } => study_settled(self, envelope, study).await,
            Event::ComparisonStarted(started) => comparison_started(self, envelope, started).await,
            Event::ComparisonEnded(ended) => comparison_ended(self, envelope, &ended.comparison).await,
            _ => Ok(()),
        };
        handled.map_err(|error| Failure::new(fate(error.class()), error))
    }

    fn continue_trace(&self, span: &tracing::Span, traceparent: Option<&str>) {
        telemetry::continue_from(span, traceparent);
    }
}

fn fate(class: Class) -> Fate {
    match class {
        Class::Retry => Fate::Retry,
        Class::Refuse => Fate::Refuse,
        Class::Park => Fate::Park,
    }
}

/// A person who asks for a run does not read it; services ask for most.
async fn run_requested(shell: &Shell, envelope: &Envelope, run: &RunId) -> Result<(), Error> {
    let Some(requester) = envelope.actor.user().cloned() else { return Ok(()) };
    let (id, run) = (envelope.id.clone(), run.clone());
    transaction(&shell.db, move |txn| {
        Box::pin(async move {
            if inbox::first_time(txn, CONSUMER, &id).await? {
                store::requester_add(txn, &run, &requester).await?;
            }
            Ok(())
        })
    })
    .await
}

/// The run is read from its owner: it knows the source set, and whether the run still holds.
async fn run_completed(shell: &Shell, envelope: &Envelope, run: &RunId) -> Result<(), Error> {
    let run = shell.generation.run(run).await?;
    let run = run.ok_or(ClientError::Unavailable { service: "generation", source: None })?;
    let known = shell.known_of(&run).await?;
    let (shell, id) = (shell.clone(), envelope.id.clone());
    transaction(&shell.db.clone(), move |txn| {
        Box::pin(async move {
            let origin = shell.review(Some(id.to_string()));
            if inbox::first_time(txn, CONSUMER, &id).await? {
                shell.queue_in_txn(txn, run, known, &origin).await?;
            }
            Ok(())
        })
    })
    .await
}

async fn run_superseded(shell: &Shell, envelope: &Envelope, run: &RunId) -> Result<(), Error> {
    let (shell, id, run) = (shell.clone(), envelope.id.clone(), run.clone());
    transaction(&shell.db.clone(), move |txn| {
        Box::pin(async move {
            let origin = shell.review(Some(id.to_string()));
            if inbox::first_time(txn, CONSUMER, &id).await? {
                shell.supersede_in_txn(txn, &run, &origin).await?;
            }
            Ok(())
        })
    })
    .await
}

/// Events may come out of order: the sequence number of rollout tells which stage is the newest.
async fn stage_changed(
    shell: &Shell,
    envelope: &Envelope,
    deployment: &DeploymentId,
    stage: Stage,
) -> Result<(), Error> {
    let (shell, id, seq) = (shell.clone(), envelope.id.clone(), envelope.seq);
    let deployment = deployment.clone();
    transaction(&shell.db.clone(), move |txn| {
        Box::pin(async move {
            let origin = shell.review(Some(id.to_string()));
            if inbox::first_time(txn, CONSUMER, &id).await?
                && store::deployment_stage_set(txn, &deployment, stage, seq).await?
            {
                shell.follow_stage_in_txn(txn, &deployment, stage, &origin).await?;
            }
            Ok(())
        })
    })
    .await
}

/// Whose a study is, is in question: its cases are held.
async fn study_disputed(shell: &Shell, envelope: &Envelope, study: &StudyId) -> Result<(), Error> {
    let (shell, id, study) = (shell.clone(), envelope.id.clone(), study.clone());
    transaction(&shell.db.clone(), move |txn| {
        Box::pin(async move {
            let origin = shell.review(Some(id.to_string()));
            if inbox::first_time(txn, CONSUMER, &id).await? {
                let hold = Command::Hold(HoldReason::Identity);
                shell.study_in_txn(txn, &study, &hold, &origin).await?;
            }
            Ok(())
        })
    })
    .await
}

/// Pairs are wanted of what is queued from the time at which the comparison began, not from when it is heard of.
async fn comparison_started(
    shell: &Shell,
    envelope: &Envelope,
    started: &ComparisonStarted,
) -> Result<(), Error> {
    let (id, started, at) = (envelope.id.clone(), started.clone(), envelope.occurred_at);
    transaction(&shell.db, move |txn| {
        Box::pin(async move {
            if inbox::first_time(txn, CONSUMER, &id).await? {
                store::comparison_remember(txn, &started, at).await?;
            }
            Ok(())
        })
    })
    .await
}

/// That a comparison is over may come before that it began.
async fn comparison_ended(
    shell: &Shell,
    envelope: &Envelope,
    comparison: &ComparisonId,
) -> Result<(), Error> {
    let (shell, id, comparison) = (shell.clone(), envelope.id.clone(), comparison.clone());
    transaction(&shell.db.clone(), move |txn| {
        Box::pin(async move {
            let origin = shell.review(Some(id.to_string()));
            if inbox::first_time(txn, CONSUMER, &id).await? {
                store::comparison_end(txn, &comparison, &origin).await?;
            }
            Ok(())
        })
    })
    .await
}

/// It is settled whose a study is: each held case is looked at anew. One that fails is looked at again with all held
/// cases.
async fn study_settled(shell: &Shell, envelope: &Envelope, study: &StudyId) -> Result<(), Error> {
    for id in store::study_cases_open(&shell.db, study).await? {
        if let Some(case) = store::case_load(&shell.db, &id).await? {
            shell.recheck(&case).await?;
        }
    }
    let id = envelope.id.clone();
    transaction(&shell.db, move |txn| {
        Box::pin(async move {
            inbox::first_time(txn, CONSUMER, &id).await?;
            Ok(())
        })
    })
    .await
}
