//! Whether a fixed segmenter finds the same anatomy in an image as at full dose.
//!
//! The segmenter is the plainest there is, a threshold within the patient: it learns nothing and forgives nothing, so
//! that what differs is the images.

use super::PerImage;
use crate::segmentation::{Grid, Structure};
use imaging::{Volume, noise::BODY_HU};
use serde::{Deserialize, Serialize};

/// Below this lies air: of lungs, airways and bowel.
const LUNG_HU: f32 = -500.0;
/// Above this lies bone, and whatever else is as dense.
const BONE_HU: f32 = 226.0;
/// What hangs together in less than so many mm³ is a speck that no segmenter would keep.
const ISLAND_MM3_MIN: f64 = 100.0;

/// How far the segmenter finds the same structures as at full dose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Segmentations {
    /// Air in the patient, below −500 HU; `None` where full dose has none.
    pub lung: Option<Agreements>,
    /// Bone, above 226 HU; `None` where full dose has none.
    pub bone: Option<Agreements>,
}

/// How far the segmenter finds one structure as at full dose.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Agreements {
    /// Volume of the structure at full dose in mL.
    pub volume_ml: f64,
    /// Dice's coefficient, from 0 to 1; more is better.
    pub dice: PerImage<f64>,
    /// 95th percentile of Hausdorff's distance in mm; less is better. `None` where nothing was found.
    pub hd95_mm: PerImage<Option<f64>>,
    /// How much larger the structure is than at full dose, as a share; 0 is best.
    pub volume_difference: PerImage<f64>,
}

/// Segments full dose and the images, input, baseline and model, in their scored slices; `None` where full dose has
/// neither structure.
pub(super) fn segmentations(full: &Volume, images: [&Volume; 3], scored: &[usize]) -> Option<Segmentations> {
    let grid = Grid { dims: full.dims, spacing_mm: full.affine.spacing() };
    let patient = patient(full, scored, grid);
    let agreements = |belongs: fn(f32) -> bool| {
        let found = |image: &Volume| {
            let candidates = image.data.iter().zip(&patient).map(|(hu, inside)| *inside && belongs(*hu));
            Structure::new(without_specks(candidates.collect(), grid), grid)
        };
        agreements(&found(full), images.map(found))
    };
    let (lung, bone) = (agreements(|hu| hu < LUNG_HU), agreements(|hu| hu > BONE_HU));
    (lung.is_some() || bone.is_some()).then_some(Segmentations { lung, bone })
}

fn agreements(full: &Structure, images: [Structure; 3]) -> Option<Agreements> {
    let [input, baseline, image] = images.map(|image| full.agreement(&image));
    let found = [input?, baseline?, image?];
    Some(Agreements {
        volume_ml: full.volume_mm3() / 1000.0,
        dice: found.map(|of| of.dice).into(),
        hd95_mm: found.map(|of| of.hd95_mm).into(),
        volume_difference: found.map(|of| of.volume_difference).into(),
    })
}

/// Marks the patient in the scored slices: the largest body, with everything that it encloses in a slice. A hollow table
/// is none of it.
///
/// All images share the one of full dose, so that they differ in what is found in it alone.
fn patient(full: &Volume, scored: &[usize], grid: Grid) -> Vec<bool> {
    let mut body = vec![false; full.data.len()];
    for &z in scored {
        let start = z * full.slice_len();
        for (inside, hu) in body[start..].iter_mut().zip(full.slice(z)) {
            *inside = *hu > BODY_HU;
        }
    }
    let mut patient = vec![false; body.len()];
    let largest = islands(&body, grid).into_iter().max_by_key(Vec::len).unwrap_or_default();
    for at in largest {
        patient[at] = true;
    }
    for &z in scored {
        fill(&mut patient[z * full.slice_len()..][..full.slice_len()], full.dims[0]);
    }
    patient
}

/// Fills whatever a slice's body encloses.
fn fill(body: &mut [bool], width: usize) {
    let height = body.len() / width;
    let grid = Grid { dims: [width, height, 1], spacing_mm: [1.0; 3] };
    let air: Vec<bool> = body.iter().map(|inside| !inside).collect();
    let is_border = |at: &usize| {
        let (x, y) = (at % width, at / width);
        x == 0 || y == 0 || x + 1 == width || y + 1 == height
    };
    for enclosed in islands(&air, grid).into_iter().filter(|island| !island.iter().any(is_border)) {
        for at in enclosed {
            body[at] = true;
        }
    }
}

/// Drops what is too small to be part of a structure.
fn without_specks(mut mask: Vec<bool>, grid: Grid) -> Vec<bool> {
    let voxel_mm3: f64 = grid.spacing_mm.iter().product();
    for island in islands(&mask, grid) {
        if (island.len() as f64) * voxel_mm3 < ISLAND_MM3_MIN {
            for at in island {
                mask[at] = false;
            }
        }
    }
    mask
}

/// Gives the voxels that hang together by their faces.
fn islands(mask: &[bool], grid: Grid) -> Vec<Vec<usize>> {
    let mut left = mask.to_vec();
    let mut islands = Vec::new();
    for start in 0..left.len() {
        if !std::mem::take(&mut left[start]) {
            continue;
        }
        let mut island = vec![start];
        let mut looked_at = 0;
        while let Some(&at) = island.get(looked_at) {
            looked_at += 1;
            island.extend(
                grid.beside(at).into_iter().flatten().filter(|&next| std::mem::take(&mut left[next])),
            );
        }
        islands.push(island);
    }
    islands
}

#[cfg(test)]
mod tests {
    use super::*;
    use imaging::Affine;

    const SIZE: usize = 96;
    const DEPTH: usize = 6;
    const SPACING_MM: [f64; 3] = [1.5, 1.5, 4.0];

    /// A trunk with a lung, two vertebrae's worth of bone and a speck of calcium, over a hollow table; the lung's radius is
    /// in pixels.
    fn trunk(lung: f64, bone_hu: f32) -> Volume {
        let value = |at: usize| {
            let (x, y) = ((at % SIZE) as f64, (at / SIZE % SIZE) as f64);
            let within = |cx: f64, cy: f64, radius: f64| (x - cx).hypot(y - cy) < radius;
            let table = (84.0..92.0).contains(&y) && (10.0..86.0).contains(&x);
            let hollow = (86.0..90.0).contains(&y) && (12.0..84.0).contains(&x);
            match () {
                () if within(30.0, 40.0, lung) => -850.0,
                () if within(62.0, 44.0, 9.0) => bone_hu,
                () if at == 40 * SIZE + 50 => 900.0,
                () if within(46.0, 42.0, 38.0) => 40.0,
                () if table && !hollow => -100.0,
                () => -1000.0,
            }
        };
        let data = (0..SIZE * SIZE * DEPTH).map(value).collect();
        Volume::new(data, [SIZE, SIZE, DEPTH], Affine::from_spacing(SPACING_MM)).unwrap()
    }

    fn found(image: &Volume) -> Segmentations {
        let full = trunk(12.0, 700.0);
        segmentations(&full, [&full, &full, image], &[0, 1, 2, 3, 4, 5]).unwrap()
    }

    #[test]
    fn full_dose_agrees_with_itself_and_a_hollow_table_is_no_lung() {
        let found = found(&trunk(12.0, 700.0));
        let (lung, bone) = (found.lung.unwrap(), found.bone.unwrap());
        for of in [lung, bone] {
            assert!(of.dice.into_array().iter().all(|dice| (dice - 1.0).abs() < 1e-12), "{of:?}");
            assert_eq!(of.hd95_mm.into_array(), [Some(0.0); 3]);
        }
        let volume_ml = |radius: f64| std::f64::consts::PI * radius * radius * 1.5 * 1.5 * 4.0 * 6.0 / 1000.0;
        assert!((lung.volume_ml / volume_ml(12.0) - 1.0).abs() < 0.05, "{lung:?}");
        // Six voxels of calcium, one above the other, are 54 mm³.
        assert!((bone.volume_ml / volume_ml(9.0) - 1.0).abs() < 0.05, "{bone:?}");
    }

    #[test]
    fn a_lung_that_shrank_and_bone_that_was_blurred_away_are_told() {
        let found = found(&trunk(10.0, 200.0));
        let lung = found.lung.unwrap();
        let share = (10.0_f64 / 12.0).powi(2);
        assert!((lung.volume_difference.output - (share - 1.0)).abs() < 0.03, "{lung:?}");
        assert!((lung.dice.output - 2.0 * share / (1.0 + share)).abs() < 0.02, "{lung:?}");
        // Two pixels of 1.5 mm.
        assert!((lung.hd95_mm.output.unwrap() - 3.0).abs() < 1.0, "{lung:?}");
        let bone = found.bone.unwrap();
        assert_eq!((bone.dice.output.to_bits(), bone.hd95_mm.output), (0.0_f64.to_bits(), None));
        assert!((bone.volume_difference.output + 1.0).abs() < 1e-12);
    }

    #[test]
    fn slices_that_are_not_scored_and_patients_without_air_or_bone_say_nothing() {
        let full = trunk(12.0, 700.0);
        let half = segmentations(&full, [&full; 3], &[0, 1, 2]).unwrap().lung.unwrap();
        let all = segmentations(&full, [&full; 3], &[0, 1, 2, 3, 4, 5]).unwrap().lung.unwrap();
        assert!((all.volume_ml / half.volume_ml - 2.0).abs() < 1e-9);
        let water = trunk(0.0, 40.0);
        assert_eq!(segmentations(&water, [&water; 3], &[0, 1, 2, 3, 4, 5]), None);
    }
}
