//! STOW-RS: senders with a bearer token; the body streams on to intake, which keeps it or says why not.

use super::json::DataSet;
use crate::config::StowSender;
use crate::door::Door;
use crate::error::Error;
use crate::store;
use crate::upload::{self, Passed};
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};
use contract::intake::{Intake, StowOutcome};
use contract::{Actor, ClientError, Digest, Event, EventId, Refusal, RequestId};
use database::outbox::NewEvent;
use platform::http::HttpError;
use platform::telemetry;
use std::sync::Arc;

/// Stores the instances of a request.
pub(super) async fn store(
    request: HttpRequest,
    body: web::Payload,
    door: web::Data<Arc<Door>>,
) -> Result<HttpResponse, HttpError> {
    let Some(sender) = sender(&request, &door.config.stow_senders) else {
        door.logins.refuse_device(door.address(&request)).await?;
        return Err(HttpError::Unauthenticated);
    };
    let Some(content_type) = multipart(&request) else {
        return Ok(HttpResponse::UnsupportedMediaType().json(Refusal::new(
            "media_type",
            "instances come as multipart/related of application/dicom",
            "send them so",
        )));
    };
    let bytes_max = door.config.stow_bytes_max;
    if declared(&request).is_some_and(|length| length > bytes_max) {
        return Ok(too_large());
    }
    let actor = Actor::Device { ae_title: sender.name.clone() };
    let id = door.random.with(RequestId::random);
    let tokens = door.tokens.on_behalf_of(actor.clone(), id.clone());
    let intake = Intake(door.services.intake.0.acting_as(tokens));
    let (sending, onward) = upload::pass_on(body, bytes_max);
    let (complete, outcomes) = futures::join!(sending, intake.stow(&content_type, onward));
    if complete == Passed::TooLarge {
        return Ok(too_large());
    }
    match outcomes {
        Ok(outcomes) => {
            tell(&door, actor, &id, &outcomes).await?;
            Ok(answer(&outcomes))
        }
        Err(ClientError::Unexpected { status: 400, .. }) => {
            Err(HttpError::BadRequest("the body is not multipart/related of DICOM instances".to_owned()))
        }
        Err(ClientError::Unexpected { status: 507, .. }) => Err(HttpError::OutOfSpace),
        Err(error) => Err(error.into()),
    }
}

/// Tells how many instances were kept, before the sender hears it.
async fn tell(
    door: &Door,
    actor: Actor,
    request: &RequestId,
    outcomes: &[StowOutcome],
) -> Result<(), HttpError> {
    let refused = outcomes.iter().filter(|outcome| outcome.failure.is_some()).count() as u32;
    let event = NewEvent {
        id: door.random.with(EventId::random),
        occurred_at: door.clock.now(),
        actor,
        subject: "stow".to_owned(),
        causation: Some(request.to_string()),
        trace: telemetry::traceparent(),
        event: Event::InstancesUploaded { stored: outcomes.len() as u32 - refused, refused },
    };
    Ok(store::event_append(&door.db, event).await.map_err(Error::from)?)
}

/// Who sends. Each known token is compared in full, by digest.
fn sender<'c>(request: &HttpRequest, senders: &'c [StowSender]) -> Option<&'c StowSender> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let digest = Digest::of(header.strip_prefix("Bearer ")?.as_bytes());
    senders.iter().find(|sender| sender.token_sha256 == digest)
}

fn multipart(request: &HttpRequest) -> Option<String> {
    let value = request.headers().get(CONTENT_TYPE)?.to_str().ok()?;
    value.trim_start().to_ascii_lowercase().starts_with("multipart/related").then(|| value.to_owned())
}

fn declared(request: &HttpRequest) -> Option<u64> {
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn too_large() -> HttpResponse {
    HttpResponse::PayloadTooLarge().json(Refusal::new(
        "too_large",
        "the request is larger than this server takes",
        "send fewer instances at a time",
    ))
}

/// The store instances response (PS3.18 I.2.2).
fn answer(outcomes: &[StowOutcome]) -> HttpResponse {
    let item =
        |outcome: &StowOutcome| {
            DataSet::default()
                .text("00081150", "UI", outcome.sop_class_uid.as_deref().unwrap_or_default())
                .text("00081155", "UI", outcome.sop_instance_uid.as_deref().unwrap_or_default())
        };
    let stored: Vec<DataSet> =
        outcomes.iter().filter(|outcome| outcome.failure.is_none()).map(item).collect();
    let failed: Vec<DataSet> = outcomes
        .iter()
        .filter_map(|outcome| {
            let failure = outcome.failure.as_ref()?;
            Some(item(outcome).number("00081197", "US", failure.failure_reason))
        })
        .collect();
    let status = match (stored.is_empty(), failed.is_empty()) {
        (_, true) => StatusCode::OK,
        (false, false) => StatusCode::ACCEPTED,
        (true, false) => StatusCode::CONFLICT,
    };
    let mut set = DataSet::default();
    if !stored.is_empty() {
        set = set.sequence("00081199", stored);
    }
    if !failed.is_empty() {
        set = set.sequence("00081198", failed);
    }
    HttpResponse::build(status)
        .insert_header((CONTENT_TYPE, "application/dicom+json"))
        .body(set.into_value().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::intake::StowFailure;

    fn outcome(stored: bool) -> StowOutcome {
        let refusal = Refusal::new("unsupported", "can't be used", "look in the quarantine");
        StowOutcome {
            sop_class_uid: Some("1.2.840.10008.5.1.4.1.1.2".into()),
            sop_instance_uid: Some("1.2.3".into()),
            failure: (!stored).then_some(StowFailure { failure_reason: 0xA900, refusal }),
        }
    }

    #[test]
    fn the_status_tells_whether_all_some_or_none_were_stored() {
        assert_eq!(answer(&[outcome(true)]).status(), StatusCode::OK);
        assert_eq!(answer(&[outcome(true), outcome(false)]).status(), StatusCode::ACCEPTED);
        assert_eq!(answer(&[outcome(false)]).status(), StatusCode::CONFLICT);
    }
}
