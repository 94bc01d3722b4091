//! What review tells of what comes after a signature.

use crate::{CaseId, Digest, ReadId, RecallCampaignId, review::Stance};
use serde::{Deserialize, Serialize};

/// A reader wrote an addendum to a final read, which stands as it was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddendumWritten {
    /// The case.
    pub case: CaseId,
    /// The read.
    pub read: ReadId,
    /// Where the reader stands.
    pub stance: Stance,
    /// Digest of the words, which stay with review.
    pub reason: Digest,
}

/// Somebody wants every release of a selection back; nothing more of it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecallCampaignProposed {
    /// The campaign.
    pub campaign: RecallCampaignId,
    /// How many released cases it names.
    pub cases: u32,
    /// Digest of the set of their ids.
    pub set: Digest,
    /// Digest of the reason; the words stay with review.
    pub reason: Digest,
}

/// A second person confirmed a campaign, over exactly this set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecallCampaignConfirmed {
    /// The campaign.
    pub campaign: RecallCampaignId,
    /// How many released cases are taken back.
    pub cases: u32,
    /// Digest of the set of their ids.
    pub set: Digest,
}

/// A campaign is not carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecallCampaignWithdrawn {
    /// The campaign.
    pub campaign: RecallCampaignId,
    /// Digest of the reason; the words stay with review.
    pub reason: Digest,
}

/// Every case of a campaign has been dealt with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecallCampaignCompleted {
    /// The campaign.
    pub campaign: RecallCampaignId,
    /// Cases that it recalled.
    pub recalled: u32,
    /// Cases that it did not, each with a reason.
    pub left: u32,
}
