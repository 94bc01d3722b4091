//! What delivery tells of teaching sets: ids and digests.

use crate::{CaseId, Digest, DiscussionId, TeachingSetId};
use serde::{Deserialize, Serialize};

/// Somebody wants copies of a discussed case for teaching.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeachingSetRequested {
    /// The set.
    pub set: TeachingSetId,
    /// Of which discussion.
    pub discussion: DiscussionId,
    /// Of which case.
    pub case: CaseId,
}

/// Copies for teaching can't be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeachingSetRefused {
    /// The set.
    pub set: TeachingSetId,
    /// Of which case.
    pub case: CaseId,
    /// Stable code of the reason.
    pub reason_code: String,
}

/// Copies of a discussed case were made, from which nobody can tell whose they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeachingSetPrepared {
    /// The set.
    pub set: TeachingSetId,
    /// Of which case.
    pub case: CaseId,
    /// Digest over its files.
    pub content: Digest,
    /// How many images.
    pub images: u32,
}

/// Something was done with a teaching set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeachingSetTold {
    /// The set.
    pub set: TeachingSetId,
    /// Of which case.
    pub case: CaseId,
    /// Digest over its files.
    pub content: Digest,
}

/// A teaching set leaves no more; what left is with whoever has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeachingSetWithdrawn {
    /// The set.
    pub set: TeachingSetId,
    /// Of which case.
    pub case: CaseId,
    /// Digest of the reason; the words stay with delivery.
    pub reason: Digest,
}
