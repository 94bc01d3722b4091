//! Which series a deployment wants: dry runs, and the versions of its rule.

use super::new_deployment::known_model;
use super::stop::check_words;
use super::{State, load, require_overseer};
use crate::dry_run::Around;
use crate::{creation, dry_run, store, workflow};
use actix_web::web::{self, Data, Json, Path, ServiceConfig};
use contract::intake::Series;
use contract::rollout::{
    ChangeUseRule, Deployment, DryRun, DryRunOf, DryRunRequest, UseRule, UseRuleVersion,
};
use contract::{DeploymentId, Refusal, Role, SeriesId, Time};
use platform::http::{Caller, HttpError, HttpResult};
use std::collections::HashMap;

/// The most series that a dry run looks at.
const SERIES_MAX: u32 = 200;
/// How many series intake is asked for at once; each comes with its instances.
const BATCH: usize = 25;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/v1/dry-run", web::post().to(dry))
        .route("/v1/deployments/{id}/use-rule", web::get().to(versions))
        .route("/v1/deployments/{id}/use-rule", web::post().to(change));
}

async fn dry(caller: Caller, state: Data<State>, request: Json<DryRunRequest>) -> HttpResult<DryRun> {
    require_overseer(&caller)?;
    workflow::check_use_rule(&request.rule)?;
    let DryRunRequest { of, rule, series } = request.into_inner();
    let run = match of {
        DryRunOf::Deployment(id) => run_of_change(&state, &load(&state, &id).await?, rule, series).await?,
        DryRunOf::New { name, site, model } => {
            let model = known_model(&state, &model).await?;
            let now = state.deps.clock.now();
            let wanted = creation::candidate(&name, &site, (model.id, model.input), rule, now);
            run(&state, &wanted, None, series).await?
        }
    };
    Ok(Json(run))
}

async fn versions(
    caller: Caller,
    state: Data<State>,
    id: Path<DeploymentId>,
) -> HttpResult<Vec<UseRuleVersion>> {
    require_overseer(&caller)?;
    Ok(Json(store::use_rule_list(&state.deps.db, &id).await?))
}

/// Nobody saves a rule whose effect they have not seen: the dry run is made again, and must say what they saw.
async fn change(
    caller: Caller,
    state: Data<State>,
    id: Path<DeploymentId>,
    command: Json<ChangeUseRule>,
) -> HttpResult<UseRuleVersion> {
    caller.require_role(&[Role::Administrator])?;
    let deployment = load(&state, &id).await?;
    let ChangeUseRule { rule, reason, matched_seen, looked_at } = command.into_inner();
    workflow::check_use_rule(&rule)?;
    check_words(&reason)?;
    let dry_run = run_of_change(&state, &deployment, rule.clone(), looked_at).await?;
    if dry_run.difference.is_empty() {
        return Err(Refusal::new("rule_unchanged", "the rule is the one in force", "change it first").into());
    }
    check_seen(&dry_run, matched_seen)?;
    let (actor, at) = (caller.actor.clone(), state.deps.clock.now());
    let new = store::NewRule { rule, dry_run, reason, actor, at };
    Ok(Json(store::use_rule_add(&state.deps.db, &state.deps.random, &deployment, new).await?))
}

/// What was seen must still be what happens.
pub(super) fn check_seen(dry_run: &DryRun, matched_seen: u32) -> Result<(), Refusal> {
    if dry_run.matched == matched_seen {
        return Ok(());
    }
    Err(Refusal::new(
        "dry_run_outdated",
        format!("the rule now wants {} series and not {matched_seen}", dry_run.matched),
        "look at the dry run again",
    ))
}

async fn run_of_change(
    state: &State,
    deployment: &Deployment,
    rule: UseRule,
    wanted: u32,
) -> Result<DryRun, HttpError> {
    let changed = Deployment { rule, ..deployment.clone() };
    run(state, &changed, Some(&deployment.rule), wanted).await
}

/// Runs a deployment dry on the last series, under the rule that it has here.
pub(super) async fn run(
    state: &State,
    deployment: &Deployment,
    in_force: Option<&UseRule>,
    wanted: u32,
) -> Result<DryRun, HttpError> {
    let series = last_series(state, wanted).await?;
    let deployments = store::deployment_list(&state.deps.db).await?;
    let sites = store::sites_in_force(&state.deps.db).await?;
    let around = Around { deployments: &deployments, sites: &sites };
    Ok(dry_run::dry_run(deployment, in_force, around, &series))
}

/// The series that were routed last, with when, newest first.
pub(super) async fn last_series(state: &State, wanted: u32) -> Result<Vec<(Series, Time)>, HttpError> {
    let routed = store::routed_last(&state.deps.db, u64::from(wanted.min(SERIES_MAX))).await?;
    let mut found: HashMap<SeriesId, Series> = HashMap::new();
    for batch in routed.chunks(BATCH) {
        let ids = batch.iter().map(|(id, _)| id.clone()).collect();
        let series = state.deps.intake.series_batch(ids).await?;
        found.extend(series.into_iter().map(|series| (series.id.clone(), series)));
    }
    Ok(routed.into_iter().filter_map(|(id, at)| Some((found.remove(&id)?, at))).collect())
}
