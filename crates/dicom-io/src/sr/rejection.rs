//! The rejection note that takes a release back: a Key Object Selection document that names every object of it
//! (clinical decision 13).
//!
//! # Source
//! IHE RAD TF-2 4.66 (IOCM, Rejection Note Stored); PS3.3 A.35.4; PS3.16 TID 2010, CID 7011.

use super::concept;
use super::content::{Relation, container, reference, related, text};
use super::document::Evidence;
use super::summary::device_observer;
use crate::MANUFACTURER;
use crate::derive::{Code, DerivedObject, Error, SourceObject, derived_uid, finish, patient_and_study, zone};
use crate::write::DataSet;
use contract::{ReleaseId, Time};
use dicom_core::VR;
use dicom_dictionary_std::{tags, uids};

/// Why objects are taken back (CID 7011).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RejectionTitle {
    /// Care may be at stake: the objects must not be shown to anybody.
    PatientSafety,
    /// The objects are not what they were taken for.
    Quality,
}

impl RejectionTitle {
    fn concept(self) -> Code {
        match self {
            Self::PatientSafety => concept::REJECTED_FOR_SAFETY,
            Self::Quality => concept::REJECTED_FOR_QUALITY,
        }
    }

    /// The code of the document title.
    pub fn code(self) -> &'static str {
        self.concept().value
    }
}

/// What is taken back.
#[derive(Debug, Clone)]
pub struct Rejection<'a> {
    /// The release.
    pub release: &'a ReleaseId,
    /// Why.
    pub title: RejectionTitle,
    /// When.
    pub at: Time,
    /// Every object that may have been sent.
    pub objects: &'a Evidence,
}

/// Builds the rejection note. `sent` is one of the objects that were sent: patient and study are repeated from it, so
/// that the note finds them even where the sources have been corrected since.
///
/// # Errors
/// When `sent` lacks what the note needs.
pub fn rejection_note(rejection: &Rejection<'_>, sent: &SourceObject) -> Result<DerivedObject, Error> {
    let (release, title) = (rejection.release.as_str(), rejection.title.code());
    let local = rejection.at.with_timezone(&zone(sent));
    let (date, time) = (local.format("%Y%m%d").to_string(), local.format("%H%M%S").to_string());
    let mut data_set = DataSet::new();
    patient_and_study(&mut data_set, sent)?;
    data_set
        .text(tags::SOP_CLASS_UID, VR::UI, uids::KEY_OBJECT_SELECTION_DOCUMENT_STORAGE)
        .text(tags::SOP_INSTANCE_UID, VR::UI, &derived_uid(&[release, "rejection", title]))
        .text(tags::INSTANCE_CREATION_DATE, VR::DA, &date)
        .text(tags::INSTANCE_CREATION_TIME, VR::TM, &time)
        .text(tags::MODALITY, VR::CS, "KO")
        .text(tags::SERIES_INSTANCE_UID, VR::UI, &derived_uid(&[release, "rejection", title, "series"]))
        .text(tags::SERIES_NUMBER, VR::IS, &series_number(sent))
        .text(tags::SERIES_DESCRIPTION, VR::LO, "AI image review, recall")
        .text(tags::SERIES_DATE, VR::DA, &date)
        .text(tags::SERIES_TIME, VR::TM, &time)
        .empty(tags::REFERENCED_PERFORMED_PROCEDURE_STEP_SEQUENCE, VR::SQ)
        .text(tags::MANUFACTURER, VR::LO, MANUFACTURER)
        .text(tags::MANUFACTURER_MODEL_NAME, VR::LO, MANUFACTURER)
        .text(tags::INSTANCE_NUMBER, VR::IS, "1")
        .text(tags::CONTENT_DATE, VR::DA, &date)
        .text(tags::CONTENT_TIME, VR::TM, &time)
        .items(tags::CURRENT_REQUESTED_PROCEDURE_EVIDENCE_SEQUENCE, vec![rejection.objects.item()]);
    let root = container(rejection.title.concept(), Some("2010"), content(rejection.objects));
    for (tag, value) in root.iter() {
        data_set.put(tag, value.clone());
    }
    finish(&data_set, 0)
}

fn content(objects: &Evidence) -> Vec<DataSet> {
    const WORDS: &str = "Recalled after release: do not use these objects.";
    let observer = device_observer().into_iter().map(|item| related(item, Relation::HasObservationContext));
    let description = related(text(concept::KEY_OBJECT_DESCRIPTION, WORDS), Relation::Contains);
    let instances = objects.series.iter().flat_map(|series| &series.instances);
    let named = instances.map(|instance| {
        // Reports have no pixels.
        let is_report = instance.sop_class_uid == uids::COMPREHENSIVE3_DSR_STORAGE;
        let value_type = if is_report { "COMPOSITE" } else { "IMAGE" };
        related(
            reference(value_type, &instance.sop_class_uid, &instance.sop_instance_uid),
            Relation::Contains,
        )
    });
    observer.chain([description]).chain(named).collect()
}

/// The last of the ten numbers that belong to the series of `sent`, which is one of ours.
fn series_number(sent: &SourceObject) -> String {
    let number = sent.attributes().str(tags::SERIES_NUMBER).and_then(|number| number.parse::<u32>().ok());
    (number.unwrap_or(9000) / 10 * 10 + 9).to_string()
}
