//! The history of a deployment's stage; a row never changes.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "stage_change")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) deployment: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) number: i32,
    pub(crate) from_stage: Option<String>,
    pub(crate) to_stage: String,
    pub(crate) changed_at: DateTimeUtc,
    #[sea_orm(column_type = "JsonBinary")]
    pub(crate) actor: Json,
    pub(crate) reason: String,
    pub(crate) proposal: Option<String>,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub(crate) gate: Option<Json>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
