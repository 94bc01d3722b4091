//! Recalls of whole selections, of which review has none here.

use super::{Behind, found, page, unknown_command};
use actix_web::web::{Data, Json, ServiceConfig, get, post};
use actix_web::{HttpRequest, HttpResponse};
use contract::review::{RecallPreview, SelectedSet};
use contract::{CaseId, Digest, Page, Time};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/v1/recall-campaigns", get().to(campaigns))
        .route("/v1/recall-campaigns", post().to(unknown_command))
        .route("/v1/recall-campaigns/preview", post().to(preview))
        .route("/v1/recall-campaigns/preview/cases", post().to(campaigns))
        .route("/v1/recall-campaigns/{campaign}", get().to(campaign))
        .route("/v1/recall-campaigns/{campaign}/{command}", post().to(unknown_command));
}

async fn campaigns(request: HttpRequest, behind: Data<Behind>) -> Json<Page<()>> {
    behind.called(&request, "review");
    page(Vec::new())
}

async fn campaign(request: HttpRequest, behind: Data<Behind>) -> HttpResponse {
    behind.called(&request, "review");
    found(None::<()>)
}

/// More cases than one tally takes.
async fn preview(request: HttpRequest, behind: Data<Behind>) -> HttpResponse {
    behind.called(&request, "review");
    let cases = 2_001;
    let preview = RecallPreview {
        resolved_at: Time::UNIX_EPOCH,
        released: cases,
        recalled: 0,
        recall_proposed: 0,
        set: SelectedSet { cases, digest: Digest::of(b"cases") },
        deployments: Vec::new(),
        cases: (0..u128::from(cases)).map(CaseId::from_bits).collect(),
    };
    behind.refuses().unwrap_or_else(|| found(Some(preview)))
}
