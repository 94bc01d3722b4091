//! Audit's HTTP contract: the ledger.

mod erasure;
mod figures;
mod scores;
mod sentinels;
mod watch;

pub use erasure::*;
pub use figures::*;
pub use scores::*;
pub use sentinels::*;
pub use watch::*;

use crate::{Actor, Client, ClientError, Digest, ErasureId, EventId, Page, PageRequest, Time};
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

/// Events of a service that the ledger does not have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// The first missing number.
    pub first: i64,
    /// The last missing number.
    pub last: i64,
    /// Since when the ledger knows that they are missing.
    pub since: Time,
}

/// How far the ledger has the events of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceHealth {
    /// The service.
    pub service: String,
    /// The highest number that is recorded.
    pub last: i64,
    /// What is missing below it, ascending.
    pub gaps: Vec<Gap>,
}

/// Whether the ledger is as it should be.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LedgerHealth {
    /// Number of entries.
    pub size: u64,
    /// Entries that the newest checkpoint vouches for.
    pub signed: u64,
    /// When the newest checkpoint was signed.
    pub signed_at: Option<Time>,
    /// Entries that a checkpoint in the second place vouches for.
    pub exported: u64,
    /// Who watches from elsewhere, where somebody does.
    pub witness: Option<WitnessHealth>,
    /// How far the ledger has the events of each service.
    pub sources: Vec<SourceHealth>,
    /// What is wrong, in words; empty when nothing is.
    pub alarms: Vec<String>,
}

/// How far somebody elsewhere has seen that the ledger only grows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WitnessHealth {
    /// The witness.
    pub name: String,
    /// Entries that it has cosigned.
    pub size: u64,
    /// When it last did, by its clock.
    pub cosigned_at: Option<Time>,
    /// What is wrong now, in words.
    pub problem: Option<String>,
}

/// A proof to take away: `countersign ledger verify --proof` checks it with the public key alone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProofFile {
    /// What to call it.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExportFormat {
    /// One JSON object a line, with the entry's canonical JSON: nothing is left out.
    JsonLines,
    /// Comma-separated values (RFC 4180) with a header line.
    Csv,
    /// FHIR R4 AuditEvent resources, one a line (`application/fhir+ndjson`).
    Fhir,
    /// Audit messages of DICOM PS3.15 A.5, one XML document a line.
    Dicom,
}

impl ExportFormat {
    /// Every form.
    pub const ALL: [Self; 4] = [Self::JsonLines, Self::Csv, Self::Fhir, Self::Dicom];

    /// The form as it stands in URLs and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::JsonLines => "json-lines",
            Self::Csv => "csv",
            Self::Fhir => "fhir",
            Self::Dicom => "dicom",
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::JsonLines => "application/jsonl; charset=utf-8",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Fhir => "application/fhir+ndjson; charset=utf-8",
            Self::Dicom => "application/xml-seq; charset=utf-8",
        }
    }

    /// The end of a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::JsonLines => "jsonl",
            Self::Csv => "csv",
            Self::Fhir => "ndjson",
            Self::Dicom => "xml",
        }
    }
}

/// Which entries are exported, and how. An export that broke off goes on at the entry after the last whole line.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct ExportQuery {
    /// The form.
    pub format: ExportFormat,
    /// The first entry.
    #[serde(default)]
    pub from: u64,
    /// The entry before which it ends; the end of the ledger when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<u64>,
}

/// The most ids that entries are looked for by at once.
pub const LEDGER_IDS_MAX: usize = 500;

/// Which entries are wanted.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct LedgerQuery {
    /// The page.
    #[serde(flatten)]
    pub page: PageRequest,
    /// Each group has one id at least that an entry must mention, as what it is about or as who caused it: of a patient
    /// *and* by a person are two groups. An empty group is mentioned by nothing.
    #[serde(default)]
    pub mentioning: Vec<Vec<String>>,
    /// Only what was recorded at this time or later.
    #[serde(default)]
    pub since: Option<Time>,
    /// Only what was recorded at this time or before.
    #[serde(default)]
    pub until: Option<Time>,
}

impl LedgerQuery {
    /// Entries that mention an id.
    pub fn about(id: impl Into<String>) -> Self {
        Self { mentioning: vec![vec![id.into()]], ..Self::default() }
    }
}

/// Typed client.
#[derive(Clone)]
pub struct Audit(pub Client);

impl Audit {
    /// How far the witness has cosigned, where there is one; for rollout.
    pub async fn witness(&self) -> Result<Option<WitnessHealth>, ClientError> {
        self.0.get_one("/v1/ledger/witness", &()).await
    }

    /// Entries, newest first; for quality, and itself recorded.
    pub async fn entries(&self, query: &LedgerQuery) -> Result<Page<LedgerEntry>, ClientError> {
        self.0.post("/v1/ledger", query).await
    }

    /// Entries about any of several ids, oldest first: the history of a case.
    pub async fn history(&self, subjects: Vec<String>) -> Result<Vec<LedgerEntry>, ClientError> {
        self.0.post("/v1/ledger/history", &crate::client::Batch { ids: subjects }).await
    }

    /// Whether the ledger is as it should be.
    pub async fn health(&self) -> Result<LedgerHealth, ClientError> {
        self.0.get_one("/v1/ledger/health", &()).await
    }

    /// Proof that the entry at `index` stands in the ledger that the newest checkpoint was signed over.
    pub async fn inclusion(&self, index: u64) -> Result<Option<ProofFile>, ClientError> {
        self.0.get(&format!("/v1/ledger/entries/{index}/inclusion"), &()).await
    }

    /// Proof that the first checkpointed ledger with the entry at `index` is the beginning of the newest one.
    pub async fn consistency(&self, index: u64) -> Result<Option<ProofFile>, ClientError> {
        self.0.get(&format!("/v1/ledger/entries/{index}/consistency"), &()).await
    }

    /// The request for an export, whose answer is streamed.
    pub fn export(&self, query: &ExportQuery) -> reqwest::RequestBuilder {
        self.0.request(reqwest::Method::GET, "/v1/ledger/export").query(query)
    }

    /// What is or was to be erased, newest first.
    pub async fn erasures(&self) -> Result<Vec<ErasureRecord>, ClientError> {
        self.0.get_one("/v1/erasures", &()).await
    }

    /// Wants personal content erased; another person decides.
    pub async fn propose_erasure(&self, wanted: &ProposeErasure) -> Result<ErasureRecord, ClientError> {
        self.0.post("/v1/erasures", wanted).await
    }

    /// Agrees to somebody else's wish.
    pub async fn approve_erasure(&self, erasure: &ErasureId) -> Result<ErasureRecord, ClientError> {
        self.0.post(&format!("/v1/erasures/{erasure}/approve"), &()).await
    }

    /// Doesn't agree, or takes an own wish back.
    pub async fn decline_erasure(&self, erasure: &ErasureId) -> Result<ErasureRecord, ClientError> {
        self.0.post(&format!("/v1/erasures/{erasure}/decline"), &()).await
    }

    /// State of the ledger.
    pub async fn status(&self) -> Result<LedgerStatus, ClientError> {
        self.0.get_one("/v1/ledger/status", &()).await
    }
}
