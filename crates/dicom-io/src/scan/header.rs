//! The attributes that the program reads from a received data set.

use super::text::{Text, decoder};
use super::{Found, PixelSpan};
use crate::{TransferSyntax, Unusable};
use contract::intake::Patient;
use dicom_core::Tag;
use dicom_core::dictionary::{UidDictionary, UidDictionaryEntry as _};
use dicom_dictionary_std::{StandardSopClassDictionary, tags};
use serde::{Deserialize, Serialize};

/// The longest value that is read: long image types and comments stay well below.
pub(super) const VALUE_BYTES_MAX: u32 = 4096;

pub(super) const WANTED: &[Tag] = &[
    tags::SPECIFIC_CHARACTER_SET,
    tags::IMAGE_TYPE,
    tags::SOP_CLASS_UID,
    tags::SOP_INSTANCE_UID,
    tags::STUDY_DATE,
    tags::STUDY_TIME,
    tags::ACCESSION_NUMBER,
    tags::MODALITY,
    tags::MANUFACTURER,
    tags::STUDY_DESCRIPTION,
    tags::SERIES_DESCRIPTION,
    tags::MANUFACTURER_MODEL_NAME,
    tags::PATIENT_NAME,
    tags::PATIENT_ID,
    tags::ISSUER_OF_PATIENT_ID,
    tags::PATIENT_BIRTH_DATE,
    tags::PATIENT_SEX,
    tags::BODY_PART_EXAMINED,
    tags::SLICE_THICKNESS,
    tags::PROTOCOL_NAME,
    tags::CONVOLUTION_KERNEL,
    tags::SOFTWARE_VERSIONS,
    tags::MAGNETIC_FIELD_STRENGTH,
    tags::STUDY_INSTANCE_UID,
    tags::SERIES_INSTANCE_UID,
    tags::SERIES_NUMBER,
    tags::INSTANCE_NUMBER,
    tags::IMAGE_POSITION_PATIENT,
    tags::IMAGE_ORIENTATION_PATIENT,
    tags::FRAME_OF_REFERENCE_UID,
    tags::SAMPLES_PER_PIXEL,
    tags::PHOTOMETRIC_INTERPRETATION,
    tags::NUMBER_OF_FRAMES,
    tags::ROWS,
    tags::COLUMNS,
    tags::PIXEL_SPACING,
    tags::BITS_ALLOCATED,
    tags::BITS_STORED,
    tags::HIGH_BIT,
    tags::PIXEL_REPRESENTATION,
    tags::PIXEL_PADDING_VALUE,
    tags::RESCALE_INTERCEPT,
    tags::RESCALE_SLOPE,
    tags::MODALITY_LUT_SEQUENCE,
    tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE,
    tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE,
    tags::REQUESTED_PROCEDURE_PRIORITY,
];

/// Attributes of a received object.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// (0008,0016).
    pub sop_class_uid: String,
    /// (0008,0018).
    pub sop_instance_uid: String,
    /// (0020,000D).
    pub study_instance_uid: String,
    /// (0020,000E).
    pub series_instance_uid: String,
    /// Whose it is.
    pub patient: Patient,
    /// (0008,0020) as stored.
    pub study_date: String,
    /// (0008,0030) as stored.
    pub study_time: String,
    /// (0008,0050).
    pub accession_number: String,
    /// (0008,1030).
    pub study_description: String,
    /// (0008,0060).
    pub modality: String,
    /// (0018,0015), upper case.
    pub body_part_examined: String,
    /// (0018,1030).
    pub protocol_name: String,
    /// (0008,103E).
    pub series_description: String,
    /// (0020,0011).
    pub series_number: Option<i32>,
    /// (0020,0013).
    pub instance_number: Option<i32>,
    /// (0008,0008).
    pub image_type: Vec<String>,
    /// (0008,0070).
    pub manufacturer: String,
    /// (0008,1090).
    pub manufacturer_model_name: String,
    /// (0018,1210), values separated by `\`.
    pub convolution_kernel: String,
    /// (0018,0050) in mm.
    pub slice_thickness_mm: Option<f64>,
    /// (0018,1020) as written: nothing is refused for it.
    pub software_versions: String,
    /// (0018,0087) as written: nothing is refused for it.
    pub magnetic_field_strength: String,
    /// (0040,1003).
    pub requested_procedure_priority: String,
    /// Description of the pixels; `None` when there are none.
    pub image: Option<Image>,
}

/// Description of the pixels of an image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Image {
    /// (0028,0010).
    pub rows: u16,
    /// (0028,0011).
    pub columns: u16,
    /// (0028,0002).
    pub samples_per_pixel: u16,
    /// (0028,0004).
    pub photometric_interpretation: String,
    /// (0028,0008); 1 when absent.
    pub frames: u32,
    /// (0028,0100).
    pub bits_allocated: u16,
    /// (0028,0101).
    pub bits_stored: u16,
    /// (0028,0102).
    pub high_bit: u16,
    /// Whether (0028,0103) says two's complement.
    pub signed: bool,
    /// (0028,0120), sign-extended where the pixels are signed.
    pub padding: Option<i32>,
    /// (0028,1053) in full precision; `None` when absent.
    pub rescale_slope: Option<f64>,
    /// (0028,1052) in full precision; `None` when absent.
    pub rescale_intercept: Option<f64>,
    /// Whether (0028,3000) is present.
    pub modality_lut: bool,
    /// Whether (5200,9229) or (5200,9230) is present: then rescale and place stand there, for each frame.
    #[serde(default)]
    pub functional_groups: bool,
    /// Where the slice lies; `None` when the object doesn't say.
    pub plane: Option<Plane>,
    /// (0020,0052), to which the place refers; empty when the object doesn't say.
    #[serde(default)]
    pub frame_of_reference_uid: String,
}

/// Where a slice lies in the patient, in mm, LPS.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Plane {
    /// (0020,0032): centre of the first voxel.
    pub position: [f64; 3],
    /// (0020,0037): directions of rows (increasing column) and columns (increasing row).
    pub orientation: [f64; 6],
    /// (0028,0030): distance between rows, then between columns.
    pub spacing_mm: [f64; 2],
}

impl Header {
    pub(super) fn read(data: &[u8], syntax: TransferSyntax, found: &Found) -> Result<Self, Unusable> {
        let raw = |tag| found.values.get(&tag).map(|range| &data[range.clone()]);
        let text = Text { raw: &raw, decoder: decoder(raw(tags::SPECIFIC_CHARACTER_SET))?, syntax };
        let sop_class_uid = text.uid(tags::SOP_CLASS_UID)?;
        let image = match &found.pixels {
            Some(pixels) => Some(Image::read(&text, pixels, syntax)?),
            None if is_image_class(&sop_class_uid) => return Err(Unusable::Missing(tags::PIXEL_DATA)),
            None => None,
        };
        Ok(Self {
            sop_class_uid,
            sop_instance_uid: text.uid(tags::SOP_INSTANCE_UID)?,
            study_instance_uid: text.uid(tags::STUDY_INSTANCE_UID)?,
            series_instance_uid: text.uid(tags::SERIES_INSTANCE_UID)?,
            patient: Patient {
                name: text.text(tags::PATIENT_NAME)?,
                id: text.text(tags::PATIENT_ID)?,
                issuer: text.text(tags::ISSUER_OF_PATIENT_ID)?,
                birth_date: text.text(tags::PATIENT_BIRTH_DATE)?,
                sex: text.text(tags::PATIENT_SEX)?,
            },
            study_date: text.text(tags::STUDY_DATE)?,
            study_time: text.text(tags::STUDY_TIME)?,
            accession_number: text.text(tags::ACCESSION_NUMBER)?,
            study_description: text.text(tags::STUDY_DESCRIPTION)?,
            modality: text.text(tags::MODALITY)?,
            body_part_examined: text.text(tags::BODY_PART_EXAMINED)?.to_uppercase(),
            protocol_name: text.text(tags::PROTOCOL_NAME)?,
            series_description: text.text(tags::SERIES_DESCRIPTION)?,
            series_number: text.integer(tags::SERIES_NUMBER)?,
            instance_number: text.integer(tags::INSTANCE_NUMBER)?,
            image_type: text.list(tags::IMAGE_TYPE)?,
            manufacturer: text.text(tags::MANUFACTURER)?,
            manufacturer_model_name: text.text(tags::MANUFACTURER_MODEL_NAME)?,
            convolution_kernel: text.text(tags::CONVOLUTION_KERNEL)?,
            slice_thickness_mm: text.decimal(tags::SLICE_THICKNESS)?,
            software_versions: text.written(tags::SOFTWARE_VERSIONS),
            magnetic_field_strength: text.written(tags::MAGNETIC_FIELD_STRENGTH),
            requested_procedure_priority: text.text(tags::REQUESTED_PROCEDURE_PRIORITY)?,
            image,
        })
    }

    /// Whether one of our own programs made the object: such objects are kept, and never inputs (clinical.md 10).
    pub fn is_ours(&self) -> bool {
        self.manufacturer == crate::MANUFACTURER
    }
}

/// Objects of these classes are pixels or nothing.
fn is_image_class(sop_class_uid: &str) -> bool {
    StandardSopClassDictionary
        .by_uid(sop_class_uid)
        .is_some_and(|class| class.name().contains("Image Storage"))
}

impl Image {
    fn read(text: &Text<'_>, pixels: &PixelSpan, syntax: TransferSyntax) -> Result<Self, Unusable> {
        let signed = match text.unsigned(tags::PIXEL_REPRESENTATION)?.unwrap_or(0) {
            0 => false,
            1 => true,
            other => return Err(Unusable::Image(format!("pixel representation {other}"))),
        };
        let frames = text.integer(tags::NUMBER_OF_FRAMES)?.unwrap_or(1);
        let image = Self {
            rows: text.required(tags::ROWS)?,
            columns: text.required(tags::COLUMNS)?,
            samples_per_pixel: text.required(tags::SAMPLES_PER_PIXEL)?,
            photometric_interpretation: text.text(tags::PHOTOMETRIC_INTERPRETATION)?,
            frames: u32::try_from(frames).unwrap_or(0),
            bits_allocated: text.required(tags::BITS_ALLOCATED)?,
            bits_stored: text.required(tags::BITS_STORED)?,
            high_bit: text.required(tags::HIGH_BIT)?,
            signed,
            padding: text.pixel_value(tags::PIXEL_PADDING_VALUE, signed)?,
            rescale_slope: text.decimal(tags::RESCALE_SLOPE)?,
            rescale_intercept: text.decimal(tags::RESCALE_INTERCEPT)?,
            modality_lut: text.is_present(tags::MODALITY_LUT_SEQUENCE),
            functional_groups: text.is_present(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE)
                || text.is_present(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE),
            plane: Plane::read(text)?,
            frame_of_reference_uid: text.text(tags::FRAME_OF_REFERENCE_UID)?,
        };
        image.check()?;
        if let (PixelSpan::Native { bytes, .. }, false) = (pixels, syntax.is_encapsulated()) {
            image.check_length(bytes.len() as u64)?;
        }
        Ok(image)
    }

    fn check(&self) -> Result<(), Unusable> {
        let refuse = |what: String| Err(Unusable::Image(what));
        if self.rows == 0 || self.columns == 0 {
            return refuse(format!("{} rows and {} columns", self.rows, self.columns));
        }
        if self.frames == 0 {
            return refuse("the number of frames is no positive number".into());
        }
        if !matches!(self.samples_per_pixel, 1 | 3 | 4) {
            return refuse(format!("{} samples per pixel", self.samples_per_pixel));
        }
        if !matches!(self.bits_allocated, 1 | 8 | 16 | 32 | 64) {
            return refuse(format!("{} bits allocated", self.bits_allocated));
        }
        if self.bits_stored == 0 || self.bits_stored > self.bits_allocated {
            return refuse(format!("{} bits stored in {} allocated", self.bits_stored, self.bits_allocated));
        }
        if self.high_bit >= self.bits_allocated || self.high_bit + 1 < self.bits_stored {
            return refuse(format!("high bit {} with {} bits stored", self.high_bit, self.bits_stored));
        }
        Ok(())
    }

    /// Compares the length of native pixel data with the attributes; one byte may pad an odd length.
    fn check_length(&self, found: u64) -> Result<(), Unusable> {
        let samples = u64::from(self.rows) * u64::from(self.columns) * u64::from(self.samples_per_pixel);
        // Two pixels share their chrominance in 4:2:2 (PS3.3 C.7.6.3.1.2).
        let samples = match self.photometric_interpretation.as_str() {
            "YBR_FULL_422" | "YBR_PARTIAL_422" => samples * 2 / 3,
            _ => samples,
        };
        let bits = u128::from(samples) * u128::from(self.frames) * u128::from(self.bits_allocated);
        let expected = u64::try_from(bits.div_ceil(8)).unwrap_or(u64::MAX);
        if found == expected || (expected % 2 == 1 && found == expected + 1) {
            Ok(())
        } else {
            Err(Unusable::PixelLength { expected, found })
        }
    }
}

impl Plane {
    fn read(text: &Text<'_>) -> Result<Option<Self>, Unusable> {
        let position = text.decimals(tags::IMAGE_POSITION_PATIENT)?;
        let orientation = text.decimals(tags::IMAGE_ORIENTATION_PATIENT)?;
        let spacing_mm = text.decimals(tags::PIXEL_SPACING)?;
        Ok(match (position, orientation, spacing_mm) {
            (Some(position), Some(orientation), Some(spacing_mm)) => {
                Some(Self { position, orientation, spacing_mm })
            }
            _ => None,
        })
    }
}
