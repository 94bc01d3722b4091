//! `countersign ledger`

use super::block_on;
use crate::cli::Ledger;
use crate::config::Config;
use audit::Verification;
use std::process::ExitCode;

/// Checks the ledger.
pub fn run(command: &Ledger) -> anyhow::Result<ExitCode> {
    let Ledger::Verify { source, key } = command;
    let config = Config::load(source)?;
    let checkpoints = config.audit.export_dir.join(audit::export::CHECKPOINTS_FILE);
    let key = key.clone().unwrap_or_else(|| config.audit.keys_dir.join("ledger.vkey"));
    let outcome = block_on(async { Ok(audit::verify(&config.database(), &checkpoints, &key).await) })?;
    match &outcome {
        Verification::Verified { size, beyond } => {
            println!("whole: {size} entries are as they were signed, {beyond} newer ones await a checkpoint");
        }
        Verification::Altered { index, what } => println!("altered: entry {index}: {what}"),
        Verification::CannotTell { why } => println!("can't tell: {why}"),
    }
    Ok(ExitCode::from(outcome.exit_code()))
}
