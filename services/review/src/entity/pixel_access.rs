//! Who was shown the derived pixels of which run, or of which pair, in which login session.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pixel_access")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) reader: String,
    #[sea_orm(primary_key, auto_increment = false)]
    /// A run, or a pair: a reader of a pair is not told which runs it is of.
    pub(crate) run: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) login: String,
    pub(crate) recorded_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
