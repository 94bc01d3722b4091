//! The modules that every object of ours shares: what is repeated from the source, and who made it.

use super::{Code, Error, Provenance, SourceObject};
use crate::MANUFACTURER;
use crate::write::DataSet;
use contract::Time;
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

/// Patient, clinical trial and study attributes, repeated byte for byte with the character set they are in.
const PATIENT_AND_STUDY: &[Tag] = &[
    tags::SPECIFIC_CHARACTER_SET,
    tags::TIMEZONE_OFFSET_FROM_UTC,
    tags::PATIENT_NAME,
    tags::PATIENT_ID,
    tags::ISSUER_OF_PATIENT_ID,
    tags::ISSUER_OF_PATIENT_ID_QUALIFIERS_SEQUENCE,
    tags::TYPE_OF_PATIENT_ID,
    tags::PATIENT_BIRTH_DATE,
    tags::PATIENT_BIRTH_TIME,
    tags::PATIENT_SEX,
    tags::OTHER_PATIENT_I_DS_SEQUENCE,
    tags::PATIENT_COMMENTS,
    tags::PATIENT_IDENTITY_REMOVED,
    tags::DEIDENTIFICATION_METHOD,
    tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE,
    tags::PATIENT_AGE,
    tags::PATIENT_SIZE,
    tags::PATIENT_WEIGHT,
    tags::CLINICAL_TRIAL_SPONSOR_NAME,
    tags::CLINICAL_TRIAL_PROTOCOL_ID,
    tags::CLINICAL_TRIAL_PROTOCOL_NAME,
    tags::CLINICAL_TRIAL_SITE_ID,
    tags::CLINICAL_TRIAL_SITE_NAME,
    tags::CLINICAL_TRIAL_SUBJECT_ID,
    tags::CLINICAL_TRIAL_SUBJECT_READING_ID,
    tags::STUDY_INSTANCE_UID,
    tags::STUDY_DATE,
    tags::STUDY_TIME,
    tags::STUDY_ID,
    tags::STUDY_DESCRIPTION,
    tags::PROCEDURE_CODE_SEQUENCE,
    tags::REFERRING_PHYSICIAN_NAME,
    tags::ACCESSION_NUMBER,
    tags::ISSUER_OF_ACCESSION_NUMBER_SEQUENCE,
    tags::PHYSICIANS_OF_RECORD,
    tags::NAME_OF_PHYSICIANS_READING_STUDY,
    tags::ADMITTING_DIAGNOSES_DESCRIPTION,
    tags::REFERENCED_STUDY_SEQUENCE,
];

/// What must be there, if only empty (type 2).
const MAY_BE_EMPTY: &[(Tag, VR)] = &[
    (tags::PATIENT_NAME, VR::PN),
    (tags::PATIENT_ID, VR::LO),
    (tags::PATIENT_BIRTH_DATE, VR::DA),
    (tags::PATIENT_SEX, VR::CS),
    (tags::STUDY_DATE, VR::DA),
    (tags::STUDY_TIME, VR::TM),
    (tags::STUDY_ID, VR::SH),
    (tags::REFERRING_PHYSICIAN_NAME, VR::PN),
    (tags::ACCESSION_NUMBER, VR::SH),
];

/// Repeats those of `wanted` that the source has.
pub(super) fn repeat(data_set: &mut DataSet, source: &SourceObject, wanted: &[Tag]) {
    for &tag in wanted {
        if let Some(value) = source.attributes().get(tag) {
            data_set.put(tag, value.clone());
        }
    }
}

/// Repeats patient and study of the source, byte for byte.
///
/// # Errors
/// When the source has no Study Instance UID.
pub(crate) fn patient_and_study(data_set: &mut DataSet, source: &SourceObject) -> Result<(), Error> {
    source.required(tags::STUDY_INSTANCE_UID)?;
    for &(tag, vr) in MAY_BE_EMPTY {
        data_set.empty(tag, vr);
    }
    repeat(data_set, source, PATIENT_AND_STUDY);
    Ok(())
}

/// Names this program as the maker.
pub(crate) fn equipment(data_set: &mut DataSet, provenance: &Provenance) {
    data_set
        .text(tags::MANUFACTURER, VR::LO, MANUFACTURER)
        .text(tags::MANUFACTURER_MODEL_NAME, VR::LO, &format!("Countersign {}", provenance.model_name))
        .text(tags::DEVICE_SERIAL_NUMBER, VR::LO, &provenance.device_serial_number)
        .text(tags::SOFTWARE_VERSIONS, VR::LO, &provenance.model_version);
}

/// Names the scanner and the model as contributing equipment (CID 7005).
pub(crate) fn contributing_equipment(data_set: &mut DataSet, source: &SourceObject, provenance: &Provenance) {
    let mut scanner = DataSet::new();
    repeat(
        &mut scanner,
        source,
        &[
            tags::MANUFACTURER,
            tags::INSTITUTION_NAME,
            tags::STATION_NAME,
            tags::MANUFACTURER_MODEL_NAME,
            tags::DEVICE_SERIAL_NUMBER,
            tags::SOFTWARE_VERSIONS,
        ],
    );
    if scanner.bytes(tags::MANUFACTURER).is_none() {
        scanner.text(tags::MANUFACTURER, VR::LO, "unknown");
    }
    scanner.items(
        tags::PURPOSE_OF_REFERENCE_CODE_SEQUENCE,
        vec![Code::dcm("109101", "Acquisition Equipment").item()],
    );
    let purpose = if provenance.policy.synthetic_data {
        Code::dcm("109100", "Synthesizing Equipment")
    } else {
        Code::dcm("109102", "Processing Equipment")
    };
    let mut model = DataSet::new();
    equipment(&mut model, provenance);
    model
        .text(tags::CONTRIBUTION_DESCRIPTION, VR::ST, &contribution(provenance))
        .items(tags::PURPOSE_OF_REFERENCE_CODE_SEQUENCE, vec![purpose.item()]);
    data_set.items(tags::CONTRIBUTING_EQUIPMENT_SEQUENCE, vec![scanner, model]);
}

fn contribution(provenance: &Provenance) -> String {
    format!(
        "Task {}, model {} version {}, weights SHA-256 {}, {}, content qualification {}",
        provenance.task,
        provenance.model_name,
        provenance.model_version,
        provenance.weights,
        provenance.parameters(),
        provenance.content_qualification,
    )
}

/// References a source instance as what the image was made from.
pub(crate) fn source_reference(source: &SourceObject) -> Result<DataSet, Error> {
    let mut item = DataSet::new();
    item.text(tags::REFERENCED_SOP_CLASS_UID, VR::UI, source.sop_class_uid()?)
        .text(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, source.required(tags::SOP_INSTANCE_UID)?)
        .items(
            tags::PURPOSE_OF_REFERENCE_CODE_SEQUENCE,
            vec![Code::dcm("121322", "Source image for image processing operation").item()],
        );
    Ok(item)
}

/// Dates the series and its content: in the zone that the source names, else in UTC.
pub(crate) fn series_date_and_time(data_set: &mut DataSet, source: &SourceObject, at: Time) {
    let local = at.with_timezone(&zone(source));
    let (date, time) = (local.format("%Y%m%d").to_string(), local.format("%H%M%S").to_string());
    data_set
        .text(tags::INSTANCE_CREATION_DATE, VR::DA, &date)
        .text(tags::INSTANCE_CREATION_TIME, VR::TM, &time)
        .text(tags::SERIES_DATE, VR::DA, &date)
        .text(tags::SERIES_TIME, VR::TM, &time)
        .text(tags::CONTENT_DATE, VR::DA, &date)
        .text(tags::CONTENT_TIME, VR::TM, &time);
}

/// The zone that all times of the source are in, (0008,0201) `±HHMM`; UTC when it names none.
pub(crate) fn zone(source: &SourceObject) -> chrono::FixedOffset {
    let named = source.attributes().str(tags::TIMEZONE_OFFSET_FROM_UTC).unwrap_or("+0000");
    named.parse().unwrap_or_else(|_| chrono::Offset::fix(&chrono::Utc))
}
