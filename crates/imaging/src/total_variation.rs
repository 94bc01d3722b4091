//! Total variation: the baseline that a model has to beat where images are flat between edges.

use rayon::prelude::*;

/// Steps after which the descent ends however much is still to gain.
const STEPS_MAX: usize = 200;
/// The descent ends when a step gains less than this share of the energy that it began with.
const GAIN_MIN: f64 = 2e-4;
/// Length of a step: Chambolle proves convergence up to 1/8 and finds it up to 1/4 in two dimensions.
const STEP: f64 = 0.25;

/// Total-variation denoising of one slice: of all images u, the one in which ‖u − slice‖²/(2 · weight) + TV(u) is least.
///
/// The iteration, its step (1/4) and when it ends (200 steps, or less than 2·10⁻⁴ of the first energy gained) are those
/// of scikit-image's `denoise_tv_chambolle` with its defaults, so that a strength that is tuned there holds here.
///
/// # Shapes
/// `slice` row by row, a multiple of `width` long.
///
/// # Units
/// `weight` is in the unit of the slice: for noise of σ a small multiple of σ.
///
/// # Panics
/// If `weight` isn't above 0, or `width` doesn't divide the slice.
///
/// # Source
/// Chambolle 2004, J Math Imaging Vis 20:89, eq. 9.
pub fn total_variation(slice: &[f32], width: usize, weight: f64) -> Vec<f32> {
    assert!(weight > 0.0, "a weight of {weight} asks for nothing");
    assert!(width > 0 && slice.len().is_multiple_of(width), "a slice has whole rows");
    let image: Vec<f64> = slice.iter().map(|&value| f64::from(value)).collect();
    let mut dual = Dual { down: vec![0.0; image.len()], right: vec![0.0; image.len()], width };
    let mut result = image.clone();
    let (mut first, mut before) = (0.0, 0.0);
    for step in 0..STEPS_MAX {
        let divergence = dual.divergence();
        result.par_iter_mut().zip(image.par_iter().zip(&divergence)).for_each(|(value, (image, change))| {
            *value = image + change;
        });
        let squares: f64 = divergence.iter().map(|change| change * change).sum();
        let energy = (squares + weight * dual.descend(&result, weight)) / image.len() as f64;
        if step == 0 {
            first = energy;
        } else if (before - energy).abs() < GAIN_MIN * first {
            break;
        }
        before = energy;
    }
    result.into_iter().map(|value| value as f32).collect()
}

/// The dual field: a vector at each pixel, towards the next row and the next column.
struct Dual {
    down: Vec<f64>,
    right: Vec<f64>,
    width: usize,
}

impl Dual {
    /// Gives the field's divergence, the adjoint of the forward difference less its sign.
    fn divergence(&self) -> Vec<f64> {
        let width = self.width;
        (0..self.down.len())
            .into_par_iter()
            .map(|at| {
                let above = if at >= width { self.down[at - width] } else { 0.0 };
                let left = if at % width > 0 { self.right[at - 1] } else { 0.0 };
                above - self.down[at] + left - self.right[at]
            })
            .collect()
    }

    /// Takes one step of the projected descent; gives the image's total variation.
    fn descend(&mut self, image: &[f64], weight: f64) -> f64 {
        let width = self.width;
        let rows = self.down.par_chunks_mut(width).zip(self.right.par_chunks_mut(width)).enumerate();
        let variations: Vec<f64> = rows
            .map(|(y, (downs, rights))| {
                let row = &image[y * width..][..width];
                // There is no row below the last one, and its differences are 0.
                let below = image.get((y + 1) * width..(y + 2) * width).unwrap_or(row);
                let mut variation = 0.0;
                for x in 0..width {
                    let (down, right) = (below[x] - row[x], row[(x + 1).min(width - 1)] - row[x]);
                    let norm = down.hypot(right);
                    variation += norm;
                    let scale = 1.0 + STEP / weight * norm;
                    downs[x] = (downs[x] - STEP * down) / scale;
                    rights[x] = (rights[x] - STEP * right) / scale;
                }
                variation
            })
            .collect();
        // Row after row, so that the sum, and with it the last step, is the same on every machine.
        variations.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{SeedableRng, rngs::ChaCha8Rng};
    use rand_distr::{Distribution, Normal};

    const WEAK: [f64; 5] =
        [-6.978_761_606_419, 0.164_275_143_782, 1.692_778_915_398, 94.138_541_917_254, 99.214_467_906_167];
    const STRONG: [f64; 5] =
        [-0.720_564_458_121, 0.659_298_028_625, 8.614_264_993_830, 89.404_130_885_793, 100.006_092_598_200];

    fn variation(image: &[f32], width: usize) -> f64 {
        let difference = |at: usize, other: usize| f64::from(image[other] - image[at]);
        (0..image.len())
            .map(|at| {
                let down = if at + width < image.len() { difference(at, at + width) } else { 0.0 };
                let right = if at % width + 1 < width { difference(at, at + 1) } else { 0.0 };
                down.hypot(right)
            })
            .sum()
    }

    /// `denoise_tv_chambolle(image, weight)` of scikit-image 0.26.0 (tests/peers.py).
    #[test]
    fn total_variation_agrees_with_another_implementation() {
        let (width, height) = (32_usize, 24_usize);
        let image: Vec<f32> = (0..width * height)
            .map(|i| ((i * 7919) % 41) as f32 - 20.0 + if i % width < 15 { 0.0 } else { 100.0 })
            .collect();
        for (weight, values) in [(10.0, WEAK), (40.0, STRONG)] {
            let found = total_variation(&image, width, weight);
            for ((y, x), expected) in [(0, 0), (12, 5), (12, 14), (12, 15), (23, 31)].into_iter().zip(values)
            {
                let found = f64::from(found[y * width + x]);
                assert!((found - expected).abs() < 1e-5, "{weight}: {found}, expected {expected}");
            }
        }
    }

    #[test]
    fn total_variation_removes_noise_and_keeps_an_edge_and_the_mean() {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let normal = Normal::new(0.0_f32, 10.0).unwrap();
        let clean: Vec<f32> = (0..64 * 48).map(|i| if i % 64 < 30 { 0.0 } else { 200.0 }).collect();
        let noisy: Vec<f32> = clean.iter().map(|value| value + normal.sample(&mut rng)).collect();
        let result = total_variation(&noisy, 64, 20.0);
        let rmse = |image: &[f32]| {
            (image.iter().zip(&clean).map(|(a, b)| (a - b).powi(2)).sum::<f32>() / clean.len() as f32).sqrt()
        };
        assert!(rmse(&result) < 0.35 * rmse(&noisy), "{} of {}", rmse(&result), rmse(&noisy));
        assert!(result[20 * 64 + 31] - result[20 * 64 + 28] > 180.0);
        assert!(variation(&result, 64) < variation(&noisy, 64));
        let mean = |image: &[f32]| image.iter().map(|&v| f64::from(v)).sum::<f64>() / image.len() as f64;
        assert!((mean(&result) - mean(&noisy)).abs() < 1e-4);
    }

    #[test]
    fn a_flat_slice_stays_as_it_is() {
        assert_eq!(total_variation(&[7.0; 30 * 20], 30, 5.0), vec![7.0; 30 * 20]);
    }
}
