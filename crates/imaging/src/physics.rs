//! Low-dose CT: noise inserted into a full-dose slice in the projection domain.
//!
//! Not modelled: bow-tie filter, beam hardening, scatter, helical geometry, the scanner's own kernel.

use crate::{
    Volume,
    noise::{body_mask, flat_tissue_sigma},
    projection::{Beam, FanBeam, Grid, ParallelBeam},
};
use rand::{SeedableRng, rngs::ChaCha8Rng};
use rand_distr::{Distribution, StandardNormal};

/// Attenuation of water in 1/mm at 70 keV.
pub const MU_WATER: f64 = 0.0192;

/// Variance of a detector reading's electronic noise, in quanta squared (Zeng 2015, IEEE TNS 62:2226).
pub const ELECTRONIC_VARIANCE: f64 = 10.0;

/// Gives the attenuation per mm of a slice in HU; below air there is none.
pub fn attenuation(slice_hu: &[f32]) -> Vec<f32> {
    slice_hu.iter().map(|&hu| (MU_WATER as f32 * (1.0 + hu / 1000.0)).max(0.0)).collect()
}

/// A full-dose slice's projections, ready to have noise inserted.
#[derive(Debug, Clone)]
pub struct Exposure {
    beam: Beam,
    projections: Vec<f32>,
}

/// How many quanta fall on each detector bin at full dose, and the share of them that a low-dose scan uses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dose {
    /// Quanta per bin at full dose, before the patient.
    pub quanta: f64,
    /// Dose fraction, between 0 and 1.
    pub fraction: f64,
}

impl Exposure {
    /// Projects a slice in HU.
    pub fn new(beam: Beam, slice_hu: &[f32]) -> Self {
        Self { beam, projections: beam.project(&attenuation(slice_hu)) }
    }

    /// Gives the noise in HU that a scan at a fraction of the dose has more than the full-dose scan.
    ///
    /// Only the noise is reconstructed and the anatomy never resampled: low dose = full dose + this.
    ///
    /// # Source
    /// Yu 2012, J Comput Assist Tomogr 36:477, with the electronic noise term.
    pub fn inserted_noise(&self, dose: Dose, seed: u64) -> Vec<f32> {
        let a = dose.fraction;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let noise: Vec<f32> = self
            .projections
            .iter()
            .map(|&p| {
                let relative = f64::from(p).exp() / dose.quanta;
                let electronic = 1.0 + (1.0 + a) / a * ELECTRONIC_VARIANCE * relative;
                let sigma = ((1.0 - a) / a * relative * electronic).sqrt();
                let x: f64 = StandardNormal.sample(&mut rng);
                (sigma * x) as f32
            })
            .collect();
        self.reconstruct_hu(&noise)
    }

    /// Gives the noise in HU of the full-dose scan itself: for tests and phantoms, where the slice has none.
    pub fn quantum_noise(&self, quanta: f64, seed: u64) -> Vec<f32> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let noise: Vec<f32> = self
            .projections
            .iter()
            .map(|&p| {
                let relative = f64::from(p).exp() / quanta;
                let x: f64 = StandardNormal.sample(&mut rng);
                ((relative * (1.0 + ELECTRONIC_VARIANCE * relative)).sqrt() * x) as f32
            })
            .collect();
        self.reconstruct_hu(&noise)
    }

    fn reconstruct_hu(&self, projections: &[f32]) -> Vec<f32> {
        let mut slice = self.beam.reconstruct(projections);
        for value in &mut slice {
            *value *= (1000.0 / MU_WATER) as f32;
        }
        slice
    }
}

/// Corrects `quanta` per bin so that the inserted noise has a wanted standard deviation within `mask`.
///
/// The electronic term isn't linear in the quanta, so a far guess wants a second correction. One slice at a time, as
/// tube-current modulation does: with one number for a whole body the shoulders get twice the noise of the mid chest.
pub fn quanta_for_sigma(
    exposure: &Exposure,
    mask: &[bool],
    fraction: f64,
    sigma_hu: f64,
    quanta: f64,
) -> f64 {
    const TRIAL_SEED: u64 = 0x5EED;
    let noise = exposure.inserted_noise(Dose { quanta, fraction }, TRIAL_SEED);
    let (sum, count) = noise
        .iter()
        .zip(mask)
        .filter(|(_, inside)| **inside)
        .fold((0.0, 0_usize), |(sum, count), (&value, _)| (sum + f64::from(value).powi(2), count + 1));
    let variance = sum / count.max(1) as f64;
    (quanta * variance / sigma_hu.powi(2)).clamp(1e3, 1e8)
}

/// A simulated low-dose protocol: the noise of the full-dose scan, and how finely it is scanned.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Protocol {
    /// Standard deviation of the full-dose scan's noise in HU; at a fraction a of the dose the body gets
    /// √(1/a − 1) of it in addition.
    pub sigma_hu: f64,
    /// Number of views: over 180° of parallel beams, over 360° of a fan.
    pub views: usize,
    /// How the rays lie.
    pub rays: Rays,
}

/// How the rays of a scanner lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rays {
    /// Beside each other.
    Parallel,
    /// From one source.
    Fan,
}

impl Protocol {
    fn beam(self, grid: Grid) -> Beam {
        let Grid { width, height, pixel_mm } = grid;
        match self.rays {
            Rays::Parallel => Beam::Parallel(ParallelBeam { width, height, pixel_mm, views: self.views }),
            Rays::Fan => Beam::Fan(FanBeam::new(grid, self.views)),
        }
    }
}

/// One noise realisation of a whole volume.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Insertion {
    /// Dose fraction, between 0 and 1.
    pub fraction: f64,
    /// Seed of the realisation.
    pub seed: u64,
}

/// Gives, for each wanted insertion, the noise in HU to add to a full-dose CT volume, x fastest.
///
/// The quanta are chosen slice by slice ([`quanta_for_sigma`]); `progress` is told how many slices are done.
pub fn volume_noise(
    volume: &Volume,
    protocol: Protocol,
    wanted: &[Insertion],
    mut progress: impl FnMut(usize),
) -> Vec<Vec<f32>> {
    const FRACTION: f64 = 0.25;
    let added = protocol.sigma_hu * (1.0 / FRACTION - 1.0_f64).sqrt();
    let [width, height, depth] = volume.dims;
    let beam = protocol.beam(Grid { width, height, pixel_mm: volume.affine.spacing()[0] });
    let mut noise = vec![Vec::with_capacity(volume.data.len()); wanted.len()];
    let (mut quanta, mut found) = (1e5, false);
    for z in 0..depth {
        let slice = volume.slice(z);
        let exposure = Exposure::new(beam, slice);
        let body = body_mask(slice);
        // A slice with almost no body says nothing about the tube current: it keeps its neighbour's.
        if body.iter().filter(|inside| **inside).count() * 50 > body.len() {
            // From slice to slice little changes; only the first guess is far.
            for _ in 0..if found { 1 } else { 3 } {
                quanta = quanta_for_sigma(&exposure, &body, FRACTION, added, quanta);
            }
            found = true;
        }
        for (insertion, noise) in wanted.iter().zip(&mut noise) {
            let seed = insertion.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(z as u64);
            noise.extend(exposure.inserted_noise(Dose { quanta, fraction: insertion.fraction }, seed));
        }
        progress(z + 1);
    }
    noise
}

/// Gives the noise of a CT volume's flat soft tissue in HU: the median of its slices, or `None` without tissue.
pub fn volume_sigma(volume: &Volume) -> Option<f64> {
    let mut sigmas: Vec<f64> =
        (0..volume.dims[2]).filter_map(|z| flat_tissue_sigma(volume.slice(z), volume.dims[0])).collect();
    sigmas.sort_by(f64::total_cmp);
    sigmas.get(sigmas.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: usize = 256;

    fn parallel() -> Beam {
        Beam::Parallel(ParallelBeam { width: SIZE, height: SIZE, pixel_mm: 1.0, views: 720 })
    }

    fn water_disc(beam: Beam) -> Exposure {
        let centre = (SIZE - 1) as f64 / 2.0;
        let slice: Vec<f32> = (0..SIZE * SIZE)
            .map(|i| {
                let (x, y) = ((i % SIZE) as f64 - centre, (i / SIZE) as f64 - centre);
                if x.hypot(y) < 100.0 { 0.0 } else { -1000.0 }
            })
            .collect();
        Exposure::new(beam, &slice)
    }

    fn sigma_at_centre(noise: &[f32]) -> f64 {
        let values: Vec<f64> = (98..158)
            .flat_map(|y| noise[y * SIZE + 98..y * SIZE + 158].iter())
            .map(|&value| f64::from(value))
            .collect();
        (values.iter().map(|value| value * value).sum::<f64>() / values.len() as f64).sqrt()
    }

    /// The numbers are those of a direct Poisson simulation of the 20 cm disc at 1e5 quanta with scikit-image's
    /// `radon` and `iradon(filter_name="hann")`, 720 views.
    #[test]
    fn inserted_noise_adds_up_to_the_noise_of_a_direct_low_dose_scan() {
        let exposure = water_disc(parallel());
        let full = sigma_at_centre(&exposure.quantum_noise(1e5, 1));
        assert!((full - 9.2).abs() < 0.6, "full dose {full}");
        for (fraction, direct) in [(0.5, 13.4), (0.25, 18.4), (0.1, 31.7)] {
            let added = sigma_at_centre(&exposure.inserted_noise(Dose { quanta: 1e5, fraction }, 2));
            let total = full.hypot(added);
            assert!((total / direct - 1.0).abs() < 0.08, "{fraction}: {total} for {direct}");
        }
    }

    /// What a fan sees of the disc's middle is what parallel rays see: as many quanta fall on a bin of it there.
    #[test]
    fn a_fan_gives_the_middle_as_much_noise_for_twice_the_views() {
        let fan = Beam::Fan(FanBeam::new(Grid { width: SIZE, height: SIZE, pixel_mm: 1.0 }, 1440));
        let full = sigma_at_centre(&water_disc(fan).quantum_noise(2e5, 1));
        let of_parallel = sigma_at_centre(&water_disc(parallel()).quantum_noise(4e5, 1));
        assert!((full / of_parallel - 1.0).abs() < 0.08, "{full} and {of_parallel}");
    }

    #[test]
    fn quanta_are_chosen_for_the_wanted_noise() {
        let exposure = water_disc(parallel());
        let mask = vec![true; SIZE * SIZE];
        let first = quanta_for_sigma(&exposure, &mask, 0.25, 20.0, 1e5);
        let quanta = quanta_for_sigma(&exposure, &mask, 0.25, 20.0, first);
        let noise = exposure.inserted_noise(Dose { quanta, fraction: 0.25 }, 7);
        let sigma = (noise.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>() / noise.len() as f64).sqrt();
        assert!((sigma / 20.0 - 1.0).abs() < 0.03, "{sigma}");
    }

    #[test]
    fn the_same_seed_gives_the_same_noise() {
        let beam = Beam::Parallel(ParallelBeam { width: 32, height: 32, pixel_mm: 1.0, views: 40 });
        let exposure = Exposure::new(beam, &vec![0.0; 32 * 32]);
        let dose = Dose { quanta: 1e4, fraction: 0.25 };
        assert_eq!(exposure.inserted_noise(dose, 3), exposure.inserted_noise(dose, 3));
        assert_ne!(exposure.inserted_noise(dose, 3), exposure.inserted_noise(dose, 4));
    }
}
