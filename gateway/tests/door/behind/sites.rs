//! Where series come from, and which of them are taken.

use super::{Behind, nothing_of_rollout, rollouts_command};
use actix_web::HttpRequest;
use actix_web::web::{Data, Json, ServiceConfig, get, post};
use contract::rollout::{DryRun, SitePreview};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/v1/dry-run", post().to(dry_run))
        .route("/v1/sites", get().to(nothing_of_rollout))
        .route("/v1/sites", post().to(rollouts_command))
        .route("/v1/sites/preview", post().to(preview))
        .route("/v1/sites/{site}/remove", post().to(rollouts_command));
}

async fn preview(request: HttpRequest, behind: Data<Behind>) -> Json<SitePreview> {
    behind.called(&request, "rollout");
    Json(SitePreview {
        follows: 0,
        difference: Vec::new(),
        looked_at: 0,
        differing: 0,
        deployments: Vec::new(),
        series: Vec::new(),
    })
}

async fn dry_run(request: HttpRequest, behind: Data<Behind>) -> Json<DryRun> {
    behind.called(&request, "rollout");
    Json(DryRun {
        looked_at: 0,
        matched: 0,
        matched_now: 0,
        overlapping: 0,
        difference: Vec::new(),
        series: Vec::new(),
    })
}
