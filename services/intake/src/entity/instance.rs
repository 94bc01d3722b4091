//! Stored instances.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "instance")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) sop_instance_uid: String,
    pub(crate) series: String,
    pub(crate) sop_class_uid: String,
    /// Of the bytes after group 0002, as received.
    pub(crate) digest: String,
    /// Key of the file in the `dicom` store.
    pub(crate) object: String,
    pub(crate) transfer_syntax_uid: String,
    pub(crate) instance_number: Option<i32>,
    #[sea_orm(column_type = "JsonBinary")]
    pub(crate) image_type: Json,
    /// `dicom_io::scan::Image`; null where there are no pixels.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub(crate) image: Option<Json>,
    /// Place along the normal, once the series is ready.
    pub(crate) slice: Option<i32>,
    pub(crate) bytes: i64,
    pub(crate) received_at: DateTimeUtc,
    /// When the stored bytes were last read and found whole, or missed.
    pub(crate) proven_at: Option<DateTimeUtc>,
    /// Whether they were missed then.
    pub(crate) lost: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
