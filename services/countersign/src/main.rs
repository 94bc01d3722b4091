//! The one binary, and the only place that names every part.

mod cli;
mod command;

use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let outcome = command::run(cli::Cli::parse());
    outcome.unwrap_or_else(|error| {
        // The person at the terminal needs the whole chain of causes.
        eprintln!("countersign: {error:#}");
        ExitCode::from(2)
    })
}
