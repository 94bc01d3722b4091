//! Cases. `state` is a projection of the other facts, for lists.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review_case")]
#[expect(clippy::struct_field_names, reason = "the column names the model version; sea-orm names the struct")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) run: String,
    pub(crate) series: String,
    pub(crate) study: String,
    pub(crate) model: String,
    pub(crate) deployment: String,
    pub(crate) stage: String,
    pub(crate) case_digest: String,
    pub(crate) source_set: String,
    pub(crate) region_count: i32,
    pub(crate) policy: Json,
    pub(crate) queued_at: DateTimeUtc,
    pub(crate) state: String,
    pub(crate) discordant_at: Option<DateTimeUtc>,
    pub(crate) superseded_at: Option<DateTimeUtc>,
    pub(crate) ended_at: Option<DateTimeUtc>,
    pub(crate) version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
