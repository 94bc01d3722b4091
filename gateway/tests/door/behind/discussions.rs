//! Discussions, of which review has none here, and how often readings were scored, which audit counts.

use super::{Behind, found, page, unknown_command};
use actix_web::web::{Data, Json, ServiceConfig, get, post};
use actix_web::{HttpRequest, HttpResponse};
use contract::Page;
use contract::audit::Scores;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/v1/quality/scores", get().to(scores))
        .route("/v1/discussions", get().to(discussions))
        .route("/v1/discussions", post().to(unknown_command))
        .route("/v1/discussions/{discussion}", get().to(discussion))
        .route("/v1/discussions/{discussion}/{command}", post().to(unknown_command));
}

async fn discussions(request: HttpRequest, behind: Data<Behind>) -> Json<Page<()>> {
    behind.called(&request, "review");
    page(Vec::new())
}

async fn discussion(request: HttpRequest, behind: Data<Behind>) -> HttpResponse {
    behind.called(&request, "review");
    found(None::<()>)
}

async fn scores(request: HttpRequest, behind: Data<Behind>) -> Json<Scores> {
    behind.called(&request, "audit");
    Json(Scores { figures: Vec::new(), minimum: 10, definitions: Vec::new() })
}
