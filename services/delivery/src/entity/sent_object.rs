//! The objects of a send, fixed at its first attempt: what is sent again is the same.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sent_object")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) send: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) sop_instance_uid: String,
    pub(crate) sop_class_uid: String,
    pub(crate) role: String,
    pub(crate) digest: String,
    /// What the destination answered last; `None` until it did.
    pub(crate) status: Option<i32>,
    pub(crate) status_comment: Option<String>,
    pub(crate) stored_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
