//! What rollout answers: models, deployments, routings, and the way down.

mod comparison;
mod costs;
mod evidence;
mod governance;
mod new_deployment;
mod package;
mod site;
mod stop;
mod use_rule;

pub(crate) use stop::Behaviour;

use crate::comparing::Comparing;
use crate::config::Config;
use crate::spending::Spending;
use crate::watch::Watch;
use crate::workflow;
use crate::{Deps, Error, store};
use actix_web::web::{self, Data, Json, Path, Query, ServiceConfig};
use contract::client::Batch;
use contract::rollout::{
    CapacityWait, Demote, Deployment, DeploymentLabel, Model, Routing, Stage, StageCheck,
};
use contract::{DeploymentId, Envelope, Role, SeriesId};
use database::outbox;
use platform::http::{Caller, HttpError, HttpResult};
use serde::Deserialize;

/// Who sees deployments, beside the services that need them.
const OVERSEERS: [Role; 4] = [Role::Administrator, Role::Quality, Role::ClinicalOwner, Role::Coordinator];
/// The services that ask about deployments.
const ASKING: [&str; 4] = ["generation", "review", "delivery", "gateway"];

pub(crate) struct State {
    pub(crate) deps: Deps,
    pub(crate) config: Config,
    pub(crate) watch: Watch,
    pub(crate) spending: Spending,
    pub(crate) behaviour: Behaviour,
    pub(crate) comparing: Comparing,
}

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .route("/v1/models", web::get().to(models))
        .route("/v1/deployments", web::get().to(deployments))
        .route("/v1/deployment-labels", web::get().to(deployment_labels))
        .route("/v1/deployments/{id}", web::get().to(deployment))
        .route("/v1/deployments/{id}/stage-check", web::get().to(stage_check))
        .route("/v1/deployments/{id}/demote", web::post().to(demote))
        .route("/v1/routing/batch", web::post().to(routing_batch))
        .route("/v1/capacity-waits", web::get().to(capacity_waits))
        .route("/v1/outbox", web::get().to(outbox_page));
    comparison::routes(config);
    costs::routes(config);
    governance::routes(config);
    new_deployment::routes(config);
    package::routes(config);
    site::routes(config);
    stop::routes(config);
    use_rule::routes(config);
    evidence::routes(config);
}

/// Whoever is signed in may read what a model is meant for and where its limits are.
async fn models(_caller: Caller, state: Data<State>) -> HttpResult<Vec<Model>> {
    Ok(Json(store::model_list(&state.deps.db).await?))
}

async fn deployments(caller: Caller, state: Data<State>) -> HttpResult<Vec<Deployment>> {
    require_overseer(&caller)?;
    let mut deployments = store::deployment_list(&state.deps.db).await?;
    if caller.is_person() {
        let gates = evidence::gates(&state, &deployments).await?;
        for (deployment, gate) in deployments.iter_mut().zip(gates) {
            deployment.gate = gate;
        }
    }
    Ok(Json(deployments))
}

/// Whoever is signed in may know what a deployment is called and where it stands; readers see it on their cases.
async fn deployment_labels(_caller: Caller, state: Data<State>) -> HttpResult<Vec<DeploymentLabel>> {
    let deployments = store::deployment_list(&state.deps.db).await?;
    Ok(Json(deployments.into_iter().map(DeploymentLabel::from).collect()))
}

async fn deployment(caller: Caller, state: Data<State>, id: Path<DeploymentId>) -> HttpResult<Deployment> {
    require_overseer(&caller)?;
    Ok(Json(shown(&state, &caller, &id).await?))
}

#[derive(Deserialize)]
struct MadeUnder {
    made_under: Stage,
}

async fn stage_check(
    caller: Caller,
    state: Data<State>,
    id: Path<DeploymentId>,
    query: Query<MadeUnder>,
) -> HttpResult<StageCheck> {
    caller.require_service(&ASKING)?;
    let deployment = load(&state, &id).await?;
    Ok(Json(workflow::stage_check(deployment.stage, query.made_under)))
}

async fn demote(
    caller: Caller,
    state: Data<State>,
    id: Path<DeploymentId>,
    command: Json<Demote>,
) -> HttpResult<Deployment> {
    let deployment = load(&state, &id).await?;
    let moved = workflow::demote(governance::state_of(&deployment), &caller.actor, &command)?;
    let change = store::Change {
        moved,
        actor: caller.actor.clone(),
        at: state.deps.clock.now(),
        reason: command.into_inner().reason,
        request: caller.request.clone(),
        approved: None,
    };
    store::stage_change(&state.deps.db, &state.deps.random, &deployment, change).await?;
    Ok(Json(shown(&state, &caller, &deployment.id).await?))
}

async fn routing_batch(
    _caller: Caller,
    state: Data<State>,
    series: Json<Batch<SeriesId>>,
) -> HttpResult<Vec<Routing>> {
    Ok(Json(store::routing_list(&state.deps.db, &series.ids).await?))
}

/// Waits that are shown at once.
const WAITS_MAX: u64 = 500;

/// What waits for a pool: for those who see to the workers.
async fn capacity_waits(caller: Caller, state: Data<State>) -> HttpResult<Vec<CapacityWait>> {
    caller.require_role(&[Role::Administrator, Role::Quality])?;
    Ok(Json(store::waits_shown(&state.deps.db, WAITS_MAX).await?))
}

#[derive(Deserialize)]
struct AfterSeq {
    after_seq: i64,
}

async fn outbox_page(
    caller: Caller,
    state: Data<State>,
    query: Query<AfterSeq>,
) -> HttpResult<Vec<Envelope>> {
    caller.require_service(&["audit", "generation", "review"])?;
    let page = outbox::page(&state.deps.db, query.after_seq, outbox::PAGE_ROWS_MAX).await;
    Ok(Json(page.map_err(Error::from)?))
}

fn require_overseer(caller: &Caller) -> Result<(), HttpError> {
    if caller.is_person() { caller.require_role(&OVERSEERS) } else { caller.require_service(&ASKING) }
}

async fn load(state: &State, id: &DeploymentId) -> Result<Deployment, HttpError> {
    store::deployment_load(&state.deps.db, id).await?.ok_or(HttpError::NotFound)
}

async fn shown(state: &State, caller: &Caller, id: &DeploymentId) -> Result<Deployment, HttpError> {
    with_gate(state, caller, load(state, id).await?).await
}

/// Adds the gate to the next stage for people; services do not need it and would wait for review's counts.
async fn with_gate(
    state: &State,
    caller: &Caller,
    mut deployment: Deployment,
) -> Result<Deployment, HttpError> {
    if let (true, Some(next)) = (caller.is_person(), deployment.stage.next()) {
        deployment.gate = Some(evidence::gate_to(state, &deployment, next).await?);
    }
    Ok(deployment)
}
