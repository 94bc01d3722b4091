//! What witnesses have cosigned.

use crate::Error;
use crate::cosignature::Cosignature;
use crate::entity::ledger_cosignature::{ActiveModel, Column, Entity};
use contract::Time;
use database::DatabaseConnection;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};

/// How far a witness has cosigned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Witnessed {
    pub(crate) size: u64,
    pub(crate) at: Time,
}

/// The newest checkpoint that a witness has cosigned.
pub(crate) async fn cosignature_latest(
    db: &DatabaseConnection,
    witness: &str,
) -> Result<Option<Witnessed>, Error> {
    let row = Entity::find().filter(Column::Witness.eq(witness)).order_by_desc(Column::Size).one(db).await?;
    Ok(row.map(|row| Witnessed { size: row.size as u64, at: row.cosigned_at }))
}

/// Keeps a cosignature; one that is kept already stays.
pub(crate) async fn cosignature_save(
    db: &DatabaseConnection,
    witness: &str,
    size: u64,
    cosignature: &Cosignature,
) -> Result<(), Error> {
    let row = ActiveModel {
        witness: Set(witness.to_owned()),
        size: Set(size as i64),
        line: Set(cosignature.line.clone()),
        cosigned_at: Set(cosignature.at),
    };
    let keep = OnConflict::columns([Column::Witness, Column::Size]).do_nothing().to_owned();
    Entity::insert(row).on_conflict(keep).exec_without_returning(db).await?;
    Ok(())
}
