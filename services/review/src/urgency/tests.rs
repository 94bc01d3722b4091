//! The order of worklists, as properties.

use super::*;
use crate::fixtures::{
    act, adjudicator, case, content, critical_rejection, open, radiologist, reads, settle, start,
};
use crate::workflow::Command;
use contract::CaseId;
use contract::review::Verdict;
use proptest::prelude::*;

fn waiting(priority: usize, queued: i64) -> Waiting {
    Waiting::new(&Policy::default(), Priority::ALL[priority], minute(queued))
}

fn minute(minutes: i64) -> Time {
    start() + TimeDelta::minutes(minutes)
}

fn case_of(number: u128, priority: usize, queued: i64) -> Case {
    Case {
        id: CaseId::from_bits(number),
        priority: Priority::ALL[priority],
        queued_at: minute(queued),
        ..case()
    }
}

fn key(reader: u128, case: &Case, now: Time) -> String {
    worklist_key(&radiologist(reader).user, case, false, as_of(None, now), 60)
}

#[test]
fn by_default_a_stat_case_is_due_in_half_an_hour_and_a_routine_one_in_a_day() {
    let due = [0, 1, 2, 3].map(|priority| (waiting(priority, 0).due_at - start()).num_minutes());
    assert_eq!(due, [30, 120, 1_440, 4_320]);
    let steps = |priority: usize| {
        let waiting = waiting(priority, 0);
        [start(), waiting.escalates_at, waiting.due_at].map(|now| waiting.urgency(now).step)
    };
    assert_eq!([0, 1, 2, 3].map(steps), [[1, 0, 0], [3, 2, 2], [4, 3, 2], [5, 4, 2]]);
}

#[test]
fn about_as_old_cases_come_in_an_order_of_ones_own() {
    let cases: Vec<Case> = (0..8).map(|number| case_of(number, 2, 0)).collect();
    let order = |reader: u128| {
        let mut sorted: Vec<&Case> = cases.iter().collect();
        sorted.sort_by_key(|case| key(reader, case, start()));
        sorted.into_iter().map(|case| case.id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(order(1), order(1));
    assert_ne!(order(1), order(2));
}

#[test]
fn what_one_holds_comes_before_a_stat_case() {
    let (mine, stat) = (case_of(1, 3, 0), case_of(2, 0, 0));
    let held = worklist_key(&radiologist(1).user, &mine, true, as_of(None, start()), 60);
    assert!(held < key(1, &stat, start()));
}

#[test]
fn a_list_goes_on_as_of_the_minute_in_which_it_was_begun() {
    let later = minute(90);
    let first = key(1, &case_of(1, 1, 0), start());
    assert_eq!(as_of(Some(&first), later), start());
    for nonsense in ["", "zz", "ffffffffffffffff", "7fffffffffffffff0", "ééééééééé"] {
        assert!(as_of(Some(nonsense), later) <= later, "{nonsense}");
    }
}

/// What readers may do to a case, by number.
fn done(case: &mut Case, what: u8) {
    let now = start();
    match what {
        0 => {}
        1 => open(case, &radiologist(2), now).unwrap(),
        2 => reads(case, &radiologist(2), content(Verdict::Accept), now),
        3 => reads(case, &radiologist(2), critical_rejection(), now),
        4 => reads(case, &radiologist(2), content(Verdict::CannotJudge), now),
        _ => {
            reads(case, &radiologist(2), content(Verdict::Accept), now);
            reads(case, &radiologist(3), content(Verdict::Reject), now);
            settle(case, now);
            if what > 5 {
                open(case, &adjudicator(9), now).unwrap();
            }
        }
    }
}

proptest! {
    #[test]
    fn no_act_of_a_reader_moves_a_case_in_anybodys_worklist(
        priority in 0..4_usize,
        queued in -10_000..0_i64,
        acts in 0..7_u8,
        later in 0..5_000_i64,
    ) {
        let plain = case_of(1, priority, queued);
        // Whatever is done is done before anything expires.
        let mut other = Case { queued_at: start(), ..plain.clone() };
        done(&mut other, acts);
        other.queued_at = plain.queued_at;
        for reader in 1..4 {
            prop_assert_eq!(key(reader, &plain, minute(later)), key(reader, &other, minute(later)));
        }
    }

    #[test]
    fn urgency_only_grows(priority in 0..4_usize, one in 0..20_000_i64, more in 0..20_000_i64) {
        let waiting = waiting(priority, 0);
        let (before, after) = (waiting.urgency(minute(one)), waiting.urgency(minute(one + more)));
        prop_assert!(after.step <= before.step && after.standing >= before.standing);
        prop_assert_eq!(after.due_at, before.due_at);
    }

    #[test]
    fn the_more_urgent_of_two_cases_of_an_age_never_comes_later(
        one in 0..4_usize,
        other in 0..4_usize,
        now in 0..20_000_i64,
    ) {
        prop_assume!(one < other);
        let step = |priority: usize| waiting(priority, 0).urgency(minute(now)).step;
        prop_assert!(step(one) <= step(other));
    }

    #[test]
    fn the_older_of_two_cases_of_a_priority_never_waits_for_the_younger(
        priority in 0..4_usize,
        queued in 0..20_000_i64,
        younger in 60..20_000_i64,
        later in 0..20_000_i64,
    ) {
        let (old, new) = (case_of(1, priority, queued), case_of(2, priority, queued + younger));
        let now = minute(queued + younger + later);
        prop_assert!(key(1, &old, now) < key(1, &new, now));
    }

    #[test]
    fn once_overdue_a_case_waits_for_nothing_younger_but_what_is_stat(
        priority in 0..4_usize,
        other in 1..4_usize,
        younger in 60..20_000_i64,
        later in 0..20_000_i64,
    ) {
        let old = case_of(1, priority, 0);
        let new = case_of(2, other, younger);
        let now = old.due_at().max(new.queued_at) + TimeDelta::minutes(later);
        prop_assert!(key(1, &old, now) < key(1, &new, now));
    }

    #[test]
    fn pages_of_a_list_join_whatever_becomes_urgent_between_them(
        cases in proptest::collection::vec((0..4_usize, -5_000..0_i64), 2..12),
        size in 1..5_usize,
        pause in 0..3_000_i64,
    ) {
        let numbered = (1_u128..).zip(cases);
        let cases: Vec<Case> = numbered.map(|(number, (priority, queued))| case_of(number, priority, queued)).collect();
        let reader = radiologist(1).user;
        let page = |after: Option<&str>, now: Time| {
            let as_of = as_of(after, now);
            let keys = cases.iter().map(|case| worklist_key(&reader, case, false, as_of, 60));
            let mut keys: Vec<String> = keys.filter(|key| after.is_none_or(|after| key.as_str() > after)).collect();
            keys.sort();
            keys.truncate(size);
            keys
        };
        let (mut listed, mut now) = (Vec::new(), start());
        loop {
            let next = page(listed.last().map(String::as_str), now);
            if next.is_empty() {
                break;
            }
            listed.extend(next);
            now += TimeDelta::minutes(pause);
        }
        let mut all: Vec<String> =
            cases.iter().map(|case| worklist_key(&reader, case, false, as_of(None, start()), 60)).collect();
        all.sort();
        prop_assert_eq!(listed, all);
    }
}

#[test]
fn another_priority_is_another_place_for_everybody() {
    let mut case = case_of(1, 2, 0);
    let by = radiologist(22).user;
    let words = "the patient goes to theatre".to_owned();
    act(&mut case, &Command::ChangePriority { priority: Priority::Stat, by, words }, start()).unwrap();
    for reader in [1, 2] {
        assert!(key(reader, &case, start()) < key(reader, &case_of(2, 1, -600), start()));
    }
}
