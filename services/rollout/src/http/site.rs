//! Sites and their scanners: who sees them, what a change would mean, and who puts it in force.

use super::stop::check_words;
use super::use_rule::last_series;
use super::{State, require_overseer};
use crate::dry_run::{self, Around};
use crate::{scanners, store};
use actix_web::web::{self, Data, Json, Path, ServiceConfig};
use contract::rollout::{ChangeSite, PreviewSite, RemoveSite, Scanner, Site, SitePreview};
use contract::{Refusal, Role, SiteId};
use platform::http::{Caller, HttpError, HttpResult};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/v1/sites", web::get().to(list))
        .route("/v1/sites", web::post().to(change))
        .route("/v1/sites/preview", web::post().to(preview))
        .route("/v1/sites/{id}/remove", web::post().to(remove));
}

async fn list(caller: Caller, state: Data<State>) -> HttpResult<Vec<Site>> {
    require_overseer(&caller)?;
    Ok(Json(store::site_list(&state.deps.db).await?))
}

async fn preview(caller: Caller, state: Data<State>, request: Json<PreviewSite>) -> HttpResult<SitePreview> {
    require_overseer(&caller)?;
    let PreviewSite { name, scanners, series } = request.into_inner();
    Ok(Json(previewed(&state, &name, scanners, series).await?))
}

/// Nobody changes a site without having seen what that does: the preview is made again, and must say what they saw.
async fn change(caller: Caller, state: Data<State>, command: Json<ChangeSite>) -> HttpResult<Site> {
    caller.require_role(&[Role::Administrator])?;
    let ChangeSite { name, scanners, reason, follows, differing_seen, looked_at } = command.into_inner();
    check_words(&reason)?;
    let seen = previewed(&state, &name, scanners.clone(), looked_at).await?;
    if seen.difference.is_empty() {
        return Err(Refusal::new("site_unchanged", "these are its scanners", "change one first").into());
    }
    if seen.differing != differing_seen {
        let message =
            format!("{} series would now be routed otherwise and not {differing_seen}", seen.differing);
        return Err(Refusal::new("dry_run_outdated", message, "look at what it would change again").into());
    }
    let new = store::NewSite {
        name,
        scanners,
        difference: seen.difference,
        differing: Some((seen.differing, seen.looked_at)),
        reason,
        follows,
        actor: caller.actor.clone(),
        at: state.deps.clock.now(),
    };
    Ok(Json(store::site_save(&state.deps.db, &state.deps.random, new).await?))
}

async fn remove(
    caller: Caller,
    state: Data<State>,
    id: Path<SiteId>,
    command: Json<RemoveSite>,
) -> HttpResult<Site> {
    caller.require_role(&[Role::Administrator])?;
    let RemoveSite { reason, follows } = command.into_inner();
    check_words(&reason)?;
    let site = store::site_load(&state.deps.db, &id).await?.ok_or(HttpError::NotFound)?;
    if !site.is_registered {
        let message = format!("{} isn't registered", site.name);
        return Err(Refusal::new("site_unchanged", message, "look at the sites again").into());
    }
    let new = store::NewSite {
        name: site.name,
        difference: scanners::difference(&[], &site.scanners),
        scanners: Vec::new(),
        differing: None,
        reason,
        follows,
        actor: caller.actor.clone(),
        at: state.deps.clock.now(),
    };
    Ok(Json(store::site_save(&state.deps.db, &state.deps.random, new).await?))
}

async fn previewed(
    state: &State,
    name: &str,
    scanners: Vec<Scanner>,
    wanted: u32,
) -> Result<SitePreview, HttpError> {
    let db = &state.deps.db;
    let sites = store::sites_in_force(db).await?;
    scanners::check_site(name, &scanners, &sites)?;
    let known = store::site_load(db, &SiteId::of_name(name)).await?;
    let series = last_series(state, wanted).await?;
    let deployments = store::deployment_list(db).await?;
    let around = Around { deployments: &deployments, sites: &sites };
    let preview = dry_run::site_preview(name, &sites.with(name, scanners), around, &series);
    Ok(SitePreview { follows: known.map_or(0, |site| site.version()), ..preview })
}
