//! Derived objects: the AI image and its uncertainty maps, as DICOM instances that stand beside their sources.
//!
//! Clinical decisions 11 and 14 to 18 say what they hold. Building them is a pure function of the source
//! instances, the result and its [`Provenance`]: the same input gives the same bytes.

mod attributes;
mod code;
mod image;
mod mark;
mod number;
mod quantise;
mod source;
mod uid;
mod utf8;

pub use image::derived_image;
pub use source::{SourceObject, series_geometry_matches};
pub use uid::derived_uid;

pub(crate) use attributes::{
    contributing_equipment, equipment, patient_and_study, series_date_and_time, source_reference, zone,
};
pub(crate) use code::{Code, private_scheme};
pub(crate) use image::series_number;
pub(crate) use mark::Mark;

use crate::write;
use contract::{Digest, RunId, Time};
use dicom_core::Tag;
use thiserror::Error;

/// What a derived object says about how it was made.
#[derive(Debug, Clone)]
pub struct Provenance {
    /// The run; UIDs derive from it.
    pub run: RunId,
    /// `denoise`, …
    pub task: String,
    /// Name of the model.
    pub model_name: String,
    /// Its version.
    pub model_version: String,
    /// Digest of its weights.
    pub weights: Digest,
    /// Seed of every random draw.
    pub seed: u64,
    /// Percent of what the model takes away that is given back to the image, as texture.
    pub texture_percent: u8,
    /// Regulatory status of the version at this site: `PRODUCT`, `RESEARCH` or `SERVICE`.
    pub content_qualification: String,
    /// When the result was made.
    pub created_at: Time,
    /// Digest of the worker's output from which the objects are made; UIDs derive from it.
    pub output: Digest,
    /// (0018,1000) of this installation.
    pub device_serial_number: String,
    /// What the site wants of derived images.
    pub policy: Policy,
}

/// What a site wants of derived images of one use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Whether "AI" is written into a corner of the pixels.
    pub mark_pixels: bool,
    /// Whether the object says that its content was made artificially, (0008,001C).
    pub synthetic_data: bool,
}

/// A derived object, ready to be stored and signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DerivedObject {
    /// (0008,0018).
    pub sop_instance_uid: String,
    /// (0008,0016).
    pub sop_class_uid: String,
    /// (0020,000E).
    pub series_instance_uid: String,
    /// Place along the slice normal, from 0.
    pub slice: u32,
    /// The file in the fixed profile.
    pub file: Vec<u8>,
    /// SHA-256 of the bytes after group 0002.
    pub digest: Digest,
}

/// Why no derived object can be built.
#[derive(Debug, Error)]
pub enum Error {
    /// Bytes that are no readable DICOM file.
    #[error("the source can't be read: {reason}")]
    Unreadable {
        /// What was attempted.
        reason: &'static str,
        /// What went wrong.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// Only classic CT and MR images are derived from.
    #[error("SOP class {0} is not a classic CT or MR image")]
    UnsupportedSource(String),
    /// A task that has no description in DICOM here.
    #[error("there are no derived objects for the task '{0}'")]
    UnsupportedTask(String),
    /// An attribute that the source must have.
    #[error("the source has no usable {0}")]
    Attribute(Tag),
    /// The result doesn't lie on the grid of the sources.
    #[error("the result does not lie on the grid of the sources: {0}")]
    Geometry(String),
    /// A result that is not a number.
    #[error("slice {slice} of the result holds values that are not numbers")]
    NotFinite {
        /// The slice, from 0.
        slice: usize,
    },
    /// A result that the derived image can't hold; it is never clipped.
    #[error("slice {slice} of the result holds {value}, outside the {low} to {high} that the image can hold")]
    OutOfRange {
        /// The slice, from 0.
        slice: usize,
        /// The value.
        value: f32,
        /// Lowest value that can be held.
        low: f64,
        /// Highest value that can be held.
        high: f64,
    },
    /// The object doesn't fit the profile.
    #[error("the derived object can't be written")]
    Write(#[from] write::Error),
}

impl Error {
    fn unreadable(reason: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unreadable { reason, source: Some(source.into()) }
    }
}

/// Writes a data set that has its UIDs and takes its digest.
pub(crate) fn finish(data_set: &write::DataSet, slice: usize) -> Result<DerivedObject, Error> {
    use dicom_dictionary_std::tags;
    let text = |tag| data_set.str(tag).map(str::to_owned).ok_or(Error::Attribute(tag));
    let file = write::file(data_set)?;
    Ok(DerivedObject {
        sop_instance_uid: text(tags::SOP_INSTANCE_UID)?,
        sop_class_uid: text(tags::SOP_CLASS_UID)?,
        series_instance_uid: text(tags::SERIES_INSTANCE_UID)?,
        slice: u32::try_from(slice).map_err(|_| Error::Geometry(format!("slice {slice}")))?,
        digest: write::profile_digest(&file)?,
        file,
    })
}
