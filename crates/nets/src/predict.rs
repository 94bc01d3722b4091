//! One slice at a time through the network: cropped to the body, put back upon the estimate, anchored to the scan.

use crate::{
    family::{Network, Said},
    guide::{Guide, channels},
    unet::Architecture,
};
use candle_core::{Device, Result, Tensor};
use imaging::{filter::gaussian, noise::BODY_HU};
use serde::{Deserialize, Serialize};

/// Pixels around the body that the network sees too.
const MARGIN: usize = 16;

/// The lower quantile, the image and the upper quantile of a slice in HU, in no particular order where the heads cross.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Quantiles {
    pub(crate) lower: Vec<f32>,
    pub(crate) middle: Vec<f32>,
    pub(crate) upper: Vec<f32>,
    /// Standard deviation of the images that were drawn, in units of the slice's noise, 0 beyond the body's box; `None`
    /// where there is one image.
    pub(crate) spread: Option<Vec<f32>>,
    /// What the network's deepest layer sees in the body: the mean magnitude of each plane; empty where there is no body.
    pub(crate) backbone: Vec<f32>,
}

/// The scan's own means, which the image keeps: of its difference to the scan what a Gaussian leaves is given back.
///
/// The ramp of filtered back-projection leaves little noise at low frequencies, where the scan is therefore the better
/// witness: a network shrinks the contrast between tissues, and drifts on scans like none that it was trained on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// Width of the Gaussian in pixels, as a standard deviation.
    pub pixels: f64,
}

impl Anchor {
    /// Moves image and interval.
    fn hold(self, quantiles: &mut Quantiles, scan: &[f32], width: usize) {
        let Quantiles { lower, middle, upper, .. } = quantiles;
        let difference: Vec<f32> = scan.iter().zip(&*middle).map(|(scan, middle)| scan - middle).collect();
        let kept = gaussian(&difference, width, self.pixels);
        for plane in [lower, middle, upper] {
            plane.iter_mut().zip(&kept).for_each(|(value, kept)| *value += kept);
        }
    }
}

/// A rectangle of a slice: first row and column, then numbers of rows and columns.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Crop {
    y: usize,
    x: usize,
    height: usize,
    width: usize,
}

/// Gives the quantiles of slice `z`; what a family draws is by the seed. Without an anchor they are the network's own.
///
/// Beyond the body's box the image is the estimate, and the interval as wide as on the box's border.
pub(crate) fn quantiles(
    network: &Network,
    (slices, anchor): (usize, Option<Anchor>),
    guide: &mut Guide<'_>,
    (z, seed): (usize, u64),
) -> Result<Quantiles> {
    let [width, height, _] = guide.volume.dims;
    let crop = body_crop(guide.volume.slice(z), width, height);
    let multiple = Architecture::MULTIPLE;
    let (rows, columns) = (crop.height.next_multiple_of(multiple), crop.width.next_multiple_of(multiple));
    let body = body_counts(guide.volume.slice(z), width, crop, columns);
    let stack = guide.stack(z, slices);
    // Zero is the estimate in the network's unit, so what the crop lacks to a whole multiple has nothing to correct.
    let mut input = vec![0.0; channels(slices) * rows * columns];
    for (plane, values) in input.chunks_exact_mut(rows * columns).zip(stack.features()) {
        for (row, out) in plane.chunks_exact_mut(columns).take(crop.height).enumerate() {
            out[..crop.width].copy_from_slice(&values[(crop.y + row) * width + crop.x..][..crop.width]);
        }
    }
    let input = Tensor::from_vec(input, (1, channels(slices), rows, columns), &Device::Cpu)?;
    let Said { heads, spread, bottom } = network.say(&input, (seed, z))?;
    let backbone = magnitudes(&bottom, &body);
    let lines = |plane: &[f32], unit: f32| {
        let lines = plane.chunks_exact(columns).take(crop.height).map(|line| &line[..crop.width]);
        lines.map(|line| line.iter().map(|value| value * unit).collect()).collect::<Vec<Vec<f32>>>()
    };
    let head = |index: usize| lines(&heads[index * rows * columns..][..rows * columns], stack.noise);
    let (lower, middle, upper) = (head(0), head(1), head(2));
    let corrected = |change: &[Vec<f32>], outside| added(stack.middle(), width, crop, change, outside);
    let mut quantiles = Quantiles {
        lower: corrected(&lower, border_mean(&lower)),
        middle: corrected(&middle, 0.0),
        upper: corrected(&upper, border_mean(&upper)),
        backbone,
        spread: spread.map(|plane| added(&vec![0.0; width * height], width, crop, &lines(&plane, 1.0), 0.0)),
    };
    if let Some(anchor) = anchor {
        anchor.hold(&mut quantiles, guide.volume.slice(z), width);
    }
    Ok(quantiles)
}

/// Gives the number of the body's pixels in each block of a crop that has so many columns, a block for each pixel of
/// the network's deepest layer.
fn body_counts(slice: &[f32], width: usize, crop: Crop, columns: usize) -> Vec<f32> {
    const SIDE: usize = Architecture::MULTIPLE;
    let blocks = columns / SIDE;
    let mut counts = vec![0.0; blocks * crop.height.div_ceil(SIDE)];
    for y in 0..crop.height {
        let line = &slice[(crop.y + y) * width + crop.x..][..crop.width];
        for (x, _) in line.iter().enumerate().filter(|(_, hu)| **hu > BODY_HU) {
            counts[y / SIDE * blocks + x / SIDE] += 1.0;
        }
    }
    counts
}

/// Gives the weighted mean magnitude of each plane, or nothing without any weight.
fn magnitudes(planes: &[f32], weights: &[f32]) -> Vec<f32> {
    let whole: f32 = weights.iter().sum();
    if whole == 0.0 {
        return Vec::new();
    }
    let of_plane = |plane: &[f32]| {
        plane.iter().zip(weights).map(|(value, weight)| value.abs() * weight).sum::<f32>() / whole
    };
    planes.chunks_exact(weights.len()).map(of_plane).collect()
}

/// Adds a change to a slice: its own within the crop, one and the same outside.
fn added(slice: &[f32], width: usize, crop: Crop, change: &[Vec<f32>], outside: f32) -> Vec<f32> {
    let mut result: Vec<f32> = slice.iter().map(|value| value + outside).collect();
    for (row, change) in change.iter().enumerate() {
        let start = (crop.y + row) * width + crop.x;
        let line = result[start..].iter_mut().zip(&slice[start..]).zip(change);
        line.for_each(|((result, value), change)| *result = value + change);
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

#[cfg(test)]
mod tests {
    use super::*;

    const SIDE: usize = 64;

    fn held(scan: &[f32], middle: Vec<f32>) -> Quantiles {
        let moved = |by: f32| middle.iter().map(|value| value + by).collect();
        let mut quantiles =
            Quantiles { lower: moved(-9.0), upper: moved(5.0), middle, ..Quantiles::default() };
        Anchor { pixels: 6.0 }.hold(&mut quantiles, scan, SIDE);
        quantiles
    }

    #[test]
    fn an_anchor_gives_a_tissue_its_mean_back_and_leaves_the_width_of_the_interval() {
        let scan = vec![40.0; SIDE * SIDE];
        let Quantiles { lower, middle, upper, .. } = held(&scan, vec![37.0; SIDE * SIDE]);
        for ((lower, middle), upper) in lower.iter().zip(&middle).zip(&upper) {
            assert!((middle - 40.0).abs() < 1e-3, "{middle}");
            assert!((upper - lower - 14.0).abs() < 1e-3 && (middle - lower - 9.0).abs() < 1e-3);
        }
    }

    #[test]
    fn the_deepest_layer_is_seen_where_the_body_is() {
        // A crop of 8 × 6 pixels, which the network takes for 8 × 8: four blocks, of which two hold body.
        let crop = Crop { y: 1, x: 2, height: 6, width: 8 };
        let mut slice = vec![-1000.0; 10 * 10];
        slice[10 + 2] = 40.0;
        slice[5 * 10 + 7] = 40.0;
        slice[6 * 10 + 9] = 40.0;
        // Beyond the crop.
        slice[0] = 40.0;
        let counts = body_counts(&slice, 10, crop, 8);
        assert_eq!(counts, [1.0, 0.0, 0.0, 2.0]);
        let planes = [1.0, 9.0, 9.0, -4.0, 0.0, 9.0, 9.0, 6.0];
        assert_eq!(magnitudes(&planes, &counts), [3.0, 4.0]);
        assert!(magnitudes(&planes, &[0.0; 4]).is_empty());
    }

    #[test]
    fn noise_stays_away_and_of_a_lost_structure_as_much_comes_back_as_is_large() {
        let place = |index: usize| ((index % SIDE) as f32 - 32.0).hypot((index / SIDE) as f32 - 32.0);
        let disc = |radius: f32| -> Vec<f32> {
            (0..SIDE * SIDE).map(|index| if place(index) < radius { 40.0 } else { 0.0 }).collect()
        };
        let kept = |radius| held(&disc(radius), vec![0.0; SIDE * SIDE]).middle[32 * SIDE + 32] / 40.0;
        assert!(kept(3.0) < 0.15 && kept(20.0) > 0.95, "{} {}", kept(3.0), kept(20.0));
        let chequered: Vec<f32> =
            (0..SIDE * SIDE).map(|i| if (i + i / SIDE).is_multiple_of(2) { 30.0 } else { -30.0 }).collect();
        let noise = held(&chequered, vec![0.0; SIDE * SIDE]).middle;
        assert!(noise[20 * SIDE..40 * SIDE].iter().all(|value| value.abs() < 0.1));
    }
}
