//! Studies and quarantine.

use crate::graphql::fault::{fault, viewer};
use crate::graphql::loader::Loaders;
use crate::graphql::services;
use crate::graphql::r#type::page::{self, Of};
use crate::graphql::r#type::quarantine::{
    QuarantineGroups, QuarantineName, QuarantineSummary, Quarantined, SentAttribute,
};
use crate::graphql::r#type::study::Study;
use crate::record;
use async_graphql::{Context, ID, Object, Result};
use contract::event::Display;
use contract::{QuarantineId, StudyId};

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

    /// What could not be used, newest first: what waits for a person, and what has ended.
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

    /// How many entries wait in quarantine; for administrators, coordinators and quality.
    async fn quarantine_summary(&self, ctx: &Context<'_>) -> Result<QuarantineSummary> {
        let intake = services(ctx, viewer(ctx)?).intake;
        let summary = intake.quarantine_summary().await.map_err(|error| fault(ctx, error.into()))?;
        Ok(summary.into())
    }

    /// What waits in quarantine, put together by study, sender and reason, the oldest first; for administrators,
    /// coordinators and quality.
    async fn quarantine_groups(&self, ctx: &Context<'_>) -> Result<QuarantineGroups> {
        let intake = services(ctx, viewer(ctx)?).intake;
        let waiting = intake.quarantine_groups().await.map_err(|error| fault(ctx, error.into()))?;
        let shown = waiting.groups.iter().flat_map(|group| {
            let study = group.study.as_ref().map(ToString::to_string);
            [Some(group.id.to_string()), study].into_iter().flatten()
        });
        record::shown(ctx, Display::Quarantine, shown);
        Ok(waiting.into())
    }

    /// What the kept object of an entry says of the attributes that a person may correct; for administrators, coordinators
    /// and quality.
    async fn quarantine_as_sent(&self, ctx: &Context<'_>, entry_id: ID) -> Result<Vec<SentAttribute>> {
        let intake = services(ctx, viewer(ctx)?).intake;
        let Ok(entry) = entry_id.parse::<QuarantineId>() else { return Ok(Vec::new()) };
        let sent = intake.quarantine_as_sent(&entry).await.map_err(|error| fault(ctx, error.into()))?;
        record::shown(ctx, Display::Quarantine, [entry.to_string()]);
        Ok(sent.into_iter().map(SentAttribute::from).collect())
    }
}
