//! The ledger.

use async_graphql::{ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use contract::{Actor, audit};

pub(crate) struct LedgerEntry(pub(crate) audit::LedgerEntry);

#[Object]
impl LedgerEntry {
    async fn index(&self) -> u64 {
        self.0.index
    }

    async fn event(&self) -> ID {
        self.0.event.to_string().into()
    }

    async fn service(&self) -> &str {
        &self.0.service
    }

    async fn seq(&self) -> i64 {
        self.0.seq
    }

    async fn occurred_at(&self) -> DateTime<Utc> {
        self.0.occurred_at
    }

    async fn recorded_at(&self) -> DateTime<Utc> {
        self.0.recorded_at
    }

    /// The printed name of a person, `service:<name>`, `device:<AE title>`, `operator` or `anonymous`.
    async fn actor(&self) -> String {
        match &self.0.actor {
            Actor::Person { printed_name, .. } => printed_name.clone(),
            Actor::Service { name } => format!("service:{name}"),
            Actor::Device { ae_title } => format!("device:{ae_title}"),
            Actor::Operator => "operator".to_owned(),
            Actor::Anonymous => "anonymous".to_owned(),
        }
    }

    async fn subject(&self) -> &str {
        &self.0.subject
    }

    async fn kind(&self) -> &str {
        &self.0.kind
    }

    async fn sentence(&self) -> &str {
        &self.0.sentence
    }

    /// RFC 6962 leaf hash.
    async fn leaf(&self) -> String {
        self.0.leaf.to_string()
    }
}

#[derive(SimpleObject)]
pub(crate) struct LedgerStatus {
    size: u64,
    /// RFC 6962 root hash.
    root: String,
    checkpoint: Option<String>,
    gaps: Vec<String>,
}

impl From<audit::LedgerStatus> for LedgerStatus {
    fn from(status: audit::LedgerStatus) -> Self {
        Self {
            size: status.size,
            root: status.root.to_string(),
            checkpoint: status.checkpoint,
            gaps: status.gaps,
        }
    }
}

/// Events of a service that the ledger does not have.
#[derive(SimpleObject)]
pub(crate) struct LedgerGap {
    /// Number of the first.
    first: i64,
    /// Number of the last.
    last: i64,
    /// Since when the ledger knows that they are missing.
    since: DateTime<Utc>,
}

/// How far the ledger has the events of a service.
#[derive(SimpleObject)]
pub(crate) struct LedgerSource {
    service: String,
    /// The highest number that is recorded.
    last: i64,
    gaps: Vec<LedgerGap>,
}

/// How far somebody elsewhere has seen that the ledger only grows.
#[derive(SimpleObject)]
pub(crate) struct LedgerWitness {
    name: String,
    /// Entries that it has cosigned.
    size: u64,
    /// When it last did, by its clock.
    cosigned_at: Option<DateTime<Utc>>,
    /// What is wrong now, in words.
    problem: Option<String>,
}

impl From<audit::WitnessHealth> for LedgerWitness {
    fn from(witness: audit::WitnessHealth) -> Self {
        Self {
            name: witness.name,
            size: witness.size,
            cosigned_at: witness.cosigned_at,
            problem: witness.problem,
        }
    }
}

/// Whether the ledger is as it should be.
#[derive(SimpleObject)]
pub(crate) struct LedgerHealth {
    size: u64,
    /// Entries that the newest checkpoint vouches for.
    signed: u64,
    signed_at: Option<DateTime<Utc>>,
    /// Entries that a checkpoint in the second place vouches for.
    exported: u64,
    /// Null where nobody watches from elsewhere.
    witness: Option<LedgerWitness>,
    sources: Vec<LedgerSource>,
    /// What is wrong, in words; empty when nothing is.
    alarms: Vec<String>,
}

impl From<audit::LedgerHealth> for LedgerHealth {
    fn from(health: audit::LedgerHealth) -> Self {
        let gap = |gap: audit::Gap| LedgerGap { first: gap.first, last: gap.last, since: gap.since };
        let source = |source: audit::SourceHealth| LedgerSource {
            service: source.service,
            last: source.last,
            gaps: source.gaps.into_iter().map(gap).collect(),
        };
        Self {
            size: health.size,
            signed: health.signed,
            signed_at: health.signed_at,
            exported: health.exported,
            witness: health.witness.map(LedgerWitness::from),
            sources: health.sources.into_iter().map(source).collect(),
            alarms: health.alarms,
        }
    }
}
