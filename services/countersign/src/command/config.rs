//! `countersign config`

use crate::cli::ConfigCommand;
use crate::config::{self, Config};
use std::process::ExitCode;

/// Shows the reference, or checks a configuration.
pub(crate) fn run(command: &ConfigCommand) -> anyhow::Result<ExitCode> {
    match command {
        ConfigCommand::Default => print!("{}", config::reference()?),
        ConfigCommand::Check(source) => {
            Config::load(source)?;
            println!("the configuration can be used");
        }
    }
    Ok(ExitCode::SUCCESS)
}
