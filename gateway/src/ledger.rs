//! Files from the ledger, for quality: proofs and exports. Audit decides who may have them and records it.

use crate::door::Door;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};
use contract::ClientError;
use contract::audit::{Audit, ExportQuery, ProofFile};
use futures::TryStreamExt as _;
use platform::http::HttpError;
use std::sync::Arc;
use std::time::Duration;

/// How long an export may take.
const EXPORT_TIMEOUT: Duration = Duration::from_hours(2);
/// No copy may outlive the right to see it.
const NEVER_KEPT: &str = "private, no-store";

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
    let answer =
        audit.export(&wanted).timeout(EXPORT_TIMEOUT).send().await.map_err(|_| HttpError::Unavailable)?;
    match answer.status().as_u16() {
        200 => {}
        403 => return Err(HttpError::Forbidden(answer.json().await.map_err(HttpError::internal)?)),
        502..=504 => return Err(HttpError::Unavailable),
        status => {
            return Err(ClientError::Unexpected { service: "audit", status, path: "export".into() }.into());
        }
    }
    let name = format!("ledger-from-{}.{}", wanted.from, wanted.format.extension());
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, wanted.format.media_type()))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((CACHE_CONTROL, NEVER_KEPT))
        .streaming(answer.bytes_stream().map_err(std::io::Error::other)))
}
