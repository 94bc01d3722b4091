//! Stop rules: what the stream of cases and arrivals makes of them. Functions of values.
//!
//! Only tests demote whose false alarms are bounded together (clinical.md 28): each Bernoulli CUSUM gets its share of
//! one budget. One critical finding suspends. What looks at windows informs.

mod behaviour;

pub use behaviour::{characteristics, table};

use chrono::TimeDelta;
use contract::rollout::{Counted, RuleState, StopAction, StopRule, StopRules, StopTest};
use contract::{CaseId, Refusal, Time};
use evaluation::sequential::{BernoulliCusum, Window};

/// How many points of a chart are kept.
const PATH_MAX: usize = 200;
/// By how many days silence is told from what is usual.
const USUAL_DAYS: i64 = 14;
/// The most rules of a deployment.
const RULES_MAX: usize = 20;

/// How a case ended, as rules count it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The case.
    pub case: CaseId,
    /// When it ended.
    pub ended_at: Time,
    /// Whether it ended unreleased.
    pub rejected: bool,
    /// Whether the first readers differed.
    pub discordant: bool,
    /// Whether a critical finding stands.
    pub critical: bool,
}

impl Outcome {
    fn counts_as(&self, counted: Counted) -> bool {
        match counted {
            Counted::Rejected => self.rejected,
            Counted::Discordant => self.discordant,
            Counted::CriticalFinding => self.critical,
        }
    }
}

/// What rules look at.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// Cases of the deployment that ended in its present stage, in the order in which they ended.
    pub own: &'a [Outcome],
    /// The same of every deployment of its model version.
    pub pooled: &'a [Outcome],
    /// When series arrived for the deployment, in order: fifteen days and more.
    pub arrivals: &'a [Time],
    /// Since when the deployment is at its stage.
    pub since: Time,
    /// Now.
    pub now: Time,
}

/// The rules that every deployment begins with.
pub fn standard() -> StopRules {
    let rule = |name: &str, test| StopRule { name: name.to_owned(), test };
    StopRules {
        false_alarms_per_year: 0.5,
        cases_per_month: 200.0,
        rules: vec![
            rule("critical finding", StopTest::SingleEvent { counted: Counted::CriticalFinding }),
            rule(
                "rejections rise",
                StopTest::Cusum {
                    counted: Counted::Rejected,
                    baseline: 0.02,
                    alarm: 0.06,
                    share: 1.0,
                    pooled: false,
                },
            ),
            rule("nothing arrives", StopTest::Silence { hours: 24, expected_min: 5.0 }),
            rule(
                "rejections of the last 50",
                StopTest::Window { counted: Counted::Rejected, cases: 50, share_max: 0.10 },
            ),
            rule(
                "differing readers of the last 50",
                StopTest::Window { counted: Counted::Discordant, cases: 50, share_max: 0.16 },
            ),
        ],
    }
}

/// Whether rules can be put in force.
pub fn check(rules: &StopRules) -> Result<(), Refusal> {
    let sound = |number: f64| number.is_finite() && number > 0.0;
    if !sound(rules.false_alarms_per_year) || !sound(rules.cases_per_month) {
        return Err(refused("the budget and the monthly number must be above zero", "give both"));
    }
    if rules.rules.is_empty() || rules.rules.len() > RULES_MAX {
        return Err(refused("a deployment has 1 to 20 rules", "add or take away rules"));
    }
    let acts = |rule: &StopRule| action(&rule.test) != StopAction::Inform;
    if !rules.rules.iter().any(acts) {
        return Err(refused(
            "no rule would stop the deployment",
            "keep a sequential test or a single-event rule",
        ));
    }
    let mut names: Vec<&str> = rules.rules.iter().map(|rule| rule.name.trim()).collect();
    names.sort_unstable();
    names.dedup();
    if names.len() != rules.rules.len() || names.contains(&"") {
        return Err(refused("each rule needs a name of its own", "name them differently"));
    }
    let shares: f64 = rules.rules.iter().filter_map(|rule| budget_share(&rule.test)).sum();
    if shares > 1.0 + 1e-9 {
        return Err(refused(
            &format!("the shares of the budget of false alarms sum to {shares:.2}"),
            "give shares that sum to 1 at most",
        ));
    }
    rules.rules.iter().try_for_each(|rule| check_rule(rule, rules))
}

fn check_rule(rule: &StopRule, rules: &StopRules) -> Result<(), Refusal> {
    let good = match &rule.test {
        StopTest::Cusum { share, .. } => *share > 0.0 && cusum(&rule.test, rules).is_some(),
        StopTest::SingleEvent { .. } => true,
        StopTest::Silence { hours, expected_min } => (1..=168).contains(hours) && *expected_min >= 1.0,
        StopTest::Window { cases, share_max, .. } => {
            (5..=1_000).contains(cases) && (0.0..1.0).contains(share_max)
        }
    };
    if good {
        return Ok(());
    }
    Err(refused(
        &format!("the rule '{}' can't work", rule.name),
        "a baseline above 0, an alarm rate well above it, a share above 0; 1 to 168 hours and at least 1 expected \
         series; windows of 5 to 1000 cases",
    ))
}

fn refused(message: &str, remedy: &str) -> Refusal {
    Refusal::new("stop_rules_malformed", message, remedy)
}

fn budget_share(test: &StopTest) -> Option<f64> {
    match test {
        StopTest::Cusum { share, .. } => Some(*share),
        _ => None,
    }
}

/// What a firing does.
pub fn action(test: &StopTest) -> StopAction {
    match test {
        StopTest::Cusum { .. } => StopAction::Demote,
        StopTest::SingleEvent { .. } => StopAction::Suspend,
        StopTest::Silence { .. } | StopTest::Window { .. } => StopAction::Inform,
    }
}

/// The chart of a CUSUM rule: its bound keeps the rule's share of the budget.
pub(crate) fn cusum(test: &StopTest, rules: &StopRules) -> Option<BernoulliCusum> {
    let StopTest::Cusum { baseline, alarm, share, .. } = test else { return None };
    let cases_to_false_alarm = rules.cases_per_month * 12.0 / (rules.false_alarms_per_year * share);
    BernoulliCusum::new(*baseline, *alarm, cases_to_false_alarm)
}

/// Where each rule stands.
pub fn states(rules: &StopRules, seen: &Seen<'_>) -> Vec<RuleState> {
    rules.rules.iter().map(|rule| state(rule, rules, seen)).collect()
}

fn state(rule: &StopRule, rules: &StopRules, seen: &Seen<'_>) -> RuleState {
    match &rule.test {
        StopTest::Cusum { counted, pooled, .. } => {
            let outcomes = if *pooled { seen.pooled } else { seen.own };
            cusum_state(rule, *counted, outcomes, cusum(&rule.test, rules))
        }
        StopTest::SingleEvent { counted } => single_state(rule, *counted, seen.own),
        StopTest::Silence { hours, expected_min } => silence_state(rule, *hours, *expected_min, seen),
        StopTest::Window { counted, cases, share_max } => {
            window_state(rule, *counted, seen.own, (*cases as usize, *share_max))
        }
    }
}

fn quiet(rule: &StopRule, bound: f64, note: String) -> RuleState {
    RuleState {
        rule: rule.name.clone(),
        action: action(&rule.test),
        value: 0.0,
        bound,
        fired: false,
        case: None,
        cases: 0,
        path: Vec::new(),
        note,
    }
}

fn cusum_state(
    rule: &StopRule,
    counted: Counted,
    outcomes: &[Outcome],
    chart: Option<BernoulliCusum>,
) -> RuleState {
    // Rules that could not make a chart are refused before they are in force.
    let Some(chart) = chart else { return quiet(rule, f64::MAX, "the rule can't work".to_owned()) };
    let note = format!(
        "each {} case adds {} points, any other takes one off; at {} the deployment goes down one stage",
        noun(counted),
        chart.step,
        chart.bound
    );
    let mut state = quiet(rule, f64::from(chart.bound), note);
    let mut points = 0;
    for outcome in outcomes {
        points = chart.after(points, outcome.counts_as(counted));
        step(&mut state, f64::from(points), chart.fires_at(points), &outcome.case);
        if state.fired {
            break;
        }
    }
    state
}

fn single_state(rule: &StopRule, counted: Counted, outcomes: &[Outcome]) -> RuleState {
    let note = format!("one {} case suspends the deployment", noun(counted));
    let mut state = quiet(rule, 1.0, note);
    for outcome in outcomes {
        let events = state.value + f64::from(u8::from(outcome.counts_as(counted)));
        step(&mut state, events, events >= 1.0, &outcome.case);
    }
    state
}

fn window_state(
    rule: &StopRule,
    counted: Counted,
    outcomes: &[Outcome],
    (cases, share_max): (usize, f64),
) -> RuleState {
    let note = format!(
        "informs when more than {:.0} % of the last {cases} cases are {}; over months this happens by chance",
        share_max * 100.0,
        noun(counted)
    );
    let mut state = quiet(rule, share_max, note);
    let mut window = Window::new(cases, share_max);
    for outcome in outcomes {
        let fires = window.see(outcome.counts_as(counted));
        step(&mut state, window.share(), fires, &outcome.case);
    }
    state
}

/// Takes one case into the state of a rule.
fn step(state: &mut RuleState, value: f64, fires: bool, case: &CaseId) {
    state.cases += 1;
    state.value = value;
    if state.path.len() == PATH_MAX {
        state.path.remove(0);
    }
    state.path.push(value);
    if fires && !state.fired {
        state.fired = true;
        state.case = Some(case.clone());
    }
}

fn silence_state(rule: &StopRule, hours: u32, expected_min: f64, seen: &Seen<'_>) -> RuleState {
    let span = TimeDelta::hours(i64::from(hours));
    let start = seen.now - span;
    let usual_start = start - TimeDelta::days(USUAL_DAYS);
    let usual: Vec<Time> =
        seen.arrivals.iter().copied().filter(|at| (usual_start..start).contains(at)).collect();
    let arrived = seen.arrivals.iter().filter(|at| **at >= start).count();
    let known_hours = usual.first().map_or(0, |first| (start - *first).num_hours().max(i64::from(hours)));
    let expected =
        if known_hours == 0 { 0.0 } else { usual.len() as f64 / known_hours as f64 * f64::from(hours) };
    let note = format!("in the last {hours} h {expected:.0} series were expected, {arrived} arrived");
    let watched = seen.now - seen.since >= span;
    RuleState {
        value: arrived as f64,
        fired: watched && arrived == 0 && expected >= expected_min,
        ..quiet(rule, expected, note)
    }
}

/// A counted case, in words.
pub(crate) fn noun(counted: Counted) -> &'static str {
    match counted {
        Counted::Rejected => "rejected",
        Counted::Discordant => "discordant",
        Counted::CriticalFinding => "critical",
    }
}

/// A rule, in one line.
pub fn line(rule: &StopRule) -> String {
    let name = &rule.name;
    match &rule.test {
        StopTest::Cusum { counted, baseline, alarm, share, pooled } => {
            let pool = if *pooled { ", pooled over the sites of the model version" } else { "" };
            let counted = noun(*counted);
            format!("{name}: CUSUM of {counted} cases, {baseline} to {alarm}, {share} of the budget{pool}")
        }
        StopTest::SingleEvent { counted } => format!("{name}: one {} case", noun(*counted)),
        StopTest::Silence { hours, expected_min } => {
            format!("{name}: nothing in {hours} h where at least {expected_min} were expected")
        }
        StopTest::Window { counted, cases, share_max } => {
            format!("{name}: more than {share_max} of the last {cases} are {}", noun(*counted))
        }
    }
}

/// What is otherwise in `now` than in `former`.
pub fn difference(now: &StopRules, former: &StopRules) -> Vec<String> {
    let lines = |rules: &StopRules| -> Vec<String> {
        let budget = format!("{} false alarms a year", rules.false_alarms_per_year);
        let volume = format!("{} cases a month", rules.cases_per_month);
        [budget, volume].into_iter().chain(rules.rules.iter().map(line)).collect()
    };
    let (now, before) = (lines(now), lines(former));
    let gone = before.iter().filter(|line| !now.contains(line)).map(|line| format!("\u{2212} {line}"));
    let come = now.iter().filter(|line| !before.contains(line)).map(|line| format!("+ {line}"));
    gone.chain(come).collect()
}

#[cfg(test)]
mod tests;
