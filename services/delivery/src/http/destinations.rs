//! Destinations: who may see them, and who adds, changes and calls them.

use super::OVERSEERS;
use crate::Deps;
use crate::config::Config;
use crate::destination::{self, Author, Version};
use crate::error::Error;
use crate::register::Register;
use crate::send::{chain, peer};
use crate::store::{self, Origin};
use actix_web::web::{self, Data, Json, Path, ServiceConfig};
use contract::delivery::{
    AddDestination, ChangeDestination, Destination, DestinationState, DestinationTest, DestinationVersion,
};
use contract::event::DestinationTested;
use contract::{Actor, DestinationId, Event};
use database::transaction;
use dicom_io::scu::{self, Association, Context};
use platform::http::{Caller, HttpError, HttpResult};

pub(super) fn routes(routes: &mut ServiceConfig) {
    routes
        .route("/v1/destinations", web::get().to(list))
        .route("/v1/destinations", web::post().to(add))
        .route("/v1/destinations/{id}/change", web::post().to(change))
        .route("/v1/destinations/{id}/test", web::post().to(test));
}

async fn list(caller: Caller, deps: Data<Deps>, register: Data<Register>) -> HttpResult<Vec<Destination>> {
    caller.require_role(&OVERSEERS)?;
    Ok(Json(shown(&deps, &register).await?))
}

async fn add(
    caller: Caller,
    deps: Data<Deps>,
    register: Data<Register>,
    command: Json<AddDestination>,
) -> HttpResult<Destination> {
    let command = command.into_inner();
    destination::add(&caller.actor, &command, &register.all().await?).map_err(HttpError::Refused)?;
    let version = Version {
        id: deps.random.with(DestinationId::random),
        name: command.name,
        version: 1,
        terms: command.terms,
        changed_at: deps.clock.now(),
        changed_by: author(&caller.actor),
        reason: command.reason.trim().to_owned(),
    };
    save(&deps, &register, version, caller.actor).await
}

async fn change(
    caller: Caller,
    deps: Data<Deps>,
    register: Data<Register>,
    id: Path<DestinationId>,
    command: Json<ChangeDestination>,
) -> HttpResult<Destination> {
    destination::require_administrator(&caller.actor).map_err(HttpError::Refused)?;
    let there = register.all().await?;
    let now = there.iter().find(|known| known.id == *id).ok_or(HttpError::NotFound)?;
    destination::change(&caller.actor, now, &command, &there).map_err(HttpError::Refused)?;
    let command = command.into_inner();
    let version = Version {
        version: now.version + 1,
        terms: command.terms,
        changed_at: deps.clock.now(),
        changed_by: author(&caller.actor),
        reason: command.reason.trim().to_owned(),
        ..now.clone()
    };
    save(&deps, &register, version, caller.actor).await
}

async fn save(deps: &Deps, register: &Register, version: Version, actor: Actor) -> HttpResult<Destination> {
    let (random, id) = (deps.random.clone(), version.id.clone());
    let added = transaction(&deps.db, |txn| {
        Box::pin(async move {
            let origin = Origin { now: version.changed_at, actor, causation: None, random: &random };
            store::destination_version::insert(txn, &version, &origin).await
        })
    });
    if !added.await? {
        return Err(HttpError::Refused(destination::overtaken()));
    }
    let shown = shown(deps, register).await?.into_iter().find(|shown| shown.id == id);
    Ok(Json(shown.ok_or(HttpError::NotFound)?))
}

/// Calls a destination as a send would, and tells that it was called: who may reach an address from here is recorded.
async fn test(
    caller: Caller,
    deps: Data<Deps>,
    config: Data<Config>,
    register: Data<Register>,
    id: Path<DestinationId>,
) -> HttpResult<DestinationTest> {
    destination::require_administrator(&caller.actor).map_err(HttpError::Refused)?;
    let there = register.all().await?;
    let now = there.iter().find(|known| known.id == *id).ok_or(HttpError::NotFound)?;
    let began = deps.clock.now();
    let answer = echo(&peer(&config, &now.terms)).await;
    let milliseconds = (deps.clock.now() - began).num_milliseconds();
    let tested = DestinationTest {
        answered: answer.is_ok(),
        words: answer.unwrap_or_else(|words| words),
        milliseconds: u32::try_from(milliseconds).unwrap_or(u32::MAX),
    };
    let event =
        Event::DestinationTested(DestinationTested { destination: id.clone(), answered: tested.answered });
    let (random, actor, now, id) = (deps.random.clone(), caller.actor, deps.clock.now(), id.into_inner());
    transaction(&deps.db, |txn| {
        Box::pin(async move {
            let origin = Origin { now, actor, causation: None, random: &random };
            store::tell(txn, &id, event, &origin).await
        })
    })
    .await?;
    Ok(Json(tested))
}

/// C-ECHO; in words what came of it.
async fn echo(peer: &scu::Destination) -> Result<String, String> {
    let called = async {
        let mut association = Association::open(peer, &[Context::verification()]).await?;
        let status = association.echo().await?;
        // It has answered; a peer that forgets to confirm the end has said it all the same.
        let _ = association.release().await;
        Ok::<_, scu::Error>(status)
    };
    match called.await {
        Ok(status) if status.is_stored() => Ok("it let us in and answered".to_owned()),
        Ok(status) => Err(format!("it answered with {:04X} {}", status.code, status.comment)),
        Err(error) => Err(chain(&error)),
    }
}

/// Every destination with its history, by name; closed ones last.
async fn shown(deps: &Deps, register: &Register) -> Result<Vec<Destination>, Error> {
    let versions = register.versions().await?;
    let (waiting, notes) = (
        store::destination_version::waiting(&deps.db).await?,
        store::destination_version::notes_open(&deps.db).await?,
    );
    let count = |count: Option<&i64>| count.map_or(0, |count| u32::try_from(*count).unwrap_or(u32::MAX));
    let mut shown: Vec<Destination> = destination::current(&versions)
        .into_iter()
        .map(|now| Destination {
            waiting: count(waiting.get(&now.name)),
            notes_open: count(notes.get(&now.name)),
            versions: history(&now, &versions),
            id: now.id,
            name: now.name,
            terms: now.terms,
        })
        .collect();
    shown.sort_by_key(|destination| destination.terms.state == DestinationState::Closed);
    Ok(shown)
}

fn history(of: &Version, versions: &[Version]) -> Vec<DestinationVersion> {
    let own: Vec<&Version> = versions.iter().filter(|version| version.id == of.id).collect();
    let former = std::iter::once(None).chain(own.iter().copied().map(Some));
    let lines = own.iter().zip(former).map(|(version, former)| DestinationVersion {
        version: version.version,
        terms: version.terms.clone(),
        changed_at: version.changed_at,
        changed_by: match &version.changed_by {
            Author::Configuration => None,
            Author::Person { printed_name, .. } => Some(printed_name.clone()),
        },
        reason: version.reason.clone(),
        difference: former
            .map(|former| destination::difference(&former.terms, &version.terms))
            .unwrap_or_default(),
    });
    let mut lines: Vec<DestinationVersion> = lines.collect();
    lines.reverse();
    lines
}

/// # Panics
/// For services: only people have the roles that this takes.
fn author(actor: &Actor) -> Author {
    match actor {
        Actor::Person { user, printed_name, .. } => {
            Author::Person { user: user.clone(), printed_name: printed_name.clone() }
        }
        other => unreachable!("it was asked for a role, and {other:?} has none"),
    }
}
