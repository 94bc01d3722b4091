//! Settings of rollout.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Settings of rollout.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Folder with one folder per model, registered at start.
    pub models_dir: PathBuf,
    /// Folder in which imported packages are kept, one folder per version; the workers' `packages_dir`.
    pub packages_dir: PathBuf,
    /// Folder with the public key (SPKI PEM) of each publisher whose packages this site takes, as `NAME.pub`.
    pub publishers_dir: PathBuf,
    /// Largest package, bytes.
    pub package_bytes_max: u64,
    /// How often the stop rules look at everything, in seconds; cases that end are looked at when they end.
    pub sweep_seconds: u32,
    /// A run isn't asked for while it would wait longer than this for a worker of its pool, minutes: its series waits until
    /// the pool has room. 0 asks for every run at once.
    pub expected_wait_max_minutes: u32,
    /// How often series that wait for a pool are looked at, in seconds.
    pub capacity_seconds: u32,
    /// The gate policy in force until two people put another one in force.
    pub policy: contract::rollout::GatePolicy,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            models_dir: PathBuf::from("models"),
            packages_dir: PathBuf::from("data/models"),
            publishers_dir: PathBuf::from("data/publishers"),
            package_bytes_max: 8 << 30,
            sweep_seconds: 300,
            expected_wait_max_minutes: 0,
            capacity_seconds: 15,
            policy: contract::rollout::GatePolicy::default(),
        }
    }
}

impl Config {
    /// Checks what the types don't say; an error names the setting.
    pub fn check(&self) -> Result<(), String> {
        if self.sweep_seconds == 0 {
            return Err("sweep_seconds must be above 0".to_owned());
        }
        if self.capacity_seconds == 0 {
            return Err("capacity_seconds must be above 0".to_owned());
        }
        self.policy.check()
    }
}
