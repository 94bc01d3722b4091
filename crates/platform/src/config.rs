//! Configuration as one documented value: defaults, then a TOML file, then `COUNTERSIGN__SECTION__KEY`.

use figment::Figment;
use figment::providers::{Env, Format as _, Serialized, Toml};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};

/// A configuration that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// An unknown key, a wrong type, or a file that is not TOML.
    #[error("configuration {} can't be read", path.as_deref().unwrap_or(Path::new("(defaults and environment)")).display())]
    Read {
        /// The file, when one was named.
        path: Option<PathBuf>,
        /// Key, expected type and place.
        #[source]
        source: Box<figment::Error>,
    },
    /// Values that don't go together.
    #[error("{0}")]
    Check(String),
}

/// Loads a configuration: `T::default()`, overridden by `file`, overridden by the environment. Unknown keys are
/// refused when `T` says `deny_unknown_fields`.
///
/// # Errors
/// [`ConfigError::Read`], naming the key.
pub fn load<T: Default + Serialize + DeserializeOwned>(file: Option<&Path>) -> Result<T, ConfigError> {
    let mut figment = Figment::from(Serialized::defaults(T::default()));
    if let Some(path) = file {
        figment = figment.merge(Toml::file_exact(path));
    }
    figment
        .merge(Env::prefixed("COUNTERSIGN__").split("__"))
        .extract()
        .map_err(|source| ConfigError::Read { path: file.map(Path::to_path_buf), source: Box::new(source) })
}
