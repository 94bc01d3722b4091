//! Settings of rollout.

use crate::policy::Policy;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Settings of rollout.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Folder with one folder per model, registered at start.
    pub models_dir: PathBuf,
    /// How often the stop rules look at everything, in seconds; cases that end are looked at when they end.
    pub sweep_seconds: u32,
    /// The policy in force.
    pub policy: Policy,
}

impl Default for Config {
    fn default() -> Self {
        Self { models_dir: PathBuf::from("models"), policy: Policy::default(), sweep_seconds: 300 }
    }
}

impl Config {
    /// Checks what the types don't say; an error names the setting.
    pub fn check(&self) -> Result<(), String> {
        if self.sweep_seconds == 0 {
            return Err("sweep_seconds must be above 0".to_owned());
        }
        self.policy.check()
    }
}
