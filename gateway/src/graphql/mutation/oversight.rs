//! Studies, credentials, conflicts of interest, sentinels and the rules of reading.

use super::read::shown;
use super::{commander, id};
use crate::error::Error;
use crate::graphql::fault::asking;
use crate::graphql::services;
use crate::graphql::r#type::case::Case;
use crate::graphql::r#type::oversight::{Conflict, Credential, Names, Purpose, ReviewPolicy, StudyFlag};
use crate::graphql::r#type::payload::{
    ChangeReviewPolicyPayload, DeclareConflictPayload, FlagStudyPayload, GrantCredentialPayload,
    InvalidateSignaturePayload, MarkSentinelPayload, RevokeCredentialPayload, UnflagStudyPayload,
};
use crate::{store, users};
use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use contract::{Refusal, UserId, review};

#[derive(InputObject)]
pub(crate) struct FlagStudyInput {
    study_id: ID,
    reason: String,
}

#[derive(InputObject)]
pub(crate) struct InvalidateSignatureInput {
    case_id: ID,
    /// Whose signature.
    username: String,
    reason: String,
}

#[derive(InputObject)]
pub(crate) struct UnflagStudyInput {
    study_id: ID,
}

#[derive(InputObject)]
pub(crate) struct GrantCredentialInput {
    username: String,
    modality: String,
    /// A model's task: `denoise`, `super-resolution`…
    task: String,
    #[graphql(default_with = "Purpose::Clinical")]
    purpose: Purpose,
    valid_until: DateTime<Utc>,
}

#[derive(InputObject)]
pub(crate) struct RevokeCredentialInput {
    credential_id: ID,
}

/// Either a study or a deployment.
#[derive(InputObject)]
pub(crate) struct DeclareConflictInput {
    username: String,
    study_id: Option<ID>,
    deployment_id: Option<ID>,
    reason: String,
}

#[derive(InputObject)]
pub(crate) struct MarkSentinelInput {
    case_id: ID,
    reason: String,
}

/// What is left out stays as it is.
#[derive(InputObject)]
pub(crate) struct ChangeReviewPolicyInput {
    reason: String,
    finalisation_minutes: Option<u32>,
    lease_minutes: Option<u32>,
    lease_hours_max: Option<u32>,
    first_call_minutes: Option<u32>,
    due_minutes: Option<u32>,
    due_minutes_stat: Option<u32>,
    due_minutes_urgent: Option<u32>,
    due_minutes_off_peak: Option<u32>,
    escalates_percent_stat: Option<u32>,
    escalates_percent_urgent: Option<u32>,
    escalates_percent_routine: Option<u32>,
    escalates_percent_off_peak: Option<u32>,
    expires_after_hours: Option<u32>,
    require_region_dispositions: Option<bool>,
    require_credentials: Option<bool>,
    adjudicators_take_first_slots: Option<bool>,
    decoy_per_mille: Option<u32>,
    sentinel_per_mille: Option<u32>,
    repeat_per_mille: Option<u32>,
    repeat_after_days: Option<u32>,
    evaluation_per_mille: Option<u32>,
    evaluation_expires_after_hours: Option<u32>,
}

#[derive(Default)]
pub(crate) struct OversightMutation;

#[Object]
impl OversightMutation {
    /// Puts a study under investigation: its cases are held and nothing of it is sent. For coordinators and quality.
    async fn flag_study(&self, ctx: &Context<'_>, input: FlagStudyInput) -> Result<FlagStudyPayload> {
        FlagStudyPayload::from_outcome(ctx, flag_study(ctx, input).await)
    }

    /// Ends the investigation of a study.
    async fn unflag_study(&self, ctx: &Context<'_>, input: UnflagStudyInput) -> Result<UnflagStudyPayload> {
        UnflagStudyPayload::from_outcome(ctx, unflag_study(ctx, input).await)
    }

    /// Says that a signature doesn't count, while another person holds the case: its slot is open again. For quality.
    async fn invalidate_signature(
        &self,
        ctx: &Context<'_>,
        input: InvalidateSignatureInput,
    ) -> Result<InvalidateSignaturePayload> {
        InvalidateSignaturePayload::from_outcome(ctx, invalidate_signature(ctx, input).await)
    }

    /// Says that somebody else may read a modality for a use. For administrators and quality.
    async fn grant_credential(
        &self,
        ctx: &Context<'_>,
        input: GrantCredentialInput,
    ) -> Result<GrantCredentialPayload> {
        GrantCredentialPayload::from_outcome(ctx, grant_credential(ctx, input).await)
    }

    /// Takes a credential back, at once.
    async fn revoke_credential(
        &self,
        ctx: &Context<'_>,
        input: RevokeCredentialInput,
    ) -> Result<RevokeCredentialPayload> {
        RevokeCredentialPayload::from_outcome(ctx, revoke_credential(ctx, input).await)
    }

    /// Says that somebody is too close to a study or a deployment to read it.
    async fn declare_conflict(
        &self,
        ctx: &Context<'_>,
        input: DeclareConflictInput,
    ) -> Result<DeclareConflictPayload> {
        DeclareConflictPayload::from_outcome(ctx, declare_conflict(ctx, input).await)
    }

    /// Marks the run of a rejected case as known to be bad: it may test readers. For quality.
    async fn mark_sentinel(
        &self,
        ctx: &Context<'_>,
        input: MarkSentinelInput,
    ) -> Result<MarkSentinelPayload> {
        MarkSentinelPayload::from_outcome(ctx, mark_sentinel(ctx, input).await)
    }

    /// Puts new rules of reading in force for the cases queued from then on. For quality.
    async fn change_review_policy(
        &self,
        ctx: &Context<'_>,
        input: ChangeReviewPolicyInput,
    ) -> Result<ChangeReviewPolicyPayload> {
        ChangeReviewPolicyPayload::from_outcome(ctx, change_review_policy(ctx, input).await)
    }
}

async fn flag_study(ctx: &Context<'_>, input: FlagStudyInput) -> Result<StudyFlag, Error> {
    let review = services(ctx, commander(ctx)?).review;
    let reason = review::Reason { reason: input.reason };
    Ok(review.flag_study(&id(&input.study_id)?, &reason).await?.into())
}

async fn unflag_study(ctx: &Context<'_>, input: UnflagStudyInput) -> Result<StudyFlag, Error> {
    let review = services(ctx, commander(ctx)?).review;
    Ok(review.unflag_study(&id(&input.study_id)?).await?.into())
}

async fn invalidate_signature(ctx: &Context<'_>, input: InvalidateSignatureInput) -> Result<Case, Error> {
    let review = services(ctx, commander(ctx)?).review;
    let (signer, _) = account(ctx, &input.username).await?;
    let command = review::InvalidateSignature { signer, reason: input.reason };
    Ok(shown(ctx, review.invalidate(&id(&input.case_id)?, &command).await?))
}

async fn grant_credential(ctx: &Context<'_>, input: GrantCredentialInput) -> Result<Credential, Error> {
    let review = services(ctx, commander(ctx)?).review;
    let (reader, names) = account(ctx, &input.username).await?;
    let command = review::GrantCredential {
        reader,
        modality: input.modality,
        task: input.task,
        purpose: input.purpose.into(),
        valid_until: input.valid_until,
    };
    Ok(Credential::new(review.grant_credential(&command).await?, &names))
}

async fn revoke_credential(ctx: &Context<'_>, input: RevokeCredentialInput) -> Result<Credential, Error> {
    let review = services(ctx, commander(ctx)?).review;
    let revoked = review.revoke_credential(&id(&input.credential_id)?).await?;
    let names = store::account_names(&asking(ctx).door.db, [revoked.reader.clone()]).await?;
    Ok(Credential::new(revoked, &names))
}

async fn declare_conflict(ctx: &Context<'_>, input: DeclareConflictInput) -> Result<Conflict, Error> {
    let review = services(ctx, commander(ctx)?).review;
    let (reader, names) = account(ctx, &input.username).await?;
    let subject = match (&input.study_id, &input.deployment_id) {
        (Some(study), None) => review::ConflictSubject::Study(id(study)?),
        (None, Some(deployment)) => review::ConflictSubject::Deployment(id(deployment)?),
        _ => return Err(conflict_malformed().into()),
    };
    let command = review::DeclareConflict { reader, subject, reason: input.reason };
    Ok(Conflict::new(review.declare_conflict(&command).await?, &names))
}

async fn mark_sentinel(ctx: &Context<'_>, input: MarkSentinelInput) -> Result<Case, Error> {
    let review = services(ctx, commander(ctx)?).review;
    let reason = review::Reason { reason: input.reason };
    Ok(shown(ctx, review.mark_sentinel(&id(&input.case_id)?, &reason).await?))
}

async fn change_review_policy(
    ctx: &Context<'_>,
    input: ChangeReviewPolicyInput,
) -> Result<ReviewPolicy, Error> {
    let review = services(ctx, commander(ctx)?).review;
    let in_force = review.policies().await?.into_iter().next().map(|version| version.policy);
    let policy = changed(in_force.unwrap_or_default(), &input);
    let command = review::ChangePolicy { policy, reason: input.reason };
    let version = review.change_policy(&command).await?;
    let names = store::account_names(&asking(ctx).door.db, version.adopted_by.clone()).await?;
    Ok(ReviewPolicy::new(version, &names))
}

fn changed(now: review::Policy, input: &ChangeReviewPolicyInput) -> review::Policy {
    review::Policy {
        version: now.version,
        finalisation_minutes: input.finalisation_minutes.unwrap_or(now.finalisation_minutes),
        lease_minutes: input.lease_minutes.unwrap_or(now.lease_minutes),
        lease_hours_max: input.lease_hours_max.unwrap_or(now.lease_hours_max),
        first_call_minutes: input.first_call_minutes.unwrap_or(now.first_call_minutes),
        due_minutes: input.due_minutes.unwrap_or(now.due_minutes),
        due_minutes_stat: input.due_minutes_stat.unwrap_or(now.due_minutes_stat),
        due_minutes_urgent: input.due_minutes_urgent.unwrap_or(now.due_minutes_urgent),
        due_minutes_off_peak: input.due_minutes_off_peak.unwrap_or(now.due_minutes_off_peak),
        escalates_percent_stat: input.escalates_percent_stat.unwrap_or(now.escalates_percent_stat),
        escalates_percent_urgent: input.escalates_percent_urgent.unwrap_or(now.escalates_percent_urgent),
        escalates_percent_routine: input.escalates_percent_routine.unwrap_or(now.escalates_percent_routine),
        escalates_percent_off_peak: input
            .escalates_percent_off_peak
            .unwrap_or(now.escalates_percent_off_peak),
        expires_after_hours: input.expires_after_hours.unwrap_or(now.expires_after_hours),
        require_region_dispositions: input
            .require_region_dispositions
            .unwrap_or(now.require_region_dispositions),
        require_credentials: input.require_credentials.unwrap_or(now.require_credentials),
        adjudicators_take_first_slots: input
            .adjudicators_take_first_slots
            .unwrap_or(now.adjudicators_take_first_slots),
        decoy_per_mille: input.decoy_per_mille.unwrap_or(now.decoy_per_mille),
        sentinel_per_mille: input.sentinel_per_mille.unwrap_or(now.sentinel_per_mille),
        repeat_per_mille: input.repeat_per_mille.unwrap_or(now.repeat_per_mille),
        repeat_after_days: input.repeat_after_days.unwrap_or(now.repeat_after_days),
        evaluation_per_mille: input.evaluation_per_mille.unwrap_or(now.evaluation_per_mille),
        evaluation_expires_after_hours: input
            .evaluation_expires_after_hours
            .unwrap_or(now.evaluation_expires_after_hours),
    }
}

/// The account of a name, as administrators type it.
pub(super) async fn account(ctx: &Context<'_>, username: &str) -> Result<(UserId, Names), Error> {
    let account = store::account_by_username(&asking(ctx).door.db, &users::plain(username)).await?;
    let account = account.ok_or_else(user_unknown)?;
    Ok((account.id.clone(), [(account.id, account.username)].into()))
}

fn user_unknown() -> Refusal {
    Refusal::new("user_unknown", "no account has this name", "check the name with which the person signs in")
}

fn conflict_malformed() -> Refusal {
    Refusal::new("conflict_malformed", "a conflict is with a study or with a deployment", "name one of them")
}
