//! The demo: accounts with generated passwords, and settings that make a short story short.

pub(crate) mod pacs;
pub(crate) mod studies;

use crate::compose;
use crate::config::Config;
use anyhow::Context as _;
use contract::Role;
use contract::gateway::NewUser;
use contract::rollout::{Stage, UseRule};
use gateway::users::made_password;
use rollout::NewDeployment;
use serde::Serialize;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;

/// Two of quality, because a recall takes two people.
const ACCOUNTS: [(&str, &str, &[Role]); 9] = [
    ("rad1", "Demo Radiologist One", &[Role::Radiologist]),
    ("rad2", "Demo Radiologist Two", &[Role::Radiologist]),
    ("rad3", "Demo Radiologist Three", &[Role::Radiologist, Role::Adjudicator]),
    ("quality", "Demo Quality", &[Role::Quality]),
    ("quality2", "Demo Quality Two", &[Role::Quality]),
    ("owner", "Demo Clinical Owner", &[Role::ClinicalOwner]),
    ("physicist", "Demo Physicist", &[Role::Physicist]),
    ("coordinator", "Demo Coordinator", &[Role::Coordinator]),
    ("admin", "Demo Administrator", &[Role::Administrator]),
];

#[derive(Serialize)]
struct Account {
    username: &'static str,
    password: String,
    roles: &'static [Role],
}

/// Sets what the demo sets: a read is final at once and needs no credential, a series is complete after 2 s, the demo's PACS is the
/// destination when no other is named, logs are for people unless the configuration says how they are.
pub(crate) fn adjust(config: &mut Config) {
    config.intake.quiet_seconds = 2;
    if config.delivery.destinations.is_empty() {
        config.delivery.destinations.push(delivery::Destination {
            ae_title: pacs::AE_TITLE.to_owned(),
            host: "127.0.0.1".to_owned(),
            port: pacs::PORT,
            kind: delivery::DestinationKind::Clinical,
        });
    }
    "Countersign demo".clone_into(&mut config.delivery.organization);
    config.review.policy.finalisation_minutes = 0;
    // Its accounts hold no credentials, and its three readers meet no chance.
    config.review.policy.require_credentials = false;
    config.review.policy.decoy_per_mille = 0;
    config.review.policy.evaluation_per_mille = 1_000;
    config.gateway.demo = true;
    config.rollout.policy = contract::rollout::GatePolicy::demo();
    let usual = platform::telemetry::Config::default();
    if config.telemetry.json == usual.json && config.telemetry.log == usual.log {
        config.telemetry.json = false;
        "warn".clone_into(&mut config.telemetry.log);
    }
}

/// Adds the accounts when the data folder is new, and writes their passwords for the person who started it.
pub(crate) async fn accounts(config: &Config) -> anyhow::Result<()> {
    let path = config.data.join("demo-accounts.json");
    if path.exists() {
        println!("demo accounts: {}", path.display());
        return Ok(());
    }
    let users = compose::users(config).await?;
    let mut accounts = Vec::new();
    for (username, printed_name, roles) in ACCOUNTS {
        let password = made_password(&users.random);
        let new =
            NewUser { username: username.into(), printed_name: printed_name.into(), roles: roles.to_vec() };
        users.add(new, password.clone().into()).await?;
        accounts.push(Account { username, password, roles });
    }
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .and_then(|mut file| file.write_all(&serde_json::to_vec_pretty(&accounts)?))
        .with_context(|| format!("{} can't be written", path.display()))?;
    println!("demo accounts (also in {}):", path.display());
    for account in &accounts {
        println!("  {:12} {}", account.username, account.password);
    }
    Ok(())
}

const BANNER: &str = "stage set by the demo, no evidence";

/// Registers the reference model, and deploys it once at *general* and once at *shadow*.
pub(crate) async fn deployments(config: &Config) -> anyhow::Result<()> {
    let registrar = compose::registrar(config).await?;
    let chest_or_head = UseRule {
        modality: "CT".into(),
        body_parts: vec!["CHEST".into(), "HEAD".into()],
        body_part_words: ["chest", "thorax", "lung", "head", "brain", "cranium"].map(str::to_owned).to_vec(),
        instance_count_min: 8,
        ..UseRule::default()
    };
    let deployment = |name: &str, rule: UseRule, stage| NewDeployment {
        name: name.into(),
        model: "ct-denoise".into(),
        site: "demo".into(),
        rule,
        pool: "cpu".into(),
        texture_percent: 0,
        stage,
        banner: Some(BANNER.into()),
    };
    let abdomen = UseRule {
        body_parts: vec!["ABDOMEN".into()],
        body_part_words: vec!["abdomen".into()],
        ..chest_or_head.clone()
    };
    let wanted = vec![
        deployment("Low-dose CT of chest and head", chest_or_head, Stage::General),
        deployment("Low-dose CT of the abdomen", abdomen, Stage::Shadow),
    ];
    rollout::seed(&registrar, &config.rollout.models_dir, wanted).await?;
    Ok(())
}
