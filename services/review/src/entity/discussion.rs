//! Discussions of cases that are over; of each case one is open at most.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "discussion")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) case_id: String,
    /// The source series of the case: who took part reads no other case of it.
    pub(crate) series: String,
    pub(crate) kind: String,
    pub(crate) question: String,
    pub(crate) opened_by: String,
    pub(crate) opened_as: String,
    pub(crate) opened_at: DateTimeUtc,
    pub(crate) learning_point: Option<String>,
    pub(crate) closed_by: Option<String>,
    pub(crate) closed_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
