//! Whether radiomics measures of an image what it measures of full dose, and how far apart the two are in its features.

use super::{
    PerImage,
    tally::Slice,
    texture::{cut, places},
};
use crate::{
    feature_distance::{frechet, kernel},
    radiomics::{Features, NAMES, concordance, features},
};
use imaging::noise::BODY_HU;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Side in pixels of the regions that are measured, flat or not, and the step between them.
const REGION: usize = 32;
/// Width of a grey level in HU.
const BIN_HU: f64 = 25.0;
/// The lesion is a region of each slice in which it has at least so many pixels.
const LESION_PIXELS_MIN: usize = 32;
/// With fewer regions the features' covariance is of too few points.
const REGIONS_MIN: usize = 2 * NAMES.len();

/// The features of an image's regions beside those of the same regions at full dose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Radiomics {
    /// Regions measured.
    pub regions: usize,
    /// Share of the features whose concordance with full dose is at least 0.85; more is better.
    pub reproducible: PerImage<f64>,
    /// Lin's concordance of each feature in the model's image, by its name; `None` where it is the same everywhere.
    pub concordance: BTreeMap<String, Option<f64>>,
    /// Fréchet's distance of the features; less is better. They are standardised by their means and deviations at full
    /// dose, and are [`NAMES`], not the Inception network's: this is no FID.
    pub frechet: PerImage<f64>,
    /// The kernel's distance of the same; less is better, and no KID either.
    pub kernel: PerImage<f64>,
}

/// What is found of one image.
struct Beside {
    concordance: [Option<f64>; NAMES.len()],
    reproducible: f64,
    frechet: f64,
    kernel: f64,
}

/// Features gathered slice by slice: of full dose, then of input, baseline and model.
#[derive(Default)]
pub(super) struct RadiomicsTally {
    points: [Vec<Features>; 4],
}

impl RadiomicsTally {
    /// Adds a slice's regions, each wholly in the body, and its lesion.
    ///
    /// Lung is no body here as nowhere in these figures: with air and soft tissue among the regions any image would
    /// agree well.
    pub(super) fn add(&mut self, slice: &Slice<'_>, [input, baseline, image]: [&[f32]; 3]) {
        let images = [slice.reference, input, baseline, image];
        let height = slice.reference.len() / slice.width;
        for place in places([height, slice.width], REGION, REGION) {
            let regions = images.map(|image| cut(image, slice.width, place, REGION));
            if regions[0].iter().all(|hu| *hu > BODY_HU) {
                self.measure(regions.each_ref().map(Vec::as_slice), REGION, &[true; REGION * REGION]);
            }
        }
        if slice.lesion.iter().filter(|inside| **inside).count() >= LESION_PIXELS_MIN {
            self.measure(images, slice.width, slice.lesion);
        }
    }

    fn measure(&mut self, images: [&[f32]; 4], width: usize, mask: &[bool]) {
        // Which pixels are neighbours the mask alone says: all four images have features or none has.
        let found = images.map(|image| features(image, width, mask, BIN_HU));
        if let [Some(full), Some(input), Some(baseline), Some(image)] = found {
            for (points, found) in self.points.iter_mut().zip([full, input, baseline, image]) {
                points.push(found);
            }
        }
    }

    /// Gives what was gathered; `None` with too few regions, or where no feature varies at full dose.
    pub(super) fn result(self) -> Option<Radiomics> {
        let [full, input, baseline, image] = &self.points;
        if full.len() < REGIONS_MIN {
            return None;
        }
        let scale = Scale::of(full);
        let reference = scale.standardised(full);
        let beside = |points: &[Features]| -> Option<Beside> {
            let found = concordance(full, points)?;
            let standardised = scale.standardised(points);
            Some(Beside {
                concordance: found.features,
                reproducible: found.reproducible,
                frechet: frechet(&reference, &standardised)?,
                kernel: kernel(&reference, &standardised)?,
            })
        };
        if scale.0.is_empty() {
            return None;
        }
        let found = [beside(input)?, beside(baseline)?, beside(image)?];
        let each = |of: fn(&Beside) -> f64| PerImage::from(found.each_ref().map(of));
        let names = NAMES.iter().map(|name| (*name).to_owned());
        Some(Radiomics {
            regions: full.len(),
            reproducible: each(|of| of.reproducible),
            concordance: names.zip(found[2].concordance).collect(),
            frechet: each(|of| of.frechet),
            kernel: each(|of| of.kernel),
        })
    }
}

/// Place, mean and deviation of each feature that varies at full dose.
struct Scale(Vec<(usize, f64, f64)>);

impl Scale {
    fn of(full: &[Features]) -> Self {
        let count = full.len() as f64;
        let of = |at: usize| {
            let values = || full.iter().map(|one| one.0[at]);
            let mean = values().sum::<f64>() / count;
            let variance = values().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
            (variance > 0.0).then(|| (at, mean, variance.sqrt()))
        };
        Self((0..NAMES.len()).filter_map(of).collect())
    }

    fn standardised(&self, points: &[Features]) -> Vec<Vec<f64>> {
        let one = |point: &Features| {
            self.0.iter().map(|(at, mean, deviation)| (point.0[*at] - mean) / deviation).collect()
        };
        points.iter().map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use imaging::filter::gaussian;
    use rand::{SeedableRng, rngs::ChaCha8Rng};
    use rand_distr::{Distribution, Normal};

    /// 36 regions of soft tissue, each of its own value and noise, with a margin of air.
    const WIDTH: usize = 7 * REGION;

    fn noisy(sigma: f32, seed: u64) -> Vec<f32> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let normal = Normal::new(0.0, sigma).unwrap();
        (0..WIDTH * WIDTH).map(|_| normal.sample(&mut rng)).collect()
    }

    fn full() -> Vec<f32> {
        let tissue = |at: usize| {
            let (x, y) = (at % WIDTH / REGION, at / WIDTH / REGION);
            if x < 6 && y < 6 { Some((x * 7 + y * 13) as f32) } else { None }
        };
        let noise = noisy(1.0, 1);
        (0..WIDTH * WIDTH)
            .map(|at| tissue(at).map_or(-1000.0, |of| of + (10.0 + of / 4.0) * noise[at]))
            .collect()
    }

    fn found(images: [&[f32]; 3], lesion: &[bool]) -> Option<Radiomics> {
        let full = full();
        let slice = Slice { index: 0, reference: &full, body: &[], lesion, tissue: &[], width: WIDTH };
        let mut tally = RadiomicsTally::default();
        tally.add(&slice, images);
        tally.result()
    }

    #[test]
    fn what_is_smoothed_or_noisier_gives_other_features_than_full_dose_and_full_dose_its_own() {
        let full = full();
        let input: Vec<f32> = full.iter().zip(noisy(30.0, 2)).map(|(value, noise)| value + noise).collect();
        let smooth = gaussian(&full, WIDTH, 1.0);
        let found = found([&input, &smooth, &full], &[]).unwrap();
        assert_eq!(found.regions, 36);
        let [input, smoothed, same] = found.reproducible.into_array();
        assert!((same - 1.0).abs() < 1e-12 && input < 0.5 && smoothed < 0.8, "{found:?}");
        assert!(found.concordance.len() == 14 && found.concordance.values().all(|of| of.unwrap() > 0.999));
        let [input, smoothed, same] = found.frechet.into_array();
        assert!(same < 1e-6 && smoothed > 1.0 && input > 1.0, "{found:?}");
        let [input, smoothed, same] = found.kernel.into_array();
        // Unbiased, of a set and itself it is below 0.
        assert!(same < 0.0 && smoothed > 1.0 && input > 1.0, "{found:?}");
    }

    /// Every value 3 HU higher: the mean alone moves, by 3 HU over its own deviation, and no grey level by as much.
    #[test]
    fn the_distance_of_a_shift_is_its_square_in_deviations_of_full_dose() {
        let mut tally = RadiomicsTally::default();
        let point = |mean: usize| {
            let mut values = [0.0; NAMES.len()];
            values[0] = mean as f64;
            Features(values)
        };
        for at in 0..40 {
            for (points, moved) in tally.points.iter_mut().zip([0, 0, 0, 3]) {
                points.push(point(at + moved));
            }
        }
        let found = tally.result().unwrap();
        // The unbiased variance of 0 to 39 is 40 · 41/12.
        let expected = 9.0 / (40.0 * 41.0 / 12.0);
        assert!(
            (found.frechet.output - expected).abs() < 1e-9 && found.frechet.input.abs() < 1e-9,
            "{found:?}"
        );
        assert!(found.concordance["firstorder_Mean"].unwrap() > 0.9);
        assert_eq!(found.concordance["glcm_Contrast"], None);
    }

    #[test]
    fn a_lesion_is_one_more_region_and_a_few_regions_say_nothing() {
        let full = full();
        let lesion: Vec<bool> = (0..full.len()).map(|at| at % WIDTH < 8 && at / WIDTH < 8).collect();
        assert_eq!(found([&full; 3], &lesion).unwrap().regions, 37);
        let few: Vec<bool> = (0..full.len()).map(|at| at % WIDTH < 5 && at / WIDTH < 6).collect();
        assert_eq!(found([&full; 3], &few).unwrap().regions, 36);
        let mut tally = RadiomicsTally::default();
        for points in &mut tally.points {
            points.extend((0..REGIONS_MIN - 1).map(|at| Features([at as f64; NAMES.len()])));
        }
        assert_eq!(tally.result(), None);
    }
}
