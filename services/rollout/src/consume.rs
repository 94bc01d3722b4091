//! What rollout does when a series is ready, when a case ends, and when a pair is answered.

use crate::capacity::{self, Admission, Limit, Rooms};
use crate::comparing::Comparing;
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
use contract::{ComparisonId, Digest, Envelope, Event, SeriesId};
use database::consume::{Failure, Handler};
use database::repair::{Repair, Source};
use database::{DatabaseConnection, inbox, transaction};
use platform::class::Class;
use platform::{Clock, Random, Shutdown, telemetry};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// The kinds of event that rollout takes in.
pub(crate) const KINDS: [&str; 5] =
    ["series.ready", "case.released", "case.rejected", "case.evaluated", "pair.answered"];

/// Series of a priority that may go on in one look, the oldest first.
const RESUMED_MAX: u64 = 500;

/// What is read once more from intake, should the bus have lost it.
pub(crate) fn repair(routing: &Routing, bus: Arc<dyn Bus>) -> Repair {
    let intake = Source { service: "intake", pages: Arc::new(Outbox(routing.intake.0.clone())) };
    let review = Source { service: "review", pages: Arc::new(Outbox(routing.watch.review.0.clone())) };
    Repair { db: routing.db.clone(), bus, service: CONSUMER, kinds: &KINDS, sources: vec![intake, review] }
}

/// Routes series that are ready, looks at cases that end, and at comparisons whose pairs are answered.
pub(crate) struct Routing {
    pub(crate) db: DatabaseConnection,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Random,
    pub(crate) intake: Intake,
    pub(crate) watch: Watch,
    pub(crate) comparing: Comparing,
    pub(crate) spending: Spending,
    pub(crate) limit: Limit,
}

#[async_trait::async_trait]
impl Handler for Routing {
    async fn handle(&self, envelope: &Envelope) -> Result<(), Failure> {
        let handled = match &envelope.event {
            Event::SeriesReady { series, source_set, .. } => self.route(envelope, series, *source_set).await,
            Event::CaseReleased { .. } | Event::CaseRejected { .. } | Event::CaseEvaluated { .. } => {
                self.ended(envelope).await
            }
            Event::PairAnswered(told) => self.answered(envelope, &told.comparison).await,
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
        let sites = store::sites_in_force(&self.db).await?;
        let outcomes = router::route(&series, &deployments, &sites, traffic);
        let mut routed = self.let_in(&series, outcomes, deployments).await?;
        self.hold_back(&mut routed, source_set).await?;
        store::routing_save(&self.db, &self.random, envelope, routed).await
    }

    /// Asks the pools of those that may have their run: a run that would wait too long waits here.
    async fn hold_back(&self, routed: &mut store::Routed, source_set: Digest) -> Result<(), Error> {
        if !self.limit.is_set() || routed.wanting.is_empty() {
            return Ok(());
        }
        let capacity = self.spending.generation.capacity().await?;
        for wanting in std::mem::take(&mut routed.wanting) {
            let deployment = &wanting.deployment;
            let admission = capacity::admit(&capacity, &deployment.pool, wanting.priority, self.limit);
            let Admission::Wait { expected_seconds, reason } = admission else {
                routed.wanting.push(wanting);
                continue;
            };
            for outcome in &mut routed.outcomes {
                if outcome.deployment == deployment.id {
                    outcome.matched = false;
                    outcome.failed_rule = Some(reason.clone());
                    outcome.failed_rules.push(reason.clone());
                }
            }
            let run = router::run_id(&deployment.id, &deployment.model, &source_set);
            let (deployment, priority) = (deployment.id.clone(), wanting.priority);
            routed.held.push(store::Held { deployment, run, priority, expected_seconds });
        }
        Ok(())
    }

    /// Looks again and again, until `shutdown`, whether pools have room for what waits.
    pub(crate) async fn resume(self: Arc<Self>, shutdown: Shutdown, pause: Duration) {
        while shutdown.sleep(pause).await {
            if let Err(error) = self.let_go().await {
                tracing::warn!(
                    event = "capacity.interrupted",
                    error = &error as &dyn std::error::Error,
                    "whether what waits for a pool may go on can't be told now; it is looked at again"
                );
            }
        }
    }

    /// Lets those go on for which there is room, the most urgent first, then the oldest.
    async fn let_go(&self) -> Result<(), Error> {
        let waiting = store::waiting_list(&self.db, RESUMED_MAX).await?;
        if waiting.is_empty() {
            return Ok(());
        }
        let capacity = self.spending.generation.capacity().await?;
        let deployments = store::deployment_list(&self.db).await?;
        let mut rooms = Rooms::new(&capacity, self.limit);
        for one in waiting {
            let Some(deployment) = deployments.iter().find(|known| known.id == one.deployment) else {
                continue;
            };
            if rooms.take(&deployment.pool, one.priority) {
                self.go_on(one, deployment).await?;
            }
        }
        Ok(())
    }

    /// Routes a series that waited, as things are now, for the deployment that wanted it.
    async fn go_on(&self, waiting: store::Waiting, deployment: &Deployment) -> Result<(), Error> {
        let Event::SeriesReady { series: id, source_set, .. } = &waiting.cause.event else { return Ok(()) };
        let now = self.clock.now();
        let series = self.intake.series_batch(vec![id.clone()]).await?;
        let Some(series) = series.into_iter().find(|series| series.source_set == Some(*source_set)) else {
            return store::wait_drop(&self.db, &self.random, (waiting, "series_changed"), now).await;
        };
        // Hours and daily number were kept when it came; what has changed since is the stage, the rule, or the site.
        let traffic = |_: &Deployment| Traffic { at: waiting.cause.occurred_at, taken_today: 0 };
        let sites = store::sites_in_force(&self.db).await?;
        let outcomes = router::route(&series, std::slice::from_ref(deployment), &sites, traffic);
        let routed = self.let_in(&series, outcomes, vec![deployment.clone()]).await?;
        if routed.wanting.is_empty() && routed.refused.is_empty() {
            return store::wait_drop(&self.db, &self.random, (waiting, "not_wanted"), now).await;
        }
        store::routing_resume(&self.db, &self.random, waiting, routed).await
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
            let priority = router::priority(series, &deployment.rule);
            match self.spending.asked(&deployment, &series.study).await? {
                None => wanting.push(store::Wanting { deployment, priority, estimate: None }),
                Some((budget, Verdict::Take)) => {
                    let estimate = Some(budget.estimate);
                    wanting.push(store::Wanting { deployment, priority, estimate });
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
        Ok(store::Routed { outcomes, wanting, refused, held: Vec::new(), at: self.clock.now() })
    }
}

impl Routing {
    /// Looking has its effect once however often it is done; the inbox only keeps the repair from asking again.
    async fn ended(&self, envelope: &Envelope) -> Result<(), Error> {
        self.watch.ended(envelope.occurred_at).await?;
        self.remember(envelope).await
    }

    async fn answered(&self, envelope: &Envelope, comparison: &ComparisonId) -> Result<(), Error> {
        self.comparing.answered(comparison).await?;
        self.remember(envelope).await
    }

    async fn remember(&self, envelope: &Envelope) -> Result<(), Error> {
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
