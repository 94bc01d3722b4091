//! Taking everything back that a model version, a deployment or a span of time released.

use super::{commander, id};
use crate::error::Error;
use crate::graphql::fault::asking;
use crate::graphql::services;
use crate::graphql::r#type::campaign::{RecallCampaign, RecallSelectionInput, SelectedSetInput, accounts_of};
use crate::graphql::r#type::payload::{
    ConfirmRecallCampaignPayload, ProposeRecallCampaignPayload, WithdrawRecallCampaignPayload,
};
use crate::record;
use crate::store;
use async_graphql::{Context, ID, InputObject, Object, Result};
use contract::event::Display;
use contract::review;

#[derive(InputObject)]
pub(crate) struct ProposeRecallCampaignInput {
    selection: RecallSelectionInput,
    /// What the preview showed.
    set: SelectedSetInput,
    /// 3 to 500 characters.
    reason: String,
}

#[derive(InputObject)]
pub(crate) struct ConfirmRecallCampaignInput {
    campaign_id: ID,
    /// What was shown.
    set: SelectedSetInput,
}

#[derive(InputObject)]
pub(crate) struct WithdrawRecallCampaignInput {
    campaign_id: ID,
    /// 3 to 500 characters.
    reason: String,
}

#[derive(Default)]
pub(crate) struct CampaignMutation;

#[Object]
impl CampaignMutation {
    /// Proposes to take every release of a selection back; nothing more of it is sent from then on.
    async fn propose_recall_campaign(
        &self,
        ctx: &Context<'_>,
        input: ProposeRecallCampaignInput,
    ) -> Result<ProposeRecallCampaignPayload> {
        ProposeRecallCampaignPayload::from_outcome(ctx, propose(ctx, input).await)
    }

    /// Confirms a recall that another person proposed, over exactly the set that was shown.
    async fn confirm_recall_campaign(
        &self,
        ctx: &Context<'_>,
        input: ConfirmRecallCampaignInput,
    ) -> Result<ConfirmRecallCampaignPayload> {
        ConfirmRecallCampaignPayload::from_outcome(ctx, confirm(ctx, input).await)
    }

    /// Withdraws a recall that was not confirmed: what it named is sent again.
    async fn withdraw_recall_campaign(
        &self,
        ctx: &Context<'_>,
        input: WithdrawRecallCampaignInput,
    ) -> Result<WithdrawRecallCampaignPayload> {
        WithdrawRecallCampaignPayload::from_outcome(ctx, withdraw(ctx, input).await)
    }
}

async fn propose(ctx: &Context<'_>, input: ProposeRecallCampaignInput) -> Result<RecallCampaign, Error> {
    let review = services(ctx, commander(ctx)?).review;
    let (selection, set) = (input.selection.read()?, input.set.read());
    let command = review::ProposeCampaign { selection, set, reason: input.reason };
    shown(ctx, review.propose_recall_campaign(&command).await?).await
}

async fn confirm(ctx: &Context<'_>, input: ConfirmRecallCampaignInput) -> Result<RecallCampaign, Error> {
    let review = services(ctx, commander(ctx)?).review;
    let command = review::ConfirmCampaign { set: input.set.read() };
    shown(ctx, review.confirm_recall_campaign(&id(&input.campaign_id)?, &command).await?).await
}

async fn withdraw(ctx: &Context<'_>, input: WithdrawRecallCampaignInput) -> Result<RecallCampaign, Error> {
    let review = services(ctx, commander(ctx)?).review;
    let reason = review::Reason { reason: input.reason };
    shown(ctx, review.withdraw_recall_campaign(&id(&input.campaign_id)?, &reason).await?).await
}

async fn shown(ctx: &Context<'_>, campaign: review::RecallCampaign) -> Result<RecallCampaign, Error> {
    record::shown(ctx, Display::RecallCampaigns, [campaign.id.to_string()]);
    let names = store::account_names(&asking(ctx).door.db, accounts_of(&campaign)).await?;
    Ok(RecallCampaign::new(campaign, &names))
}
