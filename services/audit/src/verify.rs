//! Verification of the whole ledger from outside: it reads the database and the exported checkpoints, and needs
//! no secret and no running service.

use crate::checkpoint::{Checkpoint, VerifierKey};
use crate::cosignature::WitnessKey;
use crate::error::describe;
use crate::examine::{self, Evidence, Examiner, Verification};
use crate::ledger::read_hashes;
use crate::store::{self, Mentions, Scanned};
use crate::{Error, export};
use contract::Time;
use database::DatabaseConnection;
use std::path::Path;

/// Verifies the ledger in the database at `url` against the checkpoint file, whose signatures the key file must
/// confirm. Exported leaf hashes are looked for beside the checkpoint file.
///
/// With a `witness` it must have cosigned a checkpoint, which is looked for beside the checkpoint file.
pub async fn verify(url: &str, checkpoints: &Path, key: &Path, witness: Option<&WitnessKey>) -> Verification {
    match connect(url).await {
        Ok(db) => verify_database(&db, checkpoints, key, witness).await,
        Err(why) => Verification::CannotTell { why },
    }
}

/// As [`verify`], over a connection to the database.
pub async fn verify_database(
    db: &DatabaseConnection,
    checkpoints: &Path,
    key: &Path,
    witness: Option<&WitnessKey>,
) -> Verification {
    let outcome = async {
        let mut evidence = load_evidence(checkpoints, key)?;
        let Some(witness) = witness else { return verify_entries(db, evidence).await };
        let cosigned = load_cosigned(checkpoints, load_key(key)?.name(), witness);
        evidence.checkpoints.extend(cosigned.iter().map(|(checkpoint, _)| checkpoint.clone()));
        Ok(witnessed(verify_entries(db, evidence).await?, &cosigned, witness))
    };
    outcome.await.unwrap_or_else(|why| Verification::CannotTell { why })
}

fn load_cosigned(checkpoints: &Path, origin: &str, witness: &WitnessKey) -> Vec<(Checkpoint, Time)> {
    let file = checkpoints.with_file_name(export::WITNESSED_FILE);
    let text = std::fs::read_to_string(file).unwrap_or_default();
    export::read_witnessed(&text, origin, witness)
}

/// A whole ledger is only as good as its witness, where one is wanted.
fn witnessed(whole: Verification, cosigned: &[(Checkpoint, Time)], witness: &WitnessKey) -> Verification {
    let Verification::Verified { size, beyond } = whole else { return whole };
    match cosigned.iter().max_by_key(|(checkpoint, _)| checkpoint.size) {
        Some((checkpoint, at)) => {
            Verification::Witnessed { size, beyond, cosigned: checkpoint.size, at: *at }
        }
        None => Verification::CannotTell { why: format!("no checkpoint was cosigned by {}", witness.name()) },
    }
}

/// Reads the public key of a witness.
///
/// # Errors
/// Why it can't be used.
pub fn load_witness(path: &Path) -> Result<WitnessKey, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("{} can't be read: {error}", path.display()))?;
    text.parse().map_err(|error| format!("{} can't be used: {error}", path.display()))
}

fn load_evidence(checkpoints: &Path, key: &Path) -> Result<Evidence, String> {
    let read = |path: &Path| {
        std::fs::read_to_string(path).map_err(|error| format!("{} can't be read: {error}", path.display()))
    };
    let key = load_key(key)?;
    let found = export::read_checkpoints(&read(checkpoints)?, &key);
    let checkpoints_found =
        found.map_err(|(line, error)| format!("{} line {line}: {error}", checkpoints.display()))?;
    let leaves_file = checkpoints.with_file_name(export::LEAVES_FILE);
    // They only sharpen the answer: without them a rewrite is located between two checkpoints.
    let leaves = std::fs::read(leaves_file).map(|bytes| read_hashes(&bytes)).unwrap_or_default();
    Ok(Evidence { checkpoints: checkpoints_found, leaves })
}

/// Reads the public key of a ledger.
///
/// # Errors
/// Why it can't be used.
pub fn load_key(path: &Path) -> Result<VerifierKey, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("{} can't be read: {error}", path.display()))?;
    text.parse().map_err(|error| format!("{} can't be used: {error}", path.display()))
}

/// Connects to the ledger's database at `url`, which must be there.
///
/// # Errors
/// Why there is no connection.
pub async fn connect(url: &str) -> Result<DatabaseConnection, String> {
    if let Some(folder) = url.strip_prefix("sqlite:") {
        let file = Path::new(folder.trim_start_matches("//")).join("audit.sqlite");
        // Opening would make an empty one.
        if !file.is_file() {
            return Err(format!("there is no ledger at {}", file.display()));
        }
    }
    database::connect(url, "audit").await.map_err(|error| describe(&error))
}

/// The ledger may grow meanwhile: it ends where a look at the head finds nothing more to read.
async fn verify_entries(db: &DatabaseConnection, evidence: Evidence) -> Result<Verification, String> {
    let mut examiner = Examiner::new(evidence);
    let mut former_head = None;
    let mut page = read(db, examiner.next_index()).await?;
    loop {
        let next = examiner.next_index();
        let Some(found) = page.take() else {
            if let Some(verdict) = look_beyond(db, next).await? {
                return Ok(verdict);
            }
            let head = store::head_load(db).await.map_err(|error| describe(&error))?;
            if head.size() <= next || former_head.as_ref() == Some(&head) {
                return Ok(examiner.finish(&head));
            }
            former_head = Some(head);
            page = read(db, next).await?;
            continue;
        };
        let following = next + found.entries.len() as u64;
        // The database gathers the next block while this one is examined.
        let (read, verdict) = futures::join!(read(db, following), async { examine(&mut examiner, &found) });
        if let Some(verdict) = verdict {
            return Ok(verdict);
        }
        page = read?;
    }
}

/// The verdict where an entry stands further on than the one that is wanted next.
async fn look_beyond(db: &DatabaseConnection, next: u64) -> Result<Option<Verification>, String> {
    let beyond = store::position_after(db, next).await.map_err(|error| describe(&error))?;
    let beyond = beyond.filter(|position| u64::try_from(*position) != Ok(next));
    Ok(beyond.map(|position| examine::missing(next, position)))
}

/// The rest of a block with the mentions of its entries.
struct Page {
    entries: Scanned,
    mentions: Mentions,
}

async fn read(db: &DatabaseConnection, from: u64) -> Result<Option<Page>, String> {
    let read = async {
        let Some(entries) = store::entry_scan(db, from).await? else { return Ok(None) };
        let mentions = store::mention_block(db, from).await?;
        Ok(Some(Page { entries, mentions }))
    };
    read.await.map_err(|error: Error| describe(&error))
}

fn examine(examiner: &mut Examiner, page: &Page) -> Option<Verification> {
    page.entries.find_map(&page.mentions, |row| examiner.take_row(row).err())
}
