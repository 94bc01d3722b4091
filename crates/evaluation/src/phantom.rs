//! A phantom of water with rods, scanned at full and at low dose: what a denoiser transfers at an edge, and the noise
//! that it leaves where there is nothing but noise.
//!
//! A denoiser that isn't linear transfers a strong edge better than a faint one, so each contrast and dose has a
//! transfer function of its own.

use crate::denoise::{Denoiser, Error, Spectrum};
use imaging::{
    Affine, Volume,
    filter::gaussian,
    physics::{Insertion, Protocol, Rays, volume_noise},
    spectrum::noise_power,
    transfer::{Rod, rod_transfer},
};
use serde::{Deserialize, Serialize};

/// Pixels along each side of a slice, and their size in mm.
const SIZE: usize = 256;
const PIXEL_MM: f64 = 0.8;
/// Slices, each with noise of its own, and the thickness in mm.
const DEPTH: usize = 12;
const THICKNESS_MM: f64 = 3.0;
/// Radius of the water in mm, and its value in HU: soft tissue.
const WATER_MM: f64 = 95.0;
const WATER_HU: f32 = 40.0;
/// Radius of a rod in mm, and how far its axis is from the centre.
const ROD_MM: f64 = 12.0;
const ROD_PLACE_MM: f64 = 58.0;
/// Contrasts of the rods to the water in HU.
pub const RODS_HU: [f32; 5] = [-100.0, 20.0, 60.0, 200.0, 800.0];
/// Blur of the scanner in pixels.
const BLUR_PIXELS: f64 = 0.6;
/// Noise of the full-dose scan in HU, and views over 180°.
const SIGMA_HU: f64 = 10.0;
const VIEWS: usize = 360;
/// At half the dose as much noise is inserted as there was: this makes a full-dose scan of a phantom without any.
const FULL_DOSE: f64 = 0.5;
/// Side in pixels of the regions of noise, and how many fit in a row around the centre.
const REGION: usize = 32;
const REGIONS: usize = 2;
/// Sub-divisions of a pixel along each axis.
const PARTS: usize = 5;

/// The edges of a rod at full dose, at low dose and in the model's image: frequency in 1/mm at which half and a tenth of
/// its contrast is left; `None` where noise hides the edge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Edge {
    /// Contrast in HU.
    pub contrast_hu: f32,
    /// At full dose.
    pub full_dose: Option<[f64; 2]>,
    /// At low dose.
    pub low_dose: Option<[f64; 2]>,
    /// In the model's image.
    pub model: Option<[f64; 2]>,
    /// Share of the contrast that the middle of the rod keeps in the model's image.
    pub kept: f64,
}

/// What was found at a dose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PhantomResult {
    /// Dose fraction.
    pub fraction: f64,
    /// Each rod.
    pub edges: Vec<Edge>,
    /// Noise power at full dose.
    pub full_dose: Spectrum,
    /// Noise power at low dose.
    pub low_dose: Spectrum,
    /// Noise power in the model's image.
    pub model: Spectrum,
}

/// Measures a denoiser on the phantom at a dose.
///
/// # Errors
/// When the denoiser fails or its image has another grid.
pub fn measure(denoiser: &dyn Denoiser, fraction: f64, seed: u64) -> Result<PhantomResult, Error> {
    let ideal = phantom();
    let protocol = Protocol { sigma_hu: SIGMA_HU, views: VIEWS, rays: Rays::Parallel };
    let wanted =
        [Insertion { fraction: FULL_DOSE, seed }, Insertion { fraction, seed: seed.wrapping_add(1) }];
    let noise = volume_noise(&ideal, protocol, &wanted, |_| ());
    let with = |volume: &Volume, noise: &[f32]| {
        volume.with_data(volume.data.iter().zip(noise).map(|(value, noise)| value + noise).collect())
    };
    let full = with(&ideal, &noise[0])?;
    let low = with(&full, &noise[1])?;
    let image = denoiser.denoise(&low).map_err(Error::Denoiser)?.image;
    full.same_grid(&image)?;
    let edges = RODS_HU.iter().enumerate().map(|(index, &contrast_hu)| {
        let rod = rod(index);
        let edge = |volume: &Volume| {
            let slices: Vec<&[f32]> = (0..DEPTH).map(|z| volume.slice(z)).collect();
            let found = rod_transfer(&slices, SIZE, rod, PIXEL_MM)?;
            Some([found.half_per_mm, found.tenth_per_mm])
        };
        let kept = (middle(&image, rod) - f64::from(WATER_HU)) / f64::from(contrast_hu);
        Edge { contrast_hu, full_dose: edge(&full), low_dose: edge(&low), model: edge(&image), kept }
    });
    let edges = edges.collect();
    let power = |volume: &Volume| spectrum(volume).ok_or(Error::NoBody);
    Ok(PhantomResult {
        fraction,
        edges,
        full_dose: power(&full)?,
        low_dose: power(&low)?,
        model: power(&image)?,
    })
}

/// Gives the place of a rod: they stand in a circle.
fn rod(index: usize) -> Rod {
    let centre = (SIZE - 1) as f64 / 2.0;
    let (sin, cos) = (2.0 * std::f64::consts::PI * index as f64 / RODS_HU.len() as f64).sin_cos();
    let place = ROD_PLACE_MM / PIXEL_MM;
    Rod { x: centre + place * cos, y: centre + place * sin, radius: ROD_MM / PIXEL_MM }
}

/// Gives the phantom without noise, as a scanner's blur shows it.
fn phantom() -> Volume {
    let centre = (SIZE - 1) as f64 / 2.0;
    let rods: Vec<Rod> = (0..RODS_HU.len()).map(rod).collect();
    let value = |x: f64, y: f64| {
        let inside = |rod: &Rod| (x - rod.x).hypot(y - rod.y) < rod.radius;
        match rods.iter().position(inside) {
            Some(rod) => WATER_HU + RODS_HU[rod],
            None if (x - centre).hypot(y - centre) * PIXEL_MM < WATER_MM => WATER_HU,
            None => -1000.0,
        }
    };
    let part = |pixel: usize, part: usize| pixel as f64 + (part as f64 + 0.5) / PARTS as f64 - 0.5;
    let slice: Vec<f32> = (0..SIZE * SIZE)
        .map(|pixel| {
            let parts = (0..PARTS * PARTS)
                .map(|at| value(part(pixel % SIZE, at % PARTS), part(pixel / SIZE, at / PARTS)));
            parts.sum::<f32>() / (PARTS * PARTS) as f32
        })
        .collect();
    let affine = Affine::from_spacing([PIXEL_MM, PIXEL_MM, THICKNESS_MM]);
    Volume::new(gaussian(&slice, SIZE, BLUR_PIXELS).repeat(DEPTH), [SIZE, SIZE, DEPTH], affine)
        .expect("the slices fill their grid")
}

/// Gives the mean of the inner half of a rod over all slices.
fn middle(volume: &Volume, rod: Rod) -> f64 {
    let inner = |pixel: &usize| {
        let (x, y) = ((pixel % SIZE) as f64 - rod.x, (pixel / SIZE) as f64 - rod.y);
        x.hypot(y) < rod.radius / 2.0
    };
    let pixels: Vec<usize> = (0..SIZE * SIZE).filter(inner).collect();
    let sum: f64 =
        (0..DEPTH).flat_map(|z| pixels.iter().map(move |&pixel| f64::from(volume.slice(z)[pixel]))).sum();
    sum / (pixels.len() * DEPTH) as f64
}

/// Gives the noise power around the centre, where there is water alone.
fn spectrum(volume: &Volume) -> Option<Spectrum> {
    let first = (SIZE - REGION * REGIONS) / 2;
    let regions: Vec<Vec<f32>> = (0..DEPTH)
        .flat_map(|z| (0..REGIONS * REGIONS).map(move |at| (z, at)))
        .map(|(z, at)| {
            let (x, y) = (first + at % REGIONS * REGION, first + at / REGIONS * REGION);
            (y..y + REGION).flat_map(|row| &volume.slice(z)[row * SIZE + x..][..REGION]).copied().collect()
        })
        .collect();
    noise_power(&regions, REGION, PIXEL_MM).map(|found| Spectrum::from(&found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::denoise::retention::tests::Smoother;

    #[test]
    fn the_rods_stand_apart_in_the_water_and_have_their_contrast() {
        let ideal = phantom();
        for (index, &contrast) in RODS_HU.iter().enumerate() {
            let found = middle(&ideal, rod(index));
            assert!((found - f64::from(WATER_HU + contrast)).abs() < 0.1, "{index}: {found}");
        }
        assert!(
            ROD_PLACE_MM - ROD_MM > (REGION * REGIONS) as f64 / 2.0 * PIXEL_MM * 1.42,
            "no rod in the noise"
        );
    }

    /// The blur of 0.6 pixels and the pixel's own, 1/12, leave a half at √(ln 2/2)/(πσ).
    #[test]
    fn what_changes_nothing_transfers_what_the_scanner_does_and_a_blur_less() {
        let (kept, blurred) =
            (measure(&Smoother(0.0), 0.25, 1).unwrap(), measure(&Smoother(1.5), 0.25, 1).unwrap());
        let half = |sigma: f64| (2.0_f64.ln() / 2.0).sqrt() / (std::f64::consts::PI * sigma) / PIXEL_MM;
        let strongest = |found: &PhantomResult| found.edges[4].model.unwrap()[0];
        let scanner = half((0.36_f64 + 1.0 / 12.0).sqrt());
        assert!((strongest(&kept) / scanner - 1.0).abs() < 0.08, "{} {scanner}", strongest(&kept));
        let both = half((0.36_f64 + 2.25 + 1.0 / 12.0).sqrt());
        assert!((strongest(&blurred) / both - 1.0).abs() < 0.08, "{} {both}", strongest(&blurred));
        assert_eq!(kept.edges[4].low_dose, kept.edges[4].model);
        assert!((kept.edges[3].kept - 1.0).abs() < 0.02, "{}", kept.edges[3].kept);
    }

    /// At a quarter of the dose there is twice the noise.
    #[test]
    fn the_noise_is_that_of_the_dose_and_less_where_it_was_smoothed() {
        let found = measure(&Smoother(1.5), 0.25, 2).unwrap();
        let ratio = found.low_dose.sigma_hu / found.full_dose.sigma_hu;
        assert!((ratio - 2.0).abs() < 0.15, "{ratio}");
        assert!(found.model.sigma_hu < 0.4 * found.low_dose.sigma_hu);
        assert!(found.model.mean_per_mm < 0.7 * found.low_dose.mean_per_mm);
    }
}
