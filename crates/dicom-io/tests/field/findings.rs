//! R22 and R35: each finding of a read keeps its own place, number and name in what outside readers see. Findings are
//! exported as structured reports, not as segmentations, and every map has a frame for every slice.

use crate::anatomy::{files, provenance, sources};
use crate::dciodvfy::errors;
use crate::reports::{evidence, finding, highdicom, read, series, source};
use contract::FindingId;
use contract::generation::DerivedRole;
use contract::review::{Finding, FindingKind};
use dicom_io::TransferSyntax;
use dicom_io::fixture::{CtSeries, Stored};
use dicom_io::parametric_map::{Interval, parametric_maps};
use dicom_io::sr::read_report;
use imaging::{Affine, Volume};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// Two that overlap, one of a single voxel, and a point.
fn four() -> Vec<Finding> {
    vec![
        finding(FindingKind::Invented, Some([10.0, -20.0, 55.5]), Some(12.0)),
        finding(FindingKind::Lost, Some([14.0, -20.0, 55.5]), Some(9.5)),
        finding(FindingKind::Distorted, Some([-31.25, 4.0, 12.0]), Some(0.7)),
        finding(FindingKind::Artefact, Some([0.0, 0.0, -3.5]), None),
    ]
}

fn report_of(findings: Vec<Finding>) -> Vec<u8> {
    let evidence = evidence(vec![series("1.2.3.1", 3), series("2.25.7", 3)]);
    read_report(&read(findings), &source(|slice| slice), &evidence, "Demo Hospital").unwrap().file
}

fn groups(report: &[u8], folder: &Path) -> Vec<Value> {
    std::fs::write(folder.join("report.dcm"), report).unwrap();
    highdicom(folder)["report.dcm"]["groups"].as_array().unwrap().clone()
}

fn centre(group: &Value) -> [f64; 3] {
    serde_json::from_value(group["centre"].clone()).unwrap()
}

fn is_near(a: [f64; 3], b: [f64; 3]) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-3)
}

#[test]
fn r35_four_findings_are_four_groups_with_places_numbers_and_names_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let report = report_of(four());
    assert_eq!(errors(&report), Vec::<String>::new());
    let said = groups(&report, folder.path());
    assert_eq!(said.len(), 4, "{said:?}");
    for (group, finding) in said.iter().zip(four()) {
        let wanted = finding.centre_mm.unwrap();
        assert!(is_near(centre(group), wanted), "{group} {wanted:?}");
        assert_eq!(group["finding"], Value::from(format!("{:?}", finding.kind).to_uppercase()));
        assert_eq!(group["diameter"].as_f64(), finding.diameter_mm, "{group}");
        let extent = group["extent"].as_f64().unwrap();
        assert!((extent - finding.diameter_mm.unwrap_or(0.0)).abs() < 1e-3, "overlap is kept: {group}");
    }
    let uids: BTreeSet<&str> = said.iter().map(|group| group["tracking_uid"].as_str().unwrap()).collect();
    assert_eq!(uids.len(), 4, "{said:?}");
    assert_eq!(report_of(four()), report, "and the same ones each time");
}

#[test]
fn r35_names_of_findings_are_their_own_whether_they_have_ids_or_not_and_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    let uids = |findings: Vec<Finding>| -> Vec<String> {
        let said = groups(&report_of(findings), folder.path());
        said.iter().map(|group| group["tracking_uid"].as_str().unwrap().to_owned()).collect()
    };
    let with_ids: Vec<Finding> = (1..)
        .zip(four())
        .map(|(number, finding)| Finding { id: Some(FindingId::from_bits(number)), ..finding })
        .collect();
    let first = uids(with_ids.clone());
    let reversed: Vec<String> = uids(with_ids.iter().rev().cloned().collect()).into_iter().rev().collect();
    assert_eq!(first, reversed, "a finding keeps its name wherever it stands");
    let pointed = Finding { diameter_mm: Some(0.0), ..four().remove(2) };
    assert_eq!(groups(&report_of(vec![pointed]), folder.path())[0]["diameter"], Value::Null, "it is a point");
    // Eleven that are the same in everything but that the reader made eleven of them.
    let alike = vec![four().remove(0); 11];
    let distinct: BTreeSet<String> = uids(alike).into_iter().collect();
    assert_eq!(distinct.len(), 11);
}

/// 120 slices every 1.25 mm, of which the interval is wide in slices 62 to 66 alone.
fn volumes() -> [Volume; 3] {
    let affine = Affine([[0.5, 0.0, 0.0, -8.0], [0.0, 0.75, 0.0, -6.0], [0.0, 0.0, 1.25, -40.0]]);
    let volume = |value: fn(usize, usize) -> f32| {
        let data = (0..120 * 12 * 16).map(|index| value(index / (12 * 16), index)).collect();
        Volume::new(data, [16, 12, 120], affine).unwrap()
    };
    [
        volume(|_, index| (index % 100) as f32),
        volume(|slice, index| (index % 100) as f32 - if (62..=66).contains(&slice) { 50.0 } else { 0.0 }),
        volume(|slice, index| (index % 100) as f32 + if (62..=66).contains(&slice) { 50.0 } else { 0.0 }),
    ]
}

#[test]
fn r22_findings_and_frames_lie_on_their_slices_for_readers_that_count_frames_and_for_those_that_read_places()
{
    let folder = tempfile::tempdir().unwrap();
    let [image, lower, upper] = volumes();
    let slices = CtSeries::new("1.2.3").slices_of(&image, Stored::default());
    let source = files(&slices, TransferSyntax::ExplicitLittle);
    let interval = Interval { image: &image, lower: &lower, upper: &upper };
    let maps = parametric_maps(&sources(&source), interval, &provenance()).unwrap();
    let (_, half_width) = maps.iter().find(|(role, _)| *role == DerivedRole::Uncertainty).unwrap();
    std::fs::write(folder.path().join("map.dcm"), &half_width.file).unwrap();

    let place = |slice: usize| image.affine.apply([7.0, 5.0, slice as f64]);
    let findings =
        (62..=66).map(|slice| finding(FindingKind::Invented, Some(place(slice)), Some(1.25))).collect();
    let said_of_report = groups(&report_of(findings), folder.path());
    let map = &highdicom(folder.path())["map.dcm"];
    let frames: Vec<(f64, f64)> = serde_json::from_value(map["frames"].clone()).unwrap();
    assert_eq!(frames.len(), 120, "no frame is left out, also where there is nothing to show");
    for (slice, (z, largest)) in frames.iter().enumerate() {
        assert!((z - image.affine.apply([0.0, 0.0, slice as f64])[2]).abs() < 1e-3, "{slice}");
        assert_eq!(*largest > 0.0, (62..=66).contains(&slice), "{slice}");
    }
    assert_eq!(said_of_report.len(), 5);
    for (slice, group) in (62..=66).zip(&said_of_report) {
        assert!(is_near(centre(group), place(slice)), "{group}");
        // The frame at the finding's place is one of those in which the map shows something.
        let nearest = (0..120).min_by(|a, b| {
            let off = |frame: &usize| (frames[*frame].0 - centre(group)[2]).abs();
            off(a).total_cmp(&off(b))
        });
        assert_eq!(nearest, Some(slice));
    }
}
