//! Whether what was released before a stop must be taken back.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "recall_evaluation")]
#[expect(clippy::struct_field_names, reason = "sea-orm wants every row to be called Model")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) deployment: String,
    pub(crate) model_version: String,
    pub(crate) from_at: DateTimeUtc,
    pub(crate) to_at: DateTimeUtc,
    pub(crate) opened_at: DateTimeUtc,
    pub(crate) alarm: String,
    pub(crate) closed_by_name: Option<String>,
    pub(crate) closed_at: Option<DateTimeUtc>,
    pub(crate) conclusion: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
