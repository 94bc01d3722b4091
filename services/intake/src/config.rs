//! Configuration of intake.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Configuration of intake; `Default` is the reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where DICOM associations are accepted, `address:port`.
    pub bind: String,
    /// The AE title under which senders call us.
    pub ae_title: String,
    /// Calling AE titles that are let in; empty lets every caller in.
    pub calling_ae_titles: Vec<String>,
    /// TLS for the DICOM port: certificate chain and key, and whose callers are let in.
    pub tls: Option<Tls>,
    /// Associations at a time.
    pub associations_max: u32,
    /// Associations at a time from one address.
    pub associations_per_peer_max: u32,
    /// How long an association may do nothing between messages, seconds.
    pub idle_seconds: u32,
    /// How long one PDU, or one part of an upload, may take, seconds.
    pub stalled_seconds: u32,
    /// Largest instance that is taken, bytes.
    pub instance_bytes_max: u64,
    /// Unfinished instances over all associations, bytes.
    pub held_bytes_max: u64,
    /// Instances in one STOW-RS request or import.
    pub parts_max: u32,
    /// A series without a new instance for so long is looked at, seconds.
    pub quiet_seconds: u32,
    /// A series whose association ended is looked at after so long, seconds: some senders open one per instance.
    pub settle_seconds: u32,
    /// Largest volume a series is converted to, voxels.
    pub voxels_max: u64,
    /// From this share of the disk on nothing more is taken, percent.
    pub disk_full_percent: u8,
    /// The bytes of each stored instance are read again and proven once in so long, seconds.
    pub scrub_seconds: u32,
    /// An entry that waits in quarantine for so long raises an alarm, hours.
    pub quarantine_alarm_hours: u32,
    /// Folder whose disk is watched; none when objects are elsewhere.
    pub disk_folder: Option<PathBuf>,
}

/// PEM files for TLS on the DICOM port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The certificate chain, leaf first.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
    /// Callers need a certificate issued under one of these; none lets callers in without.
    #[serde(default)]
    pub callers: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            bind: "127.0.0.1:11112".to_owned(),
            ae_title: "COUNTERSIGN".to_owned(),
            calling_ae_titles: Vec::new(),
            tls: None,
            associations_max: 128,
            associations_per_peer_max: 64,
            idle_seconds: 300,
            stalled_seconds: 30,
            instance_bytes_max: 1 << 30,
            held_bytes_max: 2 << 30,
            parts_max: 10_000,
            quiet_seconds: 10,
            settle_seconds: 1,
            voxels_max: 1 << 28,
            disk_full_percent: 95,
            scrub_seconds: 86_400,
            quarantine_alarm_hours: 24,
            disk_folder: None,
        }
    }
}

impl Config {
    /// Says what is wrong with the values, if anything is.
    ///
    /// # Errors
    /// The first problem, in words.
    pub fn check(&self) -> Result<(), String> {
        let limits = [
            ("associations_max", u64::from(self.associations_max), 1, 4096),
            ("associations_per_peer_max", u64::from(self.associations_per_peer_max), 1, 4096),
            ("idle_seconds", u64::from(self.idle_seconds), 1, 86_400),
            ("stalled_seconds", u64::from(self.stalled_seconds), 1, 600),
            ("instance_bytes_max", self.instance_bytes_max, 1 << 20, 4 << 30),
            ("held_bytes_max", self.held_bytes_max, self.instance_bytes_max, 1 << 40),
            ("parts_max", u64::from(self.parts_max), 1, 100_000),
            ("quiet_seconds", u64::from(self.quiet_seconds), 1, 3600),
            ("settle_seconds", u64::from(self.settle_seconds), 0, u64::from(self.quiet_seconds)),
            ("voxels_max", self.voxels_max, 1, 1 << 31),
            ("disk_full_percent", u64::from(self.disk_full_percent), 1, 99),
            ("scrub_seconds", u64::from(self.scrub_seconds), 1, 31_536_000),
            ("quarantine_alarm_hours", u64::from(self.quarantine_alarm_hours), 1, 8760),
        ];
        for (name, value, min, max) in limits {
            if !(min..=max).contains(&value) {
                return Err(format!("intake.{name} is {value}; it must be from {min} to {max}"));
            }
        }
        for title in std::iter::once(&self.ae_title).chain(&self.calling_ae_titles) {
            let printable = title.chars().all(|c| (' '..='~').contains(&c) && c != '\\');
            if title.trim().is_empty() || title.len() > 16 || !printable {
                return Err(format!("intake: '{title}' is no AE title of 1 to 16 printable characters"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_values_are_within_their_limits() {
        Config::default().check().unwrap();
    }

    #[test]
    fn an_ae_title_of_seventeen_characters_is_refused() {
        let config = Config { ae_title: "A".repeat(17), ..Config::default() };
        assert!(config.check().unwrap_err().contains("AE title"));
    }
}
