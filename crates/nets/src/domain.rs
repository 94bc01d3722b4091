//! Whether an input is like what the model was trained on: by its noise, its tissues, its grid, and by what the network's
//! deepest layer makes of it.
//!
//! # Source
//! The nearest neighbours in normalised features, and principal components before Mahalanobis' distance: Woodland 2024,
//! MELBA 2:2006. Shrinkage of the covariance: Ledoit and Wolf 2004, J Multivar Anal 88:365.

use imaging::{
    Volume,
    filter::gaussian,
    noise::{BODY_HU, flat_tissue_sigma},
};
use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Values that describe a slice by itself: ln of the noise of flat soft tissue in HU, then the shares of each tissue in the
/// body's box. Not the body's extent: that of a scan of half a chest would be its field of view.
const OWN: usize = 1 + TISSUES.len();
/// Values of its grid: ln of the pixels' side and of the distance of slices in mm.
const GRID: usize = 2;
/// Lung, fat, soft tissue and bone in HU, told after smoothing; what lies between belongs to none.
const TISSUES: [Range<f32>; 4] = [-950.0..-500.0, -150.0..-30.0, -30.0..150.0, 150.0..f32::INFINITY];
/// The names of a slice's own features, to others.
const NAMES: [&str; OWN] = ["noise", "lung", "fat", "soft_tissue", "bone"];
/// Smoothing in pixels before a pixel's tissue is told, so that the noise hardly counts.
const TISSUE_SMOOTHING_PIXELS: f64 = 2.0;
/// Shares of the body's pixels below and above its box: a table or an arm is mostly left out.
const BOX: [f64; 2] = [0.01, 0.99];
/// Neighbours whose mean distance counts.
const NEIGHBOURS: usize = 3;
/// Slices less than so many mm away in the same subject aren't neighbours of a reference slice: they show the same anatomy,
/// and a new patient has no slice so near.
const APART_MM: f64 = 40.0;
/// A slice with less body than this isn't judged.
const BODY_VOXELS_MIN: usize = 500;
/// Principal components that are kept: as many as hold this share of the variance, so many at most.
const VARIANCE_KEPT: f64 = 0.95;
const COMPONENTS_MAX: usize = 16;

/// What a model was trained on, as the place of each reference slice in the space of features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DomainReference {
    /// Mean of each feature; of those that come after, a reference doesn't know.
    pub centre: Vec<f64>,
    /// What a feature is divided by: its standard deviation, and those of the backbone so much more that all together count
    /// as much as the others.
    pub scale: Vec<f64>,
    /// Principal components of the standardised features, which they are turned to; none where they aren't turned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<Vec<f64>>,
    /// Variance along each component, after shrinkage, and mean square of what no component holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variances: Vec<f64>,
    /// Median distance of a reference slice to its neighbours, and from the centre by Mahalanobis.
    #[serde(default = "unit")]
    pub units: [f64; 2],
    /// Each reference slice along the components, and how much of it no component holds.
    pub slices: Vec<Vec<f64>>,
    /// Distance of each reference slice, ascending: the larger one of that to its neighbours and that from the centre,
    /// each in its unit.
    pub distances: Vec<f64>,
}

/// References of before have neither components nor a distance from the centre.
fn unit() -> [f64; 2] {
    [1.0; 2]
}

/// A reference slice.
pub(crate) struct ReferenceSlice {
    /// Whose it is.
    pub(crate) subject: usize,
    /// Which of the scans that the subject might have had.
    pub(crate) scan: usize,
    /// Where along the body, in mm.
    pub(crate) place_mm: f64,
    pub(crate) features: Vec<f64>,
}

impl ReferenceSlice {
    /// Whether another slice may be a neighbour: neither of the same scan, which has a noise, a kernel and a grid of its own
    /// all the way, nor of the same anatomy.
    fn may_neighbour(&self, other: &Self) -> bool {
        self.subject != other.subject
            || (self.scan != other.scan && (self.place_mm - other.place_mm).abs() > APART_MM)
    }
}

/// Gives the features of a slice, or `None` where it has too little body or no flat tissue.
///
/// `backbone` is what the network's deepest layer sees in its body.
pub(crate) fn features(volume: &Volume, z: usize, backbone: &[f32]) -> Option<Vec<f64>> {
    let (slice, width) = (volume.slice(z), volume.dims[0]);
    let smooth = gaussian(slice, width, TISSUE_SMOOTHING_PIXELS);
    let body: Vec<usize> = (0..smooth.len()).filter(|&at| smooth[at] > BODY_HU).collect();
    if body.len() < BODY_VOXELS_MIN || backbone.is_empty() {
        return None;
    }
    let sigma = flat_tissue_sigma(slice, width)?;
    let (columns, rows) =
        (extent(body.iter().map(|at| at % width)), extent(body.iter().map(|at| at / width)));
    let shares = TISSUES.map(|tissue| {
        let of_row = |y: usize| columns.clone().filter(|x| tissue.contains(&smooth[y * width + x])).count();
        rows.clone().map(of_row).sum::<usize>() as f64 / (rows.len() * columns.len()) as f64
    });
    let [column, row, step] = volume.affine.spacing();
    let grid = [(column * row).sqrt().ln(), step.ln()];
    let backbone = backbone.iter().map(|value| f64::from(*value));
    Some(std::iter::once(sigma.max(0.1).ln()).chain(shares).chain(grid).chain(backbone).collect())
}

/// Gives the features of each slice of a volume that can be judged; `backbones` are of all its slices.
pub(crate) fn described(volume: &Volume, backbones: &[Vec<f32>]) -> Vec<Vec<f64>> {
    backbones.par_iter().enumerate().filter_map(|(z, backbone)| features(volume, z, backbone)).collect()
}

/// What a volume looks like: the median over its slices of the noise in HU and of the share of each tissue.
pub(crate) fn summary(described: &[Vec<f64>]) -> Vec<(&'static str, f64)> {
    let median = |at: usize| {
        let mut values: Vec<f64> = described.iter().map(|features| features[at]).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    };
    let named = NAMES.into_iter().enumerate().filter_map(|(at, name)| Some((name, median(at)?)));
    // Features hold the logarithm of the noise.
    named.map(|(name, value)| (name, if name == NAMES[0] { value.exp() } else { value })).collect()
}

/// Gives the range of places that holds all but the outermost of them.
fn extent(places: impl Iterator<Item = usize>) -> Range<usize> {
    let mut places: Vec<usize> = places.collect();
    places.sort_unstable();
    let [first, last] = BOX.map(|share| places[((places.len() - 1) as f64 * share) as usize]);
    first..last + 1
}

impl DomainReference {
    pub(crate) fn new(slices: &[ReferenceSlice]) -> Self {
        let n = slices.len().max(1) as f64;
        let count = slices.first().map_or(0, |slice| slice.features.len());
        let mean = |value: &dyn Fn(&ReferenceSlice) -> f64| slices.iter().map(value).sum::<f64>() / n;
        let centre: Vec<f64> = (0..count).map(|f| mean(&|slice| slice.features[f])).collect();
        let others = OWN + GRID;
        let weight =
            |f: usize| if f < others { 1.0 } else { ((count - others) as f64 / others as f64).sqrt() };
        let deviation = |f: usize| mean(&|slice| (slice.features[f] - centre[f]).powi(2)).sqrt().max(1e-3);
        let scale = (0..count).map(|f| weight(f) * deviation(f)).collect();
        let mut reference = Self {
            centre,
            scale,
            components: Vec::new(),
            variances: Vec::new(),
            units: unit(),
            slices: Vec::new(),
            distances: Vec::new(),
        };
        let standardised: Vec<Vec<f64>> =
            slices.iter().map(|slice| reference.standardised(&slice.features)).collect();
        (reference.components, reference.variances) = principal(&standardised);
        reference.slices = standardised.iter().map(|place| reference.turned(place)).collect();
        let beside = |place: &Vec<f64>| place.last().map_or(0.0, |rest| rest * rest);
        reference.variances.push(rounded(reference.slices.iter().map(beside).sum::<f64>() / n).max(1e-4));
        reference.calibrate(slices);
        reference
    }

    /// Measures how far the reference slices are from each other and from the centre.
    fn calibrate(&mut self, slices: &[ReferenceSlice]) {
        let apart: Vec<[f64; 2]> = slices
            .par_iter()
            .zip(&self.slices)
            .filter_map(|(slice, place)| {
                let others = slices.iter().zip(&self.slices);
                let others = others.filter(|(other, _)| slice.may_neighbour(other)).map(|(_, place)| place);
                Some([neighbour_distance(place, others)?, self.mahalanobis(place)])
            })
            .collect();
        self.units = [0, 1].map(|kind| {
            let mut values: Vec<f64> = apart.iter().map(|distances| distances[kind]).collect();
            values.sort_by(f64::total_cmp);
            values.get(values.len() / 2).copied().unwrap_or(1.0).max(1e-6)
        });
        self.distances = apart.into_iter().map(|distances| rounded(self.larger(distances))).collect();
        self.distances.sort_by(f64::total_cmp);
    }

    /// Gives the conformal p-value of a volume from the features of its slices: the share of reference slices at least as far
    /// from the others as this volume's median slice is. Small means unlike anything trained on.
    ///
    /// It is a p-value for a slice of another scan of the training subjects, and only under n reference slices can it be
    /// below 1/n. With k subjects it says little about how often a new patient of the right kind gets a small one.
    pub(crate) fn p_value(&self, described: &[Vec<f64>]) -> f64 {
        let mut distances: Vec<f64> =
            described.par_iter().filter_map(|features| self.distance(features)).collect();
        distances.sort_by(f64::total_cmp);
        // A volume in which nothing can be judged is further away than all.
        let distance = distances.get(distances.len() / 2).copied().unwrap_or(f64::INFINITY);
        let as_far = self.distances.len() - self.distances.partition_point(|&other| other < distance);
        (as_far + 1) as f64 / (self.distances.len() + 1) as f64
    }

    /// Gives how far a slice is from the reference slices, in their unit.
    fn distance(&self, features: &[f64]) -> Option<f64> {
        let place = self.turned(&self.standardised(features));
        Some(self.larger([neighbour_distance(&place, self.slices.iter())?, self.mahalanobis(&place)]))
    }

    fn larger(&self, [neighbours, centre]: [f64; 2]) -> f64 {
        (neighbours / self.units[0]).max(centre / self.units[1])
    }

    fn standardised(&self, features: &[f64]) -> Vec<f64> {
        let place = features.iter().zip(&self.centre).zip(&self.scale);
        place.map(|((value, centre), scale)| (value - centre) / scale).collect()
    }

    /// Turns standardised features to the components, with the length of what they leave: a direction in which the
    /// reference slices don't differ has no component, and a slice that goes that way is foreign. Rounded, so that the
    /// model's file stays short.
    fn turned(&self, place: &[f64]) -> Vec<f64> {
        if self.components.is_empty() {
            return place.iter().copied().map(rounded).collect();
        }
        let along = |component: &Vec<f64>| component.iter().zip(place).map(|(a, b)| a * b).sum::<f64>();
        let mut turned: Vec<f64> = self.components.iter().map(along).collect();
        let length = |place: &[f64]| place.iter().map(|value| value * value).sum::<f64>();
        turned.push((length(place) - length(&turned)).max(0.0).sqrt());
        turned.into_iter().map(rounded).collect()
    }

    /// Gives Mahalanobis' distance of turned features from the centre; 0 under a reference without variances.
    fn mahalanobis(&self, place: &[f64]) -> f64 {
        place
            .iter()
            .zip(&self.variances)
            .map(|(value, variance)| value * value / variance)
            .sum::<f64>()
            .sqrt()
    }
}

fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

/// Gives the principal components of centred points, the most telling first, and the variance along each after shrinkage.
fn principal(points: &[Vec<f64>]) -> (Vec<Vec<f64>>, Vec<f64>) {
    let Some(width) = points.first().map(Vec::len) else { return Default::default() };
    let matrix = DMatrix::from_fn(points.len(), width, |row, column| points[row][column]);
    let eigen = (matrix.tr_mul(&matrix) / points.len() as f64).symmetric_eigen();
    let mut order: Vec<usize> = (0..width).collect();
    order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
    let whole: f64 = eigen.eigenvalues.iter().sum();
    let mut held = 0.0;
    let kept = order.into_iter().take(COMPONENTS_MAX).take_while(|&at| {
        // Points without any variance have components too.
        let goes_on = held <= VARIANCE_KEPT * whole;
        held += eigen.eigenvalues[at];
        goes_on
    });
    let components: Vec<DVector<f64>> = kept.map(|at| eigen.eigenvectors.column(at).into_owned()).collect();
    let turned = matrix * DMatrix::from_columns(&components);
    (
        components.iter().map(|component| component.iter().copied().map(rounded).collect()).collect(),
        shrunk(&turned),
    )
}

/// Gives the variances of uncorrelated features, drawn to their mean as far as so few points can't tell them apart.
fn shrunk(points: &DMatrix<f64>) -> Vec<f64> {
    let (n, width) = (points.nrows() as f64, points.ncols() as f64);
    let variances: Vec<f64> = points.column_iter().map(|column| column.norm_squared() / n).collect();
    let mean = variances.iter().sum::<f64>() / width;
    let squares: f64 = variances.iter().map(|variance| variance * variance).sum();
    let apart = variances.iter().map(|variance| (variance - mean).powi(2)).sum::<f64>();
    // ‖x xᵀ − S‖² of each point, by its length and its length under the diagonal S.
    let spread = |point: nalgebra::RowDVector<f64>| {
        let length = point.norm_squared();
        let under: f64 = point.iter().zip(&variances).map(|(value, variance)| value * value * variance).sum();
        length * length - 2.0 * under + squares
    };
    let within = points.row_iter().map(|row| spread(row.into_owned())).sum::<f64>() / (n * n);
    let share = if apart > 0.0 { (within / apart).min(1.0) } else { 1.0 };
    variances.into_iter().map(|variance| rounded((1.0 - share) * variance + share * mean).max(1e-4)).collect()
}

/// Gives the mean distance to the nearest neighbours, or `None` when there are too few.
fn neighbour_distance<'a>(place: &[f64], others: impl Iterator<Item = &'a Vec<f64>>) -> Option<f64> {
    let squared = |other: &Vec<f64>| place.iter().zip(other).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
    let mut distances: Vec<f64> = others.map(|other| squared(other).sqrt()).collect();
    distances.sort_by(f64::total_cmp);
    let nearest = distances.get(..NEIGHBOURS)?;
    Some(rounded(nearest.iter().sum::<f64>() / NEIGHBOURS as f64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phantom;

    /// What a network might make of slices: numbers that go by the slice and a kernel.
    fn backbones(slices: usize, kernel: f32) -> Vec<Vec<f32>> {
        let value = |z: usize, channel: usize| kernel + ((z * 7 + channel * 3) % 5) as f32 / 10.0;
        (0..slices).map(|z| (0..10).map(|channel| value(z, channel)).collect()).collect()
    }

    fn p_value_under(reference: &DomainReference, volume: &Volume, kernel: f32) -> f64 {
        reference.p_value(&described(volume, &backbones(volume.dims[2], kernel)))
    }

    fn p_value(reference: &DomainReference, volume: &Volume) -> f64 {
        p_value_under(reference, volume, 0.5)
    }

    #[test]
    fn a_volume_is_described_by_its_noise_and_its_tissues() {
        let noise = |sigma| summary(&described(&phantom::head(8, sigma, 2), &backbones(8, 0.5)))[0];
        let ((name, calm), (_, loud)) = (noise(12.0), noise(24.0));
        assert_eq!(name, "noise");
        assert!((calm / 12.0 - 1.0).abs() < 0.1 && (loud / 24.0 - 1.0).abs() < 0.1, "{calm} and {loud} HU");
        let shares = summary(&described(&phantom::head(8, 12.0, 2), &backbones(8, 0.5)));
        assert!(shares[1..].iter().all(|(_, share)| (0.0..=1.0).contains(share)), "{shares:?}");
        assert!(summary(&[]).is_empty());
    }

    /// Two scans of a head, under two kernels.
    fn reference() -> DomainReference {
        let mut slices = Vec::new();
        for (scan, kernel) in [0.3, 0.7].into_iter().enumerate() {
            let volume = phantom::head(40, 12.0, 1 + scan as u64);
            for (z, backbone) in backbones(40, kernel).iter().enumerate() {
                let features = features(&volume, z, backbone).unwrap();
                slices.push(ReferenceSlice { subject: 0, scan, place_mm: 10.0 * z as f64, features });
            }
        }
        DomainReference::new(&slices)
    }

    #[test]
    fn a_volume_like_the_training_data_is_in_the_domain_and_another_is_not() {
        let reference = reference();
        assert!(p_value(&reference, &phantom::head(8, 12.0, 2)) > 0.1);
        let mut other = phantom::head(8, 12.0, 2);
        other.data.iter_mut().filter(|value| **value > -200.0).for_each(|value| *value -= 130.0);
        assert!(p_value(&reference, &other) < 0.03, "other tissue");
        assert!(p_value(&reference, &phantom::head(8, 40.0, 2)) < 0.03, "other noise");
        let mut thick = phantom::head(8, 12.0, 2);
        thick.affine = imaging::Affine::from_spacing([1.0, 1.0, 12.0]);
        assert!(p_value(&reference, &thick) < 0.03, "other slices");
        let same = phantom::head(8, 12.0, 2);
        assert!(p_value_under(&reference, &same, 2.0) < 0.03, "the network sees something else");
    }

    #[test]
    fn a_reference_of_before_knows_the_first_features_only() {
        let new = reference();
        let text = toml::to_string(&DomainReference {
            centre: new.centre[..OWN].to_vec(),
            scale: new.scale[..OWN].to_vec(),
            components: Vec::new(),
            variances: Vec::new(),
            units: unit(),
            slices: vec![vec![0.0; OWN], vec![0.1; OWN], vec![0.2; OWN]],
            distances: vec![0.1, 3.0],
        });
        let before: DomainReference =
            toml::from_str(&text.unwrap().replace("units = [1.0, 1.0]\n", "")).unwrap();
        let as_it_was = |kernel| before.p_value(&[[new.centre[..OWN].to_vec(), vec![kernel; 12]].concat()]);
        assert!((as_it_was(0.0) - as_it_was(90.0)).abs() < 1e-9);
        assert!((as_it_was(0.0) - 2.0 / 3.0).abs() < 1e-9, "{}", as_it_was(0.0));
    }

    #[test]
    fn a_reference_of_slices_that_are_all_alike_knows_these_only() {
        let volume = phantom::head(8, 12.0, 2);
        let slice = |scan| {
            let features = features(&volume, 3, &[0.5; 10]).unwrap();
            ReferenceSlice { subject: scan, scan, place_mm: 0.0, features }
        };
        let reference = DomainReference::new(&[slice(0), slice(1), slice(2), slice(3)]);
        assert_eq!(reference.distances, [0.0; 4]);
        let other = phantom::head(8, 40.0, 2);
        assert!((p_value(&reference, &other) - 0.2).abs() < 1e-9);
    }

    #[test]
    fn principal_components_are_the_directions_of_most_variance_and_little_is_shrunk_of_many_points() {
        // Along (1, 1) 9 times the deviation of that along (1, −1).
        let points: Vec<Vec<f64>> = (0..400)
            .map(|i| {
                let (long, short) = (f64::from(i % 20) - 9.5, (f64::from(i / 20) - 9.5) / 9.0);
                vec![long + short, long - short]
            })
            .collect();
        let (components, variances) = principal(&points);
        assert_eq!(components.len(), 1, "the other holds 1.2 % of the variance");
        assert!((components[0][0] / components[0][1] - 1.0).abs() < 1e-3, "{components:?}");
        assert!((variances[0] / (2.0 * 33.25) - 1.0).abs() < 1e-3, "{variances:?}");
        // Of two points nobody can tell which direction has more.
        let few = DMatrix::from_row_slice(2, 2, &[3.0, 0.0, 0.0, 1.0]);
        let shrunk = shrunk(&few);
        assert!((shrunk[0] - shrunk[1]).abs() < 4.0 && shrunk[1] > 0.5, "{shrunk:?}");
    }

    #[test]
    fn where_most_slices_are_drowned_in_noise_the_others_do_not_speak_for_them() {
        let calm = phantom::head(8, 12.0, 2);
        let with_drowned = |slices: usize| {
            let mut volume = calm.clone();
            for z in 0..slices {
                // Chequered: as loud as edges.
                let loud = volume.slice_mut(z).iter_mut().enumerate();
                loud.for_each(|(at, value)| {
                    *value += if (at + at / 96).is_multiple_of(2) { 400.0 } else { -400.0 }
                });
            }
            volume
        };
        assert!(p_value(&reference(), &with_drowned(3)) > 0.1);
        assert!(p_value(&reference(), &with_drowned(5)) < 0.03);
        assert_eq!(described(&with_drowned(5), &backbones(8, 0.5)).len(), 8);
    }

    #[test]
    fn slices_without_flat_tissue_leave_the_word_to_the_others() {
        let mut volume = phantom::head(8, 12.0, 2);
        for z in 0..5 {
            // Specks of bone everywhere.
            let specks = volume.slice_mut(z).iter_mut().enumerate();
            specks
                .filter(|(at, _)| (at / 96).is_multiple_of(12) && (at % 96).is_multiple_of(12))
                .for_each(|(_, hu)| *hu = 600.0);
        }
        assert_eq!(described(&volume, &backbones(8, 0.5)).len(), 3);
        assert!(p_value(&reference(), &volume) > 0.1);
    }

    #[test]
    fn a_volume_in_which_nothing_can_be_judged_is_out_of_the_domain() {
        let air = Volume::new(vec![-1000.0; 64 * 64], [64, 64, 1], imaging::Affine::from_spacing([1.0; 3]));
        assert!(p_value(&reference(), &air.unwrap()) < 0.03);
    }
}
