//! `countersign config`

use crate::cli::ConfigCommand;
use crate::config::Config;
use std::process::ExitCode;

/// Shows the reference, or checks a configuration.
pub fn run(command: &ConfigCommand) -> anyhow::Result<ExitCode> {
    match command {
        ConfigCommand::Default => print!("{}", toml::to_string(&Config::default())?),
        ConfigCommand::Check(source) => {
            Config::load(source)?;
            println!("the configuration can be used");
        }
    }
    Ok(ExitCode::SUCCESS)
}
