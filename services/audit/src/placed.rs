//! An entry with its place.

use crate::Error;
use crate::entry::Entry;
#[cfg(test)]
use crate::entry::Written;
use contract::Digest;

/// An entry with its place and the hash of its leaf.
pub(crate) struct Placed {
    pub(crate) position: i64,
    leaf: String,
    pub(crate) entry: Entry,
    /// Its canonical JSON.
    pub(crate) text: String,
    /// What is personal in it.
    pub(crate) personal: String,
}

impl Placed {
    /// Reads what is stored.
    pub(crate) fn read(position: i64, leaf: String, text: String, personal: String) -> Result<Self, Error> {
        let entry = Entry::read(&text, &personal).map_err(|source| Error::Entry { position, source })?;
        Ok(Self { position, leaf, entry, text, personal })
    }

    /// An entry as it would stand at `position`.
    #[cfg(test)]
    pub(crate) fn new(position: i64, entry: Entry) -> Self {
        let Written { text, personal, .. } = entry.sealed(|| [7; 32]);
        let leaf = crate::ledger::leaf_hash(text.as_bytes()).to_string();
        Self { position, leaf, entry, text, personal }
    }

    /// The hash of its leaf.
    pub(crate) fn leaf(&self) -> Result<Digest, Error> {
        self.leaf.parse().map_err(|_| Error::Leaf { position: self.position })
    }
}
