//! Data sets for tests, right or wrong in any detail, in every native encoding.

mod acquisition;
mod hostile;
mod vendor;

pub use acquisition::{Stored, encapsulated};
pub use hostile::hostile;

use crate::{TransferSyntax, read};
use dicom_core::Tag;
use dicom_dictionary_std::{tags, uids};
use flate2::{Compression, write::DeflateEncoder};
use std::collections::BTreeMap;
use std::io::Write as _;

/// A value.
#[derive(Debug, Clone)]
enum Value {
    Bytes(Vec<u8>),
    Words(Vec<u16>),
}

/// Elements by tag.
#[derive(Debug, Clone, Default)]
pub struct DataSet(BTreeMap<Tag, ([u8; 2], Value)>);

impl DataSet {
    /// With a text value, padded to even length.
    #[must_use]
    pub fn text(self, tag: Tag, vr: [u8; 2], text: &str) -> Self {
        let mut bytes = text.as_bytes().to_vec();
        let padding = if &vr == b"UI" { 0 } else { b' ' };
        bytes.resize(bytes.len().next_multiple_of(2), padding);
        self.bytes(tag, vr, bytes)
    }

    /// With a value as it is.
    #[must_use]
    pub fn bytes(mut self, tag: Tag, vr: [u8; 2], bytes: Vec<u8>) -> Self {
        self.0.insert(tag, (vr, Value::Bytes(bytes)));
        self
    }

    /// With an unsigned short.
    #[must_use]
    pub fn short(mut self, tag: Tag, value: u16) -> Self {
        self.0.insert(tag, (*b"US", Value::Words(vec![value])));
        self
    }

    /// With pixel data of 16 bits.
    #[must_use]
    pub fn pixels(mut self, words: Vec<u16>) -> Self {
        self.0.insert(tags::PIXEL_DATA, (*b"OW", Value::Words(words)));
        self
    }

    /// Without an element.
    #[must_use]
    pub fn without(mut self, tag: Tag) -> Self {
        self.0.remove(&tag);
        self
    }

    /// The data set in a native encoding.
    pub fn encode(&self, syntax: TransferSyntax) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (tag, (vr, value)) in &self.0 {
            let short = |n: u16| if syntax.is_big_endian() { n.to_be_bytes() } else { n.to_le_bytes() };
            let long = |n: u32| if syntax.is_big_endian() { n.to_be_bytes() } else { n.to_le_bytes() };
            let value = match value {
                Value::Bytes(value) => value.clone(),
                Value::Words(words) => words.iter().flat_map(|word| short(*word)).collect(),
            };
            bytes.extend(short(tag.group()));
            bytes.extend(short(tag.element()));
            let length = value.len() as u32;
            if syntax.is_implicit() {
                bytes.extend(long(length));
            } else if matches!(vr, b"OB" | b"OW" | b"SQ" | b"UN" | b"UT") {
                bytes.extend(vr);
                bytes.extend([0, 0]);
                bytes.extend(long(length));
            } else {
                bytes.extend(vr);
                bytes.extend(short(length as u16));
            }
            bytes.extend(value);
        }
        if syntax == TransferSyntax::Deflated {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(&bytes).expect("memory takes everything");
            return encoder.finish().expect("memory takes everything");
        }
        bytes
    }

    /// The file in a native encoding.
    pub fn file(&self, syntax: TransferSyntax) -> Vec<u8> {
        let uid = |tag| match self.0.get(&tag) {
            Some((_, Value::Bytes(bytes))) => {
                String::from_utf8_lossy(bytes).trim_end_matches('\0').to_owned()
            }
            _ => String::new(),
        };
        let mut file = read::file_meta(&uid(tags::SOP_CLASS_UID), &uid(tags::SOP_INSTANCE_UID), syntax.uid());
        file.extend(self.encode(syntax));
        file
    }
}

/// An axial CT series of small slices.
#[derive(Debug, Clone)]
pub struct CtSeries {
    /// Study, and the root of every other UID.
    pub study_instance_uid: String,
    /// Number of the series in the study.
    pub number: u16,
    /// (0010,0020).
    pub patient_id: String,
    /// (0028,0010), (0028,0011).
    pub matrix: (u16, u16),
    /// Distance between slices in mm.
    pub step_mm: f64,
}

impl CtSeries {
    /// A series of 12 × 16 pixels every 2.5 mm.
    pub fn new(study_instance_uid: &str) -> Self {
        Self {
            study_instance_uid: study_instance_uid.to_owned(),
            number: 1,
            patient_id: "FIXTURE".to_owned(),
            matrix: (12, 16),
            step_mm: 2.5,
        }
    }

    /// (0020,000E).
    pub fn series_instance_uid(&self) -> String {
        format!("{}.{}", self.study_instance_uid, self.number)
    }

    /// (0008,0018) of a slice.
    pub fn sop_instance_uid(&self, slice: u16) -> String {
        format!("{}.{}", self.series_instance_uid(), slice + 1)
    }

    /// One slice: signed, 12 of 16 bits, intercept −1024, values that tell slice, row and column apart.
    pub fn slice(&self, slice: u16) -> DataSet {
        let (rows, columns) = self.matrix;
        let value = |index: u32| (index % 1500 + 10 * u32::from(slice)).wrapping_sub(700) as u16 & 0x0FFF;
        let number = i32::from(slice) + 1;
        DataSet::default()
            .text(tags::IMAGE_TYPE, *b"CS", "ORIGINAL\\PRIMARY\\AXIAL")
            .text(tags::SOP_CLASS_UID, *b"UI", uids::CT_IMAGE_STORAGE)
            .text(tags::SOP_INSTANCE_UID, *b"UI", &self.sop_instance_uid(slice))
            .text(tags::STUDY_DATE, *b"DA", "20260102")
            .text(tags::STUDY_TIME, *b"TM", "030405")
            .text(tags::ACCESSION_NUMBER, *b"SH", "A1")
            .text(tags::MODALITY, *b"CS", "CT")
            .text(tags::MANUFACTURER, *b"LO", "Fixture Maker")
            .text(tags::PATIENT_NAME, *b"PN", "Fixture^Ann")
            .text(tags::PATIENT_ID, *b"LO", &self.patient_id)
            .text(tags::PATIENT_BIRTH_DATE, *b"DA", "")
            .text(tags::PATIENT_SEX, *b"CS", "O")
            .text(tags::BODY_PART_EXAMINED, *b"CS", "CHEST")
            .text(tags::SLICE_THICKNESS, *b"DS", &self.step_mm.to_string())
            .text(tags::PATIENT_POSITION, *b"CS", "HFS")
            .text(tags::STUDY_INSTANCE_UID, *b"UI", &self.study_instance_uid)
            .text(tags::SERIES_INSTANCE_UID, *b"UI", &self.series_instance_uid())
            .text(tags::STUDY_ID, *b"SH", "1")
            .text(tags::SERIES_NUMBER, *b"IS", &self.number.to_string())
            .text(tags::INSTANCE_NUMBER, *b"IS", &number.to_string())
            .text(
                tags::IMAGE_POSITION_PATIENT,
                *b"DS",
                &format!("-8\\-6\\{}", f64::from(slice) * self.step_mm),
            )
            .text(tags::IMAGE_ORIENTATION_PATIENT, *b"DS", "1\\0\\0\\0\\1\\0")
            .text(tags::FRAME_OF_REFERENCE_UID, *b"UI", &format!("{}.9", self.study_instance_uid))
            .short(tags::SAMPLES_PER_PIXEL, 1)
            .text(tags::PHOTOMETRIC_INTERPRETATION, *b"CS", "MONOCHROME2")
            .short(tags::ROWS, rows)
            .short(tags::COLUMNS, columns)
            .text(tags::PIXEL_SPACING, *b"DS", "0.75\\0.5")
            .short(tags::BITS_ALLOCATED, 16)
            .short(tags::BITS_STORED, 12)
            .short(tags::HIGH_BIT, 11)
            .short(tags::PIXEL_REPRESENTATION, 1)
            .text(tags::RESCALE_INTERCEPT, *b"DS", "-1024")
            .text(tags::RESCALE_SLOPE, *b"DS", "1")
            .text(tags::RESCALE_TYPE, *b"LO", "HU")
            .pixels((0..u32::from(rows) * u32::from(columns)).map(value).collect())
    }

    /// The files of a whole series, Explicit VR Little Endian.
    pub fn files(&self, slices: u16) -> Vec<Vec<u8>> {
        (0..slices).map(|slice| self.slice(slice).file(TransferSyntax::ExplicitLittle)).collect()
    }
}
