//! What review tells of discussions: ids and digests. Words stay with review, and so do scores: beside whoever read a
//! case they would make a table of people.

use crate::review::DiscussionKind;
use crate::{CaseId, Digest, DiscussionId};
use serde::{Deserialize, Serialize};

/// A case that is over is to be discussed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscussionOpened {
    /// The discussion.
    pub discussion: DiscussionId,
    /// Of which case.
    pub case: CaseId,
    /// What it is about.
    pub kind: DiscussionKind,
    /// Digest of the question; the words stay with review.
    pub reason: Digest,
}

/// Somebody said something in a discussion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscussionContributed {
    /// The discussion.
    pub discussion: DiscussionId,
    /// Of which case.
    pub case: CaseId,
    /// Which contribution, from 1.
    pub number: u32,
    /// Digest of what was said; the words stay with review.
    pub reason: Digest,
}

/// Somebody who did not read a case scored how it was read. Which score it is stays with review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscussionScored {
    /// The discussion.
    pub discussion: DiscussionId,
    /// Of which case.
    pub case: CaseId,
}

/// What is to be learned of a case is written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscussionClosed {
    /// The discussion.
    pub discussion: DiscussionId,
    /// Of which case.
    pub case: CaseId,
    /// Digest of the learning point; the words stay with review.
    pub conclusion: Digest,
}
