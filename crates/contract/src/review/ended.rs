//! Cases that their reads ended, as figures of quality count them.

use super::{FindingKind, Review, Severity, Verdict};
use crate::{
    CaseId, ClientError, DeploymentId, ModelVersionId, ReadId, RunId, SeriesId, Time, UserId, rollout::Stage,
};
use serde::{Deserialize, Serialize};

/// A patient's case that its reads ended and whose images nobody can still read elsewhere.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EndedCase {
    /// The case.
    pub id: CaseId,
    /// The run that it reviewed.
    pub run: RunId,
    /// The source series.
    pub series: SeriesId,
    /// The model version.
    pub model: ModelVersionId,
    /// The deployment.
    pub deployment: DeploymentId,
    /// The stage under which the run was made.
    pub stage: Stage,
    /// When it was queued.
    pub queued_at: Time,
    /// When it ended.
    pub ended_at: Time,
    /// When they should have.
    pub due_at: Time,
    /// Whether it was released or, at shadow, would have been.
    pub accepted: bool,
    /// Whether the first reads differed.
    pub discordant: bool,
    /// The two first reads, each made without knowing of the other.
    pub first_reads: [BlindRead; 2],
    /// The read that decided a discordance.
    pub deciding_read: Option<BlindRead>,
    /// Findings that both first readers marked or, where there is one, the deciding reader.
    pub confirmed: Vec<ConfirmedFinding>,
}

/// A read as figures count it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BlindRead {
    /// The read.
    pub id: ReadId,
    /// Who read.
    pub reader: UserId,
    /// The name as printed when signing.
    pub printed_name: String,
    /// What they concluded.
    pub verdict: Verdict,
    /// When they took the slot.
    pub opened_at: Option<Time>,
    /// When they signed.
    pub signed_at: Time,
}

/// A finding that stands.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ConfirmedFinding {
    /// What went wrong.
    pub kind: FindingKind,
    /// How much it matters.
    pub severity: Severity,
    /// Centre in patient coordinates (LPS), mm; `None` when no place was named.
    pub centre_mm: Option<[f64; 3]>,
}

/// Some of the wanted cases.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EndedPage {
    /// The cases, oldest ending first.
    pub cases: Vec<EndedCase>,
    /// Where the next page goes on; `None` at the end.
    pub after: Option<String>,
}

/// Which cases are wanted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EndedQuery {
    /// Ended at or after this.
    pub from: Time,
    /// Ended before this.
    pub to: Time,
    /// Where the page before said that the next goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl Review {
    /// Cases that their reads ended in a period, oldest first; for audit and rollout.
    pub async fn ended_cases(&self, query: &EndedQuery) -> Result<EndedPage, ClientError> {
        self.0.get_one("/v1/ended-cases", query).await
    }
}
