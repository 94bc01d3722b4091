//! The cases of recalls of whole selections: what was named, and the list of what is still to be done.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recall_campaign_case")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) campaign: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) case_id: String,
    /// named, waiting, recalled or left.
    pub(crate) state: String,
    /// Why it is left.
    pub(crate) reason_code: Option<String>,
    pub(crate) ended_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
