//! What delivery tells of destinations and of what they are told.

use crate::delivery::DestinationState;
use crate::{CaseId, DestinationId, Digest, RejectionNoteId};
use serde::{Deserialize, Serialize};

/// A destination was added, or is reached or used otherwise than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DestinationChanged {
    /// Which.
    pub destination: DestinationId,
    /// What is in force now.
    pub version: u32,
    /// Whether anything is sent there.
    pub state: DestinationState,
    /// Whether the configuration says so, and no person.
    pub by_configuration: bool,
}

/// Somebody had a destination called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DestinationTested {
    /// Which.
    pub destination: DestinationId,
    /// Whether it let us in and answered.
    pub answered: bool,
}

/// A destination has stored a rejection note; that its objects are gone it hasn't shown yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectionNoteSent {
    /// The rejection note.
    pub note: RejectionNoteId,
    /// Whose release is taken back.
    pub case: CaseId,
    /// Digest of the note.
    pub content: Digest,
    /// How many objects it names.
    pub objects: u32,
}

/// A recall is done at one destination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectionNoteClosed {
    /// The rejection note.
    pub note: RejectionNoteId,
    /// Whose release was taken back.
    pub case: CaseId,
    /// Stable code: nothing_sent, gone, by_hand.
    pub reason_code: String,
    /// Digest of what the person who closed it by hand wrote; the words stay with delivery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Digest>,
}
