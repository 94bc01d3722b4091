//! Releases. The keys of the table demand two accepting reads of two people over the released digest.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "release")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) case_id: String,
    pub(crate) case_digest: String,
    pub(crate) first_signer: String,
    pub(crate) second_signer: String,
    pub(crate) verdict_class: String,
    pub(crate) released_at: DateTimeUtc,
    /// Always empty: a withdrawn read carries no release.
    pub(crate) withdrawal: String,
    /// Always `clinical`: nothing else is ever released.
    pub(crate) kind: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
