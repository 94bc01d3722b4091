//! How long things take.

use super::count;
use contract::audit::{Group, Span, TimeFigure};
use contract::review::{BlindRead, EndedCase};
use contract::{CaseId, Time};
use evaluation::agreement::percentile;
use std::collections::HashSet;

const SPANS: [Span; 5] =
    [Span::Turnaround, Span::FirstReader, Span::SecondReader, Span::Adjudication, Span::Reading];

/// The times of a group.
pub(super) fn times(group: &Group, cases: &[&EndedCase], minimum: u32) -> Vec<TimeFigure> {
    SPANS.map(|span| time(group, span, cases, minimum)).into()
}

fn time(group: &Group, span: Span, cases: &[&EndedCase], minimum: u32) -> TimeFigure {
    let mut taken: Vec<(f64, &CaseId)> =
        cases.iter().flat_map(|case| seconds(span, case).into_iter().map(|s| (s, &case.id))).collect();
    taken.sort_by(|one, other| other.0.total_cmp(&one.0));
    let mut values: Vec<f64> = taken.iter().map(|(seconds, _)| *seconds).collect();
    let shown = taken.len() >= minimum as usize;
    let mut at = |rank| if shown { percentile(&mut values, rank) } else { None };
    let (median_s, p90_s, p95_s) = (at(0.5), at(0.9), at(0.95));
    let mut behind: Vec<CaseId> = Vec::new();
    if shown {
        let mut seen = HashSet::new();
        for (_, case) in &taken {
            // A case with two reads is behind the figure once.
            if seen.insert(*case) {
                behind.push((*case).clone());
            }
        }
    }
    TimeFigure {
        group: group.clone(),
        span,
        count: count(taken.len()),
        cases: behind,
        median_s,
        p90_s,
        p95_s,
    }
}

/// What a case adds to a span: nothing where it was not measured.
fn seconds(span: Span, case: &EndedCase) -> Vec<f64> {
    let between = |from: Time, to: Time| (to - from).as_seconds_f64().max(0.0);
    let mut opened: Vec<Time> = case.first_reads.iter().filter_map(|read| read.opened_at).collect();
    opened.sort();
    let reading = |read: &BlindRead| read.opened_at.map(|opened| between(opened, read.signed_at));
    match span {
        Span::Turnaround => vec![between(case.queued_at, case.ended_at)],
        Span::FirstReader => opened.first().map(|at| between(case.queued_at, *at)).into_iter().collect(),
        Span::SecondReader => opened.get(1).map(|at| between(case.queued_at, *at)).into_iter().collect(),
        Span::Adjudication if case.discordant => {
            let last = case.first_reads.iter().map(|read| read.signed_at).max();
            last.map(|last| between(last, case.ended_at)).into_iter().collect()
        }
        Span::Adjudication => Vec::new(),
        Span::Reading => case.first_reads.iter().filter_map(reading).collect(),
    }
}
