//! `countersign evaluate`

mod acceptance;
mod page;
mod picture;

use super::recipe;
use crate::cli::Evaluate;
use anyhow::{Context as _, ensure};
use evaluation::denoise::{self, Denoiser, DoseResult, Estimate, Retention, Subject};
use imaging::Volume;
use imaging::physics::{Insertion, Protocol, volume_noise, volume_sigma};
use nets::train::{Recipe, SubjectSource, low_dose_noise};
use nets::{Description, Model, Parameters};
use serde_json::json;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What stands around the tables in a card.
const TABLES_BEGIN: &str = "<!-- tables: countersign evaluate --write -->";
const TABLES_END: &str = "<!-- end of the tables -->";

/// One model on one subject.
struct Evaluation {
    /// The folder of the model, when it is a fold's.
    fold: Option<PathBuf>,
    subject: String,
    slices: [usize; 2],
    description: Description,
    doses: Vec<DoseResult>,
    /// What is kept of inserted lesions, by dose fraction; empty when nobody asked.
    lesions: Vec<(f64, Vec<Retention>)>,
}

/// Measures a model on the subjects of its recipe, or on a site's own images, and prints the results as JSON.
pub(crate) fn run(command: &Evaluate) -> anyhow::Result<ExitCode> {
    match &command.input {
        Some(input) => acceptance::run(command, input),
        None => reproduce(command),
    }
}

/// Measures a model on the subjects of its recipe.
fn reproduce(command: &Evaluate) -> anyhow::Result<ExitCode> {
    let beside = command.model.join("recipe.toml");
    let recipe = recipe(command.recipe.as_deref().unwrap_or(&beside))?;
    let images = command.images.folder(&recipe.name);
    let wanted = |source: &&SubjectSource| command.subject.as_ref().is_none_or(|name| *name == source.name);
    let mut evaluations = Vec::new();
    for source in recipe.subjects.iter().filter(wanted) {
        let folds = command.folds.iter().filter(|(subject, _)| *subject == source.name);
        for folder in folds.map(|(_, folder)| Some(folder)).chain([None]) {
            let model = Network(Model::load(folder.unwrap_or(&command.model))?);
            let full_dose = image(&images, &source.file)?;
            let lesions = if command.lesions {
                inserted_lesions(&recipe, source, &full_dose, &model)?
            } else {
                Vec::new()
            };
            evaluations.push(Evaluation {
                fold: folder.cloned(),
                subject: source.name.clone(),
                slices: source.evaluated_slices,
                description: model.0.description().clone(),
                doses: subject(&recipe, source, (&full_dose, &images), &model)?,
                lesions,
            });
        }
    }
    ensure!(!evaluations.is_empty(), "the recipe has no such subject");
    evaluations.sort_by_key(|evaluation| evaluation.fold.is_none());
    let report = report(&recipe, &evaluations);
    println!("{report:#}");
    if command.write {
        write(&command.model, &report, &evaluations)?;
    }
    let met = evaluations.iter().flat_map(|e| &e.doses).flat_map(|dose| &dose.bars).all(|bar| bar.met);
    Ok(if met { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn report(recipe: &Recipe, evaluations: &[Evaluation]) -> serde_json::Value {
    let evaluations: Vec<_> = evaluations
        .iter()
        .map(|Evaluation { fold, subject, slices, description, doses, lesions }| {
            json!({
                "subject": subject,
                "slices": slices,
                "trained_on": description.training_subjects,
                "never_trained_on": fold.is_some(),
                "steps": description.training_steps,
                "weights_sha256": description.weights_sha256,
                "doses": doses,
                "inserted_lesions": lesions,
            })
        })
        .collect();
    json!({ "model": recipe.name, "version": recipe.version, "evaluations": evaluations })
}

fn write(folder: &Path, report: &serde_json::Value, evaluations: &[Evaluation]) -> anyhow::Result<()> {
    std::fs::write(folder.join("metrics.json"), format!("{report:#}\n"))?;
    let path = folder.join("card.md");
    let card = std::fs::read_to_string(&path).with_context(|| format!("{} can't be read", path.display()))?;
    let parts = card.split_once(TABLES_BEGIN).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(TABLES_END)?;
        Some((before, after))
    });
    let (before, after) = parts.with_context(|| {
        format!("{} has no place for tables, between '{TABLES_BEGIN}' and '{TABLES_END}'", path.display())
    })?;
    let tables: Vec<String> = evaluations.iter().map(tables).collect();
    let tables = tables.join("\n");
    std::fs::write(&path, format!("{before}{TABLES_BEGIN}\n\n{tables}\n{TABLES_END}{after}"))?;
    Ok(())
}

fn tables(evaluation: &Evaluation) -> String {
    let mut text = denoise::markdown(&heading(evaluation), &evaluation.doses);
    for (fraction, kept) in &evaluation.lesions {
        text.push('\n');
        text.push_str(&denoise::retention_markdown(*fraction, kept));
    }
    text
}

fn heading(evaluation: &Evaluation) -> String {
    let Evaluation { fold, subject, slices, description, .. } = evaluation;
    let (steps, k) = (description.training_steps, description.calibration.subjects.len());
    let [first, end] = slices;
    let who = match fold {
        Some(_) => {
            let others = description.training_subjects.join(", ");
            format!("never trained on (a fold of {others} only, {steps} steps, k = {k})")
        }
        None => format!("final weights, which were trained on it ({steps} steps, k = {k}): no evidence"),
    };
    format!("{subject}, slices {first} to {}, {who}", end - 1)
}

fn image(images: &Path, file: &str) -> anyhow::Result<Volume> {
    let path = images.join(file);
    volume_io::read(&path).with_context(|| format!("{}: has the model's fetch-data run?", path.display()))
}

fn subject(
    recipe: &Recipe,
    source: &SubjectSource,
    (full_dose, images): (&Volume, &Path),
    model: &Network,
) -> anyhow::Result<Vec<DoseResult>> {
    let lesion = source.lesion.as_deref().map(|file| image(images, file)).transpose()?;
    let noise = low_dose_noise(recipe, full_dose, &images.join("noise"), |_| ())?;
    let [first, end] = source.evaluated_slices;
    let case = Subject { full_dose, lesion: lesion.as_ref(), slices: first..end };
    let doses = recipe.physics.doses.iter().zip(noise.chunks(recipe.physics.realisations));
    doses.map(|(&fraction, noise)| Ok(denoise::run(&case, fraction, &noise[0], model)?)).collect()
}

/// Measures what is kept of lesions in the middle one of the subject's evaluated slices, with its neighbours.
fn inserted_lesions(
    recipe: &Recipe,
    source: &SubjectSource,
    full_dose: &Volume,
    model: &Network,
) -> anyhow::Result<Vec<(f64, Vec<Retention>)>> {
    const NEIGHBOURS: usize = 2;
    let sigma_hu = volume_sigma(full_dose).context("there is no flat soft tissue to measure the noise in")?;
    let [first, end] = source.evaluated_slices;
    let [width, height, _] = full_dose.dims;
    let part = full_dose
        .crop([0, 0, first.midpoint(end) - NEIGHBOURS], [width, height, 2 * NEIGHBOURS + 1])
        .context("the evaluated slices have no neighbours")?;
    let protocol = Protocol { sigma_hu, views: recipe.physics.views };
    let doses = recipe.physics.doses.iter().map(|&fraction| {
        let insertion = Insertion { fraction, seed: recipe.seed };
        let kept = denoise::retention(&part, model, |with| {
            volume_noise(with, protocol, &[insertion], |_| ()).swap_remove(0)
        })?;
        Ok((fraction, kept))
    });
    doses.collect()
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
