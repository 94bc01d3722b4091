//! What gates are computed from, gathered from those who know it.

use super::State;
use super::governance::policy;
use crate::gate::{self, Evidence};
use crate::{Deps, store};
use actix_web::web::{self, Data, Json, Path, Query, ServiceConfig};
use contract::generation::Region;
use contract::intake::Subgroups;
use contract::review::{CountedCase, CountsQuery};
use contract::rollout::{Bounds, CountedCases, CountedQuery, Deployment, Gate, GatePolicy, Stage};
use contract::{ClientError, DeploymentId, Refusal, Role, RunId, SeriesId, Time};
use platform::http::{Caller, HttpError, HttpResult};
use std::collections::HashMap;

/// How many runs or series are asked for at once.
const IDS_AT_ONCE: usize = 500;
const SECONDS_PER_HOUR: f64 = 3_600.0;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/v1/deployments/{id}/counted", web::get().to(counted));
}

/// Gates as they stand now, under the policy in force. `all` are all deployments: a small site rests on others too.
pub(super) async fn gates(state: &State, all: &[Deployment]) -> Result<Vec<Option<Gate>>, HttpError> {
    let policy = &policy(state).await?;
    let gates = all.iter().map(|deployment| async move {
        match deployment.stage.next() {
            Some(next) => gate_under(state, (deployment, next), policy, all).await.map(Some),
            None => Ok(None),
        }
    });
    futures::future::try_join_all(gates).await
}

/// The gate of one deployment as it stands now, under the policy in force.
pub(super) async fn gate_to(state: &State, deployment: &Deployment, stage: Stage) -> Result<Gate, HttpError> {
    let all = store::deployment_list(&state.deps.db).await?;
    gate_under(state, (deployment, stage), &policy(state).await?, &all).await
}

/// The gate of one deployment under a policy.
pub(super) async fn gate_under(
    state: &State,
    (deployment, stage): (&Deployment, Stage),
    policy: &GatePolicy,
    all: &[Deployment],
) -> Result<Gate, HttpError> {
    let evidence = gathered(state, (deployment, policy.bounds(stage)), all).await?;
    Ok(gate::gate(stage, &evidence, policy))
}

/// The cases of a part of the gate to the next stage. They tell of single cases whether their readers differed: never
/// for people who read.
async fn counted(
    caller: Caller,
    state: Data<State>,
    id: Path<DeploymentId>,
    query: Query<CountedQuery>,
) -> HttpResult<CountedCases> {
    caller.require_role(&[Role::Quality])?;
    if [Role::Radiologist, Role::Adjudicator].iter().any(|role| caller.actor.has_role(*role)) {
        return Err(HttpError::Forbidden(Refusal::forbidden()));
    }
    let all = store::deployment_list(&state.deps.db).await?;
    let deployment = all.iter().find(|known| known.id == *id).ok_or(HttpError::NotFound)?;
    let policy = policy(&state).await?;
    let bounds = deployment.stage.next().and_then(|next| policy.bounds(next)).ok_or(HttpError::NotFound)?;
    let evidence = gathered(&state, (deployment, Some(bounds)), &all).await?;
    Ok(Json(gate::counted(&evidence, bounds, &query)))
}

/// What is known about a deployment, as far as bounds ask for it.
async fn gathered(
    state: &State,
    (deployment, bounds): (&Deployment, Option<&Bounds>),
    all: &[Deployment],
) -> Result<Evidence, HttpError> {
    let Deps { clock, review, .. } = &state.deps;
    let read_since = |of: &Deployment, since| {
        let query = CountsQuery { deployment: of.id.clone(), stage: deployment.stage, since };
        async move { review.read_counts(&query).await }
    };
    let own = read_since(deployment, deployment.stage_since).await?;
    let alike = all.iter().filter(|other| {
        other.id != deployment.id
            && other.model == deployment.model
            && other.rule.modality == deployment.rule.modality
            && other.rule.body_parts == deployment.rule.body_parts
    });
    let mut elsewhere = Vec::new();
    for other in alike {
        // Whatever happened there counts, also what was before a demotion.
        let counts = read_since(other, Time::UNIX_EPOCH).await?;
        elsewhere.extend((counts.ended > 0).then_some(counts));
    }
    let days = u32::try_from((clock.now() - deployment.stage_since).num_days()).unwrap_or(0);
    let mut evidence = Evidence { own, elsewhere, days, ..Evidence::default() };
    if let Some(bounds) = bounds {
        let cases: Vec<&CountedCase> = evidence.cases(bounds).collect();
        let groups = groups(&state.deps, &cases, bounds).await?;
        let regions = regions(&state.deps, &cases, bounds).await?;
        let witness_hours = witness_hours(&state.deps, bounds).await;
        evidence = Evidence { groups, regions, witness_hours, ..evidence };
    }
    Ok(evidence)
}

/// The groups that cases belong to, where the policy asks for them.
async fn groups(
    deps: &Deps,
    cases: &[&CountedCase],
    bounds: &Bounds,
) -> Result<HashMap<SeriesId, Subgroups>, ClientError> {
    let mut known = HashMap::new();
    if bounds.subgroup_gap_max >= 1.0 {
        return Ok(known);
    }
    for batch in cases.chunks(IDS_AT_ONCE) {
        let ids = batch.iter().map(|case| case.series.clone()).collect();
        let groups = deps.intake.subgroups(ids).await?;
        known.extend(groups.into_iter().map(|of| (of.series.clone(), of)));
    }
    Ok(known)
}

/// What was flagged in the runs of cases with confirmed findings, where the policy asks for it.
async fn regions(
    deps: &Deps,
    cases: &[&CountedCase],
    bounds: &Bounds,
) -> Result<HashMap<RunId, Vec<Region>>, ClientError> {
    let mut known = HashMap::new();
    let marked: Vec<&RunId> =
        cases.iter().filter(|case| !case.findings_mm.is_empty()).map(|case| &case.run).collect();
    if bounds.covered_share_min > 0.0 {
        for batch in marked.chunks(IDS_AT_ONCE) {
            let runs = deps.generation.run_batch(batch.iter().copied().cloned().collect()).await?;
            known.extend(runs.into_iter().map(|run| (run.id, run.regions)));
        }
    }
    Ok(known)
}

/// Hours since the witness cosigned, where the policy asks for one. A ledger that can't be asked speaks for nobody, and
/// doesn't take the deployments off the page.
async fn witness_hours(deps: &Deps, bounds: &Bounds) -> Option<f64> {
    if bounds.witness_hours_max == 0 {
        return None;
    }
    match deps.audit.witness().await {
        Ok(witness) => {
            let at = witness.and_then(|witness| witness.cosigned_at)?;
            Some((deps.clock.now() - at).num_seconds() as f64 / SECONDS_PER_HOUR)
        }
        Err(error) => {
            tracing::warn!(
                event = "gate.witness_unknown",
                error = &error as &dyn std::error::Error,
                "the ledger did not say whether a witness cosigns it"
            );
            None
        }
    }
}
