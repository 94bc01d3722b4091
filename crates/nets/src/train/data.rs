//! Subjects with simulated low-dose noise, computed once and kept.

use super::{
    Error,
    recipe::{Optimiser, Recipe},
    scans::{Kernel, Scan, variances},
};
use imaging::{
    Volume,
    physics::{Insertion, Protocol, Rays, volume_noise, volume_sigma},
};
use sha2::{Digest, Sha256};
use std::{fs, path::Path};

/// A subject of the training data: a full-dose CT in HU.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Name, as in the recipe.
    pub name: String,
    /// The CT in HU.
    pub volume: Volume,
}

/// A subject with its low-dose noise.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) name: String,
    pub(crate) volume: Volume,
    /// Noise in HU per realisation: all realisations of the first dose, then of the next.
    pub(crate) noise: Vec<Vec<f32>>,
    /// Slices that patches are centred on.
    pub(crate) training_slices: Vec<usize>,
    /// Slices kept for calibration.
    pub(crate) calibration_slices: Vec<usize>,
    /// The subject's own scan and others that it might have been.
    pub(crate) scans: Vec<Scan>,
    /// Variance in HU² that each realisation adds to the flat tissue's noise, by slice.
    added_variance: Vec<Vec<f64>>,
}

impl Prepared {
    pub(crate) fn new(
        (name, volume, noise): (String, Volume, Vec<Vec<f32>>),
        settings: &Optimiser,
        training_slices: Vec<usize>,
        calibration_slices: Vec<usize>,
    ) -> Self {
        let full = variances(&volume);
        let added = |noise: &Vec<f32>| {
            let low = variances(&low_dose(&volume, noise));
            low.into_iter().zip(&full).map(|(low, full)| (low - full).max(0.0)).collect()
        };
        let added_variance = noise.iter().map(added).collect();
        let scans = settings.zooms.iter().map(|&zoom| Scan::new(&volume, zoom, &settings.kernels)).collect();
        Self { name, volume, noise, training_slices, calibration_slices, scans, added_variance }
    }

    /// Gives the noise in HU of a slice's flat tissue under a kernel, with a realisation added that is scaled.
    pub(crate) fn input_noise(&self, kernel: &Kernel, realisation: usize, z: usize, scale: f32) -> f64 {
        (kernel.variance[z] + f64::from(scale).powi(2) * self.added_variance[realisation][z]).sqrt()
    }
}

/// Adds noise to a volume.
pub(crate) fn low_dose(volume: &Volume, noise: &[f32]) -> Volume {
    let mut low = volume.clone();
    low.data.iter_mut().zip(noise).for_each(|(value, noise)| *value += noise);
    low
}

/// Prepares a subject: measures its noise, inserts more of it (or reads it from `cache`), and divides its slices.
///
/// Where folds calibrate, every slice is trained on. Else, between the calibration slab and the training slices, the
/// recipe's neighbouring slices are left out.
pub(crate) fn prepare(
    recipe: &Recipe,
    subject: Subject,
    cache: &Path,
    progress: &mut dyn FnMut(&str, f32),
) -> Result<Prepared, Error> {
    let Subject { name, volume } = subject;
    let noise = low_dose_noise(recipe, &volume, cache, |share| progress(&name, share))?;
    let depth = volume.dims[2];
    let (training, calibration) = if recipe.calibration.folds.is_some() {
        ((0..depth).collect(), (0..depth).collect())
    } else {
        let slab = ((depth as f64 * recipe.calibration.slab).round() as usize).clamp(1, depth);
        let first = (depth - slab) / 2;
        let gap = recipe.network.slices / 2;
        let apart = |z: &usize| z + gap < first || *z >= first + slab + gap;
        ((0..depth).filter(apart).collect(), (first..first + slab).collect())
    };
    Ok(Prepared::new((name, volume, noise), &recipe.optimiser, training, calibration))
}

/// Gives low-dose noise in HU for a full-dose CT, from the cache if it is there: all realisations of the recipe's
/// first dose, then of the next.
pub fn low_dose_noise(
    recipe: &Recipe,
    volume: &Volume,
    cache: &Path,
    mut progress: impl FnMut(f32),
) -> Result<Vec<Vec<f32>>, Error> {
    let sigma_hu = volume_sigma(volume).ok_or(Error::NoTissue)?;
    let protocol = Protocol { sigma_hu, views: recipe.physics.views, rays: Rays::Parallel };
    let wanted: Vec<Insertion> = recipe
        .physics
        .doses
        .iter()
        .enumerate()
        .flat_map(|(dose, &fraction)| {
            (0..recipe.physics.realisations).map(move |realisation| Insertion {
                fraction,
                seed: recipe.seed * 1_000 + dose as u64 * 100 + realisation as u64,
            })
        })
        .collect();
    let mut hasher = Sha256::new();
    hasher.update(format!("{protocol:?} {wanted:?} {:?} {:?}", volume.dims, volume.affine));
    volume.data.iter().for_each(|value| hasher.update(value.to_le_bytes()));
    let path = cache.join(format!("noise-{}.f32", crate::hex(&hasher.finalize()[..12])));
    let voxels = volume.data.len();
    if let Ok(bytes) = fs::read(&path)
        && bytes.len() == 4 * voxels * wanted.len()
    {
        let values: Vec<f32> =
            bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        return Ok(values.chunks_exact(voxels).map(<[f32]>::to_vec).collect());
    }
    let depth = volume.dims[2] as f32;
    let noise = volume_noise(volume, protocol, &wanted, |done| progress(done as f32 / depth));
    let bytes: Vec<u8> = noise.iter().flatten().flat_map(|value| value.to_le_bytes()).collect();
    super::checkpoint::replace(&path, &bytes)?;
    Ok(noise)
}
