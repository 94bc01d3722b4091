//! `countersign ledger`

use super::block_on;
use crate::cli::{Ledger, Source};
use crate::config::Config;
use anyhow::{Context as _, anyhow, bail};
use audit::Verification;
use audit::proof::{self, ProofError, Proven};
use audit::prove::{self, Proved};
use audit::sentence::sentence;
use contract::audit::ProofFile;
use std::path::Path;
use std::process::ExitCode;

/// Checks the ledger, or takes proofs from it.
pub(crate) fn run(command: &Ledger) -> anyhow::Result<ExitCode> {
    match command {
        Ledger::Verify { proof: Some(file), key: Some(key), .. } => Ok(verify_proof(file, key)),
        Ledger::Verify { source, checkpoint, key, witness_key, .. } => {
            verify(source, checkpoint.as_deref(), key.as_deref(), witness_key.as_deref())
        }
        Ledger::Prove { entry, consistency, out, source } => {
            let file = block_on(proved(source, *entry, *consistency))?;
            let path = out.join(&file.name);
            std::fs::write(&path, file.text)
                .with_context(|| format!("{} can't be written", path.display()))?;
            println!("{}", path.display());
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn verify(
    source: &Source,
    checkpoint: Option<&Path>,
    key: Option<&Path>,
    witness: Option<&Path>,
) -> anyhow::Result<ExitCode> {
    let witness = match witness.map(audit::load_witness).transpose() {
        Ok(witness) => witness,
        Err(why) => {
            println!("can't tell: {why}");
            return Ok(ExitCode::from(2));
        }
    };
    let config = Config::load(source)?;
    let exported = config.audit.export_dir.join(audit::export::CHECKPOINTS_FILE);
    let checkpoints = checkpoint.map_or(exported, Path::to_owned);
    let key = key.map_or_else(|| config.audit.keys_dir.join("ledger.vkey"), Path::to_owned);
    let outcome = block_on(async {
        Ok(audit::verify(&config.database(), &checkpoints, &key, witness.as_ref()).await)
    })?;
    match &outcome {
        Verification::Verified { size, beyond } => {
            println!("whole: {size} entries are as they were signed, {beyond} newer ones await a checkpoint");
        }
        Verification::Witnessed { size, beyond, cosigned, at } => {
            println!("whole: {size} entries are as they were signed, {beyond} newer ones await a checkpoint");
            println!("a witness has seen the first {cosigned} at {}", at.to_rfc3339());
        }
        Verification::Altered { index, what } => println!("altered: entry {index}: {what}"),
        Verification::CannotTell { why } => println!("can't tell: {why}"),
    }
    Ok(ExitCode::from(outcome.exit_code()))
}

async fn proved(source: &Source, entry: u64, consistency: bool) -> anyhow::Result<ProofFile> {
    let config = Config::load(source)?;
    let db = audit::connect(&config.database()).await.map_err(|why| anyhow!(why))?;
    let proved = if consistency {
        prove::consistency(&db, entry).await?
    } else {
        prove::inclusion(&db, entry).await?
    };
    match proved {
        Proved::File(file) => Ok(file),
        Proved::Absent => bail!("the ledger has no entry {entry}"),
        Proved::Unsigned => bail!("no signed checkpoint vouches for entry {entry} yet: wait a minute"),
    }
}

/// 0: it is shown; 1: it is shown to be wrong; 2: the file or the key can't be used.
fn verify_proof(file: &Path, key: &Path) -> ExitCode {
    let checked = std::fs::read_to_string(file)
        .map_err(|error| format!("{} can't be read: {error}", file.display()))
        .and_then(|text| Ok((text, audit::load_key(key)?)));
    let (text, key) = match checked {
        Ok(checked) => checked,
        Err(why) => {
            println!("can't tell: {why}");
            return ExitCode::from(2);
        }
    };
    match proof::check(&text, &key) {
        Ok(Proven::Inclusion { index, entry, checkpoint }) => {
            println!(
                "shown: entry {index} of {} stands in the ledger of {} entries that {} signed",
                entry.recorded_at.to_rfc3339(),
                checkpoint.size,
                checkpoint.origin
            );
            println!("{}", sentence(&entry.envelope));
            ExitCode::SUCCESS
        }
        Ok(Proven::Consistency { former, latter }) => {
            println!(
                "shown: the first {} entries of the ledger of {} entries are those signed before",
                former.size, latter.size
            );
            ExitCode::SUCCESS
        }
        Err(wrong @ ProofError::Malformed(_)) => {
            println!("can't tell: {wrong}");
            ExitCode::from(2)
        }
        Err(wrong) => {
            println!("wrong: {wrong}");
            ExitCode::from(1)
        }
    }
}
