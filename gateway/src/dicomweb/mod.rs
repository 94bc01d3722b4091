//! DICOMweb: QIDO-RS, WADO-RS and STOW-RS, with the access rules of everything else. Before a byte of pixels
//! leaves, the service that owns them has said yes and recorded the access.

mod accept;
mod json;
mod locate;
mod qido;
mod stow;
mod wado;

pub(crate) use locate::Located;

use crate::auth::Viewer;
use crate::door::{Asking, Door};
use crate::record::Record;
use crate::services::Services;
use actix_web::{HttpRequest, web};
use contract::event::Display;
use contract::{ClientError, Refusal};
use platform::http::HttpError;
use std::sync::Arc;

/// Adds the routes below `/dicom-web`.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    let series = "/studies/{study}/series/{series}";
    config.service(
        web::scope("/dicom-web")
            .route("/studies", web::get().to(qido::studies))
            .route("/studies", web::post().to(stow::store))
            .route("/studies/{study}", web::get().to(wado::study))
            .route("/studies/{study}/series", web::get().to(qido::series))
            .route(series, web::get().to(wado::series))
            .route(&format!("{series}/instances"), web::get().to(qido::instances))
            .route(&format!("{series}/instances/{{instance}}"), web::get().to(wado::instance)),
    );
}

/// A signed-in person at a DICOMweb resource.
struct Visitor {
    asking: Asking,
    viewer: Viewer,
    services: Services,
}

impl Visitor {
    async fn of(request: &HttpRequest, door: &Arc<Door>) -> Result<Self, HttpError> {
        let asking = door.ask(request).await?;
        let viewer = asking.viewer.clone().ok_or(HttpError::Unauthenticated)?;
        let services = asking.services(&viewer);
        Ok(Self { asking, viewer, services })
    }

    /// Writes down that these studies are about to be shown in a list.
    async fn is_shown(&self, studies: impl IntoIterator<Item = String>) -> Result<(), HttpError> {
        let record = Record::default();
        record.shown(Display::Studies, studies);
        self.commit(&record).await
    }

    /// Writes down that something was refused.
    async fn is_refused(&self, command: &str, refusal: &Refusal) -> Result<(), HttpError> {
        let record = Record::default();
        record.refused(command, &refusal.code);
        self.commit(&record).await
    }

    async fn commit(&self, record: &Record) -> Result<(), HttpError> {
        Ok(record.commit(&self.asking.door, Some(&self.viewer), &self.asking.request).await?)
    }
}

/// What is refused here is not there: the two are never told apart.
fn hidden(error: ClientError) -> HttpError {
    match error {
        ClientError::Refused { .. } => HttpError::NotFound,
        other => other.into(),
    }
}

/// A UID from a path. What isn't one leads nowhere and is passed on to nobody.
fn uid(text: &str) -> Result<&str, HttpError> {
    let well_formed = !text.is_empty()
        && text.len() <= 64
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if well_formed { Ok(text) } else { Err(HttpError::NotFound) }
}

fn bad_request(refusal: &Refusal) -> HttpError {
    HttpError::BadRequest(format!("{}; {}", refusal.message, refusal.remedy))
}
