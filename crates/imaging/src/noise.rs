//! How noisy an image is, and where the patient is in it.

use crate::filter::gaussian;

/// HU above which a pixel counts as body.
pub const BODY_HU: f32 = -300.0;

/// Side in pixels of the regions in which noise is measured.
const BLOCK: usize = 16;
/// Blocks that a slice has at least where its noise is measured.
const BLOCKS_MIN: usize = 8;
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

/// The noise of a slice's flat soft tissue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FlatTissue {
    /// Standard deviation in HU.
    pub sigma: f64,
    /// Correlation of values next to each other along rows and columns: about 0 in white noise, towards 1 the smoother the
    /// kernel.
    pub correlation: f64,
}

/// Measures the noise of flat soft tissue, or gives `None` where a slice has too little of it.
///
/// Blocks of 16 × 16 pixels whose values all lie in soft tissue, each freed of its plane; the deviation is the first
/// quartile of theirs, since most blocks hold some anatomy too, and the correlation that within the blocks up to there.
/// What is beyond soft tissue is told from the noise by the slice's roughness where that is loud, so that no noise is too
/// loud to be measured.
pub fn flat_tissue(slice_hu: &[f32], width: usize) -> Option<FlatTissue> {
    let calm = flat_within(EDGE_HU, slice_hu, width);
    if calm.is_some_and(|flat| flat.sigma <= LOUD_HU) {
        return calm;
    }
    let roughness = roughness(slice_hu, width)?;
    if roughness > LOUD_HU { flat_within(EDGE_DEVIATIONS * roughness, slice_hu, width) } else { calm }
}

/// Gives the deviation of [`flat_tissue`] alone.
pub fn flat_tissue_sigma(slice_hu: &[f32], width: usize) -> Option<f64> {
    flat_tissue(slice_hu, width).map(|flat| flat.sigma)
}

/// Measures the calmest quarter of the blocks; one with a value further than `edge_hu` from its mean holds an edge and
/// doesn't count.
fn flat_within(edge_hu: f64, slice_hu: &[f32], width: usize) -> Option<FlatTissue> {
    let height = slice_hu.len() / width;
    let mut blocks = Vec::new();
    for y in (0..height.saturating_sub(BLOCK - 1)).step_by(BLOCK / 2) {
        for x in (0..width.saturating_sub(BLOCK - 1)).step_by(BLOCK / 2) {
            let block: Vec<f64> = (0..BLOCK)
                .flat_map(|row| &slice_hu[(y + row) * width + x..][..BLOCK])
                .map(|&hu| f64::from(hu))
                .collect();
            let mean = block.iter().sum::<f64>() / block.len() as f64;
            if (-150.0..150.0).contains(&mean) && block.iter().all(|hu| (hu - mean).abs() < edge_hu) {
                blocks.push(Residual::of(block, mean));
            }
        }
    }
    if blocks.len() < BLOCKS_MIN {
        return None;
    }
    blocks.sort_by(|a, b| a.squares.total_cmp(&b.squares));
    let calmest = &blocks[..=blocks.len() / 4];
    let sum = |part: fn(&Residual) -> f64| calmest.iter().map(part).sum::<f64>();
    let correlation = sum(|block| block.products) / sum(|block| block.squares).max(f64::MIN_POSITIVE);
    Some(FlatTissue { sigma: calmest[calmest.len() - 1].sigma(), correlation })
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

/// What a block has beside its least-squares plane.
struct Residual {
    /// Sum of squares in HU².
    squares: f64,
    /// Sum in HU² of the products of neighbours along rows and columns, for as many pairs as there are pixels.
    products: f64,
}

impl Residual {
    fn of(mut block: Vec<f64>, mean: f64) -> Self {
        let half = (BLOCK - 1) as f64 / 2.0;
        let moment: f64 = (0..BLOCK).map(|i| (i as f64 - half).powi(2)).sum::<f64>() * BLOCK as f64;
        let place = |at: usize| ((at % BLOCK) as f64 - half, (at / BLOCK) as f64 - half);
        let (mut by_x, mut by_y) = (0.0, 0.0);
        for (at, value) in block.iter().enumerate() {
            let (x, y) = place(at);
            by_x += x * value;
            by_y += y * value;
        }
        let total: f64 = block.iter().map(|value| (value - mean).powi(2)).sum();
        let squares = (total - (by_x * by_x + by_y * by_y) / moment).max(0.0);
        for (at, value) in block.iter_mut().enumerate() {
            let (x, y) = place(at);
            *value -= mean + (x * by_x + y * by_y) / moment;
        }
        let along_rows =
            block.chunks_exact(BLOCK).flat_map(|row| row.windows(2)).map(|pair| pair[0] * pair[1]);
        let along_columns = block.iter().zip(&block[BLOCK..]).map(|(above, below)| above * below);
        let pairs = 2 * BLOCK * (BLOCK - 1);
        let products = along_rows.chain(along_columns).sum::<f64>() * (BLOCK * BLOCK) as f64 / pairs as f64;
        Self { squares, products }
    }

    /// The standard deviation in HU; a plane takes three degrees of freedom.
    fn sigma(&self) -> f64 {
        (self.squares / (BLOCK * BLOCK - 3) as f64).sqrt()
    }
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
    fn neighbours_are_alike_under_a_smooth_kernel_and_not_in_white_noise() {
        let correlation = |slice: &[f32]| flat_tissue(slice, 128).unwrap().correlation;
        let white = tissues(12.0);
        assert!(correlation(&white).abs() < 0.05, "{}", correlation(&white));
        // Two neighbours under a Gaussian share e^(−1/(4 σ²)).
        for pixels in [0.8_f64, 1.2] {
            let found = correlation(&gaussian(&white, 128, pixels));
            let wanted = (-1.0 / (4.0 * pixels * pixels)).exp();
            assert!((found - wanted).abs() < 0.07, "{found} for {wanted}");
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
