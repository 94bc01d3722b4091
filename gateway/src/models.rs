//! Packages of models, from an administrator's page: the archive streams on to rollout, which keeps it or says why not.

use crate::door::Door;
use crate::record::Record;
use crate::upload::{self, Passed};
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, web};
use contract::{ClientError, Refusal};
use platform::http::HttpError;
use serde::Serialize;
use std::sync::Arc;

/// Adds `POST /models/import`; no scope, because `/models` itself is an address of the web-ui.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config.route("/models/import", web::post().to(import));
}

/// What the page is told of a version that was taken in.
#[derive(Serialize)]
struct Imported {
    id: String,
    name: String,
    version: String,
    publisher: Option<String>,
}

async fn import(
    request: HttpRequest,
    body: web::Payload,
    door: web::Data<Arc<Door>>,
) -> Result<HttpResponse, HttpError> {
    if !door.same_origin(request.headers()) {
        let why = "the request comes from another site";
        return Err(HttpError::Forbidden(Refusal::new("bad_request", why, "use the page of this site")));
    }
    let media_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if media_type != Some("application/zip") {
        let refusal = Refusal::new("media_type", "a package comes as a zip archive", "choose a .zip file");
        return Ok(HttpResponse::UnsupportedMediaType().json(refusal));
    }
    let asking = door.ask(&request).await?;
    let viewer = asking.viewer.as_ref().ok_or(HttpError::Unauthenticated)?;
    let rollout = asking.services(viewer).rollout;
    let (sending, onward) = upload::pass_on(body, door.config.package_bytes_max);
    let (complete, imported) = futures::join!(sending, rollout.import_model(onward));
    if complete == Passed::TooLarge {
        let why = "the package is larger than this server takes";
        let refusal = Refusal::new("too_large", why, "import it with the command line at the server");
        return Ok(HttpResponse::PayloadTooLarge().json(refusal));
    }
    let model = match imported {
        Err(ClientError::Refused { refusal, .. }) => {
            let record = Record::default();
            record.refused("importModel", &refusal.code);
            record.commit(&door, Some(viewer), &asking.request).await?;
            return Ok(HttpResponse::Conflict().json(refusal));
        }
        imported => imported?,
    };
    Ok(HttpResponse::Ok().json(Imported {
        id: model.id.to_string(),
        name: model.name,
        version: model.version,
        publisher: model.publisher,
    }))
}
