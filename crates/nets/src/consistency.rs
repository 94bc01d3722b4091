//! Image-domain consistency under a simulated forward model: what was taken away must look like noise.
//!
//! The difference input − image of a good denoiser is noise without structure. It is looked at on two scales. Smoothed a
//! little, it has a known spread, and a cluster of pixels far beyond it means that structure was removed or added. Smoothed
//! widely, hardly anything of it should be left: the ramp of filtered back-projection leaves the noise of a scan little
//! power at low frequencies, and an anchored image (`crate::predict::Anchor`) gives back what there is. So a structure
//! that came after the measurement stands out there long before it does beside the noise of single pixels: by the
//! projection-slice theorem these frequencies are those of the projections, and this is their data consistency, told in
//! the image.
//!
//! Neither scale sees structure that is lost below the noise, and this is no detector of invented lesions.

use crate::clusters::{Cluster, chance, chance_of_any, components};
use imaging::{filter::gaussian, noise::BODY_HU};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

/// A smoothing that structure survives and noise doesn't, and the neighbourhood in which the noise is measured, in pixels.
#[derive(Debug, Clone, Copy)]
struct Scale {
    structure: f64,
    noise: f64,
}

/// Of single vessels and edges.
const FINE: Scale = Scale { structure: 2.0, noise: 10.0 };
/// Of what has an area, however faint.
const WIDE: Scale = Scale { structure: 8.0, noise: 20.0 };
/// So near the border of an image in pixels the wide smoothing sees some values several times, and isn't judged.
const WIDE_BORDER: usize = 16;
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
    /// Largest wide structure of each calibration slice as a share of the local noise, ascending. Descriptions up to
    /// ct-denoise 0.5.0 have none, and are judged by clusters alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wide: Vec<f64>,
}

/// How much structure there is in the difference of input and image.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Structure {
    /// Pixels of the largest cluster, smoothed a little.
    pub cluster: usize,
    /// Largest value as a share of the local noise, smoothed widely.
    pub wide: f64,
}

impl Structure {
    /// Gives the larger of two on each scale.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self { cluster: self.cluster.max(other.cluster), wide: self.wide.max(other.wide) }
    }
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
            for value in relative_structure(FINE, input, image, width).into_iter().flatten() {
                squares += f64::from(value).powi(2);
                count += 1;
            }
        }
        let spread = (squares / count.max(1) as f64).sqrt().max(1e-3);
        let mut reference = Self { spread, clusters: Vec::new(), wide: Vec::new() };
        for (input, image, width) in slices {
            let structure = reference.structure(input, image, width);
            reference.clusters.push(structure.cluster);
            // Rounded, so that the model's file stays short.
            reference.wide.push((structure.wide * 1e4).round() / 1e4);
        }
        reference.clusters.sort_unstable();
        reference.wide.sort_by(f64::total_cmp);
        if reference.clusters.is_empty() {
            reference.clusters.push(0);
        }
        reference
    }

    /// Measures the structure in the difference of a slice, row by row in HU.
    pub fn structure(&self, input: &[f32], image: &[f32], width: usize) -> Structure {
        self.examined(input, image, width).0
    }

    /// Gives the structure in the difference of a slice, and the places with more of it than calibration ever had.
    pub(crate) fn examined(&self, input: &[f32], image: &[f32], width: usize) -> (Structure, Vec<Cluster>) {
        let fine = components(marks(relative_structure(FINE, input, image, width), self.limit()), width);
        let usual = self.largest_cluster();
        let mut clusters: Vec<Cluster> = fine
            .iter()
            .filter(|members| members.len() > usual)
            .map(|members| Cluster::new(members, width, members.len() as f64 / usual as f64))
            .collect();
        let wide = within_border(relative_structure(WIDE, input, image, width), width);
        let largest = |values: &mut dyn Iterator<Item = Option<f32>>| {
            f64::from(values.flatten().fold(0.0, |largest: f32, value| largest.max(value.abs())))
        };
        if let Some(&usual) = self.wide.last() {
            let components = components(marks(wide.iter().copied(), usual as f32), width);
            clusters.extend(components.iter().map(|members| {
                Cluster::new(members, width, largest(&mut members.iter().map(|&at| wide[at])) / usual)
            }));
        }
        let cluster = fine.iter().map(Vec::len).max().unwrap_or(0);
        (Structure { cluster, wide: largest(&mut wide.iter().copied()) }, clusters)
    }

    /// The share of the local noise beyond which a smoothed difference belongs to a cluster.
    fn limit(&self) -> f32 {
        THRESHOLD * self.spread as f32
    }

    fn largest_cluster(&self) -> usize {
        self.clusters.last().map_or(CLUSTER_MIN, |largest| *largest.max(&CLUSTER_MIN))
    }

    /// Gives the score of a volume of some slices whose largest structure is known: the chance that, of so many slices
    /// like those of calibration, one has as much of it on either scale; beyond the largest of calibration, less by the
    /// ratio of the two. It never grows with the structure.
    ///
    /// The chance of a slice is conformal, (1 + those at least as large)/(n + 1), twice that of the scale on which it is
    /// less (Bonferroni); of several slices it is taken as if they were independent, which neighbours aren't.
    pub fn score(&self, structure: Structure, slices: usize) -> f64 {
        let mut of_one = chance(&self.clusters, &structure.cluster);
        let mut ratio = (self.largest_cluster() as f64 / structure.cluster.max(1) as f64).min(1.0);
        if let Some(largest) = self.wide.last() {
            of_one = (2.0 * of_one.min(chance(&self.wide, &structure.wide))).min(1.0);
            ratio = ratio.min(largest / structure.wide.max(f64::MIN_POSITIVE));
        }
        chance_of_any(of_one, slices) * ratio
    }
}

/// Marks values beyond a limit by their sign.
fn marks(values: impl IntoIterator<Item = Option<f32>>, limit: f32) -> Vec<i8> {
    let mark = |value| match value {
        Some(value) if value > limit => 1,
        Some(value) if value < -limit => -1,
        _ => 0,
    };
    values.into_iter().map(mark).collect()
}

/// Takes away what lies too near the border for the wide smoothing.
fn within_border(mut values: Vec<Option<f32>>, width: usize) -> Vec<Option<f32>> {
    let height = values.len() / width;
    let within = |at: usize, length: usize| at >= WIDE_BORDER && at + WIDE_BORDER < length;
    for (at, value) in values.iter_mut().enumerate() {
        if !(within(at % width, width) && within(at / width, height)) {
            *value = None;
        }
    }
    values
}

/// Gives the smoothed difference of each body pixel as a share of the local noise; `None` outside the body.
fn relative_structure(scale: Scale, input: &[f32], image: &[f32], width: usize) -> Vec<Option<f32>> {
    let difference: Vec<f32> = input.iter().zip(image).map(|(a, b)| a - b).collect();
    let squares: Vec<f32> = difference.iter().map(|value| value * value).collect();
    let structure = gaussian(&difference, width, scale.structure);
    let noise = gaussian(&squares, width, scale.noise);
    let body = image.iter().map(|&hu| hu > BODY_HU);
    structure
        .iter()
        .zip(noise)
        .zip(body)
        .map(|((value, variance), body)| body.then(|| value / variance.sqrt().max(NOISE_MIN)))
        .collect()
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
        let score = |input: &[f32]| reference.score(reference.structure(input, clean.slice(3), width), 4);
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

    fn clusters_only(clusters: Vec<usize>) -> ConsistencyReference {
        ConsistencyReference { spread: 0.2, clusters, wide: Vec::new() }
    }

    fn cluster(cluster: usize) -> Structure {
        Structure { cluster, wide: 0.0 }
    }

    #[test]
    fn a_score_falls_with_the_cluster_and_allows_more_of_them_in_more_slices() {
        let reference = clusters_only((1..100).collect());
        let scores: Vec<f64> =
            [0, 30, 60, 90, 99, 100, 200].map(|size| reference.score(cluster(size), 1)).into();
        assert!(scores.windows(2).all(|pair| pair[0] > pair[1]), "{scores:?}");
        assert!((scores[0] - 1.0).abs() < 1e-12 && (scores[3] - 0.11).abs() < 1e-12, "{scores:?}");
        assert!((scores[6] - 0.01 * 99.0 / 200.0).abs() < 1e-12, "{scores:?}");
        // Of thirty slices one in ten is ordinary.
        assert!(reference.score(cluster(90), 30) > 0.95 && reference.score(cluster(90), 30) <= 1.0);
    }

    #[test]
    fn either_scale_lowers_the_score() {
        let wide = (1..100).map(|value| f64::from(value) / 100.0).collect();
        let reference = ConsistencyReference { wide, ..clusters_only((1..100).collect()) };
        let score = |cluster, wide| reference.score(Structure { cluster, wide }, 1);
        assert!((score(10, 0.1) - 1.0).abs() < 1e-12);
        assert!((score(95, 0.1) - 2.0 * 0.06).abs() < 1e-12, "{}", score(95, 0.1));
        assert!((score(10, 0.95) - 2.0 * 0.06).abs() < 1e-12, "{}", score(10, 0.95));
        assert!((score(10, 1.98) - 2.0 * 0.01 / 2.0).abs() < 1e-12, "{}", score(10, 1.98));
    }

    #[test]
    fn a_faint_area_is_wide_structure_where_what_was_taken_away_has_no_low_frequencies() {
        const SIZE: usize = 96;
        let clean = phantom::head(1, 0.0, 1);
        let noise: Vec<f32> = phantom::head(1, 30.0, 1)
            .data
            .iter()
            .zip(&clean.data)
            .map(|(noisy, clean)| noisy - clean)
            .collect();
        let low = gaussian(&noise, SIZE, 6.0);
        let input: Vec<f32> = clean
            .data
            .iter()
            .zip(&noise)
            .zip(&low)
            .map(|((clean, noise), low)| clean + noise - low)
            .collect();
        let mut erased = clean.data.clone();
        for (index, value) in erased.iter_mut().enumerate() {
            let (x, y) = ((index % SIZE) as f32 - 48.0, (index / SIZE) as f32 - 48.0);
            if x.hypot(y) < 4.0 {
                *value -= 25.0;
            }
        }
        let reference = clusters_only(vec![0]);
        let structure = |image: &[f32]| reference.structure(&input, image, SIZE);
        let (untouched, touched) = (structure(&clean.data), structure(&erased));
        assert!(touched.wide > 2.0 * untouched.wide, "{touched:?} and {untouched:?}");
        assert_eq!(untouched.or(touched).wide.to_bits(), touched.wide.to_bits());
        let reference = ConsistencyReference { wide: vec![1.2 * untouched.wide], ..reference };
        let clusters = |image: &[f32]| reference.examined(&input, image, SIZE).1;
        assert!(clusters(&clean.data).is_empty());
        let places = clusters(&erased);
        let near = |cluster: &Cluster| (cluster.centre[0] - 48.0).hypot(cluster.centre[1] - 48.0) < 3.0;
        assert!(places.iter().any(|cluster| near(cluster) && cluster.excess > 1.5), "{places:?}");
    }

    #[test]
    fn a_description_of_before_is_read_and_scores_by_the_ratio() {
        let reference: ConsistencyReference = toml::from_str("spread = 0.2\ncluster = 56").unwrap();
        assert_eq!(reference.clusters, [56]);
        assert!((reference.score(cluster(56), 1) - 1.0).abs() < 1e-12);
        assert!((reference.score(cluster(112), 40) - 0.5).abs() < 1e-6);
        assert!(toml::from_str::<ConsistencyReference>("spread = 0.2\nclusters = []").is_err());
        let written = toml::to_string(&reference).unwrap();
        assert_eq!(toml::from_str::<ConsistencyReference>(&written).unwrap(), reference);
    }
}
