//! How well a run-time statistic tells images that were tampered with from those that weren't.
//!
//! Discs are added to or taken from the model's *image*, never from its input, one in one slice at a time: structure
//! that was invented or lost after the measurement. And errors of the model's own making: structure that it makes of
//! another realisation of the noise is put into its image. What a statistic can't tell here, it can't tell in service.

use super::{
    Bar, Error,
    retention::{CONTRASTS_HU, DIAMETERS_MM, coverage_of, places},
};
use imaging::{Volume, filter::gaussian, noise::BODY_HU};
use rand::{RngExt as _, SeedableRng, rngs::ChaCha8Rng};
use serde::{Deserialize, Serialize};

/// Places in a slice at most, for each size.
const PER_SLICE: usize = 2;
/// Smoothing in mm in which two images of the model are compared.
const STRUCTURE_MM: f64 = 1.5;
/// The structure is what differs by more than this share of the largest difference around it.
const STRUCTURE_SHARE: f32 = 0.5;
/// Resamplings behind an interval.
const RESAMPLINGS: usize = 1000;
const RESAMPLING_SEED: u64 = 0x7A3B;
/// What is wanted of a detector, and of which size and contrast.
const AUROC_WANTED: f64 = 0.9;
const WANTED_OF: (f64, f32) = (5.0, 40.0);

/// One or several statistics that are larger where an image departs from its input more than noise does.
pub trait Detector {
    /// What they are called.
    fn names(&self) -> &[&'static str];
    /// Judges a slice of an image beside the input that it was made from, both in HU, row by row; a value a name.
    fn judge(&self, input: &[f32], image: &[f32], width: usize) -> Vec<f64>;
}

/// What was done to an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tampering {
    /// A disc was added.
    Inserted,
    /// A disc was taken away.
    Erased,
    /// Structure of the model's own making under another noise was put into its image.
    ModelMade,
}

/// How well a detector tells one kind of tampering.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Detected {
    /// The statistic's name.
    pub detector: String,
    /// What was done.
    pub tampering: Tampering,
    /// Diameter in mm; of the model's own errors the median of those with the same area.
    pub diameter_mm: f64,
    /// Contrast in HU; of the model's own errors the median of their largest.
    pub contrast_hu: f32,
    /// Tampered slices, each in one place.
    pub trials: usize,
    /// Share of pairs of a tampered and an untouched slice in which the tampered one is judged higher.
    pub auroc: f64,
    /// Its 95 % interval over slices, which are of one patient.
    pub interval_95: [f64; 2],
}

/// The model's images of a volume: of the noise that is judged, and of another realisation of it.
#[derive(Debug, Clone, Copy)]
pub struct Images<'a> {
    /// The full-dose volume, in whose soft tissue places are looked for.
    pub full_dose: &'a Volume,
    /// What the model was given.
    pub input: &'a Volume,
    /// What it made of it.
    pub image: &'a Volume,
    /// What it made of another realisation of the noise.
    pub other: &'a Volume,
}

/// A slice with one place tampered with.
struct Trial {
    slice: usize,
    image: Vec<f32>,
    diameter_mm: f64,
    contrast_hu: f32,
}

/// Judges a detector on every kind, size and contrast.
///
/// # Errors
/// When the volumes don't share a grid.
pub fn tamper(images: Images<'_>, detector: &dyn Detector) -> Result<Vec<Detected>, Error> {
    for other in [images.input, images.image, images.other] {
        images.full_dose.same_grid(other)?;
    }
    let width = images.full_dose.dims[0];
    let judged = |slice: usize, image: &[f32]| detector.judge(images.input.slice(slice), image, width);
    let untouched: Vec<Vec<f64>> =
        (0..images.full_dose.dims[2]).map(|z| judged(z, images.image.slice(z))).collect();
    let mut found = Vec::new();
    let mut add = |tampering: Tampering, trials: &[Trial]| {
        let Some(median) = median(trials) else { return };
        let tampered: Vec<(usize, Vec<f64>)> =
            trials.iter().map(|trial| (trial.slice, judged(trial.slice, &trial.image))).collect();
        for (index, name) in detector.names().iter().enumerate() {
            let negative: Vec<f64> = untouched.iter().map(|judged| judged[index]).collect();
            let positive: Vec<(usize, f64)> =
                tampered.iter().map(|(slice, judged)| (*slice, judged[index])).collect();
            found.push(Detected {
                detector: (*name).to_owned(),
                tampering,
                diameter_mm: median.0,
                contrast_hu: median.1,
                trials: trials.len(),
                auroc: auroc(positive.iter().map(|(_, value)| *value), &negative),
                interval_95: interval(&positive, &negative),
            });
        }
    };
    for diameter_mm in DIAMETERS_MM {
        for contrast_hu in CONTRASTS_HU {
            add(Tampering::Inserted, &discs(images, diameter_mm, contrast_hu));
            add(Tampering::Erased, &discs(images, diameter_mm, -contrast_hu));
        }
    }
    add(Tampering::ModelMade, &model_made(images));
    Ok(found)
}

/// Gives what is wanted of each detector, and whether it is met.
pub fn tamper_bars(found: &[Detected]) -> Vec<Bar> {
    let of_wanted = |of: &&Detected| {
        (of.diameter_mm - WANTED_OF.0).abs() < 1e-9
            && (of.contrast_hu - WANTED_OF.1).abs() < 1e-3
            && of.tampering != Tampering::ModelMade
    };
    found
        .iter()
        .filter(of_wanted)
        .map(|of| {
            let what = if of.tampering == Tampering::Inserted { "inserted" } else { "erased" };
            let wanted = format!(
                "{}: AUROC of {what} discs of {} mm, {} HU ≥ {AUROC_WANTED}",
                of.detector, WANTED_OF.0, WANTED_OF.1
            );
            Bar { wanted, found: of.auroc, met: of.auroc >= AUROC_WANTED }
        })
        .collect()
}

/// Adds a disc of a contrast (below 0: takes it away) in a few places of each slice.
fn discs(images: Images<'_>, diameter_mm: f64, contrast_hu: f32) -> Vec<Trial> {
    let full = images.full_dose;
    let in_slice = |z: usize| {
        let places = places(full, z, diameter_mm);
        let step = places.len().div_ceil(PER_SLICE).max(1);
        places.into_iter().step_by(step).map(move |disc| {
            let mut image = images.image.slice(z).to_vec();
            for (pixel, share) in coverage_of(full, &disc) {
                image[pixel] += share * contrast_hu;
            }
            Trial { slice: z, image, diameter_mm, contrast_hu: contrast_hu.abs() }
        })
    };
    (0..full.dims[2]).flat_map(in_slice).collect()
}

/// Puts into each slice the structure that differs most in the model's image of another noise.
fn model_made(images: Images<'_>) -> Vec<Trial> {
    let [width, height, depth] = images.full_dose.dims;
    let pixel_mm = images.full_dose.affine.spacing()[0];
    let in_slice = |z: usize| {
        let (image, other) = (images.image.slice(z), images.other.slice(z));
        let difference: Vec<f32> = other.iter().zip(image).map(|(a, b)| a - b).collect();
        let structure = gaussian(&difference, width, STRUCTURE_MM / pixel_mm);
        let body = (0..structure.len()).filter(|&at| images.full_dose.slice(z)[at] > BODY_HU);
        let peak = body.max_by(|&a, &b| structure[a].abs().total_cmp(&structure[b].abs()))?;
        let region = around(&structure, (width, height), peak);
        let mut tampered = image.to_vec();
        for &at in &region {
            tampered[at] = other[at];
        }
        let area_mm2 = region.len() as f64 * pixel_mm * pixel_mm;
        Some(Trial {
            slice: z,
            image: tampered,
            diameter_mm: 2.0 * (area_mm2 / std::f64::consts::PI).sqrt(),
            contrast_hu: structure[peak].abs(),
        })
    };
    (0..depth).filter_map(in_slice).collect()
}

/// Gives the pixels that hang together with a peak and have a large share of its value.
fn around(structure: &[f32], (width, height): (usize, usize), peak: usize) -> Vec<usize> {
    let belongs = |at: usize| structure[at] / structure[peak] > STRUCTURE_SHARE;
    let mut seen = vec![false; structure.len()];
    let (mut region, mut open) = (Vec::new(), vec![peak]);
    seen[peak] = true;
    while let Some(at) = open.pop() {
        region.push(at);
        let (y, x) = (at / width, at % width);
        let beside = [
            (x > 0).then(|| at - 1),
            (x + 1 < width).then_some(at + 1),
            (y > 0).then(|| at - width),
            (y + 1 < height).then_some(at + width),
        ];
        for next in beside.into_iter().flatten() {
            if !seen[next] && belongs(next) {
                seen[next] = true;
                open.push(next);
            }
        }
    }
    region
}

/// Gives the median diameter and contrast of the trials, or `None` without any.
fn median(trials: &[Trial]) -> Option<(f64, f32)> {
    let mut diameters: Vec<f64> = trials.iter().map(|trial| trial.diameter_mm).collect();
    let mut contrasts: Vec<f32> = trials.iter().map(|trial| trial.contrast_hu).collect();
    diameters.sort_by(f64::total_cmp);
    contrasts.sort_by(f32::total_cmp);
    Some((*diameters.get(trials.len() / 2)?, contrasts[trials.len() / 2]))
}

/// Gives the share of pairs in which the positive value is the higher one; equal ones count half.
fn auroc(positive: impl ExactSizeIterator<Item = f64>, negative: &[f64]) -> f64 {
    let mut sorted = negative.to_vec();
    sorted.sort_by(f64::total_cmp);
    let count = positive.len();
    let wins: usize = positive
        .map(|value| {
            let below = sorted.partition_point(|other| *other < value);
            below + sorted.partition_point(|other| *other <= value)
        })
        .sum();
    wins as f64 / (2 * count * sorted.len()) as f64
}

/// Gives the 95 % interval of the AUROC when slices, with all that was done to them, are drawn again and again.
fn interval(positive: &[(usize, f64)], negative: &[f64]) -> [f64; 2] {
    let mut rng = ChaCha8Rng::seed_from_u64(RESAMPLING_SEED);
    let mut found: Vec<f64> = (0..RESAMPLINGS)
        .filter_map(|_| {
            let drawn: Vec<usize> =
                (0..negative.len()).map(|_| rng.random_range(0..negative.len())).collect();
            let negative: Vec<f64> = drawn.iter().map(|&slice| negative[slice]).collect();
            let positive: Vec<f64> = drawn
                .iter()
                .flat_map(|slice| positive.iter().filter(move |(of, _)| of == slice))
                .map(|(_, value)| *value)
                .collect();
            (!positive.is_empty()).then(|| auroc(positive.into_iter(), &negative))
        })
        .collect();
    found.sort_by(f64::total_cmp);
    let quantile = |share: f64| found.get((found.len() as f64 * share) as usize).copied().unwrap_or(0.0);
    [quantile(0.025), quantile(0.975)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use imaging::Affine;
    use rand_distr::{Distribution, Normal};

    /// The largest absolute smoothed difference; and one that sees nothing.
    struct SmoothedAndBlind;

    impl Detector for SmoothedAndBlind {
        fn names(&self) -> &[&'static str] {
            &["smoothed difference", "blind"]
        }

        fn judge(&self, input: &[f32], image: &[f32], width: usize) -> Vec<f64> {
            let difference: Vec<f32> = input.iter().zip(image).map(|(a, b)| a - b).collect();
            let most = gaussian(&difference, width, 2.0)
                .into_iter()
                .fold(0.0, |most: f64, value| most.max(f64::from(value.abs())));
            vec![most, 0.0]
        }
    }

    const SIZE: usize = 96;
    const DEPTH: usize = 8;

    fn water(sigma: f32, seed: u64) -> Volume {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let normal = Normal::new(40.0, sigma).unwrap();
        let data = (0..SIZE * SIZE * DEPTH).map(|_| normal.sample(&mut rng)).collect();
        Volume::new(data, [SIZE, SIZE, DEPTH], Affine::from_spacing([0.8, 0.8, 3.0])).unwrap()
    }

    fn judged() -> Vec<Detected> {
        let (clean, noisy) = (water(0.0, 1), water(15.0, 2));
        let mut other = clean.clone();
        for z in 0..DEPTH {
            for (pixel, share) in coverage_of(&clean, &places(&clean, z, 7.0)[0]) {
                other.slice_mut(z)[pixel] += 50.0 * share;
            }
        }
        let images = Images { full_dose: &clean, input: &noisy, image: &clean, other: &other };
        tamper(images, &SmoothedAndBlind).unwrap()
    }

    #[test]
    fn larger_and_stronger_discs_are_told_better_and_a_blind_detector_tells_none() {
        let found = judged();
        let of = |detector: &str, diameter: f64, contrast: f32, tampering: Tampering| {
            found
                .iter()
                .find(|of| {
                    of.detector == detector
                        && of.tampering == tampering
                        && (of.diameter_mm - diameter).abs() < 1e-9
                        && (of.contrast_hu - contrast).abs() < 1e-3
                })
                .unwrap()
        };
        for tampering in [Tampering::Inserted, Tampering::Erased] {
            let [faint, strong] = [10.0, 60.0].map(|hu| of("smoothed difference", 7.0, hu, tampering).auroc);
            assert!(strong > 0.99 && faint < strong, "{faint} {strong}");
            assert!((of("blind", 7.0, 60.0, tampering).auroc - 0.5).abs() < 1e-9);
            assert_eq!(of("blind", 7.0, 60.0, tampering).trials, DEPTH * PER_SLICE);
        }
    }

    #[test]
    fn structure_that_the_model_makes_of_another_noise_is_found_and_measured() {
        let found = judged();
        let of = found.iter().find(|of| of.tampering == Tampering::ModelMade).unwrap();
        assert!((of.diameter_mm - 7.0).abs() < 1.5 && of.auroc > 0.99, "{of:?}");
        assert!((30.0..50.0).contains(&of.contrast_hu), "{of:?}");
    }

    #[test]
    fn a_bar_is_missed_by_a_detector_that_sees_nothing() {
        let bars = tamper_bars(&judged());
        let missed: Vec<bool> = bars.iter().map(|bar| !bar.met).collect();
        assert_eq!(missed, [false, true, false, true], "{bars:?}");
    }

    /// Of nine pairs six are won and two are equal.
    #[test]
    fn the_area_is_the_share_of_pairs_won() {
        let area = auroc([2.0, 3.0, 4.0].into_iter(), &[1.0, 2.0, 3.0]);
        assert!((area - 7.0 / 9.0).abs() < 1e-12, "{area}");
    }
}
