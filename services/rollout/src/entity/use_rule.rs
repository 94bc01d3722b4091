//! Rules that deployments had; a row never changes.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "use_rule")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) deployment: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) version: i32,
    #[sea_orm(column_type = "JsonBinary")]
    pub(crate) rule: Json,
    #[sea_orm(column_type = "JsonBinary")]
    pub(crate) difference: Json,
    pub(crate) changed_by_name: String,
    pub(crate) changed_at: DateTimeUtc,
    pub(crate) reason: String,
    pub(crate) dry_run_matched: Option<i32>,
    pub(crate) dry_run_looked_at: Option<i32>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
