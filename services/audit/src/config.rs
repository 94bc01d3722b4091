//! Settings of audit.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

/// Logs are kept for half a year at least.
const RETENTION_DAYS_MIN: u32 = 183;

/// Settings of audit.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The name of the ledger in its checkpoints, and of the key that signs them.
    pub origin: String,
    /// Folder of the key `ledger.key` and of `ledger.vkey`, by which others check the signatures.
    pub keys_dir: PathBuf,
    /// The second place of checkpoints: a folder, better on another machine.
    pub export_dir: PathBuf,
    /// A checkpoint is made after this many entries.
    pub checkpoint_entries: u64,
    /// A checkpoint is made after this many seconds, when there is a new entry.
    pub checkpoint_interval_s: u32,
    /// How often each service's outbox is asked for events that never arrived, in seconds.
    pub gap_check_interval_s: u32,
    /// After so many days names of people and what they typed are erased from the ledger, which stays provable; never
    /// when 0.
    pub personal_retention_days: u32,
    /// Groups of fewer cases show no figures of quality.
    pub figures_minimum: u32,
    /// Who watches from elsewhere that the ledger only grows.
    pub witness: WitnessConfig,
    /// Every entry is sent on as an audit message of DICOM to the syslog receiver at `host:port`, over TLS (RFC 5425);
    /// to nobody when empty.
    pub syslog_address: String,
    /// What this machine is called in those messages.
    pub syslog_hostname: String,
    /// PEM file with the authorities under which the receiver's certificate must be issued.
    pub syslog_ca_file: PathBuf,
    /// PEM file with the certificate that is shown to the receiver; none when empty.
    pub syslog_certificate_file: PathBuf,
    /// PEM file with the key of that certificate.
    pub syslog_key_file: PathBuf,
}

/// A witness: somebody elsewhere who checks that the ledger only grows, and signs that (C2SP `tlog-witness`).
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WitnessConfig {
    /// Where it is asked; `add-checkpoint` lies below it. Nobody is asked when empty.
    pub url: String,
    /// Its verifier key: `name+hash+key`, of the type cosignature/v1.
    pub key: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            origin: "countersign/ledger".to_owned(),
            keys_dir: PathBuf::from("data/keys"),
            export_dir: PathBuf::from("data/ledger"),
            checkpoint_entries: 1_000,
            checkpoint_interval_s: 60,
            gap_check_interval_s: 15,
            personal_retention_days: 0,
            figures_minimum: 10,
            witness: WitnessConfig::default(),
            syslog_address: String::new(),
            syslog_hostname: String::new(),
            syslog_ca_file: PathBuf::new(),
            syslog_certificate_file: PathBuf::new(),
            syslog_key_file: PathBuf::new(),
        }
    }
}

impl Config {
    /// Checks what the types don't say; an error names the setting.
    pub fn check(&self) -> Result<(), String> {
        let is_key_name =
            !self.origin.is_empty() && !self.origin.contains(|c: char| c == '+' || c.is_whitespace());
        if !is_key_name {
            return Err("origin must be a name without spaces and plus signs".to_owned());
        }
        if self.checkpoint_entries == 0 || self.checkpoint_interval_s == 0 || self.gap_check_interval_s == 0 {
            return Err(
                "checkpoint_entries, checkpoint_interval_s and gap_check_interval_s must not be 0".to_owned()
            );
        }
        if (1..RETENTION_DAYS_MIN).contains(&self.personal_retention_days) {
            return Err(format!("personal_retention_days must be 0 or at least {RETENTION_DAYS_MIN}"));
        }
        if self.witness.url.is_empty() != self.witness.key.is_empty() {
            return Err("witness.url and witness.key go together".to_owned());
        }
        if !self.syslog_address.is_empty() {
            if !self.syslog_address.contains(':') {
                return Err("syslog_address must be host:port".to_owned());
            }
            if self.syslog_ca_file.as_os_str().is_empty() {
                return Err("syslog_ca_file must name who vouches for the receiver".to_owned());
            }
            if self.syslog_certificate_file.as_os_str().is_empty()
                != self.syslog_key_file.as_os_str().is_empty()
            {
                return Err("syslog_certificate_file and syslog_key_file go together".to_owned());
            }
        }
        Ok(())
    }

    /// The pause between two looks at the outboxes.
    pub fn gap_check_interval(&self) -> Duration {
        Duration::from_secs(u64::from(self.gap_check_interval_s))
    }
}
