//! Models and deployments.

use crate::graphql::fault::{fault, viewer};
use crate::graphql::services;
use crate::graphql::r#type::deployment::Deployment;
use crate::graphql::r#type::model::Model;
use crate::record;
use async_graphql::{Context, Object, Result};
use contract::event::Display;

#[derive(Default)]
pub(crate) struct RolloutQuery;

#[Object]
impl RolloutQuery {
    /// Every model version, newest first.
    async fn models(&self, ctx: &Context<'_>) -> Result<Vec<Model>> {
        let rollout = services(ctx, viewer(ctx)?).rollout;
        let models = rollout.models().await.map_err(|error| fault(ctx, error.into()))?;
        record::shown(ctx, Display::Models, []);
        Ok(models.into_iter().map(Model).collect())
    }

    /// Every deployment, by name.
    async fn deployments(&self, ctx: &Context<'_>) -> Result<Vec<Deployment>> {
        let rollout = services(ctx, viewer(ctx)?).rollout;
        let deployments = rollout.deployments().await.map_err(|error| fault(ctx, error.into()))?;
        record::shown(ctx, Display::Deployments, []);
        Ok(deployments.into_iter().map(Deployment).collect())
    }
}
