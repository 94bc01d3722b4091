//! The ledger, for quality. Looking at it is itself recorded, by audit.

use crate::graphql::fault::{asking, fault, viewer};
use crate::graphql::services;
use crate::graphql::r#type::erasure::{Erasure, accounts_of};
use crate::graphql::r#type::ledger::{LedgerEntry, LedgerHealth, LedgerStatus};
use crate::graphql::r#type::page::{self, Of};
use crate::graphql::r#type::quality::{QualityFigures, SentinelFigures};
use crate::graphql::r#type::watch::QualityWatch;
use crate::store;
use async_graphql::{Context, ID, Object, Result};
use chrono::{DateTime, Utc};
use contract::audit;

#[derive(Default)]
pub(crate) struct LedgerQuery;

#[Object]
impl LedgerQuery {
    /// Newest first.
    #[graphql(complexity = "page::items(first) * child_complexity")]
    async fn ledger(
        &self,
        ctx: &Context<'_>,
        first: Option<u32>,
        after: Option<String>,
        subject: Option<ID>,
    ) -> Result<Of<LedgerEntry>> {
        let page = page::request(first, after);
        let query = audit::LedgerQuery { page, subject: subject.map(String::from) };
        let ledger = services(ctx, viewer(ctx)?).audit;
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
