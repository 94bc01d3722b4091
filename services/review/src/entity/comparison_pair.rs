//! Two cases of one source set whose images are compared.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "comparison_pair")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) comparison: String,
    pub(crate) series: String,
    pub(crate) study: String,
    pub(crate) champion_case: String,
    pub(crate) challenger_case: String,
    pub(crate) modality: String,
    pub(crate) task: String,
    pub(crate) readers: i32,
    pub(crate) opened_at: DateTimeUtc,
    pub(crate) expires_at: DateTimeUtc,
    pub(crate) completed_at: Option<DateTimeUtc>,
    pub(crate) withdrawn_at: Option<DateTimeUtc>,
    pub(crate) withdrawn_for: Option<String>,
    pub(crate) version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
