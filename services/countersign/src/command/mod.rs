//! One file a command.

mod infer;
mod train;

use crate::cli::{Cli, Command};
use indicatif::{ProgressBar, ProgressStyle};
use std::process::ExitCode;

/// Carries out what the command line asks.
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        Command::Infer(command) => infer::run(&command),
        Command::Train(command) => train::run(&command),
    }
}

/// A bar for work whose share is known; silent where standard error is no terminal.
fn bar(steps: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:40!} {wide_bar} {percent:>3} % {eta:>5} left")
        .expect("the template names only keys that indicatif knows");
    ProgressBar::new(steps).with_style(style)
}
