//! Received series.

use super::run::Run;
use crate::graphql::loader::{Loaders, RoutingOf, RunsOf};
use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use contract::{intake, rollout};

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "intake::SeriesState")]
pub(crate) enum SeriesState {
    Receiving,
    Ready,
    Parked,
}

/// What a deployment made of a series.
#[derive(SimpleObject)]
pub(crate) struct RuleOutcome {
    deployment: ID,
    name: String,
    matched: bool,
    failed_rule: Option<String>,
    /// Every rule that failed.
    failed_rules: Vec<String>,
}

impl From<rollout::RuleOutcome> for RuleOutcome {
    fn from(outcome: rollout::RuleOutcome) -> Self {
        Self {
            deployment: outcome.deployment.to_string().into(),
            name: outcome.name,
            matched: outcome.matched,
            failed_rule: outcome.failed_rule,
            failed_rules: outcome.failed_rules,
        }
    }
}

pub(crate) struct Series(pub(crate) intake::Series);

#[Object]
impl Series {
    async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    async fn series_instance_uid(&self) -> &str {
        &self.0.series_instance_uid
    }

    async fn modality(&self) -> &str {
        &self.0.modality
    }

    async fn body_part_examined(&self) -> &str {
        &self.0.body_part_examined
    }

    async fn series_description(&self) -> &str {
        &self.0.series_description
    }

    async fn protocol_name(&self) -> &str {
        &self.0.protocol_name
    }

    async fn series_number(&self) -> Option<i32> {
        self.0.series_number
    }

    async fn manufacturer(&self) -> &str {
        &self.0.manufacturer
    }

    async fn manufacturer_model_name(&self) -> &str {
        &self.0.manufacturer_model_name
    }

    async fn convolution_kernel(&self) -> &str {
        &self.0.convolution_kernel
    }

    async fn slice_thickness_mm(&self) -> Option<f64> {
        self.0.slice_thickness_mm
    }

    /// Of the magnet, tesla; null where it is absent or can't be read.
    async fn field_strength_t(&self) -> Option<f64> {
        self.0.field_strength().tesla()
    }

    async fn instance_count(&self) -> u32 {
        self.0.instance_count
    }

    async fn sender(&self) -> &str {
        &self.0.sender
    }

    async fn state(&self) -> SeriesState {
        self.0.state.into()
    }

    async fn parked_reason(&self) -> Option<&str> {
        self.0.parked_reason.as_deref()
    }

    /// What each deployment made of the series; empty until it is ready.
    async fn routing(&self, ctx: &Context<'_>) -> Result<Vec<RuleOutcome>> {
        let outcomes = Loaders::of(ctx)?.one(ctx, RoutingOf(self.0.id.clone())).await?;
        Ok(outcomes.unwrap_or_default().into_iter().map(RuleOutcome::from).collect())
    }

    async fn runs(&self, ctx: &Context<'_>) -> Result<Vec<Run>> {
        let runs = Loaders::of(ctx)?.one(ctx, RunsOf(self.0.id.clone())).await?;
        Ok(runs.unwrap_or_default().iter().map(Run::from).collect())
    }
}
