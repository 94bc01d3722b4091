//! Bytes that could not be used.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "quarantine")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    /// Key of the bytes in the `dicom` store.
    pub(crate) object: String,
    pub(crate) reason_code: String,
    pub(crate) reason: String,
    pub(crate) remedy: String,
    pub(crate) sender: String,
    pub(crate) bytes: i64,
    pub(crate) received_at: DateTimeUtc,
    pub(crate) state: String,
    /// UID of the study, or of what else it can be put together by; empty when none can be read.
    pub(crate) belongs_to: String,
    /// The attribute that the reason is about.
    pub(crate) attribute: Option<String>,
    pub(crate) ended_at: Option<DateTimeUtc>,
    /// The printed name of the person, or the name of the service.
    pub(crate) ended_by: Option<String>,
    pub(crate) ended_reason: Option<String>,
    /// Key of the corrected copy that was taken in its stead.
    pub(crate) corrected_object: Option<String>,
    /// When it was told that it waits too long.
    pub(crate) alarmed_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
