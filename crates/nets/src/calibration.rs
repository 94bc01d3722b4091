//! Conformal calibration of the intervals: factors that stretch the heads' intervals until few enough voxels of
//! the calibration subjects lie outside. What that promises goes by their number ([`evaluation::uncertainty`]).

use evaluation::uncertainty::{Candidate, Guarantee, Target, control};
use imaging::noise::FlatTissue;
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

/// How much the heads' intervals are stretched, by the interval's own width and the slice's noise and its texture.
///
/// Narrow intervals are too narrow more often than wide ones, so one factor for all would be wrong for each. Widths
/// are in units of the slice's noise, so that factors of one person mean something for another. How much of a
/// reference's own noise an interval has to hold goes by the dose, of which a slice shows nothing but its noise. And the
/// smoother the kernel, the more of the noise looks like anatomy, and the more of it is left. Between the widths, the
/// noises and the correlations the factor is interpolated, so that no border shows in the uncertainty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntervalFactors {
    /// Names of the subjects whose slices the factors rest on; their number is k.
    pub subjects: Vec<String>,
    /// Number of calibration slices, counted once per dose and kernel.
    pub slices: usize,
    /// Wanted share of voxels outside.
    pub miss_rate: f64,
    /// Whether each subject's slices were measured by a model that had never seen the subject.
    pub across_subjects: bool,
    /// What the number of subjects lets the intervals promise of another one.
    #[serde(default)]
    pub promise: Promise,
    /// Median correlation of neighbours in the flat tissue of the slices under each kernel, ascending; none where they
    /// were looked at under their own alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub correlations: Vec<f64>,
    /// Median noise in HU of the slices of each band, ascending, as many under each kernel; none where all slices are one
    /// band.
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
    /// Gives the factors for a slice.
    pub(crate) fn of_slice(&self, noise: FlatTissue) -> SliceFactors<'_> {
        let bins = self.widths.len() / self.noises.len().max(1);
        let bands = self.noises.len() / self.correlations.len().max(1);
        let cell = |index: usize, weight: f64| Cell {
            weight,
            widths: &self.widths[index * bins..][..bins],
            factors: &self.factors[index * bins..][..bins],
        };
        let cells = around(&self.correlations, noise.correlation).flat_map(|(band, share)| {
            let noises = &self.noises[band * bands..][..bands];
            around(noises, noise.sigma).map(move |(place, weight)| (band * bands + place, share * weight))
        });
        let cells = cells.filter(|(_, weight)| *weight > 0.0);
        SliceFactors {
            noise: noise.sigma as f32,
            cells: cells.map(|(at, weight)| cell(at, weight)).collect(),
        }
    }
}

/// The factors for the slices of one noise: those of the bands around it, weighted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SliceFactors<'a> {
    /// In HU.
    noise: f32,
    cells: Vec<Cell<'a>>,
}

#[derive(Debug, Clone, PartialEq)]
struct Cell<'a> {
    weight: f64,
    widths: &'a [f64],
    factors: &'a [f64],
}

impl SliceFactors<'_> {
    /// Gives the factor for an interval whose width is a multiple of the slice's noise.
    pub(crate) fn factor(&self, width: f32) -> f32 {
        let of_cell = |cell: &Cell<'_>| {
            let places = around(cell.widths, f64::from(width));
            cell.weight * places.map(|(place, share)| share * cell.factors[place]).sum::<f64>()
        };
        self.cells.iter().map(of_cell).sum::<f64>() as f32
    }

    /// Gives the calibrated interval around the middle, in HU; always lower ≤ middle ≤ upper.
    pub(crate) fn interval(&self, heads: (f32, f32, f32)) -> (f32, f32) {
        let (below, above) = half_widths(self.noise, heads);
        let factor = self.factor(below + above) * self.noise;
        (heads.1 - factor * below, heads.1 + factor * above)
    }
}

/// Gives the ascending places around a value with the share that each has of it; beyond the ends the end alone, and the
/// first place where there are none.
fn around(places: &[f64], value: f64) -> impl Iterator<Item = (usize, f64)> + use<> {
    let (place, share) = match places.partition_point(|&place| place < value) {
        0 => (0, 0.0),
        n if n == places.len() => (n - 1, 0.0),
        n => (n - 1, (value - places[n - 1]) / (places[n] - places[n - 1])),
    };
    let next = (share > 0.0).then_some((place + 1, share));
    std::iter::once((place, 1.0 - share)).chain(next)
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

/// A calibration slice: its noise and its voxels.
#[derive(Debug, Clone)]
pub(crate) struct NoisySlice<'a> {
    pub(crate) noise: FlatTissue,
    pub(crate) samples: &'a [Sample],
}

/// Factors by bands and bins, as [`IntervalFactors`] has them.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Found {
    pub(crate) correlations: Vec<f64>,
    pub(crate) noises: Vec<f64>,
    pub(crate) widths: Vec<f64>,
    pub(crate) factors: Vec<f64>,
}

/// Finds factors for each kernel, with so many bands of noise in each and so many bins of width in each band; `kernels`
/// holds the subjects' slices under one kernel after the other, a subject each.
///
/// A kernel is known by the median correlation of its slices. It isn't divided by correlation: under its own kernel a
/// scan is to have the factors of scans under theirs, which those that were made smoother on purpose must not widen.
pub(crate) fn calibrate_by_noise(
    kernels: &[Vec<Vec<NoisySlice<'_>>>],
    miss_rate: f64,
    (noises, bins): (usize, usize),
) -> Found {
    let of_kernel = |subjects: &Vec<Vec<NoisySlice<'_>>>| {
        let whole = bands(subjects, |slice| slice.noise.correlation, 1);
        let correlation = whole.first().map_or(0.0, |band| band.middle);
        (correlation, found_in(&bands(subjects, |slice| slice.noise.sigma, noises), miss_rate, bins))
    };
    let cells = kernels.iter().map(of_kernel).filter(|(_, bands)| !bands.is_empty());
    let mut cells: Vec<(f64, Vec<OfBand>)> = cells.collect();
    cells.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Where many slices have the same noise there can be fewer bands than wanted.
    let count = cells.iter().map(|(_, bands)| bands.len()).max().unwrap_or(0);
    let mut found = Found::default();
    for (correlation, bands) in cells {
        found.correlations.push(correlation);
        for index in 0..count {
            let band = &bands[index.min(bands.len() - 1)];
            found.noises.push(band.noise);
            found.widths.extend(&band.widths);
            found.factors.extend(&band.factors);
        }
    }
    if found.correlations.len() == 1 {
        found.correlations.clear();
    }
    if found.noises.len() == 1 {
        found.noises.clear();
    }
    found
}

/// The factors of one band of noise.
struct OfBand {
    /// Median noise in HU.
    noise: f64,
    widths: Vec<f64>,
    factors: Vec<f64>,
}

fn found_in(bands: &[Band<'_>], miss_rate: f64, bins: usize) -> Vec<OfBand> {
    let of_band = |band: &Band<'_>| {
        let samples: Vec<SubjectSamples<'_>> =
            band.subjects.iter().map(|slices| slices.iter().map(|slice| slice.samples).collect()).collect();
        let (widths, factors) = calibrate(&samples, miss_rate, bins);
        OfBand { noise: band.middle, widths, factors }
    };
    bands.iter().map(of_band).collect()
}

/// Slices that are alike.
struct Band<'a> {
    /// What is in the middle of the band.
    middle: f64,
    /// Those subjects that have any.
    subjects: Vec<Vec<NoisySlice<'a>>>,
}

/// Divides slices by a value into bands that are equally full, each subject weighing the same, however many slices it has.
fn bands<'a>(
    subjects: &[Vec<NoisySlice<'a>>],
    value: fn(&NoisySlice<'a>) -> f64,
    count: usize,
) -> Vec<Band<'a>> {
    let mut values: Vec<(f64, f64)> = subjects
        .iter()
        .flat_map(|slices| slices.iter().map(|slice| (value(slice), 1.0 / slices.len() as f64)))
        .collect();
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let quantile = |share: f64| {
        let mut left = share * values.iter().map(|(_, weight)| weight).sum::<f64>();
        let reached = |(_, weight): &&(f64, f64)| {
            left -= weight;
            left <= ROUNDING
        };
        values.iter().find(reached).or(values.last()).map_or(0.0, |(value, _)| *value)
    };
    let edges: Vec<f64> = (1..count).map(|band| quantile(band as f64 / count as f64)).collect();
    let of_band = |band: usize| {
        let within = |slice: &&NoisySlice<'a>| edges.partition_point(|&edge| edge < value(slice)) == band;
        let of_subject = |slices: &Vec<NoisySlice<'a>>| slices.iter().filter(within).cloned().collect();
        let subjects =
            subjects.iter().map(of_subject).filter(|slices: &Vec<NoisySlice<'a>>| !slices.is_empty());
        Band { middle: quantile((band as f64 + 0.5) / count as f64), subjects: subjects.collect() }
    };
    (0..count).map(of_band).filter(|band| !band.subjects.is_empty()).collect()
}

/// The calibration slices of one subject, each as its voxels.
type SubjectSamples<'a> = Vec<&'a [Sample]>;

/// Finds the factor of each bin of interval width; the bins are equally full. The unit is the subject: its loss is the
/// share of voxels outside, in the mean of its slices, and each counts the same.
fn calibrate(subjects: &[SubjectSamples<'_>], miss_rate: f64, bins: usize) -> (Vec<f64>, Vec<f64>) {
    let mut widths: Vec<f32> =
        subjects.iter().flatten().flat_map(|slice| slice.iter()).map(|sample| sample.width).collect();
    widths.sort_by(f32::total_cmp);
    let quantile = |share: f64| widths[((widths.len() - 1) as f64 * share) as usize];
    let edges: Vec<f32> = (1..bins).map(|bin| quantile(bin as f64 / bins as f64)).collect();
    let needed = |slice: &[Sample], bin: usize| -> Vec<f32> {
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
    fn slices(count: usize, spread: f32) -> Vec<Vec<Sample>> {
        let error = |i: u16| (f32::from(i) - 499.5) / 499.5 * spread;
        let samples = (0..1000).map(|i| Sample::new(10.0, (-10.0, 0.0, 10.0), error(i))).collect();
        vec![samples; count]
    }

    fn calibrated(subjects: &[Vec<Vec<Sample>>]) -> (Vec<f64>, Vec<f64>) {
        let subjects: Vec<SubjectSamples<'_>> =
            subjects.iter().map(|slices| slices.iter().map(Vec::as_slice).collect()).collect();
        calibrate(&subjects, 0.1, 1)
    }

    fn factor(subjects: &[Vec<Vec<Sample>>]) -> f64 {
        calibrated(subjects).1[0]
    }

    fn noise(sigma: f64) -> FlatTissue {
        FlatTissue { sigma, correlation: 0.5 }
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
        let (widths, factors) = calibrated(&[slices(400, 20.0)]);
        let factors = IntervalFactors {
            subjects: vec![],
            slices: 400,
            miss_rate: 0.1,
            across_subjects: false,
            promise: Promise::default(),
            correlations: Vec::new(),
            noises: Vec::new(),
            widths,
            factors,
        };
        let (lower, upper) = factors.of_slice(noise(30.0)).interval((-30.0, 0.0, 30.0));
        assert!((upper - lower - 108.0).abs() < 2.0, "{lower} {upper}");
    }

    #[test]
    fn crossing_heads_still_give_an_interval_around_the_image() {
        let (lower, upper) = stepped().of_slice(noise(10.0)).interval((5.0, 0.0, -5.0));
        assert!(lower < 0.0 && upper > 0.0);
    }

    #[test]
    fn the_factor_goes_steadily_from_bin_to_bin() {
        assert!((stepped().of_slice(noise(10.0)).factor(0.1) - 2.0).abs() < 1e-6);
        assert!((stepped().of_slice(noise(10.0)).factor(1.5) - 1.5).abs() < 1e-6);
        assert!((stepped().of_slice(noise(10.0)).factor(9.9) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn the_factor_goes_steadily_from_band_to_band() {
        let factors = IntervalFactors {
            noises: vec![10.0, 30.0],
            widths: vec![1.0, 2.0, 1.0, 3.0],
            factors: vec![2.0, 1.0, 3.0, 5.0],
            ..stepped()
        };
        for (sigma, width, wanted) in [(5.0, 1.5, 1.5), (30.0, 2.0, 4.0), (90.0, 0.5, 3.0), (20.0, 1.0, 2.5)]
        {
            let found = factors.of_slice(noise(sigma)).factor(width);
            assert!((f64::from(found) - wanted).abs() < 1e-6, "{sigma} {width}");
        }
        // Bands of correlation, each with its own bands of noise.
        let factors = IntervalFactors {
            correlations: vec![0.3, 0.7],
            noises: vec![10.0, 30.0, 5.0, 15.0],
            widths: vec![1.0; 4],
            factors: vec![1.0, 2.0, 3.0, 5.0],
            ..stepped()
        };
        for (correlation, sigma, wanted) in
            [(0.1, 20.0, 1.5), (0.9, 10.0, 4.0), (0.5, 10.0, 2.5), (0.5, 30.0, 3.5)]
        {
            let found = factors.of_slice(FlatTissue { sigma, correlation }).factor(1.0);
            assert!((f64::from(found) - wanted).abs() < 1e-6, "{correlation} {sigma}: {found}");
        }
    }

    #[test]
    fn bands_have_factors_of_their_own_and_each_subject_counts_the_same() {
        let (calm, loud) = (slices(1, 20.0).swap_remove(0), slices(1, 40.0).swap_remove(0));
        let of = |correlation: f64, sigma: f64, count: usize| {
            let samples = if sigma < 30.0 { calm.as_slice() } else { loud.as_slice() };
            vec![NoisySlice { noise: FlatTissue { sigma, correlation }, samples }; count]
        };
        let subject = |count: usize| [of(0.5, 12.0, count), of(0.5, 50.0, count)].concat();
        let found = calibrate_by_noise(&[vec![subject(4), subject(400)]], 0.1, (2, 1));
        assert_eq!((found.correlations.len(), found.noises.as_slice()), (0, [12.0, 50.0].as_slice()));
        assert!((found.factors[0] - 1.8).abs() < 0.03 && (found.factors[1] - 3.6).abs() < 0.06, "{found:?}");
        for one in [
            calibrate_by_noise(&[vec![subject(4), subject(400)]], 0.1, (1, 1)),
            calibrate_by_noise(&[vec![of(0.5, 12.0, 4)]], 0.1, (2, 1)),
        ] {
            assert!(
                one.correlations.is_empty() && one.noises.is_empty() && one.factors.len() == 1,
                "{one:?}"
            );
        }
        // A smooth kernel under which there is one noise only has it for each band of noise.
        let kernels = [vec![of(0.8, 50.0, 8)], vec![[of(0.3, 12.0, 8), of(0.5, 50.0, 8)].concat()]];
        let found = calibrate_by_noise(&kernels, 0.1, (2, 1));
        assert_eq!(found.correlations, [0.3, 0.8]);
        assert_eq!(found.noises, [12.0, 50.0, 50.0, 50.0]);
        assert!((found.factors[0] - 1.8).abs() < 0.03, "{found:?}");
        assert!(found.factors[1..].iter().all(|factor| (factor - 3.6).abs() < 0.06), "{found:?}");
    }

    fn stepped() -> IntervalFactors {
        IntervalFactors {
            subjects: vec![],
            slices: 0,
            miss_rate: 0.1,
            across_subjects: false,
            promise: Promise::default(),
            correlations: Vec::new(),
            noises: Vec::new(),
            widths: vec![1.0, 2.0],
            factors: vec![2.0, 1.0],
        }
    }
}
