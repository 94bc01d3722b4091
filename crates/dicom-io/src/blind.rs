//! Copies of derived images from which nobody can tell which model made them.
//!
//! Two AI images of one original are compared by people who must not know which is which. A derived image names its
//! model in many places (description, contributing equipment, device, dates, UIDs); its copy here has the pixels,
//! where they lie, what they mean, and nothing else. It is made to be looked at and is no object of any archive.

use crate::write::{self, DataSet, Error, Value, profile_elements};
use contract::Digest;
use contract::generation::blinded_uid;
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

/// What of a derived image is the same whichever model made it, and its pixels.
const KEPT: &[Tag] = &[
    tags::SOP_CLASS_UID,
    tags::MODALITY,
    tags::IMAGE_POSITION_PATIENT,
    tags::IMAGE_ORIENTATION_PATIENT,
    tags::SLICE_THICKNESS,
    tags::SPACING_BETWEEN_SLICES,
    tags::PIXEL_SPACING,
    tags::SAMPLES_PER_PIXEL,
    tags::PHOTOMETRIC_INTERPRETATION,
    tags::ROWS,
    tags::COLUMNS,
    tags::BITS_ALLOCATED,
    tags::BITS_STORED,
    tags::HIGH_BIT,
    tags::PIXEL_REPRESENTATION,
    tags::PIXEL_PADDING_VALUE,
    tags::PIXEL_PADDING_RANGE_LIMIT,
    tags::RESCALE_INTERCEPT,
    tags::RESCALE_SLOPE,
    tags::RESCALE_TYPE,
    tags::PIXEL_DATA,
];

/// A copy that tells nothing of its model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlindedCopy {
    /// (0008,0018): derives from the salt and the slice, and from nothing of the run.
    pub sop_instance_uid: String,
    /// SHA-256 of the bytes after group 0002.
    pub digest: Digest,
    /// The file.
    pub file: Vec<u8>,
}

/// Makes the copy of one image. The same image, salt and slice give the same bytes.
///
/// # Errors
/// When `file` isn't an object of the profile in which derived objects are written.
pub fn blinded_copy(file: &[u8], salt: &str, slice: u32) -> Result<BlindedCopy, Error> {
    let sop_instance_uid = blinded_uid(salt, slice);
    let mut copy = DataSet::new();
    for (tag, vr, value) in profile_elements(file)? {
        if KEPT.contains(&tag) {
            let value = if vr == VR::UI { value.strip_suffix(&[0]).unwrap_or(value) } else { value };
            copy.put(tag, Value::Bytes(vr, value.to_vec()));
        }
    }
    copy.text(tags::SOP_INSTANCE_UID, VR::UI, &sop_instance_uid);
    let file = write::file(&copy)?;
    Ok(BlindedCopy { digest: write::profile_digest(&file)?, sop_instance_uid, file })
}
