//! What a stop rule told, and what somebody found who looked into it.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "alarm")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) deployment: String,
    pub(crate) rule: String,
    pub(crate) rules_version: i32,
    pub(crate) action: String,
    pub(crate) value: f64,
    pub(crate) bound: f64,
    pub(crate) raised_at: DateTimeUtc,
    pub(crate) case_id: Option<String>,
    pub(crate) from_stage: String,
    pub(crate) to_stage: String,
    pub(crate) note: String,
    pub(crate) acknowledged_by_name: Option<String>,
    pub(crate) acknowledged_at: Option<DateTimeUtc>,
    pub(crate) acknowledgement: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
