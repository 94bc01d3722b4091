//! How a month's result changes when one figure is otherwise.

use super::{is_fixed, over};
use contract::rollout::{Account, CostKind, CostLine, Sensitivity};

/// By how much prices, rates and numbers are changed.
const CHANGE: f64 = 0.25;
/// By how much the share of released studies is changed.
const YIELD_CHANGE: f64 = 0.10;
const MONTHLY_BENEFIT: &str = "months";

/// Rows of an account over `months`, the strongest first; none where there was no time.
pub(super) fn rows(account: &Account, months: f64) -> Vec<Sensitivity> {
    let Some(result) = over(account.result.base, months) else { return Vec::new() };
    let cost = |wanted: fn(&CostLine) -> bool| {
        account.lines.iter().filter(|line| wanted(line)).map(|line| line.amount).sum::<f64>() / months
    };
    let per_study: f64 = account
        .benefits
        .iter()
        .filter(|line| line.unit != MONTHLY_BENEFIT)
        .map(|line| line.amount.base)
        .sum::<f64>()
        / months;
    let price = |name: &str, amount: f64| {
        let name = format!("{name}: 25 % lower, 25 % higher");
        Sensitivity { name, at_low: result + CHANGE * amount, at_high: result - CHANGE * amount }
    };
    let varying = cost(|line| !is_fixed(line));
    let studies = CHANGE * (per_study - varying);
    let released_share = over(f64::from(account.studies.released), f64::from(account.studies.read));
    let yields = released_share.filter(|share| *share > 0.0).map(|share| {
        let at = |share_then: f64| result + per_study * (share_then / share - 1.0);
        Sensitivity {
            name: "share of read cases that is released: 10 points lower, 10 points higher".to_owned(),
            at_low: at((share - YIELD_CHANGE).max(0.0)),
            at_high: at((share + YIELD_CHANGE).min(1.0)),
        }
    });
    let mut rows = vec![
        Sensitivity {
            name: "benefits: the least, the most that is likely".to_owned(),
            at_low: account.result.low / months,
            at_high: account.result.high / months,
        },
        Sensitivity {
            name: "number of studies: 25 % lower, 25 % higher".to_owned(),
            at_low: result - studies,
            at_high: result + studies,
        },
        price("time or rate of readers", cost(|line| line.kind == CostKind::Reading)),
        price("compute", cost(|line| line.kind == CostKind::Compute)),
        price("storage", cost(|line| line.kind == CostKind::Storage)),
        price("licence", cost(|line| line.kind == CostKind::Licence)),
        price("other people", cost(|line| line.kind == CostKind::People)),
    ];
    rows.extend(yields);
    strongest_first(rows)
}

/// The rows of several accounts together, each with the months that it covers.
pub(super) fn summed(accounts: &[(&Account, f64)]) -> Vec<Sensitivity> {
    let mut rows: Vec<Sensitivity> = Vec::new();
    for name in accounts.iter().flat_map(|(account, _)| account.sensitivity.iter().map(|row| &row.name)) {
        if rows.iter().any(|row| row.name == *name) {
            continue;
        }
        let mut sum = Sensitivity { name: name.clone(), at_low: 0.0, at_high: 0.0 };
        for (account, months) in accounts {
            // An account without that row stays at its own result, whatever the figure is.
            let result = over(account.result.base, *months).unwrap_or(0.0);
            let row = account.sensitivity.iter().find(|row| row.name == *name);
            let (low, high) = row.map_or((result, result), |row| (row.at_low, row.at_high));
            sum.at_low += low;
            sum.at_high += high;
        }
        rows.push(sum);
    }
    strongest_first(rows)
}

fn strongest_first(mut rows: Vec<Sensitivity>) -> Vec<Sensitivity> {
    let width = |row: &Sensitivity| (row.at_high - row.at_low).abs();
    rows.retain(|row| width(row) > 0.0);
    rows.sort_by(|one, other| width(other).total_cmp(&width(one)));
    rows
}
