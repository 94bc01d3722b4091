//! Cosignatures: a witness, who keeps nothing but the newest checkpoint it has seen, signs that a ledger still begins
//! with what it was before. Whoever trusts the witness knows that nobody is shown another ledger.
//!
//! # Source
//! C2SP `tlog-cosignature` (cosignature/v1) in a C2SP `signed-note`, and `tlog-witness`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::DateTime;
use contract::{Digest, Time};
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;

/// The signature type of cosignatures in signed notes.
const COSIGNATURE: u8 = 4;
/// Bytes of a time before a signature.
const TIME_BYTES: usize = 8;

/// What is wrong with a witness's key or answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CosignatureError {
    /// A key that can't be used.
    #[error("it is not the verifier key of a witness (cosignature/v1) in the form of signed notes")]
    Key,
    /// No cosignature of the witness.
    #[error("it has no cosignature by {0}")]
    Missing(String),
}

/// The public key of a witness, as signed notes write it: `<name>+<hash>+<key>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessKey {
    name: String,
    key: VerifyingKey,
}

/// A witness's signature under a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosignature {
    /// The line in the note, without its line end.
    pub line: String,
    /// When the witness signed, by its clock.
    pub at: Time,
}

impl WitnessKey {
    /// A witness by its name and key.
    pub fn new(name: &str, key: VerifyingKey) -> Self {
        Self { name: name.to_owned(), key }
    }

    /// The witness.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What tells the key among others of that name.
    pub fn id(&self) -> [u8; 4] {
        let hash = Sha256::new().chain_update(&self.name).chain_update("\n").chain_update(self.typed_key());
        let [a, b, c, d, ..]: [u8; 32] = hash.finalize().into();
        [a, b, c, d]
    }

    fn typed_key(&self) -> [u8; 33] {
        let mut typed = [COSIGNATURE; 33];
        typed[1..].copy_from_slice(self.key.as_bytes());
        typed
    }

    /// The witness's cosignature of a checkpoint among lines of signatures; `text` is the checkpoint without them, its
    /// last line end included.
    ///
    /// # Errors
    /// When there is none that is genuine.
    pub fn find(&self, text: &str, lines: &str) -> Result<Cosignature, CosignatureError> {
        let found = lines.lines().find_map(|line| self.read(text, line));
        found.ok_or_else(|| CosignatureError::Missing(self.to_string()))
    }

    fn read(&self, text: &str, line: &str) -> Option<Cosignature> {
        let encoded = line.strip_prefix("— ")?.strip_prefix(&self.name)?.strip_prefix(' ')?;
        let bytes = BASE64.decode(encoded).ok()?;
        let (time, signature) = bytes.strip_prefix(&self.id())?.split_at_checked(TIME_BYTES)?;
        let seconds = u64::from_be_bytes(time.try_into().ok()?);
        let signature = Signature::from_slice(signature).ok()?;
        self.key.verify_strict(message(seconds, text).as_bytes(), &signature).ok()?;
        let at = DateTime::from_timestamp(i64::try_from(seconds).ok()?, 0)?;
        Some(Cosignature { line: line.to_owned(), at })
    }
}

/// What a witness signs over a checkpoint at a time.
pub fn message(seconds: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {seconds}\n{text}")
}

/// The line of a signature in a note.
pub fn signature_line(name: &str, id: [u8; 4], seconds: u64, signature: &[u8; 64]) -> String {
    let bytes = [id.as_slice(), &seconds.to_be_bytes(), signature].concat();
    format!("— {name} {}", BASE64.encode(bytes))
}

/// What a witness is asked to cosign: the checkpoint, and the proof that it continues the one of `old` entries.
///
/// # Source
/// C2SP `tlog-witness`, `add-checkpoint`.
pub fn request(old: u64, proof: &[Digest], note: &str) -> String {
    let hashes: String = proof.iter().map(|hash| BASE64.encode(hash.as_bytes()) + "\n").collect();
    format!("old {old}\n{hashes}\n{note}")
}

impl fmt::Display for WitnessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{}+{}", self.name, hex::encode(self.id()), BASE64.encode(self.typed_key()))
    }
}

impl FromStr for WitnessKey {
    type Err = CosignatureError;

    fn from_str(text: &str) -> Result<Self, CosignatureError> {
        let mut parts = text.trim_end().splitn(3, '+');
        let mut part = || parts.next().ok_or(CosignatureError::Key);
        let (name, hash, encoded) = (part()?, part()?, part()?);
        let typed: Option<[u8; 33]> = BASE64.decode(encoded).ok().and_then(|typed| typed.try_into().ok());
        let typed = typed.ok_or(CosignatureError::Key)?;
        let Some((&COSIGNATURE, key)) = typed.split_first() else { return Err(CosignatureError::Key) };
        let key = key.try_into().expect("33 bytes without the first are 32");
        let key = VerifyingKey::from_bytes(key).map_err(|_| CosignatureError::Key)?;
        let key = Self { name: name.to_owned(), key };
        if hash == hex::encode(key.id()) { Ok(key) } else { Err(CosignatureError::Key) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::{Signer as _, SigningKey};

    const TEXT: &str = "countersign/ledger\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";

    fn secret() -> SigningKey {
        SigningKey::from_bytes(&[5; 32])
    }

    fn witness() -> WitnessKey {
        WitnessKey::new("example.org/witness", secret().verifying_key())
    }

    fn line(seconds: u64, text: &str) -> String {
        let signature = secret().sign(message(seconds, text).as_bytes()).to_bytes();
        signature_line(witness().name(), witness().id(), seconds, &signature)
    }

    #[test]
    fn a_key_survives_text_and_another_kind_of_key_is_refused() {
        let text = witness().to_string();
        assert_eq!(text.parse::<WitnessKey>().unwrap(), witness());
        let ledger = crate::checkpoint::CheckpointSigner::new("example.org/witness", secret());
        assert_eq!(ledger.verifier_key().to_string().parse::<WitnessKey>(), Err(CosignatureError::Key));
    }

    #[test]
    fn a_cosignature_says_when_it_was_made() {
        let found = witness().find(TEXT, &line(1_700_000_000, TEXT)).unwrap();
        assert_eq!(found.at.to_rfc3339(), "2023-11-14T22:13:20+00:00");
    }

    #[test]
    fn a_cosignature_of_something_else_counts_for_nothing() {
        let other = TEXT.replace("\n7\n", "\n8\n");
        let moved = {
            let genuine = line(1_700_000_000, TEXT);
            let signature = secret().sign(message(1_700_000_000, TEXT).as_bytes()).to_bytes();
            let moved = signature_line(witness().name(), witness().id(), 1_700_000_001, &signature);
            assert_ne!(moved, genuine);
            moved
        };
        let renamed = line(1, TEXT).replace("example.org", "example.com");
        for lines in [line(1_700_000_000, &other), moved, renamed, String::new(), "— x y".to_owned()] {
            assert!(witness().find(TEXT, &lines).is_err(), "{lines}");
        }
    }

    #[test]
    fn a_request_has_the_form_of_the_protocol() {
        let asked = request(20, &[Digest::from_bytes([0; 32])], "note\n");
        assert_eq!(asked, "old 20\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\nnote\n");
        assert_eq!(request(0, &[], "note\n"), "old 0\n\nnote\n");
    }
}
