//! Teaching sets.

use crate::graphql::fault::{asking, fault, viewer};
use crate::graphql::services;
use crate::graphql::r#type::teaching::{TeachingSet, accounts_of, ids};
use crate::record;
use crate::store;
use async_graphql::{Context, ID, Object, Result};
use contract::delivery::TeachingSetsQuery;
use contract::event::Display;

#[derive(Default)]
pub(crate) struct TeachingQuery;

#[Object]
impl TeachingQuery {
    /// The teaching sets of a discussion, newest first; at most one of them isn't withdrawn. For quality.
    async fn teaching_sets(&self, ctx: &Context<'_>, discussion_id: ID) -> Result<Vec<TeachingSet>> {
        let delivery = services(ctx, viewer(ctx)?).delivery;
        // An id of another kind leads nowhere.
        let Ok(discussion) = discussion_id.parse() else { return Ok(Vec::new()) };
        let sets = delivery.teaching_sets(&TeachingSetsQuery { discussion }).await;
        let sets = sets.map_err(|error| fault(ctx, error.into()))?;
        record::shown(ctx, Display::Discussions, sets.iter().flat_map(ids));
        let names = store::account_names(&asking(ctx).door.db, sets.iter().flat_map(accounts_of)).await;
        let names = names.map_err(|error| fault(ctx, error.into()))?;
        Ok(sets.into_iter().map(|set| TeachingSet::new(set, &names)).collect())
    }
}
