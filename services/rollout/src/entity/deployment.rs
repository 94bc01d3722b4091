//! A deployment at its present stage.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "deployment")]
#[expect(clippy::struct_field_names, reason = "sea-orm wants every row to be called Model")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) model_version: String,
    pub(crate) site: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub(crate) rule: Json,
    pub(crate) pool: String,
    pub(crate) texture_percent: i16,
    pub(crate) stage: String,
    pub(crate) banner: Option<String>,
    pub(crate) stage_since: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
