//! How long things take.

use super::{Names, count};
use contract::audit::{Group, Span, TimeFigure};
use contract::review::{BlindRead, EndedCase};
use contract::{CaseId, Time};
use evaluation::agreement::percentile;
use std::collections::HashSet;

const SPANS: [Span; 7] = [
    Span::Turnaround,
    Span::Machine,
    Span::FirstReader,
    Span::SecondReader,
    Span::AdjudicatorWait,
    Span::Adjudication,
    Span::Reading,
];

/// The times of a group.
pub(super) fn times(group: &Group, cases: &[&EndedCase], names: &Names, minimum: u32) -> Vec<TimeFigure> {
    let machine = |case: &EndedCase| names.machine_s.get(&case.run).copied();
    let taken = |span, case: &EndedCase| match span {
        Span::Machine => machine(case).into_iter().collect(),
        span => seconds(span, case),
    };
    SPANS
        .map(|span| time(group, span, cases.iter().map(|case| (taken(span, case), &case.id)), minimum))
        .into()
}

fn time<'c>(
    group: &Group,
    span: Span,
    cases: impl Iterator<Item = (Vec<f64>, &'c CaseId)>,
    minimum: u32,
) -> TimeFigure {
    let mut taken: Vec<(f64, &CaseId)> =
        cases.flat_map(|(seconds, case)| seconds.into_iter().map(move |s| (s, case))).collect();
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
        Span::AdjudicatorWait if case.discordant => {
            let last = case.first_reads.iter().map(|read| read.signed_at).max();
            let opened = case.deciding_read.as_ref().and_then(|read| read.opened_at);
            last.zip(opened).map(|(last, opened)| between(last, opened)).into_iter().collect()
        }
        // The machine's time is no span of the case's own.
        Span::Adjudication | Span::AdjudicatorWait | Span::Machine => Vec::new(),
        Span::Reading => case.first_reads.iter().filter_map(reading).collect(),
    }
}
