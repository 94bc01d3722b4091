//! The Hallucination Index of a model over realisations of the noise, beside its input's and tuned non-local means'.
//!
//! All realisations rest on one full-dose scan, whose own noise doesn't change between them. To the spread of each image
//! over the realisations that noise is therefore added, as the index' source does with a truth: both sides are compared
//! at the noise of full dose. An image that is full dose itself has 0; one of the true tissue, without any noise, differs
//! from full dose by that noise alone and has √(1 − e^(−1/8)) = 0.34.

use super::{
    Error, PerImage,
    texture::{cut, places},
    tuned_non_local_means,
};
use crate::{agreement::percentile, hallucination::Voxels};
use imaging::{Volume, noise::BODY_HU, physics::volume_sigma};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Side in pixels of the patches.
const PATCH: usize = 8;
/// Of fewer realisations no variance is told.
const REALISATIONS_MIN: usize = 4;

/// What was made of some realisations of a low-dose scan's noise.
#[derive(Debug, Clone)]
pub struct Realisations<'a> {
    /// The full-dose scan.
    pub full_dose: &'a Volume,
    /// The low-dose scan, once a realisation.
    pub inputs: &'a [Volume],
    /// What the model made of each.
    pub images: &'a [Volume],
    /// The slices that are judged; those around them are there for the model.
    pub slices: Range<usize>,
}

/// The index of each image.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Hallucination {
    /// Realisations of the noise.
    pub realisations: usize,
    /// Patches of 8 × 8 pixels, each wholly in the body.
    pub patches: usize,
    /// Noise of flat tissue at full dose in HU.
    pub noise_flat_full_dose: f64,
    /// The index over the patches; less is better.
    pub index: PerImage<Index>,
}

/// The Hallucination Index over patches, from 0 to 1: that of a voxel, of the geometric mean of a patch's affinities.
/// That of all 64 voxels together would be next to 1 for any image.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Index {
    /// Mean of the patches.
    pub mean: f64,
    /// The value that one patch in twenty is above.
    pub percentile_95: f64,
}

/// Measures the index; `None` with fewer than four realisations, without flat tissue, or where no patch lies in the body.
///
/// # Errors
/// When the volumes don't share a grid.
///
/// # Panics
/// If not every realisation has its image, or a slice isn't there.
pub fn hallucination(of: &Realisations<'_>) -> Result<Option<Hallucination>, Error> {
    let Realisations { full_dose, inputs, images, slices } = of;
    assert_eq!(inputs.len(), images.len(), "each realisation has its image");
    for other in inputs.iter().chain(*images) {
        full_dose.same_grid(other)?;
    }
    let Some(sigma) = volume_sigma(full_dose).filter(|sigma| *sigma > 0.0) else { return Ok(None) };
    if inputs.len() < REALISATIONS_MIN {
        return Ok(None);
    }
    let mut found: [Vec<f64>; 3] = Default::default();
    for z in slices.clone() {
        let (reference, width) = (full_dose.slice(z), full_dose.dims[0]);
        let smoothed: Vec<Vec<f32>> =
            inputs.iter().map(|input| tuned_non_local_means(input.slice(z), reference, width)).collect();
        let of_slice =
            |volumes: &'_ [Volume]| volumes.iter().map(|volume| volume.slice(z).to_vec()).collect();
        let of_images: [Vec<Vec<f32>>; 3] = [of_slice(inputs), smoothed, of_slice(images)];
        for place in places([reference.len() / width, width], PATCH, PATCH) {
            let full = cut(reference, width, place, PATCH);
            if full.iter().all(|hu| *hu > BODY_HU) {
                for (found, image) in found.iter_mut().zip(&of_images) {
                    let samples: Vec<Vec<f32>> =
                        image.iter().map(|slice| cut(slice, width, place, PATCH)).collect();
                    found.push(index(&full, &samples, sigma * sigma));
                }
            }
        }
    }
    let patches = found[0].len();
    let [input, non_local_means, output] = found.map(over_patches);
    let index = input.zip(non_local_means).zip(output);
    Ok(index.map(|((input, non_local_means), output)| Hallucination {
        realisations: inputs.len(),
        patches,
        noise_flat_full_dose: sigma,
        index: PerImage { input, non_local_means, output },
    }))
}

/// Gives the index of one patch.
fn index(full: &[f32], samples: &[Vec<f32>], variance: f64) -> f64 {
    let mean = full.iter().map(|&value| f64::from(value)).collect();
    let reference = Voxels::new(mean, vec![variance; full.len()]);
    Voxels::of_samples_in_noise(samples, variance).index_per_voxel(&reference)
}

fn over_patches(mut found: Vec<f64>) -> Option<Index> {
    let percentile_95 = percentile(&mut found, 0.95)?;
    Some(Index { mean: found.iter().sum::<f64>() / found.len() as f64, percentile_95 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use imaging::Affine;
    use rand::{SeedableRng, rngs::ChaCha8Rng};
    use rand_distr::{Distribution, Normal};

    const SIZE: usize = 128;
    const SIGMA: f32 = 10.0;

    fn volume(data: Vec<f32>) -> Volume {
        Volume::new(data, [SIZE, SIZE, 3], Affine::from_spacing([0.8, 0.8, 2.0])).unwrap()
    }

    fn noise(sigma: f32, seed: u64) -> Vec<f32> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let normal = Normal::new(0.0, sigma).unwrap();
        (0..SIZE * SIZE * 3).map(|_| normal.sample(&mut rng)).collect()
    }

    fn full() -> Volume {
        volume(noise(SIGMA, 1).iter().map(|noise| 40.0 + noise).collect())
    }

    /// Twice the noise of full dose is added; the model makes the same image of every realisation.
    fn measured(image: &Volume, realisations: usize) -> Option<Hallucination> {
        let full = full();
        let low = |seed: u64| {
            let noise = noise(2.0 * SIGMA, 100 + seed);
            volume(full.data.iter().zip(noise).map(|(value, noise)| value + noise).collect())
        };
        let inputs: Vec<Volume> = (0..realisations as u64).map(low).collect();
        let images = vec![image.clone(); realisations];
        hallucination(&Realisations { full_dose: &full, inputs: &inputs, images: &images, slices: 1..2 })
            .unwrap()
    }

    #[test]
    fn full_dose_itself_has_none_and_the_truth_has_what_the_noise_of_full_dose_makes() {
        let found = measured(&full(), 4).unwrap();
        assert_eq!((found.realisations, found.patches), (4, (SIZE / PATCH).pow(2)));
        assert!(found.index.output.percentile_95 < 1e-9, "{found:?}");
        let truth = measured(&volume(vec![40.0; SIZE * SIZE * 3]), 4).unwrap();
        let sigma = truth.noise_flat_full_dose / f64::from(SIGMA);
        assert!((sigma - 1.0).abs() < 0.05, "{truth:?}");
        let expected = (1.0 - (-0.125 / (sigma * sigma)).exp()).sqrt();
        assert!((truth.index.output.mean / expected - 1.0).abs() < 0.03, "{truth:?} {expected}");
    }

    /// Of variances σ² and 5σ², and of means apart by 4σ²/K: ln of the affinity is ¼ ln 5 − ½ ln 3 − 4/(8 · 3 K).
    #[test]
    fn the_input_has_what_its_noise_makes() {
        let found = measured(&full(), 24).unwrap();
        let expected = (1.0 - (0.25 * 5.0_f64.ln() - 0.5 * 3.0_f64.ln() - 4.0 / (24.0 * 24.0)).exp()).sqrt();
        assert!((found.index.input.mean / expected - 1.0).abs() < 0.05, "{found:?} {expected}");
        assert!(found.index.input.mean < found.index.input.percentile_95);
    }

    #[test]
    fn structure_that_is_made_up_shows_in_the_patches_that_have_the_most() {
        let mut made_up = full();
        let before = measured(&made_up, 4).unwrap().index.output;
        for at in 0..SIZE * SIZE {
            if at % SIZE < SIZE / 8 && at / SIZE < SIZE {
                made_up.slice_mut(1)[at] += 30.0;
            }
        }
        let after = measured(&made_up, 4).unwrap().index.output;
        // exp(−9/8), of an eighth of the patches.
        let there = (1.0 - (-1.125_f64).exp()).sqrt();
        assert!((after.percentile_95 - there).abs() < 0.05 && before.percentile_95 < 1e-9, "{after:?}");
        assert!((after.mean - there / 8.0).abs() < 0.01, "{after:?}");
    }

    #[test]
    fn three_realisations_and_air_say_nothing() {
        assert_eq!(measured(&full(), 3), None);
        let air = volume(vec![-1000.0; SIZE * SIZE * 3]);
        let all = vec![air.clone(); 4];
        let of = Realisations { full_dose: &air, inputs: &all, images: &all, slices: 0..3 };
        assert_eq!(hallucination(&of).unwrap(), None);
    }
}
