//! Erasing what the ledger keeps of people. The leaf of an entry holds commitments to such content, never the content,
//! so that proofs and verification go on without it.

use crate::{ErasureId, Time, UserId};
use serde::{Deserialize, Serialize};

/// What is erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum ErasureScope {
    /// The name of an account wherever it acted. Its id, which tells nothing by itself, stays.
    Person {
        /// The account.
        user: UserId,
    },
    /// Everything personal in some entries: what was typed into a search, words beside an act, who acted.
    Entries {
        /// Their places.
        entries: Vec<u64>,
    },
    /// Everything personal in all entries that are older than it is kept.
    Older,
}

/// An erasure as its events tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// Which.
    pub erasure: ErasureId,
    /// Of what.
    pub scope: ErasureScope,
    /// Only entries below this place; 0 until it is approved.
    pub before: u64,
    /// How many entries lost content; 0 until it is completed.
    pub erased: u64,
}

/// What has become of a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErasureState {
    /// It waits for another person.
    Proposed,
    /// Another person did not agree.
    Declined,
    /// It is agreed to and going on.
    Approved,
    /// It is done.
    Completed,
}

impl ErasureState {
    /// The state as it stands in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Declined => "declined",
            Self::Approved => "approved",
            Self::Completed => "completed",
        }
    }
}

/// A wish that content be erased, and what has become of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureRecord {
    /// Which.
    pub id: ErasureId,
    /// Of what.
    pub scope: ErasureScope,
    /// Why.
    pub reason: String,
    /// Its state.
    pub state: ErasureState,
    /// Who wants it; nobody where the rule does.
    pub proposed_by: Option<UserId>,
    /// Since when.
    pub proposed_at: Time,
    /// Who decided.
    pub decided_by: Option<UserId>,
    /// When.
    pub decided_at: Option<Time>,
    /// Only entries below this place.
    pub before: u64,
    /// Entries that have lost content so far.
    pub erased: u64,
}

/// Wants content erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposeErasure {
    /// Of what.
    pub scope: ErasureScope,
    /// Why.
    pub reason: String,
}
