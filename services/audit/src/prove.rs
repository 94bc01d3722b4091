//! Making proofs from the kept tiles. Each is checked here, against the signed root, before it is handed out.

use crate::checkpoint::{self, Checkpoint};
use crate::ledger::leaf_hash;
use crate::store::{self, SignedCheckpoint};
use crate::tile::{consistency_ranges, inclusion_ranges, tiles_of};
use crate::{Error, proof};
use contract::Digest;
use contract::audit::ProofFile;
use database::DatabaseConnection;

/// What came of asking for a proof.
#[derive(Debug)]
pub enum Proved {
    /// There is no such entry.
    Absent,
    /// No checkpoint vouches for it yet.
    Unsigned,
    /// The proof.
    File(ProofFile),
}

/// Proves that the entry at `index` stands in the ledger of the newest checkpoint.
pub async fn inclusion(db: &DatabaseConnection, index: u64) -> Result<Proved, Error> {
    let Some((entry, personal)) = store::entry_text(db, index).await? else { return Ok(Proved::Absent) };
    let Some(latest) = covering(db, index).await? else { return Ok(Proved::Unsigned) };
    let ranges = inclusion_ranges(index, latest.size);
    let tiles = store::tile_list(db, &tiles_of(&ranges)).await?;
    let hashes = tiles.roots(&ranges).ok_or(Error::Proof { position: index })?;
    let root = proof::inclusion_root(leaf_hash(entry.as_bytes()), index, latest.size, &hashes);
    if root != Some(said_by(&latest, index)?.root) {
        return Err(Error::Proof { position: index });
    }
    let name = format!("ledger-entry-{index}.tlog-proof");
    let text = proof::inclusion_text(index, (&entry, &personal), &hashes, &latest.note);
    Ok(Proved::File(ProofFile { name, text }))
}

/// Proves that the first checkpointed ledger with the entry at `index` is the beginning of the newest one.
pub async fn consistency(db: &DatabaseConnection, index: u64) -> Result<Proved, Error> {
    if index >= store::head_load(db).await?.size() {
        return Ok(Proved::Absent);
    }
    let Some(latest) = covering(db, index).await? else { return Ok(Proved::Unsigned) };
    let first = store::checkpoint_covering(db, index + 1).await?.unwrap_or_else(|| latest.clone());
    let ranges = consistency_ranges(first.size, latest.size);
    let tiles = store::tile_list(db, &tiles_of(&ranges)).await?;
    let hashes = tiles.roots(&ranges).ok_or(Error::Proof { position: index })?;
    if !proof::is_consistent(&said_by(&first, index)?, &said_by(&latest, index)?, &hashes) {
        return Err(Error::Proof { position: index });
    }
    let name = format!("ledger-{}-{}.consistency-proof", first.size, latest.size);
    Ok(Proved::File(ProofFile { name, text: proof::consistency_text(&hashes, &first.note, &latest.note) }))
}

/// The hashes that show the ledger of `former` entries to be the beginning of that of `latter` entries.
pub(crate) async fn between(db: &DatabaseConnection, former: u64, latter: u64) -> Result<Vec<Digest>, Error> {
    if former == 0 || former == latter {
        return Ok(Vec::new());
    }
    let ranges = consistency_ranges(former, latter);
    let tiles = store::tile_list(db, &tiles_of(&ranges)).await?;
    tiles.roots(&ranges).ok_or(Error::Proof { position: former })
}

/// The newest checkpoint, if it vouches for the entry.
async fn covering(db: &DatabaseConnection, index: u64) -> Result<Option<SignedCheckpoint>, Error> {
    Ok(store::checkpoint_latest(db).await?.filter(|latest| latest.size > index))
}

/// What a checkpoint of our own says.
fn said_by(signed: &SignedCheckpoint, index: u64) -> Result<Checkpoint, Error> {
    checkpoint::read_text(&signed.note).map_err(|_| Error::Proof { position: index })
}
