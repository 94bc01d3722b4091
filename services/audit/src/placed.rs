//! An entry with its place.

use crate::Error;
use crate::entry::Entry;
use contract::Digest;

/// An entry with its place and the hash of its leaf.
pub(crate) struct Placed {
    pub(crate) position: i64,
    leaf: String,
    pub(crate) entry: Entry,
    /// Its canonical JSON.
    pub(crate) text: String,
}

impl Placed {
    /// Reads what is stored.
    pub(crate) fn read(position: i64, leaf: String, text: String) -> Result<Self, Error> {
        let entry = serde_json::from_str(&text).map_err(|source| Error::Entry { position, source })?;
        Ok(Self { position, leaf, entry, text })
    }

    /// An entry as it would stand at `position`.
    #[cfg(test)]
    pub(crate) fn new(position: i64, entry: Entry) -> Self {
        let text = entry.canonical();
        Self { position, leaf: crate::ledger::leaf_hash(text.as_bytes()).to_string(), entry, text }
    }

    /// The hash of its leaf.
    pub(crate) fn leaf(&self) -> Result<Digest, Error> {
        self.leaf.parse().map_err(|_| Error::Leaf { position: self.position })
    }
}
