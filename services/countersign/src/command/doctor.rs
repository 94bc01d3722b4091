//! `countersign doctor`: looks at everything that a start needs. It makes what a start would make (folders, keys,
//! schemas) and leaves one small object in each store.

use super::block_on;
use crate::cli::Source;
use crate::compose::SERVICES;
use crate::config::Config;
use bus::{Message, Route};
use bytes::Bytes;
use contract::Digest;
use contract::delivery::DestinationTerms;
use database::DatabaseConnection;
use dicom_io::scu::{self, Association, Context};
use objects::Objects;
use platform::token::TokenIssuer;
use platform::{Clock, Random, SystemClock};
use std::collections::BTreeMap;
use std::fmt;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Tokens are refused when clocks differ by more.
const SKEW_SECONDS_MAX: i64 = 5;
/// What is written into each object store.
const PROBE: &[u8] = b"countersign doctor was here\n";
/// How long a destination may take.
const ECHO_TIMEOUT: Duration = Duration::from_secs(5);

/// What was looked at, and what is wrong with it.
struct Finding {
    what: String,
    trouble: Option<Trouble>,
}

struct Trouble {
    words: String,
    remedy: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.trouble {
            None => write!(f, "good  {}", self.what),
            Some(Trouble { words, remedy }) => write!(f, "BAD   {}: {words}\n      → {remedy}", self.what),
        }
    }
}

/// Looks, prints and gives the exit code.
pub(crate) fn run(source: &Source) -> anyhow::Result<ExitCode> {
    let config = match Config::load(source) {
        Ok(config) => config,
        Err(error) => {
            let remedy = "correct the configuration; `countersign config default` prints every key";
            println!("{}", finding("the configuration", Err(error), remedy));
            return Ok(ExitCode::from(1));
        }
    };
    println!("{}", finding("the configuration", Ok(()), ""));
    let findings = block_on(async { Ok(examine(&config).await) })?;
    for finding in &findings {
        println!("{finding}");
    }
    let healthy = findings.iter().all(|finding| finding.trouble.is_none());
    Ok(if healthy { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn finding(what: impl Into<String>, outcome: anyhow::Result<()>, remedy: &'static str) -> Finding {
    let trouble = outcome.err().map(|error| Trouble { words: format!("{error:#}"), remedy });
    Finding { what: what.into(), trouble }
}

async fn examine(config: &Config) -> Vec<Finding> {
    let folders = config.make_folders();
    let mut findings = vec![finding(
        format!("the data folder {}", config.data.display()),
        folders,
        "give the folder to the user that runs countersign, or name another with --data",
    )];
    findings.push(finding(
        "the databases of all services",
        databases(config).await,
        "start PostgreSQL, or correct storage.database and the role's rights (infra/postgres-roles.sql)",
    ));
    findings.push(finding(
        "the bus",
        bus(config).await,
        "start RabbitMQ, or correct storage.bus (user, password, virtual host)",
    ));
    for store in ["dicom", "volumes"] {
        findings.push(finding(
            format!("the object store '{store}'"),
            objects(&config.objects(store)).await,
            "check the address in [storage], the bucket, its credentials, and that what is written can be read",
        ));
    }
    findings.push(finding(
        format!("the keys in {}", config.keys().display()),
        keys(config),
        "make the folder and its *.key files readable by the user that runs countersign, and by nobody else",
    ));
    findings.push(finding("the disk", disk(config), "free space, or move the data folder to a larger disk"));
    findings.push(finding("the models", models(config), "name the folder of models in rollout.models_dir"));
    findings.push(finding(
        "the clock",
        clock(config).await,
        "let NTP set the clocks of this machine and the database's; signatures and tokens carry their time",
    ));
    for (name, terms) in destinations(config).await {
        findings.push(finding(
            format!("the destination {name}"),
            echo(config, &terms).await,
            "ask the PACS' administrator to let our AE title in, and check address, port and firewall",
        ));
    }
    findings
}

/// Up to the first that can't be used: with it the others are away, or its name says which right is missing.
async fn databases(config: &Config) -> anyhow::Result<()> {
    for service in SERVICES {
        database(config, service).await?;
    }
    Ok(())
}

async fn database(config: &Config, service: &str) -> anyhow::Result<DatabaseConnection> {
    let db = database::connect(&config.database(), service).await?;
    db.ping().await?;
    Ok(db)
}

/// A broker must take a message; the embedded bus lives inside the server's process.
async fn bus(config: &Config) -> anyhow::Result<()> {
    let url = &config.storage.bus;
    if url.is_empty() || url == "embedded:" {
        return Ok(());
    }
    let nobody_listens = Message {
        id: "doctor".to_owned(),
        route: Route::Topic("doctor.looked".to_owned()),
        headers: BTreeMap::new(),
        body: Bytes::new(),
    };
    Ok(bus::rabbitmq(url)?.publish(&nobody_listens).await?)
}

async fn objects(url: &str) -> anyhow::Result<()> {
    let store = Objects::open(url)?;
    let key = store.put(Bytes::from_static(PROBE)).await?;
    let read = store.get(&key).await?;
    anyhow::ensure!(key == Digest::of(PROBE) && read.is_some(), "what was written can't be read");
    Ok(())
}

fn keys(config: &Config) -> anyhow::Result<()> {
    let (clock, random): (Arc<dyn Clock>, _) = (Arc::new(SystemClock), Random::from_os());
    for service in SERVICES {
        TokenIssuer::open(&config.keys(), service, clock.clone(), random.clone())?;
    }
    Ok(())
}

fn disk(config: &Config) -> anyhow::Result<()> {
    let folder = config.intake.disk_folder.clone().unwrap_or_else(|| config.data.clone());
    let config = intake::Config { disk_folder: Some(folder), ..config.intake.clone() };
    Ok(intake::space::check(&config)?)
}

fn models(config: &Config) -> anyhow::Result<()> {
    let folder = &config.rollout.models_dir;
    let described = std::fs::read_dir(folder)
        .map_err(|error| anyhow::anyhow!("{} can't be read: {error}", folder.display()))?
        .filter_map(Result::ok)
        .any(|entry| entry.path().join("model.toml").is_file());
    anyhow::ensure!(described, "{} has no folder with a model.toml", folder.display());
    Ok(())
}

/// Compared with the database's, where that is another machine's.
async fn clock(config: &Config) -> anyhow::Result<()> {
    let Ok(db) = database(config, "gateway").await else { return Ok(()) };
    let Some(theirs) = database::server_time(&db).await? else { return Ok(()) };
    let skew = (SystemClock.now() - theirs).num_seconds();
    anyhow::ensure!(skew.abs() <= SKEW_SECONDS_MAX, "it differs from the database's by {skew} s");
    Ok(())
}

/// Those of the page too, where the database can be asked.
async fn destinations(config: &Config) -> BTreeMap<String, DestinationTerms> {
    let versions = match database(config, "delivery").await {
        Ok(db) => delivery::destination_versions(&db).await.unwrap_or_default(),
        Err(_) => Vec::new(),
    };
    delivery::destination::in_use(&config.delivery, &versions)
}

async fn echo(config: &Config, destination: &DestinationTerms) -> anyhow::Result<()> {
    let DestinationTerms { ae_title, host, port, .. } = destination;
    let peer = scu::Destination {
        connect_timeout: ECHO_TIMEOUT,
        answer_timeout: ECHO_TIMEOUT,
        ..scu::Destination::new(host, *port, ae_title, &config.delivery.calling_ae_title)
    };
    let mut association = Association::open(&peer, &[Context::verification()]).await?;
    let status = association.echo().await?;
    anyhow::ensure!(status.code == 0, "it answers C-ECHO with {:04X}", status.code);
    association.release().await?;
    Ok(())
}
