//! The whole configuration: one documented value, `Default` is the reference.

mod reference;

pub(crate) use reference::reference;

use crate::cli::Source;
use anyhow::{Context as _, ensure};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Everything that can be set.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Folder for what is stored, wherever a URL below is empty.
    pub data: PathBuf,
    /// The front door.
    pub http: Http,
    /// Where things are kept.
    pub storage: Storage,
    /// Where services find each other when they run as processes of their own; by name.
    pub services: BTreeMap<String, Address>,
    /// Logs and traces.
    pub telemetry: platform::telemetry::Config,
    /// Intake.
    pub intake: intake::Config,
    /// Rollout.
    pub rollout: rollout::Config,
    /// Generation.
    pub generation: generation::Config,
    /// Workers.
    pub worker: worker::Config,
    /// Review.
    pub review: review::Config,
    /// Delivery.
    pub delivery: delivery::Config,
    /// Audit.
    pub audit: audit::Config,
    /// The gateway.
    pub gateway: gateway::Config,
}

/// `[http]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Http {
    /// Address of the web and the API.
    pub bind: SocketAddr,
    /// Threads that answer.
    pub workers: usize,
    /// Whether a reverse proxy in front speaks TLS with the browser.
    pub trusted_proxy: bool,
    /// Certificate chain (PEM); with `tls_key` the server speaks TLS itself.
    pub tls_certificate: Option<PathBuf>,
    /// Private key (PEM).
    pub tls_key: Option<PathBuf>,
}

/// `[storage]`. An empty URL means "below `data`".
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Storage {
    /// `sqlite:/folder` or `postgres://user@host/database`.
    pub database: String,
    /// `embedded:` or `amqp://user:password@host:port/vhost`.
    pub bus: String,
    /// DICOM objects: `file:/folder` or `s3://bucket?endpoint=…`.
    pub dicom: String,
    /// Volumes, with credentials of their own.
    pub volumes: String,
    /// Folder of the services' keys.
    pub keys: Option<PathBuf>,
}

/// `[services.<name>]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Address {
    /// Where the service listens, in the process that runs it.
    pub bind: SocketAddr,
    /// Where the others reach it.
    pub url: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: PathBuf::from("data"),
            http: Http::default(),
            storage: Storage::default(),
            services: BTreeMap::new(),
            telemetry: platform::telemetry::Config::default(),
            intake: intake::Config::default(),
            rollout: rollout::Config::default(),
            generation: generation::Config::default(),
            worker: worker::Config::default(),
            review: review::Config::default(),
            delivery: delivery::Config::default(),
            audit: audit::Config::default(),
            gateway: gateway::Config::default(),
        }
    }
}

impl Default for Http {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from(([127, 0, 0, 1], 8080)),
            workers: 2,
            trusted_proxy: false,
            tls_certificate: None,
            tls_key: None,
        }
    }
}

impl Config {
    /// Loads and checks the configuration that the command line names.
    pub(crate) fn load(source: &Source) -> anyhow::Result<Self> {
        let mut config: Self = platform::config::load(source.config.as_deref())?;
        if let Some(data) = &source.data {
            config.data.clone_from(data);
            config.audit.keys_dir = data.join("keys");
            config.audit.export_dir = data.join("ledger");
            config.rollout.packages_dir = data.join("models");
            config.rollout.publishers_dir = data.join("publishers");
            config.worker.packages_dir = data.join("models");
        }
        if config.http.trusted_proxy || config.http.tls_key.is_some() {
            config.gateway.cookie_secure = true;
        }
        config.check()?;
        Ok(config)
    }

    /// Whether the values go together.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let http = &self.http;
        let tls = http.tls_certificate.is_some() && http.tls_key.is_some();
        ensure!(
            http.bind.ip().is_loopback() || http.trusted_proxy || tls,
            "http.bind {} is beyond loopback, where signing needs TLS: set http.tls_certificate and http.tls_key, \
             or http.trusted_proxy when a proxy in front speaks TLS",
            http.bind
        );
        ensure!(
            http.tls_certificate.is_some() == http.tls_key.is_some(),
            "http.tls_certificate and http.tls_key go together"
        );
        let sections = [
            ("intake", self.intake.check()),
            ("generation", self.generation.check()),
            ("worker", self.worker.check()),
            ("rollout", self.rollout.check()),
            ("review", self.review.check()),
            ("delivery", self.delivery.check()),
            ("audit", self.audit.check()),
            ("gateway", self.gateway.check()),
        ];
        for (section, outcome) in sections {
            outcome.map_err(|why| anyhow::anyhow!("[{section}] {why}"))?;
        }
        Ok(())
    }

    /// URL of the databases.
    pub(crate) fn database(&self) -> String {
        or_below(&self.storage.database, "sqlite", &self.data.join("db"))
    }

    /// URL of an object store: `dicom` or `volumes`.
    pub(crate) fn objects(&self, store: &str) -> String {
        let url = if store == "dicom" { &self.storage.dicom } else { &self.storage.volumes };
        or_below(url, "file", &self.data.join("objects").join(store))
    }

    /// Folder of the keys.
    pub(crate) fn keys(&self) -> PathBuf {
        self.storage.keys.clone().unwrap_or_else(|| self.data.join("keys"))
    }

    /// Makes the folders of what is kept on this machine, readable by their owner only.
    pub(crate) fn make_folders(&self) -> anyhow::Result<()> {
        use std::os::unix::fs::DirBuilderExt as _;
        for folder in [&self.data, &self.data.join("db"), &self.data.join("objects")] {
            std::fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)
                .with_context(|| format!("folder {} can't be made", folder.display()))?;
        }
        Ok(())
    }
}

fn or_below(url: &str, scheme: &str, folder: &Path) -> String {
    if url.is_empty() {
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
        format!("{scheme}:{}", folder.display())
    } else {
        url.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_beyond_loopback_is_refused_with_the_remedy() {
        let mut config = Config::default();
        config.http.bind = SocketAddr::from(([0, 0, 0, 0], 8080));
        assert!(config.check().unwrap_err().to_string().contains("tls_certificate"));
    }

    #[test]
    fn an_unknown_key_is_refused() {
        assert!(toml::from_str::<Config>("dta = '/srv'").is_err());
    }
}
