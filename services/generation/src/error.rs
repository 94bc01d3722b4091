//! What can go wrong in generation.

use contract::ClientError;
use platform::Class;
use platform::http::HttpError;

/// Why generation did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database did not do its part.
    #[error("generation's database can't be used")]
    Database(#[from] database::Error),
    /// Another service did not answer.
    #[error("another service could not be asked")]
    Client(#[from] ClientError),
    /// A store did not do its part.
    #[error("a store of objects can't be used")]
    Store(#[from] objects::Error),
    /// The bus did not take a job.
    #[error("a job could not be published")]
    Bus(#[from] bus::Error),
    /// What a run refers to is not there.
    #[error("{what} of the run is not known to its owner")]
    Unknown {
        /// What.
        what: &'static str,
    },
    /// A stored value is not what generation writes.
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
            Self::Database(source) if source.is_transient() => Class::Retry,
            // The clients call our own services: what one can't answer now it may answer when it is well again.
            Self::Client(_) | Self::Bus(_) => Class::Retry,
            Self::Store(source) if !matches!(source, objects::Error::Corrupt { .. }) => Class::Retry,
            Self::Database(_) | Self::Store(_) | Self::Unknown { .. } | Self::Stored { .. } => Class::Park,
        }
    }
}

impl From<Error> for HttpError {
    fn from(error: Error) -> Self {
        match error {
            Error::Client(source) => source.into(),
            error if error.class() == Class::Retry => Self::Unavailable,
            error => Self::internal(error),
        }
    }
}
