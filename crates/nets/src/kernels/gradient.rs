//! The gradient of a 3 × 3 convolution's weights.

use super::direct::Size;
use rayon::prelude::*;

/// Output channels per tile.
pub(super) const CHANNELS: usize = 4;
/// Rows are padded to a whole number of these.
const VECTOR_PIXELS: usize = 16;
/// Pixels that are summed at a time, so that they stay in the first-level cache.
const BAND_PIXELS: usize = 1024;

/// Gives the gradient of the weights.
///
/// # Shapes
/// `input` (batch, in, height, width), `gradient` (batch, out, height, width) → (out, in, 3, 3).
pub(super) fn weight_gradient(input: &[f32], gradient: &[f32], size: Size, outputs: usize) -> Vec<f32> {
    let inputs = input.len() / (size.batch * size.pixels());
    let row = size.padded_width(VECTOR_PIXELS);
    let plane = row * (size.height + 2);
    let (x, g) = (padded(input, size, row), padded(gradient, size, row));
    let band = (BAND_PIXELS / row).clamp(1, size.height);
    let mut result = vec![0.0; outputs * inputs * 9];
    let run = gradient_function();
    result.par_chunks_mut(CHANNELS * inputs * 9).enumerate().for_each(|(block, weights)| {
        let first = block * CHANNELS;
        let channels = weights.len() / (inputs * 9);
        for n in 0..size.batch {
            for top in (0..size.height).step_by(band) {
                let rows = band.min(size.height - top);
                // A missing output channel repeats the last one; its sums are dropped below.
                let planes = [0, 1, 2, 3].map(|c: usize| {
                    let start = (n * outputs + first + c.min(channels - 1)) * plane + (top + 1) * row + 1;
                    &g[start..]
                });
                for i in 0..inputs {
                    for ky in 0..3 {
                        let source = &x[(n * inputs + i) * plane + (top + ky) * row..];
                        let mut sums = [[0.0; 3]; CHANNELS];
                        run(source, planes, (rows, row), &mut sums);
                        for (c, sums) in sums.iter().enumerate().take(channels) {
                            for (kx, sum) in sums.iter().enumerate() {
                                weights[(c * inputs + i) * 9 + ky * 3 + kx] += sum;
                            }
                        }
                    }
                }
            }
        }
    });
    result
}

/// Copies planes into planes with a border of zeros and rows of `row` values.
fn padded(planes: &[f32], size: Size, row: usize) -> Vec<f32> {
    let plane = row * (size.height + 2);
    let mut result = vec![0.0; planes.len() / size.pixels() * plane];
    let copies = result.par_chunks_exact_mut(plane).zip(planes.par_chunks_exact(size.pixels()));
    copies.for_each(|(out, plane)| {
        for (out, values) in out[row..].chunks_exact_mut(row).zip(plane.chunks_exact(size.width)) {
            out[1..=size.width].copy_from_slice(values);
        }
    });
    result
}

/// Sums a band's products: source, gradient planes, (rows, row stride), sums per channel and horizontal tap.
type Gradient = fn(&[f32], [&[f32]; CHANNELS], (usize, usize), &mut [[f32; 3]; CHANNELS]);

fn gradient_function() -> Gradient {
    #[cfg(target_arch = "x86_64")]
    if super::avx2::available() {
        return super::avx2::gradient;
    }
    portable_gradient
}

fn portable_gradient(
    source: &[f32],
    planes: [&[f32]; CHANNELS],
    (rows, row): (usize, usize),
    sums: &mut [[f32; 3]; CHANNELS],
) {
    for y in 0..rows {
        for (plane, sums) in planes.iter().zip(sums.iter_mut()) {
            let gradient = &plane[y * row..y * row + row - 2];
            for (kx, sum) in sums.iter_mut().enumerate() {
                let pixels = &source[y * row + kx..];
                *sum += gradient.iter().zip(pixels).map(|(g, x)| g * x).sum::<f32>();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::numbers;

    #[test]
    fn vector_and_portable_gradients_agree() {
        let (plane, row) = (20 * 34, 34);
        let (source, gradients) = (numbers(5 * plane, 1), numbers(4 * plane, 3));
        let planes = [0, 1, 2, 3].map(|c| &gradients[c * plane..]);
        let (mut a, mut b) = ([[0.0; 3]; CHANNELS], [[0.0; 3]; CHANNELS]);
        portable_gradient(&source, planes, (7, row), &mut a);
        gradient_function()(&source, planes, (7, row), &mut b);
        assert!(a.iter().flatten().zip(b.iter().flatten()).all(|(a, b)| (a - b).abs() < 1e-3));
    }
}
