//! Looks at the stream with the stop rules, and does what they say.
//!
//! An event of review is a hint to look at once; a sweep looks again at everything, for what no event tells: that
//! nothing arrives, and cases that may be counted only later (clinical.md 4).

use crate::stop::{self, Seen};
use crate::workflow::{self, StageMove};
use crate::{Error, store};
use chrono::TimeDelta;
use contract::review::{EndedQuery, Review};
use contract::rollout::{Deployment, RuleState, Stage, StopAction};
use contract::{Actor, DeploymentId, RequestId, Time};
use database::DatabaseConnection;
use platform::{Clock, Random, Shutdown};
use std::sync::Arc;
use std::time::Duration;

/// How far back a sweep looks for cases that could not be counted when they ended.
const SWEEP_DAYS: i64 = 14;
/// How far back silence rules look.
const ARRIVAL_DAYS: i64 = 22;

/// What looking needs.
#[derive(Clone)]
pub struct Watch {
    /// Rollout's database.
    pub db: DatabaseConnection,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For ids.
    pub random: Random,
    /// Asked how cases ended.
    pub review: Review,
}

impl Watch {
    /// Looks again and again until `shutdown`.
    pub(crate) async fn run(self, shutdown: Shutdown, pause: Duration) {
        loop {
            if let Err(error) = self.sweep().await {
                tracing::warn!(
                    event = "stop_rules.interrupted",
                    error = &error as &dyn std::error::Error,
                    "the stop rules could not look at every deployment; they look again"
                );
            }
            if !shutdown.sleep(pause).await {
                return;
            }
        }
    }

    /// Looks once at everything. Where review does not answer, the rules look at what is known.
    ///
    /// # Errors
    /// When the database can't be used, or review did not answer; what could be judged was judged.
    pub async fn sweep(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let learned = self.learn(now - TimeDelta::days(SWEEP_DAYS), now + TimeDelta::seconds(1)).await;
        self.judge_all().await?;
        learned.map(drop)
    }

    /// Looks at cases that ended about `at`, and judges their deployments.
    pub(crate) async fn ended(&self, at: Time) -> Result<(), Error> {
        let learned = self.learn(at - TimeDelta::minutes(1), at + TimeDelta::minutes(1)).await?;
        if learned.is_empty() {
            return Ok(());
        }
        // Rules may count the cases of other deployments of the same model version.
        self.judge_all().await
    }

    /// Judges every deployment; one that can't be judged keeps no other from being stopped.
    async fn judge_all(&self) -> Result<(), Error> {
        let mut first_failure = None;
        for deployment in store::deployment_list(&self.db).await? {
            if let Err(error) = self.judge(&deployment).await {
                first_failure.get_or_insert(error);
            }
        }
        first_failure.map_or(Ok(()), Err)
    }

    async fn learn(&self, from: Time, to: Time) -> Result<Vec<DeploymentId>, Error> {
        let mut query = EndedQuery { from, to, after: None };
        let mut learned = Vec::new();
        loop {
            let page = self.review.ended_cases(&query).await?;
            learned.extend(store::outcomes_save(&self.db, page.cases).await?);
            query.after = page.after;
            if query.after.is_none() {
                return Ok(learned);
            }
        }
    }

    /// Where the rules of a deployment stand, and their version.
    pub(crate) async fn states(&self, deployment: &Deployment) -> Result<(u32, Vec<RuleState>), Error> {
        let in_force = store::stop_rules_list(&self.db, &deployment.id).await?.remove(0);
        let (now, since) = (self.clock.now(), deployment.stage_since);
        let own = store::outcomes_of_deployment(&self.db, &deployment.id, since).await?;
        let pooled = store::outcomes_of_model(&self.db, &deployment.model, since).await?;
        let usual = now - TimeDelta::days(ARRIVAL_DAYS);
        let arrivals = store::arrivals_since(&self.db, &deployment.id, usual).await?;
        let seen = Seen { own: &own, pooled: &pooled, arrivals: &arrivals, since, now };
        Ok((in_force.version, stop::states(&in_force.rules, &seen)))
    }

    /// Does what the rules of a deployment say. The one that stops most stops; those that inform all inform.
    async fn judge(&self, deployment: &Deployment) -> Result<(), Error> {
        if deployment.stage == Stage::Suspended {
            return Ok(());
        }
        let (rules_version, states) = self.states(deployment).await?;
        let (informing, stopping): (Vec<_>, Vec<_>) = states
            .into_iter()
            .filter(|state| state.fired)
            .partition(|state| state.action == StopAction::Inform);
        for state in informing {
            self.fire(deployment, state, rules_version).await?;
        }
        if let Some(state) = stopping.into_iter().max_by_key(|state| state.action) {
            self.fire(deployment, state, rules_version).await?;
        }
        Ok(())
    }

    async fn fire(&self, deployment: &Deployment, state: RuleState, rules_version: u32) -> Result<(), Error> {
        let at = self.clock.now();
        let reason = format!(
            "stop rule '{}' (version {rules_version} of the rules) stood at {:.2}, its bound is {:.2}: {}",
            state.rule, state.value, state.bound, state.note
        );
        let change = workflow::stop(deployment.stage, state.action).map(|moved| {
            warn(deployment, &state, moved);
            store::Change {
                moved,
                actor: Actor::service("rollout"),
                at,
                reason,
                request: self.random.with(RequestId::random),
                approved: None,
            }
        });
        let fired = store::Fired { state, rules_version, change, at };
        store::stop_rule_fired(&self.db, &self.random, deployment, fired).await
    }
}

fn warn(deployment: &Deployment, state: &RuleState, moved: StageMove) {
    tracing::warn!(
        event = "stop_rule.fired",
        deployment.id = %deployment.id,
        rule = state.rule,
        value = state.value,
        bound = state.bound,
        from = moved.from.as_str(),
        to = moved.to.as_str(),
        "a stop rule moves a deployment down"
    );
}
