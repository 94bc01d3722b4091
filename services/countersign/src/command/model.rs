//! `countersign model`

use super::as_operator;
use crate::cli::{ModelCommand, Source};
use crate::compose;
use crate::config::Config;
use anyhow::ensure;
use contract::Actor;
use platform::{Random, keys};
use std::path::Path;
use std::process::ExitCode;

/// Takes in packages, and signs them.
pub(crate) fn run(command: &ModelCommand) -> anyhow::Result<ExitCode> {
    match command {
        ModelCommand::Import { package, source } => import(package, source),
        ModelCommand::Sign { folder, keys, publisher } => sign(folder, keys, publisher),
    }
}

fn import(package: &Path, source: &Source) -> anyhow::Result<ExitCode> {
    let config = Config::load(source)?;
    let model = as_operator(&config, "model import", async {
        let registrar = compose::registrar(&config).await?;
        Ok(registrar.import_model(&config.rollout, package, Actor::Operator).await?)
    })?;
    let publisher = model.publisher.as_deref().unwrap_or("nobody");
    println!("{} {}: registered as {}, signed by {publisher}", model.name, model.version, model.id);
    Ok(ExitCode::SUCCESS)
}

fn sign(folder: &Path, keys: &Path, publisher: &str) -> anyhow::Result<ExitCode> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    ensure!(
        !publisher.is_empty() && publisher.chars().all(plain),
        "a publisher's name is of letters, digits, '-' and '_': it becomes a file's name"
    );
    let key = keys::load_or_generate(keys, publisher, &Random::from_os())?;
    let manifest = rollout::package::seal(folder, &key)?;
    let public = keys.join(format!("{publisher}.pub"));
    println!("signed: SHA256SUMS has the digest {manifest}; sites that trust {} take it", public.display());
    Ok(ExitCode::SUCCESS)
}
