//! One slice at a time through the network: cropped to the body, padded with air, put back.

use crate::{
    train::normalised,
    unet::{Architecture, UNet},
};
use candle_core::{Device, Result, Tensor};
use imaging::{Volume, noise::BODY_HU};

/// Pixels around the body that the network sees too.
const MARGIN: usize = 16;

/// The three quantiles of a slice in HU, in no particular order where the heads cross.
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

/// Gives the quantiles of slice `z`.
///
/// Beyond the body's box the middle is the input itself, and the interval as wide as on the box's border.
pub(crate) fn quantiles(network: &UNet, slices: usize, volume: &Volume, z: usize) -> Result<Quantiles> {
    let [width, height, depth] = volume.dims;
    let crop = body_crop(volume.slice(z), width, height);
    let multiple = Architecture::MULTIPLE;
    let (rows, columns) = (crop.height.next_multiple_of(multiple), crop.width.next_multiple_of(multiple));
    // Zero is air in the network's unit, so what the crop lacks to a whole multiple is air.
    let mut input = vec![0.0; slices * rows * columns];
    for (index, plane) in input.chunks_exact_mut(rows * columns).enumerate() {
        let source = volume.slice((z + index).saturating_sub(slices / 2).min(depth - 1));
        for (row, out) in plane.chunks_exact_mut(columns).take(crop.height).enumerate() {
            let values = &source[(crop.y + row) * width + crop.x..][..crop.width];
            out.iter_mut().zip(values).for_each(|(out, &hu)| *out = normalised(hu));
        }
    }
    let heads = network.forward(&Tensor::from_vec(input, (1, slices, rows, columns), &Device::Cpu)?)?;
    let heads = heads.flatten_all()?.to_vec1::<f32>()?;
    let paste = |index: usize, outside: bool| {
        let head = &heads[index * rows * columns..(index + 1) * rows * columns];
        paste(head, columns, crop, (volume.slice(z), width), outside)
    };
    Ok(Quantiles { lower: paste(0, true), middle: paste(1, false), upper: paste(2, true) })
}

/// Puts a head's crop back into the slice, in HU, with what was clipped before the network added again.
///
/// `outside` says whether the mean change on the crop's border goes on beyond it.
fn paste(
    head: &[f32],
    columns: usize,
    crop: Crop,
    (source, width): (&[f32], usize),
    outside: bool,
) -> Vec<f32> {
    let change = |row: usize, column: usize| {
        let hu = source[(crop.y + row) * width + crop.x + column];
        (head[row * columns + column] - normalised(hu)) * 1000.0
    };
    let mut result = source.to_vec();
    if outside {
        let (last_row, last_column) = (crop.height - 1, crop.width - 1);
        let border = (0..crop.width)
            .flat_map(|column| [change(0, column), change(last_row, column)])
            .chain((0..crop.height).flat_map(|row| [change(row, 0), change(row, last_column)]));
        let mean = border.sum::<f32>() / (2 * (crop.width + crop.height)) as f32;
        for value in &mut result {
            *value += mean;
        }
    }
    for row in 0..crop.height {
        for column in 0..crop.width {
            let index = (crop.y + row) * width + crop.x + column;
            result[index] = source[index] + change(row, column);
        }
    }
    result
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
