//! A model version is put to use, by an administrator and at shadow.

use super::stop::check_words;
use super::{State, shown, use_rule};
use crate::{creation, store, workflow};
use actix_web::web::{self, Data, Json, ServiceConfig};
use contract::rollout::{CreateDeployment, Deployment, Model};
use contract::{ModelVersionId, Refusal, Role};
use platform::http::{Caller, HttpError, HttpResult};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/v1/deployments", web::post().to(create));
}

async fn create(
    caller: Caller,
    state: Data<State>,
    command: Json<CreateDeployment>,
) -> HttpResult<Deployment> {
    caller.require_role(&[Role::Administrator])?;
    let CreateDeployment { name, model, site, pool, texture_percent, rule, reason, matched_seen, looked_at } =
        command.into_inner();
    creation::check_names(&name, &site, &pool)?;
    creation::check_texture(texture_percent)?;
    workflow::check_use_rule(&rule)?;
    check_words(&reason)?;
    let model = known_model(&state, &model).await?;
    let now = state.deps.clock.now();
    let candidate = creation::candidate(&name, &site, (model.id, model.input), rule, now);
    let deployment = Deployment { pool, texture_percent, ..candidate };
    let dry_run = use_rule::run(&state, &deployment, None, looked_at).await?;
    use_rule::check_seen(&dry_run, matched_seen)?;
    let id = deployment.id.clone();
    let (actor, dry_run) = (caller.actor.clone(), Some((dry_run.matched, dry_run.looked_at)));
    let creation = store::Creation { deployment, actor, reason, dry_run };
    if !store::deployment_create(&state.deps.db, &state.deps.random, creation).await? {
        return Err(creation::taken(&name, &site).into());
    }
    Ok(Json(shown(&state, &caller, &id).await?))
}

pub(super) async fn known_model(state: &State, id: &ModelVersionId) -> Result<Model, HttpError> {
    let unknown = || {
        Refusal::new(
            "model_unknown",
            "no such model version is registered",
            "choose one from the models page",
        )
    };
    Ok(store::model_load(&state.deps.db, id).await?.ok_or_else(unknown)?)
}
