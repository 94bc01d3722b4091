//! Priorities that people gave to cases.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "priority_change")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) case_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) changed_at: DateTimeUtc,
    pub(crate) priority_before: String,
    pub(crate) priority_after: String,
    pub(crate) changed_by: String,
    pub(crate) reason: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
