//! What leaves the ledger as a file: proofs and exports. Each is recorded before its first byte.

use super::{Desk, READERS, record_access};
use crate::form::Form;
use crate::prove::{self, Proved};
use crate::{Error, store};
use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Json, Path, Query};
use contract::Refusal;
use contract::audit::{ExportFormat, ProofFile};
use contract::event::Access;
use database::DatabaseConnection;
use futures::Stream;
use platform::http::{Caller, HttpError, HttpResult};
use serde::Deserialize;

/// Entries read at once for an export.
const PAGE_ENTRIES: u64 = 1_000;

/// A proof that an entry stands in the ledger of the newest checkpoint.
pub(super) async fn inclusion(caller: Caller, index: Path<u64>, desk: Data<Desk>) -> HttpResult<ProofFile> {
    caller.require_role(&READERS)?;
    let proved = prove::inclusion(&desk.deps.db, *index).await?;
    hand_out(&caller, *index, &desk, proved).await
}

/// A proof that the first checkpointed ledger with an entry is the beginning of the newest one.
pub(super) async fn consistency(caller: Caller, index: Path<u64>, desk: Data<Desk>) -> HttpResult<ProofFile> {
    caller.require_role(&READERS)?;
    let proved = prove::consistency(&desk.deps.db, *index).await?;
    hand_out(&caller, *index, &desk, proved).await
}

async fn hand_out(caller: &Caller, index: u64, desk: &Desk, proved: Proved) -> HttpResult<ProofFile> {
    match proved {
        Proved::Absent => Err(HttpError::NotFound),
        Proved::Unsigned => Err(HttpError::Refused(Refusal::new(
            "not_signed_yet",
            "no signed checkpoint vouches for this entry yet",
            "wait a minute and ask again",
        ))),
        Proved::File(file) => {
            record_access(&desk.deps, caller, Access::Proof, &format!("entry {index}")).await?;
            Ok(Json(file))
        }
    }
}

/// An [`contract::audit::ExportQuery`] as it stands in a URL.
#[derive(Deserialize)]
pub(super) struct Wanted {
    format: ExportFormat,
    #[serde(default)]
    from: u64,
    to: Option<u64>,
}

/// Entries in the wanted form, as a stream that ends where the ledger ended when it was asked for.
pub(super) async fn export(
    caller: Caller,
    wanted: Query<Wanted>,
    desk: Data<Desk>,
) -> Result<HttpResponse, HttpError> {
    caller.require_role(&READERS)?;
    let Wanted { format, from, to } = wanted.into_inner();
    let size = store::head_load(&desk.deps.db).await.map_err(HttpError::from)?.size();
    let to = to.unwrap_or(size).min(size);
    let subject = format!("entries {from} to {to} as {}", format.as_str());
    record_access(&desk.deps, &caller, Access::Export, &subject).await?;
    let entries = stream(desk.deps.db.clone(), Form::new(format, from), from..to);
    Ok(HttpResponse::Ok()
        .insert_header(("content-type", format.media_type()))
        .insert_header(("cache-control", "private, no-store"))
        .streaming(entries))
}

fn stream(
    db: DatabaseConnection,
    form: Form,
    range: std::ops::Range<u64>,
) -> impl Stream<Item = Result<Bytes, Error>> + 'static {
    let head = futures::stream::iter(form.head().map(|head| Ok(Bytes::from(head))));
    let pages = futures::stream::try_unfold(range, move |range| {
        let db = db.clone();
        async move {
            let page = store::entry_range(&db, range.start, range.end, PAGE_ENTRIES).await?;
            let Some(last) = page.last() else { return Ok(None) };
            let next = last.position as u64 + 1..range.end;
            let lines = page.iter().map(|placed| form.line(placed)).collect::<Result<String, Error>>()?;
            Ok(Some((Bytes::from(lines), next)))
        }
    });
    futures::StreamExt::chain(head, pages)
}
