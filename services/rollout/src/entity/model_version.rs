//! A registered model version; a row never changes.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "model_version")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) task: String,
    pub(crate) weights: String,
    pub(crate) modality: String,
    pub(crate) slices_min: i32,
    pub(crate) sampler_steps: i32,
    pub(crate) samples: i32,
    pub(crate) intended_use: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub(crate) limits: Json,
    pub(crate) content_qualification: String,
    pub(crate) regulatory_reference: Option<String>,
    #[sea_orm(column_type = "JsonBinary")]
    pub(crate) training_subjects: Json,
    pub(crate) licence: Option<String>,
    pub(crate) publisher: Option<String>,
    pub(crate) manifest: Option<String>,
    pub(crate) card: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub(crate) metrics: Json,
    pub(crate) calibration_subjects: i32,
    pub(crate) uncertainty_range: f64,
    pub(crate) unit: String,
    pub(crate) registered_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
