//! Figures of quality over cases that their reads ended. Pure.
//!
//! Agreement is that of the two first reads, which are blind: no adjudicator's read counts, and review tells no case
//! whose source somebody can still read. Each figure carries the cases behind it.

mod group;
mod rate;
mod time;

use contract::audit::{AgreementFigure, Definition, Figures, Group, Measured};
use contract::review::{EndedCase, Verdict};
use contract::{DeploymentId, ModelVersionId, RunId, SeriesId};
use evaluation::agreement::{Estimate, Table, Weights};
use evaluation::statistics::wilson;
use std::collections::HashMap;

/// Of the intervals.
const CONFIDENCE: f64 = 0.95;
/// Verdicts in their order; one that can't judge fills no slot and is none of these.
const VERDICTS: [Verdict; 3] = [Verdict::Accept, Verdict::AcceptWithLimitation, Verdict::Reject];

/// What people call the things that cases name by id.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Name and version of models.
    pub models: HashMap<ModelVersionId, String>,
    /// Names of deployments.
    pub deployments: HashMap<DeploymentId, String>,
    /// Scanners of series.
    pub scanners: HashMap<SeriesId, String>,
    /// What the worker took for a run, seconds: no name, but as little a fact of the case.
    pub machine_s: HashMap<RunId, f64>,
}

/// The figures over `cases`; a group of fewer than `minimum` shows none.
pub fn figures(cases: &[EndedCase], names: &Names, minimum: u32) -> Figures {
    let groups = group::groups(cases, names);
    let shown = |cases: &[&EndedCase]| cases.len() >= minimum as usize;
    Figures {
        cases: count(cases.len()),
        minimum,
        agreement: groups.iter().map(|(group, cases)| agreement(group, cases, shown(cases))).collect(),
        rates: groups.iter().flat_map(|(group, cases)| rate::rates(group, cases, shown(cases))).collect(),
        overdue: groups.iter().map(|(group, cases)| rate::overdue(group, cases, shown(cases))).collect(),
        times: groups.iter().flat_map(|(group, cases)| time::times(group, cases, names, minimum)).collect(),
        definitions: definitions(minimum),
    }
}

fn agreement(group: &Group, cases: &[&EndedCase], shown: bool) -> AgreementFigure {
    let mut table = Table::new(VERDICTS.len());
    let mut differing = Vec::new();
    let mut counted = Vec::new();
    for case in cases {
        let place = |read: usize| VERDICTS.iter().position(|known| *known == case.first_reads[read].verdict);
        let (Some(one), Some(other)) = (place(0), place(1)) else { continue };
        table.add(one, other);
        counted.push(case.id.clone());
        if one != other {
            differing.push(case.id.clone());
        }
    }
    let mut figure = AgreementFigure {
        group: group.clone(),
        count: count(counted.len()),
        cases: Vec::new(),
        differing: Vec::new(),
        observed: None,
        kappa: None,
        kappa_weighted: None,
        ac1: None,
    };
    if shown && table.cases() > 0 {
        let same = table.cases() - differing.len() as u64;
        let interval = wilson(same, table.cases(), CONFIDENCE);
        figure.observed = table.observed().map(|value| with_interval(value, interval.low, interval.high));
        figure.kappa = table.cohen(Weights::Identity, CONFIDENCE).map(measured);
        figure.kappa_weighted = table.cohen(Weights::Quadratic, CONFIDENCE).map(measured);
        figure.ac1 = table.gwet(Weights::Identity, CONFIDENCE).map(measured);
        (figure.cases, figure.differing) = (counted, differing);
    }
    figure
}

fn measured(estimate: Estimate) -> Measured {
    let Estimate { value, interval, .. } = estimate;
    Measured { value, low: interval.map(|known| known.low), high: interval.map(|known| known.high) }
}

fn with_interval(value: f64, low: f64, high: f64) -> Measured {
    Measured { value, low: Some(low), high: Some(high) }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn definitions(minimum: u32) -> Vec<Definition> {
    let definition = |name: &str, text: String| Definition { name: name.to_owned(), text };
    vec![
        definition(
            "cases",
            "Patients' cases that two blind first reads, and where they differed an adjudicator, ended in the period. \
             Sentinels, repeats, expired cases and cases whose source somebody can still read are left out."
                .to_owned(),
        ),
        definition(
            "observed",
            "Share of cases with the same verdict in both first reads; 95 % interval of Wilson.".to_owned(),
        ),
        definition(
            "kappa",
            "Cohen's kappa over the verdicts accept, accept with limitation, reject of the two first reads; weighted: \
             by the square of the distance in this order. 95 % interval by the standard error of Fleiss, Cohen and \
             Everitt and Student's t. It falls where almost all verdicts are the same: see AC1."
                .to_owned(),
        ),
        definition("ac1", "Gwet's AC1 over the same table, with his standard error and Student's t.".to_owned()),
        definition(
            "rate",
            "Share of cases with a confirmed finding of the kind and at least the severity: marked by both first \
             readers at one place, or by the adjudicator. 95 % interval of Clopper and Pearson."
                .to_owned(),
        ),
        definition(
            "times",
            "Percentiles by linear interpolation (definition 7 of Hyndman and Fan), seconds. The machine's time is what \
             the worker took for the run, as it measured it."
                .to_owned(),
        ),
        definition(
            "overdue",
            "Share of cases that ended after they were due under the rules in force when they were queued. 95 % interval \
             of Clopper and Pearson."
                .to_owned(),
        ),
        definition("minimum", format!("Groups of fewer than {minimum} cases show a count and nothing else.")),
    ]
}

#[cfg(test)]
pub(crate) mod tests;
