//! How late the watch is and how often it errs, with the statistics and the promise that are in use: a simulated
//! department ends one case after the other.

use super::drift::alarms;
use super::tests::calm;
use super::*;
use contract::audit::Statistic;
use contract::job::INPUT_NOISE;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

/// What happens to the department.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    None,
    Scanner,
    Software,
    Protocol,
    /// The noise is half as much again; the domain score says nothing of it.
    Noise,
    Spacing,
    /// Bright and dark are exchanged, or the window is wrong: nothing that was learned looks like it.
    Window,
}

/// Departments that are replayed.
const RUNS: u64 = 20;
/// Weeks of ten cases without a change: 400 cases.
const CALM_WEEKS: u32 = 40;

/// Cases of which those from `changed_at` on come after a change.
fn department(weeks: u32, change: Change, changed_at: usize, seed: u64) -> Gathered {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut gathered = calm(weeks);
    let cases: Vec<(SeriesId, RunId)> =
        gathered.cases.iter().map(|case| (case.series.clone(), case.run.clone())).collect();
    for (number, (series, run)) in cases.into_iter().enumerate() {
        let is = |wanted: Change| change == wanted && number >= changed_at;
        let scanner = if is(Change::Scanner) { "C" } else { ["A", "A", "B"][rng.random_range(0..3)] };
        gathered.names.scanners.insert(series.clone(), scanner.to_owned());
        let spacing = [0.7, 0.8, 0.9][rng.random_range(0..3)] * if is(Change::Spacing) { 0.75 } else { 1.0 };
        let facts = SeriesFacts {
            software: if is(Change::Software) { "VB20" } else { "VA50" }.to_owned(),
            kernel: ["B30", "B50"][rng.random_range(0..2)].to_owned(),
            protocol: if is(Change::Protocol) { "new" } else { ["chest", "abdomen"][rng.random_range(0..2)] }
                .to_owned(),
            slice_thickness_mm: Some([1.0, 3.0][rng.random_range(0..2)]),
            pixel_spacing_mm: Some(spacing),
        };
        gathered.series.insert(series, facts);
        // 25 % between patients, of three uniform draws: nearly a bell.
        let bell: f64 = (0..3).map(|_| rng.random::<f64>() - 0.5).sum::<f64>() * 2.0;
        let noise = 20.0 * (0.25 * bell).exp() * if is(Change::Noise) { 1.5 } else { 1.0 };
        let domain = rng.random::<f64>() * if is(Change::Window) { 0.02 } else { 1.0 };
        let facts = RunFacts {
            domain: Some(domain),
            consistency: Some(rng.random()),
            agreement: Some(rng.random()),
            input: [(INPUT_NOISE.to_owned(), noise)].into(),
            regions: Vec::new(),
        };
        gathered.runs.insert(run, facts);
    }
    gathered
}

#[test]
fn a_shift_of_what_is_watched_is_found_within_200_cases() {
    let changes = [
        (Change::Scanner, Statistic::Scanner),
        (Change::Software, Statistic::Software),
        (Change::Protocol, Statistic::Protocol),
        (Change::Noise, Statistic::Noise),
        (Change::Spacing, Statistic::PixelSpacing),
        (Change::Window, Statistic::DomainScore),
    ];
    for (change, statistic) in changes {
        for seed in 0..RUNS {
            let changed_at = CALM_WEEKS as usize * 10;
            let gathered = department(CALM_WEEKS + 20, change, changed_at, seed);
            let place = |id| gathered.cases.iter().position(|case| case.id == id).unwrap();
            let found = alarms(&gathered).into_iter().find(|alarm| place(alarm.case.clone()) >= changed_at);
            let found = found.unwrap_or_else(|| panic!("{change:?} of department {seed} is not found"));
            assert_eq!(found.statistic, statistic, "{change:?}");
        }
    }
}

#[test]
fn a_calm_department_hears_no_more_false_alarms_than_are_promised() {
    // 20 departments of 2,500 cases, five months of 500 each. At one false alarm in 20,000 cases 2.5 are to be expected
    // in these 100 months; twelve would be a chance of less than one in 50,000, and still fewer than one a month.
    let false_alarms: usize =
        (0..RUNS).map(|seed| alarms(&department(250, Change::None, 0, seed)).len()).sum();
    assert!(false_alarms <= 11, "{false_alarms} false alarms in 100 months");
}
