//! Versions of sites; a row never changes.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "site_version")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) site: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) version: i32,
    pub(crate) is_registered: bool,
    #[sea_orm(column_type = "JsonBinary")]
    pub(crate) scanners: Json,
    #[sea_orm(column_type = "JsonBinary")]
    pub(crate) difference: Json,
    pub(crate) changed_by: String,
    pub(crate) changed_by_name: String,
    pub(crate) changed_at: DateTimeUtc,
    pub(crate) reason: String,
    pub(crate) differing: Option<i32>,
    pub(crate) looked_at: Option<i32>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
