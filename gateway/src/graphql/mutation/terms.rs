//! Prices of the house, and plans of what deployments cost and are good for.

use super::{commander, id};
use crate::error::Error;
use crate::graphql::services;
use crate::graphql::r#type::payload::{ChangePlanPayload, ChangePricesPayload};
use crate::graphql::r#type::terms::{Plan, PlanVersion, Prices, PricesVersion};
use async_graphql::{Context, ID, InputObject, Object, Result};
use contract::rollout::ChangeTerms;

#[derive(InputObject)]
pub(crate) struct ChangePricesInput {
    prices: Prices,
    reason: String,
    /// The version that was looked at.
    follows: u32,
}

#[derive(InputObject)]
pub(crate) struct ChangePlanInput {
    deployment_id: ID,
    plan: Plan,
    reason: String,
    /// The version that was looked at.
    follows: u32,
}

#[derive(Default)]
pub(crate) struct TermsMutation;

#[Object]
impl TermsMutation {
    /// Puts other prices in force. For administrators.
    async fn change_prices(
        &self,
        ctx: &Context<'_>,
        input: ChangePricesInput,
    ) -> Result<ChangePricesPayload> {
        ChangePricesPayload::from_outcome(ctx, change_prices(ctx, input).await)
    }

    /// Puts another plan of a deployment in force. For administrators.
    async fn change_plan(&self, ctx: &Context<'_>, input: ChangePlanInput) -> Result<ChangePlanPayload> {
        ChangePlanPayload::from_outcome(ctx, change_plan(ctx, input).await)
    }
}

async fn change_prices(ctx: &Context<'_>, input: ChangePricesInput) -> Result<PricesVersion, Error> {
    let rollout = services(ctx, commander(ctx)?).rollout;
    let command = ChangeTerms { terms: input.prices.into(), reason: input.reason, follows: input.follows };
    Ok(rollout.prices_change(&command).await?.into())
}

async fn change_plan(ctx: &Context<'_>, input: ChangePlanInput) -> Result<PlanVersion, Error> {
    let rollout = services(ctx, commander(ctx)?).rollout;
    let command = ChangeTerms { terms: input.plan.into(), reason: input.reason, follows: input.follows };
    Ok(rollout.plan_change(&id(&input.deployment_id)?, &command).await?.into())
}
