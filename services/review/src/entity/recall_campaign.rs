//! Recalls of whole selections. The table refuses one that is confirmed by who proposed it.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recall_campaign")]
#[expect(clippy::struct_field_names, reason = "the column names the model version; sea-orm names the struct")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) model: Option<String>,
    pub(crate) deployment: Option<String>,
    pub(crate) from_at: Option<DateTimeUtc>,
    pub(crate) until_at: Option<DateTimeUtc>,
    pub(crate) reason: String,
    pub(crate) proposed_by: String,
    pub(crate) proposed_at: DateTimeUtc,
    pub(crate) named_cases: i32,
    pub(crate) named_digest: String,
    pub(crate) confirmed_by: Option<String>,
    pub(crate) confirmed_at: Option<DateTimeUtc>,
    /// As whom the second person acted.
    pub(crate) confirmed_as: Option<Json>,
    /// The request that the confirmation came with.
    pub(crate) confirmed_through: Option<String>,
    pub(crate) confirmed_cases: Option<i32>,
    pub(crate) confirmed_digest: Option<String>,
    pub(crate) withdrawn_by: Option<String>,
    pub(crate) withdrawn_at: Option<DateTimeUtc>,
    pub(crate) withdrawal_reason: Option<String>,
    pub(crate) completed_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
