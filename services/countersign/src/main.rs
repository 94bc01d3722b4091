//! The one binary, and the only place that names every part, and turns URLs into parts.

mod cli;
mod command;
mod compose;
mod config;
mod configuration;
mod demo;
#[cfg(feature = "failpoints")]
mod faults;
mod figures;
mod lifecycle;

use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .expect("nothing else in this process installs a provider of cryptography");
    let cli = cli::Cli::parse();
    #[cfg(feature = "failpoints")]
    faults::arm(&cli.kill_at);
    let outcome = command::run(cli);
    outcome.unwrap_or_else(|error| {
        // The person at the terminal needs the whole chain of causes.
        eprintln!("countersign: {error:#}");
        ExitCode::from(2)
    })
}
