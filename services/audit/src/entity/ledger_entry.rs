//! An entry; the columns beside its text repeat what the text says, for searching.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_entry")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) position: i64,
    pub(crate) event: String,
    pub(crate) service: String,
    pub(crate) seq: i64,
    pub(crate) kind: String,
    pub(crate) entry: String,
    pub(crate) leaf: String,
    /// What is personal in it, with salts: the only column that is ever changed, and then only to erase.
    pub(crate) personal: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
