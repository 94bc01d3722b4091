//! How often something was invented, lost or distorted.

use super::{CONFIDENCE, count, with_interval};
use contract::audit::{Group, OverdueFigure, RateFigure};
use contract::review::{EndedCase, FindingKind, Severity};
use evaluation::statistics::clopper_pearson;

const KINDS: [FindingKind; 3] = [FindingKind::Invented, FindingKind::Lost, FindingKind::Distorted];
const SEVERITIES: [Severity; 3] = [Severity::Minor, Severity::Major, Severity::Critical];

/// The rates of a group, of each kind by severity.
pub(super) fn rates(group: &Group, cases: &[&EndedCase], shown: bool) -> Vec<RateFigure> {
    let rate = |kind, severity| {
        let has = |case: &&&EndedCase| {
            case.confirmed.iter().any(|finding| finding.kind == kind && finding.severity >= severity)
        };
        let with = cases.iter().filter(has).map(|case| case.id.clone());
        let mut figure = RateFigure {
            group: group.clone(),
            kind,
            severity,
            count: count(cases.len()),
            cases: Vec::new(),
            rate: None,
        };
        if shown && !cases.is_empty() {
            figure.cases = with.collect();
            let (found, of) = (figure.cases.len() as u64, cases.len() as u64);
            let interval = clopper_pearson(found, of, CONFIDENCE);
            figure.rate = Some(with_interval(found as f64 / of as f64, interval.low, interval.high));
        }
        figure
    };
    KINDS.into_iter().flat_map(|kind| SEVERITIES.map(|severity| rate(kind, severity))).collect()
}

/// How many cases of a group ended too late; only a count where it is too small to be shown.
pub(super) fn overdue(group: &Group, cases: &[&EndedCase], shown: bool) -> OverdueFigure {
    let mut figure =
        OverdueFigure { group: group.clone(), count: count(cases.len()), cases: Vec::new(), rate: None };
    if shown && !cases.is_empty() {
        let late = cases.iter().filter(|case| case.ended_at > case.due_at);
        figure.cases = late.map(|case| case.id.clone()).collect();
        let (found, of) = (figure.cases.len() as u64, cases.len() as u64);
        let interval = clopper_pearson(found, of, CONFIDENCE);
        figure.rate = Some(with_interval(found as f64 / of as f64, interval.low, interval.high));
    }
    figure
}
