//! Conformal calibration of the intervals: factors that stretch the heads' intervals until few enough voxels of
//! the calibration subjects lie outside. What that promises goes by their number ([`evaluation::uncertainty`]).

use evaluation::uncertainty::{Candidate, Guarantee, Target, control};
use serde::{Deserialize, Serialize};

/// The narrowest half-interval as a share of the noise: heads may touch or cross, and no interval is empty.
pub(crate) const HALF_WIDTH_MIN: f32 = 0.1;
/// The largest factor that is tried, and the steps up to it.
const FACTOR_MAX: f64 = 6.0;
const STEPS_PER_UNIT: f64 = 100.0;
const STEPS: usize = 600;
/// What is lost when shares of many slices are summed.
const ROUNDING: f64 = 1e-9;
/// A bin with fewer voxels in a slice says nothing about that slice.
const VOXELS_MIN: usize = 100;

/// How much the heads' intervals are stretched, by the interval's own width and the slice's noise.
///
/// Narrow intervals are too narrow more often than wide ones, so one factor for all would be wrong for each. Widths
/// are in units of the slice's noise, so that factors of one person mean something for another. How much of a
/// reference's own noise an interval has to hold goes by the dose, of which a slice shows nothing but its noise.
/// Between the widths and between the noises the factor is interpolated, so that no border shows in the uncertainty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntervalFactors {
    /// Names of the subjects whose slices the factors rest on; their number is k.
    pub subjects: Vec<String>,
    /// Number of calibration slices, counted once per dose.
    pub slices: usize,
    /// Wanted share of voxels outside.
    pub miss_rate: f64,
    /// Whether each subject's slices were measured by a model that had never seen the subject.
    pub across_subjects: bool,
    /// What the number of subjects lets the intervals promise of another one.
    #[serde(default)]
    pub promise: Promise,
    /// Median noise in HU of the slices of each band, ascending; none where all slices are one band.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub noises: Vec<f64>,
    /// Median interval width of each bin as a multiple of the noise, ascending within a band, as many for each; band
    /// after band, at least one.
    pub widths: Vec<f64>,
    /// Factor of each bin.
    pub factors: Vec<f64>,
}

/// What calibrated intervals promise of a subject that was not at hand, at each width.
///
/// All of it is for subjects exchangeable with those of the calibration, and nothing where these were measured by a model
/// that had seen them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Promise {
    /// Nothing: the miss rate was met in the mean of the subjects at hand.
    #[default]
    Conditional,
    /// The miss rate is kept in the mean over subjects and calibrations.
    RiskControl,
    /// The miss rate is kept with a confidence of 90 %.
    Rcps,
}

impl Promise {
    /// Gives what so many subjects allow.
    pub(crate) fn of(subjects: usize, across_subjects: bool, miss_rate: f64) -> Self {
        match target(miss_rate).guarantee(subjects) {
            Guarantee::Rcps if across_subjects => Self::Rcps,
            Guarantee::RiskControl if across_subjects => Self::RiskControl,
            _ => Self::Conditional,
        }
    }
}

fn target(miss_rate: f64) -> Target {
    Target { risk: miss_rate, ..Target::default() }
}

impl IntervalFactors {
    /// Gives the factor for an interval whose width is a multiple of the slice's noise in HU.
    pub fn factor(&self, noise: f64, width: f32) -> f32 {
        let bins = self.widths.len() / self.noises.len().max(1);
        let bands = self.widths.chunks(bins).zip(self.factors.chunks(bins));
        let of_band: Vec<f64> =
            bands.map(|(widths, factors)| interpolated(widths, factors, f64::from(width))).collect();
        let factor =
            if self.noises.is_empty() { of_band[0] } else { interpolated(&self.noises, &of_band, noise) };
        factor as f32
    }

    /// Gives the calibrated interval around the middle, in HU in a slice of a noise in HU; always
    /// lower ≤ middle ≤ upper.
    pub fn interval(&self, noise: f64, heads: (f32, f32, f32)) -> (f32, f32) {
        let (below, above) = half_widths(noise as f32, heads);
        let factor = self.factor(noise, below + above) * noise as f32;
        (heads.1 - factor * below, heads.1 + factor * above)
    }
}

/// Gives the value at `x` between points at ascending places; beyond the ends those of the ends.
fn interpolated(places: &[f64], values: &[f64], x: f64) -> f64 {
    match places.partition_point(|&place| place < x) {
        0 => values[0],
        n if n == places.len() => values[n - 1],
        n => {
            let share = (x - places[n - 1]) / (places[n] - places[n - 1]);
            values[n - 1] + share * (values[n] - values[n - 1])
        }
    }
}

/// Gives the distances from the middle head down and up as multiples of the noise, at least [`HALF_WIDTH_MIN`].
fn half_widths(noise: f32, (lower, middle, upper): (f32, f32, f32)) -> (f32, f32) {
    (((middle - lower) / noise).max(HALF_WIDTH_MIN), ((upper - middle) / noise).max(HALF_WIDTH_MIN))
}

/// One voxel of a calibration slice: the width of its interval as a multiple of the noise, and the factor that would
/// just cover its reference.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    width: f32,
    needed: f32,
}

impl Sample {
    /// Measures a voxel of a slice with a noise; everything is in HU.
    pub(crate) fn new(noise: f64, heads: (f32, f32, f32), reference: f32) -> Self {
        let noise = noise as f32;
        let (below, above) = half_widths(noise, heads);
        let error = (reference - heads.1) / noise;
        Self { width: below + above, needed: if error > 0.0 { error / above } else { -error / below } }
    }
}

/// A calibration slice: its noise in HU and its voxels.
#[derive(Debug, Clone)]
pub(crate) struct NoisySlice {
    pub(crate) noise: f64,
    pub(crate) samples: Vec<Sample>,
}

/// Factors by bands of noise and bins of width, as [`IntervalFactors`] has them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Found {
    pub(crate) noises: Vec<f64>,
    pub(crate) widths: Vec<f64>,
    pub(crate) factors: Vec<f64>,
}

/// Finds factors for so many bands of noise, each with so many bins of width; the subjects' slices are one list each.
pub(crate) fn calibrate_by_noise(
    subjects: &[Vec<NoisySlice>],
    miss_rate: f64,
    (bands, bins): (usize, usize),
) -> Found {
    // Each subject weighs the same, however many slices it has.
    let mut noises: Vec<(f64, f64)> = subjects
        .iter()
        .flat_map(|slices| slices.iter().map(|slice| (slice.noise, 1.0 / slices.len() as f64)))
        .collect();
    noises.sort_by(|a, b| a.0.total_cmp(&b.0));
    let quantile = |share: f64| {
        let mut left = share * noises.iter().map(|(_, weight)| weight).sum::<f64>();
        let reached = |(_, weight): &&(f64, f64)| {
            left -= weight;
            left <= ROUNDING
        };
        noises.iter().find(reached).or(noises.last()).map_or(0.0, |(noise, _)| *noise)
    };
    let edges: Vec<f64> = (1..bands).map(|band| quantile(band as f64 / bands as f64)).collect();
    let of_band = |band: usize| -> Vec<SubjectSamples> {
        let within = |slice: &&NoisySlice| edges.partition_point(|&edge| edge < slice.noise) == band;
        let of_subject =
            |slices: &Vec<NoisySlice>| slices.iter().filter(within).map(|of| of.samples.clone()).collect();
        subjects.iter().map(of_subject).filter(|slices: &SubjectSamples| !slices.is_empty()).collect()
    };
    let mut found = Found { noises: Vec::new(), widths: Vec::new(), factors: Vec::new() };
    for band in 0..bands {
        let slices = of_band(band);
        // Where many slices have the same noise a band can be empty.
        if slices.is_empty() {
            continue;
        }
        let (widths, factors) = calibrate(&slices, miss_rate, bins);
        found.noises.push(quantile((band as f64 + 0.5) / bands as f64));
        found.widths.extend(widths);
        found.factors.extend(factors);
    }
    if found.noises.len() == 1 {
        found.noises.clear();
    }
    found
}

/// The calibration slices of one subject, each as its voxels.
type SubjectSamples = Vec<Vec<Sample>>;

/// Finds the factor of each bin of interval width; the bins are equally full. The unit is the subject: its loss is the
/// share of voxels outside, in the mean of its slices, and each counts the same.
fn calibrate(subjects: &[SubjectSamples], miss_rate: f64, bins: usize) -> (Vec<f64>, Vec<f64>) {
    let mut widths: Vec<f32> = subjects.iter().flatten().flatten().map(|sample| sample.width).collect();
    widths.sort_by(f32::total_cmp);
    let quantile = |share: f64| widths[((widths.len() - 1) as f64 * share) as usize];
    let edges: Vec<f32> = (1..bins).map(|bin| quantile(bin as f64 / bins as f64)).collect();
    let needed = |slice: &Vec<Sample>, bin: usize| -> Vec<f32> {
        let inside = |sample: &&Sample| edges.partition_point(|&edge| edge < sample.width) == bin;
        slice.iter().filter(inside).map(|sample| sample.needed).collect()
    };
    let factor = |bin: usize| {
        let needed: Vec<Vec<Vec<f32>>> = subjects
            .iter()
            .map(|slices| slices.iter().map(|slice| needed(slice, bin)).collect::<Vec<_>>())
            .map(|slices| slices.into_iter().filter(|needed| needed.len() >= VOXELS_MIN).collect())
            .filter(|slices: &Vec<Vec<f32>>| !slices.is_empty())
            .collect();
        chosen(&needed, miss_rate)
    };
    let middles = (0..bins).map(|bin| f64::from(quantile((bin as f64 + 0.5) / bins as f64)));
    (middles.collect(), (0..bins).map(factor).collect())
}

/// Chooses the factor of a bin; `subjects` holds the needed factors by slice. The largest that is tried, where none is
/// large enough for what so many subjects are to promise.
fn chosen(subjects: &[Vec<Vec<f32>>], miss_rate: f64) -> f64 {
    let losses: Vec<Vec<f64>> = subjects.iter().map(|slices| outside(slices)).collect();
    let candidates: Vec<Candidate> = (0..=STEPS)
        .map(|step| Candidate {
            lambda: step as f64 / STEPS_PER_UNIT,
            losses: losses.iter().map(|outside| outside[step].min(1.0)).collect(),
        })
        .collect();
    control(&candidates, target(miss_rate)).map_or(FACTOR_MAX, |found| found.lambda)
}

/// Gives the mean share of a subject's voxels outside at every factor, each slice as a histogram summed from above.
fn outside(slices: &[Vec<f32>]) -> Vec<f64> {
    let mut outside = vec![0.0; STEPS + 1];
    for slice in slices {
        let weight = 1.0 / (slice.len() * slices.len()) as f64;
        let mut counts = vec![0_usize; STEPS + 2];
        for &needed in slice {
            counts[((f64::from(needed) * STEPS_PER_UNIT).ceil() as usize).min(STEPS + 1)] += 1;
        }
        let mut above = 0;
        for step in (0..=STEPS).rev() {
            above += counts[step + 1];
            outside[step] += above as f64 * weight;
        }
    }
    outside
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Slices whose errors are spread evenly over ± `spread` HU under heads at ± 10 HU and a noise of 10 HU.
    fn slices(count: usize, spread: f32) -> SubjectSamples {
        let error = |i: u16| (f32::from(i) - 499.5) / 499.5 * spread;
        let samples = (0..1000).map(|i| Sample::new(10.0, (-10.0, 0.0, 10.0), error(i))).collect();
        vec![samples; count]
    }

    fn factor(subjects: &[SubjectSamples]) -> f64 {
        calibrate(subjects, 0.1, 1).1[0]
    }

    #[test]
    fn more_subjects_are_to_promise_more_and_have_larger_factors() {
        let of = |subjects: usize| factor(&vec![slices(20, 20.0); subjects]);
        let (few, some, many) = (of(2), of(12), of(30));
        assert!((few - 1.8).abs() < 0.03, "{few}");
        // (12 R + 1)/13 ≤ 0.1 leaves 2.5 % outside.
        assert!((some - 1.95).abs() < 0.03, "{some}");
        assert!(many > few && many < 2.0, "{many}");
        let promises = [2, 12, 30].map(|subjects| Promise::of(subjects, true, 0.1));
        assert_eq!(promises, [Promise::Conditional, Promise::RiskControl, Promise::Rcps]);
        assert_eq!(Promise::of(30, false, 0.1), Promise::Conditional);
        assert!((factor(&vec![slices(20, 200.0); 12]) - FACTOR_MAX).abs() < 1e-9);
    }

    #[test]
    fn a_subject_with_few_slices_counts_as_much_as_one_with_many() {
        let (easy, hard) = (slices(400, 20.0), slices(40, 40.0));
        let both = factor(&[easy.clone(), hard]);
        assert!((both - factor(&[easy, slices(400, 40.0)])).abs() < 0.03, "{both}");
        assert!(both > 3.0, "{both}");
    }

    #[test]
    fn an_interval_grows_with_the_noise() {
        let (widths, factors) = calibrate(&[slices(400, 20.0)], 0.1, 1);
        let factors = IntervalFactors {
            subjects: vec![],
            slices: 400,
            miss_rate: 0.1,
            across_subjects: false,
            promise: Promise::default(),
            noises: Vec::new(),
            widths,
            factors,
        };
        let (lower, upper) = factors.interval(30.0, (-30.0, 0.0, 30.0));
        assert!((upper - lower - 108.0).abs() < 2.0, "{lower} {upper}");
    }

    #[test]
    fn crossing_heads_still_give_an_interval_around_the_image() {
        let (lower, upper) = stepped().interval(10.0, (5.0, 0.0, -5.0));
        assert!(lower < 0.0 && upper > 0.0);
    }

    #[test]
    fn the_factor_goes_steadily_from_bin_to_bin() {
        assert!((stepped().factor(10.0, 0.1) - 2.0).abs() < 1e-6);
        assert!((stepped().factor(10.0, 1.5) - 1.5).abs() < 1e-6);
        assert!((stepped().factor(10.0, 9.9) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn the_factor_goes_steadily_from_band_to_band() {
        let factors = IntervalFactors {
            noises: vec![10.0, 30.0],
            widths: vec![1.0, 2.0, 1.0, 3.0],
            factors: vec![2.0, 1.0, 3.0, 5.0],
            ..stepped()
        };
        for (noise, width, wanted) in [(5.0, 1.5, 1.5), (30.0, 2.0, 4.0), (90.0, 0.5, 3.0), (20.0, 1.0, 2.5)]
        {
            assert!((f64::from(factors.factor(noise, width)) - wanted).abs() < 1e-6, "{noise} {width}");
        }
    }

    #[test]
    fn bands_of_noise_have_factors_of_their_own_and_each_subject_counts_the_same() {
        let of_noise = |noise: f64, spread: f32, count: usize| -> Vec<NoisySlice> {
            slices(count, spread).into_iter().map(|samples| NoisySlice { noise, samples }).collect()
        };
        let subject = |count: usize| [of_noise(12.0, 20.0, count), of_noise(50.0, 40.0, count)].concat();
        let found = calibrate_by_noise(&[subject(4), subject(400)], 0.1, (2, 1));
        assert_eq!(found.noises, [12.0, 50.0]);
        assert!((found.factors[0] - 1.8).abs() < 0.03 && (found.factors[1] - 3.6).abs() < 0.06, "{found:?}");
        for one in [
            calibrate_by_noise(&[subject(4), subject(400)], 0.1, (1, 1)),
            calibrate_by_noise(&[of_noise(12.0, 20.0, 4)], 0.1, (2, 1)),
        ] {
            assert!(one.noises.is_empty() && one.factors.len() == 1, "{one:?}");
        }
    }

    fn stepped() -> IntervalFactors {
        IntervalFactors {
            subjects: vec![],
            slices: 0,
            miss_rate: 0.1,
            across_subjects: false,
            promise: Promise::default(),
            noises: Vec::new(),
            widths: vec![1.0, 2.0],
            factors: vec![2.0, 1.0],
        }
    }
}
