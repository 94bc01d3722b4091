//! The second place of the ledger's checkpoints: a folder that better lies on another machine.
//!
//! `checkpoints.txt` holds signed notes with an empty line before each; `leaves.bin` holds the leaf hashes, 32
//! bytes each, up to the newest checkpoint. Leaves are written and flushed before the checkpoint that confirms
//! them, and a crash in between is made good by the next export.

use crate::Error;
use crate::checkpoint::{self, Checkpoint, NoteError, VerifierKey};
use crate::cosignature::WitnessKey;
use contract::{Digest, Time};
use std::io::SeekFrom;
use std::path::{Path, PathBuf};
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncSeekExt as _, AsyncWriteExt as _};

/// The file with the signed notes.
pub const CHECKPOINTS_FILE: &str = "checkpoints.txt";
/// The file with the leaf hashes, beside the notes.
pub const LEAVES_FILE: &str = "leaves.bin";

/// The file with the notes that a witness has cosigned.
pub const WITNESSED_FILE: &str = "witnessed.txt";

const LEAF_BYTES: u64 = 32;

/// The folder.
#[derive(Debug, Clone)]
pub struct Export {
    dir: PathBuf,
}

impl Export {
    /// Opens the folder, which is made if need be.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(dir).map_err(|source| Error::Export { path: dir.to_owned(), source })?;
        Ok(Self { dir: dir.to_owned() })
    }

    /// The number of whole leaf hashes kept.
    pub async fn leaf_count(&self) -> Result<u64, Error> {
        let path = self.dir.join(LEAVES_FILE);
        match tokio::fs::metadata(&path).await {
            Ok(metadata) => Ok(metadata.len() / LEAF_BYTES),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
            Err(source) => Err(Error::Export { path, source }),
        }
    }

    /// Keeps `leaves`, which follow after `count` others, and then the note.
    pub async fn append(&self, count: u64, leaves: &[Digest], note: &str) -> Result<(), Error> {
        let leaves: Vec<u8> = leaves.iter().flat_map(|leaf| *leaf.as_bytes()).collect();
        // Half a leaf from a crash is written over; a note that a crash cut short must not join the next one.
        self.write(LEAVES_FILE, SeekFrom::Start(count * LEAF_BYTES), &leaves).await?;
        self.write(CHECKPOINTS_FILE, SeekFrom::End(0), format!("\n{note}").as_bytes()).await
    }

    /// Keeps a note that a witness has cosigned.
    pub(crate) async fn append_witnessed(&self, note: &str) -> Result<(), Error> {
        self.write(WITNESSED_FILE, SeekFrom::End(0), format!("\n{note}").as_bytes()).await
    }

    async fn write(&self, name: &str, at: SeekFrom, bytes: &[u8]) -> Result<(), Error> {
        let path = self.dir.join(name);
        let written = async {
            let mut options = OpenOptions::new();
            let mut file = options.write(true).create(true).truncate(false).open(&path).await?;
            file.seek(at).await?;
            file.write_all(bytes).await?;
            file.sync_all().await?;
            File::open(&self.dir).await?.sync_all().await
        };
        written.await.map_err(|source| Error::Export { path: path.clone(), source })
    }
}

/// The checkpoints in the text of a checkpoint file, each with a signature by `key`.
///
/// # Errors
/// The line at which a whole note starts that `key` did not sign. What a crash cut short is passed over.
pub fn read_checkpoints(text: &str, key: &VerifierKey) -> Result<Vec<Checkpoint>, (usize, NoteError)> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let starts = (0..lines.len()).filter(|at| lines[*at].trim_end_matches('\n') == key.name());
    let mut checkpoints = Vec::new();
    for start in starts {
        // Origin, size, root, an empty line and the signature.
        let Some(note) = lines.get(start..start + 5) else { continue };
        if note[3] != "\n" || !note[4].starts_with('—') || !note[4].ends_with('\n') {
            continue;
        }
        let checkpoint = key.open(&note.concat()).map_err(|error| (start + 1, error))?;
        checkpoints.push(checkpoint);
    }
    Ok(checkpoints)
}

/// The checkpoints of the ledger `origin` in the text of a file of cosigned notes, with when `witness` signed each. What
/// it did not sign is passed over.
pub fn read_witnessed(text: &str, origin: &str, witness: &WitnessKey) -> Vec<(Checkpoint, Time)> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let starts = (0..lines.len()).filter(|at| lines[*at].trim_end_matches('\n') == origin);
    let read = |start: usize| {
        // Origin, size, root, an empty line and the signatures.
        let body = lines.get(start..start + 3)?.concat();
        let signatures: String =
            lines.get(start + 4..)?.iter().take_while(|line| line.starts_with('—')).copied().collect();
        let cosignature = witness.find(&body, &signatures).ok()?;
        Some((checkpoint::read_text(&body).ok()?, cosignature.at))
    };
    starts.filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::CheckpointSigner;
    use ed25519_dalek::SigningKey;

    fn signer() -> CheckpointSigner {
        CheckpointSigner::new("countersign/ledger", SigningKey::from_bytes(&[7; 32]))
    }

    #[tokio::test]
    async fn what_is_exported_is_read_back_past_a_note_that_a_crash_cut_short() {
        let dir = tempfile::tempdir().unwrap();
        let export = Export::open(dir.path()).unwrap();
        let leaves = [Digest::of(b"a"), Digest::of(b"b"), Digest::of(b"c")];
        let note = |size| signer().sign(size, Digest::of(b"root"));
        export.append(0, &leaves[..1], &note(1)).await.unwrap();
        let checkpoints = dir.path().join(CHECKPOINTS_FILE);
        let torn = std::fs::read_to_string(&checkpoints).unwrap() + "\n" + &note(2)[..30];
        std::fs::write(&checkpoints, torn).unwrap();
        export.append(1, &leaves[1..], &note(3)).await.unwrap();

        let text = std::fs::read_to_string(&checkpoints).unwrap();
        let found = read_checkpoints(&text, &signer().verifier_key()).unwrap();
        assert_eq!(found.iter().map(|checkpoint| checkpoint.size).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(crate::ledger::read_hashes(&std::fs::read(dir.path().join(LEAVES_FILE)).unwrap()), leaves);
        assert_eq!(export.leaf_count().await.unwrap(), 3);
    }

    #[test]
    fn a_whole_note_of_another_key_is_named_by_its_line() {
        let stranger = CheckpointSigner::new("countersign/ledger", SigningKey::from_bytes(&[8; 32]));
        let text = format!("{}\n{}", signer().sign(1, Digest::of(b"")), stranger.sign(2, Digest::of(b"")));
        let refused = read_checkpoints(&text, &signer().verifier_key());
        assert!(matches!(refused, Err((7, NoteError::Unsigned(_)))));
    }
}
