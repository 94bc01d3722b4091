//! Control charts of proportions: p-charts over time and funnel plots across groups, with exact limits.
//!
//! Limits of a normal approximation flag small groups and rare findings far more often than they say; these are
//! counts of the binomial distribution, so a stable process leaves them at most as often as stated.
//!
//! # Source
//! Montgomery, Introduction to Statistical Quality Control, 7th edition (2013), section 7.3 (probability limits);
//! Spiegelhalter, Statistics in Medicine 24 (2005) 1185–1202 (funnel plots).

use statrs::distribution::{Binomial, DiscreteCDF};

/// Chance on each side of a p-chart: that of three standard deviations of a normal distribution.
pub const THREE_SIGMA_TAIL: f64 = 0.001_349_898_031_630_1;

/// How many of some trials a stable process may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The fewest; fewer come with a chance of at most the tail.
    pub low: u64,
    /// The most; more come with a chance of at most the tail.
    pub high: u64,
}

impl Limits {
    /// Whether `found` lies outside.
    pub fn exclude(self, found: u64) -> bool {
        found < self.low || found > self.high
    }
}

/// The exact limits of `trials` with a true share of `rate`, with at most `tail` on each side.
///
/// # Panics
/// If `rate` is no share or `tail` is not inside (0, 0.5).
pub fn binomial_limits(trials: u64, rate: f64, tail: f64) -> Limits {
    assert!(tail > 0.0 && tail < 0.5, "a chance of {tail} on each side limits nothing");
    let counts = Binomial::new(rate, trials).expect("the rate is a share");
    let at_most = |count: u64| counts.cdf(count);
    // The smallest count with P(X <= count) > tail; below it lies at most the tail.
    let low = smallest(trials, |count| at_most(count) > tail);
    // The smallest count with P(X > count) <= tail.
    let high = smallest(trials, |count| counts.sf(count) <= tail);
    Limits { low, high }
}

/// The smallest count up to `trials` for which a property holds that stays once it holds.
fn smallest(trials: u64, holds: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (0, trials);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// One period or group of a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// With the property.
    pub found: u64,
    /// All.
    pub trials: u64,
}

/// A point with its limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// What was counted.
    pub count: Count,
    /// What a stable process may have here.
    pub limits: Limits,
    /// Whether it lies outside.
    pub is_outside: bool,
}

/// A chart around the share of all points together.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// The share of all.
    pub centre: f64,
    /// The points, in the given order.
    pub points: Vec<Point>,
}

/// A chart of `counts` with at most `tail` on each side of each point; `None` without a trial.
///
/// Each point is held against the share of all *other* points: one that is far out would otherwise pull the centre
/// towards itself, most where there are few.
pub fn chart(counts: &[Count], tail: f64) -> Option<Chart> {
    let sum = |of: fn(&Count) -> u64| counts.iter().map(of).sum::<u64>();
    let (found, trials) = (sum(|count| count.found), sum(|count| count.trials));
    if trials == 0 {
        return None;
    }
    let centre = found as f64 / trials as f64;
    let point = |count: &Count| {
        let others = trials - count.trials;
        let rate = if others == 0 { centre } else { (found - count.found) as f64 / others as f64 };
        let limits = binomial_limits(count.trials, rate, tail);
        Point { count: *count, limits, is_outside: limits.exclude(count.found) }
    };
    Some(Chart { centre, points: counts.iter().map(point).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::StdRng;
    use rand::{RngExt as _, SeedableRng as _};

    #[test]
    fn limits_are_the_quantiles_of_scipy() {
        // scipy 1.17: low = binom.ppf(tail, n, p) where cdf(low) > tail, high = binom.isf(tail, n, p)
        let peers = PEERS;
        for (trials, rate, tail, low, high) in peers {
            assert_eq!(binomial_limits(trials, rate, tail), Limits { low, high }, "{trials} {rate} {tail}");
        }
    }

    const PEERS: [(u64, f64, f64, u64, u64); 6] = [
        (50, 0.05, THREE_SIGMA_TAIL, 0, 8),
        (200, 0.05, THREE_SIGMA_TAIL, 2, 20),
        (200, 0.05, 0.025, 4, 16),
        (1_000, 0.02, 0.001, 8, 35),
        (30, 0.5, 0.025, 10, 20),
        (10, 0.0, 0.025, 0, 0),
    ];

    #[test]
    fn a_stable_process_leaves_the_limits_at_most_as_often_as_they_say() {
        let mut rng = StdRng::seed_from_u64(28);
        let mut outside = 0;
        for _ in 0..400 {
            let counts: Vec<Count> = (0..24)
                .map(|_| {
                    let trials = rng.random_range(20..200);
                    let found = (0..trials).filter(|_| rng.random_bool(0.05)).count() as u64;
                    Count { found, trials }
                })
                .collect();
            outside += chart(&counts, 0.025).unwrap().points.iter().filter(|point| point.is_outside).count();
        }
        // 9,600 points at 5 % at most: the centre is estimated, which costs a little.
        assert!(outside <= 520, "{outside} of 9,600 points lie outside");
    }

    #[test]
    fn one_bad_group_does_not_move_its_own_limits() {
        let counts = [Count { found: 2, trials: 100 }, Count { found: 30, trials: 100 }];
        let chart = chart(&counts, THREE_SIGMA_TAIL).unwrap();
        assert!((chart.centre - 0.16).abs() < 1e-12);
        assert!(chart.points[1].is_outside);
        assert_eq!(chart.points[1].limits.high, binomial_limits(100, 0.02, THREE_SIGMA_TAIL).high);
    }

    #[test]
    fn nothing_counted_is_no_chart() {
        assert_eq!(chart(&[Count { found: 0, trials: 0 }], 0.025), None);
    }
}
