//! Discussions of cases that are over.

use crate::graphql::fault::{asking, fault, viewer};
use crate::graphql::services;
use crate::graphql::r#type::discussion::{Discussion, ScoreFigures, accounts_of, ids};
use crate::graphql::r#type::page::{self, Of};
use crate::record;
use crate::store;
use async_graphql::{Context, ID, Object, Result};
use chrono::{DateTime, Utc};
use contract::event::Display;
use contract::{CaseId, DiscussionId, audit, review};

#[derive(Default)]
pub(crate) struct DiscussionQuery;

#[Object]
impl DiscussionQuery {
    /// Discussions in which the viewer has a part, newest first: for quality, and for those who read the case once no
    /// read can be made on the same source images.
    #[graphql(complexity = "page::items(first) * child_complexity")]
    async fn discussions(
        &self,
        ctx: &Context<'_>,
        first: Option<u32>,
        after: Option<String>,
        case_id: Option<ID>,
    ) -> Result<Of<Discussion>> {
        let review = services(ctx, viewer(ctx)?).review;
        let continued = after.is_some();
        // An id of another kind leads nowhere.
        let Ok(case) = case_id.map(|id| id.parse::<CaseId>()).transpose() else {
            return Ok(Of::new(continued, false));
        };
        let query = review::DiscussionsQuery { first, after, case };
        let found = review.discussions(&query).await.map_err(|error| fault(ctx, error.into()))?;
        record::shown(ctx, Display::Discussions, found.items.iter().flat_map(|item| ids(&item.node)));
        let users = found.items.iter().flat_map(|item| accounts_of(&item.node));
        let names = store::account_names(&asking(ctx).door.db, users).await;
        let names = names.map_err(|error| fault(ctx, error.into()))?;
        Ok(page::connection(found, continued, |discussion| Discussion::new(discussion, &names)))
    }

    async fn discussion(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Discussion>> {
        let review = services(ctx, viewer(ctx)?).review;
        let Ok(id) = id.parse::<DiscussionId>() else { return Ok(None) };
        let found = review.discussion(&id).await.map_err(|error| fault(ctx, error.into()))?;
        record::shown(ctx, Display::Discussions, found.iter().flat_map(ids));
        let Some(found) = found else { return Ok(None) };
        let names = store::account_names(&asking(ctx).door.db, accounts_of(&found)).await;
        Ok(Some(Discussion::new(found, &names.map_err(|error| fault(ctx, error.into()))?)))
    }

    /// How the reading of cases that ended in a period was scored, by model version, deployment and month and by nobody;
    /// for quality.
    async fn reading_scores(
        &self,
        ctx: &Context<'_>,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<ScoreFigures> {
        let audit = services(ctx, viewer(ctx)?).audit;
        let scores = audit.scores(&audit::FiguresQuery { from, to }).await;
        Ok(scores.map_err(|error| fault(ctx, error.into()))?.into())
    }
}
