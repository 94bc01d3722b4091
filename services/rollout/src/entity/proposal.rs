//! A proposed promotion.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "proposal")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) deployment: String,
    pub(crate) stage: String,
    pub(crate) reason: String,
    pub(crate) proposed_by: String,
    pub(crate) proposed_by_name: String,
    pub(crate) proposed_at: DateTimeUtc,
    pub(crate) state: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub(crate) gate: Json,
    /// The last of those who approved; all of them stand in a table of their own.
    pub(crate) approved_by: Option<String>,
    pub(crate) approved_by_name: Option<String>,
    pub(crate) approved_at: Option<DateTimeUtc>,
    pub(crate) signing_nonce: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
