//! What can go wrong in rollout.

use contract::{ClientError, Refusal};
use platform::class::Class;
use platform::http::HttpError;
use std::path::PathBuf;

/// Why rollout did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The domain says no.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// The database did not do its part.
    #[error("rollout's database can't be used")]
    Database(#[from] database::Error),
    /// Another service did not answer.
    #[error("another service could not be asked")]
    Client(#[from] ClientError),
    /// A file of a model can't be read.
    #[error("{} can't be read", path.display())]
    ModelFile {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A stored value is not what rollout writes.
    #[error("a stored {what} can't be read: '{text}'")]
    Stored {
        /// What it should be.
        what: &'static str,
        /// What is there.
        text: String,
    },
}

impl Error {
    /// What the one who handles it does about it.
    pub fn class(&self) -> Class {
        match self {
            Self::Refused(_) => Class::Refuse,
            Self::Database(source) if source.is_transient() => Class::Retry,
            Self::Client(source) if source.is_transient() => Class::Retry,
            Self::Database(_) | Self::Client(_) | Self::ModelFile { .. } | Self::Stored { .. } => Class::Park,
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Error> for HttpError {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => Self::Refused(refusal),
            Error::Client(source) => source.into(),
            error if error.class() == Class::Retry => Self::Unavailable,
            error => Self::internal(error),
        }
    }
}
