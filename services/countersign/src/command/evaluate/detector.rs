//! What a run tells of the consistency of its image, as the tamper suite judges it.

use super::{Material, Network};
use evaluation::denoise::{self, Denoiser as _, Detected, Detector, Images};
use imaging::Volume;
use nets::ConsistencyReference;

/// The size of the largest cluster in the smoothed difference; the largest value of the widely smoothed one; and 1 less the
/// score that a run of one slice makes of both, which calibration slices can tell in steps only.
struct Consistency(ConsistencyReference);

impl Detector for Consistency {
    fn names(&self) -> &[&'static str] {
        &["largest cluster", "wide structure", "run-time consistency score"]
    }

    fn judge(&self, input: &[f32], image: &[f32], width: usize) -> Vec<f64> {
        let structure = self.0.structure(input, image, width);
        vec![structure.cluster as f64, structure.wide, 1.0 - self.0.score(structure, 1)]
    }
}

/// Runs the tamper suite at each dose; `images` holds the model's image at each.
///
/// # Errors
/// When the model fails on another realisation of the noise.
pub(super) fn suite(
    material: &Material,
    images: &[Volume],
    model: &Network,
) -> anyhow::Result<Vec<(f64, Vec<Detected>)>> {
    let detector = Consistency(model.model.description().consistency.clone());
    let doses = material.noise.iter().zip(images).map(|((fraction, noise), image)| {
        let other = model.denoise(&material.with(&noise[1])).map_err(anyhow::Error::from_boxed)?.image;
        let input = material.with(&noise[0]);
        let images = Images { full_dose: &material.full_dose, input: &input, image, other: &other };
        Ok((*fraction, denoise::tamper(images, &detector)?))
    });
    doses.collect()
}
