//! What delivery answers.

use crate::Deps;
use crate::error::Error;
use crate::store::{self, Answer, SentObject};
use crate::workflow::Send;
use actix_web::web::{self, Data, Json, Query, ServiceConfig};
use contract::client::Batch;
use contract::delivery::Remark;
use contract::{CaseId, Envelope, Role, SendId, delivery};
use database::outbox;
use platform::http::{Caller, HttpError, HttpResult};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The most cases that one request may ask for.
const CASES_MAX: usize = 200;
/// Who may see what became of a release. A send exists only once every read of its case is final.
const READERS: [Role; 6] = Role::ALL;

/// Adds the routes.
pub(crate) fn routes(config: &mut ServiceConfig, deps: &Deps) {
    config
        .app_data(Data::new(deps.clone()))
        .route("/v1/sends/by-case", web::post().to(sends_by_case))
        .route("/v1/outbox", web::get().to(outbox_page));
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
