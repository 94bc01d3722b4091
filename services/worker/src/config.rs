//! Configuration of a worker.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Configuration of a worker; `Default` is the reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The pool whose jobs it takes.
    pub pool: String,
    /// Folder with a folder for each model.
    pub models_dir: PathBuf,
    /// Folder with a folder for each imported version: that of rollout.
    pub packages_dir: PathBuf,
    /// Loaded models that are kept.
    pub models_cached: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            pool: "cpu".to_owned(),
            models_dir: PathBuf::from("models"),
            packages_dir: PathBuf::from("data/models"),
            models_cached: 2,
        }
    }
}

impl Config {
    /// Whether the values can be used.
    ///
    /// # Errors
    /// The key and what is wrong, in words.
    pub fn check(&self) -> Result<(), String> {
        let named = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if self.pool.is_empty() || !self.pool.chars().all(named) {
            return Err(format!("worker.pool '{}' is not a word of letters, digits and '-'", self.pool));
        }
        if self.models_cached == 0 {
            return Err("worker.models_cached is 0: each job would load its model again".to_owned());
        }
        Ok(())
    }
}
