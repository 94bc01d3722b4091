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
        self.bounds(trials, self.null)
    }

    /// How often each look is the one that ends it when the true proportion is `truth`: because it has what it needs,
    /// or because it has at most as many successes as `futile` says. No `futile` is asked of the looks that it doesn't
    /// name.
    ///
    /// What is needed knows nothing of `futile`: whoever goes on where it would end keeps the error that was declared.
    ///
    /// # Panics
    /// As [`ExactTest::needed`], or when `truth` is no proportion.
    pub fn ends(&self, trials: &[u64], futile: &[Option<u64>], truth: f64) -> Vec<Ends> {
        let mut distribution = vec![1.0];
        let mut before = 0;
        let mut ends = Vec::with_capacity(trials.len());
        for (look, (&now, needed)) in trials.iter().zip(self.needed(trials)).enumerate() {
            distribution = after(&distribution, now - before, truth);
            let shown = cut(&mut distribution, needed);
            let most = futile.get(look).copied().flatten();
            ends.push(Ends { shown, futile: most.map_or(0.0, |most| cut_up_to(&mut distribution, most)) });
            before = now;
        }
        ends
    }

    /// The probability that one of the looks after the first `looked` stops, by the successes that there are at that
    /// one, from none to only successes: the conditional power when the true proportion is `truth`. `trials` are those
    /// of all looks, the later ones as they are expected.
    ///
    /// # Panics
    /// As [`ExactTest::ends`], or when `looked` is none or more than there are.
    ///
    /// # Source
    /// Lan, Simon and Halperin, Sequential Analysis 1 (1982) 207–219 (stochastic curtailment); Jennison and Turnbull,
    /// Group Sequential Methods (2000), chapter 10. Counted backwards over the binomial distribution, not by theirs of
    /// the normal one.
    pub fn power_left(&self, trials: &[u64], looked: usize, truth: f64) -> Vec<f64> {
        let needed = self.needed(trials);
        let last = *trials.last().expect("there is a look");
        // Behind the last look nothing stops any more.
        let mut left = vec![0.0; last as usize + 1];
        for look in (looked..trials.len()).rev() {
            let now = trials[look - 1];
            let gained = gains(trials[look] - now, truth);
            let stops = |successes: usize| needed[look].is_some_and(|needed| successes as u64 >= needed);
            let reached = |successes: usize| if stops(successes) { 1.0 } else { left[successes] };
            let from = |successes: u64| -> f64 {
                let by = |(more, chance): (usize, &f64)| chance * reached(successes as usize + more);
                gained.iter().enumerate().map(by).sum()
            };
            left = (0..=now).map(from).collect();
        }
        left
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
            let needed = self.bounds(trials, null).last().copied().flatten();
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

    /// Goes from look to look, with what has not stopped, as if `null` were true.
    fn bounds(&self, trials: &[u64], null: f64) -> Vec<Option<u64>> {
        assert!(trials.len() <= self.spent.len(), "{} looks were declared", self.spent.len());
        let mut distribution = vec![1.0];
        let (mut before, mut used) = (0, 0.0);
        let mut bounds = Vec::with_capacity(trials.len());
        for (&now, &spent) in trials.iter().zip(&self.spent) {
            let more = now.checked_sub(before).expect("trials never become fewer");
            distribution = after(&distribution, more, null);
            let needed = fewest(&distribution, spent - used).map(|needed| needed as u64);
            used += cut(&mut distribution, needed);
            bounds.push(needed);
            before = now;
        }
        bounds
    }
}

/// How often a look is the one that ends it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ends {
    /// Because the proportion is excluded.
    pub shown: f64,
    /// Because what is left would hardly exclude it.
    pub futile: f64,
}

/// The distribution of successes after `more` trials, of those that have not stopped.
fn after(distribution: &[f64], more: u64, rate: f64) -> Vec<f64> {
    let gained = gains(more, rate);
    let mut next = vec![0.0; distribution.len() + gained.len() - 1];
    for (successes, weight) in distribution.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        for (more, chance) in gained.iter().enumerate() {
            next[successes + more] += weight * chance;
        }
    }
    next
}

/// The distribution of successes in so many trials.
fn gains(trials: u64, rate: f64) -> Vec<f64> {
    let chance = Binomial::new(rate, trials).expect("the proportion is one");
    (0..=trials).map(|successes| chance.pmf(successes)).collect()
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
fn cut(distribution: &mut [f64], needed: Option<u64>) -> f64 {
    let Some(needed) = needed else { return 0.0 };
    take(distribution.get_mut(needed as usize..).unwrap_or_default())
}

/// Takes those out that have at most so many successes, and says how much they weigh.
fn cut_up_to(distribution: &mut [f64], most: u64) -> f64 {
    let end = distribution.len().min(most as usize + 1);
    take(&mut distribution[..end])
}

fn take(part: &mut [f64]) -> f64 {
    let weight = part.iter().sum();
    part.fill(0.0);
    weight
}

#[cfg(test)]
mod tests;
