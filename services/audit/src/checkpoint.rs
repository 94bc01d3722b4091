//! Signed checkpoints of the ledger: who holds one can later show that the ledger was changed behind it.
//!
//! # Source
//! C2SP `tlog-checkpoint` (origin, size, root) in a C2SP `signed-note` with an Ed25519 signature.

use crate::config::Config;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::TimeDelta;
use contract::{Digest, Time};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;

/// The signature type of Ed25519 in signed notes.
const ED25519: u8 = 1;

/// What a checkpoint says: the ledger had this root when it had this many entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The name of the ledger.
    pub origin: String,
    /// The number of entries.
    pub size: u64,
    /// The RFC 6962 root over them.
    pub root: Digest,
}

/// Why a text is no checkpoint of this ledger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It has not the form of a signed checkpoint.
    #[error("it is not a checkpoint in the form of a signed note")]
    Malformed,
    /// No signature of the given key.
    #[error("it is not signed by the key {0}")]
    Unsigned(String),
    /// A key that can't be used.
    #[error("it is not an Ed25519 verifier key in the form of signed notes")]
    Key,
}

/// Makes signed checkpoints.
pub struct CheckpointSigner {
    origin: String,
    key: SigningKey,
}

impl CheckpointSigner {
    /// Signs as `origin`, which is the name of the ledger and of the key.
    pub fn new(origin: &str, key: SigningKey) -> Self {
        Self { origin: origin.to_owned(), key }
    }

    /// What others need to check the signatures.
    pub fn verifier_key(&self) -> VerifierKey {
        VerifierKey { name: self.origin.clone(), key: self.key.verifying_key() }
    }

    /// The signed note for a ledger of `size` entries with this root.
    pub fn sign(&self, size: u64, root: Digest) -> String {
        let text = format!("{}\n{size}\n{}\n", self.origin, BASE64.encode(root.as_bytes()));
        let mut signature = self.verifier_key().id().to_vec();
        signature.extend_from_slice(&self.key.sign(text.as_bytes()).to_bytes());
        format!("{text}\n— {} {}\n", self.origin, BASE64.encode(signature))
    }
}

/// A public key with its name, as signed notes write it: `<name>+<hash>+<key>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    key: VerifyingKey,
}

impl VerifierKey {
    /// The name of the key, which is the origin of its checkpoints.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn typed_key(&self) -> [u8; 33] {
        let mut typed = [ED25519; 33];
        typed[1..].copy_from_slice(self.key.as_bytes());
        typed
    }

    fn id(&self) -> [u8; 4] {
        let hash = Sha256::new().chain_update(&self.name).chain_update("\n").chain_update(self.typed_key());
        let [a, b, c, d, ..]: [u8; 32] = hash.finalize().into();
        [a, b, c, d]
    }

    /// The text of a note that this key signed, its last line end included.
    fn open_note<'n>(&self, note: &'n str) -> Result<&'n str, NoteError> {
        let (text, signatures) = note.rsplit_once("\n\n").ok_or(NoteError::Malformed)?;
        let text = &note[..=text.len()];
        let signed = signatures.lines().any(|line| self.is_signature(text, line));
        if signed { Ok(text) } else { Err(NoteError::Unsigned(self.to_string())) }
    }

    fn is_signature(&self, text: &str, line: &str) -> bool {
        let decoded = line
            .strip_prefix("— ")
            .and_then(|rest| rest.strip_prefix(&self.name))
            .and_then(|rest| rest.strip_prefix(' '))
            .and_then(|encoded| BASE64.decode(encoded).ok());
        let Some(bytes) = decoded else { return false };
        bytes
            .strip_prefix(&self.id())
            .and_then(|bytes| Signature::from_slice(bytes).ok())
            .is_some_and(|signature| self.key.verify_strict(text.as_bytes(), &signature).is_ok())
    }

    /// The checkpoint in a note that this key signed.
    pub fn open(&self, note: &str) -> Result<Checkpoint, NoteError> {
        read_text(self.open_note(note)?)
    }
}

/// What the text of a note says, whoever signed it.
pub(crate) fn read_text(text: &str) -> Result<Checkpoint, NoteError> {
    let mut lines = text.lines();
    let mut line = || lines.next().ok_or(NoteError::Malformed);
    let (origin, size, root) = (line()?, line()?, line()?);
    let size = size.parse().map_err(|_| NoteError::Malformed)?;
    let root = BASE64.decode(root).ok().and_then(|root| <[u8; 32]>::try_from(root).ok());
    let root = root.map(Digest::from_bytes).ok_or(NoteError::Malformed)?;
    Ok(Checkpoint { origin: origin.to_owned(), size, root })
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{}+{}", self.name, hex::encode(self.id()), BASE64.encode(self.typed_key()))
    }
}

impl FromStr for VerifierKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.trim_end().splitn(3, '+');
        let mut part = || parts.next().ok_or(NoteError::Key);
        let (name, hash, encoded) = (part()?, part()?, part()?);
        let typed: [u8; 33] =
            BASE64.decode(encoded).ok().and_then(|typed| typed.try_into().ok()).ok_or(NoteError::Key)?;
        let Some((&ED25519, key)) = typed.split_first() else { return Err(NoteError::Key) };
        let key = key.try_into().expect("33 bytes without the first are 32");
        let key = VerifyingKey::from_bytes(key).map_err(|_| NoteError::Key)?;
        let key = Self { name: name.to_owned(), key };
        if hash == hex::encode(key.id()) { Ok(key) } else { Err(NoteError::Key) }
    }
}

/// When a new checkpoint is made.
#[derive(Debug, Clone, Copy)]
pub struct Rhythm {
    /// After this many entries.
    pub entries: u64,
    /// After this time, when there is any new entry.
    pub interval: TimeDelta,
}

impl Config {
    /// The rhythm that is configured.
    pub fn rhythm(&self) -> Rhythm {
        let interval = TimeDelta::seconds(i64::from(self.checkpoint_interval_s));
        Rhythm { entries: self.checkpoint_entries, interval }
    }

    /// How long a checkpoint may be due before that is an alarm.
    pub fn patience(&self) -> TimeDelta {
        TimeDelta::seconds(2 * i64::from(self.checkpoint_interval_s))
    }
}

impl Rhythm {
    /// Whether a ledger of `size` entries is due for a checkpoint; `last` is the size and time of the newest one.
    pub fn is_due(&self, size: u64, last: Option<(u64, Time)>, now: Time) -> bool {
        match last {
            None => size > 0,
            Some((last_size, last_time)) => {
                size >= last_size.saturating_add(self.entries)
                    || (size > last_size && now - last_time >= self.interval)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The example of golang.org/x/mod/sumdb/note, which C2SP signed-note took over.
    const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const PETERS_NOTE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\
        \n\
        — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    fn signer() -> CheckpointSigner {
        CheckpointSigner::new("countersign/ledger", SigningKey::from_bytes(&[7; 32]))
    }

    #[test]
    fn the_published_note_is_accepted_and_a_changed_one_is_not() {
        let peter: VerifierKey = PETER.parse().unwrap();
        assert_eq!(peter.to_string(), PETER);
        assert!(peter.open_note(PETERS_NOTE).is_ok());
        assert!(peter.open_note(&PETERS_NOTE.replace("think", "hope")).is_err());
    }

    #[test]
    fn a_checkpoint_survives_its_note() {
        let signer = signer();
        let note = signer.sign(500, Digest::of(b"root"));
        let key: VerifierKey = signer.verifier_key().to_string().parse().unwrap();
        let expected =
            Checkpoint { origin: "countersign/ledger".to_owned(), size: 500, root: Digest::of(b"root") };
        assert_eq!(key.open(&note).unwrap(), expected);
    }

    #[test]
    fn a_checkpoint_of_another_key_is_refused() {
        let stranger = CheckpointSigner::new("countersign/ledger", SigningKey::from_bytes(&[8; 32]));
        let refused = signer().verifier_key().open(&stranger.sign(1, Digest::of(b"")));
        assert!(matches!(refused, Err(NoteError::Unsigned(_))));
    }

    #[test]
    fn checkpoints_come_after_so_many_entries_or_so_much_time_but_never_without_an_entry() {
        let rhythm = Rhythm { entries: 1000, interval: TimeDelta::seconds(60) };
        let start = Time::UNIX_EPOCH;
        let later = |seconds| start + TimeDelta::seconds(seconds);
        assert!(!rhythm.is_due(0, None, later(1000)));
        assert!(rhythm.is_due(1, None, start));
        assert!(!rhythm.is_due(5, Some((5, start)), later(1000)));
        assert!(!rhythm.is_due(6, Some((5, start)), later(59)));
        assert!(rhythm.is_due(6, Some((5, start)), later(60)));
        assert!(rhythm.is_due(1005, Some((5, start)), start));
    }
}
