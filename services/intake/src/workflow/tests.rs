use super::*;
use chrono::DateTime;
use dicom_io::fixture::CtSeries;
use dicom_io::scan::{self, Plane};
use dicom_io::{TransferSyntax, tags};
use proptest::prelude::*;

fn header() -> Header {
    let slice = CtSeries::new("1.2.3").slice(0).encode(TransferSyntax::ExplicitLittle);
    scan::scan(&slice, TransferSyntax::ExplicitLittle.uid()).unwrap().header
}

fn standing(header: &Header, state: SeriesState, source_set: Option<Digest>) -> Standing {
    let (id, study) = (SeriesId::from_bits(1), StudyId::from_bits(2));
    Standing {
        instance: None,
        study: Some(StudyStanding { id: study.clone(), patient: header.patient.clone() }),
        series: Some(SeriesStanding { id, study, state, source_set }),
    }
}

#[test]
fn a_new_object_is_stored() {
    let admission = decide_admission(&header(), Digest::of(b"a"), &Standing::default(), None);
    assert_eq!(admission, Admission::Store { former_source_set: None });
}

fn stored() -> Standing {
    let (digest, object) = (Digest::of(b"a"), Digest::of(b"file"));
    let instance = InstanceStanding { digest, object, study: StudyId::from_bits(2) };
    Standing { instance: Some(instance), ..Standing::default() }
}

fn compared(with: &[u8], is_correction: bool) -> Compared {
    Compared { with: Digest::of(with), is_correction }
}

#[test]
fn the_same_bytes_again_change_nothing_and_other_bytes_are_kept() {
    let decide = |bytes: &[u8], compared| decide_admission(&header(), Digest::of(bytes), &stored(), compared);
    assert_eq!(decide(b"a", None), Admission::Repeated);
    assert_eq!(decide(b"b", None), Admission::Compare(stored().instance.unwrap()));
    // What it was compared with has changed meanwhile.
    assert!(matches!(decide(b"b", Some(compared(b"before", true))), Admission::Compare(_)));
    let Admission::Quarantine { status, refusal, dispute } = decide(b"b", Some(compared(b"a", false))) else {
        panic!("other bytes were taken")
    };
    assert_eq!((status, refusal.code.as_str(), dispute), (CONFLICT, "same_uid_other_bytes", None));
}

#[test]
fn the_same_image_under_another_identity_waits_for_a_person() {
    let decided = decide_admission(&header(), Digest::of(b"b"), &stored(), Some(compared(b"a", true)));
    let Admission::Quarantine { status, refusal, dispute } = decided else { panic!("it was taken") };
    assert_eq!((status, refusal.code.as_str()), (DISPUTED, "identity_corrected"));
    assert_eq!(dispute, Some(Dispute::Correction(StudyId::from_bits(2))));
}

#[test]
fn a_study_of_two_patients_disputes_the_identity() {
    let header = header();
    let mut standing = standing(&header, SeriesState::Receiving, None);
    standing.study.as_mut().unwrap().patient.issuer = "elsewhere".into();
    let admission = decide_admission(&header, Digest::of(b"a"), &standing, None);
    let Admission::Quarantine { status, dispute, .. } = admission else { panic!("it was taken") };
    assert_eq!((status, dispute), (DISPUTED, Some(Dispute::TwoPatients(StudyId::from_bits(2)))));
}

#[test]
fn a_series_of_two_studies_is_kept() {
    let header = header();
    let mut standing = standing(&header, SeriesState::Receiving, None);
    standing.study = None;
    let admission = decide_admission(&header, Digest::of(b"a"), &standing, None);
    assert!(matches!(admission, Admission::Quarantine { dispute: None, status: DISPUTED, .. }));
}

#[test]
fn a_late_image_ends_the_former_set_and_a_report_does_not() {
    let (mut header, set) = (header(), Digest::of(b"set"));
    let standing = standing(&header, SeriesState::Ready, Some(set));
    let store = |header: &Header| decide_admission(header, Digest::of(b"late"), &standing, None);
    assert_eq!(store(&header), Admission::Store { former_source_set: Some(set) });
    header.image = None;
    assert_eq!(store(&header), Admission::Store { former_source_set: None });
}

fn at(seconds: i64) -> Time {
    DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

const PATIENCE: Patience =
    Patience { quiet: TimeDelta::seconds(10), settle: TimeDelta::seconds(1), voxels_max: 1 << 20 };

fn members(count: u16) -> Vec<Member> {
    let series = CtSeries::new("1.2.3");
    (0..count)
        .map(|slice| {
            let encoded = series.slice(slice).encode(TransferSyntax::ExplicitLittle);
            let header = scan::scan(&encoded, TransferSyntax::ExplicitLittle.uid()).unwrap().header;
            Member {
                sop_instance_uid: header.sop_instance_uid,
                digest: Digest::of(&encoded),
                instance_number: header.instance_number,
                image_type: header.image_type,
                image: header.image,
            }
        })
        .collect()
}

fn plane(member: &mut Member) -> &mut Plane {
    member.image.as_mut().unwrap().plane.as_mut().unwrap()
}

fn arrival(association_closed: bool) -> Arrival {
    Arrival { changed_at: at(0), association_closed, ours: false }
}

fn parked(arrival: Arrival, members: &[Member]) -> (String, String) {
    match decide_completion(arrival, members, PATIENCE, at(10)) {
        Completion::Park { code, reason } => (code, reason),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_regular_series_is_taken_soon_after_its_association_ended() {
    let members = members(4);
    let decide = |closed, seconds| decide_completion(arrival(closed), &members, PATIENCE, at(seconds));
    assert_eq!(decide(true, 0), Completion::Wait);
    assert!(matches!(decide(true, 1), Completion::Convert { .. }));
    assert_eq!(decide(false, 9), Completion::Wait);
    assert!(matches!(decide(false, 10), Completion::Convert { .. }));
}

#[test]
fn a_gap_is_waited_for_and_then_parked_with_the_slices_named() {
    let mut members = members(6);
    members.remove(2);
    assert_eq!(decide_completion(arrival(true), &members, PATIENCE, at(9)), Completion::Wait);
    let (code, reason) = parked(arrival(true), &members);
    assert_eq!(code, "uneven_slices");
    assert!(reason.contains("slices 2–4 every 5.00 mm"), "{reason}");
}

#[test]
fn a_scout_among_slices_is_named_and_a_localizer_alone_is_parked() {
    let mut members = members(4);
    members[0].image.as_mut().unwrap().rows = 99;
    assert_eq!(parked(arrival(true), &members).0, "mixed_stacks");
    for member in &mut members {
        member.image_type = vec!["ORIGINAL".into(), "PRIMARY".into(), "LOCALIZER".into()];
    }
    assert_eq!(parked(arrival(true), &members).0, "localizer");
}

#[test]
fn what_can_never_be_an_input_is_parked() {
    assert_eq!(parked(Arrival { ours: true, ..arrival(true) }, &members(4)).0, "own_objects");
    let mut reports = members(2);
    for member in &mut reports {
        member.image = None;
    }
    assert_eq!(parked(arrival(true), &reports).0, "no_images");
    let mut flat = members(3);
    flat[1].image.as_mut().unwrap().rescale_slope = Some(0.0);
    let (code, reason) = parked(arrival(true), &flat);
    assert_eq!(
        (code.as_str(), reason.as_str()),
        ("slice_unusable", "slice 2 can't be used: its rescale slope is 0")
    );
}

#[test]
fn a_volume_beyond_the_limit_is_parked() {
    let patience = Patience { voxels_max: 100, ..PATIENCE };
    let completion = decide_completion(arrival(true), &members(3), patience, at(10));
    assert!(matches!(completion, Completion::Park { code, .. } if code == "volume_too_large"));
}

#[test]
fn the_tag_of_the_manufacturer_tells_our_own_objects() {
    let ours = CtSeries::new("1.2.3").slice(0).text(tags::MANUFACTURER, *b"LO", dicom_io::MANUFACTURER);
    let encoded = ours.encode(TransferSyntax::ExplicitLittle);
    assert!(scan::scan(&encoded, TransferSyntax::ExplicitLittle.uid()).unwrap().header.is_ours());
}

proptest! {
    #[test]
    fn the_source_set_depends_on_the_instances_and_on_nothing_else(
        order in Just((0..8_usize).collect::<Vec<_>>()).prop_shuffle(),
        changed in 0_usize..8,
    ) {
        let source_set = |members: &[Member]| match decide_completion(arrival(true), members, PATIENCE, at(10)) {
            Completion::Convert { source_set, .. } => source_set,
            other => panic!("{other:?}"),
        };
        let members = members(8);
        let mut other: Vec<Member> = order.iter().map(|index| members[*index].clone()).collect();
        prop_assert_eq!(source_set(&members), source_set(&other));
        other[changed].digest = Digest::of(b"other");
        prop_assert_ne!(source_set(&members), source_set(&other));
    }

    #[test]
    fn an_irregular_series_is_never_converted(slice in 0_usize..6, shift_mm in 0.1..2.0_f64, axis in 0_usize..3) {
        let mut members = members(6);
        plane(&mut members[slice]).position[axis] += shift_mm;
        let completion = decide_completion(arrival(true), &members, PATIENCE, at(10));
        prop_assert!(matches!(completion, Completion::Park { .. }), "{:?}", completion);
    }
}
