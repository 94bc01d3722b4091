//! What delivery answers.

mod destinations;
mod teaching;

use crate::Deps;
use crate::config::Config;
use crate::error::Error;
use crate::recall;
use crate::register::Register;
use crate::store::{self, Answer, SentObject};
use crate::workflow::Send;
use crate::workflow::recall::{Closer, Closing, Command, RejectionNote};
use actix_web::web::{self, Data, Json, Path, Query, ServiceConfig};
use contract::client::Batch;
use contract::delivery::Remark;
use contract::{Actor, CaseId, Envelope, Refusal, RejectionNoteId, Role, SendId, delivery};
use database::outbox;
use platform::http::{Caller, HttpError, HttpResult};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The most cases that one request may ask for.
const CASES_MAX: usize = 200;
/// Who may see what became of a release. A send exists only once every read of its case is final.
const READERS: [Role; 7] = Role::ALL;

/// Who may see what became of a recall, as in review.
const OVERSEERS: [Role; 3] = [Role::Coordinator, Role::Quality, Role::Administrator];
/// Who may see what a recall of many cases comes to: those, and who recalls in review. A tally names no case.
const RECALLERS: [Role; 4] = [Role::Coordinator, Role::Quality, Role::Administrator, Role::Adjudicator];
/// The longest reason, characters.
const REASON_CHARS_MAX: usize = 500;

/// Adds the routes.
pub(crate) fn routes(
    routes: &mut ServiceConfig,
    config: &Arc<Config>,
    register: &Arc<Register>,
    deps: &Deps,
) {
    routes
        .app_data(Data::new(deps.clone()))
        .app_data(Data::from(config.clone()))
        .app_data(Data::from(register.clone()))
        .route("/v1/sends/by-case", web::post().to(sends_by_case))
        .route("/v1/rejection-notes/by-case", web::post().to(notes_by_case))
        .route("/v1/destinations/by-case", web::post().to(tally))
        .route("/v1/rejection-notes/{note}/close", web::post().to(close_note))
        .route("/v1/outbox", web::get().to(outbox_page));
    destinations::routes(routes);
    teaching::routes(routes);
}

async fn sends_by_case(
    caller: Caller,
    deps: Data<Deps>,
    batch: Json<Batch<CaseId>>,
) -> HttpResult<Vec<delivery::Send>> {
    if caller.is_person() {
        caller.require_role(&READERS)?;
    } else {
        caller.require_service(&["gateway"])?;
    }
    if batch.ids.len() > CASES_MAX {
        return Err(HttpError::BadRequest(format!("more than {CASES_MAX} cases at once")));
    }
    let sends = store::send_list_by_case(&deps.db, &batch.ids).await?;
    let mut remarks: BTreeMap<SendId, Vec<Remark>> = BTreeMap::new();
    for (send, object, said) in
        store::object_list_remarks(&deps.db, &sends.iter().collect::<Vec<_>>()).await?
    {
        remarks.entry(send).or_default().push(remark(object, said));
    }
    let sends = sends.into_iter().map(|send| {
        let remarks = remarks.remove(&send.id).unwrap_or_default();
        answer(send, remarks)
    });
    Ok(Json(sends.collect()))
}

async fn notes_by_case(
    caller: Caller,
    deps: Data<Deps>,
    batch: Json<Batch<CaseId>>,
) -> HttpResult<Vec<delivery::RejectionNote>> {
    if caller.is_person() {
        caller.require_role(&OVERSEERS)?;
    } else {
        caller.require_service(&["gateway"])?;
    }
    if batch.ids.len() > CASES_MAX {
        return Err(HttpError::BadRequest(format!("more than {CASES_MAX} cases at once")));
    }
    let notes = store::note::list_by_case(&deps.db, &batch.ids).await?;
    Ok(Json(notes.into_iter().map(note_answer).collect()))
}

async fn tally(
    caller: Caller,
    deps: Data<Deps>,
    batch: Json<Batch<CaseId>>,
) -> HttpResult<Vec<delivery::DestinationTally>> {
    if caller.is_person() {
        caller.require_role(&RECALLERS)?;
    } else {
        caller.require_service(&["gateway"])?;
    }
    if batch.ids.len() > delivery::TALLY_CASES_MAX {
        return Err(HttpError::BadRequest(format!("more than {} cases at once", delivery::TALLY_CASES_MAX)));
    }
    Ok(Json(store::tally::tally(&deps.db, &batch.ids).await?))
}

async fn close_note(
    caller: Caller,
    deps: Data<Deps>,
    config: Data<Config>,
    id: Path<RejectionNoteId>,
    command: Json<delivery::CloseRejectionNote>,
) -> HttpResult<delivery::RejectionNote> {
    caller.require_role(&[Role::Quality])?;
    let Actor::Person { user, printed_name, .. } = &caller.actor else { return Err(HttpError::NotFound) };
    let by = Closer { user: user.clone(), printed_name: printed_name.clone() };
    let words = command.into_inner().reason.trim().to_owned();
    if !(3..=REASON_CHARS_MAX).contains(&words.chars().count()) {
        return Err(HttpError::Refused(Refusal::new(
            "reason_missing",
            format!("this needs a reason of 3 to {REASON_CHARS_MAX} characters"),
            "write how the objects were taken away there, or why they need not be",
        )));
    }
    let note = store::note::load(&deps.db, &id).await?.ok_or(HttpError::NotFound)?;
    let command = Command::CloseByHand { by, words };
    let closed = recall::save(&config, &deps, &note, command, caller.actor.clone()).await?;
    Ok(Json(note_answer(closed)))
}

#[derive(Deserialize)]
struct OutboxQuery {
    #[serde(default)]
    after_seq: i64,
}

async fn outbox_page(
    caller: Caller,
    deps: Data<Deps>,
    query: Query<OutboxQuery>,
) -> HttpResult<Vec<Envelope>> {
    caller.require_service(&["audit"])?;
    let page = outbox::page(&deps.db, query.after_seq, outbox::PAGE_ROWS_MAX).await;
    Ok(Json(page.map_err(Error::from)?))
}

fn remark(object: SentObject, said: Answer) -> Remark {
    Remark {
        sop_instance_uid: object.sop_instance_uid,
        role: object.role,
        status: said.status,
        comment: said.comment,
        stored: said.stored_at.is_some(),
    }
}

fn answer(send: Send, remarks: Vec<Remark>) -> delivery::Send {
    delivery::Send {
        id: send.id,
        case: send.case,
        destination: send.destination,
        state: send.state,
        objects: send.objects,
        objects_stored: send.objects_stored,
        attempts: send.attempts,
        next_attempt_at: send.next_attempt_at,
        last_error: send.last_error,
        remarks,
        queued_at: send.queued_at,
        delivered_at: send.delivered_at,
    }
}

fn note_answer(note: RejectionNote) -> delivery::RejectionNote {
    let (closed_at, closing) = note.closed.unzip();
    let closure = closing.as_ref().map(Closing::kind);
    let (closed_by, closing_words) = match closing {
        Some(Closing::ByHand { by, words }) => (Some(by.printed_name), Some(words)),
        Some(Closing::NothingSent | Closing::Gone) | None => (None, None),
    };
    delivery::RejectionNote {
        id: note.id,
        case: note.case,
        destination: note.destination,
        state: note.state,
        title_code: note.title.code().to_owned(),
        objects: note.objects,
        objects_shown: note.objects_shown,
        provable: note.objects_shown_max > 0,
        next_look_at: note.next_look_at,
        last_error: note.last_error,
        opened_at: note.opened_at,
        sent_at: note.sent_at,
        looked_at: note.looked_at,
        closed_at,
        closure,
        closed_by,
        closing_words,
    }
}
