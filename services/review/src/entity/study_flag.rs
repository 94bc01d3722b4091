//! Studies under investigation, past and present.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "study_flag")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) study: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) placed_at: DateTimeUtc,
    pub(crate) placed_by: String,
    pub(crate) reason: String,
    pub(crate) lifted_at: Option<DateTimeUtc>,
    pub(crate) lifted_by: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
