//! Stop rules, alarms and recall evaluations.

use super::{State, governance, load, require_overseer};
use crate::{Error, stop, store};
use actix_web::web::{self, Data, Json, Path, ServiceConfig};
use contract::rollout::{
    Alarm, Characteristic, Conclude, ProposeStopRules, RecallEvaluation, RulesProposal, StopRules, StopView,
};
use contract::{AlarmId, DeploymentId, RecallEvaluationId, Refusal, Role};
use platform::http::{Caller, HttpError, HttpResult};
use std::collections::HashMap;
use tokio::sync::Mutex;

/// How many sets of rules are remembered with how they behave.
const REMEMBERED_MAX: usize = 200;
/// Who looks into what a rule told.
const CONCLUDERS: [Role; 2] = [Role::Quality, Role::ClinicalOwner];

/// How rules behave, once it was simulated: a page asks for the same rules all day long.
#[derive(Default)]
pub(crate) struct Behaviour(Mutex<HashMap<String, Vec<Characteristic>>>);

impl Behaviour {
    async fn of(&self, rules: &StopRules) -> Vec<Characteristic> {
        let key = serde_json::to_string(rules).expect("rules are plain JSON");
        let mut known = self.0.lock().await;
        if known.len() > REMEMBERED_MAX {
            known.clear();
        }
        known.entry(key).or_insert_with(|| stop::characteristics(rules)).clone()
    }
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/v1/deployments/{id}/stop-rules", web::get().to(view))
        .route("/v1/deployments/{id}/stop-rules", web::post().to(propose))
        .route("/v1/stop-rules/preview", web::post().to(preview))
        .route("/v1/alarms", web::get().to(alarms))
        .route("/v1/alarms/{id}/acknowledge", web::post().to(acknowledge))
        .route("/v1/recall-evaluations/{id}/close", web::post().to(close));
}

async fn view(caller: Caller, state: Data<State>, id: Path<DeploymentId>) -> HttpResult<StopView> {
    require_overseer(&caller)?;
    let deployment = load(&state, &id).await?;
    let db = &state.deps.db;
    let mut versions = store::stop_rules_list(db, &id).await?;
    let rules = versions.remove(0);
    let (_, states) = state.watch.states(&deployment).await?;
    Ok(Json(StopView {
        characteristics: state.behaviour.of(&rules.rules).await,
        rules,
        former: versions,
        states,
        alarms: store::alarms_of_deployment(db, &id).await?,
        recall_evaluations: store::evaluations_of_deployment(db, &id).await?,
        proposals: store::stop_rules_proposals(db, &state.config.policy, &id).await?,
    }))
}

/// Rules are shown with how they behave before they are in force.
async fn preview(
    caller: Caller,
    state: Data<State>,
    rules: Json<StopRules>,
) -> HttpResult<Vec<Characteristic>> {
    require_overseer(&caller)?;
    stop::check(&rules).map_err(Error::from)?;
    Ok(Json(state.behaviour.of(&rules).await))
}

async fn propose(
    caller: Caller,
    state: Data<State>,
    id: Path<DeploymentId>,
    command: Json<ProposeStopRules>,
) -> HttpResult<RulesProposal> {
    let deployment = load(&state, &id).await?;
    let ProposeStopRules { rules, reason, follows } = command.into_inner();
    stop::check(&rules).map_err(Error::from)?;
    let content = store::Content::Stop(deployment.id, rules);
    governance::propose_rules(&caller, &state, content, follows, reason).await
}

async fn alarms(caller: Caller, state: Data<State>) -> HttpResult<Vec<Alarm>> {
    require_overseer(&caller)?;
    Ok(Json(store::alarms_open(&state.deps.db).await?))
}

async fn acknowledge(
    caller: Caller,
    state: Data<State>,
    id: Path<AlarmId>,
    command: Json<Conclude>,
) -> HttpResult<Alarm> {
    let concluded = concluded(&caller, &state, command.into_inner())?;
    Ok(Json(store::alarm_acknowledge(&state.deps.db, &state.deps.random, &id, concluded).await?))
}

async fn close(
    caller: Caller,
    state: Data<State>,
    id: Path<RecallEvaluationId>,
    command: Json<Conclude>,
) -> HttpResult<RecallEvaluation> {
    let concluded = concluded(&caller, &state, command.into_inner())?;
    Ok(Json(store::evaluation_close(&state.deps.db, &state.deps.random, &id, concluded).await?))
}

fn concluded(caller: &Caller, state: &State, command: Conclude) -> Result<store::Concluded, HttpError> {
    caller.require_role(&CONCLUDERS)?;
    check_words(&command.conclusion)?;
    let (actor, at) = (caller.actor.clone(), state.deps.clock.now());
    Ok(store::Concluded { actor, at, conclusion: command.conclusion })
}

pub(super) fn check_words(words: &str) -> Result<(), Refusal> {
    if words.trim().is_empty() {
        return Err(Refusal::new("reason_missing", "this needs words", "say why, or what was found"));
    }
    Ok(())
}
