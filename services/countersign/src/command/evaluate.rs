//! `countersign evaluate`

use super::recipe;
use crate::cli::Evaluate;
use anyhow::{Context as _, ensure};
use evaluation::denoise::{self, Denoiser, DoseResult, Estimate, Subject};
use imaging::Volume;
use nets::train::{Recipe, SubjectSource, low_dose_noise};
use nets::{Model, Parameters};
use serde_json::json;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;

/// Measures a model on the subjects of its recipe, and prints the results as JSON.
pub(crate) fn run(command: &Evaluate) -> anyhow::Result<ExitCode> {
    let beside = command.model.join("recipe.toml");
    let recipe = recipe(command.recipe.as_deref().unwrap_or(&beside))?;
    let model = Network(Model::load(&command.model)?);
    let images = command.images.folder(&recipe.name);
    let wanted = |source: &&SubjectSource| command.subject.as_ref().is_none_or(|name| *name == source.name);
    let mut evaluations = Vec::new();
    let mut met = true;
    for source in recipe.subjects.iter().filter(wanted) {
        let doses = subject(&recipe, source, &images, &model)?;
        met &= doses.iter().flat_map(|dose| &dose.bars).all(|bar| bar.met);
        evaluations
            .push(json!({ "subject": source.name, "slices": source.evaluated_slices, "doses": doses }));
    }
    ensure!(!evaluations.is_empty(), "the recipe has no such subject");
    let description = model.0.description();
    let report = json!({
        "model": description.name,
        "version": description.version,
        "weights_sha256": description.weights_sha256,
        "evaluations": evaluations,
    });
    println!("{report:#}");
    Ok(if met { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn subject(
    recipe: &Recipe,
    source: &SubjectSource,
    images: &Path,
    model: &Network,
) -> anyhow::Result<Vec<DoseResult>> {
    let read = |file: &str| {
        let path = images.join(file);
        volume_io::read(&path).with_context(|| format!("{}: has the model's fetch-data run?", path.display()))
    };
    let full_dose = read(&source.file)?;
    let lesion = source.lesion.as_deref().map(read).transpose()?;
    let noise = low_dose_noise(recipe, &full_dose, &images.join("noise"), |_| ())?;
    let [first, end] = source.evaluated_slices;
    let case = Subject { full_dose: &full_dose, lesion: lesion.as_ref(), slices: first..end };
    let doses = recipe.physics.doses.iter().zip(noise.chunks(recipe.physics.realisations));
    doses.map(|(&fraction, noise)| Ok(denoise::run(&case, fraction, &noise[0], model)?)).collect()
}

/// A network as the evaluation wants it.
struct Network(Model);

impl Denoiser for Network {
    fn denoise(&self, low_dose: &Volume) -> Result<Estimate, Box<dyn std::error::Error + Send + Sync>> {
        let output = self.0.run(low_dose, &Parameters::default(), &mut |_| ControlFlow::Continue(()))?;
        let (domain, consistency) = (output.scores.domain, output.scores.consistency);
        Ok(Estimate { image: output.image, lower: output.lower, upper: output.upper, domain, consistency })
    }
}
