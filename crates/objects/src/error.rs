//! What can go wrong with a store.

use contract::Digest;

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address can't be used.
    #[error("'{url}' is not an address of an object store: {problem}")]
    Address {
        /// The address; it holds no secret.
        url: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The folder of a `file:` store, or the file of credentials, can't be used.
    #[error("the {what} {path} can't be used")]
    File {
        /// `folder` or `credentials file`.
        what: &'static str,
        /// Its path.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The store failed.
    #[error("the object store failed to {attempt}")]
    Store {
        /// What was attempted.
        attempt: &'static str,
        /// Why it failed.
        #[source]
        source: object_store::Error,
    },
    /// The stored bytes are not those that the key was made from.
    #[error("object {key} is damaged: its {bytes} stored bytes have another digest")]
    Corrupt {
        /// The key.
        key: Digest,
        /// Length of what is stored.
        bytes: u64,
    },
    /// What should have been kept could not be read to its end.
    #[error("the stream that was to be kept broke off")]
    Source(#[source] std::io::Error),
}

impl Error {
    /// Whether the same attempt may succeed later without anybody's help.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Store { .. })
    }
}
