//! What is kept for a person: how it comes, waits and ends.

use super::{Origin, after, cursor_text, row, tell};
use crate::entity::{instance, quarantine, study};
use crate::error::Error;
use crate::remedy::Waiting;
use contract::intake::{Attribute, QuarantineState, QuarantineSummary, Quarantined};
use contract::{Actor, Digest, Event, Page, PageRequest, QuarantineId, Refusal, StudyId, Time};
use database::DatabaseTransaction;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};
use std::collections::HashMap;

/// Bytes to be kept for a person.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    /// Key in the `dicom` store.
    pub(crate) object: Digest,
    /// How many bytes.
    pub(crate) bytes: u64,
    /// Calling AE title, or `STOW`, `IMPORT`.
    pub(crate) sender: String,
    /// Why, and what to do.
    pub(crate) refusal: Refusal,
    /// The attribute that the reason is about, as text.
    pub(crate) attribute: Option<String>,
    /// UID by which it is put together with others; empty when none can be read.
    pub(crate) belongs_to: String,
}

/// Keeps an entry and tells about it; says whether it is a new one. A repetition of the same bytes for the same reason
/// changes nothing, unless they had been taken as they are in the meantime.
pub(crate) async fn quarantine_insert(
    txn: &DatabaseTransaction,
    origin: &Origin,
    kept: &Kept,
) -> Result<bool, Error> {
    let id = origin.random.with(QuarantineId::random);
    let new = quarantine::ActiveModel {
        id: Set(id.to_string()),
        object: Set(kept.object.to_string()),
        reason_code: Set(kept.refusal.code.clone()),
        reason: Set(kept.refusal.message.clone()),
        remedy: Set(kept.refusal.remedy.clone()),
        sender: Set(kept.sender.clone()),
        bytes: Set(kept.bytes.cast_signed()),
        received_at: Set(origin.now),
        state: Set(QuarantineState::Waiting.as_str().to_owned()),
        belongs_to: Set(kept.belongs_to.clone()),
        attribute: Set(kept.attribute.clone()),
        ended_at: Set(None),
        ended_by: Set(None),
        ended_reason: Set(None),
        corrected_object: Set(None),
        alarmed_at: Set(None),
    };
    let inserted = quarantine::Entity::insert(new)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(txn)
        .await?;
    let id = if inserted == 1 { Some(id) } else { reopen(txn, origin.now, kept).await? };
    let Some(id) = id else { return Ok(false) };
    let event = Event::InstanceQuarantined { quarantine: id.clone(), reason_code: kept.refusal.code.clone() };
    tell(txn, origin, id.as_str(), event).await?;
    Ok(true)
}

/// Lets an entry wait again whose bytes were taken as they are, and are refused once more. One that a person discarded, or
/// corrected, isn't asked about again.
async fn reopen(txn: &DatabaseTransaction, now: Time, kept: &Kept) -> Result<Option<QuarantineId>, Error> {
    let ended = quarantine::Entity::find()
        .filter(quarantine::Column::Object.eq(kept.object.to_string()))
        .filter(quarantine::Column::ReasonCode.eq(&kept.refusal.code))
        .filter(quarantine::Column::State.eq(QuarantineState::Readmitted.as_str()))
        .filter(quarantine::Column::CorrectedObject.is_null())
        .one(txn)
        .await?;
    let Some(ended) = ended else { return Ok(None) };
    let waiting = quarantine::ActiveModel {
        state: Set(QuarantineState::Waiting.as_str().to_owned()),
        received_at: Set(now),
        ended_at: Set(None),
        ended_by: Set(None),
        ended_reason: Set(None),
        alarmed_at: Set(None),
        ..<quarantine::ActiveModel as sea_orm::ActiveModelTrait>::default()
    };
    let of = quarantine::Column::Id.eq(&ended.id);
    quarantine::Entity::update_many().set(waiting).filter(of).exec(txn).await?;
    row::parse("quarantine id", &ended.id).map(Some)
}

/// How and why an entry ends.
#[derive(Debug, Clone)]
pub(crate) enum Ending {
    /// Its bytes, or a corrected copy of them, are taken.
    Readmitted {
        /// The copy, and what was corrected in it.
        corrected: Option<(Digest, Vec<Attribute>)>,
    },
    /// They are not.
    Discarded,
}

/// Ends an entry that waits and tells about it; `false` when it has ended already.
pub(crate) async fn quarantine_end(
    txn: &DatabaseTransaction,
    origin: &Origin,
    id: &QuarantineId,
    (ending, words): (&Ending, &str),
) -> Result<bool, Error> {
    let reason = Digest::of(words.as_bytes());
    let (state, object, event) = match ending {
        Ending::Readmitted { corrected } => {
            let keywords = corrected.iter().flat_map(|(_, attributes)| attributes);
            let corrected_words = keywords.map(|attribute| attribute.keyword().to_owned()).collect();
            let event =
                Event::QuarantineReadmitted { quarantine: id.clone(), corrected: corrected_words, reason };
            (QuarantineState::Readmitted, corrected.as_ref().map(|(object, _)| object.to_string()), event)
        }
        Ending::Discarded => {
            (QuarantineState::Discarded, None, Event::QuarantineDiscarded { quarantine: id.clone(), reason })
        }
    };
    let by = match &origin.actor {
        Actor::Person { printed_name, .. } => printed_name.clone(),
        Actor::Service { name } => name.clone(),
        _ => String::new(),
    };
    let ended = quarantine::ActiveModel {
        state: Set(state.as_str().to_owned()),
        ended_at: Set(Some(origin.now)),
        ended_by: Set(Some(by)),
        ended_reason: Set(Some(words.to_owned())),
        corrected_object: Set(object),
        ..<quarantine::ActiveModel as sea_orm::ActiveModelTrait>::default()
    };
    let ended = quarantine::Entity::update_many()
        .set(ended)
        .filter(quarantine::Column::Id.eq(id.as_str()))
        .filter(quarantine::Column::State.eq(QuarantineState::Waiting.as_str()))
        .exec(txn)
        .await?;
    if ended.rows_affected == 1 {
        tell(txn, origin, id.as_str(), event).await?;
    }
    Ok(ended.rows_affected == 1)
}

/// Ends the entries of an object that wait for one of these reasons.
pub(crate) async fn quarantine_end_of_object(
    txn: &DatabaseTransaction,
    origin: &Origin,
    (object, reason_codes): (Digest, &[&str]),
    (ending, words): (&Ending, &str),
) -> Result<(), Error> {
    let rows = quarantine::Entity::find()
        .filter(quarantine::Column::Object.eq(object.to_string()))
        .filter(quarantine::Column::ReasonCode.is_in(reason_codes.iter().copied()))
        .filter(quarantine::Column::State.eq(QuarantineState::Waiting.as_str()))
        .all(txn)
        .await?;
    for row in rows {
        let id = row::parse("quarantine id", &row.id)?;
        quarantine_end(txn, origin, &id, (ending, words)).await?;
    }
    Ok(())
}

/// Notes that the bytes of an instance are whole: if they were missed, what waited for them ends.
pub(crate) async fn instance_found(
    txn: &DatabaseTransaction,
    origin: &Origin,
    sop_instance_uid: &str,
) -> Result<(), Error> {
    const MISSED: [&str; 2] = ["object_lost", "object_damaged"];
    let stored = instance::Entity::find_by_id(sop_instance_uid).one(txn).await?;
    if let Some(stored) = stored.filter(|stored| stored.lost) {
        let object = row::parse("object", &stored.object)?;
        let ending = Ending::Readmitted { corrected: None };
        quarantine_end_of_object(txn, origin, (object, &MISSED), (&ending, "its bytes are back")).await?;
    }
    super::instance_prove(txn, sop_instance_uid, false, origin.now).await
}

/// An entry with all that an act on it needs.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// What stands with it, and why.
    pub(crate) waiting: Waiting,
    /// How far it is.
    pub(crate) state: QuarantineState,
    /// Key in the `dicom` store.
    pub(crate) object: Digest,
}

/// An entry by id.
pub(crate) async fn quarantine_entry(
    db: &impl ConnectionTrait,
    id: &QuarantineId,
) -> Result<Option<Entry>, Error> {
    quarantine::Entity::find_by_id(id.as_str()).one(db).await?.map(row::to_entry).transpose()
}

/// The entries that stand with one and wait, up to those that came at `until`, the oldest first.
pub(crate) async fn quarantine_beside(
    db: &impl ConnectionTrait,
    of: &Waiting,
    until: Time,
) -> Result<Vec<Entry>, Error> {
    let attribute = match &of.attribute {
        Some(attribute) => quarantine::Column::Attribute.eq(attribute),
        None => quarantine::Column::Attribute.is_null(),
    };
    let rows = quarantine::Entity::find()
        .filter(quarantine::Column::State.eq(QuarantineState::Waiting.as_str()))
        .filter(quarantine::Column::ReceivedAt.lte(until))
        .filter(quarantine::Column::BelongsTo.eq(&of.belongs_to))
        .filter(quarantine::Column::Sender.eq(&of.sender))
        .filter(quarantine::Column::ReasonCode.eq(&of.reason_code))
        .filter(attribute)
        .order_by_asc(quarantine::Column::ReceivedAt)
        .order_by_asc(quarantine::Column::Id)
        .all(db)
        .await?;
    rows.into_iter().map(row::to_entry).collect()
}

/// Entries that wait, the oldest first, and how many more wait than `limit`.
pub(crate) async fn quarantine_waiting(
    db: &impl ConnectionTrait,
    limit: u64,
) -> Result<(Vec<Waiting>, u64), Error> {
    let rows = quarantine::Entity::find()
        .filter(quarantine::Column::State.eq(QuarantineState::Waiting.as_str()))
        .order_by_asc(quarantine::Column::ReceivedAt)
        .order_by_asc(quarantine::Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    let total = count_waiting(db, None).await?;
    let waiting = rows.into_iter().map(|row| row::to_entry(row).map(|entry| entry.waiting));
    let waiting = waiting.collect::<Result<Vec<_>, _>>()?;
    let left_out = total.saturating_sub(waiting.len() as u64);
    Ok((waiting, left_out))
}

async fn count_waiting(db: &impl ConnectionTrait, up_to: Option<Time>) -> Result<u64, Error> {
    let mut waiting =
        quarantine::Entity::find().filter(quarantine::Column::State.eq(QuarantineState::Waiting.as_str()));
    if let Some(up_to) = up_to {
        waiting = waiting.filter(quarantine::Column::ReceivedAt.lte(up_to));
    }
    Ok(waiting.count(db).await?)
}

/// How many entries wait, since when, and how many since `overdue_before` or longer.
pub(crate) async fn quarantine_summary(
    db: &impl ConnectionTrait,
    overdue_before: Time,
    alarm_hours: u32,
) -> Result<QuarantineSummary, Error> {
    let oldest = quarantine::Entity::find()
        .filter(quarantine::Column::State.eq(QuarantineState::Waiting.as_str()))
        .order_by_asc(quarantine::Column::ReceivedAt)
        .one(db)
        .await?;
    Ok(QuarantineSummary {
        waiting: count_waiting(db, None).await?,
        oldest_received_at: oldest.map(|oldest| oldest.received_at),
        overdue: count_waiting(db, Some(overdue_before)).await?,
        alarm_hours,
    })
}

/// Our ids of the studies that are stored under these UIDs.
pub(crate) async fn study_ids_by_uid(
    db: &impl ConnectionTrait,
    uids: impl IntoIterator<Item = &str>,
) -> Result<HashMap<String, StudyId>, Error> {
    let uids: std::collections::BTreeSet<&str> = uids.into_iter().collect();
    let rows: Vec<(String, String)> = study::Entity::find()
        .filter(study::Column::StudyInstanceUid.is_in(uids))
        .select_only()
        .column(study::Column::StudyInstanceUid)
        .column(study::Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    rows.into_iter().map(|(uid, id)| Ok((uid, row::parse("study id", &id)?))).collect()
}

/// Notes that entries are overdue, and gives those of which nobody was told before.
pub(crate) async fn quarantine_alarm(
    txn: &DatabaseTransaction,
    ids: &[QuarantineId],
    now: Time,
) -> Result<u64, Error> {
    let noted = quarantine::Entity::update_many()
        .col_expr(quarantine::Column::AlarmedAt, Expr::value(now))
        .filter(quarantine::Column::Id.is_in(ids.iter().map(QuarantineId::as_str)))
        .filter(quarantine::Column::AlarmedAt.is_null())
        .filter(quarantine::Column::State.eq(QuarantineState::Waiting.as_str()))
        .exec(txn)
        .await?;
    Ok(noted.rows_affected)
}

/// Entries that have waited since `before` or longer, the oldest first, and whether somebody was told of each.
pub(crate) async fn quarantine_overdue(
    db: &impl ConnectionTrait,
    before: Time,
    limit: u64,
) -> Result<Vec<(Waiting, bool)>, Error> {
    let rows = quarantine::Entity::find()
        .filter(quarantine::Column::State.eq(QuarantineState::Waiting.as_str()))
        .filter(quarantine::Column::ReceivedAt.lte(before))
        .order_by_asc(quarantine::Column::ReceivedAt)
        .order_by_asc(quarantine::Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    let overdue = rows.into_iter().map(|row| {
        let is_told = row.alarmed_at.is_some();
        Ok((row::to_entry(row)?.waiting, is_told))
    });
    overdue.collect()
}

/// Quarantine entries, newest first; `None` when the cursor is none of ours.
pub(crate) async fn quarantine_page(
    db: &impl ConnectionTrait,
    page: &PageRequest,
) -> Result<Option<Page<Quarantined>>, Error> {
    let Some(after) = after(page, quarantine::Column::ReceivedAt, quarantine::Column::Id) else {
        return Ok(None);
    };
    let rows = quarantine::Entity::find()
        .filter(after)
        .order_by_desc(quarantine::Column::ReceivedAt)
        .order_by_desc(quarantine::Column::Id)
        .limit(page.limit() + 1)
        .all(db)
        .await?;
    let entries = rows.into_iter().map(row::to_quarantined).collect::<Result<Vec<_>, _>>()?;
    let cursor = |entry: &Quarantined| cursor_text(entry.received_at, entry.id.as_str());
    Ok(Some(Page::from_rows(entries, page.limit(), cursor)))
}
