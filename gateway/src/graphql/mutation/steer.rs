//! What readers do beside reading, and what coordinators and quality do with a case.

use super::read::shown;
use super::{commander, id};
use crate::error::Error;
use crate::graphql::services;
use crate::graphql::r#type::case::Case;
use crate::graphql::r#type::oversight::{Conflict, HoldKind};
use crate::graphql::r#type::payload::{
    ChangeCasePriorityPayload, ConfirmRecallPayload, DeclareOwnConflictPayload, DeferCasePayload,
    HoldCasePayload, ProposeRecallPayload, ResumeCasePayload, ReturnCasePayload, RevokeHoldsPayload,
    WithdrawReadPayload,
};
use crate::graphql::r#type::priority::Priority;
use async_graphql::{Context, ID, InputObject, Object, Result};
use contract::review;

#[derive(InputObject)]
pub(crate) struct WithdrawReadInput {
    case_id: ID,
    /// 3 to 500 characters.
    reason: String,
}

#[derive(InputObject)]
pub(crate) struct DeferCaseInput {
    case_id: ID,
    /// 3 to 500 characters.
    reason: String,
}

#[derive(InputObject)]
pub(crate) struct DeclareOwnConflictInput {
    case_id: ID,
    reason: String,
}

#[derive(InputObject)]
pub(crate) struct HoldCaseInput {
    case_id: ID,
    kind: HoldKind,
    reason: String,
}

#[derive(InputObject)]
pub(crate) struct ChangeCasePriorityInput {
    case_id: ID,
    priority: Priority,
    /// 3 to 500 characters.
    reason: String,
}

#[derive(InputObject)]
pub(crate) struct ResumeCaseInput {
    case_id: ID,
}

#[derive(InputObject)]
pub(crate) struct ReturnCaseInput {
    case_id: ID,
}

#[derive(InputObject)]
pub(crate) struct RevokeHoldsInput {
    case_id: ID,
    reason: String,
}

#[derive(InputObject)]
pub(crate) struct ProposeRecallInput {
    case_id: ID,
    reason: String,
}

#[derive(InputObject)]
pub(crate) struct ConfirmRecallInput {
    case_id: ID,
}

#[derive(Default)]
pub(crate) struct SteerMutation;

#[Object]
impl SteerMutation {
    /// Takes the viewer's own read back within the finalisation window; what was signed becomes the draft.
    async fn withdraw_read(
        &self,
        ctx: &Context<'_>,
        input: WithdrawReadInput,
    ) -> Result<WithdrawReadPayload> {
        WithdrawReadPayload::from_outcome(ctx, withdraw(ctx, input).await)
    }

    /// Puts a case that the viewer holds off, until a coordinator returns it to the viewer.
    async fn defer_case(&self, ctx: &Context<'_>, input: DeferCaseInput) -> Result<DeferCasePayload> {
        DeferCasePayload::from_outcome(ctx, defer(ctx, input).await)
    }

    /// Says that the viewer is too close to the patient of a case to read it.
    async fn declare_own_conflict(
        &self,
        ctx: &Context<'_>,
        input: DeclareOwnConflictInput,
    ) -> Result<DeclareOwnConflictPayload> {
        DeclareOwnConflictPayload::from_outcome(ctx, declare_own_conflict(ctx, input).await)
    }

    /// Holds a case back. For coordinators and quality.
    async fn hold_case(&self, ctx: &Context<'_>, input: HoldCaseInput) -> Result<HoldCasePayload> {
        HoldCasePayload::from_outcome(ctx, hold(ctx, input).await)
    }

    /// Says how soon a case is wanted: when it is due and where it stands in worklists changes for every reader alike. For
    /// coordinators.
    async fn change_case_priority(
        &self,
        ctx: &Context<'_>,
        input: ChangeCasePriorityInput,
    ) -> Result<ChangeCasePriorityPayload> {
        ChangeCasePriorityPayload::from_outcome(ctx, change_priority(ctx, input).await)
    }

    /// Ends a coordinator's hold.
    async fn resume_case(&self, ctx: &Context<'_>, input: ResumeCaseInput) -> Result<ResumeCasePayload> {
        ResumeCasePayload::from_outcome(ctx, resume(ctx, input).await)
    }

    /// Puts a deferred case back into all queues.
    async fn return_case(&self, ctx: &Context<'_>, input: ReturnCaseInput) -> Result<ReturnCasePayload> {
        ReturnCasePayload::from_outcome(ctx, return_case(ctx, input).await)
    }

    /// Takes a case away from whoever holds a slot; what they typed is kept for them.
    async fn revoke_holds(&self, ctx: &Context<'_>, input: RevokeHoldsInput) -> Result<RevokeHoldsPayload> {
        RevokeHoldsPayload::from_outcome(ctx, revoke(ctx, input).await)
    }

    /// Proposes to take a released case back; nothing more of it is sent from then on.
    async fn propose_recall(
        &self,
        ctx: &Context<'_>,
        input: ProposeRecallInput,
    ) -> Result<ProposeRecallPayload> {
        ProposeRecallPayload::from_outcome(ctx, propose_recall(ctx, input).await)
    }

    /// Confirms a recall that another person proposed.
    async fn confirm_recall(
        &self,
        ctx: &Context<'_>,
        input: ConfirmRecallInput,
    ) -> Result<ConfirmRecallPayload> {
        ConfirmRecallPayload::from_outcome(ctx, confirm_recall(ctx, input).await)
    }
}

async fn withdraw(ctx: &Context<'_>, input: WithdrawReadInput) -> Result<Case, Error> {
    let review = services(ctx, commander(ctx)?).review;
    let reason = review::Reason { reason: input.reason };
    Ok(shown(ctx, review.withdraw(&id(&input.case_id)?, &reason).await?))
}

async fn defer(ctx: &Context<'_>, input: DeferCaseInput) -> Result<Case, Error> {
    let review = services(ctx, commander(ctx)?).review;
    let reason = review::Reason { reason: input.reason };
    Ok(shown(ctx, review.defer(&id(&input.case_id)?, &reason).await?))
}

async fn declare_own_conflict(ctx: &Context<'_>, input: DeclareOwnConflictInput) -> Result<Conflict, Error> {
    let viewer = commander(ctx)?;
    let reason = review::Reason { reason: input.reason };
    let declared = services(ctx, viewer).review.declare_own_conflict(&id(&input.case_id)?, &reason).await?;
    Ok(Conflict::new(declared, &[(viewer.user.clone(), viewer.username.clone())].into()))
}

async fn hold(ctx: &Context<'_>, input: HoldCaseInput) -> Result<Case, Error> {
    let review = services(ctx, commander(ctx)?).review;
    let command = review::HoldCase { kind: input.kind.into(), reason: input.reason };
    Ok(shown(ctx, review.hold(&id(&input.case_id)?, &command).await?))
}

async fn change_priority(ctx: &Context<'_>, input: ChangeCasePriorityInput) -> Result<Case, Error> {
    let review = services(ctx, commander(ctx)?).review;
    let command = review::ChangePriority { priority: input.priority.into(), reason: input.reason };
    Ok(shown(ctx, review.change_priority(&id(&input.case_id)?, &command).await?))
}

async fn resume(ctx: &Context<'_>, input: ResumeCaseInput) -> Result<Case, Error> {
    let review = services(ctx, commander(ctx)?).review;
    Ok(shown(ctx, review.resume(&id(&input.case_id)?).await?))
}

async fn return_case(ctx: &Context<'_>, input: ReturnCaseInput) -> Result<Case, Error> {
    let review = services(ctx, commander(ctx)?).review;
    Ok(shown(ctx, review.return_case(&id(&input.case_id)?).await?))
}

async fn revoke(ctx: &Context<'_>, input: RevokeHoldsInput) -> Result<Case, Error> {
    let review = services(ctx, commander(ctx)?).review;
    let reason = review::Reason { reason: input.reason };
    Ok(shown(ctx, review.revoke(&id(&input.case_id)?, &reason).await?))
}

async fn propose_recall(ctx: &Context<'_>, input: ProposeRecallInput) -> Result<Case, Error> {
    let review = services(ctx, commander(ctx)?).review;
    let reason = review::Reason { reason: input.reason };
    Ok(shown(ctx, review.propose_recall(&id(&input.case_id)?, &reason).await?))
}

async fn confirm_recall(ctx: &Context<'_>, input: ConfirmRecallInput) -> Result<Case, Error> {
    let review = services(ctx, commander(ctx)?).review;
    Ok(shown(ctx, review.confirm_recall(&id(&input.case_id)?).await?))
}
