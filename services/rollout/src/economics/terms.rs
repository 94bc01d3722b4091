//! Prices and plans: what every site begins with, what can be put in force, and how two versions differ.

use super::money;
use contract::Refusal;
use contract::rollout::{Benefit, BenefitPer, Budget, DevicePrice, Entered, Known, Plan, Prices};

/// The most benefits of a plan, and devices of a list of prices.
const ENTRIES_MAX: usize = 30;

const fn estimated(amount: f64) -> Entered {
    Entered { amount, known: Known::Estimated }
}

/// The prices that every site begins with: orders of magnitude, to be replaced.
pub fn first_prices() -> Prices {
    let device = |device: &str, hour| DevicePrice { device: device.to_owned(), hour: estimated(hour) };
    Prices {
        currency: "EUR".to_owned(),
        devices: vec![device("cpu", 0.5), device("NVIDIA", 4.0)],
        other_device_hour: estimated(4.0),
        storage_gb_month: estimated(0.05),
        storage_months: 120.0,
        reader_hour: estimated(150.0),
    }
}

/// The plan that every deployment begins with: nothing is entered.
pub fn first_plan() -> Plan {
    Plan {
        licence_month: estimated(0.0),
        licence_study: estimated(0.0),
        people_month: estimated(0.0),
        integration: estimated(0.0),
        integration_months: 36.0,
        used_share: None,
        benefits: Vec::new(),
        budget: None,
    }
}

/// Whether prices can be put in force.
pub fn check_prices(prices: &Prices) -> Result<(), Refusal> {
    let amounts = [prices.other_device_hour, prices.storage_gb_month, prices.reader_hour];
    let devices = prices.devices.iter().map(|device| device.hour);
    let code = prices.currency.len() == 3 && prices.currency.bytes().all(|byte| byte.is_ascii_uppercase());
    let named = prices.devices.iter().all(|device| !device.device.trim().is_empty());
    let good = code
        && named
        && prices.devices.len() <= ENTRIES_MAX
        && is_amount(prices.storage_months)
        && amounts.into_iter().chain(devices).all(|entered| is_amount(entered.amount));
    good.then_some(()).ok_or_else(|| {
        malformed("the prices", "a currency of three letters, names of devices, and amounts of 0 or more")
    })
}

/// Whether a plan can be put in force.
pub fn check_plan(plan: &Plan) -> Result<(), Refusal> {
    let amounts = [plan.licence_month, plan.licence_study, plan.people_month, plan.integration];
    let good = amounts.iter().all(|entered| is_amount(entered.amount))
        && plan.integration_months.is_finite()
        && plan.integration_months >= 1.0
        && plan.used_share.is_none_or(|share| (0.0..=1.0).contains(&share))
        && plan.benefits.len() <= ENTRIES_MAX
        && plan.benefits.iter().all(is_benefit)
        && plan.budget.is_none_or(|budget| is_budget(&budget));
    good.then_some(()).ok_or_else(|| {
        malformed(
            "the plan",
            "amounts of 0 or more, at least 1 month, shares from 0 to 1, benefits with a name of which low is at most \
             the likeliest and that at most high, a budget above 0 with a first estimate above 0",
        )
    })
}

fn is_amount(amount: f64) -> bool {
    amount.is_finite() && amount >= 0.0
}

fn is_benefit(benefit: &Benefit) -> bool {
    let amounts = [benefit.low, benefit.base, benefit.high];
    !benefit.name.trim().is_empty() && amounts.iter().all(|amount| amount.is_finite()) && amounts.is_sorted()
}

fn is_budget(budget: &Budget) -> bool {
    let above = |amount: f64| amount.is_finite() && amount > 0.0;
    above(budget.month)
        && above(budget.first_studies)
        && (0.0..=1.0).contains(&budget.throttle_from)
        && budget.throttle_per_mille <= 1_000
}

fn malformed(what: &str, remedy: &str) -> Refusal {
    Refusal::new("terms_malformed", format!("{what} can't be counted with"), format!("give {remedy}"))
}

/// What is otherwise in `now` than in `former`.
pub fn prices_difference(now: &Prices, former: &Prices) -> Vec<String> {
    difference(&prices_lines(now), &prices_lines(former))
}

/// What is otherwise in `now` than in `former`.
pub fn plan_difference(now: &Plan, former: &Plan) -> Vec<String> {
    difference(&plan_lines(now), &plan_lines(former))
}

fn prices_lines(prices: &Prices) -> Vec<String> {
    let devices =
        prices.devices.iter().map(|price| entered(&format!("hour of {}", price.device), price.hour));
    let others = [
        format!("currency {}", prices.currency),
        entered("hour of another device", prices.other_device_hour),
        entered("GB and month", prices.storage_gb_month),
        format!("kept for {} months", prices.storage_months),
        entered("hour of a reader", prices.reader_hour),
    ];
    devices.chain(others).collect()
}

fn plan_lines(plan: &Plan) -> Vec<String> {
    let mut lines = vec![
        entered("licence a month", plan.licence_month),
        entered("licence a study", plan.licence_study),
        entered("other people a month", plan.people_month),
        entered("bringing it in", plan.integration),
        format!("spread over {} months", plan.integration_months),
    ];
    lines.extend(plan.used_share.map(|share| format!("{:.0} % of released studies used", share * 100.0)));
    lines.extend(plan.benefits.iter().map(|benefit| {
        let per = match benefit.per {
            BenefitPer::ReleasedStudy => "released study",
            BenefitPer::Month => "month",
        };
        let Benefit { name, low, base, high, known, .. } = benefit;
        let (low, base, high) = (money(*low), money(*base), money(*high));
        format!("{name}: {low} / {base} / {high} a {per} ({})", known.as_str())
    }));
    lines.extend(plan.budget.map(|budget| {
        format!(
            "budget {} a month, from {:.0} % on {} of 1000 studies, first studies at {}",
            money(budget.month),
            budget.throttle_from * 100.0,
            budget.throttle_per_mille,
            money(budget.first_studies)
        )
    }));
    lines
}

fn entered(what: &str, entered: Entered) -> String {
    format!("{what} {} ({})", money(entered.amount), entered.known.as_str())
}

fn difference(now: &[String], before: &[String]) -> Vec<String> {
    let gone = before.iter().filter(|line| !now.contains(line)).map(|line| format!("\u{2212} {line}"));
    let come = now.iter().filter(|line| !before.contains(line)).map(|line| format!("+ {line}"));
    gone.chain(come).collect()
}
