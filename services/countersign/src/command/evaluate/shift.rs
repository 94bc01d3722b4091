//! `countersign evaluate --site-shift`: where the model must not be used.

use super::{Material, Network, wanted};
use crate::cli::Evaluate;
use crate::command::series;
use anyhow::{Context as _, ensure};
use evaluation::denoise::{Shift, Shifted, refused, shifted};
use imaging::Volume;
use imaging::physics::{Insertion, Protocol, Rays, volume_noise};
use nets::train::Recipe;

/// Slices in the middle of a subject's evaluated ones that are looked at.
const SLICES: usize = 4;

/// Views of the fan-beam scanner over 360°.
const FAN_VIEWS: usize = 984;

/// Measures the model under each shift on each unseen subject, and on what it isn't for.
pub(super) fn benchmark(command: &Evaluate, recipe: &Recipe) -> anyhow::Result<Vec<Shifted>> {
    let model = Network::load(&command.model, command)?;
    let images = command.images.folder(&recipe.name);
    let mut found = Vec::new();
    for source in wanted(command, recipe).filter(|source| recipe.unseen.contains(source)) {
        let mut part = source.clone();
        let [first, end] = source.evaluated_slices;
        let middle = (end - first).saturating_sub(SLICES) / 2;
        part.evaluated_slices = [first + middle, (first + middle + SLICES).min(end)];
        let material = Material::load((recipe, 1), &part, &images)?;
        let (fraction, noise) = material.noise.first().context("the recipe has no dose")?;
        for shift in Shift::ALL {
            let outcome = shifted(&material.full_dose, &noise[0], (shift, *fraction), &model)?;
            found.push(Shifted { condition: format!("{}: {shift}", source.name), outcome });
        }
        let fan = Protocol { rays: Rays::Fan, views: FAN_VIEWS, ..material.protocol };
        let insertion = Insertion { fraction: *fraction, seed: recipe.seed };
        let noise = volume_noise(&material.full_dose, fan, &[insertion], |_| ()).swap_remove(0);
        let outcome = shifted(&material.full_dose, &noise, (Shift::Nothing, *fraction), &model)?;
        found.push(Shifted { condition: format!("{}: noise of a fan-beam scanner", source.name), outcome });
    }
    ensure!(!found.is_empty(), "the recipe names nobody unseen of that name");
    for source in &recipe.negatives {
        let scan: Volume = series(&images.join(&source.file)).context("has the model's fetch-data run?")?;
        let outcome = refused(&scan, &model);
        found.push(Shifted { condition: format!("{}: {}", source.name, source.description), outcome });
    }
    Ok(found)
}
