//! Proportions over weeks and across groups.

use super::{Gathered, came_out};
use chrono::Datelike as _;
use contract::audit::{Chart, ChartBy, ChartPoint, Outcome};
use contract::review::EndedCase;
use evaluation::control::{Count, THREE_SIGMA_TAIL, chart};
use std::collections::BTreeMap;

/// Of weeks there are as many as there were; groups are compared once.
const FUNNEL_TAIL: f64 = 0.001;
const ALL_BY: [ChartBy; 4] = [ChartBy::Week, ChartBy::Scanner, ChartBy::Model, ChartBy::Deployment];

/// Every chart with at least two points.
pub(super) fn charts(gathered: &Gathered, minimum: u32) -> Vec<Chart> {
    let mut charts = Vec::new();
    for by in ALL_BY {
        let mut groups: BTreeMap<String, Vec<&EndedCase>> = BTreeMap::new();
        for case in &gathered.cases {
            groups.entry(label(by, case, gathered)).or_default().push(case);
        }
        groups.retain(|_, cases| cases.len() >= minimum.max(1) as usize);
        if groups.len() >= 2 {
            charts.extend(Outcome::ALL.into_iter().filter_map(|outcome| one(outcome, by, &groups)));
        }
    }
    charts
}

fn one(outcome: Outcome, by: ChartBy, groups: &BTreeMap<String, Vec<&EndedCase>>) -> Option<Chart> {
    let with: Vec<Vec<&&EndedCase>> =
        groups.values().map(|cases| cases.iter().filter(|case| came_out(case, outcome)).collect()).collect();
    let counts: Vec<Count> = groups
        .values()
        .zip(&with)
        .map(|(cases, with)| Count { found: with.len() as u64, trials: cases.len() as u64 })
        .collect();
    let drawn = chart(&counts, if by == ChartBy::Week { THREE_SIGMA_TAIL } else { FUNNEL_TAIL })?;
    let points = drawn.points.iter().zip(groups.keys()).zip(with).map(|((point, label), with)| ChartPoint {
        label: label.clone(),
        found: point.count.found as u32,
        count: point.count.trials as u32,
        low: point.limits.low as u32,
        high: point.limits.high as u32,
        is_outside: point.is_outside,
        cases: with.into_iter().map(|case| case.id.clone()).collect(),
    });
    Some(Chart { outcome, by, centre: drawn.centre, points: points.collect() })
}

/// The ISO week in which a case ended, as charts call it.
pub(super) fn week_of(case: &EndedCase) -> String {
    let week = case.ended_at.iso_week();
    format!("{}-W{:02}", week.year(), week.week())
}

fn label(by: ChartBy, case: &EndedCase, gathered: &Gathered) -> String {
    let names = &gathered.names;
    let known = match by {
        ChartBy::Week => return week_of(case),
        ChartBy::Scanner => names.scanners.get(&case.series),
        ChartBy::Model => names.models.get(&case.model),
        ChartBy::Deployment => names.deployments.get(&case.deployment),
    };
    known.cloned().unwrap_or_else(|| "unknown".to_owned())
}
