//! Sends. The table refuses a send as delivered while an object is missing.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "send")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) release: String,
    pub(crate) case_id: String,
    pub(crate) destination: String,
    pub(crate) state: String,
    pub(crate) attempts: i32,
    pub(crate) objects: i32,
    pub(crate) objects_stored: i32,
    pub(crate) next_attempt_at: Option<DateTimeUtc>,
    pub(crate) reason_code: Option<String>,
    pub(crate) last_error: Option<String>,
    pub(crate) content: Option<String>,
    pub(crate) queued_at: DateTimeUtc,
    pub(crate) delivered_at: Option<DateTimeUtc>,
    /// The process that works on it, for a short time; not part of the send's version.
    pub(crate) claimed_by: Option<String>,
    pub(crate) claimed_until: Option<DateTimeUtc>,
    pub(crate) version: i64,
    /// W3C `traceparent` of the work that the send came from.
    pub(crate) trace: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
