//! Sentinels and repeats: from what they are made, and what came of them.

use super::join::assemble;
use super::{active, row};
use crate::case::Case;
use crate::entity::{review_case, sentinel_source};
use crate::error::Error;
use contract::{CaseId, Time, UserId};
use database::DatabaseTransaction;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

/// How many cases are looked at together when repeats are drawn.
const REPEATS_AT_ONCE: u64 = 50;

/// Marks the run of a case as known to be bad. `false` when it was marked before.
pub(crate) async fn sentinel_source_insert(
    txn: &DatabaseTransaction,
    case: &Case,
    words: &str,
    by: &UserId,
    now: Time,
) -> Result<bool, Error> {
    let row = sentinel_source::ActiveModel {
        run: Set(case.run.to_string()),
        case_id: Set(case.id.to_string()),
        reason: Set(words.to_owned()),
        marked_by: Set(by.to_string()),
        marked_at: Set(now),
    };
    let inserted = sentinel_source::Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(txn)
        .await?;
    Ok(inserted == 1)
}

/// Cases from which sentinels can be made: those marked whose sources still are what was read and of which no
/// sentinel waits.
pub(crate) async fn sentinel_sources(db: &impl ConnectionTrait) -> Result<Vec<CaseId>, Error> {
    let marked = sentinel_source::Entity::find().order_by_asc(sentinel_source::Column::Run).all(db).await?;
    let runs = || marked.iter().map(|row| row.run.as_str());
    let used: Vec<String> = review_case::Entity::find()
        .filter(review_case::Column::Run.is_in(runs()))
        .filter(
            review_case::Column::SupersededAt.is_not_null().or(review_case::Column::Kind
                .eq("sentinel")
                .and(review_case::Column::State.is_in(row::open_states()))),
        )
        .select_only()
        .column(review_case::Column::Run)
        .into_tuple()
        .all(db)
        .await?;
    let free = marked.iter().filter(|row| !used.contains(&row.run));
    free.map(|row| row::parse("case id", &row.case_id)).collect()
}

/// Patients' cases that their reads ended before `ended_before` and of which nobody decided yet whether they are
/// read once more. What was discussed is not: its readers know what others saw there.
pub(crate) async fn repeat_candidates(
    db: &impl ConnectionTrait,
    ended_before: Time,
) -> Result<Vec<Case>, Error> {
    let rows = review_case::Entity::find()
        .filter(review_case::Column::Kind.eq(row::CLINICAL))
        .filter(review_case::Column::RepeatDrawnAt.is_null())
        .filter(review_case::Column::EndedAt.lte(ended_before))
        .filter(review_case::Column::Series.not_in_subquery(super::discussion::discussed_series()))
        .order_by_asc(review_case::Column::EndedAt)
        .limit(REPEATS_AT_ONCE)
        .all(db)
        .await?;
    assemble(db, rows).await
}

/// Remembers that it was decided whether a case is read once more. `false` when it was decided before.
pub(crate) async fn repeat_drawn(txn: &DatabaseTransaction, id: &CaseId, now: Time) -> Result<bool, Error> {
    let drawn = review_case::ActiveModel { repeat_drawn_at: Set(Some(now)), ..active() };
    let updated = review_case::Entity::update_many()
        .set(drawn)
        .filter(review_case::Column::Id.eq(id.as_str()))
        .filter(review_case::Column::RepeatDrawnAt.is_null())
        .exec(txn)
        .await?;
    Ok(updated.rows_affected == 1)
}

/// Sentinels and repeats with what was signed on them, newest first.
pub(crate) async fn sample_cases(db: &impl ConnectionTrait) -> Result<Vec<Case>, Error> {
    let rows = review_case::Entity::find()
        .filter(review_case::Column::Kind.ne(row::CLINICAL))
        .order_by_desc(review_case::Column::QueuedAt)
        .limit(500)
        .all(db)
        .await?;
    assemble(db, rows).await
}

/// Cases by id.
pub(crate) async fn cases_load(db: &impl ConnectionTrait, ids: &[CaseId]) -> Result<Vec<Case>, Error> {
    let wanted = ids.iter().map(CaseId::as_str);
    let rows = review_case::Entity::find().filter(review_case::Column::Id.is_in(wanted)).all(db).await?;
    assemble(db, rows).await
}
