//! The end of training: intervals calibrated, the domain described, the model's folder written.

use super::{
    Error,
    checkpoint::{self, Position},
    data::{Prepared, low_dose},
    optimiser::Parameters,
    recipe::Recipe,
};
use crate::{
    agreement::AgreementReference,
    calibration::{Found, IntervalFactors, NoisySlice, Promise, Sample, calibrate_by_noise},
    consistency::ConsistencyReference,
    description::Description,
    domain::{DomainReference, ReferenceSlice, features},
    family::{Design, Network},
    guide::{Guide, slices_min},
    hex,
    model::Model,
    predict::quantiles,
    unet::frozen,
};
use imaging::{
    Volume,
    filter::gaussian,
    noise::{BODY_HU, FlatTissue},
};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::{borrow::Cow, path::Path};

/// Slices with less body than this share say nothing of the intervals and would inflate them.
const BODY_SHARE_MIN: f64 = 0.05;
/// Every so many pixels one calibrates: neighbours tell the same. Coprime with the widths of CTs.
const PIXEL_STEP: usize = 5;
/// Every so many slices one is looked at under another kernel, and one describes the domain: neighbours tell the same.
const SLICE_STEP: usize = 3;

/// Writes `weights.safetensors` (the moving average) and `model.toml` into a folder.
///
/// `folds` are the networks that calibrate, a subject each; without any the trained network calibrates itself.
pub(super) fn publish(
    (recipe, design): (&Recipe, &Design),
    (subjects, folds): (&[Prepared], &[Network]),
    parameters: &Parameters,
    position: &Position,
    folder: &Path,
) -> Result<(), Error> {
    let averages = parameters
        .iter()
        .map(|(name, p)| (name.clone(), (p.variable.dims().to_vec(), p.average.clone())))
        .collect();
    let network = design.build(&frozen(&averages)?)?;
    let measured = subjects
        .iter()
        .enumerate()
        .map(|(index, subject)| measure(recipe, subject, folds.get(index).unwrap_or(&network)))
        .collect::<Result<Vec<_>, _>>()?;
    let names: Vec<String> = subjects.iter().map(|subject| subject.name.clone()).collect();
    let calibration = factors(recipe, &measured, names.clone());
    let consistency = ConsistencyReference::new(
        images(&measured).map(|slice| (slice.input.as_slice(), slice.image.as_slice(), slice.width)),
    );
    let noise = usual_noise(&measured);
    let bytes = checkpoint::export(&folder.join("weights.safetensors"), parameters)?;
    let description = Description {
        name: recipe.name.clone(),
        version: recipe.version.clone(),
        task: "denoise".into(),
        modality: "CT".into(),
        family: recipe.family.name().into(),
        slices_min: slices_min(recipe.network.slices),
        unit: "hnsf'U".into(),
        weights_sha256: hex(&Sha256::digest(&bytes)),
        parameters: design.parameters(),
        training_steps: position.step,
        training_subjects: names,
        intended_use: recipe.intended_use.clone(),
        limits: recipe.limits.clone(),
        uncertainty_display: [0.0, display_top(&calibration, noise)],
        architecture: recipe.network.clone(),
        cold: recipe.cold.clone(),
        ensemble: recipe.ensemble,
        anchor: recipe.anchor,
        calibration,
        consistency,
        agreement: agreement(&measured),
        domain: domain(recipe, subjects, &network)?,
    };
    let text = toml::to_string(&description).map_err(Error::Description)?;
    checkpoint::replace(&folder.join("model.toml"), text.as_bytes())
}

/// Loads the networks that have never seen a subject, in the order of the subjects; none where the recipe names no
/// folds.
pub(super) fn folds(recipe: &Recipe, subjects: &[Prepared], folder: &Path) -> Result<Vec<Network>, Error> {
    let Some(folds) = &recipe.calibration.folds else { return Ok(Vec::new()) };
    subjects
        .iter()
        .map(|subject| fold(recipe, &subject.name, &folder.join(folds).join(&subject.name)))
        .collect()
}

fn fold(recipe: &Recipe, subject: &str, folder: &Path) -> Result<Network, Error> {
    let model = Model::load(folder)
        .map_err(|source| Error::Fold { subject: subject.to_owned(), source: Box::new(source) })?;
    let description = model.description();
    let seen = description.training_subjects.iter().any(|name| name == subject);
    let other = |source| Error::Fold { subject: subject.to_owned(), source: Box::new(source) };
    let same = description.family == recipe.family.name();
    if seen || !same || description.design().map_err(other)? != recipe.design()? {
        return Err(Error::OtherFold(subject.to_owned()));
    }
    Ok(model.into_network())
}

/// Finds the factors of the intervals from the calibration slices of each subject.
fn factors(recipe: &Recipe, measured: &[Vec<Measured>], subjects: Vec<String>) -> IntervalFactors {
    let settings = &recipe.calibration;
    let kernels: Vec<Vec<Vec<NoisySlice<'_>>>> = (0..smoothings(recipe).count())
        .map(|kernel| measured.iter().map(|slices| under_kernel(slices, kernel)).collect())
        .collect();
    let Found { correlations, noises, widths, factors } =
        calibrate_by_noise(&kernels, settings.miss_rate, (settings.noise_bands, settings.width_bins));
    let across_subjects = settings.folds.is_some();
    IntervalFactors {
        promise: Promise::of(subjects.len(), across_subjects, settings.miss_rate),
        subjects,
        slices: measured.iter().map(Vec::len).sum(),
        miss_rate: settings.miss_rate,
        across_subjects,
        correlations,
        noises,
        widths,
        factors,
    }
}

fn under_kernel(slices: &[Measured], kernel: usize) -> Vec<NoisySlice<'_>> {
    let of_kernel = slices.iter().filter(|slice| slice.kernel == kernel);
    of_kernel.map(|slice| NoisySlice { noise: slice.noise, samples: &slice.samples }).collect()
}

fn images(measured: &[Vec<Measured>]) -> impl Iterator<Item = &Images> + Clone {
    measured.iter().flatten().filter_map(|slice| slice.images.as_ref())
}

/// What is usual in the spread of the images that the networks draw; `None` where they give one image.
fn agreement(measured: &[Vec<Measured>]) -> Option<AgreementReference> {
    let drawn = images(measured).any(|slice| slice.spread.is_some());
    let with_spread = images(measured)
        .filter_map(|slice| Some((slice.spread.as_deref()?, slice.image.as_slice(), slice.width)));
    drawn.then(|| AgreementReference::new(with_spread))
}

/// The largest noise of a slice in HU, of the subject in the middle: one noisy scan is not to dim the maps of all others.
fn usual_noise(measured: &[Vec<Measured>]) -> f64 {
    let largest = |slices: &Vec<Measured>| slices.iter().map(|slice| slice.noise.sigma).fold(0.0, f64::max);
    let mut noises: Vec<f64> = measured.iter().map(largest).collect();
    noises.sort_by(f64::total_cmp);
    noises.get(noises.len().saturating_sub(1) / 2).copied().unwrap_or(0.0)
}

/// The half-width of the median interval in the widest bin at a noise under the sharpest kernel, rounded up to tens of HU.
fn display_top(calibration: &IntervalFactors, noise: f64) -> f64 {
    let cells = calibration.widths.len() / calibration.correlations.len().max(1);
    // Smoother kernels have wider intervals, and would dim the maps of all others.
    let bins = calibration.widths.iter().zip(&calibration.factors).take(cells);
    let half_widths = bins.map(|(width, factor)| width * factor / 2.0);
    (half_widths.fold(0.0, f64::max) * noise / 10.0).ceil() * 10.0
}

/// A calibration slice at one dose, under one kernel.
struct Measured {
    /// Which of [`smoothings`].
    kernel: usize,
    /// Under the kernel that it was scanned with.
    images: Option<Images>,
    /// Noise of the input.
    noise: FlatTissue,
    samples: Vec<Sample>,
}

/// What went into a network and what it made of it.
struct Images {
    input: Vec<f32>,
    image: Vec<f32>,
    /// Of the drawn images, in units of the noise.
    spread: Option<Vec<f32>>,
    width: usize,
}

/// Measures a network on the calibration slices of a subject, at each dose and under each kernel.
fn measure(recipe: &Recipe, subject: &Prepared, network: &Network) -> Result<Vec<Measured>, Error> {
    let settings = (recipe.network.slices, recipe.anchor);
    let mut measured = Vec::new();
    for noise in subject.noise.iter().step_by(recipe.physics.realisations) {
        let low = low_dose(&subject.volume, noise);
        for (kernel, smoothing) in smoothings(recipe).enumerate() {
            let (low, full) = (smoothed(&low, smoothing), smoothed(&subject.volume, smoothing));
            let mut guide = Guide::new(&low);
            for &z in subject.calibration_slices.iter().step_by(step(smoothing)) {
                let reference = full.slice(z);
                let body = reference.iter().filter(|hu| **hu > BODY_HU).count();
                if (body as f64) < BODY_SHARE_MIN * reference.len() as f64 {
                    continue;
                }
                let found = quantiles(network, settings, &mut guide, (z, recipe.seed))?;
                let noise = guide.noise(z);
                let heads = |i: usize| (found.lower[i], found.middle[i], found.upper[i]);
                let pixels = (0..reference.len()).step_by(PIXEL_STEP).filter(|&i| reference[i] > BODY_HU);
                let samples = pixels.map(|i| Sample::new(noise.sigma, heads(i), reference[i])).collect();
                let images = smoothing.is_none().then(|| Images {
                    input: low.slice(z).to_vec(),
                    image: found.middle,
                    spread: found.spread,
                    width: low.dims[0],
                });
                measured.push(Measured { kernel, images, noise, samples });
            }
        }
    }
    Ok(measured)
}

/// The kernels that are looked at: that of the scan, then the smoother ones.
fn smoothings(recipe: &Recipe) -> impl Iterator<Item = Option<f64>> {
    std::iter::once(None).chain(recipe.calibration.smoothings.iter().copied().map(Some))
}

fn step(smoothing: Option<f64>) -> usize {
    if smoothing.is_some() { SLICE_STEP } else { 1 }
}

/// Gives a scan under a smoother kernel.
fn smoothed(volume: &Volume, pixels: Option<f64>) -> Cow<'_, Volume> {
    let Some(pixels) = pixels else { return Cow::Borrowed(volume) };
    let mut smooth = volume.clone();
    let width = volume.dims[0];
    let slices = smooth.data.par_chunks_exact_mut(width * volume.dims[1]);
    slices.for_each(|slice| slice.copy_from_slice(&gaussian(slice, width, pixels)));
    Cow::Owned(smooth)
}

/// Describes all subjects at full dose and at each simulated dose.
fn domain(recipe: &Recipe, subjects: &[Prepared], network: &Network) -> Result<DomainReference, Error> {
    let settings = (recipe.network.slices, recipe.anchor);
    let mut slices = Vec::new();
    for (index, subject) in subjects.iter().enumerate() {
        let doses = subject.noise.iter().step_by(recipe.physics.realisations);
        let scans = doses.map(|noise| low_dose(&subject.volume, noise)).chain([subject.volume.clone()]);
        for (scan, volume) in scans.enumerate() {
            let mut guide = Guide::new(&volume);
            for z in (0..volume.dims[2]).step_by(SLICE_STEP) {
                let found = quantiles(network, settings, &mut guide, (z, recipe.seed))?;
                if let Some(features) = features(&volume, z, &found.backbone) {
                    let place_mm = z as f64 * volume.affine.spacing()[2];
                    slices.push(ReferenceSlice { subject: index, scan, place_mm, features });
                }
            }
        }
    }
    Ok(DomainReference::new(&slices))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_display_spans_the_intervals_under_the_sharpest_kernel() {
        let calibration = |correlations: &[f64], widths: &[f64]| IntervalFactors {
            subjects: Vec::new(),
            slices: 0,
            miss_rate: 0.1,
            across_subjects: true,
            promise: Promise::default(),
            correlations: correlations.to_vec(),
            noises: Vec::new(),
            widths: widths.to_vec(),
            factors: vec![1.5; widths.len()],
        };
        // 2 times 1.5 times 20 HU on both sides.
        let top = display_top(&calibration(&[], &[1.0, 2.0]), 20.0);
        assert!((top - 30.0).abs() < 1e-9, "{top}");
        let top = display_top(&calibration(&[0.5, 0.8], &[1.0, 2.0, 9.0, 9.0]), 20.0);
        assert!((top - 30.0).abs() < 1e-9, "{top}");
    }

    #[test]
    fn the_usual_noise_is_that_of_the_subject_in_the_middle() {
        let subject = |noises: &[f64]| -> Vec<Measured> {
            let slice = |&sigma| Measured {
                kernel: 0,
                images: None,
                noise: FlatTissue { sigma, correlation: 0.0 },
                samples: vec![],
            };
            noises.iter().map(slice).collect()
        };
        let usual =
            |subjects: &[&[f64]]| usual_noise(&subjects.iter().map(|of| subject(of)).collect::<Vec<_>>());
        assert!((usual(&[&[5.0, 8.0], &[90.0], &[12.0, 3.0]]) - 12.0).abs() < 1e-9);
        // Of two in the middle the quieter one.
        assert!((usual(&[&[5.0], &[90.0], &[12.0], &[20.0]]) - 12.0).abs() < 1e-9);
        assert!(usual(&[]).abs() < 1e-9);
    }
}
