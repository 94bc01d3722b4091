//! Cases. `state` is a projection of the other facts, for lists.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review_case")]
#[expect(clippy::struct_field_names, reason = "the column names the model version; sea-orm names the struct")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) run: String,
    pub(crate) series: String,
    pub(crate) study: String,
    pub(crate) model: String,
    pub(crate) deployment: String,
    pub(crate) stage: String,
    pub(crate) case_digest: String,
    pub(crate) source_set: String,
    /// Digest over the volumes of source and result.
    pub(crate) volumes: Option<String>,
    pub(crate) region_count: i32,
    pub(crate) policy: Json,
    pub(crate) queued_at: DateTimeUtc,
    pub(crate) state: String,
    pub(crate) discordant_at: Option<DateTimeUtc>,
    pub(crate) superseded_at: Option<DateTimeUtc>,
    pub(crate) ended_at: Option<DateTimeUtc>,
    pub(crate) version: i64,
    pub(crate) kind: String,
    /// The case that a sentinel or a repeat was made from.
    pub(crate) repeat_of: Option<String>,
    /// The one reader of a repeat.
    pub(crate) only_reader: Option<String>,
    /// At shadow: whether it was drawn to be read.
    pub(crate) is_drawn: bool,
    /// Empty when no person asked for the run.
    pub(crate) requester: String,
    pub(crate) modality: String,
    pub(crate) task: String,
    pub(crate) priority: String,
    pub(crate) due_at: DateTimeUtc,
    /// When it was told that the case is overdue.
    pub(crate) overdue_at: Option<DateTimeUtc>,
    pub(crate) expires_at: DateTimeUtc,
    pub(crate) ended_as: Option<String>,
    pub(crate) panel_at: Option<DateTimeUtc>,
    pub(crate) sampled_at: Option<DateTimeUtc>,
    /// Whether the quality sample still wants a third read: a projection, for worklists.
    pub(crate) sample_open: bool,
    /// When it was decided whether one of its readers reads it once more.
    pub(crate) repeat_drawn_at: Option<DateTimeUtc>,
    /// W3C `traceparent` of the work that the case came from.
    pub(crate) trace: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
