//! Putting model versions to use, and moving deployments up and down.

use super::{commander, id};
use crate::auth::Components;
use crate::error::Error;
use crate::graphql::fault::asking;
use crate::graphql::services;
use crate::graphql::r#type::deployment::{Deployment, Proposal, Stage};
use crate::graphql::r#type::payload::{
    ApprovePromotionPayload, CreateDeploymentPayload, DemoteDeploymentPayload, ProposePromotionPayload,
};
use crate::graphql::r#type::use_rule::UseRule;
use async_graphql::{Context, ID, InputObject, Object, Result};
use contract::{ProposalId, rollout};

#[derive(InputObject)]
pub(crate) struct CreateDeploymentInput {
    /// What people will call it; no other has that name.
    name: String,
    model_id: ID,
    site: String,
    /// Queue of the workers.
    pool: String,
    /// Percent, 0 to 100, of what the model takes away that is given back to its images, as texture. It never changes.
    #[graphql(default)]
    texture_percent: u8,
    rule: UseRule,
    reason: String,
    /// How many series the dry run wanted that was looked at.
    matched_seen: u32,
    looked_at: u32,
}

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
    /// Puts a model version to use, after a dry run that was looked at. It begins at shadow. For administrators.
    async fn create_deployment(
        &self,
        ctx: &Context<'_>,
        input: CreateDeploymentInput,
    ) -> Result<CreateDeploymentPayload> {
        CreateDeploymentPayload::from_outcome(ctx, create(ctx, input).await)
    }

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

async fn create(ctx: &Context<'_>, input: CreateDeploymentInput) -> Result<Deployment, Error> {
    let rollout = services(ctx, commander(ctx)?).rollout;
    let command = rollout::CreateDeployment {
        name: input.name,
        model: id(&input.model_id)?,
        site: input.site,
        pool: input.pool,
        texture_percent: input.texture_percent,
        rule: input.rule.into(),
        reason: input.reason,
        matched_seen: input.matched_seen,
        looked_at: input.looked_at,
    };
    Ok(Deployment(rollout.deployment_create(&command).await?))
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
