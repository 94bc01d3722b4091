//! Rejection notes.

use super::{Origin, read, tell};
use crate::entity::rejection_note::{ActiveModel, Column, Entity, Model};
use crate::error::Error;
use crate::workflow::recall::{Closer, Closing, RejectionNote, code};
use contract::delivery::{Closure, RejectionNoteState};
use contract::{CaseId, Event, RejectionNoteId, Time};
use database::{DatabaseConnection, DatabaseTransaction};
use dicom_io::sr::RejectionTitle;
use platform::telemetry;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _,
};

/// Stores a new note and tells of it; nothing when the send already has one.
pub(crate) async fn insert(
    txn: &DatabaseTransaction,
    note: &RejectionNote,
    origin: &Origin<'_>,
) -> Result<(), Error> {
    if Entity::find().filter(Column::Send.eq(note.send.as_str())).count(txn).await? > 0 {
        return Ok(());
    }
    let row = Model { trace: telemetry::traceparent(), ..row(note) };
    Entity::insert(row.into_active_model()).exec_without_returning(txn).await?;
    let (id, case, send) = (note.id.clone(), note.case.clone(), note.send.clone());
    tell(txn, &note.id, Event::RejectionNoteOpened { note: id, case, send }, origin).await
}

/// Stores the next value of a note with the event that tells of it.
///
/// # Errors
/// A conflict when somebody else changed the note.
pub(crate) async fn save(
    txn: &DatabaseTransaction,
    next: &RejectionNote,
    event: Option<Event>,
    origin: &Origin<'_>,
) -> Result<(), Error> {
    // Everything but the key and the trace, which never change.
    let mut changed: ActiveModel = row(next).into_active_model().reset_all();
    changed.id = sea_orm::NotSet;
    changed.trace = sea_orm::NotSet;
    let updated = Entity::update_many()
        .set(changed)
        .filter(Column::Id.eq(next.id.as_str()))
        .filter(Column::Version.eq(next.version - 1))
        .exec(txn)
        .await?;
    if updated.rows_affected != 1 {
        return Err(database::Error::Conflict { what: "the rejection note" }.into());
    }
    match event {
        Some(event) => tell(txn, &next.id, event, origin).await,
        None => Ok(()),
    }
}

/// Takes the note for a destination that is most overdue; nobody else looks at it before `until`. `None` when nothing is
/// due or another process was faster.
pub(crate) async fn claim_due(
    db: &DatabaseConnection,
    destination: &str,
    now: Time,
    until: Time,
) -> Result<Option<RejectionNote>, Error> {
    let due = Entity::find()
        .filter(Column::Destination.eq(destination))
        .filter(Column::ClosedAt.is_null())
        .filter(Column::NextLookAt.lte(now))
        .order_by_asc(Column::NextLookAt)
        .one(db)
        .await?;
    let Some(row) = due else { return Ok(None) };
    let claimed = Entity::update_many()
        .col_expr(Column::NextLookAt, Expr::value(until))
        .col_expr(Column::Version, Expr::value(row.version + 1))
        .filter(Column::Id.eq(&*row.id))
        .filter(Column::Version.eq(row.version))
        .exec(db)
        .await?;
    let taken = Model { next_look_at: Some(until), version: row.version + 1, ..row };
    if claimed.rows_affected == 1 { value(taken).map(Some) } else { Ok(None) }
}

/// Loads a note.
pub(crate) async fn load(
    db: &DatabaseConnection,
    id: &RejectionNoteId,
) -> Result<Option<RejectionNote>, Error> {
    Entity::find_by_id(id.as_str()).one(db).await?.map(value).transpose()
}

/// The notes of the given cases, oldest first.
pub(crate) async fn list_by_case(
    db: &DatabaseConnection,
    cases: &[CaseId],
) -> Result<Vec<RejectionNote>, Error> {
    let rows = Entity::find()
        .filter(Column::CaseId.is_in(cases.iter().map(CaseId::as_str)))
        .order_by_asc(Column::OpenedAt)
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    rows.into_iter().map(value).collect()
}

/// Open notes for destinations that are not in `known`.
pub(crate) async fn list_orphaned(
    db: &DatabaseConnection,
    known: &[String],
) -> Result<Vec<RejectionNote>, Error> {
    let rows = Entity::find()
        .filter(Column::ClosedAt.is_null())
        .filter(Column::Destination.is_not_in(known.iter().map(String::as_str)))
        .all(db)
        .await?;
    rows.into_iter().map(value).collect()
}

const STATES: [(RejectionNoteState, &str); 3] = [
    (RejectionNoteState::Queued, "queued"),
    (RejectionNoteState::Following, "following"),
    (RejectionNoteState::Closed, "closed"),
];
const TITLES: [RejectionTitle; 2] = [RejectionTitle::PatientSafety, RejectionTitle::Quality];

/// The state that stands in a row.
pub(super) fn state(text: &str) -> Result<RejectionNoteState, Error> {
    let known = STATES.iter().find(|(_, known)| *known == text).map(|(state, _)| *state);
    known.ok_or_else(|| Error::Stored { what: "state of a rejection note", text: text.to_owned() })
}

fn row(note: &RejectionNote) -> Model {
    let state = STATES.iter().find(|(state, _)| *state == note.state);
    let (closed_at, closing) = note.closed.clone().unzip();
    let (closed_by, closing_words) = match &closing {
        Some(Closing::ByHand { by, words }) => (Some(by.clone()), Some(words.clone())),
        _ => (None, None),
    };
    let (closed_by, closed_by_name) = closed_by.map(|by| (by.user.to_string(), by.printed_name)).unzip();
    Model {
        id: note.id.to_string(),
        send: note.send.to_string(),
        release: note.release.to_string(),
        case_id: note.case.to_string(),
        destination: note.destination.clone(),
        state: state.expect("every state stands in the list").1.to_owned(),
        title_code: note.title.code().to_owned(),
        objects: note.objects.cast_signed(),
        objects_shown: note.objects_shown.map(u32::cast_signed),
        objects_shown_max: note.objects_shown_max.cast_signed(),
        attempts: note.attempts.cast_signed(),
        next_look_at: note.next_look_at,
        last_error: note.last_error.clone(),
        opened_at: note.opened_at,
        sent_at: note.sent_at,
        looked_at: note.looked_at,
        closed_at,
        closure: closing.map(|closing| code(closing.kind()).to_owned()),
        closed_by,
        closed_by_name,
        closing_words,
        version: note.version,
        trace: None,
    }
}

fn value(row: Model) -> Result<RejectionNote, Error> {
    let title = TITLES.into_iter().find(|title| title.code() == row.title_code);
    let closing = closing(&row)?;
    Ok(RejectionNote {
        id: read("rejection note id", &row.id)?,
        send: read("send id", &row.send)?,
        release: read("release id", &row.release)?,
        case: read("case id", &row.case_id)?,
        destination: row.destination,
        state: state(&row.state)?,
        title: title.ok_or_else(|| Error::Stored { what: "document title", text: row.title_code })?,
        objects: row.objects.cast_unsigned(),
        objects_shown: row.objects_shown.map(i32::cast_unsigned),
        objects_shown_max: row.objects_shown_max.cast_unsigned(),
        attempts: row.attempts.cast_unsigned(),
        next_look_at: row.next_look_at,
        last_error: row.last_error,
        opened_at: row.opened_at,
        sent_at: row.sent_at,
        looked_at: row.looked_at,
        closed: row.closed_at.zip(closing),
        version: row.version,
    })
}

fn closing(row: &Model) -> Result<Option<Closing>, Error> {
    let Some(closure) = &row.closure else { return Ok(None) };
    let kinds = [Closure::NothingSent, Closure::Gone, Closure::ByHand];
    let closing = match kinds.into_iter().find(|kind| code(*kind) == *closure) {
        Some(Closure::NothingSent) => Closing::NothingSent,
        Some(Closure::Gone) => Closing::Gone,
        Some(Closure::ByHand) => Closing::ByHand {
            by: Closer {
                user: read("user id", row.closed_by.as_deref().unwrap_or_default())?,
                printed_name: row.closed_by_name.clone().unwrap_or_default(),
            },
            words: row.closing_words.clone().unwrap_or_default(),
        },
        None => return Err(Error::Stored { what: "closure", text: closure.clone() }),
    };
    Ok(Some(closing))
}
