//! How noisy an image is, and where the patient is in it.

use crate::filter::gaussian;

/// HU above which a pixel counts as body.
pub const BODY_HU: f32 = -300.0;

/// Side in pixels of the regions in which noise is measured.
const BLOCK: usize = 16;
/// Difference in HU from the mean of a region that is an edge, where the noise isn't loud.
const EDGE_HU: f64 = 250.0;
/// Noise in HU from which on it alone would make edges by [`EDGE_HU`].
const LOUD_HU: f64 = 60.0;
/// How many times the roughness an edge is in loud noise: of 256 values of a normal distribution 1 in 7,000 regions has
/// one so far from the mean.
const EDGE_DEVIATIONS: f64 = 5.0;
/// Smoothing in pixels beside which roughness is told.
const SMOOTHING_PIXELS: f64 = 2.0;
/// The deviation of a normal distribution, of the median of its absolute values.
const MEDIAN_TO_DEVIATION: f64 = 1.4826;

/// Marks the pixels that belong to the body: above −300 HU. Lung and air are outside.
pub fn body_mask(slice_hu: &[f32]) -> Vec<bool> {
    slice_hu.iter().map(|&hu| hu > BODY_HU).collect()
}

/// Measures the noise of flat soft tissue in HU, or `None` where a slice has too little of it.
///
/// Blocks of 16 × 16 pixels whose values all lie in soft tissue, each freed of its plane; the result is the first
/// quartile of their standard deviations, since most blocks hold some anatomy too. What is beyond soft tissue is told
/// from the noise by the slice's roughness where that is loud, so that no noise is too loud to be measured.
pub fn flat_tissue_sigma(slice_hu: &[f32], width: usize) -> Option<f64> {
    let calm = sigma_within(EDGE_HU, slice_hu, width);
    if calm.is_some_and(|sigma| sigma <= LOUD_HU) {
        return calm;
    }
    let roughness = roughness(slice_hu, width)?;
    if roughness > LOUD_HU { sigma_within(EDGE_DEVIATIONS * roughness, slice_hu, width) } else { calm }
}

/// Gives the first quartile of the blocks' noise in HU; a block with a value further than `edge_hu` from its mean holds
/// an edge and doesn't count.
fn sigma_within(edge_hu: f64, slice_hu: &[f32], width: usize) -> Option<f64> {
    let height = slice_hu.len() / width;
    let mut sigmas = Vec::new();
    for y in (0..height.saturating_sub(BLOCK - 1)).step_by(BLOCK / 2) {
        for x in (0..width.saturating_sub(BLOCK - 1)).step_by(BLOCK / 2) {
            let block: Vec<f64> = (0..BLOCK)
                .flat_map(|row| &slice_hu[(y + row) * width + x..][..BLOCK])
                .map(|&hu| f64::from(hu))
                .collect();
            let mean = block.iter().sum::<f64>() / block.len() as f64;
            if (-150.0..150.0).contains(&mean) && block.iter().all(|hu| (hu - mean).abs() < edge_hu) {
                sigmas.push(detrended_sigma(&block, mean));
            }
        }
    }
    if sigmas.len() < 8 {
        return None;
    }
    sigmas.sort_by(f64::total_cmp);
    Some(sigmas[sigmas.len() / 4])
}

/// Gives the typical difference in HU of the body's pixels to their smoothed values, as the deviation of a normal
/// distribution: anatomy and noise, and where there is much noise hardly anything else. `None` without a body.
fn roughness(slice_hu: &[f32], width: usize) -> Option<f64> {
    let smooth = gaussian(slice_hu, width, SMOOTHING_PIXELS);
    let body = slice_hu.iter().zip(&smooth).filter(|(_, smooth)| **smooth > BODY_HU);
    let mut differences: Vec<f32> = body.map(|(hu, smooth)| (hu - smooth).abs()).collect();
    if differences.is_empty() {
        return None;
    }
    let middle = differences.len() / 2;
    let (_, median, _) = differences.select_nth_unstable_by(middle, f32::total_cmp);
    Some(f64::from(*median) * MEDIAN_TO_DEVIATION)
}

/// Gives the standard deviation of a block around its least-squares plane.
fn detrended_sigma(block: &[f64], mean: f64) -> f64 {
    let half = (BLOCK - 1) as f64 / 2.0;
    let moment: f64 = (0..BLOCK).map(|i| (i as f64 - half).powi(2)).sum::<f64>() * BLOCK as f64;
    let (mut by_x, mut by_y) = (0.0, 0.0);
    for (i, value) in block.iter().enumerate() {
        by_x += ((i % BLOCK) as f64 - half) * value;
        by_y += ((i / BLOCK) as f64 - half) * value;
    }
    let total: f64 = block.iter().map(|value| (value - mean).powi(2)).sum();
    let residual = total - (by_x * by_x + by_y * by_y) / moment;
    (residual.max(0.0) / (block.len() - 3) as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{SeedableRng, rngs::ChaCha8Rng};
    use rand_distr::{Distribution, Normal};

    /// Two tissues on a slope, and lung beside them.
    fn tissues(sigma: f32) -> Vec<f32> {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let normal = Normal::new(0.0_f32, sigma).unwrap();
        let tissue = |x: usize| match x {
            0..60 => 40.0,
            60..110 => -90.0,
            _ => -850.0,
        };
        (0..128 * 128).map(|i| tissue(i % 128) + (i / 128) as f32 * 0.3 + normal.sample(&mut rng)).collect()
    }

    #[test]
    fn noise_is_measured_beneath_a_slope_and_beside_edges_however_loud_it_is() {
        for sigma in [12.0, 50.0, 70.0, 140.0, 220.0] {
            let measured = flat_tissue_sigma(&tissues(sigma), 128).unwrap();
            assert!((measured / f64::from(sigma) - 1.0).abs() < 0.1, "{measured} for {sigma} HU");
        }
    }

    #[test]
    fn specks_of_bone_everywhere_are_no_noise() {
        let mut slice = tissues(12.0);
        let specks = slice.iter_mut().enumerate();
        specks
            .filter(|(at, _)| (at / 128).is_multiple_of(12) && (at % 128).is_multiple_of(12))
            .for_each(|(_, hu)| *hu = 600.0);
        assert_eq!(flat_tissue_sigma(&slice, 128), None);
    }

    #[test]
    fn air_has_no_tissue_noise() {
        assert_eq!(flat_tissue_sigma(&vec![-1000.0; 64 * 64], 64), None);
    }
}
