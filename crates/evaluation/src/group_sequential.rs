//! A proportion looked at a few declared times, with one error for all looks together.
//!
//! Who looks whenever figures please and stops when they do finds differences that are none. Here the times are
//! declared beforehand, and each look may use up a declared part of the error ([`spending`]); what it takes to stop
//! is then counted exactly over the binomial distribution ([`ExactTest`]), because a comparison of two models rests
//! on tens of answers, where a normal approximation errs.

use crate::statistics::Interval;
use statrs::distribution::{Binomial, ContinuousCDF as _, Discrete as _, Normal};

/// Points of Simpson's rule over the scores below the bound; odd.
const POINTS: usize = 321;
/// Scores below this have no weight that counts.
const SCORE_MIN: f64 = -8.0;
/// How finely values are looked through that an interval may hold.
const LATTICE: u32 = 200;
/// Halvings between two points of that lattice, to less than 10⁻⁶.
const HALVINGS: u32 = 13;

/// The bounds of O'Brien and Fleming on the standardised statistic, one a look: they fall with the square root of
/// the share of all information that is there.
///
/// `fractions` are these shares, rising to 1; `alpha` is the one-sided error over all looks.
///
/// # Panics
/// When the shares don't rise to 1 or `alpha` isn't inside (0, 0.5).
///
/// # Source
/// O'Brien and Fleming, Biometrics 35 (1979) 549–556; computed by the recursion of Armitage, McPherson and Rowe,
/// Journal of the Royal Statistical Society A 132 (1969) 235–244.
pub fn obrien_fleming(fractions: &[f64], alpha: f64) -> Vec<f64> {
    let constant = score_bound(fractions, alpha);
    fractions.iter().map(|fraction| constant / fraction.sqrt()).collect()
}

/// How much of `alpha` may be used up to each look, cumulatively: what the bounds of [`obrien_fleming`] use up. The
/// last is `alpha` itself.
///
/// # Panics
/// As [`obrien_fleming`].
pub fn spending(fractions: &[f64], alpha: f64) -> Vec<f64> {
    let mut used = crossings(fractions, score_bound(fractions, alpha));
    for look in 1..used.len() {
        used[look] += used[look - 1];
    }
    if let Some(last) = used.last_mut() {
        *last = alpha;
    }
    used
}

/// The one bound on the score (the statistic times the root of its information) that is crossed with probability
/// `alpha` over all looks.
fn score_bound(fractions: &[f64], alpha: f64) -> f64 {
    let rises = fractions.windows(2).all(|pair| pair[0] < pair[1]);
    let ends = fractions.first().is_some_and(|first| *first > 0.0)
        && fractions.last().is_some_and(|last| (last - 1.0).abs() < 1e-9);
    assert!(rises && ends, "the shares of information {fractions:?} don't rise to 1");
    assert!(alpha > 0.0 && alpha < 0.5, "{alpha} is no one-sided error");
    let (mut low, mut high) = (0.0, 6.0);
    for _ in 0..34 {
        let middle = f64::midpoint(low, high);
        if crossings(fractions, middle).iter().sum::<f64>() > alpha {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// The probability to cross the score's bound at each look for the first time, where nothing differs.
fn crossings(fractions: &[f64], bound: f64) -> Vec<f64> {
    let normal = Normal::standard();
    let step = (bound - SCORE_MIN) / (POINTS - 1) as f64;
    let scores: Vec<f64> = (0..POINTS).map(|point| SCORE_MIN + step * point as f64).collect();
    let weight = |point: usize| match point {
        0 => step / 3.0,
        last if last == POINTS - 1 => step / 3.0,
        odd if odd % 2 == 1 => 4.0 * step / 3.0,
        _ => 2.0 * step / 3.0,
    };
    let mut crossed = vec![1.0 - normal.cdf(bound / fractions[0].sqrt())];
    let mut below: Vec<f64> = scores.iter().map(|score| density(*score, fractions[0])).collect();
    for look in 1..fractions.len() {
        let gained = fractions[look] - fractions[look - 1];
        let weighted: Vec<(f64, f64)> =
            scores.iter().zip(&below).enumerate().map(|(at, (score, f))| (*score, f * weight(at))).collect();
        let over = |(score, f): &(f64, f64)| f * (1.0 - normal.cdf((bound - score) / gained.sqrt()));
        crossed.push(weighted.iter().map(over).sum());
        if look + 1 < fractions.len() {
            let arrives = |to: &f64| weighted.iter().map(|(from, f)| f * density(to - from, gained)).sum();
            below = scores.iter().map(arrives).collect();
        }
    }
    crossed
}

fn density(deviation: f64, variance: f64) -> f64 {
    (-deviation * deviation / (2.0 * variance)).exp() / (std::f64::consts::TAU * variance).sqrt()
}

/// An exact one-sided test of a proportion against `null`, looked at several times.
///
/// Given how many trials there were at each look, the error over all looks is at most the last of `spent`, whatever
/// made the trials as many as they are: where some pairs give no preference, their number says nothing of which
/// model is preferred by the others.
#[derive(Debug, Clone, PartialEq)]
pub struct ExactTest {
    /// The proportion that the test must be able to exclude.
    pub null: f64,
    /// How much error may be used up to each look, cumulatively; see [`spending`].
    pub spent: Vec<f64>,
}

impl ExactTest {
    /// The fewest successes with which each look stops, given the trials at each look so far (cumulative). `None`
    /// where not even successes alone suffice.
    ///
    /// # Panics
    /// When there are more looks than were declared, trials become fewer, or `null` is no proportion.
    pub fn needed(&self, trials: &[u64]) -> Vec<Option<u64>> {
        self.walk(trials, self.null, self.null).into_iter().map(|look| look.needed).collect()
    }

    /// The probability that each look is the first to stop when the true proportion is `truth`.
    ///
    /// # Panics
    /// As [`ExactTest::needed`], or when `truth` is no proportion.
    pub fn stops(&self, trials: &[u64], truth: f64) -> Vec<f64> {
        self.walk(trials, self.null, truth).into_iter().map(|look| look.stops).collect()
    }

    /// The repeated interval at the last of the looks: the proportions that this test, set up against each of them in
    /// both directions, doesn't exclude there. Over all looks together it misses the truth with at most twice the
    /// error, so it may be shown at each of them.
    ///
    /// # Panics
    /// As [`ExactTest::needed`], or when there are more successes than trials.
    ///
    /// # Source
    /// Jennison and Turnbull, Group Sequential Methods (2000), chapter 9, with the exact bounds of chapter 12.
    pub fn interval(&self, trials: &[u64], successes: u64) -> Interval {
        let all = trials.last().copied().unwrap_or_default();
        assert!(successes <= all, "{successes} successes in {all} trials is no proportion");
        let low = self.lowest_kept(trials, successes);
        let high = 1.0 - self.lowest_kept(trials, all - successes);
        Interval { low: low.min(high), high: high.max(low) }
    }

    /// The lowest proportion that the last look doesn't exclude from below, rounded down by less than 10⁻⁶.
    fn lowest_kept(&self, trials: &[u64], successes: u64) -> f64 {
        let excludes = |null: f64| {
            let needed = self.walk(trials, null, null).last().and_then(|look| look.needed);
            needed.is_some_and(|needed| successes >= needed)
        };
        let point = |index: u32| f64::from(index) / f64::from(LATTICE);
        let kept = (0..=LATTICE).find(|&index| !excludes(point(index))).unwrap_or(LATTICE);
        if kept == 0 {
            return 0.0;
        }
        let (mut low, mut high) = (point(kept - 1), point(kept));
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            if excludes(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Goes from look to look: what stops is set by `null`, how likely that is by `truth`.
    fn walk(&self, trials: &[u64], null: f64, truth: f64) -> Vec<Look> {
        assert!(trials.len() <= self.spent.len(), "{} looks were declared", self.spent.len());
        let (mut under_null, mut under_truth) = (vec![1.0], vec![1.0]);
        let (mut before, mut used) = (0, 0.0);
        let mut looks = Vec::with_capacity(trials.len());
        for (&now, &spent) in trials.iter().zip(&self.spent) {
            let more = now.checked_sub(before).expect("trials never become fewer");
            under_null = after(&under_null, more, null);
            under_truth = after(&under_truth, more, truth);
            let needed = fewest(&under_null, spent - used);
            used += cut(&mut under_null, needed);
            looks.push(Look {
                needed: needed.map(|needed| needed as u64),
                stops: cut(&mut under_truth, needed),
            });
            before = now;
        }
        looks
    }
}

struct Look {
    needed: Option<u64>,
    stops: f64,
}

/// The distribution of successes after `more` trials, of those that have not stopped.
fn after(distribution: &[f64], more: u64, rate: f64) -> Vec<f64> {
    let chance = Binomial::new(rate, more).expect("the proportion is one");
    let gained: Vec<f64> = (0..=more).map(|successes| chance.pmf(successes)).collect();
    let mut next = vec![0.0; distribution.len() + gained.len() - 1];
    for (successes, weight) in distribution.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        for (more, chance) in gained.iter().enumerate() {
            next[successes + more] += weight * chance;
        }
    }
    next
}

/// The fewest successes whose tail has at most `error`.
fn fewest(distribution: &[f64], error: f64) -> Option<usize> {
    let mut tail = 0.0;
    let mut found = None;
    for (successes, weight) in distribution.iter().enumerate().rev() {
        tail += weight;
        if tail > error {
            break;
        }
        found = Some(successes);
    }
    // A tail without weight, of what can't be any more, stops nothing.
    found
}

/// Takes those out that stop, and says how much they weigh.
fn cut(distribution: &mut [f64], needed: Option<usize>) -> f64 {
    let Some(needed) = needed else { return 0.0 };
    let stopped = distribution.get_mut(needed..).unwrap_or_default();
    let weight = stopped.iter().sum();
    stopped.fill(0.0);
    weight
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::clopper_pearson;
    use rand::rngs::SmallRng;
    use rand::{RngExt as _, SeedableRng as _};

    fn thirds() -> Vec<f64> {
        vec![1.0 / 3.0, 2.0 / 3.0, 1.0]
    }

    fn test(null: f64) -> ExactTest {
        ExactTest { null, spent: spending(&thirds(), 0.025) }
    }

    #[test]
    fn the_bounds_are_those_that_are_published() {
        // Jennison and Turnbull (2000), table 2.3: the constant for K looks and 0.05 two-sided.
        for (looks, constant) in [(1_u32, 1.960), (2, 1.977), (3, 2.004), (4, 2.024), (5, 2.040)] {
            let fractions: Vec<f64> = (1..=looks).map(|look| f64::from(look) / f64::from(looks)).collect();
            let last = *obrien_fleming(&fractions, 0.025).last().unwrap();
            assert!((last - constant).abs() < 6e-4, "{looks} looks: {last}");
        }
        let bounds = obrien_fleming(&thirds(), 0.025);
        for (found, published) in bounds.iter().zip([3.4710, 2.4544, 2.0040]) {
            assert!((found - published).abs() < 3e-4, "{bounds:?}");
        }
    }

    #[test]
    fn what_is_spent_begins_with_almost_nothing_and_ends_with_all() {
        let spent = spending(&thirds(), 0.025);
        // The first is that of a normal deviate beyond 3.4710.
        assert!((spent[0] - 0.000_259).abs() < 3e-6, "{spent:?}");
        assert!(spent[0] < spent[1] && spent[1] < spent[2] && (spent[2] - 0.025).abs() < 1e-12);
    }

    #[test]
    fn one_look_is_the_exact_binomial_test_and_its_interval_that_of_clopper_and_pearson() {
        let once = ExactTest { null: 0.5, spent: vec![0.025] };
        // scipy 1.17: binom.sf(k - 1, n, 0.5) <= 0.025 first for k = 15 of 20, 61 of 100.
        assert_eq!(once.needed(&[20]), [Some(15)]);
        assert_eq!(once.needed(&[100]), [Some(61)]);
        for (successes, trials) in [(8, 10), (0, 20), (20, 20), (61, 100)] {
            let (found, known) =
                (once.interval(&[trials], successes), clopper_pearson(successes, trials, 0.95));
            assert!((found.low - known.low).abs() < 2e-6, "{successes} of {trials}: {found:?} {known:?}");
            assert!((found.high - known.high).abs() < 2e-6, "{successes} of {trials}: {found:?} {known:?}");
        }
    }

    #[test]
    fn over_all_looks_the_error_is_never_more_than_declared() {
        for null in [0.5, 0.4, 0.35] {
            let test = test(null);
            for trials in [[10, 20, 30], [3, 40, 41], [0, 0, 7], [33, 60, 97], [100, 200, 300]] {
                let error: f64 = test.stops(&trials, null).iter().sum();
                assert!(error <= 0.025 + 1e-12, "{trials:?} at {null}: {error}");
                let below: f64 = test.stops(&trials, null - 0.05).iter().sum();
                assert!(below <= error + 1e-12, "a worse challenger stops more often: {below} {error}");
            }
        }
    }

    #[test]
    fn simulated_comparisons_stop_as_often_as_was_counted() {
        let (test, trials, truth) = (test(0.5), [20, 40, 60], 0.65);
        let needed = test.needed(&trials);
        let mut rng = SmallRng::seed_from_u64(5);
        let runs = 20_000;
        let stopped = (0..runs).filter(|_| {
            let (mut successes, mut before) = (0, 0);
            trials.iter().zip(&needed).any(|(&now, needed)| {
                successes += (before..now).filter(|_| rng.random_bool(truth)).count() as u64;
                before = now;
                needed.is_some_and(|needed| successes >= needed)
            })
        });
        let (found, counted) = (stopped.count() as f64 / f64::from(runs), test.stops(&trials, truth));
        let counted: f64 = counted.iter().sum();
        // Five standard errors.
        assert!((found - counted).abs() < 0.018, "{found} simulated, {counted} counted");
    }

    #[test]
    fn what_a_look_decides_and_the_interval_that_is_shown_there_agree() {
        for null in [0.5, 0.4] {
            let test = test(null);
            for trials in [&[12][..], &[12, 25], &[12, 25, 36]] {
                let needed = test.needed(trials).pop().unwrap();
                for successes in 0..=*trials.last().unwrap() {
                    let stops = needed.is_some_and(|needed| successes >= needed);
                    let shown = test.interval(trials, successes);
                    let excluded = shown.low + 1e-5 >= null;
                    assert_eq!(stops, excluded, "{successes} of {trials:?} against {null}: {shown:?}");
                    assert!((0.0..=1.0).contains(&shown.low) && shown.low <= shown.high);
                }
            }
        }
    }

    #[test]
    fn the_repeated_interval_holds_the_truth_at_every_look_as_often_as_it_says() {
        let test = test(0.5);
        let mut rng = SmallRng::seed_from_u64(9);
        let trials = [10, 20, 30];
        let mut known = std::collections::HashMap::new();
        for truth in [0.5, 0.7] {
            let runs = 4_000;
            let missed = (0..runs).filter(|_| {
                let (mut successes, mut before) = (0, 0);
                (0..trials.len()).any(|look| {
                    successes += (before..trials[look]).filter(|_| rng.random_bool(truth)).count() as u64;
                    before = trials[look];
                    let interval = *known
                        .entry((look, successes))
                        .or_insert_with(|| test.interval(&trials[..=look], successes));
                    truth < interval.low || truth > interval.high
                })
            });
            let missed = missed.count() as f64 / f64::from(runs);
            // 5 % and three standard errors.
            assert!(missed < 0.061, "missed {missed} at {truth}");
        }
    }

    #[test]
    fn a_look_without_an_answer_stops_nothing_and_says_nothing() {
        let test = test(0.5);
        assert_eq!(test.needed(&[0, 0]), [None, None]);
        let interval = test.interval(&[0], 0);
        assert!(interval.low < 1e-9 && interval.high > 1.0 - 1e-9);
    }
}
