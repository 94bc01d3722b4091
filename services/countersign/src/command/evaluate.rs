//! `countersign evaluate`

mod acceptance;
mod card;
mod detector;
mod features;
mod material;
mod page;
mod picture;
mod realisations;
mod shift;
mod spectrum;

use super::recipe;
use crate::cli::Evaluate;
use anyhow::ensure;
use card::{Found, Metrics};
use evaluation::denoise::{self, Denoiser, Detected, DoseResult, Estimate, Hallucination, Pair, Retention};
use imaging::Volume;
use imaging::physics::{Insertion, volume_noise};
use material::Material;
use nets::train::{Recipe, SubjectSource};
use nets::{Anchor, Description, Model, Parameters};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;

/// One model on one subject.
struct Evaluation {
    /// Whether the model was trained or calibrated on the subject.
    seen: bool,
    subject: String,
    slices: [usize; 2],
    texture_percent: u8,
    /// The anchor's width in pixels where it isn't the model's own, 0 for none.
    anchor_pixels: Option<f64>,
    description: Description,
    doses: Vec<DoseResult>,
    /// What is kept of inserted lesions, by dose fraction; empty when nobody asked.
    lesions: Vec<(f64, Vec<Retention>)>,
    /// How well tampering is told, by dose fraction; empty when nobody asked.
    tampering: Vec<(f64, Vec<Detected>)>,
    /// The Hallucination Index, by dose fraction; empty when nobody asked.
    hallucination: Vec<(f64, Hallucination)>,
}

/// Measures a model on the subjects of its recipe, or on a site's own images, and prints the results as JSON.
pub(crate) fn run(command: &Evaluate) -> anyhow::Result<ExitCode> {
    match &command.input {
        Some(input) => acceptance::run(command, input),
        None => reproduce(command),
    }
}

/// Measures a model on the subjects of its recipe, on the phantom, or at other sites.
fn reproduce(command: &Evaluate) -> anyhow::Result<ExitCode> {
    let beside = command.model.join("recipe.toml");
    let recipe = recipe(command.recipe.as_deref().unwrap_or(&beside))?;
    let mut found =
        Metrics { model: recipe.name.clone(), version: recipe.version.clone(), ..Metrics::default() };
    if command.phantom {
        let model = Network::load(&command.model, command)?;
        let doses = recipe.physics.doses.iter();
        let on_phantom = doses.map(|&fraction| evaluation::phantom::measure(&model, fraction, recipe.seed));
        found.phantom = on_phantom.collect::<Result<_, _>>()?;
    } else if command.site_shift {
        found.site_shift = shift::benchmark(command, &recipe)?;
    } else {
        found.evaluations = subjects(command, &recipe)?.into_iter().map(Found::from).collect();
        ensure!(!found.evaluations.is_empty(), "the recipe has no such subject");
    }
    println!("{}", serde_json::to_string_pretty(&found)?);
    let met = found.met();
    if command.write {
        card::write(&command.model, found)?;
    }
    Ok(if met { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Gives the subjects that the command asks for: those that were trained on, then the others.
fn wanted<'a>(command: &Evaluate, recipe: &'a Recipe) -> impl Iterator<Item = &'a SubjectSource> {
    let all = recipe.subjects.iter().chain(&recipe.unseen);
    all.filter(move |source| command.subject.as_ref().is_none_or(|name| *name == source.name))
}

fn subjects(command: &Evaluate, recipe: &Recipe) -> anyhow::Result<Vec<Evaluation>> {
    let images = command.images.folder(&recipe.name);
    let realisations = if command.tamper { 2 } else { 1 };
    let mut evaluations = Vec::new();
    for source in wanted(command, recipe) {
        let material = Material::load((recipe, realisations), source, &images)?;
        let folds = command.folds.iter().filter(|(subject, _)| *subject == source.name);
        for folder in folds.map(|(_, folder)| Some(folder)).chain([None]) {
            let model = Network::load(folder.unwrap_or(&command.model), command)?;
            evaluations.push(evaluated(command, (recipe, source), &material, &model)?);
        }
    }
    Ok(evaluations)
}

/// Measures one model on one subject.
fn evaluated(
    command: &Evaluate,
    (recipe, source): (&Recipe, &SubjectSource),
    material: &Material,
    model: &Network,
) -> anyhow::Result<Evaluation> {
    let scored = material.noise.iter().map(|(fraction, noise)| {
        let pair = Pair {
            low_dose: &material.with(&noise[0]),
            full_dose: &material.full_dose,
            lesion: material.lesion.as_ref(),
        };
        let scored = denoise::score(&pair, *fraction, model)?;
        Ok((scored.result, scored.estimate.image))
    });
    let (doses, images): (Vec<_>, Vec<_>) = scored.collect::<anyhow::Result<Vec<_>>>()?.into_iter().unzip();
    let description = model.model.description().clone();
    Ok(Evaluation {
        seen: description.training_subjects.contains(&source.name)
            || description.calibration.subjects.contains(&source.name),
        subject: source.name.clone(),
        slices: source.evaluated_slices,
        texture_percent: command.texture,
        anchor_pixels: command.anchor,
        description,
        doses,
        lesions: if command.lesions { inserted_lesions(recipe, material, model)? } else { Vec::new() },
        tampering: if command.tamper { detector::suite(material, &images, model)? } else { Vec::new() },
        hallucination: if command.tamper {
            realisations::measure(recipe, material, model)?
        } else {
            Vec::new()
        },
    })
}

/// Measures what is kept of lesions in the middle one of the subject's evaluated slices, with its neighbours.
fn inserted_lesions(
    recipe: &Recipe,
    material: &Material,
    model: &Network,
) -> anyhow::Result<Vec<(f64, Vec<Retention>)>> {
    const NEIGHBOURS: usize = 2;
    let part = material.middle(NEIGHBOURS)?;
    let doses = recipe.physics.doses.iter().map(|&fraction| {
        let insertion = Insertion { fraction, seed: recipe.seed };
        let kept = denoise::retention(&part, model, |with| {
            volume_noise(with, material.protocol, &[insertion], |_| ()).swap_remove(0)
        })?;
        Ok((fraction, kept))
    });
    doses.collect()
}

/// A network as the evaluation wants it.
struct Network {
    model: Model,
    parameters: Parameters,
}

impl Network {
    fn load(folder: &Path, command: &Evaluate) -> Result<Self, nets::Error> {
        let model = Model::load(folder)?;
        let model = match command.anchor {
            Some(pixels) => model.with_anchor((pixels > 0.0).then_some(Anchor { pixels })),
            None => model,
        };
        Ok(Self { model, parameters: Parameters { seed: 0, texture_percent: command.texture } })
    }
}

impl Denoiser for Network {
    fn denoise(&self, low_dose: &Volume) -> Result<Estimate, Box<dyn std::error::Error + Send + Sync>> {
        let output = self.model.run(low_dose, &self.parameters, &mut |_| ControlFlow::Continue(()))?;
        let nets::Output { image, lower, upper, scores, .. } = output;
        let nets::Scores { domain, consistency, agreement, .. } = scores;
        Ok(Estimate { image, lower, upper, domain, consistency, agreement })
    }
}
