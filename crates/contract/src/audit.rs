//! Audit's HTTP contract: the ledger.

use crate::{Actor, Client, ClientError, Digest, EventId, Page, PageRequest, Time};
use serde::{Deserialize, Serialize};

/// One entry of the ledger.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// Place in the tree, from 0.
    pub index: u64,
    /// The event it records.
    pub event: EventId,
    /// Who told it.
    pub service: String,
    /// Its place among that service's events.
    pub seq: i64,
    /// When the fact became true.
    pub occurred_at: Time,
    /// When it was recorded.
    pub recorded_at: Time,
    /// Who caused it.
    pub actor: Actor,
    /// What it is about.
    pub subject: String,
    /// Type of the event.
    pub kind: String,
    /// The entry as a sentence for people.
    pub sentence: String,
    /// RFC 6962 leaf hash.
    pub leaf: Digest,
}

/// State of the ledger.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LedgerStatus {
    /// Number of entries.
    pub size: u64,
    /// RFC 6962 root hash.
    pub root: Digest,
    /// The newest signed checkpoint, as a C2SP signed note.
    pub checkpoint: Option<String>,
    /// Gaps in the sequences of services, in words; empty when whole.
    pub gaps: Vec<String>,
}

/// Which entries are wanted.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct LedgerQuery {
    /// The page.
    #[serde(flatten)]
    pub page: PageRequest,
    /// Only entries about this id, or caused by this person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
}

/// Typed client.
#[derive(Clone)]
pub struct Audit(pub Client);

impl Audit {
    /// Entries, newest first; for quality, and itself recorded.
    pub async fn entries(&self, query: &LedgerQuery) -> Result<Page<LedgerEntry>, ClientError> {
        let mut pairs: Vec<(&str, String)> = Vec::new();
        pairs.extend(query.page.first.map(|first| ("first", first.to_string())));
        pairs.extend(query.page.after.clone().map(|after| ("after", after)));
        pairs.extend(query.subject.clone().map(|subject| ("subject", subject)));
        self.0.get_one("/v1/ledger", &pairs).await
    }

    /// Entries about any of several ids, oldest first: the history of a case.
    pub async fn history(&self, subjects: Vec<String>) -> Result<Vec<LedgerEntry>, ClientError> {
        self.0.post("/v1/ledger/history", &crate::client::Batch { ids: subjects }).await
    }

    /// State of the ledger.
    pub async fn status(&self) -> Result<LedgerStatus, ClientError> {
        self.0.get_one("/v1/ledger/status", &()).await
    }
}
