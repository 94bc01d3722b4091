//! How far receivers of the ledger have it.

use crate::Error;
use crate::entity::ledger_forward::{ActiveModel, Column, Entity};
use database::DatabaseConnection;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, EntityTrait as _};

/// The entry that the receiver at `address` wants next.
pub(crate) async fn forward_next(db: &DatabaseConnection, address: &str) -> Result<u64, Error> {
    let row = Entity::find_by_id(address.to_owned()).one(db).await?;
    Ok(row.map_or(0, |row| row.next as u64))
}

/// Remembers that the receiver at `address` has every entry before `next`.
pub(crate) async fn forward_save(db: &DatabaseConnection, address: &str, next: u64) -> Result<(), Error> {
    let row = ActiveModel { address: Set(address.to_owned()), next: Set(next as i64) };
    let replace = OnConflict::column(Column::Address).update_column(Column::Next).to_owned();
    Entity::insert(row).on_conflict(replace).exec_without_returning(db).await?;
    Ok(())
}
