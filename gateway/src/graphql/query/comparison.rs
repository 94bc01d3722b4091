//! Comparisons of models, and the pairs that are read for them.

use crate::graphql::fault::{fault, viewer};
use crate::graphql::services;
use crate::graphql::r#type::comparison::{Comparison, ComparisonDesign, ComparisonPlan};
use crate::graphql::r#type::pair::ComparisonPair;
use crate::record;
use async_graphql::{Context, ID, Object, Result};
use contract::event::Display;
use contract::{PairId, review, rollout};

#[derive(Default)]
pub(crate) struct ComparisonQuery;

#[Object]
impl ComparisonQuery {
    /// Pairs that this reader may take or holds, in an order of their own.
    async fn comparison_pairs(&self, ctx: &Context<'_>) -> Result<Vec<ComparisonPair>> {
        let review = services(ctx, viewer(ctx)?).review;
        let pairs = review.pairs().await.map_err(|error| fault(ctx, error.into()))?;
        record::shown(ctx, Display::Pairs, pairs.iter().flat_map(ids));
        Ok(pairs.into_iter().map(ComparisonPair).collect())
    }

    async fn comparison_pair(&self, ctx: &Context<'_>, id: ID) -> Result<Option<ComparisonPair>> {
        let review = services(ctx, viewer(ctx)?).review;
        let Ok(id) = id.parse::<PairId>() else { return Ok(None) };
        let pair = review.pair(&id).await.map_err(|error| fault(ctx, error.into()))?;
        record::shown(ctx, Display::Pairs, pair.iter().flat_map(ids));
        Ok(pair.map(ComparisonPair))
    }

    /// Every comparison, newest first, for those who see deployments.
    async fn comparisons(&self, ctx: &Context<'_>) -> Result<Vec<Comparison>> {
        let rollout = services(ctx, viewer(ctx)?).rollout;
        let comparisons = rollout.comparisons().await.map_err(|error| fault(ctx, error.into()))?;
        record::shown(ctx, Display::Comparisons, []);
        Ok(comparisons.into_iter().map(Comparison::from).collect())
    }

    /// How a plan would behave where readers prefer neither image of this share of pairs. It is arithmetic over what was
    /// asked, and shows nothing of any comparison.
    async fn comparison_design(
        &self,
        ctx: &Context<'_>,
        plan: ComparisonPlan,
        no_preference: f64,
    ) -> Result<ComparisonDesign> {
        let rollout = services(ctx, viewer(ctx)?).rollout;
        let request = rollout::DesignRequest { plan: plan.into(), no_preference };
        let design = rollout.comparison_design(&request).await.map_err(|error| fault(ctx, error.into()))?;
        Ok(design.into())
    }
}

/// What of a pair is written down when it is shown.
pub(crate) fn ids(pair: &review::Pair) -> [String; 2] {
    [pair.id.to_string(), pair.study.to_string()]
}
