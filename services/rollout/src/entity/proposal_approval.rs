//! An approval of a promotion; a row never changes.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "proposal_approval")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) proposal: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) capacity: String,
    pub(crate) approved_by: String,
    pub(crate) approved_by_name: String,
    pub(crate) approved_at: DateTimeUtc,
    pub(crate) signing_nonce: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
