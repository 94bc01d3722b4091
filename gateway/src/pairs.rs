//! The images of a pair that is compared: copies that tell nothing of their model, for the reader who holds the pair.
//! Review says which run stands on a side, generation makes the copy, and neither is told to the browser.

use crate::door::Door;
use crate::download::NEVER_KEPT;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};
use contract::review::Side;
use contract::{ClientError, PairId};
use futures::TryStreamExt as _;
use platform::http::HttpError;
use std::sync::Arc;

/// Adds the images; no scope, because `/pairs/{pair}` itself is an address of the web-ui.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config.route("/pairs/{pair}/{side}/{slice}", web::get().to(image));
}

async fn image(
    request: HttpRequest,
    path: web::Path<(String, String, u32)>,
    door: web::Data<Arc<Door>>,
) -> Result<HttpResponse, HttpError> {
    let asking = door.ask(&request).await?;
    let viewer = asking.viewer.as_ref().ok_or(HttpError::Unauthenticated)?;
    let (pair, side, slice) = path.into_inner();
    let pair: PairId = pair.parse().map_err(|_| HttpError::NotFound)?;
    let side = Side::BOTH.into_iter().find(|known| known.as_str() == side).ok_or(HttpError::NotFound)?;
    let source = asking.services(viewer).review.pair_view(&pair, side).await.map_err(hidden)?;
    let asked = door.services.generation.blinded_image(&source.run, &source.salt, slice);
    let answer = asked.send().await.map_err(|_| HttpError::Unavailable)?;
    match answer.status().as_u16() {
        200 => {}
        404 => return Err(HttpError::NotFound),
        502..=504 => return Err(HttpError::Unavailable),
        status => {
            let path = answer.url().path().to_owned();
            return Err(ClientError::Unexpected { service: "generation", status, path }.into());
        }
    }
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/dicom"))
        .insert_header((CACHE_CONTROL, NEVER_KEPT))
        .streaming(answer.bytes_stream().map_err(std::io::Error::other)))
}

/// "Not there" and "not for you" are never told apart.
fn hidden(error: ClientError) -> HttpError {
    match error {
        ClientError::Refused { .. } => HttpError::NotFound,
        other => other.into(),
    }
}
