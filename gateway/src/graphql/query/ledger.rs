//! The ledger, for quality. Looking at it is itself recorded, by audit.

use crate::graphql::fault::{asking, fault, viewer};
use crate::graphql::services;
use crate::graphql::r#type::erasure::{Erasure, accounts_of};
use crate::graphql::r#type::ledger::{LedgerEntry, LedgerHealth, LedgerStatus};
use crate::graphql::r#type::page::{self, Of};
use crate::graphql::r#type::quality::{QualityFigures, SentinelFigures};
use crate::graphql::r#type::watch::QualityWatch;
use crate::{record, store};
use async_graphql::{Context, ID, Object, Result};
use chrono::{DateTime, Utc};
use contract::event::Display;
use contract::intake::{Study, StudyNumber};
use contract::{CaseId, SeriesId, audit};

#[derive(Default)]
pub(crate) struct LedgerQuery;

#[Object]
impl LedgerQuery {
    /// Newest first: what mentions an id, is of a patient (by Patient ID or Accession Number, to the letter), was done by
    /// a person (by user name or printed name), and was recorded in a time. What isn't given narrows nothing.
    #[graphql(complexity = "page::items(first) * child_complexity")]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a field are what a client may narrow by")]
    async fn ledger(
        &self,
        ctx: &Context<'_>,
        first: Option<u32>,
        after: Option<String>,
        subject: Option<ID>,
        patient: Option<String>,
        person: Option<String>,
        since: Option<DateTime<Utc>>,
        until: Option<DateTime<Utc>>,
    ) -> Result<Of<LedgerEntry>> {
        let ledger = services(ctx, viewer(ctx)?).audit;
        let mut mentioning = Vec::new();
        mentioning.extend(subject.map(|id| vec![String::from(id)]));
        if let Some(number) = patient {
            mentioning.push(ids_of_patient(ctx, number).await?);
        }
        if let Some(name) = person {
            let found = store::accounts_named(&asking(ctx).door.db, &name).await;
            let found = found.map_err(|error| fault(ctx, error.into()))?;
            mentioning.push(found.into_iter().map(String::from).collect());
        }
        let query = audit::LedgerQuery { page: page::request(first, after), mentioning, since, until };
        let entries = ledger.entries(&query).await.map_err(|error| fault(ctx, error.into()))?;
        Ok(page::connection(entries, query.page.after.is_some(), LedgerEntry))
    }

    /// What personal content of the ledger is or was to be erased, newest first; for quality and administrators.
    async fn erasures(&self, ctx: &Context<'_>) -> Result<Vec<Erasure>> {
        let audit = services(ctx, viewer(ctx)?).audit;
        let records = audit.erasures().await.map_err(|error| fault(ctx, error.into()))?;
        let names = store::account_names(&asking(ctx).door.db, records.iter().flat_map(accounts_of)).await;
        let names = names.map_err(|error| fault(ctx, error.into()))?;
        Ok(records.into_iter().map(|record| Erasure::new(record, &names)).collect())
    }

    /// Whether the ledger is whole and signed in time.
    async fn ledger_health(&self, ctx: &Context<'_>) -> Result<LedgerHealth> {
        let ledger = services(ctx, viewer(ctx)?).audit;
        Ok(ledger.health().await.map_err(|error| fault(ctx, error.into()))?.into())
    }

    /// Figures over the cases that ended in a period, for quality.
    async fn quality_figures(
        &self,
        ctx: &Context<'_>,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<QualityFigures> {
        let audit = services(ctx, viewer(ctx)?).audit;
        let figures = audit.figures(&audit::FiguresQuery { from, to }).await;
        Ok(figures.map_err(|error| fault(ctx, error.into()))?.into())
    }

    /// What is unusual about the cases that ended in a period, charts of proportions and drift; for quality.
    async fn quality_watch(
        &self,
        ctx: &Context<'_>,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<QualityWatch> {
        let audit = services(ctx, viewer(ctx)?).audit;
        let watched = audit.watched(&audit::FiguresQuery { from, to }).await;
        Ok(watched.map_err(|error| fault(ctx, error.into()))?.into())
    }

    /// Which cases that are known to be bad were caught in a period; for quality, and nobody who reads.
    async fn sentinel_figures(
        &self,
        ctx: &Context<'_>,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<SentinelFigures> {
        let audit = services(ctx, viewer(ctx)?).audit;
        let found = audit.sentinels(&audit::FiguresQuery { from, to }).await;
        Ok(found.map_err(|error| fault(ctx, error.into()))?.into())
    }

    async fn ledger_status(&self, ctx: &Context<'_>) -> Result<LedgerStatus> {
        let ledger = services(ctx, viewer(ctx)?).audit;
        Ok(ledger.status().await.map_err(|error| fault(ctx, error.into()))?.into())
    }
}

/// The most series of which runs and cases are asked for at once.
const SERIES_AT_ONCE: usize = 200;

/// What the ledger calls what was done with the images of a patient: studies, series, runs and cases. Of whom very much is
/// there, the newest studies are looked for.
async fn ids_of_patient(ctx: &Context<'_>, number: String) -> Result<Vec<String>> {
    let services = services(ctx, viewer(ctx)?);
    let studies = services.intake.studies_named(&StudyNumber { number }).await;
    let studies = studies.map_err(|error| fault(ctx, error.into()))?;
    record::shown(ctx, Display::Studies, studies.iter().map(|study| study.id.to_string()));
    let mut ids: Vec<String> = Vec::new();
    let mut rest = studies.as_slice();
    while !rest.is_empty() && ids.len() < audit::LEDGER_IDS_MAX / 2 {
        let mut count = 0;
        let fits = |study: &&Study| {
            count += study.series.len();
            count <= SERIES_AT_ONCE
        };
        let (some, later) = rest.split_at(rest.iter().take_while(fits).count().max(1));
        rest = later;
        let series = some.iter().flat_map(|study| &study.series).map(|series| series.id.clone());
        let series: Vec<SeriesId> = series.collect();
        let (runs, cases) = futures::future::try_join(
            services.generation.runs_of_series(series.clone()),
            services.review.cases_of_series(series.clone()),
        )
        .await
        .map_err(|error| fault(ctx, error.into()))?;
        ids.extend(some.iter().map(|study| study.id.to_string()));
        ids.extend(series.iter().map(SeriesId::to_string));
        ids.extend(cases.iter().map(CaseId::to_string));
        ids.extend(runs.iter().map(|run| run.id.to_string()));
    }
    ids.truncate(audit::LEDGER_IDS_MAX / 2);
    Ok(ids)
}
