//! Sites and their scanners.

use crate::graphql::fault::{fault, viewer};
use crate::graphql::services;
use crate::graphql::r#type::site::{Scanner, Site, SitePreview};
use crate::record;
use async_graphql::{Context, InputObject, Object, Result};
use contract::event::Display;
use contract::rollout;

#[derive(InputObject)]
pub(crate) struct SitePreviewInput {
    name: String,
    scanners: Vec<Scanner>,
    /// How many of the last series are looked at, at most 200.
    series: u32,
}

#[derive(Default)]
pub(crate) struct SiteQuery;

#[Object]
impl SiteQuery {
    /// The sites that are or were registered, by name, for those who see deployments.
    async fn sites(&self, ctx: &Context<'_>) -> Result<Vec<Site>> {
        let rollout = services(ctx, viewer(ctx)?).rollout;
        let sites = rollout.sites().await.map_err(|error| fault(ctx, error.into()))?;
        record::shown(ctx, Display::Sites, []);
        Ok(sites.into_iter().map(Site::from).collect())
    }

    /// What other scanners of a site would change for its deployments, seen on the last series. Nothing changes.
    async fn site_preview(&self, ctx: &Context<'_>, input: SitePreviewInput) -> Result<SitePreview> {
        let rollout = services(ctx, viewer(ctx)?).rollout;
        let SitePreviewInput { name, scanners, series } = input;
        let scanners = scanners.into_iter().map(Scanner::into).collect();
        let request = rollout::PreviewSite { name, scanners, series };
        let preview = rollout.site_preview(&request).await.map_err(|error| fault(ctx, error.into()))?;
        record::shown(ctx, Display::DryRun, preview.series.iter().map(|row| row.study.to_string()));
        Ok(preview.into())
    }
}
