use super::*;
use chrono::TimeDelta;
use dicom_io::Unusable;
use proptest::prelude::*;

/// Every reason for which an object is kept: of the scan, of what stands, of the store.
fn reasons() -> Vec<(String, Option<String>)> {
    let tag = tags::ROWS;
    let of_the_scan = [
        Unusable::NotDicom(""),
        Unusable::TransferSyntax(String::new()),
        Unusable::Truncated { tag, claimed: 2, left: 1 },
        Unusable::Structure { at: 0, what: "" },
        Unusable::TooDeep(1),
        Unusable::TooManyElements(1),
        Unusable::ForeignGroup(tag),
        Unusable::Order(tag),
        Unusable::Deflate(1),
        Unusable::Missing(tags::STUDY_INSTANCE_UID),
        Unusable::Missing(tags::SERIES_INSTANCE_UID),
        Unusable::Missing(tag),
        Unusable::Uid { tag: tags::STUDY_INSTANCE_UID, why: "" },
        Unusable::Uid { tag: tags::SOP_INSTANCE_UID, why: "" },
        Unusable::Value { tag: tags::PATIENT_NAME, why: "" },
        Unusable::Value { tag: tags::SERIES_DESCRIPTION, why: "" },
        Unusable::Value { tag: tags::IMAGE_POSITION_PATIENT, why: "" },
        Unusable::CharacterSet,
        Unusable::Image(String::new()),
        Unusable::PixelLength { expected: 2, found: 1 },
        Unusable::Mismatch(tags::SOP_INSTANCE_UID),
    ];
    let others = [
        "same_uid_other_bytes",
        "identity_corrected",
        "study_of_two_patients",
        "series_of_two_studies",
        "object_lost",
        "object_damaged",
    ];
    let of_the_scan = of_the_scan
        .iter()
        .map(|unusable| (unusable.code().to_owned(), unusable.attribute().map(|tag| tag.to_string())));
    of_the_scan.chain(others.into_iter().map(|code| (code.to_owned(), None))).collect()
}

#[test]
fn for_each_reason_it_is_decided_what_can_be_done() {
    let lines = reasons().into_iter().map(|(code, attribute)| {
        let (fix, attributes) = fix(&code, attribute.as_deref());
        let attribute = attribute.unwrap_or_default();
        format!("{code} {attribute} {fix:?} {}", attributes.len())
    });
    let expected = [
        "not_dicom  Sender 0",
        "transfer_syntax  AsItIs 0",
        "truncated  Sender 0",
        "structure  Sender 0",
        "nested_too_deep  AsItIs 0",
        "too_many_elements  AsItIs 0",
        "foreign_group  Sender 0",
        "element_order  Sender 0",
        "deflate  AsItIs 0",
        "attribute_missing (0020,000D) Correct 10",
        "attribute_missing (0020,000E) Sender 0",
        "attribute_missing (0028,0010) Sender 0",
        "uid (0020,000D) Correct 10",
        "uid (0008,0018) Sender 0",
        "attribute_value (0010,0010) Correct 10",
        "attribute_value (0008,103E) Correct 1",
        "attribute_value (0020,0032) Sender 0",
        "character_set (0008,0005) Correct 10",
        "image_attributes  Sender 0",
        "pixel_length  Sender 0",
        "mismatch (0008,0018) AsItIs 0",
        "same_uid_other_bytes  Sender 0",
        "identity_corrected  Study 0",
        "study_of_two_patients  Correct 10",
        "series_of_two_studies  Correct 10",
        "object_lost  Restore 0",
        "object_damaged  Restore 0",
    ];
    assert_eq!(lines.collect::<Vec<_>>(), expected);
}

#[test]
fn what_cannot_be_corrected_offers_no_attributes() {
    for (code, attribute) in reasons() {
        let (fix, attributes) = fix(&code, attribute.as_deref());
        assert_eq!(fix == Fix::Correct, !attributes.is_empty(), "{code}");
    }
}

#[test]
fn an_entry_ends_once_and_the_same_act_again_is_no_obstacle() {
    use QuarantineState::{Discarded, Readmitted, Waiting};
    let decided = |state, act, fix| decide(state, act, fix).map_err(|refusal| refusal.code);
    assert_eq!(decided(Waiting, Act::Readmit, Fix::Correct), Ok(()));
    assert_eq!(decided(Waiting, Act::Readmit, Fix::Sender), Err("quarantine_not_fixable".to_owned()));
    for fix in [Fix::Correct, Fix::AsItIs, Fix::Study, Fix::Restore, Fix::Sender] {
        assert_eq!(decided(Waiting, Act::Discard, fix), Ok(()));
        assert_eq!(decided(Act::Readmit.ends_as(), Act::Readmit, fix), Ok(()));
        assert_eq!(decided(Act::Discard.ends_as(), Act::Discard, fix), Ok(()));
        assert_eq!(decided(Readmitted, Act::Discard, fix), Err("quarantine_readmitted".to_owned()));
        assert_eq!(decided(Discarded, Act::Readmit, fix), Err("quarantine_discarded".to_owned()));
    }
}

#[test]
fn only_what_the_reason_allows_is_corrected_and_only_by_values_of_its_kind() {
    let (_, allowed) = fix("study_of_two_patients", None);
    let check = |attribute, value: &str| {
        let corrections = [(attribute, value.to_owned())].into();
        check_corrections(allowed, &corrections).map_err(|refusal| refusal.code)
    };
    assert_eq!(check(Attribute::PatientId, "RIGHT"), Ok(()));
    let forbidden = Err("attribute_not_correctable".to_owned());
    assert_eq!(check(Attribute::SpecificCharacterSet, "ISO_IR 100"), forbidden);
    assert_eq!(check(Attribute::PatientBirthDate, "1960"), Err("correction_invalid".to_owned()));
}

#[test]
fn what_could_be_corrected_stands_alone_when_nothing_says_where_it_belongs() {
    let (one, other) = (Digest::of(b"one"), Digest::of(b"other"));
    let of = |code, object| alone(code, None, object);
    assert_ne!(of("study_of_two_patients", one), of("study_of_two_patients", other));
    assert_eq!(of("not_dicom", one), of("not_dicom", other));
}

fn waiting(number: u8, study: u8, sender: u8, code: u8) -> Waiting {
    Waiting {
        id: QuarantineId::from_bits(u128::from(number)),
        received_at: Time::UNIX_EPOCH + TimeDelta::minutes(i64::from(number)),
        sender: format!("CT{sender}"),
        belongs_to: format!("1.2.{study}"),
        reason_code: ["truncated", "character_set"][usize::from(code)].to_owned(),
        reason: String::new(),
        remedy: String::new(),
        attribute: None,
        bytes: 10,
    }
}

#[test]
fn two_hundred_objects_of_a_study_are_one_row() {
    let entries: Vec<Waiting> = (0..200).map(|number| waiting(number, 1, 1, 0)).collect();
    let studies = [("1.2.1".to_owned(), StudyId::from_bits(7))].into();
    let now = Time::UNIX_EPOCH + TimeDelta::minutes(30);
    let groups = grouped(&entries, &studies, now);
    let [group] = groups.as_slice() else { panic!("{} rows", groups.len()) };
    assert_eq!((group.entries, group.bytes, group.is_overdue), (200, 2000, true));
    assert_eq!(group.id, entries[0].id);
    assert_eq!(group.newest_received_at, entries[199].received_at);
    assert_eq!(group.study, Some(StudyId::from_bits(7)));
}

proptest! {
    #[test]
    fn each_entry_is_in_exactly_one_group_and_somebody_is_told_once_of_each(
        kinds in proptest::collection::vec((0_u8..3, 0_u8..2, 0_u8..2, any::<bool>()), 0..60),
    ) {
        let entries: Vec<(Waiting, bool)> = (0_u8..)
            .zip(&kinds)
            .map(|(number, (study, sender, code, is_told))| (waiting(number, *study, *sender, *code), *is_told))
            .collect();
        let alone: Vec<Waiting> = entries.iter().map(|(entry, _)| entry.clone()).collect();
        let groups = grouped(&alone, &HashMap::new(), Time::UNIX_EPOCH);
        prop_assert_eq!(groups.iter().map(|group| group.entries).sum::<u64>(), entries.len() as u64);
        let kinds: std::collections::HashSet<_> = kinds.iter().map(|(a, b, c, _)| (a, b, c)).collect();
        prop_assert_eq!(groups.len(), kinds.len());

        let untold = untold(&entries);
        let named: Vec<&QuarantineId> = untold.iter().flat_map(|group| &group.entries).collect();
        prop_assert_eq!(named.len(), entries.iter().filter(|(_, is_told)| !is_told).count());
        // Once all are told of, nobody is told again.
        let told: Vec<(Waiting, bool)> = entries.into_iter().map(|(entry, _)| (entry, true)).collect();
        prop_assert!(super::untold(&told).is_empty());
    }
}
