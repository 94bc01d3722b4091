//! The cases behind a gate: each number leads to what it counts.

use super::Rollout;
use crate::{CaseId, ClientError, DeploymentId};
use serde::{Deserialize, Serialize};

/// How many cases of a part are named; more are counted only.
pub const COUNTED_NAMED_MAX: usize = 500;

/// Which of the cases that a gate rests on are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountedBy {
    /// Those of the deployment itself.
    Here,
    /// Of these, those that were not accepted.
    HereNotAccepted,
    /// All: with those elsewhere where the own ones are too few.
    All,
    /// Those that were not accepted.
    NotAccepted,
    /// Those on which the first readers differed.
    Discordant,
    /// Those with a critical finding, adjudicated or agreed.
    Critical,
    /// Those with a confirmed finding at a place.
    Marked,
    /// Of these, those with one that the map of uncertainty had not flagged.
    Unflagged,
    /// Those of a sex.
    Sex,
    /// Those of an age group.
    Age,
    /// Those of a scanner.
    Scanner,
}

/// A part of the cases that a criterion counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountedPart {
    /// Which cases.
    pub by: CountedBy,
    /// Which group, where it is one of several: a digest of its words, fit for an address.
    pub group: Option<String>,
    /// The group in words; empty where it is unknown, and where it is none of several.
    pub label: String,
    /// How many there are.
    pub cases: u32,
}

/// Asks for the cases of a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountedQuery {
    /// Which cases.
    pub by: CountedBy,
    /// Which group, as the part names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

/// The cases of a part, as the gate counts them now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountedCases {
    /// The group in words; empty where it is unknown, and where it is none of several.
    pub label: String,
    /// How many there are.
    pub total: u32,
    /// The first [`COUNTED_NAMED_MAX`] of them, those that were not accepted before the others.
    pub cases: Vec<CaseId>,
}

impl Rollout {
    /// The cases that a part of a deployment's gate counts now; for quality that reads no cases itself.
    pub async fn counted_cases(
        &self,
        id: &DeploymentId,
        query: &CountedQuery,
    ) -> Result<CountedCases, ClientError> {
        self.0.get_one(&format!("/v1/deployments/{id}/counted"), query).await
    }
}
