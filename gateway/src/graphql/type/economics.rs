//! What deployments cost and give.

use super::deployment::Stage;
use super::terms::{Budget, BudgetStanding, Known, PlanVersion, PricesVersion};
use async_graphql::{Enum, ID, SimpleObject};
use chrono::{DateTime, Utc};
use contract::rollout;

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "rollout::CostKind")]
pub(crate) enum CostKind {
    Compute,
    Storage,
    Licence,
    Reading,
    People,
    Integration,
}

/// So much of something at a price.
#[derive(SimpleObject)]
pub(crate) struct CostLine {
    kind: CostKind,
    name: String,
    quantity: f64,
    unit: String,
    quantity_known: Known,
    price: f64,
    price_known: Known,
    amount: f64,
    /// Of the weakest figure that it rests on.
    known: Known,
}

impl From<rollout::CostLine> for CostLine {
    fn from(line: rollout::CostLine) -> Self {
        Self {
            kind: line.kind.into(),
            name: line.name,
            quantity: line.quantity,
            unit: line.unit,
            quantity_known: line.quantity_known.into(),
            price: line.price.amount,
            price_known: line.price.known.into(),
            amount: line.amount,
            known: line.known.into(),
        }
    }
}

/// The least, the likeliest and the most that is likely.
#[derive(SimpleObject)]
pub(crate) struct Likely {
    low: f64,
    base: f64,
    high: f64,
}

impl From<rollout::Span> for Likely {
    fn from(rollout::Span { low, base, high }: rollout::Span) -> Self {
        Self { low, base, high }
    }
}

#[derive(SimpleObject)]
pub(crate) struct BenefitLine {
    name: String,
    quantity: f64,
    unit: String,
    amount: Likely,
    known: Known,
}

impl From<rollout::BenefitLine> for BenefitLine {
    fn from(line: rollout::BenefitLine) -> Self {
        Self {
            name: line.name,
            quantity: line.quantity,
            unit: line.unit,
            amount: line.amount.into(),
            known: line.known.into(),
        }
    }
}

/// What a month leaves when one figure is otherwise.
#[derive(SimpleObject)]
pub(crate) struct Sensitivity {
    name: String,
    at_low: f64,
    at_high: f64,
}

impl From<rollout::Sensitivity> for Sensitivity {
    fn from(row: rollout::Sensitivity) -> Self {
        Self { name: row.name, at_low: row.at_low, at_high: row.at_high }
    }
}

/// What was spent and gained.
#[derive(SimpleObject)]
pub(crate) struct Account {
    requested: u32,
    generated: u32,
    failed: u32,
    read: u32,
    released: u32,
    used: Option<f64>,
    reader_minutes: f64,
    lines: Vec<CostLine>,
    cost: f64,
    known: Known,
    per_generated: Option<f64>,
    per_released: Option<f64>,
    per_used: Option<f64>,
    benefits: Vec<BenefitLine>,
    benefit: Likely,
    result: Likely,
    /// Hours of the period in which the deployment was there; of a sum, of the one that was there least.
    covered_hours: f64,
    /// Null where the period is too short to tell a month from; then nothing is told of a month.
    released_a_month: Option<f64>,
    /// Released studies a month.
    break_even: Option<f64>,
    payback_months: Option<f64>,
    /// The strongest first.
    sensitivity: Vec<Sensitivity>,
}

impl From<rollout::Account> for Account {
    fn from(account: rollout::Account) -> Self {
        let studies = account.studies;
        Self {
            requested: studies.requested,
            generated: studies.generated,
            failed: studies.failed,
            read: studies.read,
            released: studies.released,
            used: studies.used,
            reader_minutes: account.reader_minutes,
            lines: account.lines.into_iter().map(CostLine::from).collect(),
            cost: account.cost,
            known: account.known.into(),
            per_generated: account.per_generated,
            per_released: account.per_released,
            per_used: account.per_used,
            benefits: account.benefits.into_iter().map(BenefitLine::from).collect(),
            benefit: account.benefit.into(),
            result: account.result.into(),
            covered_hours: account.covered_hours,
            released_a_month: account.released_a_month,
            break_even: account.break_even,
            payback_months: account.payback_months,
            sensitivity: account.sensitivity.into_iter().map(Sensitivity::from).collect(),
        }
    }
}

/// Where a month's budget stands.
#[derive(SimpleObject)]
pub(crate) struct BudgetState {
    budget: Budget,
    since: DateTime<Utc>,
    committed: f64,
    estimate: f64,
    /// How many studies the estimate rests on.
    estimate_from: u32,
    standing: BudgetStanding,
    note: String,
}

impl From<rollout::BudgetState> for BudgetState {
    fn from(state: rollout::BudgetState) -> Self {
        Self {
            budget: state.budget.into(),
            since: state.since,
            committed: state.committed,
            estimate: state.estimate,
            estimate_from: state.estimate_from,
            standing: state.standing.into(),
            note: state.note,
        }
    }
}

/// A series that a budget kept out.
#[derive(SimpleObject)]
pub(crate) struct BudgetRefusal {
    series_id: ID,
    refused_at: DateTime<Utc>,
    standing: BudgetStanding,
    reason: String,
    estimate: f64,
}

impl From<rollout::BudgetRefusal> for BudgetRefusal {
    fn from(refusal: rollout::BudgetRefusal) -> Self {
        Self {
            series_id: refusal.series.to_string().into(),
            refused_at: refusal.refused_at,
            standing: refusal.standing.into(),
            reason: refusal.reason,
            estimate: refusal.estimate,
        }
    }
}

#[derive(SimpleObject)]
pub(crate) struct DeploymentEconomics {
    deployment_id: ID,
    name: String,
    stage: Stage,
    account: Account,
    plan: PlanVersion,
    /// Newest first.
    former_plans: Vec<PlanVersion>,
    budget: Option<BudgetState>,
    /// Newest first, at most 200.
    refusals: Vec<BudgetRefusal>,
    refused: u32,
}

impl From<rollout::DeploymentEconomics> for DeploymentEconomics {
    fn from(one: rollout::DeploymentEconomics) -> Self {
        Self {
            deployment_id: one.deployment.to_string().into(),
            name: one.name,
            stage: one.stage.into(),
            account: one.account.into(),
            plan: one.plan.into(),
            former_plans: one.former_plans.into_iter().map(PlanVersion::from).collect(),
            budget: one.budget.map(BudgetState::from),
            refusals: one.refusals.into_iter().map(BudgetRefusal::from).collect(),
            refused: one.refused,
        }
    }
}

/// What a word of an account means.
#[derive(SimpleObject)]
pub(crate) struct Meaning {
    name: String,
    text: String,
}

/// What all deployments cost and give in a period.
#[derive(SimpleObject)]
pub(crate) struct Economics {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    prices: PricesVersion,
    /// Newest first.
    former_prices: Vec<PricesVersion>,
    /// By name.
    deployments: Vec<DeploymentEconomics>,
    total: Account,
    meanings: Vec<Meaning>,
}

impl From<rollout::Economics> for Economics {
    fn from(economics: rollout::Economics) -> Self {
        let meaning = |meaning: rollout::Meaning| Meaning { name: meaning.name, text: meaning.text };
        Self {
            from: economics.from,
            to: economics.to,
            prices: economics.prices.into(),
            former_prices: economics.former_prices.into_iter().map(PricesVersion::from).collect(),
            deployments: economics.deployments.into_iter().map(DeploymentEconomics::from).collect(),
            total: economics.total.into(),
            meanings: economics.meanings.into_iter().map(meaning).collect(),
        }
    }
}
