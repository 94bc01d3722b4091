//! What coordinators, quality and administrators do around the reads.

use super::{Case, ChangePolicy, PolicyVersion, Review, Verdict};
use crate::{
    CaseId, ClientError, ConflictId, CredentialId, DeploymentId, Priority, RunId, SeriesId, StudyId, Time,
    UserId,
};
use serde::{Deserialize, Serialize};

/// What a case is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseKind {
    /// A patient's: it may be released.
    Clinical,
    /// Known to be bad, mixed in to see whether readers find it. Never released.
    Sentinel,
    /// Read once more by one who read it before. Never released.
    Repeat,
}

/// Why nothing may happen to a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Stable code.
    pub reason_code: String,
    /// What the person wrote who placed it; empty when no person did.
    pub reason: String,
    /// Since when.
    pub placed_at: Time,
}

/// A reader's wish not to read a case, until a coordinator returns it to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deferral {
    /// What the reader wrote.
    pub reason: String,
    /// Since when.
    pub placed_at: Time,
}

/// How the asking reader's hold on a case ended, if it ended without a read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedHold {
    /// Stable code: expired, given_back, held, superseded, deferred, revoked, case_expired.
    pub reason_code: String,
    /// When.
    pub ended_at: Time,
}

/// A wish to take a released case back, carried out when a second person confirms it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recall {
    /// Why.
    pub reason: String,
    /// Who wants it.
    pub proposed_by: UserId,
    /// Since when.
    pub proposed_at: Time,
    /// The second person.
    pub confirmed_by: Option<UserId>,
    /// When the case became recalled.
    pub confirmed_at: Option<Time>,
}

/// A reason in words, 3 to 500 characters.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reason {
    /// The words.
    pub reason: String,
}

/// What a coordinator can hold a case back as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldKind {
    /// Out of all queues until it is returned.
    Deferred,
    /// Stopped for another reason.
    Coordinator,
}

/// Holds a case back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HoldCase {
    /// As what.
    pub kind: HoldKind,
    /// Why.
    pub reason: String,
}

/// Gives a case another priority.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ChangePriority {
    /// How soon it is wanted.
    pub priority: Priority,
    /// Why.
    pub reason: String,
}

/// That a person gave a case another priority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriorityChange {
    /// How soon it was wanted before.
    pub from: Priority,
    /// What the person wrote.
    pub reason: String,
    /// When.
    pub changed_at: Time,
}

/// Says that a signature doesn't count.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InvalidateSignature {
    /// Whose.
    pub signer: UserId,
    /// Why.
    pub reason: String,
}

/// A study that is under investigation: every case of it is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StudyFlag {
    /// The study.
    pub study: StudyId,
    /// Why.
    pub reason: String,
    /// Since when.
    pub placed_at: Time,
}

/// What somebody reads for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Patients' cases, which may be released.
    #[default]
    Clinical,
    /// Cases at shadow, as evidence about a model. Whoever reads for one purpose reads for the other only by a
    /// credential of its own.
    Evaluation,
}

impl Purpose {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Clinical => "clinical",
            Self::Evaluation => "evaluation",
        }
    }
}

/// Says that somebody may read a modality for a use.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GrantCredential {
    /// Who.
    pub reader: UserId,
    /// (0008,0060).
    pub modality: String,
    /// A model's task: `denoise`, `super-resolution`…
    pub task: String,
    /// Patients' cases, or evaluation.
    #[serde(default)]
    pub purpose: Purpose,
    /// Until when.
    pub valid_until: Time,
}

/// That somebody may read a modality for a use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// The credential.
    pub id: CredentialId,
    /// Who.
    pub reader: UserId,
    /// (0008,0060).
    pub modality: String,
    /// A model's task.
    pub task: String,
    /// Patients' cases, or evaluation.
    #[serde(default)]
    pub purpose: Purpose,
    /// Since when.
    pub valid_from: Time,
    /// Until when.
    pub valid_until: Time,
    /// When it was taken back before that.
    pub revoked_at: Option<Time>,
}

/// What somebody is too close to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictSubject {
    /// A study: its patient.
    Study(StudyId),
    /// A deployment: its model.
    Deployment(DeploymentId),
}

/// Says that somebody may not read what they are too close to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeclareConflict {
    /// Who.
    pub reader: UserId,
    /// What.
    pub subject: ConflictSubject,
    /// Why.
    pub reason: String,
}

/// That somebody may not read what they are too close to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// The conflict.
    pub id: ConflictId,
    /// Who.
    pub reader: UserId,
    /// What.
    pub subject: ConflictSubject,
    /// Why.
    pub reason: String,
    /// Since when.
    pub declared_at: Time,
}

/// A read of a sentinel or a repeat, for quality only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QualitySample {
    /// The case that was read.
    pub case: CaseId,
    /// Sentinel or repeat.
    pub kind: CaseKind,
    /// The case it was made from.
    pub of: CaseId,
    /// The run.
    pub run: RunId,
    /// The source series.
    pub series: SeriesId,
    /// Who read.
    pub reader: UserId,
    /// The name as printed when signing.
    pub printed_name: String,
    /// What the reader concluded.
    pub verdict: Verdict,
    /// A sentinel: whether it was rejected. A repeat: whether it agrees with the first time. `None` when the
    /// reader could not judge.
    pub agrees: Option<bool>,
    /// When it was signed.
    pub signed_at: Time,
}

impl Review {
    /// Withdraws the caller's read within the finalisation window.
    pub async fn withdraw(&self, id: &CaseId, command: &Reason) -> Result<Case, ClientError> {
        self.0.post(&format!("/v1/cases/{id}/withdraw"), command).await
    }

    /// Gives the caller's slot back until a coordinator returns the case to the caller.
    pub async fn defer(&self, id: &CaseId, command: &Reason) -> Result<Case, ClientError> {
        self.0.post(&format!("/v1/cases/{id}/defer"), command).await
    }

    /// Says that the caller is too close to the patient of a case.
    pub async fn declare_own_conflict(&self, id: &CaseId, command: &Reason) -> Result<Conflict, ClientError> {
        self.0.post(&format!("/v1/cases/{id}/conflict"), command).await
    }

    /// Holds a case back, as a coordinator or quality.
    pub async fn hold(&self, id: &CaseId, command: &HoldCase) -> Result<Case, ClientError> {
        self.0.post(&format!("/v1/cases/{id}/hold"), command).await
    }

    /// Ends a coordinator's hold.
    pub async fn resume(&self, id: &CaseId) -> Result<Case, ClientError> {
        self.0.post(&format!("/v1/cases/{id}/resume"), &()).await
    }

    /// Returns a deferred case to every queue.
    pub async fn return_case(&self, id: &CaseId) -> Result<Case, ClientError> {
        self.0.post(&format!("/v1/cases/{id}/return"), &()).await
    }

    /// Gives a case another priority, as a coordinator.
    pub async fn change_priority(&self, id: &CaseId, command: &ChangePriority) -> Result<Case, ClientError> {
        self.0.post(&format!("/v1/cases/{id}/priority"), command).await
    }

    /// Takes a case away from whoever holds a slot.
    pub async fn revoke(&self, id: &CaseId, command: &Reason) -> Result<Case, ClientError> {
        self.0.post(&format!("/v1/cases/{id}/revoke"), command).await
    }

    /// Says that a signature on a case doesn't count, as quality, while another person holds the case.
    pub async fn invalidate(&self, id: &CaseId, command: &InvalidateSignature) -> Result<Case, ClientError> {
        self.0.post(&format!("/v1/cases/{id}/invalidate"), command).await
    }

    /// Proposes to recall a released case.
    pub async fn propose_recall(&self, id: &CaseId, command: &Reason) -> Result<Case, ClientError> {
        self.0.post(&format!("/v1/cases/{id}/propose-recall"), command).await
    }

    /// Confirms a recall that another person proposed.
    pub async fn confirm_recall(&self, id: &CaseId) -> Result<Case, ClientError> {
        self.0.post(&format!("/v1/cases/{id}/confirm-recall"), &()).await
    }

    /// Marks the run of a rejected case as known to be bad, as quality.
    pub async fn mark_sentinel(&self, id: &CaseId, command: &Reason) -> Result<Case, ClientError> {
        self.0.post(&format!("/v1/cases/{id}/mark-sentinel"), command).await
    }

    /// Reads of sentinels and repeats, newest first, for quality.
    pub async fn quality_samples(&self) -> Result<Vec<QualitySample>, ClientError> {
        self.0.get_one("/v1/quality-samples", &()).await
    }

    /// Studies under investigation.
    pub async fn study_flags(&self) -> Result<Vec<StudyFlag>, ClientError> {
        self.0.get_one("/v1/study-flags", &()).await
    }

    /// Puts a study under investigation.
    pub async fn flag_study(&self, id: &StudyId, command: &Reason) -> Result<StudyFlag, ClientError> {
        self.0.post(&format!("/v1/studies/{id}/flag"), command).await
    }

    /// Ends the investigation of a study.
    pub async fn unflag_study(&self, id: &StudyId) -> Result<StudyFlag, ClientError> {
        self.0.post(&format!("/v1/studies/{id}/unflag"), &()).await
    }

    /// Credentials, newest first.
    pub async fn credentials(&self) -> Result<Vec<Credential>, ClientError> {
        self.0.get_one("/v1/credentials", &()).await
    }

    /// Grants a credential to somebody else.
    pub async fn grant_credential(&self, command: &GrantCredential) -> Result<Credential, ClientError> {
        self.0.post("/v1/credentials", command).await
    }

    /// Takes a credential back.
    pub async fn revoke_credential(&self, id: &CredentialId) -> Result<Credential, ClientError> {
        self.0.post(&format!("/v1/credentials/{id}/revoke"), &()).await
    }

    /// Conflicts of interest, newest first.
    pub async fn conflicts(&self) -> Result<Vec<Conflict>, ClientError> {
        self.0.get_one("/v1/conflicts", &()).await
    }

    /// Registers a conflict of interest.
    pub async fn declare_conflict(&self, command: &DeclareConflict) -> Result<Conflict, ClientError> {
        self.0.post("/v1/conflicts", command).await
    }

    /// Every version of the rules, newest first.
    pub async fn policies(&self) -> Result<Vec<PolicyVersion>, ClientError> {
        self.0.get_one("/v1/policies", &()).await
    }

    /// Puts new rules in force, as quality.
    pub async fn change_policy(&self, command: &ChangePolicy) -> Result<PolicyVersion, ClientError> {
        self.0.post("/v1/policies", command).await
    }
}
