//! What coordinators, quality and administrators see around the reads.

use super::priority::Priority;
use super::read::Verdict;
use async_graphql::{Enum, ID, SimpleObject};
use chrono::{DateTime, Utc};
use contract::{UserId, review};
use std::collections::HashMap;

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "review::CaseKind")]
pub(crate) enum CaseKind {
    Clinical,
    Sentinel,
    Repeat,
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "review::HoldKind")]
pub(crate) enum HoldKind {
    /// Out of all queues until it is returned.
    Deferred,
    /// Stopped for another reason.
    Coordinator,
}

/// Something that holds a case back.
#[derive(SimpleObject)]
pub(crate) struct Hold {
    reason_code: String,
    /// Empty when no person placed it.
    reason: String,
    placed_at: DateTime<Utc>,
}

impl From<review::Hold> for Hold {
    fn from(hold: review::Hold) -> Self {
        Self { reason_code: hold.reason_code, reason: hold.reason, placed_at: hold.placed_at }
    }
}

/// A reader's wish not to read the case; who it was is not told.
#[derive(SimpleObject)]
pub(crate) struct Deferral {
    reason: String,
    placed_at: DateTime<Utc>,
}

impl From<review::Deferral> for Deferral {
    fn from(deferral: review::Deferral) -> Self {
        Self { reason: deferral.reason, placed_at: deferral.placed_at }
    }
}

/// How the viewer's hold ended: `expired`, `given_back`, `held`, `superseded`, `deferred`, `revoked`, `case_expired`.
#[derive(SimpleObject)]
pub(crate) struct EndedHold {
    reason_code: String,
    ended_at: DateTime<Utc>,
}

impl From<review::EndedHold> for EndedHold {
    fn from(ended: review::EndedHold) -> Self {
        Self { reason_code: ended.reason_code, ended_at: ended.ended_at }
    }
}

/// That a coordinator gave a case another priority; who it was stands in its history.
#[derive(SimpleObject)]
pub(crate) struct PriorityChange {
    from: Priority,
    reason: String,
    changed_at: DateTime<Utc>,
}

impl From<review::PriorityChange> for PriorityChange {
    fn from(change: review::PriorityChange) -> Self {
        Self { from: change.from.into(), reason: change.reason, changed_at: change.changed_at }
    }
}

#[derive(SimpleObject)]
pub(crate) struct CaseRecall {
    reason: String,
    proposed_at: DateTime<Utc>,
    /// Null until a second person confirms.
    confirmed_at: Option<DateTime<Utc>>,
}

impl From<review::Recall> for CaseRecall {
    fn from(recall: review::Recall) -> Self {
        Self { reason: recall.reason, proposed_at: recall.proposed_at, confirmed_at: recall.confirmed_at }
    }
}

/// A study under investigation.
#[derive(SimpleObject)]
pub(crate) struct StudyFlag {
    study_id: ID,
    reason: String,
    placed_at: DateTime<Utc>,
}

impl From<review::StudyFlag> for StudyFlag {
    fn from(flag: review::StudyFlag) -> Self {
        Self { study_id: flag.study.to_string().into(), reason: flag.reason, placed_at: flag.placed_at }
    }
}

/// Names of accounts by id.
pub(crate) type Names = HashMap<UserId, String>;

pub(crate) fn name_of(names: &Names, user: &UserId) -> String {
    names.get(user).cloned().unwrap_or_else(|| user.to_string())
}

/// Patients' cases, or evidence about a model at shadow.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "review::Purpose")]
pub(crate) enum Purpose {
    Clinical,
    Evaluation,
}

/// That somebody may read a modality for a use.
#[derive(SimpleObject)]
pub(crate) struct Credential {
    id: ID,
    username: String,
    modality: String,
    task: String,
    purpose: Purpose,
    valid_from: DateTime<Utc>,
    valid_until: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
}

impl Credential {
    pub(crate) fn new(credential: review::Credential, names: &Names) -> Self {
        Self {
            id: credential.id.to_string().into(),
            username: name_of(names, &credential.reader),
            modality: credential.modality,
            task: credential.task,
            purpose: credential.purpose.into(),
            valid_from: credential.valid_from,
            valid_until: credential.valid_until,
            revoked_at: credential.revoked_at,
        }
    }
}

/// That somebody is too close to a study or a deployment to read it.
#[derive(SimpleObject)]
pub(crate) struct Conflict {
    id: ID,
    username: String,
    study_id: Option<ID>,
    deployment_id: Option<ID>,
    reason: String,
    declared_at: DateTime<Utc>,
}

impl Conflict {
    pub(crate) fn new(conflict: review::Conflict, names: &Names) -> Self {
        let (study_id, deployment_id) = match conflict.subject {
            review::ConflictSubject::Study(study) => (Some(study.to_string().into()), None),
            review::ConflictSubject::Deployment(deployment) => (None, Some(deployment.to_string().into())),
        };
        Self {
            id: conflict.id.to_string().into(),
            username: name_of(names, &conflict.reader),
            study_id,
            deployment_id,
            reason: conflict.reason,
            declared_at: conflict.declared_at,
        }
    }
}

/// A read of a sentinel or a repeat.
#[derive(SimpleObject)]
pub(crate) struct QualitySample {
    case_id: ID,
    kind: CaseKind,
    /// The case that it was made from.
    of_case_id: ID,
    printed_name: String,
    verdict: Verdict,
    /// A sentinel: whether it was rejected. A repeat: whether it agrees with the first time. Null when the reader
    /// could not judge.
    agrees: Option<bool>,
    signed_at: DateTime<Utc>,
}

impl From<review::QualitySample> for QualitySample {
    fn from(sample: review::QualitySample) -> Self {
        Self {
            case_id: sample.case.to_string().into(),
            kind: sample.kind.into(),
            of_case_id: sample.of.to_string().into(),
            printed_name: sample.printed_name,
            verdict: sample.verdict.into(),
            agrees: sample.agrees,
            signed_at: sample.signed_at,
        }
    }
}

/// A version of the rules of reading; the last one stands in the configuration.
#[derive(SimpleObject)]
pub(crate) struct ReviewPolicy {
    version: String,
    finalisation_minutes: u32,
    lease_minutes: u32,
    lease_hours_max: u32,
    first_call_minutes: u32,
    due_minutes: u32,
    due_minutes_stat: u32,
    due_minutes_urgent: u32,
    due_minutes_off_peak: u32,
    escalates_percent_stat: u32,
    escalates_percent_urgent: u32,
    escalates_percent_routine: u32,
    escalates_percent_off_peak: u32,
    expires_after_hours: u32,
    require_region_dispositions: bool,
    require_credentials: bool,
    adjudicators_take_first_slots: bool,
    decoy_per_mille: u32,
    sentinel_per_mille: u32,
    repeat_per_mille: u32,
    repeat_after_days: u32,
    evaluation_per_mille: u32,
    evaluation_expires_after_hours: u32,
    reason: String,
    /// The account of who put them in force; null for those of the configuration.
    adopted_by: Option<String>,
    adopted_at: Option<DateTime<Utc>>,
}

impl ReviewPolicy {
    pub(crate) fn new(version: review::PolicyVersion, names: &Names) -> Self {
        let policy = version.policy;
        Self {
            adopted_by: version.adopted_by.map(|user| name_of(names, &user)),
            version: policy.version,
            finalisation_minutes: policy.finalisation_minutes,
            lease_minutes: policy.lease_minutes,
            lease_hours_max: policy.lease_hours_max,
            first_call_minutes: policy.first_call_minutes,
            due_minutes: policy.due_minutes,
            due_minutes_stat: policy.due_minutes_stat,
            due_minutes_urgent: policy.due_minutes_urgent,
            due_minutes_off_peak: policy.due_minutes_off_peak,
            escalates_percent_stat: policy.escalates_percent_stat,
            escalates_percent_urgent: policy.escalates_percent_urgent,
            escalates_percent_routine: policy.escalates_percent_routine,
            escalates_percent_off_peak: policy.escalates_percent_off_peak,
            expires_after_hours: policy.expires_after_hours,
            require_region_dispositions: policy.require_region_dispositions,
            require_credentials: policy.require_credentials,
            adjudicators_take_first_slots: policy.adjudicators_take_first_slots,
            decoy_per_mille: policy.decoy_per_mille,
            sentinel_per_mille: policy.sentinel_per_mille,
            repeat_per_mille: policy.repeat_per_mille,
            repeat_after_days: policy.repeat_after_days,
            evaluation_per_mille: policy.evaluation_per_mille,
            evaluation_expires_after_hours: policy.evaluation_expires_after_hours,
            reason: version.reason,
            adopted_at: version.adopted_at,
        }
    }
}
