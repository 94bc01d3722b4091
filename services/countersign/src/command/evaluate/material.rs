//! A subject's images as an evaluation wants them: the evaluated slices at full dose, and their noise at each dose.

use crate::command::series;
use anyhow::Context as _;
use imaging::Volume;
use imaging::physics::{Insertion, Protocol, Rays, volume_noise, volume_sigma};
use nets::train::{Recipe, SubjectSource, low_dose_noise};
use std::path::Path;

/// A subject's evaluated slices, as volumes of their own.
pub(super) struct Material {
    /// At full dose, in HU.
    pub(super) full_dose: Volume,
    /// A lesion's mask (above 0 is inside).
    pub(super) lesion: Option<Volume>,
    /// At each dose fraction the noise in HU that a scan has more, in a few realisations.
    pub(super) noise: Vec<(f64, Vec<Vec<f32>>)>,
    /// The full dose's noise and the views, by which more noise can be made.
    pub(super) protocol: Protocol,
}

impl Material {
    /// Reads a subject's images and simulates its low doses.
    ///
    /// Who was trained on has noise for the whole volume in the cache already; who wasn't gets it for the evaluated
    /// slices alone, and in no more realisations than are `wanted`.
    pub(super) fn load(
        (recipe, wanted): (&Recipe, usize),
        source: &SubjectSource,
        images: &Path,
    ) -> anyhow::Result<Self> {
        let whole = image(images, &source.file)?;
        let full_dose = cut(&whole, source)?;
        let unseen = recipe.unseen.iter().any(|unseen| unseen.name == source.name);
        let sigma_hu = volume_sigma(if unseen { &full_dose } else { &whole });
        let sigma_hu = sigma_hu.context("there is no flat soft tissue to measure the noise in")?;
        let protocol = Protocol { sigma_hu, views: recipe.physics.views, rays: Rays::Parallel };
        let lesion = source.lesion.as_deref().map(|file| cut(&image(images, file)?, source)).transpose()?;
        let realisations = recipe.physics.realisations;
        let noise = if unseen {
            volume_noise(&full_dose, protocol, &insertions(recipe, wanted), |_| ())
        } else {
            let noise = low_dose_noise(recipe, &whole, &images.join("noise"), |_| ())?;
            let first = noise.into_iter().enumerate().filter(|(index, _)| index % realisations < wanted);
            first
                .map(|(_, noise)| Ok(cut(&whole.with_data(noise)?, source)?.data))
                .collect::<anyhow::Result<_>>()?
        };
        let by_dose = noise.chunks(wanted.min(realisations)).map(<[_]>::to_vec);
        let noise = recipe.physics.doses.iter().copied().zip(by_dose).collect();
        Ok(Self { full_dose, lesion, noise, protocol })
    }

    /// Gives the middle slice at full dose, with so many neighbours on each side.
    pub(super) fn middle(&self, neighbours: usize) -> anyhow::Result<Volume> {
        let [width, height, depth] = self.full_dose.dims;
        let first = (depth / 2).saturating_sub(neighbours);
        self.full_dose
            .crop([0, 0, first], [width, height, 2 * neighbours + 1])
            .context("the evaluated slices have no neighbours")
    }

    /// Gives the scan with a noise added.
    pub(super) fn with(&self, noise: &[f32]) -> Volume {
        let mut low = self.full_dose.clone();
        low.data.iter_mut().zip(noise).for_each(|(value, noise)| *value += noise);
        low
    }
}

/// The realisations of each dose, under the seeds that those of the training subjects have.
fn insertions(recipe: &Recipe, wanted: usize) -> Vec<Insertion> {
    let seed = |dose: usize, realisation: usize| recipe.seed * 1_000 + dose as u64 * 100 + realisation as u64;
    let of_dose = |(dose, &fraction): (usize, &f64)| {
        (0..wanted.min(recipe.physics.realisations))
            .map(move |realisation| Insertion { fraction, seed: seed(dose, realisation) })
    };
    recipe.physics.doses.iter().enumerate().flat_map(of_dose).collect()
}

fn image(images: &Path, file: &str) -> anyhow::Result<Volume> {
    let path = images.join(file);
    series(&path).with_context(|| format!("{}: has the model's fetch-data run?", path.display()))
}

fn cut(volume: &Volume, source: &SubjectSource) -> anyhow::Result<Volume> {
    let ([width, height, _], [first, end]) = (volume.dims, source.evaluated_slices);
    Ok(volume.crop([0, 0, first], [width, height, end.saturating_sub(first)])?)
}
