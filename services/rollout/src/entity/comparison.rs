//! A comparison with the plan that was declared for it; the plan never changes.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "comparison")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) champion: String,
    pub(crate) challenger: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub(crate) plan: Json,
    pub(crate) reason: String,
    pub(crate) started_by: String,
    pub(crate) started_by_name: String,
    pub(crate) started_at: DateTimeUtc,
    /// open, decided or `given_up`.
    pub(crate) state: String,
    /// Pairs that all their readers answered.
    pub(crate) pairs: i32,
    pub(crate) ended_at: Option<DateTimeUtc>,
    pub(crate) ended_by_name: Option<String>,
    pub(crate) ended_reason: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(has_many = "super::comparison_look::Entity")]
    Look,
}

impl Related<super::comparison_look::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Look.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
