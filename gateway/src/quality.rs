//! The report of a period, for quality. Audit decides who may have it and records it.

use crate::door::Door;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};
use contract::ClientError;
use contract::audit::FiguresQuery;
use futures::TryStreamExt as _;
use platform::http::HttpError;
use std::sync::Arc;
use std::time::Duration;

/// How long a report may take.
const REPORT_TIMEOUT: Duration = Duration::from_mins(10);

/// Adds `GET /quality/report`; no scope, because `/quality` itself is an address of the web-ui.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config.route("/quality/report", web::get().to(report));
}

async fn report(
    request: HttpRequest,
    period: web::Query<FiguresQuery>,
    door: web::Data<Arc<Door>>,
) -> Result<HttpResponse, HttpError> {
    let asking = door.ask(&request).await?;
    let viewer = asking.viewer.as_ref().ok_or(HttpError::Unauthenticated)?;
    let audit = asking.services(viewer).audit;
    let answer =
        audit.report(&period).timeout(REPORT_TIMEOUT).send().await.map_err(|_| HttpError::Unavailable)?;
    match answer.status().as_u16() {
        200 => {}
        400 => return Err(HttpError::BadRequest("the period ends before it begins".to_owned())),
        403 => return Err(HttpError::Forbidden(answer.json().await.map_err(HttpError::internal)?)),
        502..=504 => return Err(HttpError::Unavailable),
        status => {
            return Err(ClientError::Unexpected { service: "audit", status, path: "report".into() }.into());
        }
    }
    let (from, to) = (period.from.date_naive(), period.to.date_naive());
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"quality-{from}-{to}.html\"")))
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .streaming(answer.bytes_stream().map_err(std::io::Error::other)))
}
