//! Control charts, drift, what the maps of uncertainty were worth, and what is unusual. Pure.

mod chart;
mod drift;
mod flagged;
mod notice;

use crate::figures::Names;
use chrono::TimeDelta;
use contract::audit::{Definition, Outcome, Watched};
use contract::generation::Region;
use contract::review::{EndedCase, FindingKind, Severity};
use contract::{RunId, SeriesId, Time};
use std::collections::{BTreeMap, HashMap};

/// Of the intervals.
const CONFIDENCE: f64 = 0.95;
/// How much of the period is looked at for what is unusual.
const WEEK: TimeDelta = TimeDelta::days(7);

/// What is known of a source series.
#[derive(Debug, Clone, Default)]
pub struct SeriesFacts {
    /// Version of the scanner's software.
    pub software: String,
    /// Convolution kernel.
    pub kernel: String,
    /// Protocol.
    pub protocol: String,
    /// Slice thickness, mm.
    pub slice_thickness_mm: Option<f64>,
    /// Distance between the columns of an image, mm.
    pub pixel_spacing_mm: Option<f64>,
}

/// What is known of a run.
#[derive(Debug, Clone, Default)]
pub struct RunFacts {
    /// Domain score, 0 to 1.
    pub domain: Option<f64>,
    /// Consistency score, 0 to 1.
    pub consistency: Option<f64>,
    /// Agreement score, 0 to 1, where the model draws several images.
    pub agreement: Option<f64>,
    /// What the worker measured of the input, by name.
    pub input: BTreeMap<String, f64>,
    /// Where readers were asked to look, whatever flagged it.
    pub regions: Vec<Region>,
}

/// Cases with everything that is known around them.
#[derive(Debug, Clone, Default)]
pub struct Gathered {
    /// The cases, oldest ending first.
    pub cases: Vec<EndedCase>,
    /// What people call things.
    pub names: Names,
    /// Of source series.
    pub series: HashMap<SeriesId, SeriesFacts>,
    /// Of runs.
    pub runs: HashMap<RunId, RunFacts>,
}

/// What is watched about `gathered`, in a period that ends at `to`; groups of fewer than `minimum` are not shown.
pub fn watched(gathered: &Gathered, to: Time, minimum: u32) -> Watched {
    let charts = chart::charts(gathered, minimum);
    let alarms = drift::alarms(gathered);
    Watched {
        unusual: notice::notices(gathered, &charts, &alarms, to, minimum),
        flagged: flagged::flagged(gathered, minimum),
        domain: flagged::domain(gathered, minimum),
        drift: drift::figures(gathered, minimum),
        drift_jointly: drift::jointly(gathered, minimum),
        charts,
        alarms,
        minimum,
        definitions: definitions(minimum),
    }
}

/// Whether a case came out so. Findings count from *major* on: minor ones are for the rates.
fn came_out(case: &EndedCase, outcome: Outcome) -> bool {
    let has = |kind: FindingKind| {
        case.confirmed.iter().any(|finding| finding.kind == kind && finding.severity >= Severity::Major)
    };
    match outcome {
        Outcome::Discordant => case.discordant,
        Outcome::Rejected => !case.accepted,
        Outcome::Invented => has(FindingKind::Invented),
        Outcome::Lost => has(FindingKind::Lost),
        Outcome::Distorted => has(FindingKind::Distorted),
    }
}

fn definitions(minimum: u32) -> Vec<Definition> {
    let definition = |name: &str, text: String| Definition { name: name.to_owned(), text };
    vec![
        definition(
            "charts",
            "Cases with the outcome among all cases of a week, scanner, model version or deployment. The limits are \
             counts of the binomial distribution at the share of all other points: a stable process leaves them at \
             most once in 741 points on each side over weeks (as three standard deviations would), once in 1,000 \
             across groups. Findings count from major on."
                .to_owned(),
        ),
        definition(
            "flagged",
            "Share of confirmed findings with a place whose centre lies in a region that the map of uncertainty \
             flagged, 95 % interval of Clopper and Pearson, beside the volume flagged in a case (median; each region \
             as a sphere of its volume). In service there is no truth: this is no coverage."
                .to_owned(),
        ),
        definition(
            "domain",
            "Share of cases with a confirmed finding by domain score of the run (a conformal chance: low means unlike \
             the model's reference data), 95 % interval of Clopper and Pearson."
                .to_owned(),
        ),
        definition(
            "drift",
            "The last quarter of the cases of the period against those before. Numbers: population stability index \
             over tenths of the earlier cases, exact test of Kolmogorov and Smirnov. Names: the same index, Pearson's \
             test. q is adjusted over all statistics by Benjamini and Hochberg; below 0.01 counts as changed. Jointly: \
             energy distance with 199 permutations over at most 400 cases, of all numbers and of everything that \
             workers measured of the input."
                .to_owned(),
        ),
        definition(
            "alarms",
            "A sequential watch over all statistics: each is ranked among those before it, and bets against even ranks \
             are added up. Without a change it runs 20,000 cases on average before a false alarm, however often one \
             looks."
                .to_owned(),
        ),
        definition("minimum", format!("Groups of fewer than {minimum} cases are not shown.")),
    ]
}

#[cfg(test)]
mod replay;
#[cfg(test)]
pub(crate) mod tests;
