//! What deployments cost and give: the account, its files, and who puts prices and plans in force.

use super::stop::check_words;
use super::{OVERSEERS, State, load};
use crate::{Error, economics, store};
use actix_web::HttpResponse;
use actix_web::web::{self, Data, Json, Path, Query, ServiceConfig};
use contract::event::Access;
use contract::rollout::{ChangeTerms, Economics, EconomicsFile, EconomicsQuery, Plan, Prices, TermsVersion};
use contract::{Actor, DeploymentId, Role};
use platform::http::{Caller, HttpError, HttpResult};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/v1/economics", web::get().to(view))
        .route(EconomicsFile::Html.path(), web::get().to(html))
        .route(EconomicsFile::Pdf.path(), web::get().to(pdf))
        .route(EconomicsFile::Csv.path(), web::get().to(csv))
        .route("/v1/economics/prices", web::post().to(change_prices))
        .route("/v1/deployments/{id}/plan", web::post().to(change_plan));
}

/// What is known now: runs that are over and not counted yet are asked for first, where generation answers.
async fn counted(
    caller: &Caller,
    state: &State,
    query: &Query<EconomicsQuery>,
) -> Result<Economics, HttpError> {
    caller.require_role(&OVERSEERS)?;
    if query.from >= query.to {
        return Err(HttpError::BadRequest("the period ends before it begins".to_owned()));
    }
    if let Err(error) = state.spending.learn().await {
        tracing::warn!(
            event = "costs.outdated",
            error = &error as &dyn std::error::Error,
            "the newest runs can't be counted now; what is known is shown"
        );
    }
    Ok(state.spending.economics(**query).await?)
}

async fn view(caller: Caller, state: Data<State>, query: Query<EconomicsQuery>) -> HttpResult<Economics> {
    Ok(Json(counted(&caller, &state, &query).await?))
}

async fn html(
    caller: Caller,
    state: Data<State>,
    query: Query<EconomicsQuery>,
) -> Result<HttpResponse, HttpError> {
    hand_out(&caller, &state, &query, EconomicsFile::Html).await
}

async fn pdf(
    caller: Caller,
    state: Data<State>,
    query: Query<EconomicsQuery>,
) -> Result<HttpResponse, HttpError> {
    hand_out(&caller, &state, &query, EconomicsFile::Pdf).await
}

async fn csv(
    caller: Caller,
    state: Data<State>,
    query: Query<EconomicsQuery>,
) -> Result<HttpResponse, HttpError> {
    hand_out(&caller, &state, &query, EconomicsFile::Csv).await
}

/// Gives a file out, once it is recorded that it is.
async fn hand_out(
    caller: &Caller,
    state: &State,
    query: &Query<EconomicsQuery>,
    file: EconomicsFile,
) -> Result<HttpResponse, HttpError> {
    let counted = counted(caller, state, query).await?;
    let (deps, now) = (&state.deps, state.deps.clock.now());
    let (from, to) = (counted.from.date_naive(), counted.to.date_naive());
    let subject = format!("costs as {} from {from} to {to}", file.extension().to_uppercase());
    let who = (caller.actor.clone(), caller.request.clone());
    store::access_record(&deps.db, &deps.random, who, (Access::Costs, subject), now).await?;
    let made_by = match &caller.actor {
        Actor::Person { printed_name, .. } => printed_name.clone(),
        _ => "a service".to_owned(),
    };
    let head = economics::Head { made_at: now, made_by };
    let work = move || match file {
        EconomicsFile::Html => Ok(economics::report(&head, &counted).html().into_bytes()),
        EconomicsFile::Pdf => economics::report(&head, &counted).pdf(),
        EconomicsFile::Csv => Ok(economics::csv(&counted).into_bytes()),
    };
    let body = deps.cpu.run(work).await.map_err(HttpError::internal)?;
    Ok(HttpResponse::Ok()
        .insert_header(("content-type", file.media_type()))
        .insert_header(("cache-control", "private, no-store"))
        .body(body))
}

async fn change_prices(
    caller: Caller,
    state: Data<State>,
    command: Json<ChangeTerms<Prices>>,
) -> HttpResult<TermsVersion<Prices>> {
    caller.require_role(&[Role::Administrator])?;
    economics::check_prices(&command.terms).map_err(Error::from)?;
    change(&caller, &state, None, command.into_inner()).await
}

async fn change_plan(
    caller: Caller,
    state: Data<State>,
    id: Path<DeploymentId>,
    command: Json<ChangeTerms<Plan>>,
) -> HttpResult<TermsVersion<Plan>> {
    caller.require_role(&[Role::Administrator])?;
    let deployment = load(&state, &id).await?;
    economics::check_plan(&command.terms).map_err(Error::from)?;
    change(&caller, &state, Some(deployment.id), command.into_inner()).await
}

async fn change<T: store::Terms>(
    caller: &Caller,
    state: &State,
    deployment: Option<DeploymentId>,
    command: ChangeTerms<T>,
) -> HttpResult<TermsVersion<T>> {
    let ChangeTerms { terms, reason, follows } = command;
    check_words(&reason)?;
    let (actor, at) = (caller.actor.clone(), state.deps.clock.now());
    let new = store::NewTerms { deployment, terms, follows, reason, actor, at };
    Ok(Json(store::terms_add(&state.deps.db, &state.deps.random, new).await?))
}
