//! Signed reads. What was signed is never changed; `content` is the canonical text that was signed.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "signed_read")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) case_id: String,
    pub(crate) slot: i16,
    pub(crate) reader: String,
    pub(crate) verdict: String,
    pub(crate) verdict_class: String,
    pub(crate) content: String,
    pub(crate) signature_id: String,
    pub(crate) printed_name: String,
    pub(crate) signed_at: DateTimeUtc,
    pub(crate) final_at: DateTimeUtc,
    pub(crate) meaning: String,
    pub(crate) case_digest: String,
    pub(crate) content_digest: String,
    pub(crate) authentication: Json,
    pub(crate) calibrated_display: bool,
    /// What the signer's own key says, `contract::review::PersonalKey`.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub(crate) personal_key: Option<Json>,
    /// Who asked for the run, from the case; empty when no person did. Never the reader.
    pub(crate) requester: String,
    /// The read's own id once it is withdrawn, else empty.
    pub(crate) withdrawal: String,
    pub(crate) withdrawn_at: Option<DateTimeUtc>,
    pub(crate) withdrawal_reason: Option<String>,
    /// When it was found not to count. Its class is then that of a read on which nothing rests.
    pub(crate) invalidated_at: Option<DateTimeUtc>,
    pub(crate) invalidated_by: Option<String>,
    pub(crate) invalidation_reason: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
