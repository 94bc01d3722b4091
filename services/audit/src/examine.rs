//! Whether the entries of a ledger are those that its checkpoints were signed over, and which one is not.
//!
//! An entry is held against what stands beside it (its own leaf hash, the columns that repeat it), against the
//! exported leaf hashes, and with all entries before it against the signed roots. The exported leaf hashes need
//! no trust: only as far as the signed roots confirm them do they say which entry was changed. Without them a
//! consistent rewrite is located between two checkpoints.

use crate::checkpoint::Checkpoint;
use crate::entry::Told;
use crate::ledger::{Frontier, leaf_hash};
use crate::personal::{self, Gone, Opened};
use contract::audit::{Erasure, ErasureScope};
use contract::{Digest, Time};

/// An entry as it stands in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    /// Its place.
    pub position: i64,
    /// Id of its event.
    pub event: String,
    /// Who told it.
    pub service: String,
    /// Its number among that service's events.
    pub seq: i64,
    /// Type of its event.
    pub kind: String,
    /// Its canonical JSON.
    pub entry: String,
    /// The leaf hash written beside it.
    pub leaf: String,
    /// What is personal in it, beside the commitments in its JSON: [`crate::personal`].
    pub personal: String,
    /// The keys of the ids by which it is found, ascending: [`crate::entry::mention_key`].
    pub mentions: Vec<i64>,
}

impl StoredEntry {
    /// The entry without a copy of its texts.
    pub(crate) fn row(&self) -> Row<'_> {
        Row {
            position: self.position,
            event: &self.event,
            service: &self.service,
            seq: self.seq,
            kind: &self.kind,
            entry: &self.entry,
            leaf: &self.leaf,
            personal: &self.personal,
            mentions: &self.mentions,
        }
    }
}

/// A [`StoredEntry`] whose texts lie elsewhere: a whole ledger is read so.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'e> {
    pub(crate) position: i64,
    pub(crate) event: &'e str,
    pub(crate) service: &'e str,
    pub(crate) seq: i64,
    pub(crate) kind: &'e str,
    pub(crate) entry: &'e str,
    pub(crate) leaf: &'e str,
    pub(crate) personal: &'e str,
    pub(crate) mentions: &'e [i64],
}

/// What was kept outside the database.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// Checkpoints with a valid signature.
    pub checkpoints: Vec<Checkpoint>,
    /// Exported leaf hashes, from the first entry on.
    pub leaves: Vec<Digest>,
}

/// What an examination showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verification {
    /// The ledger is whole.
    Verified {
        /// Entries that a signed checkpoint vouches for.
        size: u64,
        /// Newer entries, which no checkpoint vouches for yet.
        beyond: u64,
    },
    /// The ledger is whole, and somebody elsewhere has seen that it only grew.
    Witnessed {
        /// Entries that a signed checkpoint vouches for.
        size: u64,
        /// Newer entries, which no checkpoint vouches for yet.
        beyond: u64,
        /// Entries that the witness has cosigned.
        cosigned: u64,
        /// When it did.
        at: Time,
    },
    /// The ledger is not the one that was signed.
    Altered {
        /// The first bad entry.
        index: u64,
        /// What is wrong there.
        what: String,
    },
    /// Nothing was shown, neither good nor bad.
    CannotTell {
        /// Why not.
        why: String,
    },
}

impl Verification {
    /// The exit code of the command line: 0 whole, 1 altered, 2 can't tell.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Verified { .. } | Self::Witnessed { .. } => 0,
            Self::Altered { .. } => 1,
            Self::CannotTell { .. } => 2,
        }
    }
}

/// The verdict where the entry at `index` is missing and the next one stands at `position`.
pub(crate) fn missing(index: u64, position: i64) -> Verification {
    altered(index, format!("it is missing; the next entry stands at {position}"))
}

fn altered(index: u64, what: impl Into<String>) -> Verification {
    Verification::Altered { index, what: what.into() }
}

/// Takes the entries of a ledger one after the other and gives its verdict at the first bad one, or at the end.
#[derive(Clone)]
pub struct Examiner {
    checkpoints: Vec<Checkpoint>,
    /// Exported leaf hashes as far as the checkpoints confirm them.
    confirmed: Vec<Digest>,
    frontier: Frontier,
    /// Entries that a checkpoint has vouched for so far.
    vouched: u64,
    /// What is gone from entries so far; an entry further on must say that it was erased.
    gone: Vec<Gone>,
    /// What was agreed to erase so far, and below which place.
    erasures: Vec<(ErasureScope, u64)>,
}

impl Examiner {
    /// An examination against `evidence`.
    pub fn new(evidence: Evidence) -> Self {
        let Evidence { mut checkpoints, leaves } = evidence;
        checkpoints.sort_by_key(|checkpoint| checkpoint.size);
        let confirmed = confirm(&checkpoints, leaves);
        Self {
            checkpoints,
            confirmed,
            frontier: Frontier::default(),
            vouched: 0,
            gone: Vec::new(),
            erasures: Vec::new(),
        }
    }

    /// The place of the entry that is wanted next.
    pub fn next_index(&self) -> u64 {
        self.frontier.size()
    }

    /// Examines the next entry.
    ///
    /// # Errors
    /// The verdict, when the entry is not what was signed.
    pub fn take(&mut self, stored: &StoredEntry) -> Result<(), Verification> {
        self.take_row(&stored.row())
    }

    /// As [`Examiner::take`].
    pub(crate) fn take_row(&mut self, stored: &Row<'_>) -> Result<(), Verification> {
        let index = self.next_index();
        if u64::try_from(stored.position) != Ok(index) {
            return Err(missing(index, stored.position));
        }
        let leaf = leaf_hash(stored.entry.as_bytes());
        if let Some(expected) = usize::try_from(index).ok().and_then(|index| self.confirmed.get(index))
            && *expected != leaf
        {
            return Err(altered(index, self.compare_with_confirmed(leaf)));
        }
        match check_columns(stored, leaf).map_err(|what| altered(index, what))? {
            Found::Entry => {}
            Found::Gone(gone) => self.gone.push(gone),
            Found::Erasure(scope, before) => self.erasures.push((scope, before)),
        }
        self.frontier.append(leaf);
        self.check_checkpoints()
    }

    /// What the confirmed leaves say about a leaf that stands in the wrong place.
    fn compare_with_confirmed(&self, leaf: Digest) -> String {
        match self.confirmed.iter().position(|confirmed| *confirmed == leaf) {
            Some(recorded) => {
                format!("entry {recorded} stands here: entries were dropped, inserted or reordered")
            }
            None => "its content is not what was recorded".to_owned(),
        }
    }

    fn check_checkpoints(&mut self) -> Result<(), Verification> {
        let size = self.frontier.size();
        let start = self.checkpoints.partition_point(|checkpoint| checkpoint.size < size);
        let here = self.checkpoints[start..].iter().take_while(|checkpoint| checkpoint.size == size);
        let mut vouched = self.vouched;
        for checkpoint in here {
            if checkpoint.root != self.frontier.root() {
                let what = format!(
                    "entries {} to {} are not those that the checkpoint at {size} was signed over",
                    self.vouched,
                    size - 1
                );
                return Err(altered(self.vouched, what));
            }
            vouched = size;
        }
        self.vouched = vouched;
        Ok(())
    }

    /// The verdict after the last entry; `head` is the frontier that the database keeps.
    pub fn finish(self, head: &Frontier) -> Verification {
        let size = self.frontier.size();
        let signed = self.checkpoints.last().map_or(0, |checkpoint| checkpoint.size);
        if size < signed {
            return altered(size, format!("the entries from here on are missing; {signed} were signed"));
        }
        if size < head.size() {
            return altered(
                size,
                format!("the entries from here on are missing; there were {}", head.size()),
            );
        }
        if let Some(index) = Gone::first_unexplained(&self.gone, &self.erasures) {
            return altered(index, "its personal content is gone, and no entry says that it was erased");
        }
        if *head != self.frontier {
            let what = "the frontier kept in the database is not that of the entries before it";
            return altered(head.size().min(size), what);
        }
        let why = match (size, signed) {
            (0, _) => "the ledger is empty and no checkpoint was found",
            (_, 0) => "no signed checkpoint was found to hold the ledger against",
            _ => return Verification::Verified { size: signed, beyond: size - signed },
        };
        Verification::CannotTell { why: why.to_owned() }
    }
}

/// The longest beginning of `leaves` that a checkpoint confirms, with every checkpoint before it.
fn confirm(checkpoints: &[Checkpoint], mut leaves: Vec<Digest>) -> Vec<Digest> {
    let mut frontier = Frontier::default();
    let mut confirmed = 0;
    for checkpoint in checkpoints {
        let Ok(size) = usize::try_from(checkpoint.size) else { break };
        let Some(more) = leaves.get(confirmed..size) else { break };
        for leaf in more {
            frontier.append(*leaf);
        }
        if frontier.root() != checkpoint.root {
            break;
        }
        confirmed = size;
    }
    leaves.truncate(confirmed);
    leaves
}

/// What an entry means for the others.
enum Found {
    /// Nothing.
    Entry,
    /// Content is gone from it.
    Gone(Gone),
    /// Content was agreed to be erased from entries below a place.
    Erasure(ErasureScope, u64),
}

/// Whether everything that stands beside an entry says the same as the entry.
fn check_columns(stored: &Row<'_>, leaf: Digest) -> Result<Found, String> {
    let mut hash = [0; 64];
    hex::encode_to_slice(leaf.as_bytes(), &mut hash).expect("32 bytes are 64 digits");
    if stored.leaf.as_bytes() != hash {
        return Err("its content does not have the hash written beside it".to_owned());
    }
    let told: Told =
        serde_json::from_str(stored.entry).map_err(|error| format!("it can't be read: {error}"))?;
    let (told, commitments) = (&told.envelope, &told.personal);
    let columns = [
        ("event", stored.event == told.id),
        ("service", stored.service == told.service),
        ("seq", stored.seq == told.seq),
        ("kind", stored.kind == told.kind),
        ("list of mentioned ids", told.mentions_are(stored.mentions)),
    ];
    if let Some((column, _)) = columns.into_iter().find(|(_, same)| !same) {
        return Err(format!("its {column} was changed beside its content"));
    }
    let commitments = commitments.iter().map(|(part, commitment)| (*part, *commitment));
    match personal::compare(commitments, stored.personal) {
        Opened::Wrong => Err("its personal content is not what was committed to".to_owned()),
        Opened::Erased => Ok(Found::Gone(Gone::new(stored.position as u64, told.user(), stored.personal))),
        Opened::Whole if told.kind == "erasure.approved" => erasure(stored.entry),
        Opened::Whole => Ok(Found::Entry),
    }
}

/// What an entry agrees to erase.
fn erasure(entry: &str) -> Result<Found, String> {
    let unread = |error: serde_json::Error| format!("it can't be read: {error}");
    let mut entry: serde_json::Value = serde_json::from_str(entry).map_err(unread)?;
    let told: Erasure = serde_json::from_value(entry["envelope"]["payload"].take()).map_err(unread)?;
    Ok(Found::Erasure(told.scope, told.before))
}
