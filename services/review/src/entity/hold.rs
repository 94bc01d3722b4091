//! What holds cases back, past and present.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "hold")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) case_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) reason_code: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) placed_at: DateTimeUtc,
    pub(crate) placed_by: Option<String>,
    pub(crate) reason: String,
    pub(crate) ended_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
