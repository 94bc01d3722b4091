//! What a deployment costs and gives: functions of what was counted, of prices and of plans.
//!
//! A month is 30.4375 days, and is told from no less than a week. An amount is as well known as the weakest figure that it rests on.

mod budget;
mod csv;
mod report;
mod sensitivity;
mod terms;

pub use self::report::{Head, report};
pub use budget::{Commitment, Request, Verdict, commitment, decide, month_begin, state};
pub use csv::csv;
pub use terms::{check_plan, check_prices, first_plan, first_prices, plan_difference, prices_difference};

use chrono::TimeDelta;
use contract::Time;
use contract::rollout::{
    Account, BenefitLine, BenefitPer, CostKind, CostLine, Entered, Known, Meaning, Plan, Prices, Span,
    StudyCounts,
};
use std::collections::BTreeMap;

/// The mean length of a month.
const MONTH_DAYS: f64 = 30.4375;
/// The least from which a month is told: minutes of a busy first morning would make millions of it.
const WEEK_HOURS: f64 = 7.0 * 24.0;
const BYTES_PER_GB: f64 = 1e9;
const SECONDS_PER_HOUR: f64 = 3_600.0;

/// What one run took.
#[derive(Debug, Clone, PartialEq)]
pub struct RunFact {
    /// The device, as the worker reported it; `None` where no worker reported anything.
    pub device: Option<String>,
    /// Seconds of it.
    pub seconds: f64,
    /// Bytes that are kept.
    pub stored_bytes: f64,
    /// Whether it ended with a result.
    pub generated: bool,
}

/// How one case was read to its end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReadFact {
    /// Whether it was released.
    pub released: bool,
    /// Seconds of all its readers, from taking the case to signing.
    pub reader_seconds: f64,
}

/// What was counted in a period.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// How long it is, and the deployment was there, in months.
    pub months: f64,
    /// Runs that were asked for.
    pub requested: u32,
    /// Runs that ended.
    pub runs: Vec<RunFact>,
    /// Cases that ended by their reads.
    pub reads: Vec<ReadFact>,
}

/// The length of a span in months; nothing where it ends before it begins.
pub fn months(from: Time, to: Time) -> f64 {
    (to - from).max(TimeDelta::zero()).as_seconds_f64() / (MONTH_DAYS * 24.0 * SECONDS_PER_HOUR)
}

/// So many months in hours.
fn hours(months: f64) -> f64 {
    months * MONTH_DAYS * 24.0
}

/// Whether a month can be told from so many.
fn tells_a_month(months: f64) -> bool {
    // A week is a week, whatever dividing by the length of a month has left of it.
    hours(months) >= WEEK_HOURS - 1.0 / SECONDS_PER_HOUR
}

/// The account of a deployment.
pub fn account(facts: &Facts, prices: &Prices, plan: &Plan) -> Account {
    let generated = facts.runs.iter().filter(|run| run.generated).count() as u32;
    let released = facts.reads.iter().filter(|read| read.released).count() as u32;
    let studies = StudyCounts {
        requested: facts.requested,
        generated,
        failed: facts.runs.len() as u32 - generated,
        read: facts.reads.len() as u32,
        released,
        used: plan.used_share.map(|share| share * f64::from(released)),
    };
    let lines = lines(facts, generated, prices, plan);
    let benefits = benefits(facts.months, released, plan);
    let reader_minutes = facts.reads.iter().map(|read| read.reader_seconds).sum::<f64>() / 60.0;
    let mut account = summed(studies, reader_minutes, lines, benefits);
    account.covered_hours = hours(facts.months);
    if tells_a_month(facts.months) {
        account.released_a_month = over(f64::from(released), facts.months);
        account.break_even = break_even(&account, facts.months, plan);
        account.payback_months = payback(&account, facts.months, plan);
        account.sensitivity = sensitivity::rows(&account, facts.months);
    }
    account
}

/// All accounts together, each with the months that it covers. What depends on one plan, break-even and payback, isn't
/// said of the sum; and nothing of a month where one of them was there too short.
pub fn total(covered: &[(&Account, f64)]) -> Account {
    let accounts: Vec<&Account> = covered.iter().map(|(account, _)| *account).collect();
    let mut studies = StudyCounts::default();
    for account in &accounts {
        studies.requested += account.studies.requested;
        studies.generated += account.studies.generated;
        studies.failed += account.studies.failed;
        studies.read += account.studies.read;
        studies.released += account.studies.released;
    }
    // A sum of some deployments' used studies would be read as that of all.
    let used: Option<Vec<f64>> = accounts.iter().map(|account| account.studies.used).collect();
    studies.used = used.filter(|used| !used.is_empty()).map(|used| used.iter().sum());
    let lines = merged(accounts.iter().flat_map(|account| account.lines.iter().cloned()));
    let benefits = accounts.iter().flat_map(|account| account.benefits.iter().cloned()).collect();
    let reader_minutes = accounts.iter().map(|account| account.reader_minutes).sum();
    let mut sum = summed(studies, reader_minutes, lines, benefits);
    sum.covered_hours = covered.iter().map(|(_, months)| hours(*months)).reduce(f64::min).unwrap_or(0.0);
    // A month of some deployments would be read as that of all.
    if covered.iter().all(|(_, months)| tells_a_month(*months)) {
        let released: Option<Vec<f64>> = accounts.iter().map(|account| account.released_a_month).collect();
        sum.released_a_month = released.map(|released| released.iter().sum());
        sum.sensitivity = sensitivity::summed(covered);
    }
    sum
}

fn summed(
    studies: StudyCounts,
    reader_minutes: f64,
    lines: Vec<CostLine>,
    benefits: Vec<BenefitLine>,
) -> Account {
    let cost: f64 = lines.iter().map(|line| line.amount).sum();
    let add = |pick: fn(&Span) -> f64| benefits.iter().map(|line| pick(&line.amount)).sum::<f64>();
    let benefit =
        Span { low: add(|span| span.low), base: add(|span| span.base), high: add(|span| span.high) };
    Account {
        known: weakest(lines.iter().filter(|line| line.amount > 0.0).map(|line| line.known)),
        per_generated: over(cost, f64::from(studies.generated)),
        per_released: over(cost, f64::from(studies.released)),
        per_used: studies.used.and_then(|used| over(cost, used)),
        result: Span { low: benefit.low - cost, base: benefit.base - cost, high: benefit.high - cost },
        studies,
        reader_minutes,
        lines,
        cost,
        benefits,
        benefit,
        covered_hours: 0.0,
        released_a_month: None,
        break_even: None,
        payback_months: None,
        sensitivity: Vec::new(),
    }
}

fn lines(facts: &Facts, generated: u32, prices: &Prices, plan: &Plan) -> Vec<CostLine> {
    let mut hours: BTreeMap<&str, f64> = BTreeMap::new();
    for run in &facts.runs {
        if let Some(device) = &run.device {
            *hours.entry(device).or_default() += run.seconds / SECONDS_PER_HOUR;
        }
    }
    let compute = hours.into_iter().map(|(device, hours)| {
        line(CostKind::Compute, device, (hours, "h", Known::Measured), device_hour(device, prices))
    });
    let stored: f64 = facts.runs.iter().map(|run| run.stored_bytes / BYTES_PER_GB).sum();
    let read: f64 = facts.reads.iter().map(|read| read.reader_seconds / SECONDS_PER_HOUR).sum();
    let (studies, months) = (f64::from(generated), facts.months);
    let kept = (stored * prices.storage_months, "GB months", Known::Measured);
    let a_month = |kind, name, price| line(kind, name, (months, "months", Known::Measured), price);
    let spread = Entered { amount: plan.integration.amount / plan.integration_months, ..plan.integration };
    let others = [
        line(CostKind::Storage, "images and maps, until they are deleted", kept, prices.storage_gb_month),
        line(
            CostKind::Licence,
            "each generated study",
            (studies, "studies", Known::Measured),
            plan.licence_study,
        ),
        a_month(CostKind::Licence, "each month", plan.licence_month),
        line(CostKind::Reading, "all reads", (read, "h", Known::Measured), prices.reader_hour),
        a_month(CostKind::People, "quality, training, incidents", plan.people_month),
        a_month(CostKind::Integration, "spread over the months of the plan", spread),
    ];
    compute.chain(others).collect()
}

fn line(kind: CostKind, name: &str, (quantity, unit, known): (f64, &str, Known), price: Entered) -> CostLine {
    CostLine {
        kind,
        name: name.to_owned(),
        quantity,
        unit: unit.to_owned(),
        quantity_known: known,
        price,
        amount: quantity * price.amount,
        known: known.max(price.known),
    }
}

/// Lines of one kind and name together; the price is the mean one.
fn merged(lines: impl Iterator<Item = CostLine>) -> Vec<CostLine> {
    let mut found: Vec<CostLine> = Vec::new();
    for line in lines {
        let same = |other: &&mut CostLine| other.kind == line.kind && other.name == line.name;
        match found.iter_mut().find(same) {
            Some(sum) => {
                sum.quantity += line.quantity;
                sum.amount += line.amount;
                sum.known = sum.known.max(line.known);
                let known = sum.price.known.max(line.price.known);
                sum.price = Entered { amount: over(sum.amount, sum.quantity).unwrap_or(0.0), known };
            }
            None => found.push(line),
        }
    }
    found.sort_by_key(|line| line.kind as u8);
    found
}

/// What an hour of a device costs: the longest name that it begins with counts.
fn device_hour(device: &str, prices: &Prices) -> Entered {
    let device = device.to_lowercase();
    let fits = prices.devices.iter().filter(|price| device.starts_with(&price.device.to_lowercase()));
    fits.max_by_key(|price| price.device.len()).map_or(prices.other_device_hour, |price| price.hour)
}

fn benefits(months: f64, released: u32, plan: &Plan) -> Vec<BenefitLine> {
    let lines = plan.benefits.iter().map(|benefit| {
        let (quantity, unit) = match benefit.per {
            BenefitPer::ReleasedStudy => (f64::from(released), "released studies"),
            BenefitPer::Month => (months, "months"),
        };
        BenefitLine {
            name: benefit.name.clone(),
            quantity,
            unit: unit.to_owned(),
            amount: Span {
                low: benefit.low * quantity,
                base: benefit.base * quantity,
                high: benefit.high * quantity,
            },
            known: benefit.known,
        }
    });
    lines.collect()
}

/// What costs the same whatever comes.
fn is_fixed(line: &CostLine) -> bool {
    line.unit == "months"
}

/// Released studies a month at which benefit and cost are equal.
fn break_even(account: &Account, months: f64, plan: &Plan) -> Option<f64> {
    let per_study = |per: BenefitPer| -> f64 {
        plan.benefits.iter().filter(|benefit| benefit.per == per).map(|benefit| benefit.base).sum()
    };
    let fixed =
        over(account.lines.iter().filter(|line| is_fixed(line)).map(|line| line.amount).sum(), months)?;
    let uncovered = fixed - per_study(BenefitPer::Month);
    let varying: f64 = account.lines.iter().filter(|line| !is_fixed(line)).map(|line| line.amount).sum();
    let left = per_study(BenefitPer::ReleasedStudy) - over(varying, f64::from(account.studies.released))?;
    if uncovered <= 0.0 {
        return (left >= 0.0).then_some(0.0);
    }
    (left > 0.0).then(|| uncovered / left)
}

/// Months until what a month leaves, without the spread of bringing it in, has paid for bringing it in.
fn payback(account: &Account, months: f64, plan: &Plan) -> Option<f64> {
    if plan.integration.amount <= 0.0 {
        return None;
    }
    let spread: f64 =
        account.lines.iter().filter(|line| line.kind == CostKind::Integration).map(|line| line.amount).sum();
    let left = over(account.result.base + spread, months)?;
    (left > 0.0).then(|| plan.integration.amount / left)
}

fn weakest(known: impl Iterator<Item = Known>) -> Known {
    known.max().unwrap_or(Known::Measured)
}

/// A share, where there is something to share among.
fn over(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

/// What the words of an account mean.
pub fn meanings() -> Vec<Meaning> {
    const TEXTS: [(&str, &str); 13] = [
        ("measured", "Counted or timed by Countersign: runs, seconds, bytes, reads."),
        ("contract", "A price as it stands in a contract or an invoice, entered by an administrator."),
        (
            "estimated",
            "Somebody's judgement, entered by an administrator; a maker's claim is one too. What rests on several figures is named after the weakest of them: estimated, then contract, then measured.",
        ),
        (
            "compute",
            "Seconds of the device that the worker reported for each run that ended in the period, also of results that failed a check, at the price of an hour of that device. Attempts that were lost reported no seconds and aren't in it.",
        ),
        (
            "storage",
            "Bytes of the derived images and maps of the runs that ended in the period, for as long as they will be kept: charged when they are made.",
        ),
        (
            "reading",
            "For each case that its reads ended in the period: the time from taking the case to signing, of every read that counts, at the rate of an hour. A hold ends without activity, so that pauses are bounded. Cases that expired or were superseded aren't in it.",
        ),
        (
            "licence",
            "The price of a month for the part of the period in which the deployment was there, and the price of each generated study.",
        ),
        (
            "integration",
            "What bringing it in cost, spread evenly over the months of the plan; it counts until it is taken out of the plan.",
        ),
        (
            "used",
            "Released studies times the share that was opened in the PACS. Nothing tells Countersign what is opened there: the share is counted there and entered, so it is an estimate.",
        ),
        (
            "benefit",
            "What the plan says that a released study, or a month, is good for: the least, the likeliest and the most.",
        ),
        (
            "break-even",
            "Released studies a month at which the likeliest benefit equals the cost, if the costs that vary with studies stay what they were for each released study in the period.",
        ),
        (
            "month",
            "Told from the part of the period in which the deployment was there, if that is a week or more; from less, only sums of the period are said.",
        ),
        ("payback", "What bringing it in cost, over what a month of the period left without its spread."),
    ];
    TEXTS.map(|(name, text)| Meaning { name: name.to_owned(), text: text.to_owned() }).into()
}

/// An amount for people: two decimals, thousands apart.
fn money(amount: f64) -> String {
    let cents = (amount.abs() * 100.0).round();
    let whole = (cents / 100.0).trunc();
    let digits = format!("{whole:.0}");
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if amount < 0.0 && cents > 0.0 { "\u{2212}" } else { "" };
    format!("{sign}{grouped}.{:02.0}", cents - whole * 100.0)
}

#[cfg(test)]
mod tests;
