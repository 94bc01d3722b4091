//! Image-domain consistency under a simulated forward model: what was taken away must look like noise.
//!
//! The difference input − image of a good denoiser is noise without structure. Smoothed, it has a known spread; a
//! cluster of pixels far beyond it means that structure was removed or added. It can't see structure that is lost
//! below the noise, and is no detector of invented lesions.

use imaging::{filter::gaussian, noise::BODY_HU};
use serde::{Deserialize, Serialize};

/// Smoothing in pixels that structure survives and noise doesn't.
const STRUCTURE_PIXELS: f64 = 2.0;
/// Neighbourhood in pixels in which the noise is measured.
const NOISE_PIXELS: f64 = 10.0;
/// Smallest noise in HU, so that a nearly noiseless input isn't all structure.
const NOISE_MIN: f32 = 1.0;
/// Smoothed differences beyond this many spreads belong to a cluster.
const THRESHOLD: f32 = 3.5;

/// What is usual on calibration slices.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsistencyReference {
    /// Spread of the smoothed difference as a share of the local noise.
    pub spread: f64,
    /// Largest cluster in pixels on any calibration slice.
    pub cluster: usize,
}

impl ConsistencyReference {
    /// Takes the reference from calibration slices: input, image and width of each.
    pub(crate) fn new<'a>(slices: impl Iterator<Item = (&'a [f32], &'a [f32], usize)> + Clone) -> Self {
        let (mut squares, mut count) = (0.0, 0_usize);
        for (input, image, width) in slices.clone() {
            for value in relative_structure(input, image, width).into_iter().flatten() {
                squares += f64::from(value).powi(2);
                count += 1;
            }
        }
        let mut reference = Self { spread: (squares / count.max(1) as f64).sqrt().max(1e-3), cluster: 0 };
        reference.cluster = slices
            .map(|(input, image, width)| reference.largest_cluster(input, image, width))
            .max()
            .unwrap_or(0);
        // A cluster of a few pixels is always possible.
        reference.cluster = reference.cluster.max(12);
        reference
    }

    /// Gives the size in pixels of the largest cluster of structure in the difference of a slice, row by row in HU.
    pub fn largest_cluster(&self, input: &[f32], image: &[f32], width: usize) -> usize {
        let limit = THRESHOLD * self.spread as f32;
        let marks: Vec<i8> = relative_structure(input, image, width)
            .into_iter()
            .map(|value| match value {
                Some(value) if value > limit => 1,
                Some(value) if value < -limit => -1,
                _ => 0,
            })
            .collect();
        largest_component(marks, width)
    }

    /// Gives the score of a volume whose largest cluster is known: 1 when nothing is larger than on the calibration
    /// slices, else their largest cluster as a share of this one.
    pub fn score(&self, cluster: usize) -> f64 {
        (self.cluster as f64 / cluster.max(1) as f64).min(1.0)
    }
}

/// Gives the smoothed difference of each body pixel as a share of the local noise; `None` outside the body.
fn relative_structure(input: &[f32], image: &[f32], width: usize) -> Vec<Option<f32>> {
    let difference: Vec<f32> = input.iter().zip(image).map(|(a, b)| a - b).collect();
    let squares: Vec<f32> = difference.iter().map(|value| value * value).collect();
    let structure = gaussian(&difference, width, STRUCTURE_PIXELS);
    let noise = gaussian(&squares, width, NOISE_PIXELS);
    let body = image.iter().map(|&hu| hu > BODY_HU);
    structure
        .iter()
        .zip(noise)
        .zip(body)
        .map(|((value, variance), body)| body.then(|| value / variance.sqrt().max(NOISE_MIN)))
        .collect()
}

/// Gives the size of the largest group of neighbours (eight each) with the same mark other than 0.
fn largest_component(mut marks: Vec<i8>, width: usize) -> usize {
    let height = marks.len() / width;
    let mut largest = 0;
    let mut stack = Vec::new();
    for start in 0..marks.len() {
        let mark = marks[start];
        if mark == 0 {
            continue;
        }
        let mut size = 0;
        marks[start] = 0;
        stack.push(start);
        while let Some(at) = stack.pop() {
            size += 1;
            let (y, x) = (at / width, at % width);
            for row in y.saturating_sub(1)..(y + 2).min(height) {
                for column in x.saturating_sub(1)..(x + 2).min(width) {
                    let neighbour = row * width + column;
                    if marks[neighbour] == mark {
                        marks[neighbour] = 0;
                        stack.push(neighbour);
                    }
                }
            }
        }
        largest = largest.max(size);
    }
    largest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phantom;

    #[test]
    fn an_erased_lesion_lowers_the_score_and_removed_noise_does_not() {
        let (noisy, clean) = (phantom::head(4, 15.0, 1), phantom::head(4, 0.0, 1));
        let width = noisy.dims[0];
        let slices = (0..3).map(|z| (noisy.slice(z), clean.slice(z), width));
        let reference = ConsistencyReference::new(slices);
        let score = |input: &[f32]| reference.score(reference.largest_cluster(input, clean.slice(3), width));
        assert!(score(noisy.slice(3)) > 0.8);
        let mut with_lesion = noisy.slice(3).to_vec();
        for (index, value) in with_lesion.iter_mut().enumerate() {
            let (x, y) = ((index % width) as f32 - 65.0, (index / width) as f32 - 50.0);
            if x.hypot(y) < 5.0 {
                *value += 60.0;
            }
        }
        assert!(score(&with_lesion) < 0.5);
    }

    #[test]
    fn components_touch_at_corners_and_keep_their_sign() {
        let marks = vec![1, 0, -1, 0, 1, -1, 0, 0, 0];
        assert_eq!(largest_component(marks, 3), 2);
    }
}
