//! Sites and their scanners, which administrators enter.

use super::{commander, id};
use crate::error::Error;
use crate::graphql::services;
use crate::graphql::r#type::payload::{ChangeSitePayload, RemoveSitePayload};
use crate::graphql::r#type::site::{Scanner, Site};
use async_graphql::{Context, ID, InputObject, Object, Result};
use contract::rollout;

#[derive(InputObject)]
pub(crate) struct ChangeSiteInput {
    name: String,
    scanners: Vec<Scanner>,
    reason: String,
    /// The version that was looked at; 0 where the site was never registered.
    follows: u32,
    /// How many series the preview found that was looked at.
    differing_seen: u32,
    looked_at: u32,
}

#[derive(InputObject)]
pub(crate) struct RemoveSiteInput {
    site_id: ID,
    reason: String,
    /// The version that was looked at.
    follows: u32,
}

#[derive(Default)]
pub(crate) struct SiteMutation;

#[Object]
impl SiteMutation {
    /// Registers a site or gives it other scanners, after a preview that was looked at. For administrators.
    async fn change_site(&self, ctx: &Context<'_>, input: ChangeSiteInput) -> Result<ChangeSitePayload> {
        ChangeSitePayload::from_outcome(ctx, change_site(ctx, input).await)
    }

    /// Removes a site that no deployment names. For administrators.
    async fn remove_site(&self, ctx: &Context<'_>, input: RemoveSiteInput) -> Result<RemoveSitePayload> {
        RemoveSitePayload::from_outcome(ctx, remove_site(ctx, input).await)
    }
}

async fn change_site(ctx: &Context<'_>, input: ChangeSiteInput) -> Result<Site, Error> {
    let rollout = services(ctx, commander(ctx)?).rollout;
    let command = rollout::ChangeSite {
        name: input.name,
        scanners: input.scanners.into_iter().map(Scanner::into).collect(),
        reason: input.reason,
        follows: input.follows,
        differing_seen: input.differing_seen,
        looked_at: input.looked_at,
    };
    Ok(rollout.site_change(&command).await?.into())
}

async fn remove_site(ctx: &Context<'_>, input: RemoveSiteInput) -> Result<Site, Error> {
    let rollout = services(ctx, commander(ctx)?).rollout;
    let command = rollout::RemoveSite { reason: input.reason, follows: input.follows };
    Ok(rollout.site_remove(&id(&input.site_id)?, &command).await?.into())
}
