//! Received bytes that wait for a person.

use async_graphql::connection::{ConnectionNameType, EdgeNameType};
use async_graphql::{ID, OutputType, SimpleObject};
use chrono::{DateTime, Utc};
use contract::intake;

#[derive(SimpleObject)]
pub(crate) struct Quarantined {
    id: ID,
    received_at: DateTime<Utc>,
    sender: String,
    reason_code: String,
    reason: String,
    remedy: String,
    /// How many bytes are kept.
    bytes: f64,
}

impl From<intake::Quarantined> for Quarantined {
    fn from(entry: intake::Quarantined) -> Self {
        Self {
            id: entry.id.to_string().into(),
            received_at: entry.received_at,
            sender: entry.sender,
            reason_code: entry.reason_code,
            reason: entry.reason,
            remedy: entry.remedy,
            bytes: entry.bytes as f64,
        }
    }
}

/// The schema calls the list by the place, not by what lies there.
pub(crate) struct QuarantineName;

impl ConnectionNameType for QuarantineName {
    fn type_name<T: OutputType>() -> String {
        "QuarantineConnection".to_owned()
    }
}

impl EdgeNameType for QuarantineName {
    fn type_name<T: OutputType>() -> String {
        "QuarantineEdge".to_owned()
    }
}
