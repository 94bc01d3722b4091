//! Series, and how far they are.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "series")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) study: String,
    pub(crate) series_instance_uid: String,
    pub(crate) modality: String,
    pub(crate) body_part_examined: String,
    pub(crate) protocol_name: String,
    pub(crate) series_description: String,
    pub(crate) series_number: Option<i32>,
    #[sea_orm(column_type = "JsonBinary")]
    pub(crate) image_type: Json,
    pub(crate) manufacturer: String,
    pub(crate) manufacturer_model_name: String,
    pub(crate) convolution_kernel: String,
    pub(crate) slice_thickness_mm: Option<f64>,
    pub(crate) software_versions: String,
    pub(crate) pixel_spacing_mm: Option<f64>,
    pub(crate) magnetic_field_strength: String,
    pub(crate) requested_procedure_priority: String,
    pub(crate) rows: i32,
    pub(crate) columns: i32,
    pub(crate) sender: String,
    /// Made by one of our programs: kept, and never an input.
    pub(crate) ours: bool,
    pub(crate) instance_count: i32,
    pub(crate) state: String,
    pub(crate) parked_code: Option<String>,
    pub(crate) parked_reason: Option<String>,
    pub(crate) source_set: Option<String>,
    pub(crate) volume: Option<String>,
    /// Pixel padding in the modality's unit.
    pub(crate) padding: Option<f64>,
    pub(crate) received_at: DateTimeUtc,
    /// When the newest instance came.
    pub(crate) changed_at: DateTimeUtc,
    /// Whether the association that brought the newest instance has ended.
    pub(crate) association_closed: bool,
    /// W3C `traceparent` of what brought the newest instance.
    pub(crate) trace: Option<String>,
    pub(crate) version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
