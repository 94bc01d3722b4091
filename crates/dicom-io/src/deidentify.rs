//! Copies of images for teaching, from which nobody can tell whose they are.
//!
//! What is not named here is not in a copy: the profile's actions "remove" and "clean" need no table of what they are
//! applied to. UIDs are replaced ("U"), what the standard wants to be there is a dummy or empty ("D", "Z"), and numbers
//! that say how and where an image was taken are kept. Dates and times, also those of "Longitudinal Temporal
//! Information", are removed.
//!
//! Pixels: bits beyond Bits Stored, where overlays were once kept, are cleared; an image that says that something is
//! burnt in or that a face can be recognised, and one of a head, has no copy; [`letters`] looks for what is written
//! into the image. None of this replaces a person who looks at each slice.
//!
//! # Source
//! PS3.15 E.1 (profile), table E.1-1 (actions), E.3.1 (Clean Pixel Data Option), E.3.2 (Clean Recognizable Visual
//! Features Option); PS3.3 C.12.1.1.1 (Patient Identity Removed).

pub mod identity;
pub mod letters;

use crate::derive::{Code, Mark, SourceObject, derived_uid};
use crate::pixels::stored_values;
use crate::read::split;
use crate::scan::{Image, scan};
use crate::volume::check_slice;
use crate::write::{self, DataSet, Value};
use crate::{MANUFACTURER, Unusable};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::{tags, uids};
use identity::Identity;
use letters::Frame;

/// What says how and where an image was taken, and nothing of whom: none of it has an action in table E.1-1.
const KEPT: &[Tag] = &[
    tags::MODALITY,
    tags::PATIENT_POSITION,
    tags::IMAGE_POSITION_PATIENT,
    tags::IMAGE_ORIENTATION_PATIENT,
    tags::SLICE_THICKNESS,
    tags::SPACING_BETWEEN_SLICES,
    tags::PIXEL_SPACING,
    tags::PHOTOMETRIC_INTERPRETATION,
    tags::PIXEL_PADDING_VALUE,
    tags::PIXEL_PADDING_RANGE_LIMIT,
    tags::RESCALE_INTERCEPT,
    tags::RESCALE_SLOPE,
    tags::RESCALE_TYPE,
    tags::WINDOW_CENTER,
    tags::WINDOW_WIDTH,
    tags::KVP,
    tags::X_RAY_TUBE_CURRENT,
    tags::EXPOSURE,
    tags::SCANNING_SEQUENCE,
    tags::SEQUENCE_VARIANT,
    tags::SCAN_OPTIONS,
    tags::MR_ACQUISITION_TYPE,
    tags::REPETITION_TIME,
    tags::ECHO_TIME,
    tags::ECHO_TRAIN_LENGTH,
    tags::INVERSION_TIME,
    tags::FLIP_ANGLE,
    tags::MAGNETIC_FIELD_STRENGTH,
];

/// What the standard wants to be there, if only empty (type 2 of the modules of CT and MR images).
const EMPTY: &[(Tag, VR)] = &[
    (tags::STUDY_DATE, VR::DA),
    (tags::STUDY_TIME, VR::TM),
    (tags::ACCESSION_NUMBER, VR::SH),
    (tags::REFERRING_PHYSICIAN_NAME, VR::PN),
    (tags::PATIENT_BIRTH_DATE, VR::DA),
    (tags::PATIENT_SEX, VR::CS),
    (tags::STUDY_ID, VR::SH),
    (tags::LATERALITY, VR::CS),
    (tags::POSITION_REFERENCE_INDICATOR, VR::LO),
    (tags::ACQUISITION_NUMBER, VR::IS),
    (tags::SLICE_THICKNESS, VR::DS),
];
const EMPTY_CT: &[(Tag, VR)] = &[(tags::KVP, VR::DS)];
const EMPTY_MR: &[(Tag, VR)] = &[
    (tags::SCAN_OPTIONS, VR::CS),
    (tags::MR_ACQUISITION_TYPE, VR::CS),
    (tags::ECHO_TIME, VR::DS),
    (tags::ECHO_TRAIN_LENGTH, VR::IS),
];

/// Body parts (PS3.16 Annex L) of which images can show a face, without blanks, hyphens and underscores.
const FACES: &[&str] = &[
    "HEAD",
    "HEADNECK",
    "HEADANDNECK",
    "BRAIN",
    "SKULL",
    "FACE",
    "FACIALBONES",
    "NECK",
    "CSPINE",
    "CERVICALSPINE",
    "EYE",
    "ORBIT",
    "ORBITS",
    "EAR",
    "IAC",
    "TEMPORALBONE",
    "NOSE",
    "SINUS",
    "SINUSES",
    "PARANASALSINUS",
    "JAW",
    "MANDIBLE",
    "MAXILLA",
    "TEETH",
    "TMJ",
    "PAROTID",
    "PITUITARY",
    "SELLA",
    "WHOLEBODY",
];

/// What a copy is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The image as it was acquired.
    Original,
    /// The image that a model made of it.
    Ai,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Ai => "ai",
        }
    }
}

/// What stands in the copies of one set instead of the patient.
#[derive(Debug, Clone, Copy)]
pub struct Pseudonym<'a> {
    /// Patient's Name and Patient ID, at most 64 characters.
    pub code: &'a str,
    /// UIDs derive from it; without it none of them leads back to the original's.
    pub salt: &'a str,
}

/// A copy of one slice.
#[derive(Debug, Clone)]
pub struct Copy {
    /// (0008,0018).
    pub sop_instance_uid: String,
    /// The file in the fixed profile.
    pub file: Vec<u8>,
    /// Its stored values, for [`letters`]; our own mark "AI" is blotted out in them.
    pub frame: Frame,
}

/// Why an image has no copy.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// It can't be read.
    #[error("it can't be read: {0}")]
    Unusable(#[from] Unusable),
    /// It is no slice of CT or MR whose pixels can be copied.
    #[error("it is no image that can be copied: {0}")]
    Kind(String),
    /// (0028,0301) or (0028,0302) says YES.
    #[error("it says that {0}")]
    Declared(&'static str),
    /// A face can be recognised in it.
    #[error("it shows {0}, where a face can be recognised")]
    Face(String),
    /// Something of the patient stands in what would be kept.
    #[error("{0} names the patient")]
    Named(Tag),
    /// The copy doesn't fit the profile.
    #[error("the copy can't be written: {0}")]
    Write(#[from] write::Error),
}

/// Makes the copy of slice `number`, from 0. The same file, pseudonym and number give the same bytes.
///
/// # Errors
/// When the image must not or can't be copied, with the reason.
pub fn copy(file: &[u8], pseudonym: Pseudonym<'_>, kind: Kind, number: u32) -> Result<Copy, Refused> {
    let part10 = split(file)?;
    let scan = scan(&file[part10.dataset_at..], &part10.transfer_syntax_uid)?;
    let unreadable = |error: crate::derive::Error| Refused::Kind(error.to_string());
    let source = SourceObject::read(file).map_err(unreadable)?;
    let image = scan.header.image.as_ref().ok_or_else(|| Refused::Kind("it has no pixels".to_owned()))?;
    check_slice(image).map_err(Refused::Kind)?;
    check_declared(source.attributes())?;
    let values = stored_values(&scan).map_err(Refused::Kind)?;

    let mut copied = DataSet::new();
    let sop_class_uid = source.sop_class_uid().map_err(unreadable)?;
    empty(&mut copied, sop_class_uid)?;
    keep(&mut copied, source.attributes(), &Identity::of(file))?;
    name(&mut copied, pseudonym, kind, number);
    copied.text(tags::IMAGE_TYPE, VR::CS, image_type(kind, sop_class_uid));
    copied.text(tags::SOP_CLASS_UID, VR::UI, sop_class_uid).text(
        tags::LOSSY_IMAGE_COMPRESSION,
        VR::CS,
        if source.is_lossy() { "01" } else { "00" },
    );
    pixels(&mut copied, image, &values)?;
    let size = [usize::from(image.columns), usize::from(image.rows)];
    Ok(Copy {
        sop_instance_uid: uid(pseudonym, kind, &number.to_string()),
        file: write::file(&copied)?,
        frame: Frame { values: without_mark(values, size, kind), size },
    })
}

/// Refuses what says of itself that it shows whose it is.
fn check_declared(attributes: &DataSet) -> Result<(), Refused> {
    let says = |tag| attributes.str(tag) == Some("YES");
    if says(tags::BURNED_IN_ANNOTATION) {
        return Err(Refused::Declared("something is burnt into it, Burned In Annotation (0028,0301)"));
    }
    if says(tags::RECOGNIZABLE_VISUAL_FEATURES) {
        return Err(Refused::Declared("a face can be recognised, Recognizable Visual Features (0028,0302)"));
    }
    let part = attributes.str(tags::BODY_PART_EXAMINED).unwrap_or_default().to_uppercase();
    let plain: String = part.chars().filter(char::is_ascii_alphanumeric).collect();
    if FACES.contains(&plain.as_str()) { Err(Refused::Face(part)) } else { Ok(()) }
}

fn empty(copied: &mut DataSet, sop_class_uid: &str) -> Result<(), Refused> {
    let own = match sop_class_uid {
        uids::CT_IMAGE_STORAGE => EMPTY_CT,
        uids::MR_IMAGE_STORAGE => EMPTY_MR,
        other => return Err(Refused::Kind(format!("SOP class {other} is not a classic CT or MR image"))),
    };
    for &(tag, vr) in EMPTY.iter().chain(own) {
        copied.empty(tag, vr);
    }
    Ok(())
}

/// Keeps what may be kept, and makes sure that no sender wrote the patient's name or number where a number of the
/// scanner belongs.
fn keep(copied: &mut DataSet, attributes: &DataSet, identity: &Identity) -> Result<(), Refused> {
    for &tag in KEPT {
        let Some(value) = attributes.get(tag) else { continue };
        if attributes.str(tag).is_some_and(|text| identity.is_named_in(text)) {
            return Err(Refused::Named(tag));
        }
        copied.put(tag, value.clone());
    }
    Ok(())
}

/// Puts what stands for the patient, the study and the series.
fn name(copied: &mut DataSet, pseudonym: Pseudonym<'_>, kind: Kind, number: u32) {
    let (series, description) = match kind {
        Kind::Original => ("1", "Original"),
        Kind::Ai => ("2", "Made by AI, for teaching"),
    };
    let shared = |name: &str| derived_uid(&[pseudonym.salt, "teaching", name]);
    copied
        .text(tags::SOP_INSTANCE_UID, VR::UI, &uid(pseudonym, kind, &number.to_string()))
        .text(tags::SERIES_INSTANCE_UID, VR::UI, &uid(pseudonym, kind, "series"))
        .text(tags::STUDY_INSTANCE_UID, VR::UI, &shared("study"))
        .text(tags::FRAME_OF_REFERENCE_UID, VR::UI, &shared("frame of reference"))
        .text(tags::PATIENT_NAME, VR::PN, pseudonym.code)
        .text(tags::PATIENT_ID, VR::LO, pseudonym.code)
        .text(tags::SERIES_DESCRIPTION, VR::LO, description)
        .text(tags::SERIES_NUMBER, VR::IS, series)
        .text(tags::INSTANCE_NUMBER, VR::IS, &(number + 1).to_string())
        .text(tags::MANUFACTURER, VR::LO, MANUFACTURER)
        .text(tags::BURNED_IN_ANNOTATION, VR::CS, "NO")
        .text(tags::RECOGNIZABLE_VISUAL_FEATURES, VR::CS, "NO")
        .text(tags::PATIENT_IDENTITY_REMOVED, VR::CS, "YES")
        .text(tags::LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED, VR::CS, "REMOVED")
        .text(tags::DEIDENTIFICATION_METHOD, VR::LO, "Listed attributes kept; each slice looked at")
        .items(
            tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE,
            vec![
                Code::dcm("113100", "Basic Application Confidentiality Profile").item(),
                Code::dcm("113101", "Clean Pixel Data Option").item(),
            ],
        );
}

/// What is said of the image without the words of its maker (PS3.3 C.8.2.1.1.1, C.8.3.1.1.1).
fn image_type(kind: Kind, sop_class_uid: &str) -> &'static str {
    match (kind, sop_class_uid) {
        (Kind::Original, uids::CT_IMAGE_STORAGE) => "ORIGINAL\\PRIMARY\\AXIAL",
        (Kind::Original, _) => "ORIGINAL\\PRIMARY\\OTHER",
        (Kind::Ai, uids::CT_IMAGE_STORAGE) => "DERIVED\\PRIMARY\\AXIAL",
        (Kind::Ai, _) => "DERIVED\\PRIMARY\\OTHER",
    }
}

fn uid(pseudonym: Pseudonym<'_>, kind: Kind, name: &str) -> String {
    derived_uid(&[pseudonym.salt, "teaching", kind.name(), name])
}

/// The pixels as they are stored, and nothing in the bits beyond.
fn pixels(copied: &mut DataSet, image: &Image, values: &[i32]) -> Result<(), Refused> {
    if image.bits_stored > 16 {
        return Err(Refused::Kind(format!("it has {} bits per pixel", image.bits_stored)));
    }
    let mask = (1_u32 << image.bits_stored) - 1;
    let word = |value: &i32| (value.cast_unsigned() & mask) as u16;
    let bytes = values.iter().flat_map(|value| word(value).to_le_bytes()).collect();
    copied
        .unsigned_short(tags::SAMPLES_PER_PIXEL, &[1])
        .unsigned_short(tags::ROWS, &[image.rows])
        .unsigned_short(tags::COLUMNS, &[image.columns])
        .unsigned_short(tags::BITS_ALLOCATED, &[16])
        .unsigned_short(tags::BITS_STORED, &[image.bits_stored])
        .unsigned_short(tags::HIGH_BIT, &[image.bits_stored - 1])
        .unsigned_short(tags::PIXEL_REPRESENTATION, &[u16::from(image.signed)])
        .put(tags::PIXEL_DATA, Value::Bytes(VR::OW, bytes));
    Ok(())
}

/// The values with our own letters "AI" blotted out, so that nobody's name is sought in them.
fn without_mark(mut values: Vec<i32>, size: [usize; 2], kind: Kind) -> Vec<i32> {
    if kind == Kind::Ai
        && let Some(mark) = Mark::find(&values, size)
    {
        let ground = mark.pixels(size[0]).find(|(is_ink, _)| !is_ink).map(|(_, index)| values[index]);
        for (_, index) in mark.pixels(size[0]) {
            values[index] = ground.unwrap_or_default();
        }
    }
    values
}

#[cfg(test)]
mod tests;
