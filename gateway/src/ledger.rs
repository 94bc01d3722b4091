//! Files from the ledger, for quality: proofs and exports. Audit decides who may have them and records it.

use crate::door::Door;
use crate::download::{Attachment, NEVER_KEPT, pass_on};
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};
use contract::ClientError;
use contract::audit::{Audit, ExportQuery, ProofFile};
use platform::http::HttpError;
use std::sync::Arc;
use std::time::Duration;

/// How long an export may take.
const EXPORT_TIMEOUT: Duration = Duration::from_hours(2);

/// Adds the files below `/ledger`; no scope, because `/ledger` itself is an address of the web-ui.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/ledger/entries/{index}/inclusion", web::get().to(inclusion))
        .route("/ledger/entries/{index}/consistency", web::get().to(consistency))
        .route("/ledger/export", web::get().to(export));
}

/// Audit, called on behalf of the signed-in person.
async fn audit(request: &HttpRequest, door: &Arc<Door>) -> Result<Audit, HttpError> {
    let asking = door.ask(request).await?;
    let viewer = asking.viewer.as_ref().ok_or(HttpError::Unauthenticated)?;
    Ok(asking.services(viewer).audit)
}

async fn inclusion(
    request: HttpRequest,
    index: web::Path<u64>,
    door: web::Data<Arc<Door>>,
) -> Result<HttpResponse, HttpError> {
    let audit = audit(&request, &door).await?;
    file(audit.inclusion(*index).await)
}

async fn consistency(
    request: HttpRequest,
    index: web::Path<u64>,
    door: web::Data<Arc<Door>>,
) -> Result<HttpResponse, HttpError> {
    let audit = audit(&request, &door).await?;
    file(audit.consistency(*index).await)
}

fn file(proof: Result<Option<ProofFile>, ClientError>) -> Result<HttpResponse, HttpError> {
    let proof = proof?.ok_or(HttpError::NotFound)?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", proof.name)))
        .insert_header((CACHE_CONTROL, NEVER_KEPT))
        .body(proof.text))
}

/// Entries from `from` to `to` in a form; who was cut off asks again from the entry after the last whole line.
async fn export(
    request: HttpRequest,
    wanted: web::Query<ExportQuery>,
    door: web::Data<Arc<Door>>,
) -> Result<HttpResponse, HttpError> {
    let audit = audit(&request, &door).await?;
    let name = format!("ledger-from-{}.{}", wanted.from, wanted.format.extension());
    let file = Attachment { service: "audit", name: &name, media_type: wanted.format.media_type() };
    pass_on(audit.export(&wanted).timeout(EXPORT_TIMEOUT), file).await
}
