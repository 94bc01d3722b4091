//! Acquisition physics of magnetic resonance: k-space that is measured in part, noise in it, and the magnitude image.
//!
//! Not modelled: coils and their sensitivities (so no g-factor and no non-central χ), relaxation during the readout,
//! inhomogeneous fields, motion. An image that comes in is a magnitude, taken as real and positive.

use rand::{SeedableRng, rngs::ChaCha8Rng};
use rand_distr::{Distribution, StandardNormal};
use rustfft::{FftPlanner, num_complex::Complex};

/// Which part of k-space is measured: the central 1/`rows` of its lines and 1/`columns` of each line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reduction {
    /// In the direction from row to row, at least 1.
    pub rows: usize,
    /// Within a row, at least 1.
    pub columns: usize,
}

/// The measured part of a slice's k-space; what isn't measured is zero.
///
/// The transform is unitary, so that energy and the deviation of noise are the same on both sides of it.
#[derive(Debug, Clone, PartialEq)]
pub struct KSpace {
    /// By frequency, zero first, row by row.
    samples: Vec<Complex<f64>>,
    is_measured: Vec<bool>,
    width: usize,
}

impl KSpace {
    /// Measures a slice where `reduction` says, without noise.
    ///
    /// # Shapes
    /// `slice` row by row, a multiple of `width` long.
    ///
    /// # Panics
    /// If a factor of the reduction is 0, or `width` doesn't divide the slice.
    pub fn measured(slice: &[f32], width: usize, reduction: Reduction) -> Self {
        assert!(reduction.rows > 0 && reduction.columns > 0, "{reduction:?} measures nothing");
        assert!(width > 0 && slice.len().is_multiple_of(width), "a slice has whole rows");
        let height = slice.len() / width;
        let [rows, columns] =
            [(height, reduction.rows), (width, reduction.columns)].map(|(len, factor)| central(len, factor));
        let is_measured: Vec<bool> =
            (0..slice.len()).map(|at| rows[at / width] && columns[at % width]).collect();
        let mut samples = transformed(slice.iter().map(|&value| f64::from(value)), width);
        for (sample, measured) in samples.iter_mut().zip(&is_measured) {
            if !measured {
                *sample = Complex::ZERO;
            }
        }
        Self { samples, is_measured, width }
    }

    /// Adds the receiver's noise to what is measured: normal, of deviation `sigma` in each of both channels.
    ///
    /// # Units
    /// `sigma` is in the unit of the slice. In the zero-filled image each channel's noise is σ · √(measured share).
    ///
    /// # Source
    /// Gudbjartsson and Patz 1995, Magn Reson Med 34:910.
    #[must_use]
    pub fn with_noise(mut self, sigma: f64, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        for (sample, _) in self.samples.iter_mut().zip(&self.is_measured).filter(|(_, measured)| **measured) {
            let (re, im): (f64, f64) = (StandardNormal.sample(&mut rng), StandardNormal.sample(&mut rng));
            *sample += Complex::new(sigma * re, sigma * im);
        }
        self
    }

    /// Gives the share of k-space that is measured, in (0, 1].
    pub fn measured_share(&self) -> f64 {
        self.is_measured.iter().filter(|measured| **measured).count() as f64 / self.samples.len() as f64
    }

    /// Gives the sum of the squared samples: the energy that the zero-filled image has.
    pub fn energy(&self) -> f64 {
        self.samples.iter().map(Complex::norm_sqr).sum()
    }

    /// Gives the magnitude of the image whose unmeasured frequencies are zero, on the grid of the whole slice; its edges
    /// ring (Gibbs), as those of a scanner do.
    pub fn zero_filled(&self) -> Vec<f32> {
        magnitude(&self.samples, self.width)
    }

    /// Gives how far an image is from what was measured: ‖M F image − y‖ / ‖y‖ over the measured samples; 0 where
    /// nothing was measured but zeros.
    ///
    /// # Panics
    /// If the image hasn't the size of the slice.
    pub fn residual(&self, image: &[f32]) -> f64 {
        let samples = self.transformed(image);
        let (apart, energy) = samples
            .iter()
            .zip(&self.samples)
            .zip(&self.is_measured)
            .filter(|(_, measured)| **measured)
            .fold((0.0, 0.0), |(apart, energy), ((a, b), _)| {
                (apart + (a - b).norm_sqr(), energy + b.norm_sqr())
            });
        if energy > 0.0 { (apart / energy).sqrt() } else { 0.0 }
    }

    /// Gives the magnitude of an image after what was measured has taken its place in it: nothing that a model made of
    /// the measured frequencies stays.
    ///
    /// # Panics
    /// If the image hasn't the size of the slice.
    pub fn made_consistent(&self, image: &[f32]) -> Vec<f32> {
        let mut samples = self.transformed(image);
        for ((sample, own), measured) in samples.iter_mut().zip(&self.samples).zip(&self.is_measured) {
            if *measured {
                *sample = *own;
            }
        }
        magnitude(&samples, self.width)
    }

    fn transformed(&self, image: &[f32]) -> Vec<Complex<f64>> {
        assert_eq!(image.len(), self.samples.len(), "the image has the size of the slice");
        transformed(image.iter().map(|&value| f64::from(value)), self.width)
    }
}

/// Gives the magnitude of a real slice with normal noise of `sigma` in both channels: |S + n₁ + i n₂|.
///
/// # Units
/// `sigma` is in the unit of the slice. Where there is no signal the mean is σ √(π/2), not 0.
///
/// # Source
/// Rice's distribution: Gudbjartsson and Patz 1995, Magn Reson Med 34:910.
pub fn rician(slice: &[f32], sigma: f64, seed: u64) -> Vec<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let noisy = |&value: &f32| {
        let (re, im): (f64, f64) = (StandardNormal.sample(&mut rng), StandardNormal.sample(&mut rng));
        (f64::from(value) + sigma * re).hypot(sigma * im) as f32
    };
    slice.iter().map(noisy).collect()
}

/// Gives the signal beneath a magnitude: √(max(M² − 2σ², 0)).
///
/// Only M² − 2σ² is without bias, as an estimate of the signal's square: squares are what has to be averaged over a region.
/// Of a single voxel the root is about as much too small, σ²/(2S), as the magnitude was too large; of background, where
/// the magnitude is 1.25 σ in the mean, it leaves 0.46 σ.
///
/// # Source
/// McGibney and Smith 1993, Med Phys 20:1077.
pub fn without_rician_bias(magnitude: &[f32], sigma: f64) -> Vec<f32> {
    let signal = |&value: &f32| (f64::from(value).powi(2) - 2.0 * sigma * sigma).max(0.0).sqrt() as f32;
    magnitude.iter().map(signal).collect()
}

/// Marks the frequencies, zero first, of the central len/factor lines, rounded up.
fn central(len: usize, factor: usize) -> Vec<bool> {
    let kept = len.div_ceil(factor);
    // As many below zero as above; of an even number the one more is below, as in a scanner's order of lines.
    let (below, above) = (kept / 2, kept - kept / 2);
    (0..len).map(|at| at < above || len - at <= below).collect()
}

/// Gives the unitary transform of a slice.
fn transformed(values: impl Iterator<Item = f64>, width: usize) -> Vec<Complex<f64>> {
    let mut samples: Vec<Complex<f64>> = values.map(|value| Complex::new(value, 0.0)).collect();
    let mut planner = FftPlanner::new();
    let height = samples.len() / width;
    planner.plan_fft_forward(width).process(&mut samples);
    let mut columns = turned(&samples, width);
    planner.plan_fft_forward(height).process(&mut columns);
    scaled(turned(&columns, height))
}

/// Gives the magnitude of the unitary inverse transform of samples.
fn magnitude(samples: &[Complex<f64>], width: usize) -> Vec<f32> {
    let mut rows = samples.to_vec();
    let mut planner = FftPlanner::new();
    let height = samples.len() / width;
    planner.plan_fft_inverse(width).process(&mut rows);
    let mut columns = turned(&rows, width);
    planner.plan_fft_inverse(height).process(&mut columns);
    scaled(turned(&columns, height)).iter().map(|value| value.norm() as f32).collect()
}

/// Exchanges rows and columns.
fn turned(values: &[Complex<f64>], width: usize) -> Vec<Complex<f64>> {
    let height = values.len() / width;
    (0..values.len()).map(|at| values[at % height * width + at / height]).collect()
}

fn scaled(mut values: Vec<Complex<f64>>) -> Vec<Complex<f64>> {
    let scale = 1.0 / (values.len() as f64).sqrt();
    for value in &mut values {
        *value *= scale;
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::FRAC_PI_2;

    const WHOLE: Reduction = Reduction { rows: 1, columns: 1 };

    const LINES: [f64; 4] = [6.555_105_308_935, 20.617_036_229_248, 36.524_989_568_217, 38.832_075_610_487];
    const BOTH: [f64; 4] = [21.163_104_288_130, 24.316_971_863_964, 28.531_086_518_242, 32.179_448_267_235];

    /// An odd number of rows and an even number of columns.
    fn pattern() -> (Vec<f32>, usize) {
        let (width, height) = (24_usize, 15_usize);
        ((0..width * height).map(|i| ((i * 7919) % 41) as f32 + (i % width) as f32).collect(), width)
    }

    fn mean(values: &[f32]) -> f64 {
        values.iter().map(|&value| f64::from(value)).sum::<f64>() / values.len() as f64
    }

    fn energy(values: &[f32]) -> f64 {
        values.iter().map(|&value| f64::from(value).powi(2)).sum()
    }

    #[test]
    fn what_is_measured_whole_comes_back_and_keeps_its_energy() {
        let (slice, width) = pattern();
        let whole = KSpace::measured(&slice, width, WHOLE);
        for (found, expected) in whole.zero_filled().iter().zip(&slice) {
            assert!((found - expected).abs() < 1e-4);
        }
        assert!((whole.energy() / energy(&slice) - 1.0).abs() < 1e-12);
        assert!((whole.measured_share() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_energy_of_a_zero_filled_image_is_that_of_its_samples() {
        let (slice, width) = pattern();
        for reduction in [Reduction { rows: 2, columns: 1 }, Reduction { rows: 3, columns: 2 }] {
            let part = KSpace::measured(&slice, width, reduction).with_noise(3.0, 4);
            assert!((part.energy() / energy(&part.zero_filled()) - 1.0).abs() < 1e-6);
        }
        let lines = KSpace::measured(&slice, width, Reduction { rows: 3, columns: 2 });
        assert!((lines.measured_share() - 1.0 / 6.0).abs() < 1e-12);
        assert!(lines.energy() < energy(&slice));
    }

    /// `abs(ifft2(fft2(image) * mask))` of NumPy, the mask over the central lines of `fftshift` (tests/peers.py).
    #[test]
    fn a_zero_filled_image_is_that_of_numpy() {
        let (slice, width) = pattern();
        for (reduction, values) in
            [(Reduction { rows: 2, columns: 1 }, LINES), (Reduction { rows: 3, columns: 2 }, BOTH)]
        {
            let found = KSpace::measured(&slice, width, reduction).zero_filled();
            for (at, expected) in [0, 100, 201, 359].into_iter().zip(values) {
                assert!((f64::from(found[at]) - expected).abs() < 1e-5, "{} {expected}", found[at]);
            }
        }
    }

    /// Of the Rayleigh background the mean is σ √(π/2) and the mean square 2σ²; a fourth of k-space leaves half of σ.
    #[test]
    fn the_background_is_rayleighs() {
        let air = vec![0.0; 128 * 96];
        let quarter = KSpace::measured(&air, 128, Reduction { rows: 2, columns: 2 }).with_noise(20.0, 1);
        for (found, sigma) in [(rician(&air, 20.0, 2), 20.0), (quarter.zero_filled(), 10.0)] {
            assert!((mean(&found) / (sigma * FRAC_PI_2.sqrt()) - 1.0).abs() < 0.02, "{}", mean(&found));
            let square = energy(&found) / found.len() as f64;
            assert!((square / (2.0 * sigma * sigma) - 1.0).abs() < 0.04, "{square}");
        }
    }

    #[test]
    fn the_square_of_a_signal_is_estimated_without_bias_and_its_root_as_the_formula_says() {
        let noisy = rician(&vec![60.0; 100_000], 20.0, 3);
        let square = energy(&noisy) / noisy.len() as f64 - 2.0 * 20.0 * 20.0;
        assert!((square / 3600.0 - 1.0).abs() < 0.01, "{square}");
        // σ²/(2S) above before, and below after.
        let noisy = rician(&vec![200.0; 100_000], 20.0, 4);
        let (before, after) = (mean(&noisy), mean(&without_rician_bias(&noisy, 20.0)));
        assert!((before - 201.0).abs() < 0.3 && (after - 199.0).abs() < 0.3, "{before} {after}");
        // Of background M² is exponential: σ √2 Γ(3/2)/e is left.
        let air = mean(&without_rician_bias(&rician(&vec![0.0; 100_000], 20.0, 5), 20.0));
        let left = 20.0 * std::f64::consts::FRAC_PI_2.sqrt() / std::f64::consts::E;
        assert!((air / left - 1.0).abs() < 0.03, "{air} {left}");
    }

    #[test]
    fn what_was_measured_takes_its_place_and_leaves_no_residual() {
        let (slice, width) = pattern();
        let measured = KSpace::measured(&slice, width, Reduction { rows: 3, columns: 1 });
        assert!(measured.residual(&slice) < 1e-9);
        let other: Vec<f32> = slice.iter().map(|value| 1.1 * value).collect();
        assert!((measured.residual(&other) - 0.1).abs() < 1e-6);
        let mixed = measured.made_consistent(&other);
        assert!(measured.residual(&mixed) < measured.residual(&other));
    }

    #[test]
    fn the_same_seed_gives_the_same_noise() {
        let (slice, width) = pattern();
        let noisy = |seed| KSpace::measured(&slice, width, WHOLE).with_noise(2.0, seed);
        assert_eq!(noisy(3), noisy(3));
        assert_ne!(noisy(3), noisy(4));
        assert_eq!(rician(&slice, 2.0, 3), rician(&slice, 2.0, 3));
    }
}
