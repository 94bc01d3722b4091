//! What is told of comparisons: ids, counts and digests, and never which model a reader preferred while a comparison
//! goes on.

use crate::rollout::LookDecision;
use crate::{ComparisonId, DeploymentId, Digest, PairId, SignatureId};
use serde::{Deserialize, Serialize};

/// A comparison begins, under a plan that no longer changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComparisonStarted {
    /// The comparison.
    pub comparison: ComparisonId,
    /// What is in use.
    pub champion: DeploymentId,
    /// What may be better.
    pub challenger: DeploymentId,
    /// How many pairs are wanted in all.
    pub pairs: u32,
    /// How many readers each pair gets.
    pub readers: u32,
    /// Of a thousand sources that both have a run on, how many are read.
    pub draw_per_mille: u32,
    /// Digest of the plan as JSON.
    pub plan: Digest,
}

/// The figures of a declared look are known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComparisonLooked {
    /// The comparison.
    pub comparison: ComparisonId,
    /// Which look, from 1.
    pub look: u32,
    /// How many pairs it rests on.
    pub pairs: u32,
    /// What the plan says of its figures.
    pub decision: LookDecision,
}

/// No more pairs are read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComparisonEnded {
    /// The comparison.
    pub comparison: ComparisonId,
    /// Stable code: decided, given_up.
    pub reason_code: String,
    /// Digest of the reason that a person gave; the words stay with rollout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Digest>,
}

/// Something about one pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PairTold {
    /// The pair.
    pub pair: PairId,
    /// Its comparison.
    pub comparison: ComparisonId,
}

/// A reader signed which side is better.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PairAnswered {
    /// The pair.
    pub pair: PairId,
    /// Its comparison.
    pub comparison: ComparisonId,
    /// The signature.
    pub signature: SignatureId,
    /// Digest of the answer with the reader's secret of this pair, so that nobody finds it by trying all answers.
    pub answer: Digest,
}

/// A pair is read by nobody any more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PairWithdrawn {
    /// The pair.
    pub pair: PairId,
    /// Its comparison.
    pub comparison: ComparisonId,
    /// Stable code: superseded, expired, comparison_ended.
    pub reason_code: String,
}
