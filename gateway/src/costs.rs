//! What deployments cost, as files: a page for the board and a table. Rollout decides who may have them and records it.

use crate::door::Door;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};
use contract::ClientError;
use contract::rollout::{EconomicsFile, EconomicsQuery};
use futures::TryStreamExt as _;
use platform::http::HttpError;
use std::sync::Arc;

/// Adds the files; no scope, because `/rollout/costs` itself is an address of the web-ui.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config.route("/rollout/costs/report", web::get().to(report));
    config.route("/rollout/costs/csv", web::get().to(csv));
}

async fn report(
    request: HttpRequest,
    period: web::Query<EconomicsQuery>,
    door: web::Data<Arc<Door>>,
) -> Result<HttpResponse, HttpError> {
    file(&request, &period, &door, (EconomicsFile::Report, "text/html; charset=utf-8", "html")).await
}

async fn csv(
    request: HttpRequest,
    period: web::Query<EconomicsQuery>,
    door: web::Data<Arc<Door>>,
) -> Result<HttpResponse, HttpError> {
    file(&request, &period, &door, (EconomicsFile::Csv, "text/csv; charset=utf-8", "csv")).await
}

async fn file(
    request: &HttpRequest,
    period: &EconomicsQuery,
    door: &web::Data<Arc<Door>>,
    (wanted, media_type, extension): (EconomicsFile, &str, &str),
) -> Result<HttpResponse, HttpError> {
    let asking = door.ask(request).await?;
    let viewer = asking.viewer.as_ref().ok_or(HttpError::Unauthenticated)?;
    let rollout = asking.services(viewer).rollout;
    let answer = rollout.economics_file(wanted, period).send().await;
    let answer = answer.map_err(|_| HttpError::Unavailable)?;
    match answer.status().as_u16() {
        200 => {}
        400 => return Err(HttpError::BadRequest("the period ends before it begins".to_owned())),
        403 => return Err(HttpError::Forbidden(answer.json().await.map_err(HttpError::internal)?)),
        502..=504 => return Err(HttpError::Unavailable),
        status => {
            let path = wanted.path().to_owned();
            return Err(ClientError::Unexpected { service: "rollout", status, path }.into());
        }
    }
    let (from, to) = (period.from.date_naive(), period.to.date_naive());
    let name = format!("attachment; filename=\"costs-{from}-{to}.{extension}\"");
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, media_type))
        .insert_header((CONTENT_DISPOSITION, name))
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .streaming(answer.bytes_stream().map_err(std::io::Error::other)))
}
