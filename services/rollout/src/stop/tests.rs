//! What stop rules make of a stream.

use super::*;
use proptest::prelude::*;

fn start() -> Time {
    "2026-11-01T08:00:00Z".parse().unwrap()
}

fn outcomes(rejected: impl IntoIterator<Item = bool>) -> Vec<Outcome> {
    let outcome = |(number, rejected): (usize, bool)| Outcome {
        case: CaseId::from_bits(number as u128),
        ended_at: start() + TimeDelta::minutes(number as i64),
        rejected,
        discordant: false,
        critical: false,
    };
    rejected.into_iter().enumerate().map(outcome).collect()
}

fn seen<'a>(own: &'a [Outcome], arrivals: &'a [Time], now: Time) -> Seen<'a> {
    Seen { own, pooled: own, arrivals, since: start(), now }
}

fn state_of(name: &str, rules: &StopRules, seen: &Seen<'_>) -> RuleState {
    states(rules, seen).into_iter().find(|state| state.rule == name).unwrap()
}

#[test]
fn the_standard_rules_can_be_put_in_force() {
    assert_eq!(check(&standard()), Ok(()));
}

#[test]
fn rejections_that_rise_fire_and_few_among_many_do_not() {
    let few = outcomes((0..1_000).map(|number| number % 100 == 0));
    let state = state_of("rejections rise", &standard(), &seen(&few, &[], start()));
    assert!(!state.fired && state.cases == 1_000, "{state:?}");
    let many = outcomes((0..300).map(|number| number % 8 == 0));
    let state = state_of("rejections rise", &standard(), &seen(&many, &[], start()));
    assert!(state.fired && state.value >= state.bound && state.cases < 150, "{state:?}");
    assert_eq!(state.case, Some(CaseId::from_bits(u128::from(state.cases) - 1)));
    assert_eq!(state.action, StopAction::Demote);
}

#[test]
fn one_critical_finding_suspends() {
    let mut cases = outcomes([false; 20]);
    cases[7].critical = true;
    let state = state_of("critical finding", &standard(), &seen(&cases, &[], start()));
    assert!(state.fired && state.action == StopAction::Suspend);
    assert_eq!(state.case, Some(CaseId::from_bits(7)));
}

#[test]
fn a_window_informs_and_never_demotes() {
    let cases = outcomes((0..60).map(|number| number % 5 == 0));
    let state = state_of("rejections of the last 50", &standard(), &seen(&cases, &[], start()));
    assert!(state.fired && state.action == StopAction::Inform);
}

#[test]
fn a_pooled_rule_sees_the_cases_of_other_sites() {
    let mut rules = standard();
    for rule in &mut rules.rules {
        if let StopTest::Cusum { pooled, .. } = &mut rule.test {
            *pooled = true;
        }
    }
    let elsewhere = outcomes([true; 12]);
    let seen = Seen { pooled: &elsewhere, ..seen(&[], &[], start()) };
    assert!(state_of("rejections rise", &rules, &seen).fired);
    assert!(!state_of("rejections rise", &standard(), &seen).fired);
}

/// Twenty series a day from eight to six, for fourteen days.
fn two_weeks() -> Vec<Time> {
    let day = |day: i64| {
        (0..20).map(move |number| start() + TimeDelta::days(day) + TimeDelta::minutes(30 * number))
    };
    (0..14).flat_map(day).collect()
}

#[test]
fn r13_a_deployment_that_gets_nothing_any_more_is_told_within_a_day() {
    let arrivals = two_weeks();
    let last = *arrivals.last().unwrap();
    let silent = |hours: i64| {
        let now = last + TimeDelta::hours(hours);
        state_of("nothing arrives", &standard(), &seen(&[], &arrivals, now))
    };
    assert!(!silent(23).fired);
    let state = silent(25);
    assert!(state.fired && state.value.abs() < f64::EPSILON, "{state:?}");
    assert!((18.0..22.0).contains(&state.bound), "about twenty were expected: {state:?}");
    assert_eq!(state.action, StopAction::Inform);
}

#[test]
fn a_deployment_that_never_got_much_is_not_called_silent() {
    let weekly = [start(), start() + TimeDelta::days(7)];
    let now = start() + TimeDelta::days(13);
    assert!(!state_of("nothing arrives", &standard(), &seen(&[], &weekly, now)).fired);
    assert!(!state_of("nothing arrives", &standard(), &seen(&[], &[], now)).fired);
}

#[test]
fn rules_that_would_stop_nothing_or_overdraw_the_budget_are_refused() {
    let mut informing = standard();
    informing.rules.retain(|rule| action(&rule.test) == StopAction::Inform);
    assert!(check(&informing).unwrap_err().message.contains("no rule would stop"));
    let mut twice = standard();
    let second = StopRule { name: "again".to_owned(), ..twice.rules[1].clone() };
    twice.rules.push(second);
    assert!(check(&twice).unwrap_err().message.contains("sum to 2.00"));
    let mut same = standard();
    same.rules[0].name = same.rules[1].name.clone();
    assert!(check(&same).is_err());
    let mut nonsense = standard();
    let impossible =
        StopTest::Cusum { counted: Counted::Rejected, baseline: 0.2, alarm: 0.1, share: 1.0, pooled: false };
    nonsense.rules[1].test = impossible;
    assert!(check(&nonsense).unwrap_err().message.contains("can't work"));
}

#[test]
fn a_change_is_told_as_what_went_and_what_came() {
    let mut changed = standard();
    changed.false_alarms_per_year = 0.25;
    assert_eq!(
        difference(&changed, &standard()),
        ["\u{2212} 0.5 false alarms a year", "+ 0.25 false alarms a year"]
    );
}

proptest! {
    #[test]
    fn a_rejection_more_never_keeps_a_rule_from_firing(rejected in prop::collection::vec(any::<bool>(), 1..200), at: prop::sample::Index) {
        let fired = |rejected: &[bool]| {
            let cases = outcomes(rejected.iter().copied());
            state_of("rejections rise", &standard(), &seen(&cases, &[], start())).fired
        };
        let mut more = rejected.clone();
        let place = at.index(more.len());
        more[place] = true;
        prop_assert!(!fired(&rejected) || fired(&more));
    }

    #[test]
    fn what_has_fired_stays_fired(rejected in prop::collection::vec(any::<bool>(), 1..200), cut: prop::sample::Index) {
        let cases = outcomes(rejected.iter().copied());
        let early = &cases[..cut.index(cases.len())];
        for (before, after) in
            states(&standard(), &seen(early, &[], start())).iter().zip(states(&standard(), &seen(&cases, &[], start())))
        {
            prop_assert!(!before.fired || after.fired, "{} fired and then had not", before.rule);
        }
    }
}
