//! A run.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "run")]
#[expect(clippy::struct_field_names, reason = "sea-orm wants every row to be called Model")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) job: String,
    pub(crate) deployment: String,
    pub(crate) model: String,
    pub(crate) stage: String,
    pub(crate) series: String,
    pub(crate) study: String,
    pub(crate) source_set: String,
    pub(crate) volume: String,
    pub(crate) phase: String,
    pub(crate) attempt: i32,
    pub(crate) fence: i64,
    pub(crate) due_at: DateTimeUtc,
    pub(crate) deadline: DateTimeUtc,
    pub(crate) fraction: f64,
    pub(crate) failure_code: Option<String>,
    pub(crate) failure: Option<String>,
    /// What the worker reported, `store::Reported`.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub(crate) report: Option<Json>,
    pub(crate) trace: Option<String>,
    pub(crate) requested_at: DateTimeUtc,
    pub(crate) priority: String,
    /// The run with the earliest turn is published first.
    pub(crate) turn_at: DateTimeUtc,
    pub(crate) reported_at: Option<DateTimeUtc>,
    pub(crate) ended_at: Option<DateTimeUtc>,
    pub(crate) version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
