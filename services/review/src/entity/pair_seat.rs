//! Who was shown a pair, and which model stood on which side. Nothing that a reader is told is made of that column.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pair_seat")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) pair_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) reader: String,
    /// a or b.
    pub(crate) challenger_side: String,
    pub(crate) salt: String,
    pub(crate) slices: i32,
    pub(crate) shown_digest: String,
    pub(crate) taken_at: DateTimeUtc,
    pub(crate) expires_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
