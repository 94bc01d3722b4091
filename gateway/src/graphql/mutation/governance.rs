//! What takes two people: other gate policies, and other stop rules.

use super::{commander, id};
use crate::auth::Components;
use crate::error::Error;
use crate::graphql::fault::asking;
use crate::graphql::services;
use crate::graphql::r#type::governance::{GatePolicy, RulesProposal};
use crate::graphql::r#type::payload::{
    AdoptRulesPayload, DeclineRulesPayload, ProposeGatePolicyPayload, ProposeStopRulesPayload,
};
use crate::graphql::r#type::stop::StopRulesInput;
use async_graphql::{Context, ID, InputObject, Object, Result};
use contract::{RulesProposalId, rollout};

#[derive(InputObject)]
pub(crate) struct ProposeGatePolicyInput {
    policy: GatePolicy,
    reason: String,
    /// The version that was looked at.
    follows: u32,
}

#[derive(InputObject)]
pub(crate) struct ProposeStopRulesInput {
    deployment_id: ID,
    rules: StopRulesInput,
    reason: String,
    /// The version that was looked at.
    follows: u32,
}

#[derive(InputObject)]
pub(crate) struct AdoptRulesInput {
    proposal_id: ID,
    /// Wanted at the first signature of a login session.
    username: Option<String>,
    password: String,
}

#[derive(InputObject)]
pub(crate) struct DeclineRulesInput {
    proposal_id: ID,
}

#[derive(Default)]
pub(crate) struct GovernanceMutation;

#[Object]
impl GovernanceMutation {
    /// Proposes what gates are to ask from now on. For quality and administrators.
    async fn propose_gate_policy(
        &self,
        ctx: &Context<'_>,
        input: ProposeGatePolicyInput,
    ) -> Result<ProposeGatePolicyPayload> {
        ProposeGatePolicyPayload::from_outcome(ctx, propose_gate_policy(ctx, input).await)
    }

    /// Proposes other stop rules. For quality and administrators.
    async fn propose_stop_rules(
        &self,
        ctx: &Context<'_>,
        input: ProposeStopRulesInput,
    ) -> Result<ProposeStopRulesPayload> {
        ProposeStopRulesPayload::from_outcome(ctx, propose_stop_rules(ctx, input).await)
    }

    /// Puts proposed rules in force, with a signature. For quality and the clinical owner, never for who proposed them.
    async fn adopt_rules(&self, ctx: &Context<'_>, input: AdoptRulesInput) -> Result<AdoptRulesPayload> {
        AdoptRulesPayload::from_outcome(ctx, adopt(ctx, input).await)
    }

    /// Declines proposed rules, or takes the own proposal back.
    async fn decline_rules(
        &self,
        ctx: &Context<'_>,
        input: DeclineRulesInput,
    ) -> Result<DeclineRulesPayload> {
        DeclineRulesPayload::from_outcome(ctx, decline(ctx, input).await)
    }
}

async fn propose_gate_policy(
    ctx: &Context<'_>,
    input: ProposeGatePolicyInput,
) -> Result<RulesProposal, Error> {
    let rollout = services(ctx, commander(ctx)?).rollout;
    let ProposeGatePolicyInput { policy, reason, follows } = input;
    let command = rollout::ProposeGatePolicy { policy: policy.read(), reason, follows };
    Ok(rollout.gate_policy_propose(&command).await?.into())
}

async fn propose_stop_rules(ctx: &Context<'_>, input: ProposeStopRulesInput) -> Result<RulesProposal, Error> {
    let rollout = services(ctx, commander(ctx)?).rollout;
    let ProposeStopRulesInput { deployment_id, rules, reason, follows } = input;
    let command = rollout::ProposeStopRules { rules: rules.read()?, reason, follows };
    Ok(rollout.stop_rules_propose(&id(&deployment_id)?, &command).await?.into())
}

async fn adopt(ctx: &Context<'_>, input: AdoptRulesInput) -> Result<RulesProposal, Error> {
    let viewer = commander(ctx)?;
    let proposal: RulesProposalId = id(&input.proposal_id)?;
    let components = Components { username: input.username, password: input.password.into() };
    let services = asking(ctx).services_for_signing(viewer, proposal.as_str(), components).await?;
    let decision = rollout::DecideRules { adopt: true };
    Ok(services.rollout.rules_decide(&proposal, decision).await?.into())
}

async fn decline(ctx: &Context<'_>, input: DeclineRulesInput) -> Result<RulesProposal, Error> {
    let rollout = services(ctx, commander(ctx)?).rollout;
    let decision = rollout::DecideRules { adopt: false };
    Ok(rollout.rules_decide(&id(&input.proposal_id)?, decision).await?.into())
}
