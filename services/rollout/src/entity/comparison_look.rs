//! What a declared look at a comparison said; a row never changes.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "comparison_look")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) comparison: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) number: i32,
    #[sea_orm(column_type = "JsonBinary")]
    pub(crate) content: Json,
    pub(crate) looked_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(
        belongs_to = "super::comparison::Entity",
        from = "Column::Comparison",
        to = "super::comparison::Column::Id"
    )]
    Comparison,
}

impl Related<super::comparison::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Comparison.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
