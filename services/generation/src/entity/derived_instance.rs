//! A derived instance; a row never changes.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "derived_instance")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) sop_instance_uid: String,
    pub(crate) run: String,
    pub(crate) role: String,
    pub(crate) series_instance_uid: String,
    pub(crate) sop_class_uid: String,
    pub(crate) digest: String,
    pub(crate) object: String,
    pub(crate) slice: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
