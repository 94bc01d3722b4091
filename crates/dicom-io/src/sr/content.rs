//! Content items of structured reports (PS3.3 C.17.3).

use crate::derive::Code;
use crate::write::{self, DataSet};
use dicom_core::VR;
use dicom_dictionary_std::tags;

/// How an item relates to the one above it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Relation {
    Contains,
    HasObservationContext,
    HasConceptModifier,
}

impl Relation {
    fn as_str(self) -> &'static str {
        match self {
            Self::Contains => "CONTAINS",
            Self::HasObservationContext => "HAS OBS CONTEXT",
            Self::HasConceptModifier => "HAS CONCEPT MOD",
        }
    }
}

/// A container with its items; without a relation it is the root.
pub(super) fn container(name: Code, template: Option<&str>, items: Vec<DataSet>) -> DataSet {
    let mut item = named("CONTAINER", name);
    item.text(tags::CONTINUITY_OF_CONTENT, VR::CS, "SEPARATE");
    if let Some(template) = template {
        let mut identification = DataSet::new();
        identification.text(tags::MAPPING_RESOURCE, VR::CS, "DCMR").text(
            tags::TEMPLATE_IDENTIFIER,
            VR::CS,
            template,
        );
        item.items(tags::CONTENT_TEMPLATE_SEQUENCE, vec![identification]);
    }
    if !items.is_empty() {
        item.items(tags::CONTENT_SEQUENCE, items);
    }
    item
}

/// Puts an item below another.
pub(super) fn related(mut item: DataSet, relation: Relation) -> DataSet {
    item.text(tags::RELATIONSHIP_TYPE, VR::CS, relation.as_str());
    item
}

/// Free text.
pub(super) fn text(name: Code, value: &str) -> DataSet {
    let mut item = named("TEXT", name);
    item.text(tags::TEXT_VALUE, VR::UT, value);
    item
}

/// An object of the evidence; images and everything else have value types of their own.
pub(super) fn reference(value_type: &str, sop_class_uid: &str, sop_instance_uid: &str) -> DataSet {
    let mut referenced = DataSet::new();
    referenced.text(tags::REFERENCED_SOP_CLASS_UID, VR::UI, sop_class_uid).text(
        tags::REFERENCED_SOP_INSTANCE_UID,
        VR::UI,
        sop_instance_uid,
    );
    let mut item = DataSet::new();
    item.text(tags::VALUE_TYPE, VR::CS, value_type).items(tags::REFERENCED_SOP_SEQUENCE, vec![referenced]);
    item
}

/// A coded answer.
pub(super) fn code(name: Code, value: Code) -> DataSet {
    let mut item = named("CODE", name);
    item.items(tags::CONCEPT_CODE_SEQUENCE, vec![value.item()]);
    item
}

/// A person.
pub(super) fn person(name: Code, value: &str) -> DataSet {
    let mut item = named("PNAME", name);
    item.text(tags::PERSON_NAME, VR::PN, value);
    item
}

/// A UID.
pub(super) fn uid(name: Code, value: &str) -> DataSet {
    let mut item = named("UIDREF", name);
    item.text(tags::UID, VR::UI, value);
    item
}

/// A measured number.
///
/// # Errors
/// When it can't be written as a decimal string.
pub(super) fn number(name: Code, value: f64, unit: Code) -> Result<DataSet, write::Error> {
    let mut measured = DataSet::new();
    measured
        .decimal(tags::NUMERIC_VALUE, &[value])?
        .items(tags::MEASUREMENT_UNITS_CODE_SEQUENCE, vec![unit.item()]);
    let mut item = named("NUM", name);
    item.items(tags::MEASURED_VALUE_SEQUENCE, vec![measured]);
    Ok(item)
}

/// A point in patient coordinates, mm.
pub(super) fn point(name: Code, place: [f64; 3], frame_of_reference_uid: &str) -> DataSet {
    coordinates(name, "POINT", &[place], frame_of_reference_uid)
}

/// A sphere in patient coordinates, mm: as an ellipsoid of three equal axes (PS3.3 C.18.9.1.2).
pub(super) fn sphere(name: Code, centre: [f64; 3], diameter: f64, frame_of_reference_uid: &str) -> DataSet {
    let end = |axis: usize, sign: f64| {
        let mut end = centre;
        end[axis] += sign * diameter / 2.0;
        end
    };
    let ends: Vec<[f64; 3]> = (0..3).flat_map(|axis| [end(axis, -1.0), end(axis, 1.0)]).collect();
    coordinates(name, "ELLIPSOID", &ends, frame_of_reference_uid)
}

fn coordinates(name: Code, kind: &str, points: &[[f64; 3]], frame_of_reference_uid: &str) -> DataSet {
    let mut item = named("SCOORD3D", name);
    let numbers: Vec<f32> = points.iter().flatten().map(|&mm| mm as f32).collect();
    item.text(tags::GRAPHIC_TYPE, VR::CS, kind).float(tags::GRAPHIC_DATA, &numbers).text(
        tags::REFERENCED_FRAME_OF_REFERENCE_UID,
        VR::UI,
        frame_of_reference_uid,
    );
    item
}

fn named(value_type: &str, name: Code) -> DataSet {
    let mut item = DataSet::new();
    item.text(tags::VALUE_TYPE, VR::CS, value_type)
        .items(tags::CONCEPT_NAME_CODE_SEQUENCE, vec![name.item()]);
    item
}
