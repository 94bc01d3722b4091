//! What can go wrong in review.

use contract::{ClientError, Refusal};
use platform::Class;
use platform::http::HttpError;

/// Why review did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The domain says no.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// Not there, or not for this actor; the two are never told apart.
    #[error("there is nothing here for this actor")]
    NotFound,
    /// The database did not do its part.
    #[error("the database did not do its part")]
    Database(#[from] database::Error),
    /// Another service did not answer.
    #[error("another service did not answer")]
    Client(#[from] ClientError),
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
            Self::Refused(_) | Self::NotFound => Class::Refuse,
            Self::Database(error) if error.is_transient() || error.is_unique_violation() => Class::Retry,
            Self::Client(error) if error.is_transient() => Class::Retry,
            Self::Database(_) | Self::Client(_) | Self::Stored { .. } => Class::Park,
        }
    }

    /// Whether the same attempt on fresh facts may succeed at once: somebody else was quicker.
    pub fn lost_a_race(&self) -> bool {
        matches!(self, Self::Database(error)
            if error.is_unique_violation() || matches!(error, database::Error::Conflict { .. }))
    }
}

impl From<sea_orm::DbErr> for Error {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Database(error.into())
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
            Error::NotFound => Self::NotFound,
            other if other.class() == Class::Retry => Self::Unavailable,
            other => Self::internal(other),
        }
    }
}
