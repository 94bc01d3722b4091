//! Rejection notes. The table refuses one as closed that doesn't say why.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rejection_note")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) send: String,
    pub(crate) release: String,
    pub(crate) case_id: String,
    pub(crate) destination: String,
    pub(crate) state: String,
    pub(crate) title_code: String,
    pub(crate) objects: i32,
    pub(crate) objects_shown: Option<i32>,
    pub(crate) objects_shown_max: i32,
    pub(crate) attempts: i32,
    pub(crate) next_look_at: Option<DateTimeUtc>,
    pub(crate) last_error: Option<String>,
    pub(crate) opened_at: DateTimeUtc,
    pub(crate) sent_at: Option<DateTimeUtc>,
    pub(crate) looked_at: Option<DateTimeUtc>,
    pub(crate) closed_at: Option<DateTimeUtc>,
    pub(crate) closure: Option<String>,
    pub(crate) closed_by: Option<String>,
    pub(crate) closed_by_name: Option<String>,
    pub(crate) closing_words: Option<String>,
    pub(crate) version: i64,
    /// W3C `traceparent` of the recall.
    pub(crate) trace: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
