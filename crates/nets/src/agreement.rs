//! Where the images that a model draws disagree: the samples of a diffusion, the members of an ensemble.
//!
//! Their spread is part of the interval everywhere. A place where it is much larger than calibration ever saw is one that
//! the model knows less about than the interval was calibrated for.

use crate::clusters::{Cluster, chance, chance_of_any, components};
use imaging::{filter::gaussian, noise::BODY_HU};
use serde::{Deserialize, Serialize};

/// Smoothing in pixels after which a spread is that of a place, not of a pixel.
const SMOOTHING_PIXELS: f64 = 2.0;
/// The share of calibration's body pixels beyond whose spread a pixel stands out.
const SHARE: f64 = 0.001;
/// A cluster of a few pixels is always possible.
const CLUSTER_MIN: usize = 12;

/// What is usual on calibration slices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgreementReference {
    /// Smoothed spread beyond which a pixel stands out, in units of the slice's noise.
    pub limit: f64,
    /// Pixels of the largest cluster of each calibration slice, ascending.
    pub clusters: Vec<usize>,
}

impl AgreementReference {
    /// Takes the reference from calibration slices: the images' standard deviation in units of the noise, their mean
    /// in HU, and the width of each.
    pub(crate) fn new<'a>(slices: impl Iterator<Item = (&'a [f32], &'a [f32], usize)> + Clone) -> Self {
        let mut values: Vec<f32> = slices
            .clone()
            .flat_map(|(spread, image, width)| smoothed(spread, image, width).into_iter().flatten())
            .collect();
        let place = (values.len() as f64 * (1.0 - SHARE)) as usize;
        // Without a value there is no place.
        let limit = if place < values.len() {
            f64::from(*values.select_nth_unstable_by(place, f32::total_cmp).1)
        } else {
            0.0
        };
        let mut reference = Self { limit, clusters: Vec::new() };
        let largest = |(spread, image, width)| reference.largest(spread, image, width).0;
        let mut clusters: Vec<usize> = slices.map(largest).collect();
        clusters.sort_unstable();
        reference.clusters = clusters;
        reference
    }

    /// Gives the pixels of a slice's largest cluster, and the clusters that are larger than any of calibration.
    pub(crate) fn largest(&self, spread: &[f32], image: &[f32], width: usize) -> (usize, Vec<Cluster>) {
        let limit = self.limit as f32;
        let beyond = |value: Option<f32>| i8::from(value.is_some_and(|value| value > limit));
        let marks = smoothed(spread, image, width).into_iter().map(beyond).collect();
        let components = components(marks, width);
        let usual = self.usual();
        let unusual = components
            .iter()
            .filter(|members| members.len() > usual)
            .map(|members| Cluster::new(members, width, members.len() as f64 / usual as f64));
        (components.iter().map(Vec::len).max().unwrap_or(0), unusual.collect())
    }

    /// Gives the score of a volume of some slices whose largest cluster is known: the chance that, of so many slices like
    /// those of calibration, one has as large a cluster; beyond the largest of calibration, less by the ratio of the two.
    pub fn score(&self, largest: usize, slices: usize) -> f64 {
        let ratio = (self.usual() as f64 / largest.max(1) as f64).min(1.0);
        chance_of_any(chance(&self.clusters, &largest), slices) * ratio
    }

    fn usual(&self) -> usize {
        self.clusters.last().map_or(CLUSTER_MIN, |largest| *largest.max(&CLUSTER_MIN))
    }
}

/// Gives the smoothed spread of each body pixel; `None` outside the body.
fn smoothed(spread: &[f32], image: &[f32], width: usize) -> Vec<Option<f32>> {
    let smooth = gaussian(spread, width, SMOOTHING_PIXELS);
    smooth.into_iter().zip(image).map(|(value, &hu)| (hu > BODY_HU).then_some(value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phantom;

    const WIDTH: usize = 96;

    /// The spread of a slice of the phantom: even with a fine grain, and larger within a disc.
    fn spread(grain: usize, radius: f32, within: f32) -> Vec<f32> {
        (0..WIDTH * WIDTH)
            .map(|at| {
                let place = ((at % WIDTH) as f32 - 48.0).hypot((at / WIDTH) as f32 - 44.0);
                let fine = 0.3 + 0.1 * ((at * 7919 + grain * 104_729) % 97) as f32 / 97.0;
                if place < radius { within } else { fine }
            })
            .collect()
    }

    fn reference(image: &[f32]) -> AgreementReference {
        let slices: Vec<Vec<f32>> = (0..30).map(|grain| spread(grain, 0.0, 0.0)).collect();
        AgreementReference::new(slices.iter().map(|slice| (slice.as_slice(), image, WIDTH)))
    }

    #[test]
    fn a_place_where_the_images_differ_lowers_the_score_and_is_named() {
        let volume = phantom::head(1, 0.0, 1);
        let image = volume.slice(0);
        let reference = reference(image);
        let (usual, none) = reference.largest(&spread(77, 0.0, 0.0), image, WIDTH);
        assert!(none.is_empty() && reference.score(usual, 4) > 0.1, "{usual}");
        let (largest, clusters) = reference.largest(&spread(77, 8.0, 1.5), image, WIDTH);
        assert!(reference.score(largest, 4) < 0.05, "{largest}: {}", reference.score(largest, 4));
        let [cluster] = clusters.as_slice() else { panic!("{clusters:?}") };
        assert!((cluster.centre[0] - 48.0).abs() < 1.0 && (cluster.centre[1] - 44.0).abs() < 1.0);
        assert!(reference.score(largest + 500, 4) < reference.score(largest, 4));
    }

    #[test]
    fn what_lies_outside_the_body_is_no_place() {
        let volume = phantom::head(1, 0.0, 1);
        let image = volume.slice(0);
        let reference = reference(image);
        let mut outside = spread(77, 0.0, 0.0);
        // A corner, from which the smoothing doesn't reach the head.
        for row in outside.chunks_exact_mut(WIDTH).take(10) {
            row[..10].fill(4.0);
        }
        assert!(reference.largest(&outside, image, WIDTH).1.is_empty());
    }

    #[test]
    fn a_reference_of_no_slice_can_be_made_and_asked() {
        let reference = AgreementReference::new(std::iter::empty());
        assert!((0.0..=1.0).contains(&reference.score(40, 3)));
    }
}
