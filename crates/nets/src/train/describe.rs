//! The end of training: intervals calibrated, the domain described, the model's folder written.

use super::{
    Error,
    checkpoint::{self, Position},
    data::Prepared,
    optimiser::Parameters,
    recipe::Recipe,
};
use crate::{
    calibration::{NoiseBand, Sample, SliceSamples, calibrate},
    consistency::ConsistencyReference,
    description::Description,
    domain::{DomainReference, ReferenceSlice, features},
    hex,
    predict::quantiles,
    unet::{UNet, frozen},
};
use imaging::{
    Volume,
    noise::{BODY_HU, flat_tissue_sigma},
};
use sha2::{Digest, Sha256};
use std::path::Path;

/// Slices with less body than this share say nothing of the intervals and would inflate them.
const BODY_SHARE_MIN: f64 = 0.05;
/// Every so many slices one describes the domain.
const DOMAIN_STEP: usize = 3;

/// Writes `weights.safetensors` (the moving average) and `model.toml` into a folder.
pub(super) fn publish(
    recipe: &Recipe,
    subjects: &[Prepared],
    parameters: &Parameters,
    position: &Position,
    folder: &Path,
) -> Result<(), Error> {
    let averages = parameters
        .iter()
        .map(|(name, p)| (name.clone(), (p.variable.dims().to_vec(), p.average.clone())))
        .collect();
    let network = UNet::new(&recipe.network, &frozen(&averages)?)?;
    let measured = measure(recipe, subjects, &network)?;
    let names: Vec<String> = subjects.iter().map(|subject| subject.name.clone()).collect();
    let samples = measured
        .iter()
        .filter_map(|slice| {
            let noise = flat_tissue_sigma(&slice.input, slice.width)?;
            Some(SliceSamples { noise, samples: slice.samples.clone() })
        })
        .collect();
    let settings = &recipe.calibration;
    let calibration = calibrate(samples, names.clone(), settings.miss_rate, settings.width_bins);
    let consistency = ConsistencyReference::new(
        measured.iter().map(|slice| (slice.input.as_slice(), slice.image.as_slice(), slice.width)),
    );
    let bytes = checkpoint::export(&folder.join("weights.safetensors"), parameters)?;
    let description = Description {
        name: recipe.name.clone(),
        version: recipe.version.clone(),
        task: "denoise".into(),
        modality: "CT".into(),
        family: "residual-unet".into(),
        unit: "hnsf'U".into(),
        weights_sha256: hex(&Sha256::digest(&bytes)),
        parameters: recipe.network.parameters(),
        training_steps: position.step,
        training_subjects: names,
        intended_use: recipe.intended_use.clone(),
        limits: recipe.limits.clone(),
        uncertainty_display: [0.0, display_top(&calibration.bands)],
        architecture: recipe.network.clone(),
        calibration,
        consistency,
        domain: domain(recipe, subjects),
    };
    let text = toml::to_string(&description).map_err(Error::Description)?;
    checkpoint::replace(&folder.join("model.toml"), text.as_bytes())
}

/// The half-width of the median interval in the widest bin, doubled and rounded up to tens of HU.
fn display_top(bands: &[NoiseBand]) -> f64 {
    let widths = bands.iter().flat_map(|band| band.widths.iter().zip(&band.factors));
    let widest = widths.map(|(width, factor)| width * factor).fold(0.0, f64::max);
    (widest / 10.0).ceil() * 10.0
}

/// A calibration slice at one dose.
struct Measured {
    input: Vec<f32>,
    image: Vec<f32>,
    width: usize,
    samples: Vec<Sample>,
}

fn measure(recipe: &Recipe, subjects: &[Prepared], network: &UNet) -> Result<Vec<Measured>, Error> {
    let mut measured = Vec::new();
    for subject in subjects {
        for noise in subject.noise.iter().step_by(recipe.physics.realisations) {
            let low = low_dose(&subject.volume, noise);
            for &z in &subject.calibration_slices {
                let reference = subject.volume.slice(z);
                let body = reference.iter().filter(|hu| **hu > BODY_HU).count();
                if (body as f64) < BODY_SHARE_MIN * reference.len() as f64 {
                    continue;
                }
                let found = quantiles(network, recipe.network.slices, &low, z)?;
                let samples = (0..reference.len())
                    .filter(|&i| reference[i] > BODY_HU)
                    .map(|i| Sample::new((found.lower[i], found.middle[i], found.upper[i]), reference[i]))
                    .collect();
                let (input, width) = (low.slice(z).to_vec(), low.dims[0]);
                measured.push(Measured { input, image: found.middle, width, samples });
            }
        }
    }
    Ok(measured)
}

fn low_dose(volume: &Volume, noise: &[f32]) -> Volume {
    let mut low = volume.clone();
    low.data.iter_mut().zip(noise).for_each(|(value, noise)| *value += noise);
    low
}

/// Describes all subjects at full dose and at each simulated dose.
fn domain(recipe: &Recipe, subjects: &[Prepared]) -> DomainReference {
    let mut slices = Vec::new();
    for (index, subject) in subjects.iter().enumerate() {
        let doses = subject.noise.iter().step_by(recipe.physics.realisations);
        let volumes = doses.map(|noise| low_dose(&subject.volume, noise)).chain([subject.volume.clone()]);
        for volume in volumes {
            slices.extend((0..volume.dims[2]).step_by(DOMAIN_STEP).filter_map(|z| {
                let features = features(volume.slice(z), volume.dims[0])?;
                Some(ReferenceSlice { subject: index, z, features })
            }));
        }
    }
    DomainReference::new(&slices)
}
