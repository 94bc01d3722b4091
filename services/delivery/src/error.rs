//! What can go wrong in delivery.

use contract::{ClientError, Refusal, ReleaseId};
use platform::Class;
use platform::http::HttpError;

/// Why delivery did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database did not do its part.
    #[error("the database did not do its part")]
    Database(#[from] database::Error),
    /// Another service did not answer.
    #[error("another service did not answer")]
    Client(#[from] ClientError),
    /// Review told of a release that it doesn't know.
    #[error("review does not know release {0}")]
    ReleaseUnknown(ReleaseId),
    /// There is no destination of this name.
    #[error("there is no destination of the name {0}")]
    DestinationUnknown(String),
    /// The object store did not do its part.
    #[error("the object store did not do its part")]
    Objects(#[from] objects::Error),
    /// An archive could not be written.
    #[error("the archive could not be written")]
    Archive(#[from] zip::result::ZipError),
    /// What was asked for isn't done.
    #[error("{0}")]
    Refused(Refusal),
    /// A stored value is not what this version of the program writes.
    #[error("the stored {what} '{text}' can't be read")]
    Stored {
        /// What it should be.
        what: &'static str,
        /// What stands there.
        text: String,
    },
}

impl Error {
    /// What the one who handles it does about it.
    pub fn class(&self) -> Class {
        match self {
            Self::Database(error) if error.is_transient() => Class::Retry,
            Self::Client(error) if error.is_transient() => Class::Retry,
            Self::Objects(objects::Error::Store { .. }) => Class::Retry,
            Self::Refused(_) | Self::Client(ClientError::Refused { .. }) => Class::Refuse,
            Self::Database(_)
            | Self::Client(_)
            | Self::Objects(_)
            | Self::Archive(_)
            | Self::ReleaseUnknown(_)
            | Self::DestinationUnknown(_)
            | Self::Stored { .. } => Class::Park,
        }
    }
}

impl From<sea_orm::DbErr> for Error {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Database(error.into())
    }
}

impl From<Error> for HttpError {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) | Error::Client(ClientError::Refused { refusal, .. }) => {
                Self::Refused(refusal)
            }
            error if error.class() == Class::Retry => Self::Unavailable,
            error => Self::internal(error),
        }
    }
}
