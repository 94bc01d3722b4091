//! What the network sees: nothing in HU, only differences from a classical estimate in units of the slice's noise.
//!
//! So it can't learn how one person's tissues look or how noisy their scan was, and what it learns of one person's
//! noise and edges goes on to another's.

use imaging::{
    Volume,
    filter::{gaussian, non_local_means},
    noise::{FlatTissue, flat_tissue},
};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Strength of the estimate: h = this × the noise of the slice.
const STRENGTH: f64 = 1.3;
/// Differences beyond so many times the noise are edges, however high.
pub(crate) const CLIP: f32 = 6.0;
/// Least noise in HU that is believed, so that nothing is divided by zero.
const NOISE_MIN: f64 = 1.0;
/// Smoothing in pixels that a structure of the estimate stands out from.
const STRUCTURE_PIXELS: f64 = 2.0;
/// How far in pixels a value of the input reaches into the features: 9 by the estimate, 6 by the smoothing.
pub(crate) const REACH: usize = 15;

/// Gives the number of feature planes for a number of neighbouring slices.
pub(crate) fn channels(slices: usize) -> usize {
    2 * slices
}

/// Gives the slice `step` away from slice `z`, mirrored at the first and the last slice: a neighbour has noise of its
/// own, which a repeated slice would not.
pub(crate) fn neighbour(z: usize, step: isize, depth: usize) -> usize {
    let (at, last) = ((z as isize + step).unsigned_abs(), depth - 1);
    if at > last { (2 * last).saturating_sub(at) } else { at }
}

/// Gives the number of slices from which on the first and the last have, to one side, neighbours that are other slices.
pub(crate) fn slices_min(slices: usize) -> usize {
    slices / 2 + 1
}

/// Gives the steps to the neighbours of a slice and to itself, from below to above.
pub(crate) fn steps(slices: usize) -> std::ops::Range<isize> {
    let radius = (slices / 2) as isize;
    -radius..radius + 1
}

/// Gives the noise of each slice's flat tissue, at least [`NOISE_MIN`]; a slice without flat tissue has the volume's medians.
pub(crate) fn slice_noises(volume: &Volume) -> Vec<FlatTissue> {
    let measured = |z| flat_tissue(volume.slice(z), volume.dims[0]);
    let slices: Vec<Option<FlatTissue>> = (0..volume.dims[2]).into_par_iter().map(measured).collect();
    let median = |value: fn(&FlatTissue) -> f64| {
        let mut found: Vec<f64> = slices.iter().flatten().map(value).collect();
        found.sort_by(f64::total_cmp);
        found.get(found.len() / 2).copied().unwrap_or(0.0)
    };
    let usual = FlatTissue { sigma: median(|flat| flat.sigma), correlation: median(|flat| flat.correlation) };
    let of_slice = |slice: &Option<FlatTissue>| {
        let FlatTissue { sigma, correlation } = slice.unwrap_or(usual);
        FlatTissue { sigma: sigma.max(NOISE_MIN), correlation }
    };
    slices.iter().map(of_slice).collect()
}

/// Gives the classical estimate of a slice, or of a part of one, whose noise in HU is known.
pub(crate) fn estimate(slice: &[f32], width: usize, noise: f64) -> Vec<f32> {
    non_local_means(slice, width, (STRENGTH * noise) as f32)
}

/// A slice between its neighbours, from below to above: as scanned and as estimated, in HU.
#[derive(Debug)]
pub(crate) struct Stack<'a> {
    pub(crate) scanned: Vec<&'a [f32]>,
    pub(crate) estimated: Vec<&'a [f32]>,
    pub(crate) width: usize,
    /// Noise of the middle slice in HU.
    pub(crate) noise: f32,
}

impl Stack<'_> {
    /// Gives the estimate of the middle slice.
    pub(crate) fn middle(&self) -> &[f32] {
        self.estimated[self.estimated.len() / 2]
    }

    /// Gives the planes that the network sees, in units of the noise and clipped: each slice less the middle
    /// estimate; the neighbours' estimates less it; and the structure of it.
    pub(crate) fn features(&self) -> Vec<Vec<f32>> {
        let middle = self.middle();
        let less = |plane: &[f32], base: &[f32]| -> Vec<f32> {
            plane.iter().zip(base).map(|(value, base)| self.relative(value - base)).collect()
        };
        let others =
            self.estimated.iter().enumerate().filter(|(index, _)| *index != self.estimated.len() / 2);
        let smooth = gaussian(middle, self.width, STRUCTURE_PIXELS);
        self.scanned
            .iter()
            .copied()
            .chain(others.map(|(_, plane)| *plane))
            .map(|plane| less(plane, middle))
            .chain([less(middle, &smooth)])
            .collect()
    }

    /// Gives a difference in HU in units of the noise, clipped.
    pub(crate) fn relative(&self, difference: f32) -> f32 {
        (difference / self.noise).clamp(-CLIP, CLIP)
    }
}

/// A volume with the noise of its slices and the estimates that are in use.
#[derive(Debug)]
pub(crate) struct Guide<'a> {
    pub(crate) volume: &'a Volume,
    noises: Vec<FlatTissue>,
    estimates: BTreeMap<usize, Vec<f32>>,
}

impl<'a> Guide<'a> {
    pub(crate) fn new(volume: &'a Volume) -> Self {
        Self { volume, noises: slice_noises(volume), estimates: BTreeMap::new() }
    }

    /// Gives the noise of a slice.
    pub(crate) fn noise(&self, z: usize) -> FlatTissue {
        self.noises[z]
    }

    /// Gives slice `z` between its neighbours. Estimates are kept for the slices that follow.
    pub(crate) fn stack(&mut self, z: usize, slices: usize) -> Stack<'_> {
        let width = self.volume.dims[0];
        let around: Vec<usize> = steps(slices).map(|step| neighbour(z, step, self.volume.dims[2])).collect();
        self.estimates.retain(|at, _| around.contains(at));
        for &at in &around {
            let (slice, noise) = (self.volume.slice(at), self.noises[at].sigma);
            self.estimates.entry(at).or_insert_with(|| estimate(slice, width, noise));
        }
        Stack {
            scanned: around.iter().map(|&at| self.volume.slice(at)).collect(),
            estimated: around.iter().map(|at| self.estimates[at].as_slice()).collect(),
            width,
            noise: self.noises[z].sigma as f32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phantom;

    #[test]
    fn neighbours_are_mirrored_at_the_ends() {
        let around = |z, depth| steps(5).map(|step| neighbour(z, step, depth)).collect::<Vec<_>>();
        assert_eq!(around(0, 9), [2, 1, 0, 1, 2]);
        assert_eq!(around(7, 9), [5, 6, 7, 8, 7]);
        assert_eq!(around(0, 1), [0; 5]);
    }

    #[test]
    fn from_the_least_number_of_slices_on_the_first_and_the_last_have_neighbours_of_their_own() {
        for slices in [3, 5, 7] {
            let radius = (slices / 2) as isize;
            let has_its_own = |depth: usize| {
                let distinct = |z: usize, sign: isize| {
                    let around = (0..=radius).map(|step| neighbour(z, sign * step, depth));
                    around.collect::<std::collections::BTreeSet<_>>().len() == radius as usize + 1
                };
                distinct(0, 1) && distinct(depth - 1, -1)
            };
            assert!((slices_min(slices)..20).all(has_its_own), "{slices}");
            assert!(!has_its_own(slices_min(slices) - 1), "{slices}");
        }
    }

    #[test]
    fn a_slice_without_flat_tissue_takes_the_noise_of_the_others() {
        let mut volume = phantom::head(3, 10.0, 4);
        volume.slice_mut(1).fill(-1000.0);
        let sigmas = |volume: &Volume| slice_noises(volume).iter().map(|flat| flat.sigma).collect::<Vec<_>>();
        let noises = sigmas(&volume);
        assert!((noises[0] - 10.0).abs() < 1.5 && (noises[2] - 10.0).abs() < 1.5, "{noises:?}");
        assert!((noises[1] - noises[0].max(noises[2])).abs() < 1e-9, "{noises:?}");
        let air = phantom::head(3, 10.0, 4).with_data(vec![-1000.0; 96 * 96 * 3]).unwrap();
        assert_eq!(sigmas(&air), [NOISE_MIN; 3]);
    }

    #[test]
    fn the_features_are_the_same_whatever_the_scale_and_the_offset() {
        let volume = phantom::head(3, 10.0, 4);
        let mut other = volume.clone();
        other.data.iter_mut().for_each(|value| *value = *value * 2.0 + 300.0);
        let features = |volume: &Volume, noise: f64| {
            let estimates: Vec<Vec<f32>> = (0..3).map(|z| estimate(volume.slice(z), 96, noise)).collect();
            Stack {
                scanned: (0..3).map(|z| volume.slice(z)).collect(),
                estimated: estimates.iter().map(Vec::as_slice).collect(),
                width: 96,
                noise: noise as f32,
            }
            .features()
        };
        let (first, second) = (features(&volume, 10.0), features(&other, 20.0));
        assert_eq!(first.len(), channels(3));
        for (a, b) in first.iter().flatten().zip(second.iter().flatten()) {
            assert!((a - b).abs() < 1e-2, "{a} {b}");
        }
    }

    #[test]
    fn a_slice_is_the_same_alone_and_after_its_neighbours() {
        let volume = phantom::head(5, 10.0, 4);
        let mut walked = Guide::new(&volume);
        for z in 0..3 {
            walked.stack(z, 3);
        }
        let walked = walked.stack(3, 3).features();
        assert_eq!(walked, Guide::new(&volume).stack(3, 3).features());
    }
}
