//! A run that was asked for: once for a deployment, model version and set of instances.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "run_request")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) run: String,
    pub(crate) deployment: String,
    pub(crate) series: String,
    pub(crate) source_set: String,
    pub(crate) stage: String,
    pub(crate) requested_at: DateTimeUtc,
    /// What it was taken to cost, where the deployment has a budget.
    pub(crate) estimate: Option<f64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
