//! What people decided about the identity of studies, and why.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_decision")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) study: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) decided_at: DateTimeUtc,
    pub(crate) decided_by: String,
    /// `kept` or `taken`.
    pub(crate) decision: String,
    pub(crate) reason: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
