//! Whose images these are: what a correction may change, and what a coordinator's decision on it needs.

use contract::Refusal;
use contract::intake::Identity;
use dicom_io::scan::{Header, PixelSpan, Scan};
use std::collections::BTreeSet;

/// The identity that an object states.
pub fn of(header: &Header) -> Identity {
    Identity {
        study_instance_uid: header.study_instance_uid.clone(),
        patient: header.patient.clone(),
        study_date: header.study_date.clone(),
        study_time: header.study_time.clone(),
        accession_number: header.accession_number.clone(),
        study_description: header.study_description.clone(),
    }
}

/// Whether `received` is the image of `stored` under another identity: the same pixels at the same place, byte for byte
/// in the same encoding.
pub fn is_correction(stored: &Scan<'_>, received: &Scan<'_>) -> bool {
    let (before, after) = (&stored.header, &received.header);
    let same_image = before.image.is_some()
        && before.image == after.image
        && before.series_instance_uid == after.series_instance_uid
        && stored.syntax == received.syntax
        && pixels(stored) == pixels(received);
    same_image && of(before) != of(after)
}

/// The bytes of the pixels, as they are encoded.
fn pixels<'s>(scan: &'s Scan<'_>) -> Vec<&'s [u8]> {
    match &scan.pixels {
        None => Vec::new(),
        Some(PixelSpan::Native { bytes, .. }) => vec![&scan.data[bytes.clone()]],
        Some(PixelSpan::Fragments(fragments)) => {
            fragments.iter().map(|bytes| &scan.data[bytes.clone()]).collect()
        }
    }
}

/// An object that came under another identity than the stored one.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// (0008,0018).
    pub sop_instance_uid: String,
    /// Whether these very bytes were stored before, and retired.
    pub is_retired: bool,
    /// What it says it is.
    pub identity: Identity,
}

/// Gives the one identity under which every image of a study came once more.
///
/// # Errors
/// Why the corrected objects can't take the place of the stored ones yet.
pub fn agreed(images: &BTreeSet<String>, claimed: &[Claimed], study: &str) -> Result<Identity, Refusal> {
    let Some(first) = claimed.first() else {
        return Err(Refusal::new(
            "correction_missing",
            "no corrected objects of this study have come",
            "have the sender send the corrected study once more",
        ));
    };
    if claimed.iter().any(|other| other.identity != first.identity) {
        return Err(Refusal::new(
            "correction_disagrees",
            "the corrected objects name more than one identity",
            "find out which one is right, keep what stands, and have the sender send the right one",
        ));
    }
    if first.identity.study_instance_uid != study {
        return Err(Refusal::new(
            "correction_moves_study",
            "the corrected objects belong to another study",
            "keep what stands; have the sender send them with UIDs of their own",
        ));
    }
    if claimed.iter().any(|one| one.is_retired) {
        return Err(Refusal::new(
            "identity_retired",
            "the study had this identity before, and what was made under it is retired",
            "keep what stands, or have the sender send the study with UIDs of its own",
        ));
    }
    let come: BTreeSet<&String> = claimed.iter().map(|one| &one.sop_instance_uid).collect();
    let missing = images.iter().filter(|uid| !come.contains(uid)).count();
    if missing > 0 {
        return Err(Refusal::new(
            "correction_incomplete",
            format!("{missing} of {} images have not come under the other identity", images.len()),
            "have the sender send the whole corrected study",
        ));
    }
    Ok(first.identity.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use dicom_io::fixture::{CtSeries, DataSet};
    use dicom_io::{TransferSyntax, scan, tags};

    const EXPLICIT: TransferSyntax = TransferSyntax::ExplicitLittle;

    fn corrects(stored: &DataSet, received: &DataSet) -> bool {
        let (stored, received) = (stored.encode(EXPLICIT), received.encode(EXPLICIT));
        let read = |bytes| scan::scan(bytes, EXPLICIT.uid()).unwrap();
        is_correction(&read(&stored), &read(&received))
    }

    #[test]
    fn another_identity_over_the_same_image_is_a_correction() {
        let series = CtSeries::new("1.2.3");
        let stored = series.slice(0);
        for (tag, vr, value) in [
            (tags::PATIENT_ID, *b"LO", "OTHER"),
            (tags::ISSUER_OF_PATIENT_ID, *b"LO", "ELSEWHERE"),
            (tags::PATIENT_NAME, *b"PN", "Other^Name"),
            (tags::ACCESSION_NUMBER, *b"SH", "A2"),
            (tags::STUDY_DATE, *b"DA", "20260103"),
        ] {
            assert!(corrects(&stored, &stored.clone().text(tag, vr, value)), "{tag}");
        }
        assert!(!corrects(&stored, &stored), "the same identity");
        let comment = stored.clone().text(tags::IMAGE_COMMENTS, *b"LT", "sent again");
        assert!(!corrects(&stored, &comment), "the same identity with other words");
    }

    #[test]
    fn another_image_is_no_correction_whatever_it_is_called() {
        let series = CtSeries::new("1.2.3");
        let stored = series.slice(0);
        let renamed = |set: DataSet| set.text(tags::PATIENT_ID, *b"LO", "OTHER");
        let mut pixels = vec![0_u16; 16 * 12];
        pixels[7] = 1;
        assert!(!corrects(&stored, &renamed(stored.clone().pixels(pixels))), "other pixels");
        let moved = stored.clone().text(tags::IMAGE_POSITION_PATIENT, *b"DS", "1\\2\\3");
        assert!(!corrects(&stored, &renamed(moved)), "another place");
        let scaled = stored.clone().text(tags::RESCALE_SLOPE, *b"DS", "2");
        assert!(!corrects(&stored, &renamed(scaled)), "other values");
    }

    fn claimed(number: u8, patient: &str) -> Claimed {
        let set = CtSeries::new("1.2.3").slice(0).text(tags::PATIENT_ID, *b"LO", patient);
        let header = scan::scan(&set.encode(EXPLICIT), EXPLICIT.uid()).unwrap().header;
        Claimed { sop_instance_uid: format!("1.2.3.{number}"), is_retired: false, identity: of(&header) }
    }

    #[test]
    fn a_study_takes_another_identity_whole_or_not_at_all() {
        let images: BTreeSet<String> = ["1.2.3.1".to_owned(), "1.2.3.2".to_owned()].into();
        let code = |claims: &[Claimed], study| agreed(&images, claims, study).unwrap_err().code;
        let both = [claimed(1, "B"), claimed(2, "B")];
        assert_eq!(agreed(&images, &both, "1.2.3").unwrap().patient.id, "B");
        assert_eq!(code(&[], "1.2.3"), "correction_missing");
        assert_eq!(code(&both[..1], "1.2.3"), "correction_incomplete");
        assert_eq!(code(&[claimed(1, "B"), claimed(2, "C")], "1.2.3"), "correction_disagrees");
        assert_eq!(code(&both, "1.2.4"), "correction_moves_study");
        let returning = [claimed(1, "B"), Claimed { is_retired: true, ..claimed(2, "B") }];
        assert_eq!(code(&returning, "1.2.3"), "identity_retired");
    }
}
