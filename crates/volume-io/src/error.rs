//! What can go wrong with a volume file.

use std::{io, path::PathBuf};
use thiserror::Error;

/// What can go wrong with a volume file.
#[derive(Debug, Error)]
pub enum Error {
    /// The file can't be opened, read or written.
    #[error("can't access {path}")]
    Access {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The compressed data is broken or longer than its header allows.
    #[error("can't decompress the volume")]
    Decompress(#[source] io::Error),
    /// The file isn't what its format prescribes, or uses a part of the format that isn't read here.
    #[error("not a readable volume: {0}")]
    Format(String),
    /// The header describes no usable grid.
    #[error("the header describes no usable volume")]
    Volume(#[from] imaging::Error),
}

impl Error {
    pub(crate) fn access(path: &std::path::Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Access { path, source }
    }
}
