//! Recalls of released cases, proposed or confirmed.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recall")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) case_id: String,
    pub(crate) reason: String,
    pub(crate) proposed_by: String,
    pub(crate) proposed_at: DateTimeUtc,
    pub(crate) confirmed_by: Option<String>,
    pub(crate) confirmed_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
