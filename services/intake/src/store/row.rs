//! Rows from values, and back.

use super::{Entry, StoredFile};
use crate::entity::{instance, quarantine, series, study};
use crate::error::Error;
use crate::remedy::Waiting;
use crate::workflow::Member;
use contract::intake::{Instance, Patient, QuarantineState, Quarantined, Series, SeriesState, Study};
use contract::{SeriesId, StudyId, Time};
use dicom_io::scan::Header;
use platform::telemetry;
use sea_orm::ActiveValue::Set;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::str::FromStr;

pub(crate) const RECEIVING: &str = "receiving";
pub(super) const READY: &str = "ready";
pub(super) const PARKED: &str = "parked";

/// Reads an id or digest out of its text.
pub(super) fn parse<T: FromStr>(what: &'static str, text: &str) -> Result<T, Error> {
    text.parse().map_err(|_| Error::Stored { what })
}

fn from_json<T: DeserializeOwned>(what: &'static str, json: serde_json::Value) -> Result<T, Error> {
    serde_json::from_value(json).map_err(|_| Error::Stored { what })
}

fn to_json(what: &'static str, value: &impl Serialize) -> Result<serde_json::Value, Error> {
    serde_json::to_value(value).map_err(|_| Error::Stored { what })
}

pub(super) fn state(text: &str) -> Result<SeriesState, Error> {
    match text {
        RECEIVING => Ok(SeriesState::Receiving),
        READY => Ok(SeriesState::Ready),
        PARKED => Ok(SeriesState::Parked),
        _ => Err(Error::Stored { what: "state of a series" }),
    }
}

pub(super) fn study(id: &StudyId, header: &Header, now: Time) -> study::ActiveModel {
    let patient = header.patient.clone();
    study::ActiveModel {
        id: Set(id.to_string()),
        study_instance_uid: Set(header.study_instance_uid.clone()),
        patient_name: Set(patient.name),
        patient_id: Set(patient.id),
        patient_issuer: Set(patient.issuer),
        patient_birth_date: Set(patient.birth_date),
        patient_sex: Set(patient.sex),
        study_date: Set(header.study_date.clone()),
        study_time: Set(header.study_time.clone()),
        accession_number: Set(header.accession_number.clone()),
        study_description: Set(header.study_description.clone()),
        received_at: Set(now),
        identity_disputed: Set(false),
    }
}

pub(super) fn series(
    id: &SeriesId,
    study: &StudyId,
    header: &Header,
    (sender, now): (&str, Time),
) -> Result<series::ActiveModel, Error> {
    let (rows, columns) = header.image.as_ref().map_or((0, 0), |image| (image.rows, image.columns));
    let plane = header.image.as_ref().and_then(|image| image.plane);
    let spacing_mm = plane.map(|plane| plane.spacing_mm[1]);
    Ok(series::ActiveModel {
        id: Set(id.to_string()),
        study: Set(study.to_string()),
        series_instance_uid: Set(header.series_instance_uid.clone()),
        modality: Set(header.modality.clone()),
        body_part_examined: Set(header.body_part_examined.clone()),
        protocol_name: Set(header.protocol_name.clone()),
        series_description: Set(header.series_description.clone()),
        series_number: Set(header.series_number),
        image_type: Set(to_json("image type", &header.image_type)?),
        manufacturer: Set(header.manufacturer.clone()),
        manufacturer_model_name: Set(header.manufacturer_model_name.clone()),
        convolution_kernel: Set(header.convolution_kernel.clone()),
        slice_thickness_mm: Set(header.slice_thickness_mm),
        software_versions: Set(header.software_versions.clone()),
        pixel_spacing_mm: Set(spacing_mm),
        magnetic_field_strength: Set(header.magnetic_field_strength.clone()),
        requested_procedure_priority: Set(header.requested_procedure_priority.clone()),
        rows: Set(i32::from(rows)),
        columns: Set(i32::from(columns)),
        sender: Set(sender.to_owned()),
        ours: Set(header.is_ours()),
        instance_count: Set(1),
        state: Set(RECEIVING.to_owned()),
        parked_code: Set(None),
        parked_reason: Set(None),
        source_set: Set(None),
        volume: Set(None),
        padding: Set(None),
        received_at: Set(now),
        changed_at: Set(now),
        association_closed: Set(false),
        trace: Set(telemetry::traceparent()),
        version: Set(0),
    })
}

pub(super) fn instance(
    series: &SeriesId,
    header: &Header,
    file: &StoredFile,
    now: Time,
) -> Result<instance::ActiveModel, Error> {
    Ok(instance::ActiveModel {
        sop_instance_uid: Set(header.sop_instance_uid.clone()),
        series: Set(series.to_string()),
        sop_class_uid: Set(header.sop_class_uid.clone()),
        digest: Set(file.digest.to_string()),
        object: Set(file.object.to_string()),
        transfer_syntax_uid: Set(file.transfer_syntax_uid.clone()),
        instance_number: Set(header.instance_number),
        image_type: Set(to_json("image type", &header.image_type)?),
        image: Set(header.image.as_ref().map(|image| to_json("image", image)).transpose()?),
        slice: Set(None),
        bytes: Set(file.bytes.cast_signed()),
        received_at: Set(now),
        // The store has read them back.
        proven_at: Set(Some(now)),
        lost: Set(false),
    })
}

pub(super) fn patient(row: &study::Model) -> Patient {
    Patient {
        name: row.patient_name.clone(),
        id: row.patient_id.clone(),
        issuer: row.patient_issuer.clone(),
        birth_date: row.patient_birth_date.clone(),
        sex: row.patient_sex.clone(),
    }
}

pub(super) fn to_study(row: study::Model, series: Vec<Series>) -> Result<Study, Error> {
    Ok(Study {
        id: parse("study id", &row.id)?,
        patient: patient(&row),
        study_instance_uid: row.study_instance_uid,
        study_date: row.study_date,
        study_time: row.study_time,
        accession_number: row.accession_number,
        study_description: row.study_description,
        received_at: row.received_at,
        identity_disputed: row.identity_disputed,
        series,
    })
}

pub(super) fn to_series(row: series::Model, study_instance_uid: &str) -> Result<Series, Error> {
    Ok(Series {
        id: parse("series id", &row.id)?,
        study: parse("study id", &row.study)?,
        study_instance_uid: study_instance_uid.to_owned(),
        series_instance_uid: row.series_instance_uid,
        modality: row.modality,
        body_part_examined: row.body_part_examined,
        protocol_name: row.protocol_name,
        series_description: row.series_description,
        series_number: row.series_number,
        image_type: from_json("image type", row.image_type)?,
        manufacturer: row.manufacturer,
        manufacturer_model_name: row.manufacturer_model_name,
        convolution_kernel: row.convolution_kernel,
        slice_thickness_mm: row.slice_thickness_mm,
        software_versions: row.software_versions,
        pixel_spacing_mm: row.pixel_spacing_mm,
        magnetic_field_strength: row.magnetic_field_strength,
        requested_procedure_priority: row.requested_procedure_priority,
        matrix: (row.rows.cast_unsigned(), row.columns.cast_unsigned()),
        sender: row.sender,
        state: state(&row.state)?,
        parked_reason: row.parked_reason,
        instance_count: row.instance_count.cast_unsigned(),
        source_set: row.source_set.as_deref().map(|set| parse("source set", set)).transpose()?,
        volume: row.volume.as_deref().map(|volume| parse("volume", volume)).transpose()?,
        instances: Vec::new(),
    })
}

pub(super) fn to_instance(row: instance::Model) -> Result<Instance, Error> {
    Ok(Instance {
        sop_instance_uid: row.sop_instance_uid,
        sop_class_uid: row.sop_class_uid,
        digest: parse("digest", &row.digest)?,
        object: parse("object", &row.object)?,
        transfer_syntax_uid: row.transfer_syntax_uid,
        slice: row.slice.unwrap_or(0).cast_unsigned(),
    })
}

pub(super) fn to_member(row: &instance::Model) -> Result<Member, Error> {
    Ok(Member {
        sop_instance_uid: row.sop_instance_uid.clone(),
        digest: parse("digest", &row.digest)?,
        instance_number: row.instance_number,
        image_type: from_json("image type", row.image_type.clone())?,
        image: row.image.clone().map(|image| from_json("image", image)).transpose()?,
    })
}

fn quarantine_state(text: &str) -> Result<QuarantineState, Error> {
    let known = [QuarantineState::Waiting, QuarantineState::Readmitted, QuarantineState::Discarded];
    let state = known.into_iter().find(|state| state.as_str() == text);
    state.ok_or(Error::Stored { what: "state of a quarantine entry" })
}

pub(super) fn to_entry(row: quarantine::Model) -> Result<Entry, Error> {
    Ok(Entry {
        state: quarantine_state(&row.state)?,
        object: parse("object", &row.object)?,
        waiting: Waiting {
            id: parse("quarantine id", &row.id)?,
            received_at: row.received_at,
            sender: row.sender,
            belongs_to: row.belongs_to,
            reason_code: row.reason_code,
            reason: row.reason,
            remedy: row.remedy,
            attribute: row.attribute,
            bytes: row.bytes.cast_unsigned(),
        },
    })
}

pub(super) fn to_quarantined(row: quarantine::Model) -> Result<Quarantined, Error> {
    Ok(Quarantined {
        id: parse("quarantine id", &row.id)?,
        received_at: row.received_at,
        sender: row.sender,
        reason_code: row.reason_code,
        reason: row.reason,
        remedy: row.remedy,
        bytes: row.bytes.cast_unsigned(),
        state: quarantine_state(&row.state)?,
        ended_at: row.ended_at,
        ended_by: row.ended_by,
        ended_reason: row.ended_reason,
    })
}
