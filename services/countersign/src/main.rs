//! The one binary, and the only place that names every part, and turns URLs into parts.

mod cli;
mod command;
mod compose;
mod config;
mod demo;
mod lifecycle;

use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .expect("nothing else in this process installs a provider of cryptography");
    let outcome = command::run(cli::Cli::parse());
    outcome.unwrap_or_else(|error| {
        // The person at the terminal needs the whole chain of causes.
        eprintln!("countersign: {error:#}");
        ExitCode::from(2)
    })
}
