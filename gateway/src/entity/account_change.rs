//! What became of an account; a row never changes.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account_change")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) account_id: String,
    /// From 1, without a gap.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) number: i32,
    /// A `contract::event::AccountChange`.
    #[sea_orm(column_type = "JsonBinary")]
    pub(crate) change: Json,
    pub(crate) changed_at: DateTimeUtc,
    /// Null when an operator did it at the machine.
    pub(crate) changed_by: Option<String>,
    /// As printed.
    pub(crate) changed_by_name: String,
    pub(crate) reason: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
