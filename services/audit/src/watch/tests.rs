use super::*;
use crate::figures::tests::case;
use contract::audit::{ChartBy, NoticeKind, Statistic};
use contract::generation::RegionKind;
use contract::review::{ConfirmedFinding, Verdict};

const MINIMUM: u32 = 10;

fn start() -> Time {
    "2026-08-03T08:00:00Z".parse().unwrap()
}

/// Ten cases a week for `weeks` weeks, every tenth read differently, on scanner A.
pub(crate) fn calm(weeks: u32) -> Gathered {
    let mut gathered = Gathered::default();
    for number in 0..u128::from(weeks) * 10 {
        let differs = number % 10 == 3;
        let verdicts = [Verdict::Accept, if differs { Verdict::Reject } else { Verdict::Accept }];
        let mut ended = case(number, verdicts);
        // Everything else of the case moves along: times within it stay as they were.
        let queued_at = start() + TimeDelta::hours(16) * number as i32;
        let shift = queued_at - ended.queued_at;
        ended.queued_at = queued_at;
        // Between half an hour and two, in no order.
        ended.ended_at = queued_at + TimeDelta::minutes(30 + (number * 37 % 90) as i64);
        for read in &mut ended.first_reads {
            read.opened_at = read.opened_at.map(|at| at + shift);
            read.signed_at = queued_at + TimeDelta::minutes(15 + (number * 53 % 11) as i64);
        }
        ended.series = SeriesId::from_bits(number);
        gathered.names.scanners.insert(ended.series.clone(), "A".to_owned());
        let facts = RunFacts { domain: Some((number * 61 % 97) as f64 / 97.0), ..RunFacts::default() };
        gathered.runs.insert(ended.run.clone(), facts);
        gathered.cases.push(ended);
    }
    gathered
}

fn end(gathered: &Gathered) -> Time {
    gathered.cases.last().unwrap().ended_at + TimeDelta::hours(1)
}

#[test]
fn a_calm_week_says_so_and_how_things_stand() {
    let gathered = calm(12);
    let watched = watched(&gathered, end(&gathered), MINIMUM);
    let kinds: Vec<NoticeKind> = watched.unusual.iter().map(|notice| notice.kind).collect();
    assert_eq!(kinds, [NoticeKind::Calm, NoticeKind::Volume, NoticeKind::Agreement]);
    assert!(watched.unusual.iter().all(|notice| !notice.is_unusual && !notice.sentence.is_empty()));
    assert!(watched.alarms.is_empty() && watched.drift.iter().all(|figure| !figure.is_changed));
    assert!(watched.charts.iter().flat_map(|chart| &chart.points).all(|point| !point.is_outside));
}

#[test]
fn a_week_of_rejections_is_told_first_with_exactly_its_cases() {
    let mut gathered = calm(12);
    let to = end(&gathered);
    let mut rejected = Vec::new();
    for case in gathered.cases.iter_mut().filter(|case| case.ended_at >= to - WEEK) {
        case.accepted = false;
        rejected.push(case.id.clone());
    }
    let watched = watched(&gathered, to, 5);
    let told = watched.unusual.iter().find(|notice| notice.outcome == Some(Outcome::Rejected)).unwrap();
    assert_eq!(told.kind, NoticeKind::OutcomeHigh);
    assert!(told.cases.iter().all(|case| rejected.contains(case)), "{told:?}");
    assert!((told.value - told.cases.len() as f64).abs() < f64::EPSILON);
    assert!(told.sentence.contains(" cases ended unreleased; at most "), "{}", told.sentence);
    assert!((3..=7).contains(&watched.unusual.len()));
}

#[test]
fn one_critical_finding_is_always_told() {
    let mut gathered = calm(12);
    let last = gathered.cases.last_mut().unwrap();
    last.confirmed =
        vec![ConfirmedFinding { kind: FindingKind::Invented, severity: Severity::Critical, centre_mm: None }];
    let id = last.id.clone();
    let watched = watched(&gathered, end(&gathered), MINIMUM);
    assert_eq!((watched.unusual[0].kind, &watched.unusual[0].cases), (NoticeKind::Critical, &vec![id]));
}

#[test]
fn a_new_scanner_is_found_by_comparison_and_by_the_watch() {
    let mut gathered = calm(30);
    let changed = gathered.cases.len() * 3 / 4;
    for case in &gathered.cases[changed..] {
        gathered.names.scanners.insert(case.series.clone(), "B".to_owned());
    }
    let watched = watched(&gathered, end(&gathered), MINIMUM);
    let scanner = watched.drift.iter().find(|figure| figure.statistic == Statistic::Scanner).unwrap();
    assert!(scanner.is_changed && scanner.psi > 0.25 && scanner.cases.len() == 75, "{scanner:?}");
    let alarm = watched.alarms.first().expect("the watch finds it");
    assert_eq!(alarm.statistic, Statistic::Scanner);
    let at = gathered.cases.iter().position(|case| case.id == alarm.case).unwrap();
    assert!((changed..changed + 60).contains(&at), "found at {at}, changed at {changed}");
}

#[test]
fn one_bad_scanner_stands_out_of_the_funnel() {
    let mut gathered = calm(20);
    for (number, case) in gathered.cases.iter_mut().enumerate().filter(|(number, _)| number % 5 == 0) {
        gathered.names.scanners.insert(case.series.clone(), "B".to_owned());
        case.discordant = number % 2 == 0;
    }
    let watched = watched(&gathered, end(&gathered), MINIMUM);
    let is_meant = |chart: &&contract::audit::Chart| {
        chart.by == ChartBy::Scanner && chart.outcome == Outcome::Discordant
    };
    let chart = watched.charts.iter().find(is_meant).unwrap();
    let outside: Vec<_> = chart.points.iter().filter(|point| point.is_outside).collect();
    assert!(outside.iter().any(|point| point.label == "B" && point.found > point.high), "{chart:?}");
    assert_eq!(outside[0].cases.len(), outside[0].found as usize);
}

#[test]
fn findings_are_held_against_what_the_map_flagged() {
    let mut gathered = calm(2);
    let at = |x: f64| ConfirmedFinding {
        kind: FindingKind::Lost,
        severity: Severity::Major,
        centre_mm: Some([x, 0.0, 0.0]),
    };
    for case in &mut gathered.cases {
        // A sphere of 10 mm about the origin: the first finding lies inside, the second on none.
        let kind = RegionKind::Width;
        let region =
            Region { kind, centre_mm: [0.0; 3], diameter_mm: 10.0, half_width_max: 40.0, slices: (0, 3) };
        // What the worker suspected lies about the other finding, and is none of the map's doing.
        let suspected = [RegionKind::Structure, RegionKind::Disagreement].map(|kind| Region {
            kind,
            centre_mm: [8.0, 0.0, 0.0],
            ..region.clone()
        });
        let listed = [region].into_iter().chain(suspected);
        gathered.runs.get_mut(&case.run).unwrap().regions = listed.collect();
        case.confirmed = vec![at(4.9)];
    }
    gathered.cases[0].confirmed.push(at(5.1));
    let watched = watched(&gathered, end(&gathered), MINIMUM);
    let figure = &watched.flagged[0];
    assert_eq!((figure.count, figure.findings), (20, 21));
    assert!((figure.inside.unwrap().value - 20.0 / 21.0).abs() < 1e-12);
    assert!((figure.flagged_cm3.unwrap() - std::f64::consts::FRAC_PI_6).abs() < 1e-9);
    assert_eq!(figure.cases, [gathered.cases[0].id.clone()]);
    // 20 cases over five bands: none has the minimum but all are counted.
    assert_eq!(watched.domain.iter().map(|band| band.count).sum::<u32>(), 20);
}

#[test]
fn small_numbers_show_nothing() {
    let gathered = calm(1);
    let watched = watched(&gathered, end(&gathered), 11);
    assert!(watched.charts.is_empty() && watched.drift.is_empty() && watched.drift_jointly.is_none());
    assert!(watched.flagged.iter().all(|figure| figure.inside.is_none() && figure.cases.is_empty()));
    assert!(watched.domain.iter().all(|band| band.rate.is_none() && band.cases.is_empty()));
}
