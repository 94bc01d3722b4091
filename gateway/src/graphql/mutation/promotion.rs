//! Moving deployments up and down.

use super::{commander, id};
use crate::auth::Components;
use crate::error::Error;
use crate::graphql::fault::asking;
use crate::graphql::services;
use crate::graphql::r#type::deployment::{Deployment, Proposal, Stage};
use crate::graphql::r#type::payload::{
    ApprovePromotionPayload, DemoteDeploymentPayload, ProposePromotionPayload,
};
use async_graphql::{Context, ID, InputObject, Object, Result};
use contract::{ProposalId, rollout};

#[derive(InputObject)]
pub(crate) struct ProposePromotionInput {
    deployment_id: ID,
    stage: Stage,
    reason: String,
}

#[derive(InputObject)]
pub(crate) struct ApprovePromotionInput {
    proposal_id: ID,
    /// Wanted at the first signature of a login session.
    username: Option<String>,
    password: String,
}

#[derive(InputObject)]
pub(crate) struct DemoteDeploymentInput {
    deployment_id: ID,
    stage: Stage,
    /// May follow afterwards.
    reason: Option<String>,
}

#[derive(Default)]
pub(crate) struct PromotionMutation;

#[Object]
impl PromotionMutation {
    async fn propose_promotion(
        &self,
        ctx: &Context<'_>,
        input: ProposePromotionInput,
    ) -> Result<ProposePromotionPayload> {
        ProposePromotionPayload::from_outcome(ctx, propose(ctx, input).await)
    }

    /// Approves a proposal, with a signature.
    async fn approve_promotion(
        &self,
        ctx: &Context<'_>,
        input: ApprovePromotionInput,
    ) -> Result<ApprovePromotionPayload> {
        ApprovePromotionPayload::from_outcome(ctx, approve(ctx, input).await)
    }

    /// Moves a deployment down, at once and alone.
    async fn demote_deployment(
        &self,
        ctx: &Context<'_>,
        input: DemoteDeploymentInput,
    ) -> Result<DemoteDeploymentPayload> {
        DemoteDeploymentPayload::from_outcome(ctx, demote(ctx, input).await)
    }
}

async fn propose(ctx: &Context<'_>, input: ProposePromotionInput) -> Result<Proposal, Error> {
    let rollout = services(ctx, commander(ctx)?).rollout;
    let command = rollout::Propose { stage: input.stage.into(), reason: input.reason };
    Ok(rollout.propose(&id(&input.deployment_id)?, &command).await?.into())
}

async fn approve(ctx: &Context<'_>, input: ApprovePromotionInput) -> Result<Deployment, Error> {
    let viewer = commander(ctx)?;
    let proposal: ProposalId = id(&input.proposal_id)?;
    let components = Components { username: input.username, password: input.password.into() };
    let services = asking(ctx).services_for_signing(viewer, proposal.as_str(), components).await?;
    Ok(Deployment(services.rollout.approve(&proposal).await?))
}

async fn demote(ctx: &Context<'_>, input: DemoteDeploymentInput) -> Result<Deployment, Error> {
    let rollout = services(ctx, commander(ctx)?).rollout;
    let command = rollout::Demote { stage: input.stage.into(), reason: input.reason.unwrap_or_default() };
    Ok(Deployment(rollout.demote(&id(&input.deployment_id)?, &command).await?))
}
