//! What review, rollout, intake and generation answer when delivery asks them.

use crate::hospital::Shared;
use actix_web::web::{self, Data, Json};
use actix_web::{App, HttpResponse, HttpServer};
use contract::client::Batch;
use contract::generation::Run;
use contract::intake::{Series, SourceCheck};
use contract::review::ReleaseCheck;
use contract::rollout::Stage;
use contract::{Envelope, ReleaseId, RunId, SeriesId};

/// Serves the routes that delivery asks, and gives their address.
pub(crate) fn answer(facts: Shared) -> String {
    let server = HttpServer::new(move || {
        App::new()
            .app_data(Data::new(facts.clone()))
            .route("/v1/releases/{id}", web::get().to(release_by_id))
            .route(
                "/v1/releases/{id}/check",
                web::get().to(|facts: Data<Shared>| async move {
                    let may_send = facts.lock().unwrap().may_send;
                    Json(ReleaseCheck { may_send, reason: if may_send { "" } else { "on hold" }.to_owned() })
                }),
            )
            .route(
                "/v1/series/{id}/source-check",
                web::get().to(|facts: Data<Shared>| async move {
                    let unchanged = facts.lock().unwrap().sources_unchanged;
                    Json(SourceCheck { unchanged, identity_certain: unchanged })
                }),
            )
            .route("/v1/discussions/{id}/lesson", web::get().to(lesson))
            .route("/v1/deployments/{id}/stage-check", web::get().to(stage_check))
            .route("/v1/outbox", web::get().to(outbox))
            .route("/v1/series/batch", web::post().to(series_batch))
            .route("/v1/runs/batch", web::post().to(run_batch))
    });
    let server = server.workers(1).bind("127.0.0.1:0").unwrap();
    let address = server.addrs()[0];
    tokio::spawn(server.disable_signals().run());
    format!("http://{address}")
}

async fn release_by_id(facts: Data<Shared>, id: web::Path<ReleaseId>) -> HttpResponse {
    let facts = facts.lock().unwrap();
    match facts.cases().find(|case| case.release.id == *id) {
        Some(case) => HttpResponse::Ok().json(&case.release),
        None => HttpResponse::NotFound().finish(),
    }
}

async fn lesson(facts: Data<Shared>) -> HttpResponse {
    match &facts.lock().unwrap().lesson {
        Ok(lesson) => HttpResponse::Ok().json(lesson),
        Err(refusal) => HttpResponse::Conflict().json(refusal),
    }
}

async fn series_batch(facts: Data<Shared>, batch: Json<Batch<SeriesId>>) -> Json<Vec<Series>> {
    let facts = facts.lock().unwrap();
    let found = facts.cases().map(|case| &case.series).filter(|series| batch.ids.contains(&series.id));
    Json(found.cloned().collect())
}

async fn run_batch(facts: Data<Shared>, batch: Json<Batch<RunId>>) -> Json<Vec<Run>> {
    let facts = facts.lock().unwrap();
    let found = facts.cases().map(|case| &case.run).filter(|run| batch.ids.contains(&run.id));
    Json(found.cloned().collect())
}

async fn stage_check(facts: Data<Shared>) -> HttpResponse {
    let mut facts = facts.lock().unwrap();
    match &mut facts.suspended_after {
        Some(0) => {
            facts.stage.stage = Stage::Suspended;
            facts.stage.may_release = false;
            facts.stage.may_send = false;
        }
        Some(left) => *left -= 1,
        None => {}
    }
    HttpResponse::Ok().json(&facts.stage)
}

#[derive(serde::Deserialize)]
struct AfterSeq {
    after_seq: i64,
}

async fn outbox(facts: Data<Shared>, query: web::Query<AfterSeq>) -> Json<Vec<Envelope>> {
    let told = facts.lock().unwrap().told.clone();
    Json(told.into_iter().filter(|envelope| envelope.seq > query.after_seq).collect())
}
