//! Comparisons of a challenger with a champion.

use super::{State, load, require_overseer};
use crate::preference::{self, Contenders};
use crate::{Error, store};
use actix_web::web::{self, Data, Json, Path, ServiceConfig};
use contract::rollout::{
    Comparison, ComparisonDesign, DesignRequest, GiveUpComparison, Model, StartComparison,
};
use contract::{ComparisonId, Role};
use platform::http::{Caller, HttpError, HttpResult};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/v1/comparisons", web::get().to(comparisons))
        .route("/v1/comparisons", web::post().to(start))
        .route("/v1/comparisons/design", web::post().to(design))
        .route("/v1/comparisons/{id}/give-up", web::post().to(give_up));
}

async fn comparisons(caller: Caller, state: Data<State>) -> HttpResult<Vec<Comparison>> {
    require_overseer(&caller)?;
    let mut shown = Vec::new();
    for known in store::comparison_list(&state.deps.db).await? {
        shown.push(state.comparing.with_read(known).await?);
    }
    // What is wrong with single images is for quality, whatever else somebody oversees.
    if caller.require_role(&[Role::Quality]).is_err() {
        shown.iter_mut().flat_map(|known| &mut known.read).for_each(|pair| pair.errors = None);
    }
    Ok(Json(shown))
}

/// How a plan behaves is seen before it is declared.
async fn design(
    caller: Caller,
    state: Data<State>,
    request: Json<DesignRequest>,
) -> HttpResult<ComparisonDesign> {
    require_overseer(&caller)?;
    let request = request.into_inner();
    let designed = state.deps.cpu.run(move || preference::design(&request)).await;
    Ok(Json(designed.map_err(Error::from)?))
}

async fn start(caller: Caller, state: Data<State>, command: Json<StartComparison>) -> HttpResult<Comparison> {
    let champion = load(&state, &command.champion).await?;
    let challenger = load(&state, &command.challenger).await?;
    let models = store::model_list(&state.deps.db).await?;
    let task = |id| models.iter().find(|model: &&Model| model.id == id).map(|model| model.task.as_str());
    let same_task = task(champion.model.clone()) == task(challenger.model.clone());
    let of = Contenders { champion: &champion, challenger: &challenger, same_task };
    preference::start(&caller.actor, &command, of)?;
    let new = store::NewComparison {
        id: state.deps.random.with(ComparisonId::random),
        command: command.into_inner(),
        actor: caller.actor.clone(),
        at: state.deps.clock.now(),
        request: caller.request.clone(),
    };
    Ok(Json(store::comparison_create(&state.deps.db, &state.deps.random, new).await?))
}

async fn give_up(
    caller: Caller,
    state: Data<State>,
    id: Path<ComparisonId>,
    command: Json<GiveUpComparison>,
) -> HttpResult<Comparison> {
    preference::give_up(&caller.actor, &command.reason)?;
    store::comparison_load(&state.deps.db, &id).await?.ok_or(HttpError::NotFound)?;
    let by = store::GivenUp {
        reason: command.into_inner().reason,
        actor: caller.actor.clone(),
        at: state.deps.clock.now(),
        request: caller.request.clone(),
    };
    Ok(Json(store::comparison_give_up(&state.deps.db, &state.deps.random, &id, by).await?))
}
