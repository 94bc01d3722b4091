//! Settings of audit.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

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
    /// Groups of fewer cases show no figures of quality.
    pub figures_minimum: u32,
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
            figures_minimum: 10,
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
        Ok(())
    }

    /// The pause between two looks at the outboxes.
    pub fn gap_check_interval(&self) -> Duration {
        Duration::from_secs(u64::from(self.gap_check_interval_s))
    }
}
