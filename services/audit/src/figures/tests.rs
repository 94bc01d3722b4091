use super::*;
use contract::audit::{GroupBy, Span};
use contract::review::{BlindRead, ConfirmedFinding, FindingKind, Severity};
use contract::rollout::Stage;
use contract::{CaseId, ReadId, Time, UserId};

pub(crate) fn case(number: u128, verdicts: [Verdict; 2]) -> EndedCase {
    let queued_at: Time = "2026-11-01T08:00:00Z".parse().unwrap();
    let minutes = |count: i64| queued_at + chrono::TimeDelta::minutes(count);
    let read = |at: usize| BlindRead {
        id: ReadId::from_bits(number * 2 + at as u128),
        // Whoever is first: the pair is one pair.
        reader: UserId::from_bits((number + at as u128) % 2),
        printed_name: format!("Dr. {}", (number + at as u128) % 2),
        verdict: verdicts[at],
        opened_at: Some(minutes(10)),
        signed_at: minutes(15 + number as i64),
    };
    EndedCase {
        id: CaseId::from_bits(number),
        run: contract::RunId::from_bits(number),
        series: SeriesId::from_bits(1),
        model: ModelVersionId::from_bits(1),
        deployment: DeploymentId::from_bits(1),
        stage: Stage::General,
        queued_at,
        ended_at: minutes(20 + number as i64),
        due_at: minutes(50),
        accepted: true,
        discordant: verdicts[0] != verdicts[1],
        first_reads: [read(0), read(1)],
        deciding_read: None,
        confirmed: Vec::new(),
    }
}

/// irrCAC 0.4.4 over [[22, 0, 2], [0, 0, 0], [4, 0, 11]], identity weights.
const AC1: f64 = 0.800_170_794_193;

/// 22 times both accept, 2 and 4 times they differ, 11 times both reject.
fn cases() -> Vec<EndedCase> {
    let (yes, no) = (Verdict::Accept, Verdict::Reject);
    let verdicts = [([yes, yes], 22), ([yes, no], 2), ([no, yes], 4), ([no, no], 11)];
    let verdicts = verdicts.into_iter().flat_map(|(pair, times)| std::iter::repeat_n(pair, times));
    verdicts.enumerate().map(|(number, pair)| case(number as u128, pair)).collect()
}

fn all<T>(figures: &[T], group: impl Fn(&T) -> &Group) -> &T {
    figures.iter().find(|figure| group(figure).by == GroupBy::All).unwrap()
}

#[test]
fn agreement_counts_blind_first_reads_and_leads_to_the_cases() {
    let figures = figures(&cases(), &Names::default(), 10);
    let figure = all(&figures.agreement, |figure| &figure.group);
    assert_eq!((figure.count, figure.cases.len(), figure.differing.len()), (39, 39, 6));
    assert_eq!(figure.differing[0], CaseId::from_bits(22));
    // Two of three categories were used: kappa and AC1 of irrCAC 0.4.4 over [[22, 0, 2], [0, 0, 0], [4, 0, 11]].
    assert!((figure.kappa.unwrap().value - 0.666_666_666_666_67).abs() < 1e-9);
    assert!((figure.observed.unwrap().value - 33.0 / 39.0).abs() < 1e-12);
    assert!((figure.ac1.unwrap().value - AC1).abs() < 1e-9);
}

#[test]
fn whoever_reads_first_a_pair_of_readers_is_one_group() {
    let figures = figures(&cases(), &Names::default(), 10);
    let pairs: Vec<_> =
        figures.agreement.iter().filter(|figure| figure.group.by == GroupBy::ReaderPair).collect();
    assert_eq!(pairs.len(), 1);
    assert_eq!((pairs[0].count, pairs[0].group.label.as_str()), (39, "Dr. 0, Dr. 1"));
}

#[test]
fn a_group_below_the_minimum_shows_how_many_and_nothing_else() {
    let figures = figures(&cases()[..9], &Names::default(), 10);
    let agreement = all(&figures.agreement, |figure| &figure.group);
    assert_eq!(agreement.count, 9);
    assert!(agreement.observed.is_none() && agreement.kappa.is_none() && agreement.ac1.is_none());
    assert!(agreement.cases.is_empty() && agreement.differing.is_empty());
    assert!(figures.rates.iter().all(|rate| rate.rate.is_none() && rate.cases.is_empty()));
    let turnaround = figures.times.iter().find(|time| time.span == Span::Turnaround).unwrap();
    assert!(turnaround.median_s.is_none() && turnaround.cases.is_empty());
}

#[test]
fn rates_count_confirmed_findings_at_least_as_grave_with_exact_intervals() {
    let mut cases = cases();
    let finding = |severity| ConfirmedFinding { kind: FindingKind::Lost, severity, centre_mm: None };
    cases[3].confirmed = vec![finding(Severity::Minor)];
    cases[5].confirmed = vec![finding(Severity::Critical), finding(Severity::Minor)];
    let figures = figures(&cases, &Names::default(), 10);
    let rate = |severity| {
        let of = |rate: &&contract::audit::RateFigure| {
            rate.group.by == GroupBy::All && rate.kind == FindingKind::Lost && rate.severity == severity
        };
        figures.rates.iter().find(of).unwrap()
    };
    assert_eq!(rate(Severity::Minor).cases, [CaseId::from_bits(3), CaseId::from_bits(5)]);
    assert_eq!(rate(Severity::Critical).cases, [CaseId::from_bits(5)]);
    let interval = clopper(1, 39);
    let critical = rate(Severity::Critical).rate.unwrap();
    assert_eq!((critical.low.unwrap(), critical.high.unwrap()), interval);
}

fn clopper(found: u64, of: u64) -> (f64, f64) {
    let interval = evaluation::statistics::clopper_pearson(found, of, 0.95);
    (interval.low, interval.high)
}

#[test]
fn times_are_percentiles_and_lead_to_the_slowest_cases_first() {
    let figures = figures(&cases(), &Names::default(), 10);
    let of =
        |span| figures.times.iter().find(|time| time.group.by == GroupBy::All && time.span == span).unwrap();
    let turnaround = of(Span::Turnaround);
    // 20 to 58 minutes in steps of one.
    assert_eq!(turnaround.median_s, Some(39.0 * 60.0));
    assert_eq!(turnaround.cases[0], CaseId::from_bits(38));
    assert_eq!(of(Span::Reading).count, 78);
    assert_eq!(of(Span::Reading).cases.len(), 39);
    assert_eq!(of(Span::Adjudication).count, 6);
    assert_eq!(of(Span::FirstReader).p95_s, Some(600.0));
}
