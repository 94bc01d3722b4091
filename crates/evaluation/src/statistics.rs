//! Exact and approximate intervals of proportions, and what a bound on one can show.
//!
//! Gates hold the near end of an interval against a bound, so a small site sees *insufficient evidence* instead
//! of a lucky share. Every gate states its power (clinical.md 29): [`lower_bound_power`] and
//! [`upper_bound_power`] give the chance that a deployment of a given true rate passes.

use statrs::distribution::{Beta, Binomial, ContinuousCDF, Discrete, Normal, StudentsT};

/// A two-sided interval of a proportion.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end, in [0, 1].
    pub low: f64,
    /// Upper end, in [0, 1].
    pub high: f64,
}

/// The exact interval of Clopper and Pearson: never covers less often than `confidence`.
///
/// # Panics
/// If there are no trials, more successes than trials, or `confidence` is not inside (0, 1).
///
/// # Source
/// Clopper and Pearson, Biometrika 26 (1934) 404–413, in the beta form of Brown, Cai and DasGupta, Statistical
/// Science 16 (2001) 101–133, equation 5.
pub fn clopper_pearson(successes: u64, trials: u64, confidence: f64) -> Interval {
    check(successes, trials, confidence);
    let tail = (1.0 - confidence) / 2.0;
    let (k, n) = (successes as f64, trials as f64);
    let low = if successes == 0 { 0.0 } else { beta(k, n - k + 1.0).inverse_cdf(tail) };
    let high = if successes == trials { 1.0 } else { beta(k + 1.0, n - k).inverse_cdf(1.0 - tail) };
    Interval { low, high }
}

/// Wilson's score interval: covers `confidence` on average, and is shorter than the exact one.
///
/// # Panics
/// As [`clopper_pearson`].
///
/// # Source
/// Wilson, Journal of the American Statistical Association 22 (1927) 209–212.
pub fn wilson(successes: u64, trials: u64, confidence: f64) -> Interval {
    check(successes, trials, confidence);
    let standard = Normal::new(0.0, 1.0).expect("zero and one are a mean and a deviation");
    let z = standard.inverse_cdf(f64::midpoint(confidence, 1.0));
    let n = trials as f64;
    let share = successes as f64 / n;
    let scale = 1.0 + z * z / n;
    let centre = (share + z * z / (2.0 * n)) / scale;
    let half = z / scale * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    Interval { low: (centre - half).max(0.0), high: (centre + half).min(1.0) }
}

/// The interval of the difference of two independent proportions, the first less the second, in [-1, 1]: Newcombe's
/// hybrid of two score intervals.
///
/// # Panics
/// As [`clopper_pearson`], for either of them.
///
/// # Source
/// Newcombe, Statistics in Medicine 17 (1998) 873–890, method 10.
pub fn difference(first: (u64, u64), second: (u64, u64), confidence: f64) -> Interval {
    let share = |(successes, trials): (u64, u64)| successes as f64 / trials as f64;
    let score = |(successes, trials)| wilson(successes, trials, confidence);
    newcombe((share(first), score(first)), (share(second), score(second)))
}

fn newcombe((p, of_p): (f64, Interval), (q, of_q): (f64, Interval)) -> Interval {
    Interval {
        low: p - q - (p - of_p.low).hypot(of_q.high - q),
        high: p - q + (of_p.high - p).hypot(q - of_q.low),
    }
}

/// The chance that the lower end of [`difference`] reaches `-margin` when both groups, of so many trials each, have the
/// true rate `truth`. Outcomes that together are rarer than one in a million are left out.
///
/// # Panics
/// As [`lower_bound_power`].
pub fn margin_power(trials: (u64, u64), margin: f64, truth: f64, confidence: f64) -> f64 {
    let [first, second] = [trials.0, trials.1].map(|trials| likely(trials, truth, confidence));
    let pairs = first.iter().flat_map(|one| second.iter().map(move |other| (one, other)));
    let passing = pairs.filter(|(one, other)| newcombe(one.1, other.1).low >= -margin);
    passing.map(|(one, other)| one.0 * other.0).sum::<f64>().min(1.0)
}

/// The likely outcomes: the chance of each, and its share with the score interval.
fn likely(trials: u64, truth: f64, confidence: f64) -> Vec<(f64, (f64, Interval))> {
    const RARE: f64 = 1e-9;
    let outcome = Binomial::new(truth, trials).expect("the true rate is a rate");
    let of = |count: u64| (count as f64 / trials as f64, wilson(count, trials, confidence));
    let chances = (0..=trials).map(|count| (count, outcome.pmf(count))).filter(|(_, chance)| *chance > RARE);
    chances.map(|(count, chance)| (chance, of(count))).collect()
}

/// The chance that the lower end of the exact interval over `trials` reaches `bound` when the true rate is
/// `truth`.
///
/// # Panics
/// As [`clopper_pearson`], or if `truth` is not a rate.
pub fn lower_bound_power(trials: u64, bound: f64, truth: f64, confidence: f64) -> f64 {
    let passes = |successes: &u64| clopper_pearson(*successes, trials, confidence).low >= bound;
    let fewest = first(0..=trials, passes);
    chance(fewest.map(|fewest| fewest..=trials), trials, truth)
}

/// The chance that the upper end of the exact interval over `trials` stays at or below `bound` when the true
/// rate is `truth`.
///
/// # Panics
/// As [`lower_bound_power`].
pub fn upper_bound_power(trials: u64, bound: f64, truth: f64, confidence: f64) -> f64 {
    let fails = |successes: &u64| clopper_pearson(*successes, trials, confidence).high > bound;
    match first(0..=trials, fails) {
        Some(0) => 0.0,
        Some(fewest) => chance(Some(0..=fewest - 1), trials, truth),
        None => 1.0,
    }
}

/// A mean with the ends of its two-sided interval, which it has from two values on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mean {
    /// The mean.
    pub mean: f64,
    /// Lower and upper end, in the unit of the values.
    pub ends: Option<(f64, f64)>,
}

/// The mean of values and Student's interval of it; `None` without values. Of differences within pairs it is the paired
/// t-test's.
///
/// # Panics
/// If `confidence` is not inside (0, 1).
///
/// # Source
/// Student, Biometrika 6 (1908) 1–25.
pub fn student(values: &[f64], confidence: f64) -> Option<Mean> {
    assert!(confidence > 0.0 && confidence < 1.0, "a confidence of {confidence} gives no interval");
    let count = values.len() as f64;
    if values.is_empty() {
        return None;
    }
    let mean = values.iter().sum::<f64>() / count;
    if values.len() < 2 {
        return Some(Mean { mean, ends: None });
    }
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let deviates = StudentsT::new(0.0, 1.0, count - 1.0).expect("two values leave a degree of freedom");
    let half =
        deviates.inverse_cdf(f64::midpoint(confidence, 1.0)) * (squares / (count - 1.0) / count).sqrt();
    Some(Mean { mean, ends: Some((mean - half, mean + half)) })
}

fn check(successes: u64, trials: u64, confidence: f64) {
    assert!(trials > 0 && successes <= trials, "{successes} successes in {trials} trials is no proportion");
    assert!(confidence > 0.0 && confidence < 1.0, "a confidence of {confidence} gives no interval");
}

fn beta(a: f64, b: f64) -> Beta {
    Beta::new(a, b).expect("counts between their ends give positive shapes")
}

/// The first value of an ascending range for which a monotone property holds.
fn first(range: std::ops::RangeInclusive<u64>, holds: impl Fn(&u64) -> bool) -> Option<u64> {
    let (mut low, mut high) = (*range.start(), *range.end() + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(&middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    range.contains(&low).then_some(low)
}

fn chance(passing: Option<std::ops::RangeInclusive<u64>>, trials: u64, truth: f64) -> f64 {
    let outcome = Binomial::new(truth, trials).expect("the true rate is a rate");
    passing.map_or(0.0, |counts| counts.map(|count| outcome.pmf(count)).sum::<f64>().min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    // statsmodels 0.14 `proportion_confint(k, n, alpha=0.05, method=...)`: successes, trials, low, high.
    const EXACT: [(u64, u64, f64, f64); 5] = [
        (8, 10, 0.443_904_537_692, 0.974_789_273_673),
        (0, 200, 0.0, 0.018_275_340_355),
        (200, 200, 0.981_724_659_645, 1.0),
        (194, 200, 0.935_849_373_295, 0.988_912_544_328),
        (1, 3, 0.008_403_758_660, 0.905_700_675_950),
    ];
    const SCORE: [(u64, u64, f64, f64); 5] = [
        (8, 10, 0.490_162_471_537, 0.943_317_848_546),
        (0, 200, 0.0, 0.018_845_326_377),
        (200, 200, 0.981_154_673_623, 1.0),
        (194, 200, 0.936_105_707_545, 0.986_179_685_660),
        (1, 3, 0.061_491_944_720, 0.792_340_399_198),
    ];

    fn assert_equal(found: Interval, low: f64, high: f64) {
        let error = (found.low - low).abs().max((found.high - high).abs());
        assert!(error < 1e-9, "found {found:?}, expected [{low}, {high}]");
    }

    #[test]
    fn the_exact_interval_is_that_of_statsmodels() {
        for (successes, trials, low, high) in EXACT {
            assert_equal(clopper_pearson(successes, trials, 0.95), low, high);
        }
    }

    #[test]
    fn the_score_interval_is_that_of_statsmodels() {
        for (successes, trials, low, high) in SCORE {
            assert_equal(wilson(successes, trials, 0.95), low, high);
        }
    }

    #[test]
    fn the_interval_of_a_difference_is_that_of_newcombe() {
        // Newcombe 1998, table II, method 10: 56/70 against 48/80, 9/10 against 3/10, 5/56 against 0/29.
        for (first, second, low, high) in [
            ((56, 70), (48, 80), 0.0524, 0.3339),
            ((9, 10), (3, 10), 0.1705, 0.8090),
            ((5, 56), (0, 29), -0.0381, 0.1926),
        ] {
            let found = difference(first, second, 0.95);
            assert!((found.low - low).abs() < 5e-5 && (found.high - high).abs() < 5e-5, "{found:?}");
        }
    }

    #[test]
    fn the_power_of_a_margin_is_what_counting_every_outcome_gives() {
        let (first, second, truth, margin) = (25_u64, 40_u64, 0.9, 0.15);
        let of = |trials| Binomial::new(truth, trials).unwrap();
        let mut expected = 0.0;
        for one in 0..=first {
            for other in 0..=second {
                if difference((one, first), (other, second), 0.95).low >= -margin {
                    expected += of(first).pmf(one) * of(second).pmf(other);
                }
            }
        }
        let found = margin_power((first, second), margin, truth, 0.95);
        assert!(expected > 0.05 && expected < 0.95, "{expected} tells something");
        assert!((found - expected).abs() < 1e-6, "{found} and {expected}");
    }

    #[test]
    fn the_interval_of_a_mean_is_that_of_a_table_of_student() {
        // Differences 1, 2, 3, 4: mean 2.5, standard error sqrt(5 / 12), t(0.975; 3) = 3.182446.
        let found = student(&[1.0, 2.0, 3.0, 4.0], 0.95).unwrap();
        let (low, high) = found.ends.unwrap();
        let half = 3.182_446 * (5.0_f64 / 12.0).sqrt();
        assert!((found.mean - 2.5).abs() < 1e-12);
        assert!((low - (2.5 - half)).abs() < 1e-5 && (high - (2.5 + half)).abs() < 1e-5, "{found:?}");
        assert_eq!(student(&[2.0], 0.95), Some(Mean { mean: 2.0, ends: None }));
        assert_eq!(student(&[], 0.95), None);
    }

    #[test]
    fn the_power_of_a_lower_bound_is_that_of_scipy() {
        // scipy 1.17: sum of binom.pmf(k, n, p) over the k with beta.ppf(0.025, k, n - k + 1) >= bound
        assert!((lower_bound_power(200, 0.95, 0.97, 0.95) - 0.147_151_194_082).abs() < 1e-9);
        assert!((lower_bound_power(500, 0.95, 0.97, 0.95) - 0.568_097_495_449).abs() < 1e-9);
        assert!((lower_bound_power(20, 0.5, 0.9, 0.95) - 0.988_746_865_836).abs() < 1e-9);
    }

    #[test]
    fn ten_reads_can_never_show_a_share_of_95_percent() {
        assert!(lower_bound_power(10, 0.95, 1.0, 0.95).abs() < f64::EPSILON);
    }

    #[test]
    fn an_upper_bound_mirrors_a_lower_one() {
        let mirrored = lower_bound_power(200, 0.92, 0.97, 0.95);
        assert!((upper_bound_power(200, 0.08, 0.03, 0.95) - mirrored).abs() < 1e-9);
        assert!(upper_bound_power(3, 0.08, 0.0, 0.95).abs() < f64::EPSILON);
        assert!((upper_bound_power(3, 1.0, 0.5, 0.95) - 1.0).abs() < 1e-12);
    }
}
