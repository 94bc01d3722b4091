//! How noisy an image is, and where the patient is in it.

/// HU above which a pixel counts as body.
pub const BODY_HU: f32 = -300.0;

/// Side in pixels of the regions in which noise is measured.
const BLOCK: usize = 16;

/// Marks the pixels that belong to the body: above −300 HU. Lung and air are outside.
pub fn body_mask(slice_hu: &[f32]) -> Vec<bool> {
    slice_hu.iter().map(|&hu| hu > BODY_HU).collect()
}

/// Measures the noise of flat soft tissue in HU, or `None` where a slice has too little of it.
///
/// Blocks of 16 × 16 pixels whose values all lie in soft tissue, each freed of its plane; the result is the first
/// quartile of their standard deviations, since most blocks hold some anatomy too.
pub fn flat_tissue_sigma(slice_hu: &[f32], width: usize) -> Option<f64> {
    let height = slice_hu.len() / width;
    let mut sigmas = Vec::new();
    for y in (0..height.saturating_sub(BLOCK - 1)).step_by(BLOCK / 2) {
        for x in (0..width.saturating_sub(BLOCK - 1)).step_by(BLOCK / 2) {
            let block: Vec<f64> = (0..BLOCK)
                .flat_map(|row| &slice_hu[(y + row) * width + x..][..BLOCK])
                .map(|&hu| f64::from(hu))
                .collect();
            let mean = block.iter().sum::<f64>() / block.len() as f64;
            if (-150.0..150.0).contains(&mean) && block.iter().all(|hu| (hu - mean).abs() < 250.0) {
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

    #[test]
    fn noise_is_measured_beneath_a_slope_and_beside_an_edge() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let normal = Normal::new(0.0_f32, 12.0).unwrap();
        let slice: Vec<f32> = (0..128 * 128)
            .map(|i| {
                let (x, y) = (i % 128, i / 128);
                let tissue = if x < 60 { 40.0 } else { -90.0 };
                tissue + y as f32 * 0.3 + normal.sample(&mut rng)
            })
            .collect();
        let sigma = flat_tissue_sigma(&slice, 128).unwrap();
        assert!((sigma - 12.0).abs() < 1.2, "{sigma}");
    }

    #[test]
    fn air_has_no_tissue_noise() {
        assert_eq!(flat_tissue_sigma(&vec![-1000.0; 64 * 64], 64), None);
    }
}
