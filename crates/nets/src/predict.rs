//! One slice at a time through the network: cropped to the body, put back upon the estimate.

use crate::{
    family::Network,
    guide::{Guide, channels},
    unet::Architecture,
};
use candle_core::{Device, Result, Tensor};
use imaging::noise::BODY_HU;

/// Pixels around the body that the network sees too.
const MARGIN: usize = 16;

/// The lower quantile, the image and the upper quantile of a slice in HU, in no particular order where the heads cross.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Quantiles {
    pub(crate) lower: Vec<f32>,
    pub(crate) middle: Vec<f32>,
    pub(crate) upper: Vec<f32>,
}

/// A rectangle of a slice: first row and column, then numbers of rows and columns.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Crop {
    y: usize,
    x: usize,
    height: usize,
    width: usize,
}

/// Gives the quantiles of slice `z`; what a family draws is by the seed.
///
/// Beyond the body's box the image is the estimate, and the interval as wide as on the box's border.
pub(crate) fn quantiles(
    network: &Network,
    slices: usize,
    guide: &mut Guide<'_>,
    (z, seed): (usize, u64),
) -> Result<Quantiles> {
    let [width, height, _] = guide.volume.dims;
    let crop = body_crop(guide.volume.slice(z), width, height);
    let multiple = Architecture::MULTIPLE;
    let (rows, columns) = (crop.height.next_multiple_of(multiple), crop.width.next_multiple_of(multiple));
    let stack = guide.stack(z, slices);
    // Zero is the estimate in the network's unit, so what the crop lacks to a whole multiple has nothing to correct.
    let mut input = vec![0.0; channels(slices) * rows * columns];
    for (plane, values) in input.chunks_exact_mut(rows * columns).zip(stack.features()) {
        for (row, out) in plane.chunks_exact_mut(columns).take(crop.height).enumerate() {
            out[..crop.width].copy_from_slice(&values[(crop.y + row) * width + crop.x..][..crop.width]);
        }
    }
    let input = Tensor::from_vec(input, (1, channels(slices), rows, columns), &Device::Cpu)?;
    let heads = network.heads(&input, (seed, z))?;
    let head = |index: usize| {
        let head = &heads[index * rows * columns..(index + 1) * rows * columns];
        let lines = head.chunks_exact(columns).take(crop.height).map(|line| &line[..crop.width]);
        lines.map(|line| line.iter().map(|value| value * stack.noise).collect()).collect::<Vec<Vec<f32>>>()
    };
    let (lower, middle, upper) = (head(0), head(1), head(2));
    let corrected = |change: &[Vec<f32>], outside| corrected(stack.middle(), width, crop, change, outside);
    Ok(Quantiles {
        lower: corrected(&lower, border_mean(&lower)),
        middle: corrected(&middle, 0.0),
        upper: corrected(&upper, border_mean(&upper)),
    })
}

/// Adds a change in HU to the estimate: its own within the crop, one and the same outside.
fn corrected(estimate: &[f32], width: usize, crop: Crop, change: &[Vec<f32>], outside: f32) -> Vec<f32> {
    let mut result: Vec<f32> = estimate.iter().map(|value| value + outside).collect();
    for (row, change) in change.iter().enumerate() {
        let start = (crop.y + row) * width + crop.x;
        let line = result[start..].iter_mut().zip(&estimate[start..]).zip(change);
        line.for_each(|((result, estimate), change)| *result = estimate + change);
    }
    result
}

/// Gives the mean of the first and last row and column.
fn border_mean(change: &[Vec<f32>]) -> f32 {
    let (first, last) = (&change[0], &change[change.len() - 1]);
    let sides = change.iter().map(|row| row[0] + row[row.len() - 1]).sum::<f32>();
    let sum = first.iter().chain(last).sum::<f32>() + sides;
    sum / (2 * (first.len() + change.len())) as f32
}

/// Gives the box of the body with a margin; a slice without body is taken whole.
fn body_crop(slice: &[f32], width: usize, height: usize) -> Crop {
    let inside = |index: usize| slice[index] > BODY_HU;
    let rows: Vec<usize> = (0..height).filter(|&y| (0..width).any(|x| inside(y * width + x))).collect();
    let columns: Vec<usize> = (0..width).filter(|&x| (0..height).any(|y| inside(y * width + x))).collect();
    let range = |found: &[usize], len: usize| match (found.first(), found.last()) {
        (Some(first), Some(last)) => (first.saturating_sub(MARGIN), (last + 1 + MARGIN).min(len)),
        _ => (0, len),
    };
    let ((top, bottom), (left, right)) = (range(&rows, height), range(&columns, width));
    Crop { y: top, x: left, height: bottom - top, width: right - left }
}
