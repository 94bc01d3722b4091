//! An event on its way.

use super::Event;
use crate::{Actor, EventId, Time};
use serde::{Deserialize, Serialize};

/// An event with everything that a consumer and the ledger need to know about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    /// Consumers drop an id they have seen.
    pub id: EventId,
    /// The service that owns the fact.
    pub service: String,
    /// Gapless per service, given by its one relay.
    pub seq: i64,
    /// Version of the payload's shape.
    pub version: u16,
    /// When the fact became true.
    pub occurred_at: Time,
    /// Who caused it.
    pub actor: Actor,
    /// The id of what it is about, as text: the ledger is searched by it.
    pub subject: String,
    /// The event or request that led here, if known.
    pub causation: Option<String>,
    /// W3C `traceparent` of the work that caused it.
    pub trace: Option<String>,
    /// The fact.
    #[serde(flatten)]
    pub event: Event,
}
