//! Direct 3 × 3 convolution: no column matrix, a tile of sums in vector registers, one pass over the input.
//!
//! Per step of the innermost loop two vectors of pixels and one weight per output channel are loaded, and each weight
//! is multiplied with both vectors, so the arithmetic units are the limit and not the memory. A task copies a band of
//! rows of all input channels, with its border, into a scratch that stays in the second-level cache, and sums all
//! output channels from there. A sum is added up in the same order whatever the sizes of tile and band, so every vector
//! unit and number of threads gives the same bits.

use rayon::prelude::*;
use std::mem::MaybeUninit;

/// Rows of a band at most: with 24 channels of 512 pixels, a megabyte of scratch.
const BAND_ROWS_MAX: usize = 16;
/// Rows of a band at least: each band copies two rows of its neighbours.
const BAND_ROWS_MIN: usize = 4;
/// Bands of an image, so that many processors have something to do.
const BANDS: usize = 32;

/// Size of a batch of images.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Size {
    pub(super) batch: usize,
    pub(super) height: usize,
    pub(super) width: usize,
}

impl Size {
    pub(super) fn pixels(self) -> usize {
        self.height * self.width
    }

    /// Row length of a padded plane: a whole number of tiles and one zero pixel on each side.
    pub(super) fn padded_width(self, tile_pixels: usize) -> usize {
        self.width.next_multiple_of(tile_pixels) + 2
    }
}

/// What happens to a sum before it is stored: add the channel's bias, clip below zero if wanted, scale.
#[derive(Debug, Clone, Copy)]
pub(super) struct Finish {
    pub(super) relu: bool,
    pub(super) scale: f32,
}

/// Sums a tile of output channels by pixels of a row: source, (plane, row) strides, weights of the channels, sums.
type Tile<const CHANNELS: usize, const PIXELS: usize> =
    fn(&[f32], (usize, usize), &[f32], &mut [[f32; PIXELS]; CHANNELS]);

/// What a vector unit does.
#[derive(Clone, Copy)]
pub(super) struct Kernel<const CHANNELS: usize, const PIXELS: usize> {
    pub(super) tile: Tile<CHANNELS, PIXELS>,
    /// Finishes the sums of one channel: output, sums, bias.
    pub(super) finish: fn(&mut [MaybeUninit<f32>], &[f32; PIXELS], f32, Finish),
}

const PORTABLE: Kernel<6, 16> = Kernel { tile: portable_tile, finish: finish_channel };

/// The body of every unit's `finish`, compiled with that unit's instructions.
#[expect(clippy::inline_always, reason = "only inlined is it compiled with the instructions of its caller")]
#[inline(always)]
pub(super) fn finish_channel<const N: usize>(
    out: &mut [MaybeUninit<f32>],
    sums: &[f32; N],
    bias: f32,
    finish: Finish,
) {
    for (out, sum) in out.iter_mut().zip(sums) {
        let value = sum + bias;
        out.write(finish.scale * if finish.relu { value.max(0.0) } else { value });
    }
}

/// Convolves with zeros beyond the border.
///
/// # Shapes
/// `input` (batch, in, height, width), `weight` (out, in, 3, 3), `bias` (out) → (batch, out, height, width).
pub(super) fn convolve(input: &[f32], weight: &[f32], bias: &[f32], size: Size, finish: Finish) -> Vec<f32> {
    #[cfg(target_arch = "x86_64")]
    {
        use super::{avx2, avx512};
        if avx512::available() {
            return convolve_by(avx512::KERNEL, input, (weight, bias), size, finish);
        }
        if avx2::available() {
            return convolve_by(avx2::KERNEL, input, (weight, bias), size, finish);
        }
    }
    convolve_by(PORTABLE, input, (weight, bias), size, finish)
}

/// Rows of an image, of all output channels.
struct Band<'a> {
    image: usize,
    top: usize,
    rows: usize,
    /// The band's part of each channel's plane.
    planes: Vec<&'a mut [MaybeUninit<f32>]>,
}

#[expect(
    unsafe_code,
    reason = "zeroing an output that is overwritten takes as long as summing a fifth of it"
)]
fn convolve_by<const CHANNELS: usize, const PIXELS: usize>(
    kernel: Kernel<CHANNELS, PIXELS>,
    input: &[f32],
    (weight, bias): (&[f32], &[f32]),
    size: Size,
    finish: Finish,
) -> Vec<f32> {
    let outputs = bias.len();
    let inputs = weight.len() / (9 * outputs);
    let row = size.padded_width(PIXELS);
    let weights = tiled_weights::<CHANNELS>(weight, outputs, inputs);
    let count = size.batch * outputs * size.pixels();
    let mut output: Vec<f32> = Vec::with_capacity(count);
    let bands = bands(&mut output.spare_capacity_mut()[..count], outputs, size);
    bands.into_par_iter().for_each_init(Vec::new, |scratch, mut band| {
        let image = &input[band.image * inputs * size.pixels()..(band.image + 1) * inputs * size.pixels()];
        fill(scratch, image, &band, (size, row));
        let strides = ((band.rows + 2) * row, row);
        let mut sums = [[0.0; PIXELS]; CHANNELS];
        for (block, planes) in band.planes.chunks_mut(CHANNELS).enumerate() {
            let weights = &weights[block * inputs * 9 * CHANNELS..(block + 1) * inputs * 9 * CHANNELS];
            let bias = &bias[block * CHANNELS..];
            for y in 0..band.rows {
                for x in (0..size.width).step_by(PIXELS) {
                    (kernel.tile)(&scratch[y * row + x..], strides, weights, &mut sums);
                    let place = y * size.width + x..y * size.width + size.width.min(x + PIXELS);
                    for ((plane, sums), bias) in planes.iter_mut().zip(&sums).zip(bias) {
                        (kernel.finish)(&mut plane[place.clone()], sums, *bias, finish);
                    }
                }
            }
        }
    });
    // SAFETY: the bands are the whole of the first `count` values, and each band has written all of its rows.
    unsafe { output.set_len(count) }
    output
}

/// Takes the output apart into what the tasks write.
fn bands(output: &mut [MaybeUninit<f32>], outputs: usize, size: Size) -> Vec<Band<'_>> {
    let rows = size.height.div_ceil(BANDS).clamp(BAND_ROWS_MIN, BAND_ROWS_MAX);
    let mut bands = Vec::new();
    for (image, planes) in output.chunks_exact_mut(outputs * size.pixels()).enumerate() {
        let first = bands.len();
        bands.extend((0..size.height).step_by(rows).map(|top| Band {
            image,
            top,
            rows: rows.min(size.height - top),
            planes: Vec::with_capacity(outputs),
        }));
        for plane in planes.chunks_exact_mut(size.pixels()) {
            let parts = plane.chunks_mut(rows * size.width);
            bands[first..].iter_mut().zip(parts).for_each(|(band, part)| band.planes.push(part));
        }
    }
    bands
}

/// Copies the rows that a band needs into the scratch: one above and one below, zeros beyond the image.
fn fill(scratch: &mut Vec<f32>, image: &[f32], band: &Band<'_>, (size, row): (Size, usize)) {
    let rows = band.rows + 2;
    let planes = image.chunks_exact(size.pixels());
    scratch.clear();
    scratch.reserve(planes.len() * rows * row);
    for plane in planes {
        for y in band.top..band.top + rows {
            if y == 0 || y > size.height {
                scratch.resize(scratch.len() + row, 0.0);
            } else {
                scratch.push(0.0);
                scratch.extend_from_slice(&plane[(y - 1) * size.width..y * size.width]);
                scratch.resize(scratch.len() + row - 1 - size.width, 0.0);
            }
        }
    }
}

/// Orders weights as (block of outputs, input, tap, output within the block), with zeros for missing outputs.
fn tiled_weights<const CHANNELS: usize>(weight: &[f32], outputs: usize, inputs: usize) -> Vec<f32> {
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

fn portable_tile<const CHANNELS: usize, const PIXELS: usize>(
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::numbers;

    const PLAIN: Finish = Finish { relu: false, scale: 1.0 };

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
        for (inputs, outputs, height, width) in
            [(5, 7, 3, 17), (1, 1, 1, 1), (6, 12, 9, 32), (3, 4, 5, 33), (2, 13, 2 * BAND_ROWS_MIN + 1, 31)]
        {
            let size = Size { batch: 2, height, width };
            let input = numbers(2 * inputs * size.pixels(), 1);
            let (weight, bias) = (numbers(inputs * outputs * 9, 2), numbers(outputs, 3));
            let expected = reference(&input, &weight, &bias, size);
            let layer = (&*weight, &*bias);
            for result in [
                convolve(&input, &weight, &bias, size, PLAIN),
                convolve_by(PORTABLE, &input, layer, size, PLAIN),
            ] {
                assert_eq!(result.len(), expected.len());
                for (a, b) in result.iter().zip(&expected) {
                    assert!((a - b).abs() < 1e-4, "{a} {b}");
                }
            }
        }
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn every_vector_unit_gives_the_same_bits() {
        use crate::kernels::{avx2, avx512};
        if !(avx2::available() && avx512::available()) {
            // One unit agrees with itself; the test above compares it with the definition.
            return;
        }
        let size = Size { batch: 1, height: 40 * BAND_ROWS_MIN + 3, width: 70 };
        let input = numbers(24 * size.pixels(), 1);
        let (weight, bias) = (numbers(24 * 27 * 9, 2), numbers(27, 3));
        for finish in [PLAIN, Finish { relu: true, scale: 0.1 }] {
            let by_256 = convolve_by(avx2::KERNEL, &input, (&weight, &bias), size, finish);
            let by_512 = convolve_by(avx512::KERNEL, &input, (&weight, &bias), size, finish);
            assert!(by_256.iter().zip(&by_512).all(|(a, b)| a.to_bits() == b.to_bits()));
        }
    }
}
