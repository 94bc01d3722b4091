//! What rollout does when a series is ready.

use crate::{Error, router, store};
use contract::intake::Intake;
use contract::{DeploymentId, Digest, Envelope, Event, ModelVersionId, RunId, SeriesId};
use database::DatabaseConnection;
use database::consume::{Failure, Handler};
use platform::class::Class;
use platform::{Clock, Random};
use std::sync::Arc;

/// The kinds of event that rollout takes in.
pub(crate) const KINDS: [&str; 1] = ["series.ready"];

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

/// The id of a run: the same however often it is asked for.
pub(crate) fn run_id(deployment: &DeploymentId, model: &ModelVersionId, source_set: &Digest) -> RunId {
    let identity = Digest::of(format!("run\n{deployment}\n{model}\n{source_set}").as_bytes());
    RunId::from_bits(identity.leading_bits())
}

fn failure(error: Error) -> Failure {
    let class = match error.class() {
        Class::Retry => database::consume::Class::Retry,
        Class::Refuse => database::consume::Class::Refuse,
        Class::Park => database::consume::Class::Park,
    };
    Failure::new(class, error)
}
