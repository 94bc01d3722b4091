//! Deferrals by readers, past and present.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deferral")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) case_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) reader: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) placed_at: DateTimeUtc,
    pub(crate) reason: String,
    pub(crate) returned_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
