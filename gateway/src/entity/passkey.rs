//! Keys with which people sign. What a key is never changes but for its counter.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "passkey")]
pub(crate) struct Model {
    /// SHA-256 of the credential's id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) account_id: String,
    /// What its owner calls it.
    pub(crate) name: String,
    /// The credential, `webauthn_rs::prelude::Passkey`.
    #[sea_orm(column_type = "JsonBinary")]
    pub(crate) credential: Json,
    pub(crate) registered_at: DateTimeUtc,
    pub(crate) last_used_at: Option<DateTimeUtc>,
    /// Since when nobody signs with it.
    pub(crate) revoked_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
