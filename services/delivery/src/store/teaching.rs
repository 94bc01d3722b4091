//! Teaching sets, and who was shown them.

use super::{Origin, read, tell};
use crate::entity::{teaching_set, teaching_view};
use crate::error::Error;
use contract::delivery::{TeachingSet, TeachingSetAct, TeachingSetState};
use contract::event::{TeachingSetPrepared, TeachingSetTold, TeachingSetWithdrawn};
use contract::{Digest, DiscussionId, Event, LoginSessionId, TeachingSetId, Time};
use database::DatabaseTransaction;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _,
};

/// A set with what leads from its UIDs back to the original's.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    /// The set.
    pub(crate) set: TeachingSet,
    /// What its UIDs derive from.
    pub(crate) salt: String,
}

/// Stores a set that was made and tells of it. Whether there was none of its discussion.
pub(crate) async fn insert(
    txn: &DatabaseTransaction,
    kept: &Kept,
    origin: &Origin<'_>,
) -> Result<bool, Error> {
    if current(txn, &kept.set.discussion).await?.is_some() {
        return Ok(false);
    }
    let set = &kept.set;
    let row = teaching_set::Entity::insert(row(kept).into_active_model());
    row.exec_without_returning(txn).await?;
    let event = Event::TeachingSetPrepared(TeachingSetPrepared {
        set: set.id.clone(),
        discussion: set.discussion.clone(),
        case: set.case.clone(),
        content: set.content,
        images: set.images(),
    });
    tell(txn, &set.id, event, origin).await?;
    Ok(true)
}

/// Stores the next state of a set and tells of it. Whether it was in `before`.
pub(crate) async fn save(
    txn: &DatabaseTransaction,
    next: &TeachingSet,
    before: TeachingSetState,
    origin: &Origin<'_>,
) -> Result<bool, Error> {
    let TeachingSet { released, withdrawn, .. } = next;
    let by = |act: &Option<TeachingSetAct>| act.as_ref().map(|act| act.by.to_string());
    let at = |act: &Option<TeachingSetAct>| act.as_ref().map(|act| act.at);
    let saved = teaching_set::Entity::update_many()
        .col_expr(teaching_set::Column::State, Expr::value(text(next.state)))
        .col_expr(teaching_set::Column::ReleasedBy, Expr::value(by(released)))
        .col_expr(teaching_set::Column::ReleasedAt, Expr::value(at(released)))
        .col_expr(teaching_set::Column::WithdrawnBy, Expr::value(by(withdrawn)))
        .col_expr(teaching_set::Column::WithdrawnAt, Expr::value(at(withdrawn)))
        .col_expr(teaching_set::Column::WithdrawalReason, Expr::value(next.withdrawal_reason.clone()))
        .filter(teaching_set::Column::Id.eq(next.id.as_str()))
        .filter(teaching_set::Column::State.eq(text(before)))
        .exec(txn)
        .await?;
    if saved.rows_affected == 0 {
        return Ok(false);
    }
    let event = match &next.withdrawal_reason {
        Some(reason) => Event::TeachingSetWithdrawn(TeachingSetWithdrawn {
            set: next.id.clone(),
            case: next.case.clone(),
            reason: Digest::of(reason.as_bytes()),
        }),
        None => Event::TeachingSetReleased(told(next)),
    };
    tell(txn, &next.id, event, origin).await?;
    Ok(true)
}

/// Notes that a login session is shown the images of a set, and tells of it the first time.
pub(crate) async fn shown(
    txn: &DatabaseTransaction,
    set: &TeachingSet,
    login: &LoginSessionId,
    origin: &Origin<'_>,
) -> Result<(), Error> {
    let view = teaching_view::ActiveModel {
        set_id: Set(set.id.to_string()),
        login: Set(login.to_string()),
        shown_at: Set(origin.now),
    };
    let seen = [teaching_view::Column::SetId, teaching_view::Column::Login];
    let there = OnConflict::columns(seen).do_nothing().to_owned();
    let added = teaching_view::Entity::insert(view).on_conflict(there).exec_without_returning(txn).await?;
    if added == 0 {
        return Ok(());
    }
    tell(txn, &set.id, Event::TeachingSetShown(told(set)), origin).await
}

/// Tells that a set leaves as a file.
pub(crate) async fn exported(
    txn: &DatabaseTransaction,
    set: &TeachingSet,
    origin: &Origin<'_>,
) -> Result<(), Error> {
    tell(txn, &set.id, Event::TeachingSetExported(told(set)), origin).await
}

fn told(set: &TeachingSet) -> TeachingSetTold {
    TeachingSetTold { set: set.id.clone(), case: set.case.clone(), content: set.content }
}

/// A set.
pub(crate) async fn load(db: &impl ConnectionTrait, id: &TeachingSetId) -> Result<Option<Kept>, Error> {
    let row = teaching_set::Entity::find_by_id(id.as_str()).one(db).await?;
    row.map(value).transpose()
}

/// The set of a discussion that was not withdrawn.
async fn current(db: &impl ConnectionTrait, discussion: &DiscussionId) -> Result<Option<Kept>, Error> {
    let row = teaching_set::Entity::find()
        .filter(teaching_set::Column::DiscussionId.eq(discussion.as_str()))
        .filter(teaching_set::Column::WithdrawnAt.is_null())
        .one(db)
        .await?;
    row.map(value).transpose()
}

/// The sets of a discussion, newest first.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    discussion: &DiscussionId,
) -> Result<Vec<TeachingSet>, Error> {
    let rows = teaching_set::Entity::find()
        .filter(teaching_set::Column::DiscussionId.eq(discussion.as_str()))
        .order_by_desc(teaching_set::Column::PreparedAt)
        .order_by_asc(teaching_set::Column::Id)
        .all(db)
        .await?;
    rows.into_iter().map(|row| Ok(value(row)?.set)).collect()
}

const STATES: [(TeachingSetState, &str); 3] = [
    (TeachingSetState::Prepared, "prepared"),
    (TeachingSetState::Released, "released"),
    (TeachingSetState::Withdrawn, "withdrawn"),
];

fn text(state: TeachingSetState) -> &'static str {
    let named = STATES.iter().find(|(value, _)| *value == state);
    named.expect("each state has a name").1
}

fn row(Kept { set, salt }: &Kept) -> teaching_set::Model {
    teaching_set::Model {
        id: set.id.to_string(),
        discussion_id: set.discussion.to_string(),
        case_id: set.case.to_string(),
        state: text(set.state).to_owned(),
        code: set.code.clone(),
        salt: salt.clone(),
        content: set.content.to_string(),
        slices: set.slices.cast_signed(),
        prepared_by: set.prepared_by.to_string(),
        prepared_at: set.prepared_at,
        released_by: None,
        released_at: None,
        withdrawn_by: None,
        withdrawn_at: None,
        withdrawal_reason: None,
    }
}

fn value(row: teaching_set::Model) -> Result<Kept, Error> {
    let state = STATES.iter().find(|(_, name)| *name == row.state).map(|(value, _)| *value);
    let act = |by: Option<String>, at: Option<Time>| {
        by.zip(at).map(|(by, at)| Ok(TeachingSetAct { by: read("user id", &by)?, at })).transpose()
    };
    let released: Result<_, Error> = act(row.released_by, row.released_at);
    let withdrawn: Result<_, Error> = act(row.withdrawn_by, row.withdrawn_at);
    let set = TeachingSet {
        id: read("teaching set id", &row.id)?,
        discussion: read("discussion id", &row.discussion_id)?,
        case: read("case id", &row.case_id)?,
        state: state.ok_or_else(|| Error::Stored { what: "state of a teaching set", text: row.state })?,
        code: row.code,
        content: read("digest", &row.content)?,
        slices: row.slices.cast_unsigned(),
        prepared_by: read("user id", &row.prepared_by)?,
        prepared_at: row.prepared_at,
        released: released?,
        withdrawn: withdrawn?,
        withdrawal_reason: row.withdrawal_reason,
    };
    Ok(Kept { set, salt: row.salt })
}
