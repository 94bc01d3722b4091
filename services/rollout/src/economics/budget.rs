//! Whether a month's budget lets another study in. Asked before a run is asked for, so that nothing is overspent.

use super::{ReadFact, RunFact, account, money};
use chrono::{Datelike as _, NaiveDate, NaiveTime};
use contract::rollout::{Budget, BudgetStanding, BudgetState, Plan, Prices};
use contract::{DeploymentId, Digest, StudyId, Time};

/// An estimate rests on at least so many studies.
const MEASURED_MIN: usize = 10;
/// And on at most so many, the newest.
const MEASURED_MAX: usize = 50;
/// An estimate is what so many of ten studies stay below: a mean would be exceeded by every second one.
const OF_TEN: usize = 9;

/// A run that was asked for, and what became of it so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// When it was asked for.
    pub requested_at: Time,
    /// What it was taken to cost then.
    pub estimate: Option<f64>,
    /// What it took, once it ended.
    pub run: Option<RunFact>,
    /// How its case was read, once that ended.
    pub read: Option<ReadFact>,
}

/// What a request comes to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Commitment {
    /// In money.
    pub amount: f64,
    /// Whether nothing more is to come.
    pub is_settled: bool,
}

/// What a request has cost, or will by its estimate.
pub fn commitment(request: &Request, prices: &Prices, plan: &Plan, estimate: f64) -> Commitment {
    let facts = super::Facts {
        months: 0.0,
        requested: 1,
        runs: request.run.clone().into_iter().collect(),
        reads: request.read.into_iter().collect(),
    };
    let spent = account(&facts, prices, plan).cost;
    let has_failed = request.run.as_ref().is_some_and(|run| !run.generated);
    if has_failed || request.read.is_some() {
        return Commitment { amount: spent, is_settled: true };
    }
    Commitment { amount: spent.max(request.estimate.unwrap_or(estimate)), is_settled: false }
}

/// The first moment of the month (UTC) in which `now` lies.
pub fn month_begin(now: Time) -> Time {
    let day = NaiveDate::from_ymd_opt(now.year(), now.month(), 1);
    day.expect("each month has a first day").and_time(NaiveTime::MIN).and_utc()
}

/// Where a budget stands. `recent` are the newest requests of any month, `month` those of this one.
pub fn state(
    budget: Budget,
    (prices, plan): (&Prices, &Plan),
    (recent, month): (&[Request], &[Request]),
    now: Time,
) -> BudgetState {
    let mut settled: Vec<f64> = recent
        .iter()
        // A study that was read to its end costs what one costs; one that failed costs less.
        .filter(|request| request.read.is_some() && request.run.is_some())
        .map(|request| commitment(request, prices, plan, 0.0).amount)
        .take(MEASURED_MAX)
        .collect();
    settled.sort_by(f64::total_cmp);
    let estimate = if settled.len() < MEASURED_MIN {
        budget.first_studies
    } else {
        settled[(settled.len() * OF_TEN / 10).min(settled.len() - 1)]
    };
    let fixed = plan.licence_month.amount
        + plan.people_month.amount
        + plan.integration.amount / plan.integration_months;
    let studies: f64 = month.iter().map(|request| commitment(request, prices, plan, estimate).amount).sum();
    let committed = fixed + studies;
    let standing = standing(&budget, committed, estimate);
    BudgetState {
        budget,
        since: month_begin(now),
        committed,
        estimate,
        estimate_from: settled.len() as u32,
        standing,
        note: note(&budget, (committed, estimate), standing, &prices.currency),
    }
}

fn standing(budget: &Budget, committed: f64, estimate: f64) -> BudgetStanding {
    let after = committed + estimate;
    if after > budget.month {
        BudgetStanding::Paused
    } else if after > budget.month * budget.throttle_from {
        BudgetStanding::Throttled
    } else {
        BudgetStanding::Open
    }
}

fn note(
    budget: &Budget,
    (committed, estimate): (f64, f64),
    standing: BudgetStanding,
    currency: &str,
) -> String {
    let spent = format!(
        "{} of {} {currency} of this month are spent or on their way, the next study is taken to cost {}",
        money(committed),
        money(budget.month),
        money(estimate)
    );
    match standing {
        BudgetStanding::Open => format!("{spent}: every study is taken"),
        BudgetStanding::Throttled => {
            format!("{spent}: {} of 1000 studies are taken", budget.throttle_per_mille)
        }
        BudgetStanding::Paused => {
            format!("{spent}: no study is taken until the next month or a larger budget")
        }
    }
}

/// What a budget says of one study.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Its run may be asked for.
    Take,
    /// Why not.
    Refuse(String),
}

/// Whether a study is taken. It goes one way whole, and the same way whenever it is asked while the budget stands alike.
pub fn decide(state: &BudgetState, deployment: &DeploymentId, study: &StudyId) -> Verdict {
    let drawn = Digest::of(format!("budget\n{deployment}\n{study}").as_bytes());
    let is_drawn = drawn.leading_bits() % 1_000 < u128::from(state.budget.throttle_per_mille);
    match state.standing {
        BudgetStanding::Open => Verdict::Take,
        BudgetStanding::Throttled if is_drawn => Verdict::Take,
        BudgetStanding::Throttled | BudgetStanding::Paused => {
            Verdict::Refuse(format!("the budget of the deployment: {}", state.note))
        }
    }
}
