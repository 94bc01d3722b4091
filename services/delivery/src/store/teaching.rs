//! Teaching sets, and who was shown them.

use super::{Origin, read, tell};
use crate::entity::{teaching_set, teaching_view};
use crate::error::Error;
use contract::delivery::{TeachingSet, TeachingSetAct, TeachingSetState};
use contract::event::{
    TeachingSetPrepared, TeachingSetRefused, TeachingSetRequested, TeachingSetTold, TeachingSetWithdrawn,
};
use contract::{Digest, DiscussionId, Event, LoginSessionId, Refusal, TeachingSetId, Time};
use database::DatabaseTransaction;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _,
};

/// A set with what leads from its UIDs back to the original's.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    /// The set.
    pub(crate) set: TeachingSet,
    /// What its UIDs derive from.
    pub(crate) salt: String,
}

/// Stores a set that is to be made and tells of it. Whether there was none of its discussion.
pub(crate) async fn insert(
    txn: &DatabaseTransaction,
    kept: &Kept,
    origin: &Origin<'_>,
) -> Result<bool, Error> {
    let Kept { set, .. } = kept;
    let current = teaching_set::Entity::find()
        .filter(teaching_set::Column::DiscussionId.eq(set.discussion.as_str()))
        .filter(teaching_set::Column::State.is_in(CURRENT.map(text)))
        .count(txn)
        .await?;
    if current > 0 {
        return Ok(false);
    }
    teaching_set::Entity::insert(row(kept).into_active_model()).exec_without_returning(txn).await?;
    let event = Event::TeachingSetRequested(TeachingSetRequested {
        set: set.id.clone(),
        discussion: set.discussion.clone(),
        case: set.case.clone(),
    });
    tell(txn, &set.id, event, origin).await?;
    Ok(true)
}

/// The sets that are to be made, oldest first.
pub(crate) async fn preparing(db: &impl ConnectionTrait) -> Result<Vec<Kept>, Error> {
    let rows = teaching_set::Entity::find()
        .filter(teaching_set::Column::State.eq(text(TeachingSetState::Preparing)))
        .order_by_asc(teaching_set::Column::PreparedAt)
        .all(db)
        .await?;
    rows.into_iter().map(value).collect()
}

/// Notes how many images of a set are done.
pub(crate) async fn progress(
    db: &impl ConnectionTrait,
    id: &TeachingSetId,
    images: u32,
) -> Result<(), Error> {
    teaching_set::Entity::update_many()
        .col_expr(teaching_set::Column::ImagesDone, Expr::value(images.cast_signed()))
        .filter(teaching_set::Column::Id.eq(id.as_str()))
        .filter(teaching_set::Column::State.eq(text(TeachingSetState::Preparing)))
        .exec(db)
        .await?;
    Ok(())
}

/// Stores what making a set came to and tells of it. Nothing when another process was there before.
pub(crate) async fn made(
    txn: &DatabaseTransaction,
    set: &TeachingSet,
    made: Result<Digest, Refusal>,
    origin: &Origin<'_>,
) -> Result<(), Error> {
    let update = teaching_set::Entity::update_many()
        .filter(teaching_set::Column::Id.eq(set.id.as_str()))
        .filter(teaching_set::Column::State.eq(text(TeachingSetState::Preparing)));
    let (id, case) = (set.id.clone(), set.case.clone());
    let (update, event) = match made {
        Ok(content) => {
            let event = TeachingSetPrepared { set: id, case, content, images: set.images() };
            let update = update
                .col_expr(teaching_set::Column::State, Expr::value(text(TeachingSetState::Prepared)))
                .col_expr(teaching_set::Column::ImagesDone, Expr::value(set.images().cast_signed()))
                .col_expr(teaching_set::Column::Content, Expr::value(content.to_string()));
            (update, Event::TeachingSetPrepared(event))
        }
        Err(refusal) => {
            let event = TeachingSetRefused { set: id, case, reason_code: refusal.code.clone() };
            let update = update
                .col_expr(teaching_set::Column::State, Expr::value(text(TeachingSetState::Refused)))
                .col_expr(teaching_set::Column::Refusal, Expr::value(to_json(&refusal)));
            (update, Event::TeachingSetRefused(event))
        }
    };
    if update.exec(txn).await?.rows_affected > 0 {
        tell(txn, &set.id, event, origin).await?;
    }
    Ok(())
}

fn to_json(refusal: &Refusal) -> serde_json::Value {
    serde_json::to_value(refusal).expect("a refusal can be written as JSON")
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

/// # Panics
/// For a set that isn't made: nobody is shown one, and none leaves.
fn told(set: &TeachingSet) -> TeachingSetTold {
    let content = set.content.expect("a set that is looked at is made");
    TeachingSetTold { set: set.id.clone(), case: set.case.clone(), content }
}

/// A set.
pub(crate) async fn load(db: &impl ConnectionTrait, id: &TeachingSetId) -> Result<Option<Kept>, Error> {
    let row = teaching_set::Entity::find_by_id(id.as_str()).one(db).await?;
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

/// Of these a discussion has one.
const CURRENT: [TeachingSetState; 3] =
    [TeachingSetState::Preparing, TeachingSetState::Prepared, TeachingSetState::Released];

const STATES: [(TeachingSetState, &str); 5] = [
    (TeachingSetState::Preparing, "preparing"),
    (TeachingSetState::Refused, "refused"),
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
        content: set.content.map(|content| content.to_string()),
        slices: set.slices.cast_signed(),
        images_done: set.images_done.cast_signed(),
        refusal: set.refusal.as_ref().map(to_json),
        prepared_by: set.prepared_by.to_string(),
        prepared_at: set.prepared_at,
        released_by: None,
        released_at: None,
        withdrawn_by: None,
        withdrawn_at: None,
        withdrawal_reason: None,
    }
}

fn refusal(stored: serde_json::Value) -> Result<Refusal, Error> {
    let text = stored.to_string();
    serde_json::from_value(stored).map_err(|_| Error::Stored { what: "refusal of a teaching set", text })
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
        content: row.content.map(|content| read("digest", &content)).transpose()?,
        slices: row.slices.cast_unsigned(),
        images_done: row.images_done.cast_unsigned(),
        refusal: row.refusal.map(refusal).transpose()?,
        prepared_by: read("user id", &row.prepared_by)?,
        prepared_at: row.prepared_at,
        released: released?,
        withdrawn: withdrawn?,
        withdrawal_reason: row.withdrawal_reason,
    };
    Ok(Kept { set, salt: row.salt })
}
