//! What takes more than one person: promotions, and the rules that gates and stops go by.

use super::{State, evidence, load, shown};
use crate::governance::{self, Decision};
use crate::workflow::{self, Approval, DeploymentState};
use crate::{Deps, Error, store};
use actix_web::web::{self, Data, Json, Path, ServiceConfig};
use contract::review::{Conflict, ConflictSubject};
use contract::rollout::{
    DecideRules, Deployment, GatePolicies, GatePolicy, Proposal, ProposalState, Propose, ProposeGatePolicy,
    RulesProposal,
};
use contract::{DeploymentId, ProposalId, Refusal, RulesProposalId};
use platform::http::{Caller, HttpResult};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/v1/deployments/{id}/propose", web::post().to(propose))
        .route("/v1/proposals/{id}/approve", web::post().to(approve))
        .route("/v1/gate-policies", web::get().to(policies))
        .route("/v1/gate-policies/propose", web::post().to(propose_policy))
        .route("/v1/rules-proposals/{id}/decide", web::post().to(decide));
}

async fn propose(
    caller: Caller,
    state: Data<State>,
    id: Path<DeploymentId>,
    command: Json<Propose>,
) -> HttpResult<Proposal> {
    let deployment = load(&state, &id).await?;
    let has_open_stop = store::has_open_stop(&state.deps.db, &id).await?;
    let known = DeploymentState { has_open_stop, ..state_of(&deployment) };
    workflow::propose(known, &caller.actor, &command)?;
    let policy = policy(&state).await?;
    let all = store::deployment_list(&state.deps.db).await?;
    let gate = evidence::gate_under(&state, (&deployment, command.stage), &policy, &all).await?;
    let Deps { db, clock, random, .. } = &state.deps;
    let proposed = store::Proposed {
        id: random.with(ProposalId::random),
        command: command.into_inner(),
        gate,
        actor: caller.actor.clone(),
        at: clock.now(),
        request: caller.request.clone(),
    };
    Ok(Json(store::proposal_create(db, random, &deployment, &policy, proposed).await?))
}

async fn approve(caller: Caller, state: Data<State>, id: Path<ProposalId>) -> HttpResult<Deployment> {
    let Deps { db, clock, random, review, .. } = &state.deps;
    let proposal = store::proposal_load(db, &id).await?.ok_or_else(Refusal::not_found)?;
    let deployment = load(&state, &proposal.deployment).await?;
    let policy = policy(&state).await?;
    let all = store::deployment_list(&state.deps.db).await?;
    let gate = evidence::gate_under(&state, (&deployment, proposal.facts.stage), &policy, &all).await?;
    let with_model = ConflictSubject::Deployment(deployment.id.clone());
    let conflicts = review.conflicts().await?;
    let is_theirs = |conflict: &Conflict| Some(&conflict.reader) == caller.actor.user();
    let approval = Approval {
        actor: &caller.actor,
        signing: caller.signing.as_ref(),
        gate: &gate,
        conflicted: conflicts.iter().any(|one| one.subject == with_model && is_theirs(one)),
    };
    let (known, now) = (state_of(&deployment), clock.now());
    let modality = deployment.rule.modality.as_str();
    let decided = workflow::approve(known, (&proposal.facts, modality), &approval, now)?;
    let nonce = caller.signing.as_ref().map(|signing| signing.nonce.clone()).unwrap_or_default();
    let (proposed, capacity) = (proposal.facts.id, decided.capacity);
    let approved = store::Approved { proposal: proposed, capacity, gate, nonce };
    let (actor, request) = (caller.actor.clone(), caller.request.clone());
    match decided.moved {
        None => {
            let signed = store::Signed { approved, actor, at: now, request };
            store::proposal_sign(db, random, &deployment.id, signed).await?;
        }
        Some(moved) => {
            let reason = proposal.reason;
            let approved = Some((approved, policy));
            let change = store::Change { moved, actor, at: now, reason, request, approved };
            store::stage_change(db, random, &deployment, change).await?;
        }
    }
    Ok(Json(shown(&state, &caller, &deployment.id).await?))
}

async fn policies(caller: Caller, state: Data<State>) -> HttpResult<GatePolicies> {
    super::require_overseer(&caller)?;
    Ok(Json(store::gate_policies(&state.deps.db, &state.config.policy).await?))
}

async fn propose_policy(
    caller: Caller,
    state: Data<State>,
    command: Json<ProposeGatePolicy>,
) -> HttpResult<RulesProposal> {
    let ProposeGatePolicy { policy, reason, follows } = command.into_inner();
    let policy = GatePolicy { version: format!("site-{}", follows + 1), ..policy };
    policy.check().map_err(|problem| {
        Refusal::new("policy_malformed", problem, "give counts, and shares between 0 and 1")
    })?;
    propose_rules(&caller, &state, store::Content::Gates(policy), follows, reason).await
}

pub(super) async fn propose_rules(
    caller: &Caller,
    state: &State,
    content: store::Content,
    follows: u32,
    reason: String,
) -> HttpResult<RulesProposal> {
    governance::propose(&caller.actor, &reason)?;
    let Deps { db, clock, random, .. } = &state.deps;
    let proposed = store::ProposedRules {
        id: random.with(RulesProposalId::random),
        content,
        follows,
        reason,
        actor: caller.actor.clone(),
        at: clock.now(),
        request: caller.request.clone(),
    };
    Ok(Json(store::rules_propose(db, random, &state.config.policy, proposed).await?))
}

async fn decide(
    caller: Caller,
    state: Data<State>,
    id: Path<RulesProposalId>,
    command: Json<DecideRules>,
) -> HttpResult<RulesProposal> {
    let Deps { db, clock, random, .. } = &state.deps;
    let facts = store::rules_facts(db, &id).await?.ok_or_else(Refusal::not_found)?;
    let now = clock.now();
    let signing = caller.signing.as_ref();
    let decision = Decision { actor: &caller.actor, signing, adopt: command.adopt };
    governance::decide(&facts, &decision, now)?;
    let decided = store::Decided {
        proposal: facts.id,
        adopted_with: signing.filter(|_| command.adopt).map(|signing| signing.nonce.clone()),
        actor: caller.actor.clone(),
        at: now,
        request: caller.request.clone(),
    };
    Ok(Json(store::rules_decide(db, random, &state.config.policy, decided).await?))
}

pub(super) async fn policy(state: &State) -> Result<GatePolicy, Error> {
    store::gate_policy_in_force(&state.deps.db, &state.config.policy).await
}

pub(super) fn state_of(deployment: &Deployment) -> DeploymentState {
    let has_open_proposal = deployment.proposals.iter().any(|proposal| proposal.state == ProposalState::Open);
    DeploymentState { stage: deployment.stage, has_open_proposal, has_open_stop: false }
}
