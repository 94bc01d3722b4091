//! Image-domain consistency under a simulated forward model: what was taken away must look like noise.
//!
//! The difference input − image of a good denoiser is noise without structure. Smoothed, it has a known spread; a
//! cluster of pixels far beyond it means that structure was removed or added. It can't see structure that is lost
//! below the noise, and is no detector of invented lesions.

use imaging::{filter::gaussian, noise::BODY_HU};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

/// Smoothing in pixels that structure survives and noise doesn't.
const STRUCTURE_PIXELS: f64 = 2.0;
/// Neighbourhood in pixels in which the noise is measured.
const NOISE_PIXELS: f64 = 10.0;
/// Smallest noise in HU, so that a nearly noiseless input isn't all structure.
const NOISE_MIN: f32 = 1.0;
/// Smoothed differences beyond this many spreads belong to a cluster.
const THRESHOLD: f32 = 3.5;

/// A cluster of a few pixels is always possible.
const CLUSTER_MIN: usize = 12;

/// What is usual on calibration slices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsistencyReference {
    /// Spread of the smoothed difference as a share of the local noise.
    pub spread: f64,
    /// Largest cluster in pixels of each calibration slice, ascending; at least one. Descriptions up to ct-denoise 0.3.0
    /// have the largest of all alone.
    #[serde(alias = "cluster", deserialize_with = "one_or_several")]
    pub clusters: Vec<usize>,
}

/// Reads a number as a list of it alone.
fn one_or_several<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<usize>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        One(usize),
        Several(Vec<usize>),
    }
    match Written::deserialize(deserializer)? {
        Written::One(cluster) => Ok(vec![cluster]),
        Written::Several(clusters) if clusters.is_empty() => Err(D::Error::custom("there is no cluster")),
        Written::Several(clusters) => Ok(clusters),
    }
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
        let mut reference =
            Self { spread: (squares / count.max(1) as f64).sqrt().max(1e-3), clusters: Vec::new() };
        reference.clusters =
            slices.map(|(input, image, width)| reference.largest_cluster(input, image, width)).collect();
        reference.clusters.sort_unstable();
        if reference.clusters.is_empty() {
            reference.clusters.push(0);
        }
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

    /// Gives the score of a volume of some slices whose largest cluster is known: the chance that, of so many slices like
    /// those of calibration, one has a cluster at least as large; beyond the largest of calibration, less by the ratio of
    /// the two. It never grows with the cluster.
    ///
    /// The chance of a slice is conformal, (1 + those at least as large)/(n + 1); of several it is taken as if they were
    /// independent, which neighbours aren't.
    pub fn score(&self, cluster: usize, slices: usize) -> f64 {
        let n = self.clusters.len();
        let as_large = n - self.clusters.partition_point(|usual| *usual < cluster);
        let of_one = (1 + as_large) as f64 / (n + 1) as f64;
        let of_any = 1.0 - (1.0 - of_one).powi(i32::try_from(slices).unwrap_or(i32::MAX));
        let largest = self.clusters[n - 1].max(CLUSTER_MIN);
        of_any * (largest as f64 / cluster.max(1) as f64).min(1.0)
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
        let score =
            |input: &[f32]| reference.score(reference.largest_cluster(input, clean.slice(3), width), 4);
        assert!(score(noisy.slice(3)) > 0.6);
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
    fn a_score_falls_with_the_cluster_and_allows_more_of_them_in_more_slices() {
        let reference = ConsistencyReference { spread: 0.2, clusters: (1..100).collect() };
        let scores: Vec<f64> =
            [0, 30, 60, 90, 99, 100, 200].map(|cluster| reference.score(cluster, 1)).into();
        assert!(scores.windows(2).all(|pair| pair[0] > pair[1]), "{scores:?}");
        assert!((scores[0] - 1.0).abs() < 1e-12 && (scores[3] - 0.11).abs() < 1e-12, "{scores:?}");
        assert!((scores[6] - 0.01 * 99.0 / 200.0).abs() < 1e-12, "{scores:?}");
        // Of thirty slices one in ten is ordinary.
        assert!(reference.score(90, 30) > 0.95 && reference.score(90, 30) <= 1.0);
    }

    #[test]
    fn a_description_of_before_is_read_and_scores_by_the_ratio() {
        let reference: ConsistencyReference = toml::from_str("spread = 0.2\ncluster = 56").unwrap();
        assert_eq!(reference.clusters, [56]);
        assert!((reference.score(56, 1) - 1.0).abs() < 1e-12);
        assert!((reference.score(112, 40) - 0.5).abs() < 1e-6);
        assert!(toml::from_str::<ConsistencyReference>("spread = 0.2\nclusters = []").is_err());
        let written = toml::to_string(&reference).unwrap();
        assert_eq!(toml::from_str::<ConsistencyReference>(&written).unwrap(), reference);
    }

    #[test]
    fn components_touch_at_corners_and_keep_their_sign() {
        let marks = vec![1, 0, -1, 0, 1, -1, 0, 0, 0];
        assert_eq!(largest_component(marks, 3), 2);
    }
}
