//! Whether inserted lesions are still there: contrast retention by size and contrast.
//!
//! A lesion is put into the full-dose image before it is projected and its noise inserted; the same noise without
//! the lesion is denoised too. The difference of the two results, over that of the two inputs, is what the denoiser
//! keeps of the lesion: the noise of the two is the same and falls out.

use super::{Denoiser, Error};
use imaging::{Volume, filter::gaussian};
use serde::{Deserialize, Serialize};

/// Diameters of the inserted lesions in mm.
pub const DIAMETERS_MM: [f64; 4] = [3.0, 5.0, 7.0, 10.0];
/// Their contrasts in HU.
pub const CONTRASTS_HU: [f32; 4] = [10.0, 20.0, 40.0, 60.0];
/// Lesions lie at least so far apart in mm, so that no denoiser sees two of them at once.
const APART_MM: f64 = 24.0;
/// The place of a lesion is soft tissue as far as this from its edge, in mm.
pub(super) const CLEARANCE_MM: f64 = 2.0;
/// Smoothing in pixels before a place is told to be soft tissue.
pub(super) const SMOOTHING_PIXELS: f64 = 2.0;
/// Sub-divisions of a pixel along each axis at a lesion's edge.
const SUBDIVISIONS: usize = 5;

/// What is kept of the lesions of one size and contrast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Retention {
    /// Diameter in mm.
    pub diameter_mm: f64,
    /// Contrast in HU.
    pub contrast_hu: f32,
    /// Kept share of the contrast of each lesion, ascending; they are of one patient.
    pub kept: Vec<f64>,
    /// Their mean.
    pub mean: f64,
}

/// A disc in one slice: row, column, and radius in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Disc {
    pub(super) y: usize,
    pub(super) x: usize,
    pub(super) radius: f64,
}

/// Measures what a denoiser keeps of lesions in the middle slice of a full-dose volume.
///
/// `noise` gives the noise in HU to insert into a volume, computed from that volume's own projections.
///
/// # Errors
/// When the denoiser fails or its image has another grid.
pub fn retention(
    full: &Volume,
    denoiser: &dyn Denoiser,
    mut noise: impl FnMut(&Volume) -> Vec<f32>,
) -> Result<Vec<Retention>, Error> {
    let mut results = Vec::new();
    let middle = full.dims[2] / 2;
    for diameter_mm in DIAMETERS_MM {
        let discs = places(full, middle, diameter_mm);
        if discs.is_empty() {
            continue;
        }
        let shape: Vec<Vec<(usize, f32)>> = discs.iter().map(|disc| coverage_of(full, disc)).collect();
        for contrast_hu in CONTRASTS_HU {
            let mut with = full.clone();
            for &(pixel, share) in shape.iter().flatten() {
                with.slice_mut(middle)[pixel] += share * contrast_hu;
            }
            let noise = noise(&with);
            let image = |clean: &Volume| -> Result<Volume, Error> {
                let noisy = clean.data.iter().zip(&noise).map(|(value, noise)| value + noise).collect();
                let image = denoiser.denoise(&clean.with_data(noisy)?).map_err(Error::Denoiser)?.image;
                full.same_grid(&image)?;
                Ok(image)
            };
            let (present, absent) = (image(&with)?, image(full)?);
            let mut kept: Vec<f64> = shape
                .iter()
                .map(|shape| kept(shape, (present.slice(middle), absent.slice(middle)), contrast_hu))
                .collect();
            kept.sort_by(f64::total_cmp);
            let mean = kept.iter().sum::<f64>() / kept.len() as f64;
            results.push(Retention { diameter_mm, contrast_hu, kept, mean });
        }
    }
    Ok(results)
}

/// Gives the share of a lesion's contrast that two results differ by, weighted by the lesion's own shape.
pub(super) fn kept(shape: &[(usize, f32)], (present, absent): (&[f32], &[f32]), contrast_hu: f32) -> f64 {
    let (mut found, mut inserted) = (0.0, 0.0);
    for &(pixel, share) in shape {
        found += f64::from(share) * f64::from(present[pixel] - absent[pixel]);
        inserted += f64::from(share).powi(2) * f64::from(contrast_hu);
    }
    found / inserted
}

/// Finds places for discs of a diameter: wherever a grid's point lies in soft tissue all round.
pub(super) fn places(full: &Volume, z: usize, diameter_mm: f64) -> Vec<Disc> {
    let [width, height, _] = full.dims;
    let pixel_mm = full.affine.spacing()[0];
    let smooth = gaussian(full.slice(z), width, SMOOTHING_PIXELS);
    let reach = ((diameter_mm / 2.0 + CLEARANCE_MM) / pixel_mm).ceil() as usize;
    let soft = |y: usize, x: usize| {
        (y - reach..=y + reach).all(|row| {
            smooth[row * width + x - reach..=row * width + x + reach].iter().all(|&hu| is_soft_tissue(hu))
        })
    };
    let step = (APART_MM / pixel_mm).ceil() as usize;
    let start = (step / 2).max(reach);
    let mut discs = Vec::new();
    for y in (start..height.saturating_sub(reach)).step_by(step) {
        for x in (start..width.saturating_sub(reach)).step_by(step) {
            if soft(y, x) {
                discs.push(Disc { y, x, radius: diameter_mm / 2.0 / pixel_mm });
            }
        }
    }
    discs
}

pub(super) fn is_soft_tissue(hu: f32) -> bool {
    (-20.0..120.0).contains(&hu)
}

/// Gives a disc's pixels and the share of each that lies within it.
pub(super) fn coverage_of(full: &Volume, disc: &Disc) -> Vec<(usize, f32)> {
    let width = full.dims[0];
    let reach = disc.radius.ceil() as usize + 1;
    let inside = |offset: f64, along: f64| offset.hypot(along) <= disc.radius;
    let fine = |pixel: usize, centre: usize, part: usize| {
        pixel as f64 - centre as f64 + (part as f64 + 0.5) / SUBDIVISIONS as f64 - 0.5
    };
    let mut pixels = Vec::new();
    for y in disc.y - reach..=disc.y + reach {
        for x in disc.x - reach..=disc.x + reach {
            let count = (0..SUBDIVISIONS * SUBDIVISIONS)
                .filter(|part| {
                    let (row, column) = (part / SUBDIVISIONS, part % SUBDIVISIONS);
                    inside(fine(y, disc.y, row), fine(x, disc.x, column))
                })
                .count();
            if count > 0 {
                pixels.push((y * width + x, count as f32 / (SUBDIVISIONS * SUBDIVISIONS) as f32));
            }
        }
    }
    pixels
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::denoise::Estimate;
    use imaging::Affine;
    use std::error::Error as StdError;

    /// Smooths; at 0 it changes nothing.
    pub(crate) struct Smoother(pub(crate) f64);

    impl Denoiser for Smoother {
        fn denoise(&self, low: &Volume) -> Result<Estimate, Box<dyn StdError + Send + Sync>> {
            let mut image = low.clone();
            if self.0 > 0.0 {
                for z in 0..low.dims[2] {
                    let smooth = gaussian(low.slice(z), low.dims[0], self.0);
                    image.slice_mut(z).copy_from_slice(&smooth);
                }
            }
            let (lower, upper) = (image.clone(), image.clone());
            Ok(Estimate { image, lower, upper, domain: 1.0, consistency: 1.0, agreement: None })
        }
    }

    fn water() -> Volume {
        Volume::new(vec![40.0; 96 * 96 * 3], [96, 96, 3], Affine::from_spacing([0.8, 0.8, 3.0])).unwrap()
    }

    fn measured(denoiser: &Smoother) -> Vec<Retention> {
        retention(&water(), denoiser, |volume| vec![3.0; volume.data.len()]).unwrap()
    }

    #[test]
    fn a_denoiser_that_changes_nothing_keeps_every_lesion() {
        let found = measured(&Smoother(0.0));
        assert_eq!(found.len(), DIAMETERS_MM.len() * CONTRASTS_HU.len());
        assert!(found.iter().all(|of| of.kept.len() >= 4 && (of.mean - 1.0).abs() < 1e-4));
    }

    #[test]
    fn a_blurring_denoiser_loses_more_of_a_small_lesion() {
        let found = measured(&Smoother(1.5));
        let of =
            |diameter: f64| found.iter().find(|of| of.diameter_mm.total_cmp(&diameter).is_eq()).unwrap().mean;
        assert!(of(3.0) < 0.7 && of(10.0) > 0.75, "{} {}", of(3.0), of(10.0));
        assert!(of(3.0) < of(5.0) && of(5.0) < of(10.0));
    }

    #[test]
    fn a_disc_covers_its_area() {
        let disc = Disc { y: 48, x: 48, radius: 6.25 };
        let area: f32 = coverage_of(&water(), &disc).iter().map(|(_, share)| share).sum();
        assert!((f64::from(area) / (std::f64::consts::PI * 6.25 * 6.25) - 1.0).abs() < 0.02, "{area}");
    }
}
