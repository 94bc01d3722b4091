//! Files that a service makes for a person, passed on as they come. The service decides who may have them and records
//! it.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use contract::{ClientError, Refusal};
use futures::TryStreamExt as _;
use platform::http::HttpError;

/// No copy may outlive the right to see it.
pub(crate) const NEVER_KEPT: &str = "private, no-store";

/// How a file is handed to a browser.
pub(crate) struct Attachment<'f> {
    /// Who makes it.
    pub(crate) service: &'static str,
    /// Its name, of printable ASCII without quotes.
    pub(crate) name: &'f str,
    /// Its type.
    pub(crate) media_type: &'f str,
}

/// Asks for a file and passes it on.
///
/// # Errors
/// What the service says against it, or that it doesn't answer.
pub(crate) async fn pass_on(
    asked: reqwest::RequestBuilder,
    file: Attachment<'_>,
) -> Result<HttpResponse, HttpError> {
    let answer = asked.send().await.map_err(|_| HttpError::Unavailable)?;
    match answer.status().as_u16() {
        200 => {}
        400 => {
            let refusal: Refusal = answer.json().await.map_err(HttpError::internal)?;
            return Err(HttpError::BadRequest(refusal.message));
        }
        404 => return Err(HttpError::NotFound),
        409 => return Err(HttpError::Refused(answer.json().await.map_err(HttpError::internal)?)),
        403 => return Err(HttpError::Forbidden(answer.json().await.map_err(HttpError::internal)?)),
        502..=504 => return Err(HttpError::Unavailable),
        status => {
            let path = answer.url().path().to_owned();
            return Err(ClientError::Unexpected { service: file.service, status, path }.into());
        }
    }
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, file.media_type))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file.name)))
        .insert_header((CACHE_CONTROL, NEVER_KEPT))
        .streaming(answer.bytes_stream().map_err(std::io::Error::other)))
}
