//! Conformal calibration of the intervals: factors that stretch the heads' intervals until few enough voxels of
//! the calibration slices lie outside.

use serde::{Deserialize, Serialize};

/// The narrowest half-interval in HU: heads may touch or cross, and no interval is empty.
pub(crate) const HALF_WIDTH_MIN: f32 = 1.0;
/// The largest factor that is tried, and the steps up to it.
const FACTOR_MAX: f64 = 6.0;
const FACTOR_STEP: f64 = 0.01;
/// Slices that a band of noise holds at least, where there are as many.
const SLICES_PER_BAND: usize = 24;
/// A bin with fewer voxels in a slice says nothing about that slice.
const VOXELS_MIN: usize = 100;

/// How much the heads' intervals are stretched, by the slice's noise and by the interval's own width.
///
/// Narrow intervals are too narrow more often than wide ones, and those of noisy slices more often than those of
/// quiet ones, so one factor for all would be wrong for each. Between the bands and widths the factor is
/// interpolated, so that no border shows in the uncertainty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntervalFactors {
    /// Names of the subjects whose slices the factors rest on; their number is k.
    pub subjects: Vec<String>,
    /// Number of calibration slices, counted once per dose.
    pub slices: usize,
    /// Wanted share of voxels outside.
    pub miss_rate: f64,
    /// Factors per band of noise, in ascending order of noise; at least one.
    pub bands: Vec<NoiseBand>,
}

/// The factors for slices of a certain noise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoiseBand {
    /// Median noise of the band's calibration slices: that of flat soft tissue in the input, in HU.
    pub noise: f64,
    /// Median interval width in HU of each bin, ascending.
    pub widths: Vec<f64>,
    /// Factor of each bin.
    pub factors: Vec<f64>,
}

impl IntervalFactors {
    /// Gives the factor for an interval of a width in HU, in a slice of a noise in HU.
    pub fn factor(&self, noise: f64, width: f32) -> f32 {
        let at = |band: &NoiseBand| {
            interpolated(&band.widths, |place| *place, |bin| band.factors[bin], f64::from(width))
        };
        interpolated(&self.bands, |band| band.noise, |band| at(&self.bands[band]), noise) as f32
    }

    /// Gives the calibrated interval around the middle; always lower ≤ middle ≤ upper.
    pub fn interval(&self, noise: f64, (lower, middle, upper): (f32, f32, f32)) -> (f32, f32) {
        let (below, above) = half_widths(lower, middle, upper);
        let factor = self.factor(noise, below + above);
        (middle - factor * below, middle + factor * above)
    }
}

/// Gives the value at `x` between the values of points at ascending places; beyond the ends those of the ends.
fn interpolated<P>(points: &[P], place: impl Fn(&P) -> f64, value: impl Fn(usize) -> f64, x: f64) -> f64 {
    match points.partition_point(|point| place(point) < x) {
        0 => value(0),
        n if n == points.len() => value(n - 1),
        n => {
            let (left, right) = (place(&points[n - 1]), place(&points[n]));
            let share = (x - left) / (right - left);
            value(n - 1) + share * (value(n) - value(n - 1))
        }
    }
}

/// Gives the distances from the middle head down and up, at least [`HALF_WIDTH_MIN`].
fn half_widths(lower: f32, middle: f32, upper: f32) -> (f32, f32) {
    ((middle - lower).max(HALF_WIDTH_MIN), (upper - middle).max(HALF_WIDTH_MIN))
}

/// One voxel of a calibration slice: the width of its interval and the factor that would just cover its reference.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    width: f32,
    needed: f32,
}

impl Sample {
    pub(crate) fn new((lower, middle, upper): (f32, f32, f32), reference: f32) -> Self {
        let (below, above) = half_widths(lower, middle, upper);
        let error = reference - middle;
        Self { width: below + above, needed: if error > 0.0 { error / above } else { -error / below } }
    }
}

/// A calibration slice: the noise of its input in HU, and its voxels.
#[derive(Debug, Clone)]
pub(crate) struct SliceSamples {
    pub(crate) noise: f64,
    pub(crate) samples: Vec<Sample>,
}

/// Finds the factors by conformal risk control, separately in bands of noise and bins of interval width, each
/// equally full. There are as many bands as leave 24 slices in each: fewer would need needlessly large factors.
///
/// # Source
/// Angelopoulos 2022, "Conformal risk control": the smallest factor with (n·R + 1)/(n + 1) ≤ the miss rate, R being
/// the mean over the n slices of the share of voxels outside. It holds in expectation for slices exchangeable with
/// these: of the same subjects, not of a new patient.
pub(crate) fn calibrate(
    mut slices: Vec<SliceSamples>,
    subjects: Vec<String>,
    miss_rate: f64,
    bins: usize,
) -> IntervalFactors {
    slices.sort_by(|a, b| a.noise.total_cmp(&b.noise));
    let bands = (slices.len() / SLICES_PER_BAND).max(1);
    let bands =
        slices.chunks(slices.len().div_ceil(bands).max(1)).map(|band| calibrate_band(band, miss_rate, bins));
    IntervalFactors { subjects, slices: slices.len(), miss_rate, bands: bands.collect() }
}

fn calibrate_band(slices: &[SliceSamples], miss_rate: f64, bins: usize) -> NoiseBand {
    let mut widths: Vec<f32> =
        slices.iter().flat_map(|slice| &slice.samples).map(|sample| sample.width).collect();
    widths.sort_by(f32::total_cmp);
    let quantile = |share: f64| widths[((widths.len() - 1) as f64 * share) as usize];
    let edges: Vec<f32> = (1..bins).map(|bin| quantile(bin as f64 / bins as f64)).collect();
    let mut factors = Vec::new();
    for bin in 0..bins {
        let needed: Vec<Vec<f32>> = slices
            .iter()
            .map(|slice| {
                let inside = |sample: &&Sample| edges.partition_point(|&edge| edge < sample.width) == bin;
                slice.samples.iter().filter(inside).map(|sample| sample.needed).collect()
            })
            .filter(|needed: &Vec<f32>| needed.len() >= VOXELS_MIN)
            .collect();
        factors.push(smallest_factor(&needed, miss_rate));
    }
    let widths = (0..bins).map(|bin| f64::from(quantile((bin as f64 + 0.5) / bins as f64))).collect();
    NoiseBand { noise: slices[slices.len() / 2].noise, widths, factors }
}

fn smallest_factor(slices: &[Vec<f32>], miss_rate: f64) -> f64 {
    let steps = (FACTOR_MAX / FACTOR_STEP) as usize;
    let n = slices.len() as f64;
    // Shares of each slice outside at every factor, as a histogram summed from above.
    let mut outside = vec![0.0; steps + 1];
    for slice in slices {
        let mut counts = vec![0_usize; steps + 2];
        for &needed in slice {
            counts[((f64::from(needed) / FACTOR_STEP).ceil() as usize).min(steps + 1)] += 1;
        }
        let mut above = 0;
        for step in (0..=steps).rev() {
            above += counts[step + 1];
            outside[step] += above as f64 / slice.len() as f64;
        }
    }
    (0..=steps)
        .find(|&step| (outside[step] + 1.0) / (n + 1.0) <= miss_rate)
        .map_or(FACTOR_MAX, |step| (step as f64 * FACTOR_STEP * 100.0).round() / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Errors spread evenly over ± 20 HU where the noise is 10 and ± 40 HU where it is 30, heads at ± 10 HU.
    fn slices(count: usize, noise: f64) -> Vec<SliceSamples> {
        let scale = if noise > 20.0 { 0.08 } else { 0.04 };
        let samples =
            (0..1000).map(|i| Sample::new((-10.0, 0.0, 10.0), (i as f32 - 499.5) * scale)).collect();
        vec![SliceSamples { noise, samples }; count]
    }

    fn calibrated(slices: Vec<SliceSamples>) -> IntervalFactors {
        calibrate(slices, vec!["a".into()], 0.1, 1)
    }

    #[test]
    fn many_slices_give_the_factor_of_the_quantile_and_few_a_larger_one() {
        let many = calibrate_band(&slices(400, 10.0), 0.1, 1).factors[0];
        assert!((many - 1.8).abs() < 0.03, "{many}");
        let few = calibrated(slices(12, 10.0)).bands[0].factors[0];
        assert!(few > many + 0.02, "{few}");
        assert!((calibrated(slices(8, 10.0)).bands[0].factors[0] - FACTOR_MAX).abs() < 1e-9);
    }

    #[test]
    fn a_noisy_slice_gets_the_factor_of_noisy_slices() {
        let factors = calibrated([slices(50, 10.0), slices(50, 30.0)].concat());
        let (quiet, between, noisy) =
            (factors.factor(5.0, 20.0), factors.factor(20.0, 20.0), factors.factor(99.0, 20.0));
        assert!(quiet < between && between < noisy, "{quiet} {between} {noisy}");
        assert!((noisy / quiet - 2.0).abs() < 0.05);
    }

    #[test]
    fn crossing_heads_still_give_an_interval_around_the_image() {
        let (lower, upper) = calibrated(slices(50, 10.0)).interval(10.0, (5.0, 0.0, -5.0));
        assert!(lower < 0.0 && upper > 0.0);
    }

    #[test]
    fn the_factor_goes_steadily_from_bin_to_bin() {
        let band = NoiseBand { noise: 10.0, widths: vec![10.0, 20.0], factors: vec![2.0, 1.0] };
        let factors = IntervalFactors { subjects: vec![], slices: 0, miss_rate: 0.1, bands: vec![band] };
        assert!((factors.factor(10.0, 1.0) - 2.0).abs() < 1e-6);
        assert!((factors.factor(10.0, 15.0) - 1.5).abs() < 1e-6);
        assert!((factors.factor(10.0, 99.0) - 1.0).abs() < 1e-6);
    }
}
