//! Studies and quarantine.

use crate::graphql::fault::{fault, viewer};
use crate::graphql::loader::Loaders;
use crate::graphql::services;
use crate::graphql::r#type::page::{self, Of};
use crate::graphql::r#type::quarantine::{QuarantineName, Quarantined};
use crate::graphql::r#type::study::Study;
use crate::record;
use async_graphql::{Context, ID, Object, Result};
use contract::StudyId;
use contract::event::Display;

#[derive(Default)]
pub(crate) struct StudyQuery;

#[Object]
impl StudyQuery {
    /// Newest first.
    #[graphql(complexity = "page::items(first) * child_complexity")]
    async fn studies(
        &self,
        ctx: &Context<'_>,
        first: Option<u32>,
        after: Option<String>,
    ) -> Result<Of<Study>> {
        let request = page::request(first, after);
        let intake = services(ctx, viewer(ctx)?).intake;
        let studies = intake.studies(&request).await.map_err(|error| fault(ctx, error.into()))?;
        record::shown(ctx, Display::Studies, studies.items.iter().map(|item| item.node.id.to_string()));
        Ok(page::connection(studies, request.after.is_some(), Study))
    }

    async fn study(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Study>> {
        let loaders = Loaders::of(ctx)?;
        let Ok(id) = id.parse::<StudyId>() else { return Ok(None) };
        let study = loaders.one(ctx, id).await?;
        record::shown(ctx, Display::Study, study.iter().map(|study| study.id.to_string()));
        Ok(study.map(Study))
    }

    /// What could not be used and waits for a person, newest first.
    #[graphql(complexity = "page::items(first) * child_complexity")]
    async fn quarantine(
        &self,
        ctx: &Context<'_>,
        first: Option<u32>,
        after: Option<String>,
    ) -> Result<Of<Quarantined, QuarantineName, QuarantineName>> {
        let request = page::request(first, after);
        let intake = services(ctx, viewer(ctx)?).intake;
        let entries = intake.quarantine(&request).await.map_err(|error| fault(ctx, error.into()))?;
        record::shown(ctx, Display::Quarantine, entries.items.iter().map(|item| item.node.id.to_string()));
        Ok(page::connection(entries, request.after.is_some(), Quarantined::from))
    }
}
