//! The ledger, for quality. Looking at it is itself recorded, by audit.

use crate::graphql::fault::{fault, viewer};
use crate::graphql::services;
use crate::graphql::r#type::ledger::{LedgerEntry, LedgerStatus};
use crate::graphql::r#type::page::{self, Of};
use async_graphql::{Context, ID, Object, Result};
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

    async fn ledger_status(&self, ctx: &Context<'_>) -> Result<LedgerStatus> {
        let ledger = services(ctx, viewer(ctx)?).audit;
        Ok(ledger.status().await.map_err(|error| fault(ctx, error.into()))?.into())
    }
}
