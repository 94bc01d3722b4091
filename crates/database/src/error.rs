//! What can go wrong with a database.

use sea_orm::{DbErr, SqlErr};

/// Why a database did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address can't be used.
    #[error("'{scheme}:' is not an address of a database: {problem}")]
    Address {
        /// What stands before the colon; the rest may hold a password.
        scheme: String,
        /// What is wrong with it.
        problem: String,
    },
    /// No connection to the database of a service.
    #[error("the database of {service} can't be opened")]
    Connect {
        /// The service.
        service: String,
        /// Why.
        #[source]
        source: DbErr,
    },
    /// The folder for SQLite files can't be made.
    #[error("the folder {folder} can't be made")]
    Folder {
        /// The folder.
        folder: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The schema can't be brought up to date.
    #[error("the schema can't be brought up to date")]
    Migrate(#[source] DbErr),
    /// A statement failed.
    #[error("the database refused a statement")]
    Query(#[from] DbErr),
    /// Somebody else changed the row first, or the transaction lost against another.
    #[error("{what} was changed by somebody else in the meantime")]
    Conflict {
        /// What was to be changed.
        what: &'static str,
    },
    /// A stored value is not what this version of the program writes.
    #[error("a stored {what} can't be read")]
    Stored {
        /// What it should be.
        what: &'static str,
        /// Why it isn't.
        #[source]
        source: serde_json::Error,
    },
}

impl Error {
    /// Whether the same attempt may succeed later without anybody's help: the database was away, busy, or the
    /// transaction lost against another.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Conflict { .. } | Self::Connect { .. } => true,
            Self::Query(source) | Self::Migrate(source) => is_transient(source),
            Self::Address { .. } | Self::Folder { .. } | Self::Stored { .. } => false,
        }
    }

    /// Whether a unique key stood in the way.
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Query(source)
            if matches!(source.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))))
    }
}

fn is_transient(source: &DbErr) -> bool {
    match source {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(cause) | DbErr::Query(cause) => {
            let text = cause.to_string();
            crate::dialect::TRANSIENT_CODES.iter().any(|code| text.contains(code))
        }
        _ => false,
    }
}
