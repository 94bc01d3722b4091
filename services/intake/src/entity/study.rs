//! Studies.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "study")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) study_instance_uid: String,
    pub(crate) patient_name: String,
    pub(crate) patient_id: String,
    pub(crate) patient_issuer: String,
    pub(crate) patient_birth_date: String,
    pub(crate) patient_sex: String,
    pub(crate) study_date: String,
    pub(crate) study_time: String,
    pub(crate) accession_number: String,
    pub(crate) study_description: String,
    pub(crate) received_at: DateTimeUtc,
    /// Set when objects of another patient came under the same Study Instance UID.
    pub(crate) identity_disputed: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
