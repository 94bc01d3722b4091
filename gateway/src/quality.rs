//! The report of a period, for quality. Audit decides who may have it and records it.

use crate::door::Door;
use crate::download::{Attachment, pass_on};
use actix_web::{HttpRequest, HttpResponse, web};
use contract::audit::{FiguresQuery, QualityFile};
use platform::http::HttpError;
use std::sync::Arc;
use std::time::Duration;

/// How long a report may take.
const REPORT_TIMEOUT: Duration = Duration::from_mins(10);

/// Adds the files; no scope, because `/quality` itself is an address of the web-ui.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config.route("/quality/report", web::get().to(html)).route("/quality/report/pdf", web::get().to(pdf));
}

async fn html(
    request: HttpRequest,
    period: web::Query<FiguresQuery>,
    door: web::Data<Arc<Door>>,
) -> Result<HttpResponse, HttpError> {
    report(&request, &period, &door, QualityFile::Html).await
}

async fn pdf(
    request: HttpRequest,
    period: web::Query<FiguresQuery>,
    door: web::Data<Arc<Door>>,
) -> Result<HttpResponse, HttpError> {
    report(&request, &period, &door, QualityFile::Pdf).await
}

async fn report(
    request: &HttpRequest,
    period: &FiguresQuery,
    door: &Arc<Door>,
    wanted: QualityFile,
) -> Result<HttpResponse, HttpError> {
    let asking = door.ask(request).await?;
    let viewer = asking.viewer.as_ref().ok_or(HttpError::Unauthenticated)?;
    let audit = asking.services(viewer).audit;
    let (from, to) = (period.from.date_naive(), period.to.date_naive());
    let name = format!("quality-{from}-{to}.{}", wanted.extension());
    let file = Attachment { service: "audit", name: &name, media_type: wanted.media_type() };
    pass_on(audit.report(wanted, period).timeout(REPORT_TIMEOUT), file).await
}
