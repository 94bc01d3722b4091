//! Which stored instances were last found whole, and when.

use super::row;
use crate::entity::{instance, series, study};
use crate::error::Error;
use contract::{Digest, Time};
use sea_orm::sea_query::{Expr, NullOrdering};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, Order, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

/// An instance whose bytes are to be proven.
#[derive(Debug, Clone)]
pub(crate) struct Unproven {
    pub(crate) sop_instance_uid: String,
    /// Key of the file in the `dicom` store.
    pub(crate) object: Digest,
    pub(crate) bytes: u64,
    /// Whether it was missed the last time.
    pub(crate) lost: bool,
}

/// Instances whose bytes nobody has read since `before`, the longest unread first.
pub(crate) async fn instance_list_unproven(
    db: &impl ConnectionTrait,
    before: Time,
    limit: u64,
) -> Result<Vec<Unproven>, Error> {
    let due = Condition::any()
        .add(instance::Column::ProvenAt.is_null())
        .add(instance::Column::ProvenAt.lte(before));
    let rows = instance::Entity::find()
        .filter(due)
        .order_by_with_nulls(instance::Column::ProvenAt, Order::Asc, NullOrdering::First)
        .limit(limit)
        .all(db)
        .await?;
    let unproven = |row: instance::Model| {
        Ok(Unproven {
            object: row::parse("object", &row.object)?,
            sop_instance_uid: row.sop_instance_uid,
            bytes: row.bytes.cast_unsigned(),
            lost: row.lost,
        })
    };
    rows.into_iter().map(unproven).collect()
}

/// Notes that the bytes of an instance were read and found whole, or missed.
pub(crate) async fn instance_prove(
    db: &impl ConnectionTrait,
    sop_instance_uid: &str,
    lost: bool,
    now: Time,
) -> Result<(), Error> {
    instance::Entity::update_many()
        .col_expr(instance::Column::ProvenAt, Expr::value(now))
        .col_expr(instance::Column::Lost, Expr::value(lost))
        .filter(instance::Column::SopInstanceUid.eq(sop_instance_uid))
        .exec(db)
        .await?;
    Ok(())
}

/// (0020,000D) of the study of an instance; empty when it isn't stored.
pub(crate) async fn study_uid_of_instance(
    db: &impl ConnectionTrait,
    sop_instance_uid: &str,
) -> Result<String, Error> {
    let Some(stored) = instance::Entity::find_by_id(sop_instance_uid).one(db).await? else {
        return Ok(String::new());
    };
    let series = series::Entity::find_by_id(&stored.series).one(db).await?;
    let series = series.ok_or(Error::Stored { what: "series of an instance" })?;
    let study = study::Entity::find_by_id(&series.study).one(db).await?;
    Ok(study.ok_or(Error::Stored { what: "study of a series" })?.study_instance_uid)
}
