//! How stop rules behave: how often they fire by chance, and how many cases they take to fire when they should.

use super::cusum;
use contract::rollout::{Characteristic, Counted, StopRule, StopRules, StopTest};
use evaluation::sequential::{RunLengths, Simulation, Window, simulate};

/// About how many cases are simulated for one figure.
const CASES_SIMULATED: f64 = 1.0e5;
/// Where a run ends, in mean run lengths.
const RUN_ENDS: f64 = 6.0;
/// The same rules have the same figures.
const SEED: u64 = 20_261_128;

/// How each rule behaves at the rate that it accepts and at the rate that it must find.
pub fn characteristics(rules: &StopRules) -> Vec<Characteristic> {
    rules.rules.iter().flat_map(|rule| of_rule(rule, rules)).collect()
}

fn of_rule(rule: &StopRule, rules: &StopRules) -> Vec<Characteristic> {
    let cases_per_year = rules.cases_per_month * 12.0;
    let counted = |rate: f64, acceptable: bool, found: RunLengths| Characteristic {
        rule: rule.name.clone(),
        rate,
        acceptable,
        cases_mean: found.mean,
        cases_median: found.median,
        cases_p90: found.p90,
        alarms_per_year: cases_per_year / found.mean,
    };
    match &rule.test {
        StopTest::Cusum { baseline, alarm, .. } => {
            let Some(chart) = cusum(&rule.test, rules) else { return Vec::new() };
            let at = |rate: f64| {
                // The mean is exact; the spread is simulated.
                let mean = chart.mean_run_length(rate);
                let found = simulate(simulation(mean), rate, || {
                    let mut points = 0;
                    move |event| {
                        points = chart.after(points, event);
                        chart.fires_at(points)
                    }
                });
                RunLengths { mean, ..found }
            };
            vec![counted(*baseline, true, at(*baseline)), counted(*alarm, false, at(*alarm))]
        }
        StopTest::SingleEvent { .. } => {
            [0.001, 0.01].map(|rate| counted(rate, false, geometric(rate))).into()
        }
        StopTest::Window { cases, share_max, .. } => {
            let size = *cases as usize;
            let at = |rate: f64| {
                simulate(simulation(2_000.0), rate, || {
                    let mut window = Window::new(size, *share_max);
                    move |event| window.see(event)
                })
            };
            let (half, above) = (share_max / 2.0, (share_max * 1.5).min(0.99));
            vec![counted(half, true, at(half)), counted(above, false, at(above))]
        }
        StopTest::Silence { hours, expected_min } => vec![silence(rule, *hours, *expected_min)],
    }
}

fn simulation(mean: f64) -> Simulation {
    let runs = (CASES_SIMULATED / mean).clamp(40.0, 300.0);
    Simulation { runs: runs as u32, cases_max: (mean * RUN_ENDS) as u32 + 1, seed: SEED }
}

/// The behaviour of CUSUM rules over accepted rates and monthly numbers, as a Markdown table for the documents.
pub fn table() -> String {
    let mut lines = vec![
        "# How sequential stop rules behave".to_owned(),
        String::new(),
        "Printed by `countersign stop-rules`. A rule counts rejections by a Bernoulli CUSUM: an event adds points, any \
         other case takes one off, and at the bound the deployment goes down one stage. The bound keeps half a false \
         alarm a year. Means are exact; the spread is simulated with a fixed seed."
            .to_owned(),
        String::new(),
        "| accepted | to find | cases a month | adds, bound | false alarms a year | cases to detection: mean, 9 of 10 | months |".to_owned(),
        "|---|---|---|---|---|---|---|".to_owned(),
    ];
    for (baseline, alarm) in [(0.01, 0.03), (0.02, 0.04), (0.02, 0.06), (0.05, 0.10), (0.10, 0.20)] {
        for cases_per_month in [50.0, 200.0, 1_000.0] {
            lines.extend(table_line(baseline, alarm, cases_per_month));
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

fn table_line(baseline: f64, alarm: f64, cases_per_month: f64) -> Option<String> {
    let test = StopTest::Cusum { counted: Counted::Rejected, baseline, alarm, share: 1.0, pooled: false };
    let rule = StopRule { name: String::new(), test };
    let rules = StopRules { false_alarms_per_year: 0.5, cases_per_month, rules: vec![rule] };
    let chart = cusum(&rules.rules[0].test, &rules)?;
    let figures = characteristics(&rules);
    let (quiet, risen) = (figures.first()?, figures.last()?);
    Some(format!(
        "| {} % | {} % | {cases_per_month} | {}, {} | {:.2} | {:.0}, {:.0} | {:.1} |",
        baseline * 100.0,
        alarm * 100.0,
        chart.step,
        chart.bound,
        quiet.alarms_per_year,
        risen.cases_mean,
        risen.cases_p90,
        risen.cases_mean / cases_per_month
    ))
}

/// The number of cases to the first event.
fn geometric(rate: f64) -> RunLengths {
    let quantile = |share: f64| ((1.0 - share).ln() / (1.0 - rate).ln()).ceil();
    RunLengths { mean: 1.0 / rate, median: quantile(0.5), p90: quantile(0.9), unfired: 0.0 }
}

/// Series that come independently of each other, as many as the rule asks for at least: the chance of none in one
/// span, over the spans of a year. Nights and weekends are longer than chance: a span must cover them.
fn silence(rule: &StopRule, hours: u32, expected: f64) -> Characteristic {
    let spans_per_year = 365.25 * 24.0 / f64::from(hours);
    Characteristic {
        rule: rule.name.clone(),
        rate: expected,
        acceptable: true,
        cases_mean: expected,
        cases_median: expected,
        cases_p90: expected,
        alarms_per_year: spans_per_year * (-expected).exp(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stop::standard;

    #[test]
    fn the_demoting_tests_keep_their_budget_of_false_alarms() {
        let rules = standard();
        let figures = characteristics(&rules);
        let of = |name: &str, acceptable| {
            figures.iter().find(|row| row.rule == name && row.acceptable == acceptable).unwrap()
        };
        assert!(of("rejections rise", true).alarms_per_year <= rules.false_alarms_per_year);
        // 2 → 6 % is found within two months of 200 cases.
        assert!(of("rejections rise", false).cases_p90 < 400.0, "{:?}", of("rejections rise", false));
    }

    #[test]
    fn a_window_rule_shows_how_often_it_fires_by_chance() {
        let figures = characteristics(&standard());
        let window = figures.iter().find(|row| row.rule.ends_with("last 50") && row.acceptable).unwrap();
        assert!(window.alarms_per_year > 1.0, "{window:?}");
    }

    #[test]
    fn the_table_has_a_line_for_every_rate_and_number() {
        let table = table();
        assert_eq!(table.lines().count(), 21);
        assert!(table.contains("| 2 % | 6 % | 200 |"), "{table}");
    }

    #[test]
    fn the_same_rules_have_the_same_figures() {
        assert_eq!(characteristics(&standard()), characteristics(&standard()));
    }
}
