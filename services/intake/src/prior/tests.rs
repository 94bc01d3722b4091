//! Whose images stand beside whose.

use super::*;
use contract::{SeriesId, StudyId};

fn patient() -> Patient {
    Patient {
        name: "Fixture^Ann".into(),
        id: "4711".into(),
        issuer: "HOSPITAL A".into(),
        birth_date: "19500101".into(),
        sex: "F".into(),
    }
}

fn series(number: u8, modality: &str, body_part: &str) -> Series {
    Series {
        id: SeriesId::from_bits(number.into()),
        study: StudyId::from_bits(1),
        study_instance_uid: "1.2".into(),
        series_instance_uid: format!("1.2.{number}"),
        modality: modality.into(),
        body_part_examined: body_part.into(),
        protocol_name: String::new(),
        series_description: String::new(),
        series_number: Some(number.into()),
        image_type: vec!["ORIGINAL".into(), "PRIMARY".into()],
        manufacturer: "Maker".into(),
        manufacturer_model_name: String::new(),
        convolution_kernel: String::new(),
        slice_thickness_mm: None,
        software_versions: String::new(),
        pixel_spacing_mm: None,
        magnetic_field_strength: String::new(),
        requested_procedure_priority: String::new(),
        matrix: (512, 512),
        sender: "CT1".into(),
        state: SeriesState::Ready,
        parked_reason: None,
        instance_count: 4,
        source_set: None,
        volume: None,
        instances: Vec::new(),
    }
}

/// A study with one series per body part.
fn study(number: u8, (date, time): (&str, &str), body_parts: &[&str]) -> Study {
    Study {
        id: StudyId::from_bits(number.into()),
        study_instance_uid: format!("1.2.{number}"),
        patient: patient(),
        study_date: date.into(),
        study_time: time.into(),
        accession_number: String::new(),
        study_description: String::new(),
        received_at: "2026-11-25T07:00:00Z".parse().unwrap(),
        identity_disputed: false,
        series: (1..).zip(body_parts).map(|(at, part)| series(10 * number + at, "CT", part)).collect(),
    }
}

/// The numbers of the series that stand beside the chest of 2 March, noon.
fn beside(others: impl IntoIterator<Item = Study>) -> Vec<i32> {
    let current = study(1, ("20260302", "120000"), &["CHEST"]);
    let found = priors(&current, &current.series[0], others.into_iter().collect());
    found.into_iter().map(|prior| prior.series.series_number.unwrap()).collect()
}

#[test]
fn only_what_was_made_before_for_certain_stands_beside() {
    let at = |date, time| beside([study(2, (date, time), &["CHEST"])]).len();
    for (date, time) in [("20260301", "235959"), ("20251231", ""), ("20260302", "115959"), ("20260302", "11")]
    {
        assert_eq!(at(date, time), 1, "{date} {time}");
    }
    for (date, time) in [
        ("20260303", "000000"),
        ("20260302", "120000"),
        ("20260302", "120000.5"),
        ("20260302", "12"),
        ("20260302", ""),
        ("", "000000"),
        ("2025", "000000"),
        ("2025.1.1", ""),
    ] {
        assert_eq!(at(date, time), 0, "{date} {time}");
    }
}

#[test]
fn another_patient_and_one_who_may_be_another_never_stand_beside() {
    let earlier = || study(2, ("20250101", ""), &["CHEST"]);
    assert_eq!(beside([earlier()]).len(), 1);
    let changed = |change: fn(&mut Study)| {
        let mut other = earlier();
        change(&mut other);
        beside([other]).len()
    };
    assert_eq!(changed(|study| study.patient.id = "4712".into()), 0);
    assert_eq!(changed(|study| study.patient.issuer = "HOSPITAL B".into()), 0);
    assert_eq!(changed(|study| study.patient.issuer = String::new()), 0);
    assert_eq!(changed(|study| study.patient.birth_date = "19500102".into()), 0);
    assert_eq!(changed(|study| study.patient.sex = "M".into()), 0);
    assert_eq!(changed(|study| study.identity_disputed = true), 0);
    assert_eq!(
        changed(|study| study.patient.birth_date = String::new()),
        1,
        "what isn't said speaks against nothing"
    );
    assert_eq!(changed(|study| study.patient.name = "Other^Ann".into()), 1, "people marry");

    let mut current = study(1, ("20260302", ""), &["CHEST"]);
    current.identity_disputed = true;
    assert!(priors(&current, &current.series[0], vec![earlier()]).is_empty(), "nobody knows whose it is");
    current.identity_disputed = false;
    current.patient.id = String::new();
    let mut nameless = earlier();
    nameless.patient.id = String::new();
    assert!(priors(&current, &current.series[0], vec![nameless]).is_empty(), "no ID is nobody's");
}

#[test]
fn what_was_made_of_other_images_and_what_is_no_whole_volume_never_stands_beside() {
    let with = |change: fn(&mut Series)| {
        let mut other = study(2, ("20250101", ""), &["CHEST"]);
        change(&mut other.series[0]);
        beside([other]).len()
    };
    assert_eq!(with(|series| series.image_type = vec!["DERIVED".into(), "PRIMARY".into()]), 0);
    assert_eq!(with(|series| series.image_type = Vec::new()), 0);
    assert_eq!(with(|series| series.state = SeriesState::Receiving), 0);
    assert_eq!(with(|series| series.state = SeriesState::Parked), 0);
}

#[test]
fn what_is_most_like_the_series_comes_first_and_of_these_the_newest() {
    use PriorLikeness::{OtherModality, OverlappingRegion, SameModality, SameRegion};
    let old = study(2, ("20200101", ""), &["CHEST", "CHESTABDPELVIS", "HEAD", "CHEST"]);
    let mut new = study(3, ("20250101", ""), &["ABDOMEN", "CHEST", "CHEST"]);
    new.series[2].modality = "MR".into();
    assert_eq!(beside([old.clone(), new.clone()]), [32, 21, 24, 22, 31, 23, 33]);
    let current = study(1, ("20260302", ""), &["CHEST"]);
    let found = priors(&current, &current.series[0], vec![old, new]);
    let likeness: Vec<_> = found.iter().map(|prior| prior.likeness).collect();
    let expected =
        [SameRegion, SameRegion, SameRegion, OverlappingRegion, SameModality, SameModality, OtherModality];
    assert_eq!(likeness, expected);
}

#[test]
fn a_body_part_that_is_not_said_is_no_region() {
    let mut current = study(1, ("20260302", ""), &[""]);
    current.series[0].modality = "CT".into();
    let found = priors(&current, &current.series[0], vec![study(2, ("20250101", ""), &[""])]);
    assert_eq!(found[0].likeness, PriorLikeness::SameModality);
}

#[test]
fn a_long_history_is_cut_behind_the_best() {
    let parts = ["HEAD"; 30];
    let many = (2..6).map(|number| study(number, ("20250101", ""), &parts));
    assert_eq!(beside(many).len(), PRIORS_MAX);
}
