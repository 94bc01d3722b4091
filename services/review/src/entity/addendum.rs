//! What readers wrote to their final reads. A row never changes.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "addendum")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) read_id: String,
    /// From 0: the key keeps two that are written at once apart.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) place: i16,
    pub(crate) case_id: String,
    pub(crate) stance: String,
    pub(crate) words: String,
    pub(crate) written_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
