//! What can go wrong in intake.

use platform::Class;
use platform::http::HttpError;

/// Why intake did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The disk is as full as it may become.
    #[error("the disk is full")]
    DiskFull,
    /// The database did not do its part.
    #[error("the database did not do its part")]
    Database(#[from] database::Error),
    /// The object store did not do its part.
    #[error("the object store did not do its part")]
    Objects(#[from] objects::Error),
    /// A stored object is gone.
    #[error("object {0} is gone from the store")]
    ObjectGone(contract::Digest),
    /// The domain says no.
    #[error("refused: {0}")]
    Refused(contract::Refusal),
    /// A stored value is not what this version of the program writes.
    #[error("a stored {what} can't be read")]
    Stored {
        /// What it should be.
        what: &'static str,
    },
    /// How full the disk is can't be told.
    #[error("how full the disk of {} is can't be told", folder.display())]
    Disk {
        /// The watched folder.
        folder: std::path::PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file to be imported can't be read.
    #[error("{} can't be read", path.display())]
    Read {
        /// The file or folder.
        path: std::path::PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// An archive to be imported can't be read.
    #[error("the archive {} can't be read", path.display())]
    Archive {
        /// The archive.
        path: std::path::PathBuf,
        /// Why.
        #[source]
        source: zip::result::ZipError,
    },
}

impl Error {
    /// What the one who handles it does about it.
    pub fn class(&self) -> Class {
        match self {
            Self::DiskFull | Self::Disk { .. } => Class::Retry,
            Self::Database(error) if error.is_transient() || error.is_unique_violation() => Class::Retry,
            Self::Objects(error) if error.is_transient() => Class::Retry,
            Self::Database(_) | Self::Objects(_) | Self::ObjectGone(_) | Self::Stored { .. } => Class::Park,
            Self::Read { .. } | Self::Archive { .. } | Self::Refused(_) => Class::Refuse,
        }
    }

    /// Whether it is about one object, and another one may be stored all the same.
    pub fn is_about_one_object(&self) -> bool {
        matches!(self, Self::Objects(objects::Error::Corrupt { .. }))
    }

    /// Whether somebody else was quicker: the same attempt on fresh facts may succeed at once.
    pub fn lost_a_race(&self) -> bool {
        matches!(self, Self::Database(error) if error.is_unique_violation() || error.is_transient())
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
            Error::DiskFull => Self::OutOfSpace,
            Error::Refused(refusal) => Self::Refused(refusal),
            other if other.class() == Class::Retry => Self::Unavailable,
            other => Self::internal(other),
        }
    }
}
