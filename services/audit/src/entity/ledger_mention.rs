//! By which ids an entry is found. Keys are spread over all numbers; within a block of neighbours they lie close
//! together, so that appending touches few pages of the index however large the ledger is.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_mention")]
pub(crate) struct Model {
    /// The entry's position over 8,192.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) block: i64,
    /// `entry::mention_key` of the id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) key: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) position: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
