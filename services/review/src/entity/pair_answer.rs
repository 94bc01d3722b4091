//! What a reader signed of a pair; a row never changes.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "pair_answer")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) pair_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) reader: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub(crate) content: Json,
    #[sea_orm(column_type = "JsonBinary")]
    pub(crate) signature: Json,
    pub(crate) signed_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
