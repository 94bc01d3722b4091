//! The tables of delivery. Nothing else names them.

pub(crate) mod destination_version;
pub(crate) mod note;
pub(crate) mod tally;
pub(crate) mod teaching;

use crate::entity::{send, sent_object};
use crate::error::Error;
use crate::workflow::Send;
use contract::delivery::SendState;
use contract::{Actor, CaseId, Digest, Event, EventId, ReleaseId, SendId, Time};
use database::outbox::{self, NewEvent};
use database::{DatabaseConnection, DatabaseTransaction, transaction};
use platform::{Random, telemetry};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use std::collections::BTreeSet;

/// An object that belongs to a send.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SentObject {
    /// (0008,0018).
    pub(crate) sop_instance_uid: String,
    /// (0008,0016).
    pub(crate) sop_class_uid: String,
    /// The role of its derived series.
    pub(crate) role: String,
    /// SHA-256 of the bytes after group 0002.
    pub(crate) digest: Digest,
}

/// What a destination answered to an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// (0000,0900).
    pub(crate) status: u16,
    /// (0000,0902) or what else is to be shown.
    pub(crate) comment: String,
    /// When it was confirmed as stored, if it was.
    pub(crate) stored_at: Option<Time>,
}

/// Where an event comes from.
pub(crate) struct Origin<'a> {
    /// Now.
    pub(crate) now: Time,
    /// Who does it.
    pub(crate) actor: Actor,
    /// The event that led here.
    pub(crate) causation: Option<String>,
    /// Draws the ids of events.
    pub(crate) random: &'a Random,
}

/// Stores a new send and tells of it; nothing when the release already has one for this destination.
pub(crate) async fn send_insert(
    txn: &DatabaseTransaction,
    new: &Send,
    origin: &Origin<'_>,
) -> Result<bool, Error> {
    let there = send::Entity::find()
        .filter(send::Column::Release.eq(new.release.as_str()))
        .filter(send::Column::Destination.eq(&*new.destination))
        .count(txn)
        .await?;
    if there > 0 {
        return Ok(false);
    }
    let row = send::Model { trace: telemetry::traceparent(), ..row(new) };
    send::Entity::insert(row.into_active_model()).exec_without_returning(txn).await?;
    let event = Event::SendQueued { send: new.id.clone(), case: new.case.clone() };
    tell(txn, &new.id, event, origin).await?;
    Ok(true)
}

/// Stores the next value of a send with the event that tells of it. The claim of the process that works on the
/// send ends with any state but *sending*.
///
/// # Errors
/// A conflict when somebody else changed the send.
pub(crate) async fn send_save(
    txn: &DatabaseTransaction,
    next: &Send,
    event: Option<Event>,
    origin: &Origin<'_>,
) -> Result<(), Error> {
    let row = row(next);
    let mut update = send::Entity::update_many()
        .col_expr(send::Column::State, Expr::value(row.state))
        .col_expr(send::Column::Attempts, Expr::value(row.attempts))
        .col_expr(send::Column::Objects, Expr::value(row.objects))
        .col_expr(send::Column::ObjectsStored, Expr::value(row.objects_stored))
        .col_expr(send::Column::NextAttemptAt, Expr::value(row.next_attempt_at))
        .col_expr(send::Column::ReasonCode, Expr::value(row.reason_code))
        .col_expr(send::Column::LastError, Expr::value(row.last_error))
        .col_expr(send::Column::Content, Expr::value(row.content))
        .col_expr(send::Column::DeliveredAt, Expr::value(row.delivered_at))
        .col_expr(send::Column::Version, Expr::value(row.version));
    if next.state != SendState::Sending {
        update = update
            .col_expr(send::Column::ClaimedBy, Expr::value(None::<String>))
            .col_expr(send::Column::ClaimedUntil, Expr::value(None::<Time>));
    }
    let updated = update
        .filter(send::Column::Id.eq(next.id.as_str()))
        .filter(send::Column::Version.eq(next.version - 1))
        .exec(txn)
        .await?;
    if updated.rows_affected != 1 {
        return Err(database::Error::Conflict { what: "the send" }.into());
    }
    match event {
        Some(event) => tell(txn, &next.id, event, origin).await,
        None => Ok(()),
    }
}

/// Tells of what is done in a transaction.
pub(crate) async fn tell(
    txn: &DatabaseTransaction,
    subject: &impl ToString,
    event: Event,
    origin: &Origin<'_>,
) -> Result<(), Error> {
    let new = NewEvent {
        id: origin.random.with(EventId::random),
        occurred_at: origin.now,
        actor: origin.actor.clone(),
        subject: subject.to_string(),
        causation: origin.causation.clone(),
        trace: telemetry::traceparent(),
        event,
    };
    Ok(outbox::append(txn, new).await?)
}

/// Claims the send to a destination that is most overdue; `None` when nothing is due or another process has it.
/// A send that a dead process left in *sending* is due as soon as its claim has lapsed.
pub(crate) async fn send_claim_due(
    db: &DatabaseConnection,
    destination: &str,
    claim: &Claim,
    now: Time,
) -> Result<Option<Send>, Error> {
    let unclaimed =
        Condition::any().add(send::Column::ClaimedUntil.is_null()).add(send::Column::ClaimedUntil.lt(now));
    let waiting = Condition::all()
        .add(send::Column::State.is_in([text(SendState::Queued), text(SendState::Held)]))
        .add(send::Column::NextAttemptAt.lte(now));
    let due = Condition::any().add(waiting).add(send::Column::State.eq(text(SendState::Sending)));
    let row = send::Entity::find()
        .filter(send::Column::Destination.eq(destination))
        .filter(due)
        .filter(unclaimed.clone())
        .order_by_asc(send::Column::NextAttemptAt)
        .one(db)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let claimed = send::Entity::update_many()
        .col_expr(send::Column::ClaimedBy, Expr::value(&*claim.holder))
        .col_expr(send::Column::ClaimedUntil, Expr::value(claim.until))
        .filter(send::Column::Id.eq(&*row.id))
        .filter(send::Column::Version.eq(row.version))
        .filter(unclaimed)
        .exec(db)
        .await?;
    if claimed.rows_affected == 1 { value(row).map(Some) } else { Ok(None) }
}

/// A process's hold on a send.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    /// Drawn once per process.
    pub(crate) holder: String,
    /// When it lapses.
    pub(crate) until: Time,
}

/// Renews a claim, or lets go of it with a time that is past. Whether it was still held.
pub(crate) async fn send_claim_set(
    db: &DatabaseConnection,
    send: &Send,
    claim: &Claim,
) -> Result<bool, Error> {
    let renewed = send::Entity::update_many()
        .col_expr(send::Column::ClaimedUntil, Expr::value(claim.until))
        .filter(send::Column::Id.eq(send.id.as_str()))
        .filter(send::Column::ClaimedBy.eq(&*claim.holder))
        .exec(db)
        .await?;
    Ok(renewed.rows_affected == 1)
}

/// The sends of the given cases, oldest first.
pub(crate) async fn send_list_by_case(db: &DatabaseConnection, cases: &[CaseId]) -> Result<Vec<Send>, Error> {
    let rows = send::Entity::find()
        .filter(send::Column::CaseId.is_in(cases.iter().map(CaseId::as_str)))
        .order_by_asc(send::Column::QueuedAt)
        .order_by_asc(send::Column::Id)
        .all(db)
        .await?;
    rows.into_iter().map(value).collect()
}

/// The sends of a release.
pub(crate) async fn send_list_by_release(
    txn: &DatabaseTransaction,
    release: &ReleaseId,
) -> Result<Vec<Send>, Error> {
    let rows = send::Entity::find().filter(send::Column::Release.eq(release.as_str())).all(txn).await?;
    rows.into_iter().map(value).collect()
}

/// Every object of a send, whether the destination has answered to it or not.
pub(crate) async fn object_list(db: &DatabaseConnection, send: &SendId) -> Result<Vec<SentObject>, Error> {
    let rows = sent_object::Entity::find()
        .filter(sent_object::Column::Send.eq(send.as_str()))
        .order_by_asc(sent_object::Column::SopInstanceUid)
        .all(db)
        .await?;
    rows.into_iter().map(object).collect()
}

/// Undelivered sends to destinations that are not in `known`.
pub(crate) async fn send_list_orphaned(
    db: &DatabaseConnection,
    known: &[String],
) -> Result<Vec<Send>, Error> {
    let rows = send::Entity::find()
        .filter(send::Column::DeliveredAt.is_null())
        .filter(send::Column::Destination.is_not_in(known.iter().map(String::as_str)))
        .all(db)
        .await?;
    rows.into_iter().map(value).collect()
}

/// Fixes the objects of a send at its first attempt. At a later one, whether they still are the same.
pub(crate) async fn object_fix(
    db: &DatabaseConnection,
    send: &Send,
    objects: &[SentObject],
) -> Result<bool, Error> {
    let (id, objects) = (send.id.to_string(), objects.to_vec());
    transaction(db, |txn| {
        Box::pin(async move {
            let rows =
                sent_object::Entity::find().filter(sent_object::Column::Send.eq(&*id)).all(txn).await?;
            if !rows.is_empty() {
                let known: BTreeSet<SentObject> = rows.into_iter().map(object).collect::<Result<_, _>>()?;
                return Ok(known == objects.into_iter().collect());
            }
            send::Entity::update_many()
                .col_expr(send::Column::Objects, Expr::value(objects.len() as i32))
                .filter(send::Column::Id.eq(&*id))
                .exec(txn)
                .await?;
            for object in objects {
                let row = object_row(&id, object).into_active_model();
                sent_object::Entity::insert(row).exec_without_returning(txn).await?;
            }
            Ok(true)
        })
    })
    .await
}

/// The UIDs of the objects of a send that its destination has confirmed.
pub(crate) async fn object_list_stored(
    db: &DatabaseConnection,
    send: &Send,
) -> Result<BTreeSet<String>, Error> {
    let rows = sent_object::Entity::find()
        .filter(sent_object::Column::Send.eq(send.id.as_str()))
        .filter(sent_object::Column::StoredAt.is_not_null())
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.sop_instance_uid).collect())
}

/// Objects of sends that were not stored without a remark, with what the destination said.
pub(crate) async fn object_list_remarks(
    db: &DatabaseConnection,
    sends: &[&Send],
) -> Result<Vec<(SendId, SentObject, Answer)>, Error> {
    let rows = sent_object::Entity::find()
        .filter(sent_object::Column::Send.is_in(sends.iter().map(|send| send.id.as_str())))
        .filter(sent_object::Column::Status.ne(0))
        .order_by_asc(sent_object::Column::SopInstanceUid)
        .all(db)
        .await?;
    let remark = |row: sent_object::Model| {
        let status = row.status.and_then(|status| u16::try_from(status).ok());
        let answer = Answer {
            status: status.expect("the query asks for answered objects, and answers are 16 bit"),
            comment: row.status_comment.clone().unwrap_or_default(),
            stored_at: row.stored_at,
        };
        Ok((read("send id", &row.send)?, object(row)?, answer))
    };
    rows.into_iter().map(remark).collect()
}

/// Records what a destination answered to an object, and counts it.
pub(crate) async fn object_record(
    db: &DatabaseConnection,
    send: &Send,
    sop_instance_uid: &str,
    answer: Answer,
) -> Result<(), Error> {
    let (id, uid) = (send.id.to_string(), sop_instance_uid.to_owned());
    transaction(db, |txn| {
        Box::pin(async move {
            sent_object::Entity::update_many()
                .col_expr(sent_object::Column::Status, Expr::value(i32::from(answer.status)))
                .col_expr(sent_object::Column::StatusComment, Expr::value(answer.comment))
                .col_expr(sent_object::Column::StoredAt, Expr::value(answer.stored_at))
                .filter(sent_object::Column::Send.eq(&*id))
                .filter(sent_object::Column::SopInstanceUid.eq(uid))
                .exec(txn)
                .await?;
            let stored = sent_object::Entity::find()
                .filter(sent_object::Column::Send.eq(&*id))
                .filter(sent_object::Column::StoredAt.is_not_null())
                .count(txn)
                .await?;
            send::Entity::update_many()
                .col_expr(send::Column::ObjectsStored, Expr::value(stored as i32))
                .filter(send::Column::Id.eq(&*id))
                .exec(txn)
                .await?;
            Ok(())
        })
    })
    .await
}

/// Loads a send.
pub(crate) async fn send_load(db: &DatabaseConnection, send: &SendId) -> Result<Option<Send>, Error> {
    send::Entity::find_by_id(send.as_str()).one(db).await?.map(value).transpose()
}

/// The trace of the work that a send came from.
pub(crate) async fn send_trace(db: &DatabaseConnection, send: &Send) -> Result<Option<String>, Error> {
    let row = send::Entity::find_by_id(send.id.as_str()).one(db).await?;
    Ok(row.and_then(|row| row.trace))
}

/// How many sends there are in each state.
pub(crate) async fn send_counts(db: &DatabaseConnection) -> Result<Vec<(String, i64)>, Error> {
    let counts = send::Entity::find()
        .select_only()
        .column(send::Column::State)
        .column_as(send::Column::Id.count(), "count")
        .group_by(send::Column::State)
        .into_tuple()
        .all(db)
        .await?;
    Ok(counts)
}

/// Since when the oldest send waits that is not delivered.
pub(crate) async fn send_waiting_since(db: &DatabaseConnection) -> Result<Option<Time>, Error> {
    let oldest = send::Entity::find()
        .filter(send::Column::DeliveredAt.is_null())
        .order_by_asc(send::Column::QueuedAt)
        .one(db)
        .await?;
    Ok(oldest.map(|row| row.queued_at))
}

fn text(state: SendState) -> &'static str {
    match state {
        SendState::Queued => "queued",
        SendState::Sending => "sending",
        SendState::Delivered => "delivered",
        SendState::Held => "held",
    }
}

fn row(send: &Send) -> send::Model {
    send::Model {
        id: send.id.to_string(),
        release: send.release.to_string(),
        case_id: send.case.to_string(),
        destination: send.destination.clone(),
        state: text(send.state).to_owned(),
        attempts: send.attempts.cast_signed(),
        objects: send.objects.cast_signed(),
        objects_stored: send.objects_stored.cast_signed(),
        next_attempt_at: send.next_attempt_at,
        reason_code: send.reason_code.clone(),
        last_error: send.last_error.clone(),
        content: send.content.map(|content| content.to_string()),
        queued_at: send.queued_at,
        delivered_at: send.delivered_at,
        claimed_by: None,
        claimed_until: None,
        version: send.version,
        trace: None,
    }
}

fn value(row: send::Model) -> Result<Send, Error> {
    let states = [SendState::Queued, SendState::Sending, SendState::Delivered, SendState::Held];
    let state = states.into_iter().find(|&state| text(state) == row.state);
    Ok(Send {
        id: read("send id", &row.id)?,
        release: read("release id", &row.release)?,
        case: read("case id", &row.case_id)?,
        destination: row.destination,
        state: state.ok_or_else(|| Error::Stored { what: "state of a send", text: row.state })?,
        attempts: row.attempts.cast_unsigned(),
        objects: row.objects.cast_unsigned(),
        objects_stored: row.objects_stored.cast_unsigned(),
        next_attempt_at: row.next_attempt_at,
        reason_code: row.reason_code,
        last_error: row.last_error,
        content: row.content.map(|content| read("digest", &content)).transpose()?,
        queued_at: row.queued_at,
        delivered_at: row.delivered_at,
        version: row.version,
    })
}

fn object_row(send: &str, object: SentObject) -> sent_object::Model {
    sent_object::Model {
        send: send.to_owned(),
        sop_instance_uid: object.sop_instance_uid,
        sop_class_uid: object.sop_class_uid,
        role: object.role,
        digest: object.digest.to_string(),
        status: None,
        status_comment: None,
        stored_at: None,
    }
}

fn object(row: sent_object::Model) -> Result<SentObject, Error> {
    Ok(SentObject {
        digest: read("digest", &row.digest)?,
        sop_instance_uid: row.sop_instance_uid,
        sop_class_uid: row.sop_class_uid,
        role: row.role,
    })
}

fn read<T: std::str::FromStr>(what: &'static str, text: &str) -> Result<T, Error> {
    text.parse().map_err(|_| Error::Stored { what, text: text.to_owned() })
}
