//! Learns what runs took, and says of each deployment what it costs and how its budget stands.

use crate::economics::{self, Verdict};
use crate::{Error, store};
use chrono::TimeDelta;
use contract::generation::Generation;
use contract::rollout::{
    BudgetState, Deployment, DeploymentEconomics, Economics, EconomicsQuery, Plan, Prices,
};
use contract::{StudyId, Time};
use database::DatabaseConnection;
use platform::{Clock, Shutdown};
use std::sync::Arc;
use std::time::Duration;

/// How far back runs are looked for whose cost isn't known; none takes so long.
const LOOK_BACK_DAYS: i64 = 30;
/// How many runs generation is asked about at once.
const BATCH: u64 = 500;
/// How many of the newest requests an estimate looks at.
const RECENT: u64 = 200;

/// What learning and telling need.
#[derive(Clone)]
pub(crate) struct Spending {
    pub(crate) db: DatabaseConnection,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) generation: Generation,
}

impl Spending {
    /// Learns again and again until `shutdown`.
    pub(crate) async fn run(self, shutdown: Shutdown, pause: Duration) {
        loop {
            if let Err(error) = self.learn().await {
                tracing::warn!(
                    event = "costs.interrupted",
                    error = &error as &dyn std::error::Error,
                    "what runs took could not be learned now; it is asked for again"
                );
            }
            if !shutdown.sleep(pause).await {
                return;
            }
        }
    }

    /// Asks generation what the runs took that are over.
    pub(crate) async fn learn(&self) -> Result<(), Error> {
        let mut since = self.clock.now() - TimeDelta::days(LOOK_BACK_DAYS);
        loop {
            let page = store::runs_without_cost(&self.db, since, BATCH).await?;
            let Some(last) = page.last().map(|(_, requested_at)| *requested_at) else { return Ok(()) };
            let (whole, ids) = (page.len() as u64 == BATCH, page.into_iter().map(|(run, _)| run).collect());
            store::run_costs_save(&self.db, self.generation.run_costs(ids).await?).await?;
            // Those that still run are asked about the next time.
            if !whole || last <= since {
                return Ok(());
            }
            since = last;
        }
    }

    /// What all deployments cost and give in a period, as far as it is over.
    pub(crate) async fn economics(&self, query: EconomicsQuery) -> Result<Economics, Error> {
        let (now, db) = (self.clock.now(), &self.db);
        let period = (query.from, query.to);
        let mut former_prices = store::prices_list(db).await?;
        let prices = former_prices.remove(0);
        let (mut deployments, mut months) = (Vec::new(), Vec::new());
        for deployment in store::deployment_list(db).await? {
            let facts = store::facts(db, &deployment.id, period, now).await?;
            let mut former_plans = store::plan_list(db, &deployment.id).await?;
            let plan = former_plans.remove(0);
            let (refusals, refused) = store::refusals(db, &deployment.id, period).await?;
            months.push(facts.months);
            deployments.push(DeploymentEconomics {
                account: economics::account(&facts, &prices.terms, &plan.terms),
                budget: self.budget(&deployment, &prices.terms, &plan.terms, now).await?,
                deployment: deployment.id,
                name: deployment.name,
                stage: deployment.stage,
                plan,
                former_plans,
                refusals,
                refused,
            });
        }
        let covered: Vec<_> = deployments.iter().map(|one| &one.account).zip(months).collect();
        Ok(Economics {
            total: economics::total(&covered),
            from: query.from,
            to: query.to,
            prices,
            former_prices,
            deployments,
            meanings: economics::meanings(),
        })
    }

    /// Where the budget of a deployment stands, where it has one.
    async fn budget(
        &self,
        deployment: &Deployment,
        prices: &Prices,
        plan: &Plan,
        now: Time,
    ) -> Result<Option<BudgetState>, Error> {
        let Some(budget) = plan.budget else { return Ok(None) };
        let (id, begin) = (&deployment.id, economics::month_begin(now));
        let month = store::requests(&self.db, id, begin, None).await?;
        let recent = store::requests(&self.db, id, begin - TimeDelta::days(366), Some(RECENT)).await?;
        Ok(Some(economics::state(budget, (prices, plan), (&recent, &month), now)))
    }

    /// What the budget of a deployment says of a study: nothing where it has none.
    pub(crate) async fn asked(
        &self,
        deployment: &Deployment,
        study: &StudyId,
    ) -> Result<Option<(BudgetState, Verdict)>, Error> {
        let plan = store::plan_list(&self.db, &deployment.id).await?.remove(0).terms;
        if plan.budget.is_none() {
            return Ok(None);
        }
        let prices = store::prices_list(&self.db).await?.remove(0).terms;
        let state = self.budget(deployment, &prices, &plan, self.clock.now()).await?;
        Ok(state.map(|state| {
            let verdict = economics::decide(&state, &deployment.id, study);
            (state, verdict)
        }))
    }
}
