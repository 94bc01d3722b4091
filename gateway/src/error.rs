//! What can go wrong at the door, and what to do about it.

use contract::{ClientError, Refusal};
use platform::Class;
use platform::http::HttpError;

/// Why the gateway did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The domain says no.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// A service gave no answer.
    #[error("a service gave no answer")]
    Client(#[from] ClientError),
    /// The database did not do its part.
    #[error("the gateway's database failed")]
    Database(#[from] database::Error),
    /// An object can't be read.
    #[error("an object can't be read")]
    Objects(#[from] objects::Error),
    /// A password can't be hashed.
    #[error("a password can't be hashed")]
    Password(#[source] argon2::password_hash::Error),
}

impl Error {
    /// What to do about it.
    pub fn class(&self) -> Class {
        match self {
            Self::Refused(_) | Self::Client(ClientError::Refused { .. }) => Class::Refuse,
            Self::Client(error) if error.is_transient() => Class::Retry,
            Self::Database(error) if error.is_transient() => Class::Retry,
            Self::Client(_) | Self::Database(_) | Self::Objects(_) | Self::Password(_) => Class::Park,
        }
    }

    /// The refusal, when the domain said no.
    pub fn into_refusal(self) -> Result<Refusal, Self> {
        match self {
            Self::Refused(refusal) | Self::Client(ClientError::Refused { refusal, .. }) => Ok(refusal),
            other => Err(other),
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
            Error::Client(error) => error.into(),
            other if other.class() == Class::Retry => Self::Unavailable,
            other => Self::internal(other),
        }
    }
}
