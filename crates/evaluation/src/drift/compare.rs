//! One period against another.

use statrs::distribution::{ChiSquared, ContinuousCDF};
use std::collections::BTreeMap;

/// Bins of [`psi`].
const BINS: usize = 10;

/// The population stability index of numbers, over bins that hold a tenth of the reference each: below 0.1 nothing
/// moved, above 0.25 much did. A size, not a test: it grows with fewer cases. `None` without values on both sides.
///
/// # Source
/// Siddiqi, Credit Risk Scorecards (2006), chapter 9; half a case is added to each bin, so that an empty one counts.
pub fn psi(reference: &[f64], recent: &[f64]) -> Option<f64> {
    let mut sorted = reference.to_vec();
    sorted.sort_by(f64::total_cmp);
    if sorted.is_empty() || recent.is_empty() {
        return None;
    }
    let mut edges: Vec<f64> = (1..BINS).map(|bin| sorted[bin * sorted.len() / BINS]).collect();
    edges.dedup();
    let counts = |values: &[f64]| {
        let mut counts = vec![0_u64; edges.len() + 1];
        for value in values {
            counts[edges.partition_point(|edge| edge <= value)] += 1;
        }
        counts
    };
    Some(stability(&counts(reference), &counts(recent)))
}

/// The population stability index of names. `None` without values on both sides.
pub fn psi_of_names<'n>(reference: &[&'n str], recent: &[&'n str]) -> Option<f64> {
    if reference.is_empty() || recent.is_empty() {
        return None;
    }
    let (before, after) = counts_of_names(reference, recent);
    Some(stability(&before, &after))
}

fn stability(before: &[u64], after: &[u64]) -> f64 {
    let shares = |counts: &[u64]| -> Vec<f64> {
        let total = counts.iter().sum::<u64>() as f64 + 0.5 * counts.len() as f64;
        counts.iter().map(|count| (*count as f64 + 0.5) / total).collect()
    };
    shares(before)
        .iter()
        .zip(shares(after))
        .map(|(before, after)| (after - before) * (after / before).ln())
        .sum()
}

fn counts_of_names<'n>(reference: &[&'n str], recent: &[&'n str]) -> (Vec<u64>, Vec<u64>) {
    let mut counts: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for name in reference {
        counts.entry(name).or_default().0 += 1;
    }
    for name in recent {
        counts.entry(name).or_default().1 += 1;
    }
    counts.into_values().unzip()
}

/// What a test says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tested {
    /// Its statistic.
    pub statistic: f64,
    /// The chance of one at least as large where nothing changed.
    pub p: f64,
}

/// The two-sample test of Kolmogorov and Smirnov, two-sided, with its exact chance (ties make it cautious). `None`
/// without values on both sides.
///
/// # Source
/// Hodges, Arkiv för Matematik 3 (1958) 469–486: lattice paths that stay inside the statistic.
pub fn ks(one: &[f64], other: &[f64]) -> Option<Tested> {
    let (mut one, mut other) = (one.to_vec(), other.to_vec());
    if one.is_empty() || other.is_empty() {
        return None;
    }
    one.sort_by(f64::total_cmp);
    other.sort_by(f64::total_cmp);
    let (n, m) = (one.len() as u64, other.len() as u64);
    // The statistic times n·m, a whole number: no rounding decides whether a path touches it.
    let mut widest = 0;
    for value in one.iter().chain(&other) {
        let below = |values: &[f64]| values.partition_point(|known| known <= value) as u64;
        widest = widest.max((below(&one) * m).abs_diff(below(&other) * n));
    }
    Some(Tested { statistic: widest as f64 / (n * m) as f64, p: ks_chance(n, m, widest) })
}

/// The chance that a random path from (0, 0) to (n, m) is somewhere at least `widest` away from the diagonal.
fn ks_chance(n: u64, m: u64, widest: u64) -> f64 {
    if widest == 0 {
        return 1.0;
    }
    // inside[j]: the share of paths to (i, j) that stayed inside, scaled step by step so that nothing overflows.
    let is_inside = |i: u64, j: u64| (i * m).abs_diff(j * n) < widest;
    let mut inside = vec![0.0; m as usize + 1];
    for i in 0..=n {
        for j in 0..=m {
            let at = j as usize;
            let value = if (i, j) == (0, 0) {
                1.0
            } else {
                let (i, j) = (i as f64, j as f64);
                let left = if j > 0.0 { inside[at - 1] * j } else { 0.0 };
                // A random path comes to (i, j) from below with a chance of i in i + j.
                (inside[at] * i + left) / (i + j)
            };
            inside[at] = if is_inside(i, j) { value } else { 0.0 };
        }
    }
    (1.0 - inside[m as usize]).clamp(0.0, 1.0)
}

/// Pearson's test whether names are as frequent as before; names rarer than five in expectation count together.
/// `None` where nothing can be compared.
pub fn categorical<'n>(reference: &[&'n str], recent: &[&'n str]) -> Option<Tested> {
    let (before, after) = counts_of_names(reference, recent);
    let (n, m) = (reference.len() as f64, recent.len() as f64);
    let share = m / (n + m);
    let (mut cells, mut rare) = (Vec::new(), (0, 0));
    for (before, after) in before.into_iter().zip(after) {
        if (before + after) as f64 * share.min(1.0 - share) < 5.0 {
            rare = (rare.0 + before, rare.1 + after);
        } else {
            cells.push((before, after));
        }
    }
    if rare.0 + rare.1 > 0 {
        cells.push(rare);
    }
    if cells.len() < 2 {
        return None;
    }
    let term = |found: u64, expected: f64| (found as f64 - expected).powi(2) / expected;
    let statistic = cells
        .iter()
        .map(|(before, after)| {
            let both = (before + after) as f64;
            term(*before, both * (1.0 - share)) + term(*after, both * share)
        })
        .sum();
    let law = ChiSquared::new((cells.len() - 1) as f64).expect("two cells leave one degree of freedom");
    Some(Tested { statistic, p: law.sf(statistic) })
}

/// The chances of several tests, adjusted so that of those below a bound at most that share is false.
///
/// # Source
/// Benjamini and Hochberg, Journal of the Royal Statistical Society B 57 (1995) 289–300.
pub fn benjamini_hochberg(chances: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..chances.len()).collect();
    order.sort_by(|one, other| chances[*other].total_cmp(&chances[*one]));
    let (mut adjusted, mut least) = (vec![1.0; chances.len()], 1.0_f64);
    for (at, place) in order.into_iter().enumerate() {
        let rank = (chances.len() - at) as f64;
        least = least.min(chances[place] * chances.len() as f64 / rank);
        adjusted[place] = least;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64) {
        assert!(
            (found - expected).abs() < 1e-9 * expected.abs().max(1e-3),
            "found {found}, expected {expected}"
        );
    }

    const SCIPY_KS: [(usize, usize, f64, f64, f64); 4] = [
        (20, 15, 0.3, 0.266_666_666_666_667, 0.506_905_001_379_396),
        (60, 40, 0.5, 0.258_333_333_333_333, 0.071_614_446_154_203),
        (150, 100, 0.2, 0.093_333_333_333_333, 0.649_378_970_099_864),
        (40, 40, 2.5, 1.0, 1.860_340_365_603_627e-23),
    ];

    fn wave(count: usize, shift: f64) -> Vec<f64> {
        (0..count).map(|at| (at as f64 * 1.7).sin() + 0.01 * at as f64 + shift).collect()
    }

    #[test]
    fn the_two_sample_test_is_that_of_scipy() {
        // scipy 1.17: ks_2samp(a, b, method="exact") with a = sin(1.7 k) + k/100, b = the same + shift
        for (n, m, shift, statistic, p) in SCIPY_KS {
            let tested = ks(&wave(n, 0.0), &wave(m, shift)).unwrap();
            near(tested.statistic, statistic);
            near(tested.p, p);
        }
        assert_eq!(ks(&[], &[1.0]), None);
        near(ks(&[1.0], &[1.0]).unwrap().p, 1.0);
    }

    #[test]
    fn the_adjusted_chances_are_those_of_statsmodels() {
        // statsmodels 0.15: multipletests(p, method="fdr_bh")[1]
        let adjusted = benjamini_hochberg(&[0.01, 0.04, 0.03, 0.5, 0.005, 0.8]);
        for (found, expected) in adjusted.into_iter().zip([0.03, 0.06, 0.06, 0.6, 0.03, 0.8]) {
            near(found, expected);
        }
    }

    #[test]
    fn the_test_of_names_is_that_of_scipy() {
        // scipy 1.17: chi2_contingency([[60, 30, 10], [20, 20, 10]], correction=False)
        let names = |counts: [usize; 3]| -> Vec<&str> {
            ["a", "b", "c"].iter().zip(counts).flat_map(|(name, count)| vec![*name; count]).collect()
        };
        let tested = categorical(&names([60, 30, 10]), &names([20, 20, 10])).unwrap();
        near(tested.statistic, 6.0);
        near(tested.p, 0.049_787_068_367_864);
        assert_eq!(categorical(&["a"], &["a"]), None);
    }

    #[test]
    fn stability_is_nothing_without_a_change_and_large_with_one() {
        let reference = wave(500, 0.0);
        assert!(psi(&reference, &reference).unwrap() < 1e-12);
        assert!(psi(&reference, &wave(200, 3.0)).unwrap() > 0.25);
        assert!(psi_of_names(&["a"; 100], &["b"; 50]).unwrap() > 0.25);
        assert_eq!(psi(&[], &[1.0]), None);
    }
}
