//! One file a command.

mod config;
mod deployment;
mod doctor;
mod evaluate;
mod infer;
mod ledger;
mod model;
mod reader_study;
mod report;
mod serve;
mod train;
mod user;
mod worker;

use crate::cli::{Cli, Command};
use crate::compose;
use crate::config::Config;
use anyhow::{Context as _, bail, ensure};
use imaging::Volume;
use indicatif::{ProgressBar, ProgressStyle};
use nets::train::Recipe;
use std::path::Path;
use std::process::ExitCode;

/// Carries out what the command line asks.
pub(crate) fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        Command::Serve(command) => serve::run(&command),
        Command::Worker(command) => worker::run(&command),
        Command::User(command) => user::run(command),
        Command::Deployment(command) => deployment::run(command),
        Command::Model(command) => model::run(&command),
        Command::Report(command) => report::run(&command),
        Command::Ledger(command) => ledger::run(&command),
        Command::Config(command) => config::run(&command),
        Command::Doctor(source) => doctor::run(&source),
        Command::Schema => {
            print!("{}", gateway::schema_sdl());
            Ok(ExitCode::SUCCESS)
        }
        Command::StopRules => {
            print!("{}", rollout::stop::table());
            Ok(ExitCode::SUCCESS)
        }
        Command::Infer(command) => infer::run(&command),
        Command::Train(command) => train::run(&command),
        Command::Evaluate(command) => evaluate::run(&command),
        Command::ReaderStudy(command) => reader_study::run(&command),
    }
}

/// More files than any series has.
const FILES_MAX: usize = 20_000;

/// A bar for work whose share is known; hidden where standard error is no terminal.
fn bar(steps: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:40!} {wide_bar} {percent:>3} % {eta:>5} left")
        .expect("the template names only keys that indicatif knows");
    ProgressBar::new(steps).with_style(style)
}

/// Does what an operator wants of the platform. What it refuses is an entry of the ledger as much as what it does.
fn as_operator<T>(
    config: &Config,
    command: &str,
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    block_on(async {
        config.make_folders()?;
        let outcome = work.await;
        if let Some(reason_code) = outcome.as_ref().err().and_then(refusal_code) {
            let noted = compose::users(config).await?.note_refusal(command, reason_code).await;
            noted.context("what was refused can't be written down")?;
        }
        outcome
    })
}

/// The code of the reason, where the domain said no.
fn refusal_code(error: &anyhow::Error) -> Option<&str> {
    if let Some(gateway::Error::Refused(refusal)) = error.downcast_ref() {
        return Some(&refusal.code);
    }
    if let Some(rollout::Error::Refused(refusal)) = error.downcast_ref() {
        return Some(&refusal.code);
    }
    None
}

/// Runs `work` on a runtime of its own.
fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}

/// Reads a recipe.
fn recipe(path: &Path) -> anyhow::Result<Recipe> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} can't be read", path.display()))?;
    toml::from_str(&text).with_context(|| format!("{} is no recipe", path.display()))
}

/// Reads an image: a folder with the DICOM files of one series, or a file.
fn series(input: &Path) -> anyhow::Result<Volume> {
    if !input.is_dir() {
        return Ok(volume_io::read(input)?);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(input).with_context(|| format!("{} can't be read", input.display()))? {
        let path = entry?.path();
        if path.is_file() {
            ensure!(files.len() < FILES_MAX, "{} has more than {FILES_MAX} files", input.display());
            files.push(std::fs::read(&path).with_context(|| format!("{} can't be read", path.display()))?);
        }
    }
    if files.is_empty() {
        bail!("{} has no files: the DICOM files of one series are wanted", input.display());
    }
    let converted = dicom_io::volume::from_files(&files)
        .with_context(|| format!("{} doesn't hold one series that is a volume", input.display()))?;
    Ok(converted.volume)
}
