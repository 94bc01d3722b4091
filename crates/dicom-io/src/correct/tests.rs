use super::*;
use crate::fixture::{CtSeries, DataSet};
use crate::read::split;
use chrono::DateTime;
use proptest::prelude::*;

const NATIVE: [TransferSyntax; 4] = [
    TransferSyntax::ExplicitLittle,
    TransferSyntax::ImplicitLittle,
    TransferSyntax::ExplicitBig,
    TransferSyntax::Deflated,
];

fn provenance() -> Provenance<'static> {
    Provenance { sender: "SCANNER", now: DateTime::from_timestamp(1_790_000_000, 5_000).unwrap() }
}

fn values(values: &[(Attribute, &str)]) -> BTreeMap<Attribute, String> {
    values.iter().map(|(attribute, value)| (*attribute, (*value).to_owned())).collect()
}

fn corrected(set: &DataSet, syntax: TransferSyntax, wanted: &[(Attribute, &str)]) -> Vec<u8> {
    correct(&set.file(syntax), &values(wanted), provenance()).unwrap()
}

fn header(file: &[u8]) -> Result<scan::Header, Unusable> {
    let part10 = split(file).unwrap();
    scan::scan(&file[part10.dataset_at..], &part10.transfer_syntax_uid).map(|scan| scan.header)
}

#[test]
fn a_copy_has_the_corrected_values_and_everything_else_in_every_native_encoding() {
    let set = CtSeries::new("1.2.3").slice(3);
    for syntax in NATIVE {
        let before = header(&set.file(syntax)).unwrap();
        let wanted = [(Attribute::PatientId, "RIGHT"), (Attribute::IssuerOfPatientId, "HOME")];
        let after = header(&corrected(&set, syntax, &wanted)).unwrap();
        assert_eq!((after.patient.id.as_str(), after.patient.issuer.as_str()), ("RIGHT", "HOME"));
        let mut back = after.clone();
        back.patient = before.patient.clone();
        assert_eq!(back, before, "{syntax:?}");
    }
}

#[test]
fn what_stood_there_before_is_kept_in_the_copy_item_after_item() {
    for syntax in NATIVE {
        let once = corrected(&CtSeries::new("1.2.3").slice(0), syntax, &[(Attribute::PatientId, "B")]);
        let twice = correct(&once, &values(&[(Attribute::PatientId, "C")]), provenance()).unwrap();
        let object = read::object(&twice).unwrap();
        let items = object.element(tags::ORIGINAL_ATTRIBUTES_SEQUENCE).unwrap().items().unwrap();
        let former: Vec<String> = items
            .iter()
            .map(|item| {
                let modified = item.element(tags::MODIFIED_ATTRIBUTES_SEQUENCE).unwrap().items().unwrap();
                modified[0].element(tags::PATIENT_ID).unwrap().to_str().unwrap().trim().to_owned()
            })
            .collect();
        assert_eq!(former, ["FIXTURE", "B"], "{syntax:?}");
        let text = |tag| items[0].element(tag).unwrap().to_str().unwrap().trim().to_owned();
        assert_eq!(text(tags::MODIFYING_SYSTEM), "COUNTERSIGN");
        assert_eq!(text(tags::SOURCE_OF_PREVIOUS_VALUES), "SCANNER");
        assert_eq!(text(tags::REASON_FOR_THE_ATTRIBUTE_MODIFICATION), "CORRECT");
        assert_eq!(text(tags::ATTRIBUTE_MODIFICATION_DATE_TIME), "20260921141320.000005+0000");
    }
}

#[test]
fn a_sequence_of_undefined_length_gets_its_item_too() {
    let item = [0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0];
    let end = [0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0];
    let tag = tags::ORIGINAL_ATTRIBUTES_SEQUENCE;
    let plain = CtSeries::new("1.2.3").slice(0).bytes(tag, *b"SQ", [&item[..], &end[..]].concat());
    let mut file = plain.file(TransferSyntax::ExplicitLittle);
    let head = [0x00, 0x04, 0x61, 0x05, b'S', b'Q', 0, 0];
    let at = file.windows(head.len()).position(|window| window == head).unwrap() + head.len();
    file[at..at + 4].copy_from_slice(&[0xFF; 4]);
    let copy = correct(&file, &values(&[(Attribute::PatientId, "B")]), provenance()).unwrap();
    let object = read::object(&copy).unwrap();
    assert_eq!(object.element(tag).unwrap().items().unwrap().len(), 2);
}

#[test]
fn values_that_are_none_are_kept_as_bytes_and_absent_ones_as_empty() {
    let long = "1.".repeat(34) + "23";
    let set = CtSeries::new("1.2.3").slice(0).text(tags::STUDY_INSTANCE_UID, *b"UI", &long);
    let set = set.without(tags::ACCESSION_NUMBER);
    let wanted = [(Attribute::StudyInstanceUid, "1.2.3"), (Attribute::AccessionNumber, "A7")];
    let copy = corrected(&set, TransferSyntax::ExplicitLittle, &wanted);
    let object = read::object(&copy).unwrap();
    let items = object.element(tags::ORIGINAL_ATTRIBUTES_SEQUENCE).unwrap().items().unwrap();
    let modified = items[0].element(tags::MODIFIED_ATTRIBUTES_SEQUENCE).unwrap().items().unwrap();
    assert_eq!(modified[0].element(tags::ACCESSION_NUMBER).unwrap().to_bytes().unwrap().len(), 0);
    assert!(modified[0].element(tags::STUDY_INSTANCE_UID).is_err());
    let kept = items[0].element(tags::NONCONFORMING_MODIFIED_ATTRIBUTES_SEQUENCE).unwrap().items().unwrap();
    let value = kept[0].element(tags::NONCONFORMING_DATA_ELEMENT_VALUE).unwrap().to_bytes().unwrap();
    assert!(value.starts_with(long.as_bytes()));
}

#[test]
fn a_character_set_put_right_makes_the_name_readable() {
    let set = CtSeries::new("1.2.3").slice(0).text(tags::SPECIFIC_CHARACTER_SET, *b"CS", "ISO_IR 999");
    let set = set.bytes(tags::PATIENT_NAME, *b"PN", b"M\xFCller^A".to_vec());
    assert_eq!(header(&set.file(TransferSyntax::ExplicitLittle)), Err(Unusable::CharacterSet));
    let wanted = [(Attribute::SpecificCharacterSet, "ISO_IR 100"), (Attribute::StudyDescription, "Schädel")];
    let after = header(&corrected(&set, TransferSyntax::ExplicitLittle, &wanted)).unwrap();
    assert_eq!((after.patient.name.as_str(), after.study_description.as_str()), ("Müller^A", "Schädel"));
}

#[test]
fn what_the_character_set_cannot_hold_is_refused() {
    let file = CtSeries::new("1.2.3").slice(0).file(TransferSyntax::ExplicitLittle);
    let refused = correct(&file, &values(&[(Attribute::PatientName, "山田^太郎")]), provenance());
    assert!(matches!(refused, Err(Unusable::Value { tag: tags::PATIENT_NAME, .. })));
}

#[test]
fn the_length_of_a_changed_group_is_left_out() {
    let set = CtSeries::new("1.2.3").slice(0).bytes(Tag(0x0010, 0), *b"UL", vec![1, 0, 0, 0]);
    let set = set.bytes(Tag(0x0028, 0), *b"UL", vec![1, 0, 0, 0]);
    let copy = corrected(&set, TransferSyntax::ExplicitLittle, &[(Attribute::PatientId, "B")]);
    let parts = Parts::of(&copy).unwrap();
    assert!(parts.element(Tag(0x0010, 0)).is_none() && parts.element(Tag(0x0028, 0)).is_some());
}

#[test]
fn values_are_checked_by_their_representation() {
    for (attribute, good, bad) in [
        (Attribute::PatientBirthDate, "19600131", "19600231"),
        (Attribute::StudyTime, "235959.123456", "2360"),
        (Attribute::PatientSex, "O", "X"),
        (Attribute::StudyInstanceUid, "1.2.3", "1.02.3"),
        (Attribute::AccessionNumber, "0123456789ABCDEF", "0123456789ABCDEF0"),
        (Attribute::PatientId, "MRN 1", "MRN\\1"),
        (Attribute::PatientName, "A^B=山^田", "A^B^C^D^E^F"),
        (Attribute::SpecificCharacterSet, "ISO_IR 192", "ISO_IR 999"),
        (Attribute::IssuerOfPatientId, "", " x"),
    ] {
        assert_eq!(check(attribute, good), Ok(()), "{attribute:?}");
        assert!(check(attribute, bad).is_err(), "{attribute:?}");
    }
    assert!(check(Attribute::StudyInstanceUid, "").is_err());
}

#[test]
fn what_an_object_says_can_be_read_even_where_it_cannot_be_used() {
    let set = CtSeries::new("1.2.3").slice(0).text(tags::SPECIFIC_CHARACTER_SET, *b"CS", "ISO_IR 999");
    let said = as_sent(&set.file(TransferSyntax::ImplicitLittle));
    assert!(said.contains(&(Attribute::PatientId, "FIXTURE".to_owned())));
    assert_eq!(said.len(), Attribute::ALL.len());
    assert!(as_sent(b"no DICOM at all").is_empty());
}

proptest! {
    /// A copy loses no element and moves none, whatever is broken in the original.
    #[test]
    fn no_bytes_make_the_correction_panic(at in 0_usize..1500, value: u8, cut in 0_usize..1500) {
        for syntax in NATIVE {
            let mut file = CtSeries::new("1.2.3").slice(0).file(syntax);
            let length = file.len();
            file[at % length] = value;
            file.truncate(length - cut % length);
            let copy = correct(&file, &values(&[(Attribute::PatientId, "B")]), provenance());
            if let Ok(copy) = copy {
                let (before, after) = (Parts::of(&file).unwrap(), Parts::of(&copy).unwrap());
                let kept = before.roots.iter().filter(|root| root.tag.element() != 0);
                for root in kept {
                    prop_assert!(after.element(root.tag).is_some());
                }
            }
        }
    }
}
