//! Verification of the whole ledger from outside: it reads the database and the exported checkpoints, and needs
//! no secret and no running service.

use crate::checkpoint::VerifierKey;
use crate::examine::{Evidence, Examiner, Verification};
use crate::ledger::read_hashes;
use crate::{export, store};
use database::DatabaseConnection;
use std::path::Path;

/// Entries read at once.
const PAGE_ENTRIES: u64 = 4_000;

/// Verifies the ledger in the database at `url` against the checkpoint file, whose signatures the key file must
/// confirm. Exported leaf hashes are looked for beside the checkpoint file.
pub async fn verify(url: &str, checkpoints: &Path, key: &Path) -> Verification {
    match connect(url).await {
        Ok(db) => verify_database(&db, checkpoints, key).await,
        Err(why) => Verification::CannotTell { why },
    }
}

/// As [`verify`], over a connection to the database.
pub async fn verify_database(db: &DatabaseConnection, checkpoints: &Path, key: &Path) -> Verification {
    let outcome = async { verify_entries(db, load_evidence(checkpoints, key)?).await };
    outcome.await.unwrap_or_else(|why| Verification::CannotTell { why })
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
    loop {
        let next = examiner.next_index();
        let page = store::entry_scan(db, next as i64, PAGE_ENTRIES).await;
        let page = page.map_err(|error| describe(&error))?;
        if page.is_empty() {
            let head = store::head_load(db).await.map_err(|error| describe(&error))?;
            if head.size() <= next || former_head.as_ref() == Some(&head) {
                return Ok(examiner.finish(&head));
            }
            former_head = Some(head);
        }
        for entry in &page {
            if let Err(verdict) = examiner.take(entry) {
                return Ok(verdict);
            }
        }
    }
}

fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
