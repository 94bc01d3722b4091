//! Copies of discussed cases for teaching: what they are made of, and who answers for them.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "teaching_set")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) discussion_id: String,
    pub(crate) case_id: String,
    pub(crate) state: String,
    pub(crate) code: String,
    /// Leads from a UID of the copies back to the original's: it never leaves.
    pub(crate) salt: String,
    pub(crate) content: Option<String>,
    pub(crate) slices: i32,
    pub(crate) images_done: i32,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub(crate) refusal: Option<Json>,
    pub(crate) prepared_by: String,
    pub(crate) prepared_at: DateTimeUtc,
    pub(crate) released_by: Option<String>,
    pub(crate) released_at: Option<DateTimeUtc>,
    pub(crate) withdrawn_by: Option<String>,
    pub(crate) withdrawn_at: Option<DateTimeUtc>,
    pub(crate) withdrawal_reason: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
