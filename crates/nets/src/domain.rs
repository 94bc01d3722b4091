//! Whether an input is like what the model was trained on, judged from its voxels alone.

use imaging::{
    Volume,
    filter::gaussian,
    noise::{BODY_HU, flat_tissue_sigma},
};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Values that describe a slice: ln of the noise of flat soft tissue in HU, then the shares of each tissue in the
/// body's box. Not the body's extent: that of a scan of half a chest would be its field of view.
const FEATURES: usize = 1 + TISSUES.len();
/// Lung, fat, soft tissue and bone in HU, told after smoothing; what lies between belongs to none.
const TISSUES: [Range<f32>; 4] = [-950.0..-500.0, -150.0..-30.0, -30.0..150.0, 150.0..f32::INFINITY];
/// The names of the features, to others.
const NAMES: [&str; FEATURES] = ["noise", "lung", "fat", "soft_tissue", "bone"];
/// Smoothing in pixels before a pixel's tissue is told, so that the noise hardly counts.
const TISSUE_SMOOTHING_PIXELS: f64 = 2.0;
/// Shares of the body's pixels below and above its box: a table or an arm is mostly left out.
const BOX: [f64; 2] = [0.01, 0.99];
/// Neighbours whose mean distance counts.
const NEIGHBOURS: usize = 3;
/// Slices this near in the same subject aren't neighbours of a reference slice: they are almost the same image.
const APART: usize = 8;
/// A slice with less body than this isn't judged.
const BODY_VOXELS_MIN: usize = 500;

/// What a model was trained on, as the place of each training slice in the space of features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DomainReference {
    /// Mean of each feature.
    pub centre: Vec<f64>,
    /// Standard deviation of each feature.
    pub scale: Vec<f64>,
    /// Standardised features of each reference slice.
    pub slices: Vec<Vec<f64>>,
    /// Distance of each reference slice to its neighbours further away in the body, ascending.
    pub distances: Vec<f64>,
}

/// A reference slice: whose it is, which one, and its features.
pub(crate) struct ReferenceSlice {
    pub(crate) subject: usize,
    pub(crate) z: usize,
    pub(crate) features: Vec<f64>,
}

/// Gives the features of a slice, or `None` where it has too little body or no flat tissue.
pub(crate) fn features(volume: &Volume, z: usize) -> Option<Vec<f64>> {
    let (slice, width) = (volume.slice(z), volume.dims[0]);
    let smooth = gaussian(slice, width, TISSUE_SMOOTHING_PIXELS);
    let body: Vec<usize> = (0..smooth.len()).filter(|&at| smooth[at] > BODY_HU).collect();
    if body.len() < BODY_VOXELS_MIN {
        return None;
    }
    let sigma = flat_tissue_sigma(slice, width)?;
    let (columns, rows) =
        (extent(body.iter().map(|at| at % width)), extent(body.iter().map(|at| at / width)));
    let shares = TISSUES.map(|tissue| {
        let of_row = |y: usize| columns.clone().filter(|x| tissue.contains(&smooth[y * width + x])).count();
        rows.clone().map(of_row).sum::<usize>() as f64 / (rows.len() * columns.len()) as f64
    });
    Some(std::iter::once(sigma.max(0.1).ln()).chain(shares).collect())
}

/// Gives the features of each slice of a volume that can be judged.
pub(crate) fn described(volume: &Volume) -> Vec<Vec<f64>> {
    (0..volume.dims[2]).into_par_iter().filter_map(|z| features(volume, z)).collect()
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
        let mean = |value: &dyn Fn(&ReferenceSlice) -> f64| slices.iter().map(value).sum::<f64>() / n;
        let centre: Vec<f64> = (0..FEATURES).map(|f| mean(&|slice| slice.features[f])).collect();
        let scale: Vec<f64> = (0..FEATURES)
            .map(|f| mean(&|slice| (slice.features[f] - centre[f]).powi(2)).sqrt().max(1e-3))
            .collect();
        let mut reference = Self { centre, scale, slices: Vec::new(), distances: Vec::new() };
        reference.slices = slices.iter().map(|slice| reference.standardised(&slice.features)).collect();
        reference.distances = slices
            .iter()
            .zip(&reference.slices)
            .filter_map(|(slice, place)| {
                let others = slices
                    .iter()
                    .zip(&reference.slices)
                    .filter(|(other, _)| other.subject != slice.subject || other.z.abs_diff(slice.z) > APART);
                neighbour_distance(place, others.map(|(_, place)| place))
            })
            .collect();
        reference.distances.sort_by(f64::total_cmp);
        reference
    }

    /// Gives the conformal p-value of a volume from the features of its slices: the share of reference slices at least as far from their neighbours
    /// as this volume's median slice is from its own. Small means unlike anything trained on.
    ///
    /// It is a p-value for a new slice of the training subjects, and only under n reference slices can it be below
    /// 1/n. With k subjects it says little about how often a new patient of the right kind gets a small one.
    pub(crate) fn p_value(&self, described: &[Vec<f64>]) -> f64 {
        let mut distances: Vec<f64> = described
            .par_iter()
            .filter_map(|features| neighbour_distance(&self.standardised(features), self.slices.iter()))
            .collect();
        distances.sort_by(f64::total_cmp);
        // A volume in which nothing can be judged is further away than all.
        let distance = distances.get(distances.len() / 2).copied().unwrap_or(f64::INFINITY);
        let as_far = self.distances.len() - self.distances.partition_point(|&other| other < distance);
        (as_far + 1) as f64 / (self.distances.len() + 1) as f64
    }

    fn standardised(&self, features: &[f64]) -> Vec<f64> {
        let place = features.iter().zip(&self.centre).zip(&self.scale);
        // Rounded, so that the model's file stays short.
        place.map(|((value, centre), scale)| ((value - centre) / scale * 1e4).round() / 1e4).collect()
    }
}

/// Gives the mean distance to the nearest neighbours, or `None` when there are too few.
fn neighbour_distance<'a>(place: &[f64], others: impl Iterator<Item = &'a Vec<f64>>) -> Option<f64> {
    let squared = |other: &Vec<f64>| place.iter().zip(other).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
    let mut distances: Vec<f64> = others.map(|other| squared(other).sqrt()).collect();
    distances.sort_by(f64::total_cmp);
    let nearest = distances.get(..NEIGHBOURS)?;
    Some((nearest.iter().sum::<f64>() / NEIGHBOURS as f64 * 1e4).round() / 1e4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phantom;

    fn p_value(reference: &DomainReference, volume: &Volume) -> f64 {
        reference.p_value(&described(volume))
    }

    #[test]
    fn a_volume_is_described_by_its_noise_and_its_tissues() {
        let noise = |sigma| summary(&described(&phantom::head(8, sigma, 2)))[0];
        let ((name, calm), (_, loud)) = (noise(12.0), noise(24.0));
        assert_eq!(name, "noise");
        assert!((calm / 12.0 - 1.0).abs() < 0.1 && (loud / 24.0 - 1.0).abs() < 0.1, "{calm} and {loud} HU");
        let shares = summary(&described(&phantom::head(8, 12.0, 2)));
        assert!(shares[1..].iter().all(|(_, share)| (0.0..=1.0).contains(share)), "{shares:?}");
        assert!(summary(&[]).is_empty());
    }

    fn reference() -> DomainReference {
        let volume = phantom::head(40, 12.0, 1);
        let slices: Vec<ReferenceSlice> = (0..40)
            .filter_map(|z| {
                let features = features(&volume, z)?;
                Some(ReferenceSlice { subject: 0, z, features })
            })
            .collect();
        assert_eq!(slices.len(), 40);
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
        assert_eq!(described(&with_drowned(5)).len(), 8);
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
        assert_eq!(described(&volume).len(), 3);
        assert!(p_value(&reference(), &volume) > 0.1);
    }

    #[test]
    fn a_volume_in_which_nothing_can_be_judged_is_out_of_the_domain() {
        let air = Volume::new(vec![-1000.0; 64 * 64], [64, 64, 1], imaging::Affine::from_spacing([1.0; 3]));
        assert!(p_value(&reference(), &air.unwrap()) < 0.03);
    }
}
