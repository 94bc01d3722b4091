//! Scores of predictive distributions against what came.

use statrs::distribution::{Continuous as _, ContinuousCDF as _, Normal as Gaussian};
use std::f64::consts::PI;

/// A normal predictive distribution, in the unit of what it predicts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Normal {
    /// Its mean.
    pub mean: f64,
    /// Its standard deviation, above 0.
    pub sigma: f64,
}

impl Normal {
    /// Gives the share of the distribution below a truth, in [0, 1]: what [`calibration_error`] asks for.
    pub fn below(self, truth: f64) -> f64 {
        Gaussian::standard().cdf((truth - self.mean) / self.sigma)
    }

    /// Gives the continuous ranked probability score, in the unit of the truth; 0 is best.
    ///
    /// # Source
    /// Gneiting and Raftery 2007, J Am Stat Assoc 102:359, section 4.2, with its sign turned.
    pub fn crps(self, truth: f64) -> f64 {
        let standard = Gaussian::standard();
        let z = (truth - self.mean) / self.sigma;
        self.sigma * (z * (2.0 * standard.cdf(z) - 1.0) + 2.0 * standard.pdf(z) - 1.0 / PI.sqrt())
    }
}

/// Gives the continuous ranked probability score of samples: E|X − truth| − E|X − X′|/2 over their empirical
/// distribution, in the unit of the truth; `None` without samples. Sorts them.
///
/// # Source
/// Gneiting and Raftery 2007, J Am Stat Assoc 102:359, section 4.2, with its sign turned.
pub fn crps_of_samples(samples: &mut [f64], truth: f64) -> Option<f64> {
    samples.sort_by(f64::total_cmp);
    let count = samples.len() as f64;
    let away: f64 = samples.iter().map(|sample| (sample - truth).abs()).sum();
    // Of sorted values the sum of all differences needs each of them once.
    let apart: f64 =
        samples.iter().enumerate().map(|(at, sample)| (2.0 * at as f64 + 1.0 - count) * sample).sum();
    (!samples.is_empty()).then(|| away / count - apart / (count * count))
}

/// Gives the continuous ranked probability score of quantiles, pairs of level and value: twice the mean pinball loss;
/// `None` without quantiles.
///
/// Levels are to be spread evenly over (0, 1), as (k − ½)/m: of m sorted samples it's then [`crps_of_samples`] exactly.
/// Of two levels (5 % and 95 %) it is only the mean of their pinball losses.
///
/// # Source
/// Laio and Tamea 2007, Hydrol Earth Syst Sci 11:1267; Bröcker 2012, Q J R Meteorol Soc 138:1611.
pub fn crps_of_quantiles(quantiles: &[(f64, f64)], truth: f64) -> Option<f64> {
    let pinball = |&(level, value): &(f64, f64)| {
        let apart = truth - value;
        if apart >= 0.0 { level * apart } else { (level - 1.0) * apart }
    };
    (!quantiles.is_empty()).then(|| 2.0 * quantiles.iter().map(pinball).sum::<f64>() / quantiles.len() as f64)
}

/// Gives the score of a central interval that leaves out `alpha`: its width, and 2/α times what the truth lies outside.
///
/// # Units
/// That of the truth; less is better.
///
/// # Source
/// Gneiting and Raftery 2007, J Am Stat Assoc 102:359, eq. 43; also Winkler's score.
pub fn interval_score((low, high): (f64, f64), truth: f64, alpha: f64) -> f64 {
    high - low + 2.0 / alpha * ((low - truth).max(0.0) + (truth - high).max(0.0))
}

/// Gives how sharp predictions are: the root of their mean variance, in the unit of the truth. It says nothing of
/// whether they are right. `None` without predictions.
///
/// # Source
/// Kuleshov 2018, ICML, as uncertainty-toolbox's `sharpness`.
pub fn sharpness(predictions: &[Normal]) -> Option<f64> {
    let variance = |prediction: &Normal| prediction.sigma * prediction.sigma;
    let count = predictions.len() as f64;
    (!predictions.is_empty()).then(|| (predictions.iter().map(variance).sum::<f64>() / count).sqrt())
}

/// Gives the mean difference between what central intervals should hold and what they hold, over `levels` levels spread
/// evenly from 0 to 1; 0 is calibrated. `None` without truths or with fewer than two levels.
///
/// `below` is of each truth the share of its own predictive distribution that lies below it: of any distribution.
///
/// # Source
/// Kuleshov 2018, ICML, with absolute differences, as uncertainty-toolbox's `mean_absolute_calibration_error`
/// with `prop_type="interval"` (there of 100 levels).
pub fn calibration_error(below: &[f64], levels: usize) -> Option<f64> {
    if below.is_empty() || levels < 2 {
        return None;
    }
    // A central interval holds a truth from the level on that is twice its distance to the median.
    let mut needed: Vec<f64> = below.iter().map(|share| (2.0 * share - 1.0).abs()).collect();
    needed.sort_by(f64::total_cmp);
    let apart = |level: usize| {
        let level = level as f64 / (levels - 1) as f64;
        let held = needed.partition_point(|needed| *needed <= level);
        (held as f64 / needed.len() as f64 - level).abs()
    };
    Some((0..levels).map(apart).sum::<f64>() / levels as f64)
}

/// Gives the expected normalised calibration error: the mean over `bins` bins of equal count, by predicted deviation, of
/// |RMV − RMSE| / RMV, the roots of the mean predicted variance and of the mean squared error. 0 is calibrated; `None`
/// when a bin would be empty or predicts no deviation at all, or there is none.
///
/// # Panics
/// If there aren't as many truths as predictions.
///
/// # Source
/// Levi 2022, Sensors 22:5540 (arXiv 1905.11659).
pub fn expected_normalised_calibration_error(
    predictions: &[Normal],
    truths: &[f64],
    bins: usize,
) -> Option<f64> {
    assert_eq!(predictions.len(), truths.len(), "each prediction has its truth");
    if bins == 0 || predictions.len() < bins {
        return None;
    }
    let mut each: Vec<(f64, f64)> = predictions
        .iter()
        .zip(truths)
        .map(|(prediction, truth)| (prediction.sigma, truth - prediction.mean))
        .collect();
    each.sort_by(|a, b| a.0.total_cmp(&b.0));
    // The first ones take what doesn't divide.
    let (size, larger) = (each.len() / bins, each.len() % bins);
    let start = |bin: usize| bin * size + bin.min(larger);
    let of_bin = |bin: usize| {
        let bin = &each[start(bin)..start(bin + 1)];
        let root = |of: fn(&(f64, f64)) -> f64| {
            (bin.iter().map(|one| of(one).powi(2)).sum::<f64>() / bin.len() as f64).sqrt()
        };
        let predicted = root(|one| one.0);
        (predicted > 0.0).then(|| (predicted - root(|one| one.1)).abs() / predicted)
    };
    let found: Option<Vec<f64>> = (0..bins).map(of_bin).collect();
    Some(found?.iter().sum::<f64>() / bins as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
    use rand_distr::StandardNormal;

    const CRPS: f64 = 1.297_867_068_100;
    const SHARPNESS: f64 = 2.070_322_362_067;
    const CALIBRATION: f64 = 0.076_62;
    const WINKLER: f64 = 8.375_434_957_357;
    const ENCE: f64 = 0.168_404_251_366;
    const SAMPLES: [f64; 3] = [10.986_25, 2.351_25, 24.686_25];

    /// Deviations from 1 to 3 and truths that are a little too far away, as tests/peers.py makes them.
    fn predictions() -> (Vec<Normal>, Vec<f64>) {
        let hashed = |i: usize, factor: usize| ((i * factor) % 101) as f64 / 101.0;
        let predictions: Vec<Normal> = (0..500)
            .map(|i| Normal { mean: 10.0 * hashed(i, 37), sigma: 1.0 + 2.0 * hashed(i, 61) })
            .collect();
        let truth =
            |(i, one): (usize, &Normal)| one.mean + one.sigma * (4.0 * hashed(i * i + 3 * i, 53) - 1.8);
        let truths = predictions.iter().enumerate().map(truth).collect();
        (predictions, truths)
    }

    fn assert_near(found: f64, expected: f64, tolerance: f64) {
        assert!((found - expected).abs() < tolerance, "found {found}, expected {expected}");
    }

    fn below(predictions: &[Normal], truths: &[f64]) -> Vec<f64> {
        predictions.iter().zip(truths).map(|(one, truth)| one.below(*truth)).collect()
    }

    /// `crps_gaussian`, `sharpness` and `mean_absolute_calibration_error(prop_type="interval")` of uncertainty-toolbox.
    #[test]
    fn scores_of_normal_predictions_are_those_of_uncertainty_toolbox() {
        let (predictions, truths) = predictions();
        let crps = predictions.iter().zip(&truths).map(|(one, truth)| one.crps(*truth)).sum::<f64>() / 500.0;
        assert_near(crps, CRPS, 1e-9);
        assert_near(sharpness(&predictions).unwrap(), SHARPNESS, 1e-9);
        assert_near(calibration_error(&below(&predictions, &truths), 100).unwrap(), CALIBRATION, 1e-9);
    }

    /// `regression_mwi_score(confidence_level=0.9)` of mapie for mean ± 1.5 σ.
    #[test]
    fn the_interval_score_is_that_of_mapie() {
        let (predictions, truths) = predictions();
        let score = |(one, truth): (&Normal, &f64)| {
            interval_score((one.mean - 1.5 * one.sigma, one.mean + 1.5 * one.sigma), *truth, 0.1)
        };
        assert_near(predictions.iter().zip(&truths).map(score).sum::<f64>() / 500.0, WINKLER, 1e-9);
    }

    /// NumPy after the paper's equation, bins by `array_split`.
    #[test]
    fn the_normalised_error_is_that_of_its_equation() {
        let (predictions, truths) = predictions();
        let found = expected_normalised_calibration_error(&predictions, &truths, 12).unwrap();
        assert_near(found, ENCE, 1e-9);
        assert_eq!(expected_normalised_calibration_error(&predictions[..3], &truths[..3], 4), None);
        let certain = [Normal { mean: 1.0, sigma: 0.0 }; 2];
        assert_eq!(expected_normalised_calibration_error(&certain, &[1.0, 2.0], 1), None);
    }

    /// Half the square of `scipy.stats.energy_distance(samples, [truth])` is the score.
    #[test]
    fn the_score_of_samples_is_that_of_scipy_and_of_their_quantiles() {
        let mut samples: Vec<f64> = (0..40).map(|i| f64::from(i * 29 % 40) * 0.7 - 3.0).collect();
        for (truth, expected) in [(-5.0, SAMPLES[0]), (11.3, SAMPLES[1]), (40.0, SAMPLES[2])] {
            let found = crps_of_samples(&mut samples, truth).unwrap();
            assert_near(found, expected, 1e-9);
            let level = |at: usize| (at as f64 + 0.5) / 40.0;
            let quantiles: Vec<(f64, f64)> =
                samples.iter().enumerate().map(|(at, value)| (level(at), *value)).collect();
            assert_near(crps_of_quantiles(&quantiles, truth).unwrap(), found, 1e-12);
        }
        assert_eq!((crps_of_samples(&mut [], 1.0), crps_of_quantiles(&[], 1.0)), (None, None));
    }

    #[test]
    fn many_samples_of_a_normal_score_as_the_normal() {
        let mut rng = StdRng::seed_from_u64(2);
        let mut samples: Vec<f64> =
            (0..40_000).map(|_| 5.0 + 2.0 * rng.sample::<f64, _>(StandardNormal)).collect();
        let found = crps_of_samples(&mut samples, 7.5).unwrap();
        assert_near(found, Normal { mean: 5.0, sigma: 2.0 }.crps(7.5), 0.02);
    }

    #[test]
    fn what_is_calibrated_has_next_to_no_error_and_too_small_deviations_have() {
        let mut rng = StdRng::seed_from_u64(1);
        let predictions: Vec<Normal> =
            (0..20_000).map(|i| Normal { mean: 0.0, sigma: 1.0 + f64::from(i % 7) }).collect();
        let truths: Vec<f64> =
            predictions.iter().map(|one| one.sigma * rng.sample::<f64, _>(StandardNormal)).collect();
        let halved: Vec<Normal> =
            predictions.iter().map(|one| Normal { sigma: one.sigma / 2.0, ..*one }).collect();
        let normalised =
            |predictions: &[Normal]| expected_normalised_calibration_error(predictions, &truths, 10).unwrap();
        assert!(normalised(&predictions) < 0.03);
        // Errors of twice what was said: |1 − 2|.
        assert_near(normalised(&halved), 1.0, 0.05);
        let calibration =
            |predictions: &[Normal]| calibration_error(&below(predictions, &truths), 100).unwrap();
        assert!(calibration(&predictions) < 0.01);
        assert!(calibration(&halved) > 0.15);
        assert_eq!((calibration_error(&[], 100), sharpness(&[])), (None, None));
    }
}
