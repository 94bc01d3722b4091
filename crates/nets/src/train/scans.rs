//! Other scans that a full-dose scan might have been: with another reconstruction kernel, with pixels of another size.
//!
//! The inserted noise has the texture of one filter at one pixel pitch, whatever the patient. That of a full-dose scan
//! is its own, and two subjects would show a network two textures only.

use crate::guide::slice_noises;
use imaging::{Volume, filter::gaussian};
use rayon::prelude::*;

/// Smoothing in pixels that a kernel takes or adds.
const KERNEL_PIXELS: f64 = 0.7;
/// How far in pixels it reaches.
pub(crate) const KERNEL_REACH: usize = 3;

/// A full-dose scan with pixels of another size, and the kernels that it is given, one by one.
#[derive(Debug)]
pub(crate) struct Scan {
    /// In HU.
    pub(crate) volume: Volume,
    /// Its pixels in a pixel of the subject's own scan, along a row or column.
    pub(crate) zoom: f64,
    pub(crate) kernels: Vec<Kernel>,
}

/// A stand-in for a reconstruction kernel: it makes the scan smoother or sharper, its anatomy and its noise.
#[derive(Debug)]
pub(crate) struct Kernel {
    /// From −1, smoothed, over 0, unchanged, upwards ([`sharpened`]).
    pub(crate) sharpness: f32,
    /// Variance in HU² of the flat tissue's noise, by slice.
    pub(crate) variance: Vec<f64>,
}

impl Scan {
    pub(crate) fn new(volume: &Volume, zoom: f64, sharpnesses: &[f32]) -> Self {
        let [width, height, depth] = volume.dims;
        let scaled = |len: usize| (len as f64 * zoom).round() as usize;
        let (columns, rows) = (scaled(width), scaled(height));
        let volume = by_slices(volume, [columns, rows, depth], |slice| zoomed(slice, width, columns, rows));
        let kernels = sharpnesses
            .iter()
            .map(|&sharpness| {
                let kernel = by_slices(&volume, volume.dims, |slice| sharpened(slice, columns, sharpness));
                Kernel { sharpness, variance: variances(&kernel) }
            })
            .collect();
        Self { volume, zoom, kernels }
    }
}

/// Gives the variance in HU² of each slice's flat tissue.
pub(crate) fn variances(volume: &Volume) -> Vec<f64> {
    slice_noises(volume).into_iter().map(|flat| flat.sigma * flat.sigma).collect()
}

/// Gives an image that is smoother (−1) or sharper than the given one by its difference to its smoothed self.
pub(crate) fn sharpened(image: &[f32], width: usize, sharpness: f32) -> Vec<f32> {
    let smooth = gaussian(image, width, KERNEL_PIXELS);
    image.iter().zip(smooth).map(|(value, smooth)| value + sharpness * (value - smooth)).collect()
}

/// A change of the added noise's texture: along rows and columns by shares of their own, since noise behind a body
/// that is wider than deep runs along the rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Reshaping {
    /// From −1, smoothed, over 0, unchanged, to 1, sharpened; along rows, then along columns.
    pub(crate) sharpness: [f32; 2],
}

impl Reshaping {
    /// Gives noise of the other texture and the same spread.
    pub(crate) fn apply(self, noise: &[f32], width: usize) -> Vec<f32> {
        let [along_rows, along_columns] = self.sharpness;
        let spread = |noise: &[f32]| noise.iter().map(|value| value * value).sum::<f32>().sqrt();
        let rows = sharpened_along(noise, (width, 1), along_rows);
        let mut result = sharpened_along(&rows, (noise.len() / width, width), along_columns);
        let gain = spread(noise) / spread(&result).max(f32::MIN_POSITIVE);
        for value in &mut result {
            *value *= gain;
        }
        result
    }
}

/// Gives an image that is smoother or sharper along lines of a length, whose pixels are a stride apart.
fn sharpened_along(image: &[f32], (len, stride): (usize, usize), sharpness: f32) -> Vec<f32> {
    let neighbour = |at: usize, step: isize| {
        let place = (at / stride % len) as isize;
        let other = (place + step).clamp(0, len as isize - 1);
        image[(at as isize + (other - place) * stride as isize) as usize]
    };
    (0..image.len())
        .map(|at| {
            let smooth = 0.25 * neighbour(at, -1) + 0.5 * image[at] + 0.25 * neighbour(at, 1);
            image[at] + sharpness * (image[at] - smooth)
        })
        .collect()
}

fn by_slices(volume: &Volume, dims: [usize; 3], change: impl Fn(&[f32]) -> Vec<f32> + Sync) -> Volume {
    let slices: Vec<Vec<f32>> =
        (0..volume.dims[2]).into_par_iter().map(|z| change(volume.slice(z))).collect();
    Volume::new(slices.concat(), dims, volume.affine).expect("each slice fills its grid")
}

/// Samples a slice on a grid of as many columns and rows over the same extent.
///
/// There is no filter before a coarser grid: a scanner samples the same reconstruction more coarsely too.
///
/// # Source
/// Keys 1981, IEEE TASSP 29:1153: cubic convolution, a = −1/2.
fn zoomed(slice: &[f32], width: usize, columns: usize, rows: usize) -> Vec<f32> {
    let height = slice.len() / width;
    let (across, along) = (taps(width, columns), taps(height, rows));
    along
        .iter()
        .flat_map(|(ys, by)| {
            across.iter().map(move |(xs, bx)| {
                let row = |y: usize| xs.iter().zip(bx).map(|(x, b)| b * slice[y * width + x]).sum::<f32>();
                ys.iter().zip(by).map(|(&y, b)| b * row(y)).sum()
            })
        })
        .collect()
}

/// Gives the four places and weights of each of `to` samples over a line of `from` pixels.
fn taps(from: usize, to: usize) -> Vec<([usize; 4], [f32; 4])> {
    let weight = |distance: f64| match distance.abs() {
        d if d < 1.0 => (1.5 * d - 2.5) * d * d + 1.0,
        d if d < 2.0 => ((2.5 - 0.5 * d) * d - 4.0) * d + 2.0,
        _ => 0.0,
    };
    (0..to)
        .map(|sample| {
            let at = (sample as f64 + 0.5) * from as f64 / to as f64 - 0.5;
            let around = [-1.0, 0.0, 1.0, 2.0].map(|step| at.floor() + step);
            (around.map(|x| x.clamp(0.0, (from - 1) as f64) as usize), around.map(|x| weight(x - at) as f32))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phantom;

    #[test]
    fn a_scan_with_pixels_of_the_same_size_and_its_own_kernel_is_the_same_scan() {
        let volume = phantom::head(2, 8.0, 1);
        let scan = Scan::new(&volume, 1.0, &[0.0]);
        assert_eq!(scan.volume, volume);
        assert_eq!(scan.kernels[0].variance, variances(&volume));
    }

    #[test]
    fn a_slope_stays_a_slope_on_a_finer_and_a_coarser_grid() {
        let slope: Vec<f32> = (0..40 * 30_u16).map(|i| f32::from(i % 40) * 3.0 + f32::from(i / 40)).collect();
        for (columns, rows) in [(60, 45), (20, 15)] {
            let zoomed = zoomed(&slope, 40, columns, rows);
            let step = 40.0 / columns as f32;
            let across = zoomed[7 * columns + 9] - zoomed[7 * columns + 8];
            let along = zoomed[8 * columns + 8] - zoomed[7 * columns + 8];
            assert!((across - 3.0 * step).abs() < 1e-3 && (along - step).abs() < 1e-3, "{across} {along}");
        }
    }

    #[test]
    fn a_smoother_kernel_has_less_noise_and_a_sharper_one_more() {
        let scan = Scan::new(&phantom::head(2, 8.0, 1), 1.0, &[-0.8, 0.0, 0.4]);
        let variances: Vec<f64> = scan.kernels.iter().map(|kernel| kernel.variance[0]).collect();
        assert!(variances[0] < 0.5 * variances[1] && variances[1] < 0.9 * variances[2], "{variances:?}");
    }

    #[test]
    fn reshaped_noise_has_its_spread_and_another_texture_along_one_axis() {
        let with = phantom::head(1, 12.0, 2).data;
        let noise: Vec<f32> = with.iter().zip(phantom::head(1, 0.0, 2).data).map(|(a, b)| a - b).collect();
        let spread = |noise: &[f32]| noise.iter().map(|value| value * value).sum::<f32>().sqrt();
        let together = |noise: &[f32], stride: usize| {
            noise.iter().zip(&noise[stride..]).map(|(a, b)| a * b).sum::<f32>() / spread(noise).powi(2)
        };
        let smooth = Reshaping { sharpness: [-1.0, 0.0] }.apply(&noise, 96);
        assert!((spread(&smooth) / spread(&noise) - 1.0).abs() < 1e-4);
        assert!((together(&smooth, 1) - 2.0 / 3.0).abs() < 0.05, "{}", together(&smooth, 1));
        assert!(together(&smooth, 96).abs() < 0.05, "{}", together(&smooth, 96));
        let sharp = Reshaping { sharpness: [0.0, 1.0] }.apply(&noise, 96);
        assert!(together(&sharp, 96) < -0.3 && together(&sharp, 1).abs() < 0.05);
    }
}
