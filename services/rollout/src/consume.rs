//! What rollout does when a series is ready.

use crate::store::CONSUMER;
use crate::{Error, router, store};
use bus::Bus;
use contract::client::Outbox;
use contract::intake::Intake;
use contract::{Digest, Envelope, Event, SeriesId};
use database::DatabaseConnection;
use database::consume::{Failure, Handler};
use database::repair::{Repair, Source};
use platform::class::Class;
use platform::{Clock, Random, telemetry};
use std::sync::Arc;

/// The kinds of event that rollout takes in.
pub(crate) const KINDS: [&str; 1] = ["series.ready"];

/// What is read once more from intake, should the bus have lost it.
pub(crate) fn repair(routing: &Routing, bus: Arc<dyn Bus>) -> Repair {
    let intake = Source { service: "intake", pages: Arc::new(Outbox(routing.intake.0.clone())) };
    Repair { db: routing.db.clone(), bus, service: CONSUMER, kinds: &KINDS, sources: vec![intake] }
}

/// Routes series that are ready.
pub(crate) struct Routing {
    pub(crate) db: DatabaseConnection,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Random,
    pub(crate) intake: Intake,
}

#[async_trait::async_trait]
impl Handler for Routing {
    async fn handle(&self, envelope: &Envelope) -> Result<(), Failure> {
        let Event::SeriesReady { series, source_set, .. } = &envelope.event else { return Ok(()) };
        self.route(envelope, series, *source_set).await.map_err(failure)
    }

    fn continue_trace(&self, span: &tracing::Span, traceparent: Option<&str>) {
        telemetry::continue_from(span, traceparent);
    }
}

impl Routing {
    async fn route(&self, envelope: &Envelope, id: &SeriesId, source_set: Digest) -> Result<(), Error> {
        let series = self.intake.series_batch(vec![id.clone()]).await?;
        // A later set of instances has taken its place, and its own event follows.
        let Some(series) = series.into_iter().find(|series| series.source_set == Some(source_set)) else {
            tracing::info!(event = "routing.outdated", series.id = %id, "a series changed before it was routed");
            return Ok(());
        };
        let deployments = store::deployment_list(&self.db).await?;
        let outcomes = router::route(&series, &deployments);
        let wanting = deployments
            .into_iter()
            .filter(|deployment| {
                outcomes.iter().any(|outcome| outcome.matched && outcome.deployment == deployment.id)
            })
            .collect();
        let routed = store::Routed { outcomes, wanting, at: self.clock.now() };
        store::routing_save(&self.db, &self.random, envelope, routed).await
    }
}

fn failure(error: Error) -> Failure {
    let class = match error.class() {
        Class::Retry => database::consume::Class::Retry,
        Class::Refuse => database::consume::Class::Refuse,
        Class::Park => database::consume::Class::Park,
    };
    Failure::new(class, error)
}
