//! Proof files: what somebody takes home who may not read the ledger, and checks there with the public key alone.
//!
//! An *inclusion* proof carries one entry, its place and the hashes that lead from it to the root of a signed
//! checkpoint. A *consistency* proof carries two signed checkpoints and the hashes that show the older to be the
//! beginning of the newer.
//!
//! # Source
//! The inclusion file is a C2SP `tlog-proof` whose extra data is the entry's canonical JSON and, on a second line,
//! what is personal in it with the salts of its commitments; the signatures are C2SP signed notes. The algorithms of checking are RFC 9162 §2.1.3.2 and §2.1.4.2. C2SP has no format for
//! consistency; ours is in the same manner.

use crate::checkpoint::{Checkpoint, NoteError, VerifierKey};
use crate::entry::{Entry, Told};
use crate::ledger::{leaf_hash, node_hash};
use crate::personal::{self, Opened};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use contract::Digest;

/// The first line of an inclusion proof.
const INCLUSION: &str = "c2sp.org/tlog-proof@v1";
/// The first line of a consistency proof.
const CONSISTENCY: &str = "countersign-ledger-consistency@v1";
/// More hashes than a tree of 2^64 entries could need.
const HASHES_MAX: usize = 130;

/// What a proof file shows.
#[derive(Debug, Clone, PartialEq)]
pub enum Proven {
    /// The entry stands at this place of the ledger that the checkpoint was signed over.
    Inclusion {
        /// Its place.
        index: u64,
        /// The entry.
        entry: Box<Entry>,
        /// The checkpoint.
        checkpoint: Checkpoint,
    },
    /// The ledger of the older checkpoint is the beginning of that of the newer one.
    Consistency {
        /// The older.
        former: Checkpoint,
        /// The newer.
        latter: Checkpoint,
    },
}

/// Why a proof file shows nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// It has not the form.
    #[error("it is not a proof file: {0}")]
    Malformed(&'static str),
    /// A checkpoint in it can't be believed.
    #[error("its checkpoint can't be believed")]
    Checkpoint(#[from] NoteError),
    /// The hashes don't lead where they should.
    #[error("{0}")]
    Wrong(&'static str),
}

/// Writes an inclusion proof of an entry, which may be shown with what is personal in it; `note` is a signed checkpoint.
pub fn inclusion_text(index: u64, entry: (&str, &str), proof: &[Digest], note: &str) -> String {
    let extra = BASE64.encode(match entry {
        (entry, "") => entry.to_owned(),
        (entry, personal) => format!("{entry}\n{personal}"),
    });
    format!("{INCLUSION}\nextra {extra}\nindex {index}\n{}\n{note}", hash_lines(proof))
}

/// Writes a consistency proof between two signed checkpoints.
pub fn consistency_text(proof: &[Digest], former: &str, latter: &str) -> String {
    format!("{CONSISTENCY}\n{}\n{former}\n{latter}", hash_lines(proof))
}

fn hash_lines(proof: &[Digest]) -> String {
    proof.iter().map(|hash| BASE64.encode(hash.as_bytes()) + "\n").collect()
}

/// Checks a proof file with nothing but the public key.
///
/// # Errors
/// What is wrong with it.
pub fn check(text: &str, key: &VerifierKey) -> Result<Proven, ProofError> {
    let (first, rest) = text.split_once('\n').ok_or(ProofError::Malformed("it has one line only"))?;
    match first {
        INCLUSION => check_inclusion(rest, key),
        CONSISTENCY => check_consistency(rest, key),
        _ => Err(ProofError::Malformed("its first line names no known kind")),
    }
}

fn check_inclusion(text: &str, key: &VerifierKey) -> Result<Proven, ProofError> {
    let (extra, rest) = line(text, "extra ").ok_or(ProofError::Malformed("the entry is missing"))?;
    let (index, rest) = line(rest, "index ").ok_or(ProofError::Malformed("the index is missing"))?;
    let index: u64 = index.parse().map_err(|_| ProofError::Malformed("the index is no number"))?;
    let entry = BASE64.decode(extra).map_err(|_| ProofError::Malformed("the entry is not base64"))?;
    let (proof, note) = hashes(rest)?;
    let checkpoint = key.open(note)?;
    let end = entry.iter().position(|byte| *byte == b'\n').unwrap_or(entry.len());
    let (entry, personal) = (&entry[..end], entry.get(end + 1..).unwrap_or_default());
    let root = inclusion_root(leaf_hash(entry), index, checkpoint.size, &proof);
    if root != Some(checkpoint.root) {
        return Err(ProofError::Wrong("the entry does not stand there in the ledger that was signed"));
    }
    let newer = ProofError::Malformed("the entry is of a newer version of this program");
    let texts = std::str::from_utf8(entry).ok().zip(std::str::from_utf8(personal).ok());
    let (entry, personal) = texts.ok_or_else(|| newer.clone())?;
    let told: Told = serde_json::from_str(entry).map_err(|_| newer.clone())?;
    // Who hands a proof on may keep back what is personal.
    let commitments = told.personal.iter().map(|(part, commitment)| (*part, *commitment));
    if !personal.is_empty() && personal::compare(commitments, personal) == Opened::Wrong {
        return Err(ProofError::Wrong("what is personal in the entry is not what was committed to"));
    }
    let entry = Entry::read(entry, personal).map_err(|_| newer)?;
    Ok(Proven::Inclusion { index, entry: Box::new(entry), checkpoint })
}

fn check_consistency(text: &str, key: &VerifierKey) -> Result<Proven, ProofError> {
    let (proof, notes) = hashes(text)?;
    // A note has one empty line inside, and one stands between the two.
    let between =
        notes.match_indices("\n\n").nth(1).ok_or(ProofError::Malformed("a checkpoint is missing"))?.0;
    let (former, latter) = (key.open(&notes[..=between])?, key.open(&notes[between + 2..])?);
    if !is_consistent(&former, &latter, &proof) {
        return Err(ProofError::Wrong("the newer ledger does not begin with the older one"));
    }
    Ok(Proven::Consistency { former, latter })
}

fn line<'t>(text: &'t str, start: &str) -> Option<(&'t str, &'t str)> {
    text.strip_prefix(start)?.split_once('\n')
}

/// The hashes up to the first empty line, and what follows it.
fn hashes(mut text: &str) -> Result<(Vec<Digest>, &str), ProofError> {
    let mut hashes = Vec::new();
    loop {
        let (line, rest) = text.split_once('\n').ok_or(ProofError::Malformed("it ends among the hashes"))?;
        text = rest;
        if line.is_empty() {
            return Ok((hashes, text));
        }
        let bytes = BASE64.decode(line).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        let bytes = bytes.ok_or(ProofError::Malformed("a line among the hashes is no hash"))?;
        if hashes.len() == HASHES_MAX {
            return Err(ProofError::Malformed("it has too many hashes"));
        }
        hashes.push(Digest::from_bytes(bytes));
    }
}

/// The root to which `proof` leads from the leaf at `index` in a tree of `size`; `None` when it has another length
/// than such a proof has.
///
/// # Source
/// RFC 9162 §2.1.3.2.
pub fn inclusion_root(leaf: Digest, index: u64, size: u64, proof: &[Digest]) -> Option<Digest> {
    if index >= size {
        return None;
    }
    let (mut place, mut last, mut root) = (index, size - 1, leaf);
    for hash in proof {
        if last == 0 {
            return None;
        }
        if place & 1 == 1 || place == last {
            root = node_hash(hash, &root);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            root = node_hash(&root, hash);
        }
        place >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(root)
}

/// Whether `proof` shows the ledger of `former` to be the beginning of that of `latter`.
///
/// # Source
/// RFC 9162 §2.1.4.2.
pub fn is_consistent(former: &Checkpoint, latter: &Checkpoint, proof: &[Digest]) -> bool {
    if former.size == 0 || former.size > latter.size {
        return false;
    }
    if former.size == latter.size {
        return proof.is_empty() && former.root == latter.root;
    }
    let whole = former.size.is_power_of_two();
    let mut proof = proof.iter();
    let Some(first) = (if whole { Some(&former.root) } else { proof.next() }) else { return false };
    let (mut place, mut last) = (former.size - 1, latter.size - 1);
    while place & 1 == 1 {
        place >>= 1;
        last >>= 1;
    }
    let (mut former_root, mut latter_root) = (*first, *first);
    for hash in proof {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            former_root = node_hash(hash, &former_root);
            latter_root = node_hash(hash, &latter_root);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            latter_root = node_hash(&latter_root, hash);
        }
        place >>= 1;
        last >>= 1;
    }
    last == 0 && former_root == former.root && latter_root == latter.root
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::CheckpointSigner;
    use crate::entry::tests::envelope;
    use crate::ledger::{consistency_proof, inclusion_proof, root};
    use contract::{Event, Time};
    use ed25519_dalek::SigningKey;

    fn signer() -> CheckpointSigner {
        CheckpointSigner::new("countersign/ledger", SigningKey::from_bytes(&[7; 32]))
    }

    fn entries(count: i64) -> Vec<String> {
        let refused = |_| Event::LoginRefused { reason_code: "wrong_credentials".to_owned() };
        let entry =
            |seq| Entry { recorded_at: Time::UNIX_EPOCH, envelope: envelope("gateway", seq, refused(seq)) };
        (1..=count).map(|seq| entry(seq).canonical()).collect()
    }

    fn leaves(entries: &[String]) -> Vec<Digest> {
        entries.iter().map(|entry| leaf_hash(entry.as_bytes())).collect()
    }

    fn note(leaves: &[Digest]) -> String {
        signer().sign(leaves.len() as u64, root(leaves))
    }

    fn inclusion(entries: &[String], index: usize) -> String {
        let leaves = leaves(entries);
        inclusion_text(index as u64, (&entries[index], ""), &inclusion_proof(&leaves, index), &note(&leaves))
    }

    fn consistency(leaves: &[Digest], former: usize) -> String {
        consistency_text(&consistency_proof(leaves, former), &note(&leaves[..former]), &note(leaves))
    }

    #[test]
    fn every_entry_of_every_small_ledger_is_proved_to_be_in_it() {
        let key = signer().verifier_key();
        for size in 1..=20 {
            let entries = entries(size);
            for index in 0..size as usize {
                let shown = check(&inclusion(&entries, index), &key).unwrap();
                let Proven::Inclusion { index: at, entry, checkpoint } = shown else { panic!("{shown:?}") };
                assert_eq!((at, checkpoint.size), (index as u64, size as u64));
                assert_eq!(entry.canonical(), entries[index]);
            }
        }
    }

    #[test]
    fn every_small_ledger_is_proved_to_begin_every_larger_one() {
        let (key, leaves) = (signer().verifier_key(), leaves(&entries(20)));
        for size in 1..=20 {
            for former in 1..=size {
                let shown = check(&consistency(&leaves[..size], former), &key).unwrap();
                let Proven::Consistency { former: old, latter } = shown else { panic!("{shown:?}") };
                assert_eq!((old.size, latter.size), (former as u64, size as u64));
            }
        }
    }

    #[test]
    fn a_file_with_any_one_letter_changed_shows_nothing_or_the_same() {
        let key = signer().verifier_key();
        let entries = entries(13);
        for text in [inclusion(&entries, 6), consistency(&leaves(&entries), 7)] {
            let whole = check(&text, &key).unwrap();
            for (at, byte) in text.bytes().enumerate() {
                let other = if byte == b'A' { b'B' } else { b'A' };
                let mut changed = text.clone().into_bytes();
                changed[at] = other;
                let Ok(changed) = String::from_utf8(changed) else { continue };
                // Only what base64 does not look at may change without a trace.
                if let Ok(shown) = check(&changed, &key) {
                    assert_eq!(shown, whole, "letter {at}");
                }
            }
        }
    }

    #[test]
    fn a_proof_for_another_place_or_of_another_key_is_refused() {
        let entries = entries(9);
        let text = inclusion(&entries, 4);
        let moved = text.replace("index 4", "index 5");
        let wrong = ProofError::Wrong("the entry does not stand there in the ledger that was signed");
        assert_eq!(check(&moved, &signer().verifier_key()), Err(wrong));
        let stranger = CheckpointSigner::new("countersign/ledger", SigningKey::from_bytes(&[8; 32]));
        assert!(matches!(check(&text, &stranger.verifier_key()), Err(ProofError::Checkpoint(_))));
    }

    #[test]
    fn a_rewritten_ledger_does_not_continue_the_older_one() {
        let (key, whole) = (signer().verifier_key(), leaves(&entries(12)));
        let mut rewritten = whole.clone();
        rewritten[2] = leaf_hash(b"something else");
        let text = consistency_text(&consistency_proof(&rewritten, 5), &note(&whole[..5]), &note(&rewritten));
        let wrong = ProofError::Wrong("the newer ledger does not begin with the older one");
        assert_eq!(check(&text, &key), Err(wrong));
    }

    #[test]
    fn what_is_no_proof_file_is_told_from_a_wrong_one() {
        let key = signer().verifier_key();
        for text in ["", "hello\nworld\n", "c2sp.org/tlog-proof@v1\nindex 4\n", "c2sp.org/tlog-proof@v1\n"] {
            assert!(matches!(check(text, &key), Err(ProofError::Malformed(_))), "{text}");
        }
    }
}
