//! Teaching sets: who has them made, looks at them and takes them along. All of it is for quality.

use crate::Deps;
use crate::error::Error;
use crate::store::{self, Origin, teaching::Kept};
use crate::teaching::{self, Pseudonyms};
use crate::workflow::teaching as decide;
use actix_web::HttpResponse;
use actix_web::web::{self, Data, Json, Path, Query, ServiceConfig};
use contract::delivery::{
    PrepareTeachingSet, ReleaseTeachingSet, TeachingSeries, TeachingSet, TeachingSetsQuery,
    WithdrawTeachingSet,
};
use contract::{LoginSessionId, Refusal, Role, TeachingSetId, UserId};
use database::transaction;
use platform::http::{Caller, HttpError, HttpResult};

pub(super) fn routes(routes: &mut ServiceConfig) {
    routes
        .route("/v1/teaching-sets", web::get().to(list))
        .route("/v1/teaching-sets", web::post().to(prepare))
        .route("/v1/teaching-sets/{set}/release", web::post().to(release))
        .route("/v1/teaching-sets/{set}/withdraw", web::post().to(withdraw))
        .route("/v1/teaching-sets/{set}/images/{series}/{slice}", web::get().to(image))
        .route("/v1/teaching-sets/{set}/archive", web::get().to(archive));
}

/// The person of quality who calls.
fn person(caller: &Caller) -> Result<(UserId, LoginSessionId), HttpError> {
    caller.require_role(&[Role::Quality])?;
    match &caller.actor {
        contract::Actor::Person { user, login, .. } => Ok((user.clone(), login.clone())),
        _ => Err(HttpError::NotFound),
    }
}

fn origin<'d>(deps: &'d Deps, caller: &Caller) -> Origin<'d> {
    Origin {
        now: deps.clock.now(),
        actor: caller.actor.clone(),
        causation: Some(caller.request.to_string()),
        random: &deps.random,
    }
}

async fn list(
    caller: Caller,
    deps: Data<Deps>,
    wanted: Query<TeachingSetsQuery>,
) -> HttpResult<Vec<TeachingSet>> {
    person(&caller)?;
    Ok(Json(store::teaching::list(&deps.db, &wanted.discussion).await?))
}

async fn prepare(
    caller: Caller,
    deps: Data<Deps>,
    command: Json<PrepareTeachingSet>,
) -> HttpResult<TeachingSet> {
    let (user, _) = person(&caller)?;
    let kept = teaching::make::order(&deps, &command.discussion, user).await?;
    let (own, there) = (deps.clone(), kept.clone());
    let added = transaction(&deps.db, |txn| {
        Box::pin(async move { store::teaching::insert(txn, &there, &origin(&own, &caller)).await })
    });
    if !added.await? {
        return Err(HttpError::Refused(decide::prepared_already()));
    }
    Ok(Json(kept.set))
}

async fn release(
    caller: Caller,
    deps: Data<Deps>,
    id: Path<String>,
    command: Json<ReleaseTeachingSet>,
) -> HttpResult<TeachingSet> {
    let (user, _) = person(&caller)?;
    let kept = load(&deps, &id).await?;
    teaching::open(&deps, &kept, decide::look).await?;
    let next = decide::release(&kept.set, &command, user, deps.clock.now());
    save(&deps, &caller, &kept, next?).await
}

async fn withdraw(
    caller: Caller,
    deps: Data<Deps>,
    id: Path<String>,
    command: Json<WithdrawTeachingSet>,
) -> HttpResult<TeachingSet> {
    let (user, _) = person(&caller)?;
    let kept = load(&deps, &id).await?;
    let next = decide::withdraw(&kept.set, &command.reason, user, deps.clock.now());
    save(&deps, &caller, &kept, next?).await
}

async fn save(deps: &Data<Deps>, caller: &Caller, kept: &Kept, next: TeachingSet) -> HttpResult<TeachingSet> {
    let (own, caller, before, saved) = (deps.clone(), caller.clone(), kept.set.state, next.clone());
    let done = transaction(&deps.db, |txn| {
        Box::pin(async move { store::teaching::save(txn, &saved, before, &origin(&own, &caller)).await })
    });
    if done.await? { Ok(Json(next)) } else { Err(HttpError::Refused(overtaken())) }
}

/// One image, to be looked at. That a login session was shown a set is written down before its first byte goes.
async fn image(
    caller: Caller,
    deps: Data<Deps>,
    path: Path<(String, TeachingSeries, u32)>,
) -> Result<HttpResponse, HttpError> {
    let (_, login) = person(&caller)?;
    let (id, series, slice) = path.into_inner();
    let kept = load(&deps, &id).await?;
    if slice >= kept.set.slices {
        return Err(HttpError::NotFound);
    }
    let material = teaching::open(&deps, &kept, decide::look).await?;
    let copy = material.copy(&deps, &Pseudonyms::of(&kept), series, slice).await?;
    let (own, set) = (deps.clone(), kept.set);
    transaction(&deps.db, |txn| {
        Box::pin(async move { store::teaching::shown(txn, &set, &login, &origin(&own, &caller)).await })
    })
    .await?;
    Ok(answer("application/dicom").body(copy.file))
}

/// The whole set. That it leaves is written down before its first byte goes.
async fn archive(caller: Caller, deps: Data<Deps>, id: Path<String>) -> Result<HttpResponse, HttpError> {
    person(&caller)?;
    let kept = load(&deps, &id).await?;
    let material = teaching::open(&deps, &kept, decide::leave).await?;
    let (own, set) = (deps.clone(), kept.set.clone());
    transaction(&deps.db, |txn| {
        Box::pin(async move { store::teaching::exported(txn, &set, &origin(&own, &caller)).await })
    })
    .await?;
    let files = teaching::archive(Deps::clone(&deps), &kept, material);
    Ok(answer("application/zip").streaming(files))
}

fn answer(media_type: &'static str) -> actix_web::HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer.insert_header(("content-type", media_type)).insert_header(("cache-control", "private, no-store"));
    answer
}

/// Text that is no id names nothing.
async fn load(deps: &Deps, id: &str) -> Result<Kept, HttpError> {
    let id: TeachingSetId = id.parse().map_err(|_| HttpError::NotFound)?;
    let kept: Result<_, Error> = store::teaching::load(&deps.db, &id).await;
    kept?.ok_or(HttpError::NotFound)
}

fn overtaken() -> Refusal {
    Refusal::new("overtaken", "somebody else changed this set meanwhile", "look at it again")
}
