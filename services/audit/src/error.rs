//! What can go wrong in audit.

use platform::class::Class;
use platform::http::HttpError;
use std::path::PathBuf;

/// Why audit did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database did not do its part.
    #[error("the ledger's database can't be used")]
    Database(#[from] database::Error),
    /// A service told two different events under one number: its outbox was rewritten or restored.
    #[error("{service} told another event {seq} than the one the ledger has")]
    Contradiction {
        /// The service.
        service: String,
        /// The number.
        seq: i64,
    },
    /// An entry that is not what audit writes.
    #[error("entry {position} of the ledger can't be read")]
    Entry {
        /// Its place.
        position: i64,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The hash beside an entry is no hash.
    #[error("the hash beside entry {position} of the ledger can't be read")]
    Leaf {
        /// Its place.
        position: i64,
    },
    /// The second place of the checkpoints can't be used.
    #[error("the export {} can't be used", path.display())]
    Export {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The syslog receiver did not confirm what it was sent.
    #[error("the syslog receiver at {address} did not confirm a batch")]
    Syslog {
        /// Where it listens.
        address: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// No witness has cosigned the newest checkpoint.
    #[error("the newest checkpoint is not cosigned: {0}")]
    NotCosigned(String),
    /// The export holds more leaves than the ledger: the database is older than its own checkpoints.
    #[error("the export holds {exported} entries and the ledger {size}: the database was set back")]
    SetBack {
        /// Leaves in the export.
        exported: u64,
        /// Entries in the ledger.
        size: u64,
    },
    /// The tree that is kept does not lead to the root that was signed.
    #[error("the tiles of the ledger don't lead from entry {position} to the root of its checkpoint")]
    Proof {
        /// The entry.
        position: u64,
    },
    /// The key that signs checkpoints can't be used.
    #[error("the ledger's key can't be used")]
    Key(#[from] platform::keys::KeyError),
}

impl Error {
    /// What the one who handles it does about it.
    pub fn class(&self) -> Class {
        match self {
            Self::Database(source) if source.is_transient() => Class::Retry,
            Self::Export { .. } | Self::Syslog { .. } | Self::NotCosigned(_) => Class::Retry,
            Self::Database(_)
            | Self::Contradiction { .. }
            | Self::Entry { .. }
            | Self::Leaf { .. }
            | Self::Proof { .. }
            | Self::SetBack { .. }
            | Self::Key(_) => Class::Park,
        }
    }
}

/// An error with its causes, in words.
pub(crate) fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

impl From<Error> for HttpError {
    fn from(error: Error) -> Self {
        match error.class() {
            Class::Retry => Self::Unavailable,
            Class::Refuse | Class::Park => Self::internal(error),
        }
    }
}
