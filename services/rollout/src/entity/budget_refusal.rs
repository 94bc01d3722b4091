//! A series for which no run was asked because of a budget; a row never changes.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "budget_refusal")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) deployment: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) series: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) source_set: String,
    pub(crate) refused_at: DateTimeUtc,
    pub(crate) standing: String,
    pub(crate) reason: String,
    pub(crate) estimate: f64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
