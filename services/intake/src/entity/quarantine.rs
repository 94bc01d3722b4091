//! Bytes that could not be used.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "quarantine")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    /// Key of the bytes in the `dicom` store.
    pub(crate) object: String,
    pub(crate) reason_code: String,
    pub(crate) reason: String,
    pub(crate) remedy: String,
    pub(crate) sender: String,
    pub(crate) bytes: i64,
    pub(crate) received_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
