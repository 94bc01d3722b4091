//! `countersign train`

use super::{bar, recipe};
use crate::cli::Train;
use anyhow::Context as _;
use nets::train::{Options, Progress, Subject};
use std::path::Path;
use std::process::ExitCode;

/// Trains, or goes on training.
pub fn run(command: &Train) -> anyhow::Result<ExitCode> {
    let path = &command.recipe;
    let mut recipe = recipe(path)?;
    let images = command.images.folder(&recipe.name);
    if let Some(subject) = &command.leave_out {
        recipe = recipe
            .fold_without(subject)
            .with_context(|| format!("{} has no subject '{subject}' to leave out", path.display()))?;
    }
    let subjects = recipe
        .subjects
        .iter()
        .map(|source| {
            let volume = volume_io::read(&images.join(&source.file))?;
            Ok(Subject { name: source.name.clone(), volume })
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    let beside = path.parent().unwrap_or(Path::new("."));
    let directory = command.out.clone().unwrap_or_else(|| beside.to_path_buf());
    let options = Options { directory, cache: images.join("noise"), steps_max: None };
    let progress = bar(recipe.optimiser.steps as u64);
    let outcome = nets::train::run(&recipe, subjects, &options, &mut |step| match step {
        Progress::Simulating { subject, share } => {
            progress.set_message(format!("simulating {subject}, {:.0} %", share * 100.0));
        }
        Progress::Training { step, loss, .. } => {
            progress.set_message(format!("step {step}, loss {loss:.4}"));
            progress.set_position(step as u64);
        }
    })?;
    progress.finish_and_clear();
    println!(
        "{} steps in {:.0} s; the model is in {}",
        outcome.steps,
        outcome.seconds,
        options.directory.display()
    );
    Ok(ExitCode::SUCCESS)
}
