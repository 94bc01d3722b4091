//! Lesions that are drawn into the full-dose scans of training patches: what is small, faint and only there once is rare
//! in four people, and a network that never met it takes it for noise.

use rand::{RngExt, rngs::ChaCha8Rng};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// How lesions are drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lesions {
    /// Share of the patches that have any.
    pub share: f64,
    /// Most of them in one patch; each number from 1 is as likely.
    pub count: usize,
    /// Least and largest diameter in pixels, however large those are.
    pub diameter_pixels: [f64; 2],
    /// Least and largest contrast in HU, either way; equally likely in each octave.
    pub contrast_hu: [f64; 2],
    /// Least and largest height in slices; what is no higher than one lies in one slice alone.
    pub height_slices: [f64; 2],
}

/// An ellipsoid of even contrast in a scan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Lesion {
    /// Slice, row and column of its centre.
    centre: [f64; 3],
    /// Half its diameter within a slice, in pixels.
    radius: f64,
    /// Half its height in slices.
    half_height: f64,
    contrast_hu: f32,
}

impl Lesions {
    /// Draws the lesions of a patch around slice `z`, whose first row and column are given.
    ///
    /// Some are centred on the slice before or after: what lies there only must not be seen here.
    pub(super) fn draw(
        &self,
        rng: &mut ChaCha8Rng,
        (z, y, x): (usize, usize, usize),
        patch: usize,
    ) -> Vec<Lesion> {
        let count = if rng.random_bool(self.share) { rng.random_range(1..=self.count) } else { 0 };
        let within = |rng: &mut ChaCha8Rng, [least, most]: [f64; 2]| rng.random_range(least..=most);
        (0..count)
            .map(|_| {
                let contrast = within(rng, self.contrast_hu.map(f64::log2)).exp2();
                Lesion {
                    centre: [
                        z as f64 + f64::from(rng.random_range(-1..=1)),
                        y as f64 + rng.random_range(0.0..patch as f64),
                        x as f64 + rng.random_range(0.0..patch as f64),
                    ],
                    radius: within(rng, self.diameter_pixels) / 2.0,
                    half_height: within(rng, self.height_slices) / 2.0,
                    contrast_hu: (if rng.random_bool(0.5) { contrast } else { -contrast }) as f32,
                }
            })
            .collect()
    }
}

impl Lesion {
    /// Adds the lesion to the rows and columns of slice `z` that `part` holds, with an edge one pixel wide.
    pub(super) fn put(&self, part: &mut [f32], z: usize, (rows, columns): (&Range<usize>, &Range<usize>)) {
        let [slice, row, column] = self.centre;
        let height = (z as f64 - slice) / self.half_height;
        if height.abs() >= 1.0 {
            return;
        }
        let radius = self.radius * (1.0 - height * height).sqrt();
        for (line, y) in part.chunks_exact_mut(columns.len()).zip(rows.clone()) {
            for (value, x) in line.iter_mut().zip(columns.clone()) {
                let share = radius + 0.5 - (y as f64 - row).hypot(x as f64 - column);
                *value += share.clamp(0.0, 1.0) as f32 * self.contrast_hu;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    const LESIONS: Lesions = Lesions {
        share: 0.5,
        count: 3,
        diameter_pixels: [4.0, 16.0],
        contrast_hu: [8.0, 64.0],
        height_slices: [1.0, 5.0],
    };

    fn put(lesion: Lesion, z: usize) -> Vec<f32> {
        let mut part = vec![0.0; 40 * 50];
        lesion.put(&mut part, z, (&(10..50), &(20..70)));
        part
    }

    #[test]
    fn a_lesion_has_its_contrast_its_area_and_its_place() {
        let lesion = Lesion { centre: [7.0, 30.0, 40.0], radius: 6.0, half_height: 2.0, contrast_hu: -20.0 };
        let part = put(lesion, 7);
        assert!((part[20 * 50 + 20] + 20.0).abs() < 1e-6 && part[0].abs() < 1e-6);
        let area = part.iter().sum::<f32>() / -20.0;
        assert!((f64::from(area) / (std::f64::consts::PI * 36.0) - 1.0).abs() < 0.02, "{area}");
        let beside = put(lesion, 8).iter().sum::<f32>() / -20.0;
        assert!((beside / area - 0.75).abs() < 0.02, "{beside}");
    }

    #[test]
    fn one_that_is_no_higher_than_a_slice_lies_in_one_alone() {
        let lesion = Lesion { centre: [7.0, 30.0, 40.0], radius: 6.0, half_height: 0.5, contrast_hu: 20.0 };
        assert!(put(lesion, 7).iter().any(|hu| *hu > 0.0));
        assert!([6, 8].into_iter().all(|z| put(lesion, z).iter().all(|hu| hu.abs() < 1e-6)));
    }

    #[test]
    fn half_of_the_patches_have_lesions_as_large_and_strong_as_is_said() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let patches: Vec<Vec<Lesion>> =
            (0..2000).map(|_| LESIONS.draw(&mut rng, (5, 100, 200), 64)).collect();
        let with = patches.iter().filter(|lesions| !lesions.is_empty()).count();
        assert!((900..1100).contains(&with), "{with}");
        let all = || patches.iter().flatten();
        assert!(all().all(|of| (2.0..=8.0).contains(&of.radius) && (0.5..=2.5).contains(&of.half_height)));
        assert!(all().all(|of| (8.0..=64.0).contains(&of.contrast_hu.abs())));
        let count =
            |fits: fn(&Lesion) -> bool| all().filter(|of| fits(of)).count() as f64 / all().count() as f64;
        assert!((count(|of| of.contrast_hu.abs() < 16.0) - 1.0 / 3.0).abs() < 0.03);
        assert!((count(|of| of.contrast_hu > 0.0) - 0.5).abs() < 0.03);
        assert!(
            all().all(|of| (4.0..=6.0).contains(&of.centre[0]) && (100.0..164.0).contains(&of.centre[1]))
        );
    }
}
