//! What delivery answers: it has sent nothing, knows no destination and has no teaching set.

use super::{Behind, not_here};
use actix_web::web::{Data, Json, ServiceConfig, get, post};
use actix_web::{HttpRequest, HttpResponse};
use contract::CaseId;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/v1/rejection-notes/by-case", post().to(nothing))
        .route("/v1/rejection-notes/{note}/close", post().to(command))
        .route("/v1/destinations", get().to(nothing))
        .route("/v1/destinations", post().to(command))
        .route("/v1/destinations/by-case", post().to(tally))
        .route("/v1/destinations/{destination}/{command}", post().to(command))
        .route("/v1/teaching-sets", get().to(nothing))
        .route("/v1/teaching-sets", post().to(command))
        .route("/v1/teaching-sets/{set}/{command}", post().to(command));
}

async fn command(request: HttpRequest, behind: Data<Behind>) -> HttpResponse {
    behind.called(&request, "delivery");
    not_here(&behind)
}

async fn nothing(request: HttpRequest, behind: Data<Behind>) -> Json<Vec<()>> {
    behind.called(&request, "delivery");
    Json(Vec::new())
}

async fn tally(
    request: HttpRequest,
    batch: Json<contract::client::Batch<CaseId>>,
    behind: Data<Behind>,
) -> Json<serde_json::Value> {
    behind.called(&request, "delivery");
    Json(serde_json::json!([{ "destination": "PACS@pacs:104", "sends": batch.ids.len(), "with_objects": 1,
        "notes_queued": 0, "notes_following": 0, "gone": 0, "nothing_sent": 0, "closed_by_hand": 0 }]))
}
