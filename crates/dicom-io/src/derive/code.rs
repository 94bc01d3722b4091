//! Coded concepts (PS3.3 8.8).

use crate::write::DataSet;
use dicom_core::VR;
use dicom_dictionary_std::tags;

/// A coded concept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Code {
    /// (0008,0100).
    pub(crate) value: &'static str,
    /// (0008,0102).
    pub(crate) scheme: &'static str,
    /// (0008,0104).
    pub(crate) meaning: &'static str,
}

impl Code {
    /// A concept of DICOM's own scheme.
    pub(crate) const fn dcm(value: &'static str, meaning: &'static str) -> Self {
        Self { value, scheme: "DCM", meaning }
    }

    /// A concept of SNOMED CT.
    pub(crate) const fn sct(value: &'static str, meaning: &'static str) -> Self {
        Self { value, scheme: "SCT", meaning }
    }

    /// A unit of UCUM.
    pub(crate) const fn ucum(value: &'static str, meaning: &'static str) -> Self {
        Self { value, scheme: "UCUM", meaning }
    }

    /// A concept of this program's private scheme, which [`private_scheme`] declares.
    pub(crate) const fn private(value: &'static str, meaning: &'static str) -> Self {
        Self { value, scheme: PRIVATE_SCHEME, meaning }
    }

    /// The concept as the item of a code sequence.
    pub(crate) fn item(self) -> DataSet {
        let mut item = DataSet::new();
        item.text(tags::CODE_VALUE, VR::SH, self.value)
            .text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, self.scheme)
            .text(tags::CODE_MEANING, VR::LO, self.meaning);
        item
    }
}

const PRIVATE_SCHEME: &str = "99COUNTERSIGN";

/// Declares the private scheme, as PS3.3 C.12.1.1.16 asks wherever one of its codes is used.
pub(crate) fn private_scheme(data_set: &mut DataSet) {
    let mut item = DataSet::new();
    item.text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, PRIVATE_SCHEME)
        .text(tags::CODING_SCHEME_NAME, VR::ST, "Countersign private concepts")
        .text(tags::CODING_SCHEME_RESPONSIBLE_ORGANIZATION, VR::ST, "Countersign");
    data_set.items(tags::CODING_SCHEME_IDENTIFICATION_SEQUENCE, vec![item]);
}
