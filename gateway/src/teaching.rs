//! The files of teaching sets, for quality: single images to be looked at, and released sets. Delivery decides who may
//! have them and records it.

use crate::door::Door;
use crate::download::{Attachment, pass_on};
use actix_web::{HttpRequest, HttpResponse, web};
use contract::TeachingSetId;
use contract::delivery::{Delivery, TeachingSeries};
use platform::http::HttpError;
use std::sync::Arc;
use std::time::Duration;

/// How long packing a set may take.
const ARCHIVE_TIMEOUT: Duration = Duration::from_mins(30);

/// Adds the files.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/teaching-sets/{set}/archive", web::get().to(archive))
        .route("/teaching-sets/{set}/{series}/{slice}", web::get().to(image));
}

/// Delivery, called on behalf of the signed-in person.
async fn delivery(request: &HttpRequest, door: &Arc<Door>) -> Result<Delivery, HttpError> {
    let asking = door.ask(request).await?;
    let viewer = asking.viewer.as_ref().ok_or(HttpError::Unauthenticated)?;
    Ok(asking.services(viewer).delivery)
}

/// Text that is no id names nothing.
fn set(text: &str) -> Result<TeachingSetId, HttpError> {
    text.parse().map_err(|_| HttpError::NotFound)
}

async fn image(
    request: HttpRequest,
    path: web::Path<(String, String, u32)>,
    door: web::Data<Arc<Door>>,
) -> Result<HttpResponse, HttpError> {
    let delivery = delivery(&request, &door).await?;
    let (id, series, slice) = path.into_inner();
    let known = TeachingSeries::ALL.into_iter().find(|known| known.as_str() == series);
    let series = known.ok_or(HttpError::NotFound)?;
    let name = format!("{}-{:04}.dcm", series.as_str(), slice.saturating_add(1));
    let file = Attachment { service: "delivery", name: &name, media_type: "application/dicom" };
    pass_on(delivery.teaching_image(&set(&id)?, series, slice), file).await
}

async fn archive(
    request: HttpRequest,
    id: web::Path<String>,
    door: web::Data<Arc<Door>>,
) -> Result<HttpResponse, HttpError> {
    let delivery = delivery(&request, &door).await?;
    let id = set(&id)?;
    let name = format!("{id}.zip");
    let file = Attachment { service: "delivery", name: &name, media_type: "application/zip" };
    pass_on(delivery.teaching_archive(&id).timeout(ARCHIVE_TIMEOUT), file).await
}
