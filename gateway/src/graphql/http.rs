//! `POST /graphql`: one request, JSON, from our own page.

use super::Schema;
use super::limits;
use super::loader::Loaders;
use crate::door::Door;
use crate::record::Record;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};
use async_graphql::{Request, Response, ServerError};
use bytes::BytesMut;
use contract::Refusal;
use futures::StreamExt as _;
use platform::http::HttpError;
use std::sync::Arc;
use std::time::Duration;

/// Answers one GraphQL request.
pub(crate) async fn answer(
    request: HttpRequest,
    body: web::Payload,
    door: web::Data<Arc<Door>>,
    schema: web::Data<Schema>,
) -> Result<HttpResponse, HttpError> {
    if !is_json(&request) {
        return Ok(refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the body must be application/json"));
    }
    if !door.same_origin(request.headers()) {
        return Ok(refuse(StatusCode::FORBIDDEN, "the request comes from another site"));
    }
    let deadline = Duration::from_secs(u64::from(door.config.graphql.deadline_seconds));
    match tokio::time::timeout(deadline, carry_out(&request, body, &door, &schema)).await {
        Ok(answer) => answer,
        Err(_) => Ok(errors(StatusCode::GATEWAY_TIMEOUT, "the answer took too long")),
    }
}

async fn carry_out(
    request: &HttpRequest,
    body: web::Payload,
    door: &Arc<Door>,
    schema: &Schema,
) -> Result<HttpResponse, HttpError> {
    let limits = &door.config.graphql;
    let Some(body) = collect(body, limits.body_bytes_max).await else {
        return Ok(refuse(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large"));
    };
    let Ok(mut query) = serde_json::from_slice::<Request>(&body) else {
        return Ok(errors(StatusCode::BAD_REQUEST, "the body is not one GraphQL request"));
    };
    match query.parsed_query().map(|document| limits::check(document, limits)) {
        Ok(Ok(())) => {}
        Ok(Err(exceeded)) => return Ok(errors(StatusCode::BAD_REQUEST, &exceeded.to_string())),
        Err(error) => return Ok(errors(StatusCode::BAD_REQUEST, &error.message)),
    }
    let asking = door.ask(request).await?;
    let record = Arc::new(Record::default());
    let query = query.data(asking.clone()).data(Loaders::default()).data(Arc::clone(&record));
    let answer = schema.execute(query).await;
    if let Err(error) = record.commit(door, asking.viewer.as_ref(), &asking.request).await {
        let error = &error as &dyn std::error::Error;
        tracing::error!(
            event = "record.failed",
            error,
            "what is shown can't be written down, so it is not shown"
        );
        let why = "the access can't be recorded now, so nothing is shown; try again in a moment";
        return Ok(errors(StatusCode::SERVICE_UNAVAILABLE, why));
    }
    Ok(respond(StatusCode::OK, &answer))
}

fn is_json(request: &HttpRequest) -> bool {
    let value = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = value.and_then(|value| value.split(';').next());
    media_type.is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case("application/json"))
}

/// The body, or `None` when it is longer than `bytes_max` or broken off.
async fn collect(mut body: web::Payload, bytes_max: usize) -> Option<BytesMut> {
    let mut collected = BytesMut::new();
    while let Some(chunk) = body.next().await {
        collected.extend_from_slice(&chunk.ok()?);
        if collected.len() > bytes_max {
            return None;
        }
    }
    Some(collected)
}

fn refuse(status: StatusCode, why: &str) -> HttpResponse {
    HttpResponse::build(status).json(Refusal::new("bad_request", why, "correct the request"))
}

fn errors(status: StatusCode, why: &str) -> HttpResponse {
    respond(status, &Response::from_errors(vec![ServerError::new(why, None)]))
}

fn respond(status: StatusCode, response: &Response) -> HttpResponse {
    let mut answer = HttpResponse::build(status);
    answer.insert_header((CACHE_CONTROL, "no-store"));
    for (name, value) in &response.http_headers {
        answer.append_header((name.as_str(), value.as_bytes()));
    }
    answer.json(response)
}
