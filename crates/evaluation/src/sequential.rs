//! Sequential tests: they look at every case as it ends, and say when a rate has risen.
//!
//! A window rule that looks again and again fires by chance sooner or later (clinical.md 28). A test of this module
//! is set up by how long it runs, on average, until it fires by chance, so that several tests can share one budget of
//! false alarms.

use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use std::collections::VecDeque;

/// The most points that an event adds; with more, the rates are so small that no site sees enough cases.
const LATTICE_MAX: u32 = 5_000;

/// Bernoulli CUSUM on a lattice: an event adds points, anything else takes one off, never below zero; at the bound
/// it fires.
///
/// # Source
/// Reynolds and Stoumbos, Journal of Quality Technology 31 (1999) 87–108: with a reference value of 1/m the chart is
/// a Markov chain on multiples of 1/m, and its average run length is exact. One point here is 1/m there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BernoulliCusum {
    /// What an event adds, in points.
    pub step: u32,
    /// At how many points it fires.
    pub bound: u32,
}

impl BernoulliCusum {
    /// The test between a `baseline` rate and a rate `alarm` that must be found, which runs at least
    /// `cases_to_false_alarm` cases on average while the baseline holds.
    ///
    /// `None` when the rates are no rates with `0 < baseline < alarm < 1`, or are too small for any site.
    pub fn new(baseline: f64, alarm: f64, cases_to_false_alarm: f64) -> Option<Self> {
        let ordered = 0.0 < baseline && baseline < alarm && alarm < 1.0;
        if !ordered || !cases_to_false_alarm.is_finite() {
            return None;
        }
        let quiet = ((1.0 - baseline) / (1.0 - alarm)).ln();
        let event = (alarm * (1.0 - baseline) / (baseline * (1.0 - alarm))).ln();
        let lattice = (event / quiet).round();
        if lattice > f64::from(LATTICE_MAX) {
            return None;
        }
        let step = (lattice as u32).max(2) - 1;
        let runs_long_enough =
            |bound: u32| Self { step, bound }.mean_run_length(baseline) >= cases_to_false_alarm;
        let mut high = step;
        while !runs_long_enough(high) {
            high = high.checked_mul(2).filter(|high| *high <= 64 * LATTICE_MAX)?;
        }
        let mut low = 1;
        while low < high {
            let middle = low + (high - low) / 2;
            if runs_long_enough(middle) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Some(Self { step, bound: high })
    }

    /// The points after one more case.
    pub fn after(self, points: u32, event: bool) -> u32 {
        if event { points + self.step } else { points.saturating_sub(1) }
    }

    /// Whether these points are at the bound.
    pub fn fires_at(self, points: u32) -> bool {
        points >= self.bound
    }

    /// How many cases it takes on average, from zero points, until the test fires under a true `rate` in (0, 1).
    ///
    /// Exact: from the highest state downwards each expectation is a line in the one below it.
    pub fn mean_run_length(self, rate: f64) -> f64 {
        let (bound, step) = (self.bound as usize, self.step as usize);
        // expectation[i] = line[i].0 + line[i].1 * expectation[i - 1]; nothing is left to expect at the bound.
        let mut line = vec![(0.0_f64, 0.0_f64); bound];
        let above = |line: &[(f64, f64)], state: usize| {
            if state + step >= bound {
                return (0.0, 0.0);
            }
            (state + 1..=state + step).fold((0.0, 1.0), |(constant, slope), next| {
                (line[next].0 + line[next].1 * constant, line[next].1 * slope)
            })
        };
        for state in (1..bound).rev() {
            let (constant, slope) = above(&line, state);
            let share = 1.0 - rate * slope;
            line[state] = ((1.0 + rate * constant) / share, (1.0 - rate) / share);
        }
        let (constant, slope) = above(&line, 0);
        (1.0 + rate * constant) / (rate * (1.0 - slope))
    }
}

/// A rule over the last cases: it fires when more than a share of a full window are events.
#[derive(Debug, Clone)]
pub struct Window {
    cases: usize,
    share_max: f64,
    last: VecDeque<bool>,
    events: usize,
}

impl Window {
    /// An empty window of `cases`.
    pub fn new(cases: usize, share_max: f64) -> Self {
        Self { cases, share_max, last: VecDeque::with_capacity(cases + 1), events: 0 }
    }

    /// Takes one case in, and says whether the rule fires.
    pub fn see(&mut self, event: bool) -> bool {
        self.last.push_back(event);
        self.events += usize::from(event);
        if self.last.len() > self.cases {
            self.events -= usize::from(self.last.pop_front() == Some(true));
        }
        self.last.len() == self.cases && self.share() > self.share_max
    }

    /// The share of events in what the window holds; 0 while it is empty.
    pub fn share(&self) -> f64 {
        if self.last.is_empty() { 0.0 } else { self.events as f64 / self.last.len() as f64 }
    }
}

/// How many cases a test took to fire, over simulated runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RunLengths {
    /// Mean number of cases, a run that never fired counted at its end.
    pub mean: f64,
    /// Half of the runs fired by this case.
    pub median: f64,
    /// Nine of ten runs fired by this case.
    pub p90: f64,
    /// Share of runs that did not fire within the most cases.
    pub unfired: f64,
}

/// How a simulation is run.
#[derive(Debug, Clone, Copy)]
pub struct Simulation {
    /// How many runs.
    pub runs: u32,
    /// Where a run ends that does not fire.
    pub cases_max: u32,
    /// The same seed gives the same figures.
    pub seed: u64,
}

/// Runs a test on independent cases of which `rate` are events. `start` gives a fresh test: a function that takes a
/// case in and says whether it fires.
pub fn simulate<T: FnMut(bool) -> bool>(
    simulation: Simulation,
    rate: f64,
    start: impl Fn() -> T,
) -> RunLengths {
    let mut rng = SmallRng::seed_from_u64(simulation.seed);
    let mut lengths = Vec::with_capacity(simulation.runs as usize);
    let mut unfired = 0_u32;
    for _ in 0..simulation.runs {
        let mut test = start();
        let fired = (1..=simulation.cases_max).find(|_| test(rng.random_bool(rate)));
        unfired += u32::from(fired.is_none());
        lengths.push(fired.unwrap_or(simulation.cases_max));
    }
    lengths.sort_unstable();
    let at = |share: f64| f64::from(lengths[((lengths.len() - 1) as f64 * share).round() as usize]);
    let runs = f64::from(simulation.runs);
    RunLengths {
        mean: lengths.iter().map(|length| f64::from(*length)).sum::<f64>() / runs,
        median: at(0.5),
        p90: at(0.9),
        unfired: f64::from(unfired) / runs,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIMULATION: Simulation = Simulation { runs: 500, cases_max: 50_000, seed: 7 };

    fn simulated(test: BernoulliCusum, rate: f64) -> RunLengths {
        simulate(SIMULATION, rate, || {
            let mut points = 0;
            move |event| {
                points = test.after(points, event);
                test.fires_at(points)
            }
        })
    }

    #[test]
    fn the_exact_run_length_is_that_of_simulated_runs() {
        for (baseline, alarm, rate) in [(0.02, 0.04, 0.02), (0.02, 0.04, 0.04), (0.05, 0.10, 0.10)] {
            let test = BernoulliCusum::new(baseline, alarm, 1_200.0).unwrap();
            let (exact, found) = (test.mean_run_length(rate), simulated(test, rate).mean);
            // Run lengths scatter about as much as they are long: 500 runs give their mean to 4.5 %.
            assert!(
                (found / exact - 1.0).abs() < 0.18,
                "{test:?} at {rate}: {exact} exact, {found} simulated"
            );
        }
    }

    #[test]
    fn the_bound_is_the_smallest_that_keeps_the_budget() {
        let test = BernoulliCusum::new(0.02, 0.06, 2_400.0).unwrap();
        assert!(test.mean_run_length(0.02) >= 2_400.0);
        let lower = BernoulliCusum { bound: test.bound - 1, ..test };
        assert!(lower.mean_run_length(0.02) < 2_400.0);
    }

    #[test]
    fn the_detection_times_are_those_that_were_computed_before() {
        // clinical.md 28: about 500 cases for 2 → 4 % and 235 for 5 → 10 %.
        // So it is with one false alarm in about eight years of 200 cases a month.
        let slow = BernoulliCusum::new(0.02, 0.04, 20_000.0).unwrap().mean_run_length(0.04);
        let fast = BernoulliCusum::new(0.05, 0.10, 20_000.0).unwrap().mean_run_length(0.10);
        assert!((470.0..530.0).contains(&slow), "{slow}");
        assert!((220.0..250.0).contains(&fast), "{fast}");
    }

    #[test]
    fn a_run_length_that_can_be_computed_by_hand_is_right() {
        // One event fires: the run is geometric.
        let single = BernoulliCusum { step: 5, bound: 5 };
        assert!((single.mean_run_length(0.1) - 10.0).abs() < 1e-9);
        // Two events in a row, or with one case between: solved by hand for p = 1/2, step 2, bound 3:
        // E0 = 1 + E2/2 + E0/2, E1 = 1 + E0/2, E2 = 1 + E1/2  =>  E0 = 2 + E2, E2 = 1.5 + E0/4.
        let double = BernoulliCusum { step: 2, bound: 3 };
        assert!((double.mean_run_length(0.5) - 14.0 / 3.0).abs() < 1e-9);
    }

    #[test]
    fn rates_that_are_none_or_too_small_make_no_test() {
        for (baseline, alarm) in [(0.0, 0.1), (0.1, 0.1), (0.2, 0.1), (0.5, 1.0), (0.000_1, 0.000_2)] {
            assert_eq!(BernoulliCusum::new(baseline, alarm, 1_000.0), None, "{baseline} {alarm}");
        }
    }

    #[test]
    fn a_window_rule_fires_by_chance_within_months() {
        // clinical.md 28: "> 10 % in the last 50" at a true 5 %, at 200 cases a month.
        let months = simulate(Simulation { runs: 500, cases_max: 200, seed: 11 }, 0.05, || {
            let mut window = Window::new(50, 0.10);
            move |event| window.see(event)
        });
        assert!((0.25..0.5).contains(&(1.0 - months.unfired)), "{months:?}");
    }

    #[test]
    fn a_seed_gives_the_same_figures() {
        let test = BernoulliCusum::new(0.02, 0.06, 1_000.0).unwrap();
        assert_eq!(simulated(test, 0.06), simulated(test, 0.06));
    }
}
