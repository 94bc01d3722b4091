//! A series that a deployment wants, while its pool has no room for the run.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "capacity_wait")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) deployment: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) series: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) source_set: String,
    /// The `series.ready` that is answered later.
    #[sea_orm(column_type = "JsonBinary")]
    pub(crate) cause: Json,
    pub(crate) since: DateTimeUtc,
    /// What it would have waited at the pool then.
    pub(crate) expected_seconds: f64,
    pub(crate) priority: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
