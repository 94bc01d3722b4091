//! The Hallucination Index on the middle slices of a subject, over realisations of the noise of their own.

use super::{Material, Network};
use evaluation::denoise::{Denoiser as _, Hallucination, Realisations, hallucination};
use imaging::Volume;
use imaging::physics::{Insertion, volume_noise};
use nets::train::Recipe;

/// Realisations of the noise.
const REALISATIONS: usize = 6;
/// Slices that are judged on each side of the middle one, and those beyond them that the model sees.
const REACH: usize = 1;
const NEIGHBOURS: usize = 2;
/// The first of their seeds: no training and no other measure has noise of these.
const SEED: u64 = 50;

/// Measures the index at each dose at which it can be told.
///
/// # Errors
/// When there are too few slices, or the model fails.
pub(super) fn measure(
    recipe: &Recipe,
    material: &Material,
    model: &Network,
) -> anyhow::Result<Vec<(f64, Hallucination)>> {
    let part = material.middle(REACH + NEIGHBOURS)?;
    let mut found = Vec::new();
    for (dose, &fraction) in recipe.physics.doses.iter().enumerate() {
        let seed = |realisation: usize| recipe.seed * 1_000 + dose as u64 * 100 + SEED + realisation as u64;
        let wanted: Vec<Insertion> =
            (0..REALISATIONS).map(|realisation| Insertion { fraction, seed: seed(realisation) }).collect();
        let (mut inputs, mut images): (Vec<Volume>, Vec<Volume>) = (Vec::new(), Vec::new());
        for noise in volume_noise(&part, material.protocol, &wanted, |_| ()) {
            let noisy = part.data.iter().zip(&noise).map(|(value, noise)| value + noise).collect();
            let input = part.with_data(noisy)?;
            images.push(model.denoise(&input).map_err(anyhow::Error::from_boxed)?.image);
            inputs.push(input);
        }
        let slices = NEIGHBOURS..part.dims[2] - NEIGHBOURS;
        let of = Realisations { full_dose: &part, inputs: &inputs, images: &images, slices };
        found.extend(hallucination(&of)?.map(|index| (fraction, index)));
    }
    Ok(found)
}
