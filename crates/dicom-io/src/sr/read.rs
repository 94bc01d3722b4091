//! The report of one signed read.

use super::concept;
use super::content::{Relation, code, container, number, person, point, related, sphere, text, uid};
use super::document::{Evidence, Identity, begin, conclude};
use crate::derive::{DerivedObject, Error, SourceObject, derived_uid, zone};
use crate::write::DataSet;
use contract::ReadId;
use contract::review::{Finding, Read, ReadContent};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

/// Longest part of a person name (PS3.5 table 6.2-1).
const NAME_CHARS_MAX: usize = 64;

/// Builds the report of a signed read: its verdict, findings, dispositions and comment, as signed. The reader is
/// author and sole verifying observer; `organization` is where they read.
///
/// # Errors
/// When the read has no verdict, or the source lacks what a report needs.
pub fn read_report(
    read: &Read,
    source: &SourceObject,
    evidence: &Evidence,
    organization: &str,
) -> Result<DerivedObject, Error> {
    let texts = [organization, &read.signature.printed_name, &read.signature.meaning, &read.content.comment];
    let comments = read.content.findings.iter().map(|finding| finding.comment.as_str());
    let converted;
    let source = if texts.into_iter().chain(comments).all(str::is_ascii) {
        source
    } else {
        converted = source.in_utf8()?;
        &converted
    };
    let (sop_instance_uid, series_instance_uid) = report_uids(&read.id);
    let identity = Identity {
        sop_instance_uid,
        series_instance_uid,
        series_description: "AI image review, signed read",
        series_offset: 4,
        at: read.signature.signed_at,
    };
    let mut data_set = begin(source, evidence, &identity)?;
    let name = person_name(&read.signature.printed_name);
    verifier(&mut data_set, read, &name, source, organization);
    let observer = vec![code(concept::OBSERVER_TYPE, concept::PERSON), person(concept::PERSON_NAME, &name)];
    let mut sections = vec![evaluations(read)?];
    let groups = groups(read, source)?;
    if !groups.is_empty() {
        sections.insert(0, container(concept::MEASUREMENTS, None, groups));
    }
    conclude(data_set, source, observer, sections)
}

/// The SOP and Series Instance UID of the report of a read.
pub fn report_uids(read: &ReadId) -> (String, String) {
    (derived_uid(&[read.as_str(), "report"]), derived_uid(&[read.as_str(), "report", "series"]))
}

/// Who wrote the report and answers for it: the reader, nobody else.
fn verifier(data_set: &mut DataSet, read: &Read, name: &str, source: &SourceObject, organization: &str) {
    let verified_at = read.signature.signed_at.with_timezone(&zone(source)).format("%Y%m%d%H%M%S%z");
    let mut verifying = DataSet::new();
    verifying
        .text(tags::VERIFYING_ORGANIZATION, VR::LO, organization)
        .text(tags::VERIFICATION_DATE_TIME, VR::DT, &verified_at.to_string())
        .text(tags::VERIFYING_OBSERVER_NAME, VR::PN, name)
        .empty(tags::VERIFYING_OBSERVER_IDENTIFICATION_CODE_SEQUENCE, VR::SQ);
    let mut author = DataSet::new();
    author
        .text(tags::OBSERVER_TYPE, VR::CS, "PSN")
        .text(tags::PERSON_NAME, VR::PN, name)
        .empty(tags::PERSON_IDENTIFICATION_CODE_SEQUENCE, VR::SQ)
        .text(tags::INSTITUTION_NAME, VR::LO, organization)
        .empty(tags::INSTITUTION_CODE_SEQUENCE, VR::SQ);
    data_set
        .text(tags::VERIFICATION_FLAG, VR::CS, "VERIFIED")
        .items(tags::VERIFYING_OBSERVER_SEQUENCE, vec![verifying])
        .items(tags::AUTHOR_OBSERVER_SEQUENCE, vec![author]);
}

/// The verdict, the comment and what the signature says.
fn evaluations(read: &Read) -> Result<DataSet, Error> {
    const CONTENT_SEQUENCE: Tag = tags::CONTENT_SEQUENCE;
    let Read { content, signature, .. } = read;
    let verdict = content.verdict.ok_or(Error::Attribute(CONTENT_SEQUENCE))?;
    let display = if signature.calibrated_display {
        "registered, with a current GSDF check"
    } else {
        "uncalibrated display"
    };
    let mut items = vec![code(concept::VERDICT, concept::verdict(verdict))];
    if !content.comment.is_empty() {
        items.push(text(concept::COMMENT, &content.comment));
    }
    items.extend([
        text(concept::MEANING, &signature.meaning),
        text(concept::CASE_DIGEST, &signature.case_digest.to_string()),
        text(concept::CONTENT_DIGEST, &signature.content_digest.to_string()),
        text(concept::DISPLAY, display),
    ]);
    let items = items.into_iter().map(|item| related(item, Relation::Contains)).collect();
    Ok(container(concept::QUALITATIVE, None, items))
}

/// A group for each finding and each disposition.
fn groups(read: &Read, source: &SourceObject) -> Result<Vec<DataSet>, Error> {
    let ReadContent { findings, regions, .. } = &read.content;
    let frame = source.required(tags::FRAME_OF_REFERENCE_UID)?;
    let series = source.required(tags::SERIES_INSTANCE_UID)?;
    let mut groups = Vec::new();
    for (index, finding) in findings.iter().enumerate() {
        let name = format!("Finding {}", index + 1);
        let key = finding.id.as_ref().map_or_else(|| index.to_string(), ToString::to_string);
        let mut items = tracking(&name, &derived_uid(&[read.id.as_str(), "finding", &key]));
        items.push(related(code(concept::FINDING, concept::kind(finding.kind)), Relation::Contains));
        items.extend(place(finding, frame, series)?);
        items.push(related(code(concept::SEVERITY, concept::severity(finding.severity)), Relation::Contains));
        if !finding.comment.is_empty() {
            items.push(related(text(concept::COMMENT, &finding.comment), Relation::Contains));
        }
        groups.push(group(template(finding), items));
    }
    for region in regions {
        let name = format!("Region {}", region.region + 1);
        let key = region.region.to_string();
        let mut items = tracking(&name, &derived_uid(&[read.id.as_str(), "region", &key]));
        let disposition = code(concept::DISPOSITION, concept::disposition(region.disposition));
        items.push(related(disposition, Relation::Contains));
        groups.push(group("1501", items));
    }
    Ok(groups)
}

/// TID 1411 for a volume, 1410 for a point, 1501 for a finding without a place.
fn template(finding: &Finding) -> &'static str {
    match (finding.centre_mm, diameter_mm(finding)) {
        (None, _) => "1501",
        (Some(_), None) => "1410",
        (Some(_), Some(_)) => "1411",
    }
}

/// A diameter of zero is that of a point: an ellipsoid without extent is none (PS3.3 C.18.9.1.2).
fn diameter_mm(finding: &Finding) -> Option<f64> {
    finding.diameter_mm.filter(|mm| *mm > 0.0)
}

fn group(template: &str, items: Vec<DataSet>) -> DataSet {
    related(container(concept::MEASUREMENT_GROUP, Some(template), items), Relation::Contains)
}

fn tracking(name: &str, tracking_uid: &str) -> Vec<DataSet> {
    [text(concept::TRACKING_IDENTIFIER, name), uid(concept::TRACKING_UID, tracking_uid)]
        .map(|item| related(item, Relation::HasObservationContext))
        .into()
}

/// Where a finding is, in patient coordinates.
fn place(finding: &Finding, frame: &str, series: &str) -> Result<Vec<DataSet>, Error> {
    let Some(centre) = finding.centre_mm else { return Ok(Vec::new()) };
    let Some(diameter) = diameter_mm(finding) else {
        return Ok(vec![related(point(concept::IMAGE_REGION, centre, frame), Relation::Contains)]);
    };
    Ok([
        sphere(concept::VOLUME_SURFACE, centre, diameter, frame),
        uid(concept::SOURCE_SERIES, series),
        number(concept::DIAMETER, diameter, concept::MILLIMETRE)?,
    ]
    .map(|item| related(item, Relation::Contains))
    .into())
}

/// A printed name as a person name: what stands last is the family name.
fn person_name(printed: &str) -> String {
    let plain: String =
        printed.chars().filter(|c| !matches!(c, '\\' | '^' | '=') && !c.is_control()).collect();
    let name = match plain.trim().rsplit_once(' ') {
        Some((given, family)) => format!("{family}^{}", given.trim()),
        None => plain.trim().to_owned(),
    };
    name.chars().take(NAME_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_names_become_person_names() {
        assert_eq!(person_name("Rosa Lind"), "Lind^Rosa");
        assert_eq!(person_name("Dr. Anna Maria Berg"), "Berg^Dr. Anna Maria");
        assert_eq!(person_name("Sato"), "Sato");
        assert_eq!(person_name("A^B=C\\D"), "ABCD");
    }
}
