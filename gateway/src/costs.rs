//! What deployments cost, as files: a report for the board and a table. Rollout decides who may have them and records it.

use crate::door::Door;
use crate::download::{Attachment, pass_on};
use actix_web::{HttpRequest, HttpResponse, web};
use contract::rollout::{EconomicsFile, EconomicsQuery};
use platform::http::HttpError;
use std::sync::Arc;

/// Adds the files; no scope, because `/rollout/costs` itself is an address of the web-ui.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/rollout/costs/report", web::get().to(html))
        .route("/rollout/costs/report/pdf", web::get().to(pdf))
        .route("/rollout/costs/csv", web::get().to(csv));
}

async fn html(
    request: HttpRequest,
    period: web::Query<EconomicsQuery>,
    door: web::Data<Arc<Door>>,
) -> Result<HttpResponse, HttpError> {
    file(&request, &period, &door, EconomicsFile::Html).await
}

async fn pdf(
    request: HttpRequest,
    period: web::Query<EconomicsQuery>,
    door: web::Data<Arc<Door>>,
) -> Result<HttpResponse, HttpError> {
    file(&request, &period, &door, EconomicsFile::Pdf).await
}

async fn csv(
    request: HttpRequest,
    period: web::Query<EconomicsQuery>,
    door: web::Data<Arc<Door>>,
) -> Result<HttpResponse, HttpError> {
    file(&request, &period, &door, EconomicsFile::Csv).await
}

async fn file(
    request: &HttpRequest,
    period: &EconomicsQuery,
    door: &Arc<Door>,
    wanted: EconomicsFile,
) -> Result<HttpResponse, HttpError> {
    let asking = door.ask(request).await?;
    let viewer = asking.viewer.as_ref().ok_or(HttpError::Unauthenticated)?;
    let rollout = asking.services(viewer).rollout;
    let (from, to) = (period.from.date_naive(), period.to.date_naive());
    let name = format!("costs-{from}-{to}.{}", wanted.extension());
    let file = Attachment { service: "rollout", name: &name, media_type: wanted.media_type() };
    pass_on(rollout.economics_file(wanted, period), file).await
}
