//! Rules that one person proposed, and what a second one decided.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "rules_proposal")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    /// `gates`, or the deployment whose stop rules these are.
    pub(crate) subject: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub(crate) content: Json,
    pub(crate) follows: i32,
    pub(crate) reason: String,
    pub(crate) proposed_by: String,
    pub(crate) proposed_by_name: String,
    pub(crate) proposed_at: DateTimeUtc,
    pub(crate) state: String,
    pub(crate) decided_by: Option<String>,
    pub(crate) decided_by_name: Option<String>,
    pub(crate) decided_at: Option<DateTimeUtc>,
    pub(crate) signing_nonce: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
