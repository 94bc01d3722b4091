//! Pixel metrics. Each names its range, since a PSNR without one means nothing.

/// An intensity window in HU: values are clipped to it, and its width is the range of PSNR and SSIM.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// Lower end in HU.
    pub low: f32,
    /// Upper end in HU.
    pub high: f32,
}

impl Window {
    /// −1000 to 1000 HU.
    pub const WIDE: Self = Self { low: -1000.0, high: 1000.0 };
    /// −160 to 240 HU: soft tissue.
    pub const SOFT: Self = Self { low: -160.0, high: 240.0 };

    fn range(self) -> f64 {
        f64::from(self.high - self.low)
    }

    fn clip(self, value: f32) -> f64 {
        f64::from(value.clamp(self.low, self.high))
    }
}

/// Gives the peak signal-to-noise ratio in dB of two slices in a window.
pub fn psnr(image: &[f32], reference: &[f32], window: Window) -> f64 {
    let squares: f64 =
        image.iter().zip(reference).map(|(&a, &b)| (window.clip(a) - window.clip(b)).powi(2)).sum();
    let mse = squares / image.len() as f64;
    10.0 * (window.range().powi(2) / mse.max(1e-12)).log10()
}

/// Gives the mean structural similarity of two slices in a window.
///
/// Gaussian weights of σ = 1.5 over 11 × 11 pixels, population covariance, the border of 5 pixels left out, as
/// scikit-image computes it with `gaussian_weights=True, sigma=1.5, use_sample_covariance=False`.
///
/// # Source
/// Wang 2004, IEEE TIP 13:600.
pub fn ssim(image: &[f32], reference: &[f32], width: usize, window: Window) -> f64 {
    const RADIUS: usize = 5;
    let height = image.len() / width;
    assert!(width > 2 * RADIUS && height > 2 * RADIUS, "a slice is larger than the window of SSIM");
    let a: Vec<f64> = image.iter().map(|&value| window.clip(value)).collect();
    let b: Vec<f64> = reference.iter().map(|&value| window.clip(value)).collect();
    let product = |x: &[f64], y: &[f64]| -> Vec<f64> { x.iter().zip(y).map(|(p, q)| p * q).collect() };
    let smooth = |x: &[f64]| valid_gaussian(x, width);
    let (ma, mb) = (smooth(&a), smooth(&b));
    let (aa, bb, ab) = (smooth(&product(&a, &a)), smooth(&product(&b, &b)), smooth(&product(&a, &b)));
    let (c1, c2) = ((0.01 * window.range()).powi(2), (0.03 * window.range()).powi(2));
    let sum: f64 = (0..ma.len())
        .map(|i| {
            let (va, vb, cov) = (aa[i] - ma[i] * ma[i], bb[i] - mb[i] * mb[i], ab[i] - ma[i] * mb[i]);
            ((2.0 * ma[i] * mb[i] + c1) * (2.0 * cov + c2))
                / ((ma[i] * ma[i] + mb[i] * mb[i] + c1) * (va + vb + c2))
        })
        .sum();
    sum / ma.len() as f64
}

/// Smooths with the 11-tap Gaussian of SSIM and keeps only the pixels whose neighbourhood is whole.
fn valid_gaussian(values: &[f64], width: usize) -> Vec<f64> {
    let taps: Vec<f64> = (-5..=5_i32).map(|i| (-f64::from(i * i) / (2.0 * 1.5 * 1.5)).exp()).collect();
    let total: f64 = taps.iter().sum();
    let (height, inner) = (values.len() / width, width - 10);
    let mut rows = vec![0.0; height * inner];
    for (y, row) in values.chunks_exact(width).enumerate() {
        for x in 0..inner {
            rows[y * inner + x] =
                taps.iter().zip(&row[x..]).map(|(tap, value)| tap * value).sum::<f64>() / total;
        }
    }
    let mut result = vec![0.0; (height - 10) * inner];
    for y in 0..height - 10 {
        for x in 0..inner {
            let column = taps.iter().enumerate().map(|(i, tap)| tap * rows[(y + i) * inner + x]).sum::<f64>();
            result[y * inner + x] = column / total;
        }
    }
    result
}

/// Errors of an image against its reference, over the pixels of a mask.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Errors {
    /// Root mean square error.
    pub rmse: f64,
    /// Mean error: image − reference.
    pub bias: f64,
    /// Number of pixels.
    pub pixels: usize,
}

/// Measures the errors of `image` where `mask` is set.
pub fn errors(image: &[f32], reference: &[f32], mask: &[bool]) -> Errors {
    let (mut sum, mut squares, mut pixels) = (0.0, 0.0, 0_usize);
    for ((&a, &b), _) in image.iter().zip(reference).zip(mask).filter(|(_, inside)| **inside) {
        let error = f64::from(a) - f64::from(b);
        sum += error;
        squares += error * error;
        pixels += 1;
    }
    let count = pixels.max(1) as f64;
    Errors { rmse: (squares / count).sqrt(), bias: sum / count, pixels }
}

/// Gives the share of the mask's pixels whose reference lies within [lower, upper], or `None` for an empty mask.
pub fn coverage(lower: &[f32], upper: &[f32], reference: &[f32], mask: &[bool]) -> Option<f64> {
    let (mut inside, mut pixels) = (0_usize, 0_usize);
    for i in (0..mask.len()).filter(|&i| mask[i]) {
        pixels += 1;
        inside += usize::from(lower[i] <= reference[i] && reference[i] <= upper[i]);
    }
    (pixels > 0).then(|| inside as f64 / pixels as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(shift: f32) -> Vec<f32> {
        (0..32 * 32_u16).map(|i| f32::from(i % 32) * 5.0 + f32::from((i / 32) % 7) * 11.0 + shift).collect()
    }

    #[test]
    fn psnr_is_that_of_its_window() {
        let (a, b) = (pattern(0.0), pattern(10.0));
        assert!((psnr(&a, &b, Window::WIDE) - 20.0 * (2000.0_f64 / 10.0).log10()).abs() < 1e-9);
    }

    #[test]
    fn ssim_of_an_image_with_itself_is_one_and_less_with_another() {
        let (a, b) = (pattern(0.0), pattern(40.0));
        assert!((ssim(&a, &a, 32, Window::SOFT) - 1.0).abs() < 1e-12);
        // structural_similarity(a, b, data_range=400, gaussian_weights=True, sigma=1.5,
        // use_sample_covariance=False) of scikit-image 0.26 on the clipped patterns.
        assert!((ssim(&a, &b, 32, Window::SOFT) - 0.944_601_463_047_534_5).abs() < 1e-6);
    }

    #[test]
    fn errors_and_coverage_count_only_the_mask() {
        let (image, reference) = ([1.0, 2.0, 100.0], [0.0, 4.0, 0.0]);
        let mask = [true, true, false];
        let found = errors(&image, &reference, &mask);
        assert_eq!((found.bias, found.pixels), (-0.5, 2));
        assert!((found.rmse - 2.5_f64.sqrt()).abs() < 1e-12);
        assert_eq!(coverage(&[0.0; 3], &[3.0; 3], &reference, &mask), Some(0.5));
        assert_eq!(coverage(&[0.0; 3], &[3.0; 3], &reference, &[false; 3]), None);
    }
}
