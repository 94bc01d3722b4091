//! The accepted result of a run; a row never changes.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "result")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) run: String,
    pub(crate) case_digest: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub(crate) scores: Json,
    #[sea_orm(column_type = "JsonBinary")]
    pub(crate) cost: Json,
    #[sea_orm(column_type = "JsonBinary")]
    pub(crate) regions: Json,
    pub(crate) accepted_at: DateTimeUtc,
    /// Bytes of the derived objects; not known of results from before they were counted.
    pub(crate) stored_bytes: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
