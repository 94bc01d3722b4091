//! Objects that came under another identity than the stored one, and objects that such ones took the place of.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_claim")]
pub(crate) struct Model {
    /// Key of the file in the `dicom` store.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) object: String,
    /// The stored study that it would change.
    pub(crate) study: String,
    pub(crate) sop_instance_uid: String,
    /// Of the bytes after group 0002, as received.
    pub(crate) digest: String,
    pub(crate) received_at: DateTimeUtc,
    /// What a person decided: `kept` what stood, or `taken`; null while nobody has.
    pub(crate) decided: Option<String>,
    pub(crate) decided_at: Option<DateTimeUtc>,
    pub(crate) decided_by: Option<String>,
    /// When another one took its place among the stored instances.
    pub(crate) retired_at: Option<DateTimeUtc>,
    /// What it says it is, as JSON; null for what was retired, and for claims of earlier versions.
    pub(crate) identity: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
