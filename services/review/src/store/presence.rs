//! When the service was last there, and holds that are made up for it.

use crate::entity::{lease, presence};
use crate::error::Error;
use chrono::TimeDelta;
use contract::Time;
use database::DatabaseTransaction;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QuerySelect as _};

/// The one row.
const ROW: i16 = 1;

/// When the service was last there; `None` when it never was. Of two that start at once, the second waits for the first.
pub(crate) async fn presence_load(db: &impl ConnectionTrait) -> Result<Option<Time>, Error> {
    let row = presence::Entity::find_by_id(ROW).lock_exclusive().one(db).await?;
    Ok(row.map(|row| row.noted_at))
}

/// Notes that the service is there.
pub(crate) async fn presence_note(db: &impl ConnectionTrait, now: Time) -> Result<(), Error> {
    let replace =
        OnConflict::column(presence::Column::Id).update_column(presence::Column::NotedAt).to_owned();
    let row = presence::ActiveModel { id: Set(ROW), noted_at: Set(now) };
    presence::Entity::insert(row).on_conflict(replace).exec_without_returning(db).await?;
    Ok(())
}

/// Extends the holds that were live at `noted`; says how many.
pub(crate) async fn leases_extend(
    txn: &DatabaseTransaction,
    noted: Time,
    away: TimeDelta,
) -> Result<usize, Error> {
    let live = lease::Entity::find()
        .filter(lease::Column::EndedAt.is_null())
        .filter(lease::Column::ExpiresAt.gt(noted))
        .all(txn)
        .await?;
    for row in &live {
        lease::Entity::update_many()
            .col_expr(lease::Column::ExpiresAt, Expr::value(row.expires_at + away))
            .filter(lease::Column::Id.eq(&*row.id))
            .exec(txn)
            .await?;
    }
    Ok(live.len())
}
