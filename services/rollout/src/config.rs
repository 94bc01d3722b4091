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
    /// The policy in force.
    pub policy: Policy,
}

impl Default for Config {
    fn default() -> Self {
        Self { models_dir: PathBuf::from("models"), policy: Policy::default() }
    }
}

impl Config {
    /// Checks what the types don't say; an error names the setting.
    pub fn check(&self) -> Result<(), String> {
        self.policy.check()
    }
}
