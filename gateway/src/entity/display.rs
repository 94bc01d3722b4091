//! What each login session was shown.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "display")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) login: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) display: String,
    /// Id of a study or case; empty for the list itself.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) shown: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
