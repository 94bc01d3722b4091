//! `countersign deployment`

use super::as_operator;
use crate::cli::Deployment;
use crate::compose;
use crate::config::Config;
use contract::rollout::UseRule;
use rollout::NewDeployment;
use std::process::ExitCode;

/// Registers the models and creates a deployment.
pub(crate) fn run(command: Deployment) -> anyhow::Result<ExitCode> {
    let Deployment::Add(add) = command;
    let config = Config::load(&add.source)?;
    let rule = UseRule {
        modality: add.modality,
        body_parts: add.body_parts.iter().map(|part| part.to_uppercase()).collect(),
        body_part_words: add.body_part_words,
        instance_count_min: add.instances_min,
        ..UseRule::default()
    };
    let name = add.name.clone();
    let deployment = NewDeployment {
        name: add.name,
        model: add.model,
        site: add.site,
        rule,
        pool: add.pool,
        texture_percent: add.texture,
        stage: add.stage,
        banner: add.banner,
    };
    let created = as_operator(&config, "deployment add", async {
        let registrar = compose::registrar(&config).await?;
        Ok(rollout::seed(&registrar, &config.rollout.models_dir, vec![deployment]).await?)
    })?;
    for id in created {
        println!("deployment {id}: {name}");
    }
    Ok(ExitCode::SUCCESS)
}
