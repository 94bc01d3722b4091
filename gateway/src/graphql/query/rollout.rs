//! Models and deployments.

use crate::graphql::fault::{fault, viewer};
use crate::graphql::services;
use crate::graphql::r#type::capacity::Capacity;
use crate::graphql::r#type::deployment::{CountedBy, Deployment, GateCases};
use crate::graphql::r#type::economics::Economics;
use crate::graphql::r#type::governance::GatePolicies;
use crate::graphql::r#type::model::Model;
use crate::graphql::r#type::stop::{Alarm, Characteristic, StopRulesInput, StopView};
use crate::graphql::r#type::use_rule::{DryRun, UseRule, UseRuleVersion};
use crate::record;
use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use contract::event::Display;
use contract::{DeploymentId, Refusal, rollout};
use std::str::FromStr;

#[derive(InputObject)]
pub(crate) struct DryRunInput {
    deployment_id: ID,
    rule: UseRule,
    /// How many of the last series are looked at, at most 200.
    series: u32,
}

#[derive(InputObject)]
pub(crate) struct DryRunOfNewInput {
    name: String,
    model_id: ID,
    site: String,
    rule: UseRule,
    /// How many of the last series are looked at, at most 200.
    series: u32,
}

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

    /// The cases that a part of a deployment's gate counts now; for quality that reads no cases itself.
    async fn gate_cases(
        &self,
        ctx: &Context<'_>,
        deployment_id: ID,
        by: CountedBy,
        group: Option<String>,
    ) -> Result<GateCases> {
        let rollout = services(ctx, viewer(ctx)?).rollout;
        let deployment: DeploymentId = known(ctx, &deployment_id)?;
        let query = rollout::CountedQuery { by: by.into(), group };
        let counted = rollout.counted_cases(&deployment, &query).await;
        let counted = counted.map_err(|error| fault(ctx, error.into()))?;
        record::shown(ctx, Display::Cases, counted.cases.iter().map(ToString::to_string));
        Ok(counted.into())
    }

    /// How much work stands before the workers, and which runs wait for them; for administrators and quality.
    async fn capacity(&self, ctx: &Context<'_>) -> Result<Capacity> {
        let services = services(ctx, viewer(ctx)?);
        let capacity = services.generation.capacity().await.map_err(|error| fault(ctx, error.into()))?;
        let waits = services.rollout.capacity_waits().await.map_err(|error| fault(ctx, error.into()))?;
        record::shown(ctx, Display::Capacity, []);
        Ok((capacity, waits).into())
    }

    /// What gates ask: in force, before, and proposed.
    async fn gate_policies(&self, ctx: &Context<'_>) -> Result<GatePolicies> {
        let rollout = services(ctx, viewer(ctx)?).rollout;
        let policies = rollout.gate_policies().await.map_err(|error| fault(ctx, error.into()))?;
        record::shown(ctx, Display::GatePolicies, []);
        Ok(policies.into())
    }

    /// A deployment's stop rules, where they stand and what they told.
    async fn stop_rules(&self, ctx: &Context<'_>, deployment_id: ID) -> Result<StopView> {
        let rollout = services(ctx, viewer(ctx)?).rollout;
        let deployment: DeploymentId = known(ctx, &deployment_id)?;
        let view = rollout.stop_view(&deployment).await.map_err(|error| fault(ctx, error.into()))?;
        record::shown(ctx, Display::StopRules, []);
        Ok(view.into())
    }

    /// How stop rules would behave, before they are in force.
    async fn stop_rules_preview(
        &self,
        ctx: &Context<'_>,
        rules: StopRulesInput,
    ) -> Result<Vec<Characteristic>> {
        let rollout = services(ctx, viewer(ctx)?).rollout;
        let rules = rules.read().map_err(|refusal| fault(ctx, refusal.into()))?;
        let rows = rollout.stop_rules_preview(&rules).await.map_err(|error| fault(ctx, error.into()))?;
        record::shown(ctx, Display::StopRules, []);
        Ok(rows.into_iter().map(Characteristic::from).collect())
    }

    /// Alarms that nobody has looked into, newest first.
    async fn alarms(&self, ctx: &Context<'_>) -> Result<Vec<Alarm>> {
        let rollout = services(ctx, viewer(ctx)?).rollout;
        let alarms = rollout.alarms().await.map_err(|error| fault(ctx, error.into()))?;
        record::shown(ctx, Display::Alarms, []);
        Ok(alarms.into_iter().map(Alarm::from).collect())
    }

    /// What deployments cost and give in a period.
    async fn economics(
        &self,
        ctx: &Context<'_>,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Economics> {
        let rollout = services(ctx, viewer(ctx)?).rollout;
        let query = rollout::EconomicsQuery { from, to };
        let economics = rollout.economics(&query).await.map_err(|error| fault(ctx, error.into()))?;
        record::shown(ctx, Display::Economics, []);
        Ok(economics.into())
    }

    /// What a rule would have made of the last series. Nothing is asked for and nothing changes.
    async fn dry_run(&self, ctx: &Context<'_>, input: DryRunInput) -> Result<DryRun> {
        let of = rollout::DryRunOf::Deployment(known(ctx, &input.deployment_id)?);
        dry_run(ctx, of, input.rule, input.series).await
    }

    /// What the rule of a deployment that doesn't exist yet would have made of the last series.
    async fn dry_run_of_new(&self, ctx: &Context<'_>, input: DryRunOfNewInput) -> Result<DryRun> {
        let DryRunOfNewInput { name, model_id, site, rule, series } = input;
        let of = rollout::DryRunOf::New { name, site, model: known(ctx, &model_id)? };
        dry_run(ctx, of, rule, series).await
    }

    /// The versions of a deployment's rule, newest first.
    async fn use_rule_versions(&self, ctx: &Context<'_>, deployment_id: ID) -> Result<Vec<UseRuleVersion>> {
        let rollout = services(ctx, viewer(ctx)?).rollout;
        let deployment: DeploymentId = known(ctx, &deployment_id)?;
        let versions = rollout.use_rule_versions(&deployment).await;
        let versions = versions.map_err(|error| fault(ctx, error.into()))?;
        record::shown(ctx, Display::Deployments, []);
        Ok(versions.into_iter().map(UseRuleVersion::from).collect())
    }
}

async fn dry_run(ctx: &Context<'_>, of: rollout::DryRunOf, rule: UseRule, series: u32) -> Result<DryRun> {
    let rollout = services(ctx, viewer(ctx)?).rollout;
    let request = rollout::DryRunRequest { of, rule: rule.into(), series };
    let run = rollout.dry_run(&request).await.map_err(|error| fault(ctx, error.into()))?;
    record::shown(ctx, Display::DryRun, run.series.iter().map(|row| row.study.to_string()));
    Ok(run.into())
}

/// An id of another kind leads nowhere.
fn known<Id: FromStr>(ctx: &Context<'_>, id: &ID) -> Result<Id> {
    id.parse().map_err(|_| fault(ctx, Refusal::not_found().into()))
}
