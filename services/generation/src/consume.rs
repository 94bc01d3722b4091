//! What generation does when others tell something.

use crate::store::{self, CONSUMER, ChangedSeries, NewRun};
use crate::{Deps, Error, Shell};
use contract::client::Outbox;
use contract::{Envelope, Event};
use database::consume::{Class as Fate, Failure, Handler};
use database::repair::{Repair, Source};
use platform::{Class, telemetry};
use std::sync::Arc;

/// The kinds of event that generation takes in.
pub(crate) const KINDS: [&str; 2] = ["run.requested", "series.changed"];

/// What is read once more from its owners, should the bus have lost it.
pub(crate) fn repair(shell: &Shell) -> Repair {
    let rollout = Source { service: "rollout", pages: Arc::new(Outbox(shell.deps.rollout.0.clone())) };
    let intake = Source { service: "intake", pages: Arc::new(Outbox(shell.deps.intake.0.clone())) };
    Repair {
        db: shell.deps.db.clone(),
        bus: shell.deps.bus.clone(),
        service: CONSUMER,
        kinds: &KINDS,
        sources: vec![rollout, intake],
    }
}

#[async_trait::async_trait]
impl Handler for Shell {
    async fn handle(&self, envelope: &Envelope) -> Result<(), Failure> {
        let now = self.deps.clock.now();
        let handled = match &envelope.event {
            Event::RunRequested {
                run,
                deployment,
                model,
                stage,
                series,
                study,
                source_set,
                volume,
                priority,
            } => {
                let new = NewRun {
                    id: run.clone(),
                    deployment: deployment.clone(),
                    model: model.clone(),
                    stage: *stage,
                    series: series.clone(),
                    study: study.clone(),
                    source_set: *source_set,
                    volume: *volume,
                    priority: *priority,
                    deadline: now + self.config.deadline(),
                    now,
                };
                let created = store::run_create(&self.deps.db, envelope, new).await;
                self.dispatch.notify_one();
                created
            }
            Event::SeriesChanged { series, former_source_set } => {
                let changed =
                    ChangedSeries { id: series.clone(), former_source_set: *former_source_set, now };
                let patience = self.config.patience();
                let Deps { db, random, .. } = &self.deps;
                store::runs_supersede(db, random, envelope, changed, patience).await
            }
            _ => Ok(()),
        };
        handled.map_err(failure)
    }

    fn continue_trace(&self, span: &tracing::Span, traceparent: Option<&str>) {
        telemetry::continue_from(span, traceparent);
    }
}

fn failure(error: Error) -> Failure {
    let fate = match error.class() {
        Class::Retry => Fate::Retry,
        Class::Refuse => Fate::Refuse,
        Class::Park => Fate::Park,
    };
    Failure::new(fate, error)
}
