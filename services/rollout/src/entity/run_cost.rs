//! What a run took that is over; a row never changes.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "run_cost")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) run: String,
    pub(crate) deployment: String,
    pub(crate) ended_at: DateTimeUtc,
    pub(crate) generated: bool,
    pub(crate) device: Option<String>,
    pub(crate) seconds: f64,
    pub(crate) stored_bytes: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
