//! Who may read which modality for which use, and until when.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "credential")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) reader: String,
    pub(crate) modality: String,
    pub(crate) task: String,
    /// `clinical` or `evaluation`.
    pub(crate) purpose: String,
    pub(crate) valid_from: DateTimeUtc,
    pub(crate) valid_until: DateTimeUtc,
    pub(crate) granted_by: String,
    pub(crate) revoked_at: Option<DateTimeUtc>,
    pub(crate) revoked_by: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
