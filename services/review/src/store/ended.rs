//! Cases that ended in a period, for figures.

use super::join::assemble;
use crate::case::{Case, Ending};
use crate::entity::review_case;
use crate::error::Error;
use contract::Time;
use contract::review::EndedQuery;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};

/// Up to `limit` cases that ended in the period, oldest ending first.
pub(crate) async fn cases_ended(
    db: &impl ConnectionTrait,
    wanted: &EndedQuery,
    limit: u64,
) -> Result<Vec<Case>, Error> {
    let mut query = review_case::Entity::find()
        .filter(review_case::Column::EndedAt.gte(wanted.from))
        .filter(review_case::Column::EndedAt.lt(wanted.to))
        .order_by_asc(review_case::Column::EndedAt)
        .order_by_asc(review_case::Column::Id)
        .limit(limit);
    if let Some((ended_at, id)) = wanted.after.as_deref().and_then(read_cursor) {
        let later = review_case::Column::EndedAt.gt(ended_at);
        let same = review_case::Column::EndedAt.eq(ended_at).and(review_case::Column::Id.gt(id));
        query = query.filter(Condition::any().add(later).add(same));
    }
    assemble(db, query.all(db).await?).await
}

/// The cursor that continues after a case that ended.
pub(crate) fn ended_cursor(case: &Case) -> Option<String> {
    let at = case.ending.as_ref().map(Ending::at)?;
    Some(format!("{}.{}", at.timestamp_micros(), case.id))
}

fn read_cursor(cursor: &str) -> Option<(Time, String)> {
    let (micros, id) = cursor.split_once('.')?;
    Some((Time::from_timestamp_micros(micros.parse().ok()?)?, id.to_owned()))
}
