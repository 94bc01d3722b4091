//! Erasing what the ledger keeps of people: wanted by one person, agreed to by another.

use super::{Desk, READERS, record_look};
use crate::erasure::{self, Answer};
use crate::{eraser, store};
use actix_web::web::{Data, Json, Path};
use contract::ErasureId;
use contract::audit::{ErasureRecord, ErasureState, ProposeErasure};
use contract::event::Access;
use platform::http::{Caller, HttpError, HttpResult};

/// Every erasure, newest first.
pub(super) async fn list(caller: Caller, desk: Data<Desk>) -> HttpResult<Vec<ErasureRecord>> {
    caller.require_role(&READERS)?;
    record_look(&desk, &caller, Access::Ledger, "erasures").await?;
    Ok(Json(store::erasure_list(&desk.deps.db).await?))
}

/// Wants content erased.
pub(super) async fn propose(
    caller: Caller,
    desk: Data<Desk>,
    wanted: Json<ProposeErasure>,
) -> HttpResult<ErasureRecord> {
    caller.require_role(&READERS)?;
    let (deps, now) = (&desk.deps, desk.deps.clock.now());
    let size = store::head_load(&deps.db).await?.size();
    let id = deps.random.with(ErasureId::random);
    let record = erasure::propose(wanted.into_inner(), &caller.actor, id, now, size);
    let record = record.map_err(HttpError::Refused)?;
    let told = eraser::told(deps, &record, caller.actor, now);
    store::erasure_insert(&deps.db, &record, told).await?;
    Ok(Json(record))
}

/// Agrees to somebody else's wish.
pub(super) async fn approve(
    caller: Caller,
    desk: Data<Desk>,
    id: Path<ErasureId>,
) -> HttpResult<ErasureRecord> {
    let size = store::head_load(&desk.deps.db).await?.size();
    answer(caller, &desk, &id, Answer::Approve { size }).await
}

/// Does not agree.
pub(super) async fn decline(
    caller: Caller,
    desk: Data<Desk>,
    id: Path<ErasureId>,
) -> HttpResult<ErasureRecord> {
    answer(caller, &desk, &id, Answer::Decline).await
}

async fn answer(caller: Caller, desk: &Desk, id: &ErasureId, answer: Answer) -> HttpResult<ErasureRecord> {
    caller.require_role(&READERS)?;
    let (deps, now) = (&desk.deps, desk.deps.clock.now());
    let wish = store::erasure_load(&deps.db, id).await?.ok_or(HttpError::NotFound)?;
    let record = erasure::decide(&wish, answer, &caller.actor, now).map_err(HttpError::Refused)?;
    let told = eraser::told(deps, &record, caller.actor, now);
    if !store::erasure_save(&deps.db, &record, told, ErasureState::Proposed).await? {
        return Err(HttpError::Refused(erasure::not_open()));
    }
    Ok(Json(record))
}
