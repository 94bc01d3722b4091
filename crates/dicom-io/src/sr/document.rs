//! What every report shares: patient, study, series, evidence and the root of its content.

use super::concept;
use super::content::{Relation, code, container, related};
use crate::MANUFACTURER;
use crate::derive::{
    DerivedObject, Error, SourceObject, finish, patient_and_study, private_scheme, series_number, zone,
};
use crate::write::DataSet;
use contract::Time;
use contract::generation::Run;
use contract::intake::Series;
use dicom_core::VR;
use dicom_dictionary_std::{tags, uids};

/// Every instance that a report rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// (0020,000D) of all of them.
    pub study_instance_uid: String,
    /// By series.
    pub series: Vec<EvidenceSeries>,
}

/// The evidence in one series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceSeries {
    /// (0020,000E).
    pub series_instance_uid: String,
    /// Its instances.
    pub instances: Vec<EvidenceInstance>,
}

/// One instance of the evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceInstance {
    /// (0008,0016).
    pub sop_class_uid: String,
    /// (0008,0018).
    pub sop_instance_uid: String,
}

impl Evidence {
    /// What readers of a run were shown: the source series, and the run's images and maps.
    pub fn of(source: &Series, run: &Run) -> Self {
        let instance = |class: &String, uid: &String| EvidenceInstance {
            sop_class_uid: class.clone(),
            sop_instance_uid: uid.clone(),
        };
        let sources = EvidenceSeries {
            series_instance_uid: source.series_instance_uid.clone(),
            instances: source
                .instances
                .iter()
                .map(|source| instance(&source.sop_class_uid, &source.sop_instance_uid))
                .collect(),
        };
        let derived = run.derived.iter().map(|series| EvidenceSeries {
            series_instance_uid: series.series_instance_uid.clone(),
            instances: series
                .instances
                .iter()
                .map(|derived| instance(&derived.sop_class_uid, &derived.sop_instance_uid))
                .collect(),
        });
        Self {
            study_instance_uid: source.study_instance_uid.clone(),
            series: std::iter::once(sources).chain(derived).collect(),
        }
    }

    pub(super) fn item(&self) -> DataSet {
        let series = self.series.iter().map(|series| {
            let instances = series.instances.iter().map(|instance| {
                let mut item = DataSet::new();
                item.text(tags::REFERENCED_SOP_CLASS_UID, VR::UI, &instance.sop_class_uid).text(
                    tags::REFERENCED_SOP_INSTANCE_UID,
                    VR::UI,
                    &instance.sop_instance_uid,
                );
                item
            });
            let mut item = DataSet::new();
            item.text(tags::SERIES_INSTANCE_UID, VR::UI, &series.series_instance_uid)
                .items(tags::REFERENCED_SOP_SEQUENCE, instances.collect());
            item
        });
        let mut item = DataSet::new();
        item.text(tags::STUDY_INSTANCE_UID, VR::UI, &self.study_instance_uid)
            .items(tags::REFERENCED_SERIES_SEQUENCE, series.collect());
        item
    }
}

/// What tells one report from another.
pub(super) struct Identity<'a> {
    pub(super) sop_instance_uid: String,
    pub(super) series_instance_uid: String,
    pub(super) series_description: &'a str,
    /// Added to the first number of our series of this source.
    pub(super) series_offset: u32,
    pub(super) at: Time,
}

/// Starts a report: everything but its content and who stands for it.
///
/// # Errors
/// When the source lacks what it must have.
pub(super) fn begin(
    source: &SourceObject,
    evidence: &Evidence,
    identity: &Identity<'_>,
) -> Result<DataSet, Error> {
    let mut data_set = DataSet::new();
    patient_and_study(&mut data_set, source)?;
    private_scheme(&mut data_set);
    let local = identity.at.with_timezone(&zone(source));
    let (date, time) = (local.format("%Y%m%d").to_string(), local.format("%H%M%S").to_string());
    data_set
        .text(tags::SOP_CLASS_UID, VR::UI, uids::COMPREHENSIVE3_DSR_STORAGE)
        .text(tags::SOP_INSTANCE_UID, VR::UI, &identity.sop_instance_uid)
        .text(tags::INSTANCE_CREATION_DATE, VR::DA, &date)
        .text(tags::INSTANCE_CREATION_TIME, VR::TM, &time)
        .text(tags::MODALITY, VR::CS, "SR")
        .text(tags::SERIES_INSTANCE_UID, VR::UI, &identity.series_instance_uid)
        .text(tags::SERIES_NUMBER, VR::IS, &series_number(source, identity.series_offset))
        .text(tags::SERIES_DESCRIPTION, VR::LO, identity.series_description)
        .text(tags::SERIES_DATE, VR::DA, &date)
        .text(tags::SERIES_TIME, VR::TM, &time)
        .empty(tags::REFERENCED_PERFORMED_PROCEDURE_STEP_SEQUENCE, VR::SQ)
        .text(tags::MANUFACTURER, VR::LO, MANUFACTURER)
        .text(tags::MANUFACTURER_MODEL_NAME, VR::LO, MANUFACTURER)
        .text(tags::INSTANCE_NUMBER, VR::IS, "1")
        .text(tags::CONTENT_DATE, VR::DA, &date)
        .text(tags::CONTENT_TIME, VR::TM, &time)
        .text(tags::COMPLETION_FLAG, VR::CS, "COMPLETE")
        .empty(tags::PERFORMED_PROCEDURE_CODE_SEQUENCE, VR::SQ)
        .items(tags::CURRENT_REQUESTED_PROCEDURE_EVIDENCE_SEQUENCE, vec![evidence.item()]);
    Ok(data_set)
}

/// Puts the content tree (TID 1500) at the root and writes the report.
///
/// # Errors
/// When it doesn't fit the profile.
pub(super) fn conclude(
    mut data_set: DataSet,
    source: &SourceObject,
    observer: Vec<DataSet>,
    sections: Vec<DataSet>,
) -> Result<DerivedObject, Error> {
    let modality = source.required(tags::MODALITY)?;
    let mut items = vec![related(code(concept::LANGUAGE, concept::ENGLISH), Relation::HasConceptModifier)];
    items.extend(observer.into_iter().map(|item| related(item, Relation::HasObservationContext)));
    items.push(related(code(concept::PROCEDURE, concept::procedure(modality)), Relation::HasConceptModifier));
    items.extend(sections.into_iter().map(|section| related(section, Relation::Contains)));
    for (tag, value) in container(concept::REPORT, Some("1500"), items).iter() {
        data_set.put(tag, value.clone());
    }
    finish(&data_set, 0)
}
