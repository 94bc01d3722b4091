//! The summary of a release, by the device: nobody answers for it but the program, so it is UNVERIFIED.

use super::concept;
use super::content::{Relation, code, container, related, text, uid};
use super::document::{Evidence, Identity, begin, conclude};
use crate::MANUFACTURER;
use crate::derive::{Code, DerivedObject, Error, SourceObject, derived_uid};
use crate::write::DataSet;
use contract::ReleaseId;
use contract::review::Release;
use dicom_core::VR;
use dicom_dictionary_std::tags;

/// Builds the summary of a release: that the image was released, over which digest, by which signed reads, under
/// which limitations.
///
/// # Errors
/// When the source lacks what a report needs.
pub fn release_summary(
    release: &Release,
    source: &SourceObject,
    evidence: &Evidence,
) -> Result<DerivedObject, Error> {
    let names = release.reads.iter().map(|read| read.signature.printed_name.as_str());
    let converted;
    let source = if names.chain(release.limitations.iter().map(String::as_str)).all(str::is_ascii) {
        source
    } else {
        converted = source.in_utf8()?;
        &converted
    };
    let device_uid = derived_uid(&["device", MANUFACTURER]);
    let (sop_instance_uid, series_instance_uid) = summary_uids(&release.id);
    let identity = Identity {
        sop_instance_uid,
        series_instance_uid,
        series_description: "AI image review, release summary",
        series_offset: 5,
        at: release.released_at,
    };
    let mut data_set = begin(source, evidence, &identity)?;
    author(&mut data_set, &device_uid);
    let observer = device_observer();
    let mut items = vec![
        code(concept::OUTCOME, Code::private("RELEASED", "Released after independent review")),
        text(concept::CASE_DIGEST, &release.case_digest.to_string()),
    ];
    items.extend(release.reads.iter().filter_map(|read| {
        let verdict = concept::verdict(read.content.verdict?);
        let signed_at = read.signature.signed_at.format("%Y-%m-%d %H:%M:%S UTC");
        let words = format!("{}, {signed_at}: {}", read.signature.printed_name, verdict.meaning);
        Some(text(concept::REVIEWER, &words))
    }));
    items.extend(release.limitations.iter().map(|limitation| text(concept::LIMITATION, limitation)));
    let items = items.into_iter().map(|item| related(item, Relation::Contains)).collect();
    let section = container(concept::QUALITATIVE, None, items);
    conclude(data_set, source, observer, vec![section])
}

/// The SOP and Series Instance UID of the summary of a release.
pub fn summary_uids(release: &ReleaseId) -> (String, String) {
    (derived_uid(&[release.as_str(), "summary"]), derived_uid(&[release.as_str(), "summary", "series"]))
}

/// Says that this program observed, no person (TID 1004).
pub(super) fn device_observer() -> Vec<DataSet> {
    vec![
        code(concept::OBSERVER_TYPE, concept::DEVICE),
        uid(concept::DEVICE_UID, &derived_uid(&["device", MANUFACTURER])),
        text(concept::DEVICE_NAME, MANUFACTURER),
        text(concept::DEVICE_MANUFACTURER, MANUFACTURER),
    ]
}

fn author(data_set: &mut DataSet, device_uid: &str) {
    let mut author = DataSet::new();
    author
        .text(tags::OBSERVER_TYPE, VR::CS, "DEV")
        .text(tags::DEVICE_UID, VR::UI, device_uid)
        .text(tags::STATION_NAME, VR::SH, MANUFACTURER)
        .text(tags::MANUFACTURER, VR::LO, MANUFACTURER)
        .text(tags::MANUFACTURER_MODEL_NAME, VR::LO, MANUFACTURER)
        .text(tags::INSTITUTION_NAME, VR::LO, MANUFACTURER)
        .empty(tags::INSTITUTION_CODE_SEQUENCE, VR::SQ);
    data_set
        .text(tags::VERIFICATION_FLAG, VR::CS, "UNVERIFIED")
        .items(tags::AUTHOR_OBSERVER_SEQUENCE, vec![author]);
}
