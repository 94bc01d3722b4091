//! How a case of a deployment ended, copied from review's figures; a row never changes.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "case_outcome")]
#[expect(clippy::struct_field_names, reason = "sea-orm wants every row to be called Model")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) case_id: String,
    pub(crate) deployment: String,
    pub(crate) model_version: String,
    pub(crate) stage: String,
    pub(crate) ended_at: DateTimeUtc,
    /// Whether it was released or, at shadow, would have been.
    #[sea_orm(column_name = "released")]
    pub(crate) accepted: bool,
    pub(crate) discordant: bool,
    pub(crate) critical: bool,
    /// Summed over the reads whose start is known.
    pub(crate) reader_seconds: f64,
    pub(crate) reads: i32,
    /// The run that was read; not known of outcomes from before it was kept.
    pub(crate) run: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
