//! Recalls of whole selections.

use crate::graphql::fault::{asking, fault, viewer};
use crate::graphql::services;
use crate::graphql::r#type::campaign::{RecallCampaign, RecallPreview, RecallSelectionInput, accounts_of};
use crate::graphql::r#type::page::{self, Of};
use crate::record;
use crate::store;
use async_graphql::{Context, ID, Object, Result};
use contract::RecallCampaignId;
use contract::event::Display;

#[derive(Default)]
pub(crate) struct CampaignQuery;

#[Object]
impl CampaignQuery {
    /// What a recall of a selection would take back, and where it went. Nothing changes by looking. For quality, and for
    /// adjudicators where they may know how every case of it ended.
    async fn recall_preview(
        &self,
        ctx: &Context<'_>,
        selection: RecallSelectionInput,
    ) -> Result<RecallPreview> {
        let selection = selection.read().map_err(|refusal| fault(ctx, refusal.into()))?;
        let review = services(ctx, viewer(ctx)?).review;
        let preview = review.recall_preview(&selection).await.map_err(|error| fault(ctx, error.into()))?;
        let model = selection.model.iter().map(ToString::to_string);
        let deployment = selection.deployment.iter().map(ToString::to_string);
        record::shown(ctx, Display::RecallPreview, model.chain(deployment));
        Ok(RecallPreview { preview, selection })
    }

    /// Recalls of whole selections, newest first.
    #[graphql(complexity = "page::items(first) * child_complexity")]
    async fn recall_campaigns(
        &self,
        ctx: &Context<'_>,
        first: Option<u32>,
        after: Option<String>,
    ) -> Result<Of<RecallCampaign>> {
        let request = page::request(first, after);
        let review = services(ctx, viewer(ctx)?).review;
        let found = review.recall_campaigns(&request).await.map_err(|error| fault(ctx, error.into()))?;
        record::shown(ctx, Display::RecallCampaigns, found.items.iter().map(|item| item.node.id.to_string()));
        let users = found.items.iter().flat_map(|item| accounts_of(&item.node));
        let names = store::account_names(&asking(ctx).door.db, users).await;
        let names = names.map_err(|error| fault(ctx, error.into()))?;
        let show = |campaign| RecallCampaign::new(campaign, &names);
        Ok(page::connection(found, request.after.is_some(), show))
    }

    async fn recall_campaign(&self, ctx: &Context<'_>, id: ID) -> Result<Option<RecallCampaign>> {
        let review = services(ctx, viewer(ctx)?).review;
        let Ok(id) = id.parse::<RecallCampaignId>() else { return Ok(None) };
        let found = review.recall_campaign(&id).await.map_err(|error| fault(ctx, error.into()))?;
        record::shown(ctx, Display::RecallCampaigns, found.iter().map(|found| found.id.to_string()));
        let Some(found) = found else { return Ok(None) };
        let names = store::account_names(&asking(ctx).door.db, accounts_of(&found)).await;
        Ok(Some(RecallCampaign::new(found, &names.map_err(|error| fault(ctx, error.into()))?)))
    }
}
