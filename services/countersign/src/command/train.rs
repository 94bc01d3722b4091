//! `countersign train`

use super::{bar, recipe, series};
use crate::cli::Train;
use anyhow::Context as _;
use nets::train::{Options, Progress, Subject};
use std::path::Path;
use std::process::ExitCode;

/// Steps between two lines of a log.
const LINE_EVERY: usize = 100;

/// Trains, or goes on training.
pub(crate) fn run(command: &Train) -> anyhow::Result<ExitCode> {
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
            let volume = series(&images.join(&source.file))?;
            Ok(Subject { name: source.name.clone(), volume })
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    let beside = path.parent().unwrap_or(Path::new("."));
    let directory = command.out.clone().unwrap_or_else(|| beside.to_path_buf());
    let options = Options {
        directory,
        cache: images.join("noise"),
        processor: command.processor.into(),
        steps_max: None,
    };
    let progress = bar(recipe.optimiser.steps as u64);
    let mut report = |step| match step {
        Progress::Simulating { subject, share } => {
            progress.set_message(format!("simulating {subject}, {:.0} %", share * 100.0));
        }
        Progress::Training { step, steps, loss, seconds_left } => {
            progress.set_message(format!("step {step}, loss {loss:.4}"));
            progress.set_position(step as u64);
            // A log has no bar: it gets a line now and then.
            if progress.is_hidden() && step.is_multiple_of(LINE_EVERY) {
                println!("step {step} of {steps}, loss {loss:.4}, {:.0} min left", seconds_left / 60.0);
            }
        }
    };
    if command.calibrate {
        nets::train::calibrate(&recipe, subjects, &options, &mut report)?;
        progress.finish_and_clear();
        println!("the model in {} is calibrated anew", options.directory.display());
        return Ok(ExitCode::SUCCESS);
    }
    let outcome = nets::train::run(&recipe, subjects, &options, &mut report)?;
    progress.finish_and_clear();
    println!(
        "{} steps in {:.0} s; the model is in {}",
        outcome.steps,
        outcome.seconds,
        options.directory.display()
    );
    Ok(ExitCode::SUCCESS)
}
