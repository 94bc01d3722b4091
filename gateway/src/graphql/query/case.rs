//! Cases.

use crate::graphql::fault::{fault, viewer};
use crate::graphql::services;
use crate::graphql::r#type::case::Case;
use crate::graphql::r#type::case::ids;
use crate::graphql::r#type::oversight::Purpose;
use crate::graphql::r#type::page::{self, Of};
use crate::record;
use async_graphql::{Context, ID, Object, Result};
use contract::CaseId;
use contract::event::Display;

#[derive(Default)]
pub(crate) struct CaseQuery;

#[Object]
impl CaseQuery {
    /// What this reader may take or holds: patients' cases or, asked for, those at shadow. The two never mix.
    #[graphql(complexity = "page::items(first) * child_complexity")]
    async fn worklist(
        &self,
        ctx: &Context<'_>,
        #[graphql(default_with = "Purpose::Clinical")] purpose: Purpose,
        first: Option<u32>,
        after: Option<String>,
    ) -> Result<Of<Case>> {
        let request = page::request(first, after);
        let review = services(ctx, viewer(ctx)?).review;
        let cases = match purpose {
            Purpose::Clinical => review.worklist(&request).await,
            Purpose::Evaluation => review.evaluation_worklist(&request).await,
        };
        let cases = cases.map_err(|error| fault(ctx, error.into()))?;
        record::shown(ctx, Display::Worklist, cases.items.iter().flat_map(|item| ids(&item.node)));
        Ok(page::connection(cases, request.after.is_some(), Case))
    }

    /// Every case, for quality, administrators and coordinators.
    #[graphql(complexity = "page::items(first) * child_complexity")]
    async fn cases(&self, ctx: &Context<'_>, first: Option<u32>, after: Option<String>) -> Result<Of<Case>> {
        let request = page::request(first, after);
        let review = services(ctx, viewer(ctx)?).review;
        let cases = review.cases(&request).await.map_err(|error| fault(ctx, error.into()))?;
        record::shown(ctx, Display::Cases, cases.items.iter().flat_map(|item| ids(&item.node)));
        Ok(page::connection(cases, request.after.is_some(), Case))
    }

    async fn case(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Case>> {
        let review = services(ctx, viewer(ctx)?).review;
        let Ok(id) = id.parse::<CaseId>() else { return Ok(None) };
        let case = review.case(&id).await.map_err(|error| fault(ctx, error.into()))?;
        record::shown(ctx, Display::Case, case.iter().flat_map(ids));
        Ok(case.map(Case))
    }
}
