//! Signed checkpoints and whether they have reached their second place.

use crate::Error;
use crate::entity::ledger_checkpoint;
use contract::Time;
use database::DatabaseConnection;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};

/// A signed checkpoint.
#[derive(Debug, Clone)]
pub(crate) struct SignedCheckpoint {
    pub(crate) size: u64,
    pub(crate) note: String,
    pub(crate) signed_at: Time,
}

/// The newest checkpoint.
pub(crate) async fn checkpoint_latest(db: &DatabaseConnection) -> Result<Option<SignedCheckpoint>, Error> {
    let row =
        ledger_checkpoint::Entity::find().order_by_desc(ledger_checkpoint::Column::Size).one(db).await?;
    Ok(row.map(signed))
}

/// The oldest checkpoint over at least `size` entries.
pub(crate) async fn checkpoint_covering(
    db: &DatabaseConnection,
    size: u64,
) -> Result<Option<SignedCheckpoint>, Error> {
    let row = ledger_checkpoint::Entity::find()
        .filter(ledger_checkpoint::Column::Size.gte(size as i64))
        .order_by_asc(ledger_checkpoint::Column::Size)
        .one(db)
        .await?;
    Ok(row.map(signed))
}

/// The size of the newest checkpoint that has reached its second place.
pub(crate) async fn checkpoint_exported_size(db: &DatabaseConnection) -> Result<u64, Error> {
    let row = ledger_checkpoint::Entity::find()
        .filter(ledger_checkpoint::Column::Exported.eq(true))
        .order_by_desc(ledger_checkpoint::Column::Size)
        .one(db)
        .await?;
    Ok(row.map_or(0, |row| row.size as u64))
}

/// Keeps a checkpoint; one of the same size stays as it is.
pub(crate) async fn checkpoint_save(
    db: &DatabaseConnection,
    checkpoint: SignedCheckpoint,
) -> Result<(), Error> {
    let row = ledger_checkpoint::ActiveModel {
        size: Set(checkpoint.size as i64),
        note: Set(checkpoint.note),
        signed_at: Set(checkpoint.signed_at),
        exported: Set(false),
    };
    let keep = OnConflict::column(ledger_checkpoint::Column::Size).do_nothing().to_owned();
    ledger_checkpoint::Entity::insert(row).on_conflict(keep).exec_without_returning(db).await?;
    Ok(())
}

/// Checkpoints that have not reached their second place, oldest first.
pub(crate) async fn checkpoint_unexported(db: &DatabaseConnection) -> Result<Vec<SignedCheckpoint>, Error> {
    let rows = ledger_checkpoint::Entity::find()
        .filter(ledger_checkpoint::Column::Exported.eq(false))
        .order_by_asc(ledger_checkpoint::Column::Size)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(signed).collect())
}

/// Marks a checkpoint as kept in its second place.
pub(crate) async fn checkpoint_exported(db: &DatabaseConnection, size: u64) -> Result<(), Error> {
    ledger_checkpoint::Entity::update_many()
        .col_expr(ledger_checkpoint::Column::Exported, Expr::value(true))
        .filter(ledger_checkpoint::Column::Size.eq(size as i64))
        .exec(db)
        .await?;
    Ok(())
}

fn signed(row: ledger_checkpoint::Model) -> SignedCheckpoint {
    SignedCheckpoint { size: row.size as u64, note: row.note, signed_at: row.signed_at }
}
