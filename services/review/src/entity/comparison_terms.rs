//! What rollout told of comparisons.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "comparison_terms")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) champion: String,
    pub(crate) challenger: String,
    /// How many people read each pair.
    pub(crate) readers: i32,
    pub(crate) draw_per_mille: i32,
    pub(crate) pairs_wanted: i32,
    pub(crate) started_at: DateTimeUtc,
    pub(crate) ended_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
