//! What was in force of each destination, and since when. Rows are never changed.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "destination_version")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) name: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) version: i32,
    pub(crate) destination: String,
    pub(crate) ae_title: String,
    pub(crate) host: String,
    pub(crate) port: i32,
    pub(crate) kind: String,
    pub(crate) state: String,
    pub(crate) changed_at: DateTimeUtc,
    /// The person; null for the configuration.
    pub(crate) changed_by: Option<String>,
    pub(crate) changed_by_name: Option<String>,
    pub(crate) reason: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
