//! What gates count, comparisons and pairs, as far as these tests need them.

use super::{Behind, found, nothing_of_rollout, rollouts_command, unknown_command};
use actix_web::web::{Data, Json, Path, ServiceConfig, get, post};
use actix_web::{HttpRequest, HttpResponse};
use contract::generation::Blinding;
use contract::review::{Availability, Pair, PairImage, PairImages, PairSource};
use contract::rollout::CountedCases;
use contract::{CaseId, PairId, Refusal, RunId, SeriesId, StudyId};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/v1/pairs", get().to(pairs))
        .route("/v1/pairs/{pair}", get().to(pair))
        .route("/v1/pairs/{pair}/open", post().to(open))
        .route("/v1/pairs/{pair}/sign", post().to(unknown_command))
        .route("/v1/pairs/{pair}/{side}/view", post().to(view))
        .route("/v1/runs/{run}/blinded/{slice}", post().to(copy))
        .route("/v1/comparisons", get().to(nothing_of_rollout))
        .route("/v1/comparisons", post().to(rollouts_command))
        .route("/v1/comparisons/design", post().to(design))
        .route("/v1/comparisons/{comparison}/give-up", post().to(rollouts_command))
        .route("/v1/deployments/{deployment}/counted", get().to(counted));
}

/// What review tells of a pair that is held, in which each side has one image.
fn held() -> Pair {
    let image = |name: &str| vec![PairImage { sop_instance_uid: format!("2.25.{name}"), slice: 0 }];
    Pair {
        id: PairId::from_bits(1),
        series: SeriesId::from_bits(1),
        study: StudyId::from_bits(1),
        availability: Availability::Mine,
        images: Some(PairImages { a: image("1"), b: image("2") }),
        expires_at: None,
        answer: None,
        answered_at: None,
    }
}

async fn pairs(request: HttpRequest, behind: Data<Behind>) -> Json<Vec<Pair>> {
    behind.called(&request, "review");
    Json(vec![held(), Pair { id: PairId::from_bits(2), ..held() }])
}

async fn pair(request: HttpRequest, behind: Data<Behind>) -> Json<Pair> {
    behind.called(&request, "review");
    Json(held())
}

async fn open(request: HttpRequest, behind: Data<Behind>) -> HttpResponse {
    behind.called(&request, "review");
    behind.refuses().unwrap_or_else(|| found(Some(held())))
}

/// Side A has the image of run 1, side B that of run 2, unless the worlds are swapped.
async fn view(request: HttpRequest, path: Path<(String, String)>, behind: Data<Behind>) -> HttpResponse {
    behind.called(&request, "review");
    let (pair, side) = path.into_inner();
    if pair != PairId::from_bits(1).as_str() {
        return HttpResponse::Forbidden().json(Refusal::forbidden());
    }
    let swapped = behind.is_swapped.load(std::sync::atomic::Ordering::Relaxed);
    let run = RunId::from_bits(if (side == "a") == swapped { 2 } else { 1 });
    found(Some(PairSource { run, salt: format!("secret.{side}") }))
}

/// A copy is asked for by the gateway itself, and by no person.
async fn copy(
    request: HttpRequest,
    path: Path<(RunId, u32)>,
    blinding: Json<Blinding>,
    behind: Data<Behind>,
) -> HttpResponse {
    let verified = behind.called(&request, "generation");
    assert!(verified.actor.user().is_none(), "no token of a person gets a copy");
    assert!(blinding.salt.starts_with("secret."));
    HttpResponse::Ok()
        .body(format!("pixels of {}", if path.0 == RunId::from_bits(1) { "one" } else { "other" }))
}

/// A case that no other question has shown: a display of a case is told once.
async fn counted(request: HttpRequest, behind: Data<Behind>) -> Json<CountedCases> {
    behind.called(&request, "rollout");
    Json(CountedCases { label: String::new(), total: 1, cases: vec![CaseId::from_bits(2)] })
}

async fn design(request: HttpRequest, behind: Data<Behind>) -> Json<serde_json::Value> {
    behind.called(&request, "rollout");
    Json(serde_json::json!({ "looks": [], "behaviour": [] }))
}
