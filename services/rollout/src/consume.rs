//! What rollout does when a series is ready, and when a case ends.

use crate::economics::Verdict;
use crate::router::{self, Traffic};
use crate::spending::Spending;
use crate::store::CONSUMER;
use crate::watch::Watch;
use crate::{Error, store};
use bus::Bus;
use contract::client::Outbox;
use contract::intake::{Intake, Series};
use contract::rollout::{Deployment, RuleOutcome};
use contract::{Digest, Envelope, Event, SeriesId};
use database::consume::{Failure, Handler};
use database::repair::{Repair, Source};
use database::{DatabaseConnection, inbox, transaction};
use platform::class::Class;
use platform::{Clock, Random, telemetry};
use std::collections::HashMap;
use std::sync::Arc;

/// The kinds of event that rollout takes in.
pub(crate) const KINDS: [&str; 4] = ["series.ready", "case.released", "case.rejected", "case.evaluated"];

/// What is read once more from intake, should the bus have lost it.
pub(crate) fn repair(routing: &Routing, bus: Arc<dyn Bus>) -> Repair {
    let intake = Source { service: "intake", pages: Arc::new(Outbox(routing.intake.0.clone())) };
    let review = Source { service: "review", pages: Arc::new(Outbox(routing.watch.review.0.clone())) };
    Repair { db: routing.db.clone(), bus, service: CONSUMER, kinds: &KINDS, sources: vec![intake, review] }
}

/// Routes series that are ready, and looks at cases that end.
pub(crate) struct Routing {
    pub(crate) db: DatabaseConnection,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Random,
    pub(crate) intake: Intake,
    pub(crate) watch: Watch,
    pub(crate) spending: Spending,
}

#[async_trait::async_trait]
impl Handler for Routing {
    async fn handle(&self, envelope: &Envelope) -> Result<(), Failure> {
        let handled = match &envelope.event {
            Event::SeriesReady { series, source_set, .. } => self.route(envelope, series, *source_set).await,
            Event::CaseReleased { .. } | Event::CaseRejected { .. } | Event::CaseEvaluated { .. } => {
                self.ended(envelope).await
            }
            _ => Ok(()),
        };
        handled.map_err(failure)
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
        let now = self.clock.now();
        let mut taken = HashMap::new();
        for deployment in deployments.iter().filter(|deployment| deployment.rule.daily_max.is_some()) {
            let today = router::day_start(&deployment.rule, now);
            let count = store::arrivals_count(&self.db, &deployment.id, today).await?;
            taken.insert(deployment.id.clone(), count);
        }
        let traffic = |deployment: &Deployment| Traffic {
            at: now,
            taken_today: taken.get(&deployment.id).copied().unwrap_or_default(),
        };
        let outcomes = router::route(&series, &deployments, traffic);
        let routed = self.let_in(&series, outcomes, deployments).await?;
        store::routing_save(&self.db, &self.random, envelope, routed).await
    }

    /// Asks the budgets of the deployments that want a series, before a run is asked for.
    async fn let_in(
        &self,
        series: &Series,
        mut outcomes: Vec<RuleOutcome>,
        deployments: Vec<Deployment>,
    ) -> Result<store::Routed, Error> {
        let (mut wanting, mut refused) = (Vec::new(), Vec::new());
        for deployment in deployments {
            let of_it = |outcome: &&mut RuleOutcome| outcome.matched && outcome.deployment == deployment.id;
            let Some(outcome) = outcomes.iter_mut().find(of_it) else { continue };
            match self.spending.asked(&deployment, &series.study).await? {
                None => wanting.push(store::Wanting { deployment, estimate: None }),
                Some((budget, Verdict::Take)) => {
                    wanting.push(store::Wanting { deployment, estimate: Some(budget.estimate) });
                }
                Some((budget, Verdict::Refuse(reason))) => {
                    outcome.matched = false;
                    outcome.failed_rule = Some(reason.clone());
                    outcome.failed_rules.push(reason.clone());
                    let (standing, estimate) = (budget.standing, budget.estimate);
                    refused.push(store::Refused { deployment, standing, reason, estimate });
                }
            }
        }
        Ok(store::Routed { outcomes, wanting, refused, at: self.clock.now() })
    }
}

impl Routing {
    /// Looking has its effect once however often it is done; the inbox only keeps the repair from asking again.
    async fn ended(&self, envelope: &Envelope) -> Result<(), Error> {
        self.watch.ended(envelope.occurred_at).await?;
        let id = envelope.id.clone();
        transaction(&self.db, move |txn| {
            Box::pin(async move {
                inbox::first_time(txn, CONSUMER, &id).await?;
                Ok(())
            })
        })
        .await
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
