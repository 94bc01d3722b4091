//! Whether an image still looks like one of full dose: noise power by frequency, power lost at high frequencies, and
//! the frequency up to which it agrees with full dose.

use imaging::{
    noise::BODY_HU,
    spectrum::{NoisePower, first_crossing, noise_power, ring_correlation, ring_power, without_plane},
};
use serde::{Deserialize, Serialize};

/// Side in pixels of the flat regions in which the noise power is measured, and the step between them.
const FLAT: usize = 32;
const FLAT_STEP: usize = 32;
/// Fewer flat regions say nothing.
const FLAT_MIN: usize = 8;
/// Of the regions that might be flat this share is, the quietest at full dose.
const FLAT_SHARE: f64 = 0.25;
/// Side in pixels of the patches of any content.
const PATCH: usize = 64;
/// A patch holds at least this share of body.
const PATCH_BODY: f64 = 0.9;
/// The correlation at which two images no longer agree, and the share of the Nyquist frequency below which a patch is
/// suspect (sFRC's own defaults: 0.5, and 0.30 cycles per pixel).
const AGREE: f64 = 0.5;
const SUSPECT: f64 = 0.60;

/// The noise power of one image, from flat soft tissue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Spectrum {
    /// Middle of each ring in cycles per mm.
    pub frequency_per_mm: Vec<f64>,
    /// Noise power in HU² mm².
    pub power: Vec<f64>,
    /// Standard deviation in HU: the root of the spectrum's integral.
    pub sigma_hu: f64,
    /// Frequency of the strongest ring, per mm.
    pub peak_per_mm: f64,
    /// Mean frequency of the radial spectrum, per mm.
    pub mean_per_mm: f64,
}

impl From<&NoisePower> for Spectrum {
    fn from(found: &NoisePower) -> Self {
        Self {
            frequency_per_mm: found.frequency_per_mm.clone(),
            power: found.power.clone(),
            sigma_hu: found.variance.sqrt(),
            peak_per_mm: found.peak_per_mm(),
            mean_per_mm: found.mean_per_mm(),
        }
    }
}

/// The texture of one image beside full dose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Texture {
    /// Noise power in the flat regions; `None` where there are too few.
    pub noise_power: Option<Spectrum>,
    /// Over-smoothing index: mean of ln(power / power at full dose) from half the Nyquist frequency up; 0 is the texture
    /// of full dose, below it's smoother.
    pub over_smoothing: f64,
    /// Median over the patches of the frequency, as a share of the Nyquist frequency, up to which the image agrees with
    /// full dose.
    pub agrees_up_to: f64,
    /// Share of patches that agree no further than 0.30 cycles per pixel.
    pub patches_suspect: f64,
}

/// The texture of each image, and of full dose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Textures {
    /// Noise power of full dose.
    pub full_dose: Option<Spectrum>,
    /// The low-dose input.
    pub low_dose: Texture,
    /// Tuned non-local means.
    pub non_local_means: Texture,
    /// The model.
    pub model: Texture,
    /// Flat regions behind the noise power.
    pub flat_regions: usize,
    /// Patches behind the rest.
    pub patches: usize,
}

/// A region that might be flat, with its noise at full dose, in full dose and in the three images.
struct Flat {
    sigma: f64,
    images: [Vec<f32>; 4],
}

/// What the patches of one image add up to.
#[derive(Default)]
struct Patches {
    /// Sum of ln(power / power at full dose).
    smoothing: f64,
    agrees: Vec<f64>,
}

/// Texture gathered slice by slice.
#[derive(Default)]
pub(super) struct TextureTally {
    flat: Vec<Flat>,
    patches: [Patches; 3],
}

impl TextureTally {
    /// Adds a slice: full dose, then input, baseline and model.
    pub(super) fn add(&mut self, full: &[f32], images: [&[f32]; 3], width: usize) {
        let height = full.len() / width;
        for place in places([height, width], FLAT, FLAT_STEP) {
            let region = cut(full, width, place, FLAT);
            if let Some(sigma) = flat_sigma(&region) {
                let [input, baseline, model] = images.map(|image| cut(image, width, place, FLAT));
                self.flat.push(Flat { sigma, images: [region, input, baseline, model] });
            }
        }
        for place in places([height, width], PATCH, PATCH) {
            let reference = cut(full, width, place, PATCH);
            let body = reference.iter().filter(|hu| **hu > BODY_HU).count();
            if (body as f64) < PATCH_BODY * reference.len() as f64 {
                continue;
            }
            let power = ring_power(&reference, PATCH);
            for (patches, image) in self.patches.iter_mut().zip(images) {
                let patch = cut(image, width, place, PATCH);
                patches.smoothing += log_ratio(&ring_power(&patch, PATCH), &power);
                patches.agrees.push(first_crossing(&ring_correlation(&patch, &reference, PATCH), AGREE));
            }
        }
    }

    /// Gives what was gathered; `None` where no patch lay within the body.
    pub(super) fn result(mut self, pixel_mm: f64) -> Option<Textures> {
        let patches = self.patches[0].agrees.len();
        if patches == 0 {
            return None;
        }
        self.flat.sort_by(|a, b| a.sigma.total_cmp(&b.sigma));
        self.flat.truncate((self.flat.len() as f64 * FLAT_SHARE).ceil() as usize);
        let spectrum = |image: usize| -> Option<Spectrum> {
            let regions: Vec<Vec<f32>> = self.flat.iter().map(|flat| flat.images[image].clone()).collect();
            let found = noise_power(&regions, FLAT, pixel_mm).filter(|found| found.regions >= FLAT_MIN)?;
            Some(Spectrum::from(&found))
        };
        let full_dose = spectrum(0);
        let powers = [spectrum(1), spectrum(2), spectrum(3)];
        let flat_regions = self.flat.len();
        let mut textures =
            self.patches.into_iter().zip(powers).map(|(patches, noise_power)| patches.texture(noise_power));
        let mut next = || textures.next().expect("there are three images");
        let (low_dose, non_local_means, model) = (next(), next(), next());
        Some(Textures { full_dose, low_dose, non_local_means, model, flat_regions, patches })
    }
}

impl Patches {
    fn texture(mut self, noise_power: Option<Spectrum>) -> Texture {
        let count = self.agrees.len();
        self.agrees.sort_by(f64::total_cmp);
        let suspect = self.agrees.partition_point(|share| *share <= SUSPECT);
        Texture {
            noise_power,
            over_smoothing: self.smoothing / count as f64,
            agrees_up_to: self.agrees[count / 2],
            patches_suspect: suspect as f64 / count as f64,
        }
    }
}

/// Gives the mean log ratio of two powers in the upper half of the rings.
fn log_ratio(power: &[f64], reference: &[f64]) -> f64 {
    let upper = power.len() / 2..power.len();
    let count = upper.len() as f64;
    let ratio = |ring: usize| (power[ring].max(1e-9) / reference[ring].max(1e-9)).ln();
    upper.map(ratio).sum::<f64>() / count
}

/// Gives the first row and column of each square of `side` pixels that lies in a slice of [rows, columns], every `step`.
pub(super) fn places(size: [usize; 2], side: usize, step: usize) -> impl Iterator<Item = (usize, usize)> {
    let [rows, columns] = size.map(|len| (len + 1).saturating_sub(side));
    (0..rows).step_by(step).flat_map(move |y| (0..columns).step_by(step).map(move |x| (y, x)))
}

/// Cuts a square out of a slice, from its first row and column on.
pub(super) fn cut(slice: &[f32], width: usize, (y, x): (usize, usize), side: usize) -> Vec<f32> {
    (y..y + side).flat_map(|row| &slice[row * width + x..][..side]).copied().collect()
}

/// Gives the noise of a region that lies in soft tissue; `None` elsewhere.
fn flat_sigma(region: &[f32]) -> Option<f64> {
    let mean = region.iter().sum::<f32>() / region.len() as f32;
    let soft = (-150.0..150.0).contains(&mean) && region.iter().all(|hu| (hu - mean).abs() < 250.0);
    soft.then(|| {
        let squares: f64 = without_plane(region, FLAT).iter().map(|value| value * value).sum();
        (squares / region.len() as f64).sqrt()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use imaging::filter::gaussian;
    use rand::{SeedableRng, rngs::ChaCha8Rng};
    use rand_distr::{Distribution, Normal};

    const WIDTH: usize = 192;

    fn noise(sigma: f32, seed: u64) -> Vec<f32> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let normal = Normal::new(0.0, sigma).unwrap();
        (0..WIDTH * WIDTH).map(|_| normal.sample(&mut rng)).collect()
    }

    fn sum(a: &[f32], b: &[f32]) -> Vec<f32> {
        a.iter().zip(b).map(|(a, b)| a + b).collect()
    }

    fn measured() -> Textures {
        let full = sum(&vec![40.0; WIDTH * WIDTH], &noise(8.0, 1));
        let input = sum(&full, &noise(16.0, 2));
        let smooth = gaussian(&full, WIDTH, 0.7);
        let mut tally = TextureTally::default();
        tally.add(&full, [&input, &smooth, &full], WIDTH);
        tally.result(0.8).unwrap()
    }

    #[test]
    fn full_dose_itself_has_its_texture_and_a_smoothed_one_less() {
        let found = measured();
        assert!(found.model.over_smoothing.abs() < 1e-9 && (found.model.agrees_up_to - 1.0).abs() < 1e-9);
        assert!(found.model.patches_suspect < 1e-9);
        assert_eq!(found.model.noise_power, found.full_dose);
        // ln|H|² of the Gaussian of σ = 0.7 pixels cut at 3 pixels, in the mean of the upper rings by numpy 2.4.
        let smoothed = found.non_local_means.over_smoothing;
        assert!((smoothed / -2.59 - 1.0).abs() < 0.05, "{smoothed}");
    }

    #[test]
    fn added_noise_shows_in_the_spectrum_and_in_the_agreement() {
        let found = measured();
        let (full, low) = (found.full_dose.unwrap(), found.low_dose.noise_power.unwrap());
        assert!((full.sigma_hu / 8.0 - 1.0).abs() < 0.1, "{}", full.sigma_hu);
        assert!((low.sigma_hu / 320.0_f64.sqrt() - 1.0).abs() < 0.1, "{}", low.sigma_hu);
        // S/√(S (S + N)) = √(64/320) = 0.45 everywhere: the first ring may just agree.
        assert!(found.low_dose.agrees_up_to < 0.3, "{}", found.low_dose.agrees_up_to);
        // ln(320/64)
        assert!((found.low_dose.over_smoothing - 1.61).abs() < 0.1, "{}", found.low_dose.over_smoothing);
    }

    #[test]
    fn a_slice_of_air_says_nothing() {
        let mut tally = TextureTally::default();
        let air = vec![-1000.0; WIDTH * WIDTH];
        tally.add(&air, [&air; 3], WIDTH);
        assert_eq!(tally.result(0.8), None);
    }
}
