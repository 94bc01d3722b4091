//! Direct 3 × 3 convolution: no column matrix, twelve vector registers of sums, one pass over the input.
//!
//! Per step of the innermost loop two vectors of pixels and six weights are loaded for twelve multiply-adds, so the
//! arithmetic units are the limit and not the memory.

use rayon::prelude::*;

/// Output channels per tile.
const CHANNELS: usize = 6;
/// Pixels per tile: two vectors of eight.
const PIXELS: usize = 16;
/// Output channels per tile of the weight gradient.
const GRADIENT_CHANNELS: usize = 4;
/// Pixels that the weight gradient sums at a time, so that they stay in the first-level cache.
const BAND_PIXELS: usize = 1024;

/// Size of a batch of images.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Size {
    pub(super) batch: usize,
    pub(super) height: usize,
    pub(super) width: usize,
}

impl Size {
    fn pixels(self) -> usize {
        self.height * self.width
    }

    /// Row length of a padded plane: a whole number of tiles and one zero pixel on each side.
    fn padded_width(self) -> usize {
        self.width.next_multiple_of(PIXELS) + 2
    }

    fn padded_plane(self) -> usize {
        self.padded_width() * (self.height + 2)
    }
}

/// Copies planes into planes with a border of zeros.
fn padded(planes: &[f32], size: Size) -> Vec<f32> {
    let (plane, row) = (size.padded_plane(), size.padded_width());
    let mut result = vec![0.0; planes.len() / size.pixels() * plane];
    for (out, plane) in result.chunks_exact_mut(plane).zip(planes.chunks_exact(size.pixels())) {
        for (out, values) in out[row..].chunks_exact_mut(row).zip(plane.chunks_exact(size.width)) {
            out[1..=size.width].copy_from_slice(values);
        }
    }
    result
}

/// What happens to a sum before it is stored: add the channel's bias, clip below zero if wanted, scale.
#[derive(Debug, Clone, Copy)]
pub(super) struct Finish {
    pub(super) relu: bool,
    pub(super) scale: f32,
}

/// Convolves with zeros beyond the border.
///
/// # Shapes
/// `input` (batch, in, height, width), `weight` (out, in, 3, 3), `bias` (out) → (batch, out, height, width).
pub(super) fn convolve(input: &[f32], weight: &[f32], bias: &[f32], size: Size, finish: Finish) -> Vec<f32> {
    let outputs = bias.len();
    let inputs = weight.len() / (9 * outputs);
    let tiles = tiled_weights(weight, outputs, inputs);
    let padded = padded(input, size);
    let (plane, row) = (size.padded_plane(), size.padded_width());
    let mut output = vec![0.0; size.batch * outputs * size.pixels()];
    let run = tile_function();
    output.par_chunks_mut(outputs * size.pixels()).enumerate().for_each(|(n, image)| {
        let source = &padded[n * inputs * plane..(n + 1) * inputs * plane];
        image.par_chunks_mut(CHANNELS * size.pixels()).enumerate().for_each(|(block, planes)| {
            let weights = &tiles[block * inputs * 9 * CHANNELS..(block + 1) * inputs * 9 * CHANNELS];
            let bias = &bias[block * CHANNELS..outputs.min((block + 1) * CHANNELS)];
            let mut sums = [[0.0; PIXELS]; CHANNELS];
            for y in 0..size.height {
                for x in (0..size.width).step_by(PIXELS) {
                    run(&source[y * row + x..], (plane, row), weights, &mut sums);
                    let count = PIXELS.min(size.width - x);
                    for (c, (sums, bias)) in sums.iter().zip(bias).enumerate() {
                        let out = &mut planes[c * size.pixels() + y * size.width + x..][..count];
                        for (out, sum) in out.iter_mut().zip(sums) {
                            let value = sum + bias;
                            *out = finish.scale * if finish.relu { value.max(0.0) } else { value };
                        }
                    }
                }
            }
        });
    });
    output
}

/// Orders weights as (block of six outputs, input, tap, output within the block), with zeros for missing outputs.
fn tiled_weights(weight: &[f32], outputs: usize, inputs: usize) -> Vec<f32> {
    let mut tiles = vec![0.0; outputs.div_ceil(CHANNELS) * inputs * 9 * CHANNELS];
    for (index, value) in weight.iter().enumerate() {
        let (o, rest) = (index / (inputs * 9), index % (inputs * 9));
        tiles[(o / CHANNELS * inputs * 9 + rest) * CHANNELS + o % CHANNELS] = *value;
    }
    tiles
}

/// Gives the weights of the convolution that carries gradients back to the input: channels swapped, taps turned.
pub(super) fn transposed(weight: &[f32], outputs: usize, inputs: usize) -> Vec<f32> {
    let mut result = vec![0.0; weight.len()];
    for o in 0..outputs {
        for i in 0..inputs {
            for tap in 0..9 {
                result[(i * outputs + o) * 9 + 8 - tap] = weight[(o * inputs + i) * 9 + tap];
            }
        }
    }
    result
}

/// Gives the gradient of the weights.
///
/// # Shapes
/// `input` (batch, in, height, width), `gradient` (batch, out, height, width) → (out, in, 3, 3).
pub(super) fn weight_gradient(input: &[f32], gradient: &[f32], size: Size, outputs: usize) -> Vec<f32> {
    let inputs = input.len() / (size.batch * size.pixels());
    let (x, g) = (padded(input, size), padded(gradient, size));
    let (plane, row) = (size.padded_plane(), size.padded_width());
    let band = (BAND_PIXELS / row).clamp(1, size.height);
    let mut result = vec![0.0; outputs * inputs * 9];
    let run = gradient_function();
    result.par_chunks_mut(GRADIENT_CHANNELS * inputs * 9).enumerate().for_each(|(block, weights)| {
        let first = block * GRADIENT_CHANNELS;
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
                        let mut sums = [[0.0; 3]; GRADIENT_CHANNELS];
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

/// Sums a tile: source, (plane, row) strides, weights of the block, sums per channel and pixel.
type Tile = fn(&[f32], (usize, usize), &[f32], &mut [[f32; PIXELS]; CHANNELS]);
/// Sums a band's products: source, gradient planes, (rows, row stride), sums per channel and horizontal tap.
type Gradient = fn(&[f32], [&[f32]; GRADIENT_CHANNELS], (usize, usize), &mut [[f32; 3]; GRADIENT_CHANNELS]);

fn tile_function() -> Tile {
    #[cfg(target_arch = "x86_64")]
    if avx2::available() {
        return avx2::tile;
    }
    portable_tile
}

fn gradient_function() -> Gradient {
    #[cfg(target_arch = "x86_64")]
    if avx2::available() {
        return avx2::gradient;
    }
    portable_gradient
}

fn portable_tile(
    source: &[f32],
    (plane, row): (usize, usize),
    weights: &[f32],
    sums: &mut [[f32; PIXELS]; CHANNELS],
) {
    *sums = [[0.0; PIXELS]; CHANNELS];
    for (tap, weights) in weights.chunks_exact(CHANNELS).enumerate() {
        let start = tap / 9 * plane + tap % 9 / 3 * row + tap % 3;
        let pixels = &source[start..start + PIXELS];
        for (sums, weight) in sums.iter_mut().zip(weights) {
            sums.iter_mut().zip(pixels).for_each(|(sum, pixel)| *sum += weight * pixel);
        }
    }
}

fn portable_gradient(
    source: &[f32],
    planes: [&[f32]; GRADIENT_CHANNELS],
    (rows, row): (usize, usize),
    sums: &mut [[f32; 3]; GRADIENT_CHANNELS],
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

#[cfg(target_arch = "x86_64")]
mod avx2 {
    //! The same sums with AVX2 and fused multiply-add.
    #![expect(
        unsafe_code,
        reason = "vector loads and stores take raw pointers; every one is bounded by a slice"
    )]

    use super::{CHANNELS, GRADIENT_CHANNELS, PIXELS};
    use std::arch::x86_64::{
        _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_set1_ps, _mm256_setzero_ps, _mm256_storeu_ps,
    };

    pub(super) fn available() -> bool {
        is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
    }

    pub(super) fn tile(
        source: &[f32],
        strides: (usize, usize),
        weights: &[f32],
        sums: &mut [[f32; PIXELS]; CHANNELS],
    ) {
        // SAFETY: this function is only chosen where the processor has both features.
        unsafe { tile_vector(source, strides, weights, sums) }
    }

    pub(super) fn gradient(
        source: &[f32],
        planes: [&[f32]; GRADIENT_CHANNELS],
        extent: (usize, usize),
        sums: &mut [[f32; 3]; GRADIENT_CHANNELS],
    ) {
        // SAFETY: as above.
        unsafe { gradient_vector(source, planes, extent, sums) }
    }

    /// One bound is checked for the whole tile: checks between the loads would drive the sums out of the registers.
    #[target_feature(enable = "avx2,fma")]
    fn tile_vector(
        source: &[f32],
        (plane, row): (usize, usize),
        weights: &[f32],
        sums: &mut [[f32; PIXELS]; CHANNELS],
    ) {
        let inputs = weights.len() / (9 * CHANNELS);
        assert!(
            source.len() >= (inputs - 1) * plane + 2 * row + PIXELS + 2,
            "the tile lies within its planes"
        );
        let mut acc = [[_mm256_setzero_ps(); 2]; CHANNELS];
        let mut weight = weights.as_ptr();
        for input in 0..inputs {
            for ky in 0..3 {
                // SAFETY: the largest offset read, of the last input, row, tap and vector, is the bound above; and
                // the weights have nine taps of six channels per input.
                unsafe {
                    let mut pixels = source.as_ptr().add(input * plane + ky * row);
                    for _ in 0..3 {
                        let (low, high) = (_mm256_loadu_ps(pixels), _mm256_loadu_ps(pixels.add(8)));
                        for (c, acc) in acc.iter_mut().enumerate() {
                            let weight = _mm256_set1_ps(*weight.add(c));
                            acc[0] = _mm256_fmadd_ps(weight, low, acc[0]);
                            acc[1] = _mm256_fmadd_ps(weight, high, acc[1]);
                        }
                        weight = weight.add(CHANNELS);
                        pixels = pixels.add(1);
                    }
                }
            }
        }
        for (sums, acc) in sums.iter_mut().zip(acc) {
            // SAFETY: a row of sums holds two vectors.
            unsafe {
                _mm256_storeu_ps(sums.as_mut_ptr(), acc[0]);
                _mm256_storeu_ps(sums.as_mut_ptr().add(8), acc[1]);
            }
        }
    }

    #[target_feature(enable = "avx2,fma")]
    fn gradient_vector(
        source: &[f32],
        planes: [&[f32]; GRADIENT_CHANNELS],
        (rows, row): (usize, usize),
        sums: &mut [[f32; 3]; GRADIENT_CHANNELS],
    ) {
        let end = (rows - 1) * row + row - 2;
        assert!(
            source.len() >= end + 2 && planes.iter().all(|plane| plane.len() >= end),
            "the band lies within"
        );
        let mut acc = [[_mm256_setzero_ps(); 3]; GRADIENT_CHANNELS];
        for y in 0..rows {
            for x in (y * row..y * row + row - 2).step_by(8) {
                // SAFETY: a row less its two border pixels is a whole number of vectors, so that x + 8 is at most
                // `end`, the bound of the planes; the taps read two pixels further.
                unsafe {
                    let pixels = source.as_ptr().add(x);
                    let taps = [
                        _mm256_loadu_ps(pixels),
                        _mm256_loadu_ps(pixels.add(1)),
                        _mm256_loadu_ps(pixels.add(2)),
                    ];
                    for (acc, plane) in acc.iter_mut().zip(planes) {
                        let gradient = _mm256_loadu_ps(plane.as_ptr().add(x));
                        acc[0] = _mm256_fmadd_ps(gradient, taps[0], acc[0]);
                        acc[1] = _mm256_fmadd_ps(gradient, taps[1], acc[1]);
                        acc[2] = _mm256_fmadd_ps(gradient, taps[2], acc[2]);
                    }
                }
            }
        }
        for (sums, acc) in sums.iter_mut().zip(acc) {
            for (sum, acc) in sums.iter_mut().zip(acc) {
                let mut lanes = [0.0; 8];
                // SAFETY: the array holds one vector.
                unsafe { _mm256_storeu_ps(lanes.as_mut_ptr(), acc) }
                *sum = lanes.iter().sum();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: usize, seed: u32) -> Vec<f32> {
        let mut state = seed;
        (0..count)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 23) as f32 - 1.0
            })
            .collect()
    }

    /// The definition, tap by tap.
    fn reference(input: &[f32], weight: &[f32], bias: &[f32], size: Size) -> Vec<f32> {
        let (outputs, inputs) = (bias.len(), weight.len() / (9 * bias.len()));
        let mut result = Vec::new();
        for index in 0..size.batch * outputs * size.pixels() {
            let (x, y) = (index % size.width, index / size.width % size.height);
            let (o, n) = (index / size.pixels() % outputs, index / size.pixels() / outputs);
            let mut sum = bias[o];
            for i in 0..inputs {
                for tap in 0..9 {
                    let (row, column) = ((y + tap / 3).wrapping_sub(1), (x + tap % 3).wrapping_sub(1));
                    if row < size.height && column < size.width {
                        sum += weight[(o * inputs + i) * 9 + tap]
                            * input[((n * inputs + i) * size.height + row) * size.width + column];
                    }
                }
            }
            result.push(sum);
        }
        result
    }

    #[test]
    fn convolution_is_its_definition_for_odd_sizes_and_channel_counts() {
        for (inputs, outputs, height, width) in [(5, 7, 3, 17), (1, 1, 1, 1), (6, 12, 9, 32), (3, 4, 5, 33)] {
            let size = Size { batch: 2, height, width };
            let input = numbers(2 * inputs * size.pixels(), 1);
            let (weight, bias) = (numbers(inputs * outputs * 9, 2), numbers(outputs, 3));
            let result = convolve(&input, &weight, &bias, size, Finish { relu: false, scale: 1.0 });
            for (a, b) in result.iter().zip(reference(&input, &weight, &bias, size)) {
                assert!((a - b).abs() < 1e-4, "{a} {b}");
            }
        }
    }

    #[test]
    fn vector_and_portable_kernels_agree() {
        let (plane, row) = (20 * 34, 34);
        let (source, weights) = (numbers(5 * plane, 1), numbers(5 * 9 * CHANNELS, 2));
        let (mut a, mut b) = ([[0.0; PIXELS]; CHANNELS], [[0.0; PIXELS]; CHANNELS]);
        portable_tile(&source, (plane, row), &weights, &mut a);
        tile_function()(&source, (plane, row), &weights, &mut b);
        assert!(a.iter().flatten().zip(b.iter().flatten()).all(|(a, b)| (a - b).abs() < 1e-4));
        let gradients = numbers(4 * plane, 3);
        let planes = [0, 1, 2, 3].map(|c| &gradients[c * plane..]);
        let (mut a, mut b) = ([[0.0; 3]; GRADIENT_CHANNELS], [[0.0; 3]; GRADIENT_CHANNELS]);
        portable_gradient(&source, planes, (7, row), &mut a);
        gradient_function()(&source, planes, (7, row), &mut b);
        assert!(a.iter().flatten().zip(b.iter().flatten()).all(|(a, b)| (a - b).abs() < 1e-3));
    }
}
