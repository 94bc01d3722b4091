//! R34: a report names everything that it rests on, in every case, and outside readers open it.

use crate::anatomy::{chest, files, provenance, sources};
use crate::dciodvfy::errors;
use contract::generation::DerivedRole;
use contract::review::{Finding, FindingKind, Read, ReadContent, Severity, Signature, Verdict};
use contract::{CaseId, Digest, ReadId, SignatureId, Time, UserId};
use dicom_io::derive::{DerivedObject, SourceObject, derived_image};
use dicom_io::fixture::{CtSeries, DataSet, Stored};
use dicom_io::parametric_map::{Interval, parametric_maps};
use dicom_io::sr::{Evidence, EvidenceInstance, EvidenceSeries, read_report};
use dicom_io::{TransferSyntax, tags, volume};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

const CT: &str = "1.2.840.10008.5.1.4.1.1.2";

pub(crate) fn series(uid: &str, instances: usize) -> EvidenceSeries {
    let instances = (1..=instances).map(|number| EvidenceInstance {
        sop_class_uid: CT.into(),
        sop_instance_uid: format!("{uid}.{number}"),
    });
    EvidenceSeries { series_instance_uid: uid.to_owned(), instances: instances.collect() }
}

pub(crate) fn evidence(series: Vec<EvidenceSeries>) -> Evidence {
    Evidence { study_instance_uid: "1.2.3".into(), series }
}

pub(crate) fn finding(kind: FindingKind, centre_mm: Option<[f64; 3]>, diameter_mm: Option<f64>) -> Finding {
    Finding { id: None, kind, severity: Severity::Major, centre_mm, diameter_mm, comment: "see here".into() }
}

pub(crate) fn read(findings: Vec<Finding>) -> Read {
    let verdict = if findings.is_empty() { Verdict::Accept } else { Verdict::Reject };
    Read {
        id: ReadId::from_bits(3),
        case: CaseId::from_bits(4),
        content: ReadContent { verdict: Some(verdict), findings, ..ReadContent::default() },
        signature: Signature {
            id: SignatureId::from_bits(5),
            signer: UserId::from_bits(6),
            printed_name: "Rosa Lind".into(),
            signed_at: Time::from_timestamp(1_800_000_100, 0).unwrap(),
            meaning: "I have read this image.".into(),
            case_digest: Digest::of(b"case"),
            content_digest: Digest::of(b"content"),
            authentication: vec!["password".into()],
            calibrated_display: false,
            personal_key: None,
        },
        is_final: true,
        addenda: Vec::new(),
    }
}

struct Case {
    name: &'static str,
    findings: Vec<Finding>,
    evidence: Evidence,
    source: fn(DataSet) -> DataSet,
}

fn cases() -> Vec<Case> {
    let two_series = || evidence(vec![series("1.2.3.1", 16), series("2.25.7", 16), series("2.25.8", 1)]);
    let ai_side = vec![
        finding(FindingKind::Invented, Some([1.0, 2.0, 2.5]), Some(4.5)),
        finding(FindingKind::Distorted, Some([-3.0, 2.0, 0.0]), None),
        finding(FindingKind::Texture, None, None),
    ];
    let case = |name, findings, evidence| Case { name, findings, evidence, source: |slice| slice };
    vec![
        case("no findings", Vec::new(), two_series()),
        case("only AI-side findings", ai_side.clone(), two_series()),
        case("one series", ai_side.clone(), evidence(vec![series("1.2.3.1", 3)])),
        Case {
            source: |slice| slice.text(tags::ACCESSION_NUMBER, *b"SH", ""),
            ..case("an empty accession number", ai_side.clone(), two_series())
        },
        Case {
            source: |slice| slice.without(tags::ACCESSION_NUMBER),
            ..case("no accession number", Vec::new(), two_series())
        },
        case("600 instances", ai_side, evidence(vec![series("1.2.3.1", 600), series("2.25.7", 600)])),
    ]
}

pub(crate) fn source(change: fn(DataSet) -> DataSet) -> SourceObject {
    let slice = CtSeries::new("1.2.3").slices_of(&chest(1), Stored::default()).remove(0);
    SourceObject::read(&change(slice).file(TransferSyntax::ExplicitLittle)).unwrap()
}

fn report(case: &Case) -> DerivedObject {
    let read = read(case.findings.clone());
    read_report(&read, &source(case.source), &case.evidence, "Demo Hospital").unwrap()
}

fn uids(evidence: &Evidence) -> BTreeSet<String> {
    let instances = evidence.series.iter().flat_map(|series| &series.instances);
    instances.map(|instance| instance.sop_instance_uid.clone()).collect()
}

#[test]
fn r34_every_report_lists_what_it_rests_on_and_is_valid() {
    for case in cases() {
        let report = report(&case);
        assert_eq!(errors(&report.file), Vec::<String>::new(), "{}", case.name);
        let object = dicom_io::read::object(&report.file).unwrap();
        let studies = object.element(tags::CURRENT_REQUESTED_PROCEDURE_EVIDENCE_SEQUENCE).unwrap();
        let mut listed = BTreeSet::new();
        for study in studies.items().unwrap() {
            for series in study.element(tags::REFERENCED_SERIES_SEQUENCE).unwrap().items().unwrap() {
                for instance in series.element(tags::REFERENCED_SOP_SEQUENCE).unwrap().items().unwrap() {
                    let uid = instance.element(tags::REFERENCED_SOP_INSTANCE_UID).unwrap();
                    listed.insert(uid.to_str().unwrap().trim_end_matches('\0').to_owned());
                }
            }
        }
        assert_eq!(listed, uids(&case.evidence), "{}", case.name);
    }
}

#[test]
fn r34_dcmtk_opens_every_report() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.dcm");
    for case in cases() {
        std::fs::write(&path, report(&case).file).unwrap();
        let dumped = Command::new("dsrdump").arg(&path).output().expect("dsrdump; install dcmtk");
        let text = String::from_utf8_lossy(&dumped.stdout).into_owned();
        assert!(dumped.status.success(), "{}: {}", case.name, String::from_utf8_lossy(&dumped.stderr));
        assert!(
            text.contains("Imaging Measurement Report") && text.contains("Rosa"),
            "{}: {text}",
            case.name
        );
    }
}

/// What highdicom says about files: an object for each, by name.
pub(crate) fn highdicom(folder: &Path) -> Value {
    let python = std::env::var("COUNTERSIGN_TEST_PYTHON").expect(
        "COUNTERSIGN_TEST_PYTHON names a Python with the packages of infra/test-requirements.txt, which \
         infra/test-services installs",
    );
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance/read_with_highdicom.py");
    let said = Command::new(&python).arg(script).arg(folder).output().expect(&python);
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    serde_json::from_slice(&said.stdout).unwrap()
}

#[test]
fn r34_highdicom_reads_every_report() {
    let folder = tempfile::tempdir().unwrap();
    for (index, case) in cases().iter().enumerate() {
        std::fs::write(folder.path().join(format!("{index}.dcm")), report(case).file).unwrap();
    }
    let said = highdicom(folder.path());
    for (index, case) in cases().iter().enumerate() {
        let said = &said[format!("{index}.dcm")];
        let listed: BTreeSet<String> = serde_json::from_value(said["evidence"].clone()).unwrap();
        assert_eq!(listed, uids(&case.evidence), "{}", case.name);
        let groups = said["groups"].as_array().unwrap();
        assert_eq!(groups.len(), case.findings.len(), "{}: {said}", case.name);
        for (group, finding) in groups.iter().zip(&case.findings) {
            let kind = format!("{:?}", finding.kind).to_uppercase();
            assert_eq!(group["finding"], Value::from(kind), "{}", case.name);
        }
        assert_eq!(said["verifier"], "Lind^Rosa");
    }
}

#[test]
fn r34_highdicom_reads_the_maps_where_they_lie() {
    let slices = CtSeries::new("1.2.3").slices_of(&chest(4), Stored::default());
    let source = files(&slices, TransferSyntax::ExplicitLittle);
    let image = volume::from_files(&source).unwrap().volume;
    let shifted = |by: f32| {
        let data = image.data.iter().enumerate().map(|(i, value)| value + by * (1 + i % 9) as f32).collect();
        image.with_data(data).unwrap()
    };
    let (lower, upper) = (shifted(-8.0), shifted(4.0));
    let interval = Interval { image: &image, lower: &lower, upper: &upper };
    let maps = parametric_maps(&sources(&source), interval, &provenance()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (role, map) in &maps {
        std::fs::write(folder.path().join(format!("{}.dcm", role.as_str())), &map.file).unwrap();
    }
    let derived = derived_image(&sources(&source), &image, &provenance()).unwrap();
    std::fs::write(folder.path().join("image.dcm"), &derived[0].file).unwrap();
    let said = highdicom(folder.path());
    for (role, mean) in [
        (DerivedRole::Uncertainty, None),
        (DerivedRole::Lower, Some(&lower)),
        (DerivedRole::Upper, Some(&upper)),
    ] {
        let said = &said[format!("{}.dcm", role.as_str())];
        let affine: Vec<Vec<f64>> = serde_json::from_value(said["affine"].clone()).unwrap();
        // highdicom counts slices, rows, columns, and slices from the other end.
        let theirs = |index: [f64; 3]| {
            [0, 1, 2].map(|axis| (0..3).map(|c| affine[axis][c] * index[c]).sum::<f64>() + affine[axis][3])
        };
        for corner in [[0.0; 3], [95.0, 0.0, 0.0], [0.0, 95.0, 0.0], [0.0, 0.0, 3.0]] {
            let [i, j, k] = corner;
            let (ours, theirs) = (image.affine.apply(corner), theirs([3.0 - k, j, i]));
            assert!(ours.iter().zip(theirs).all(|(a, b)| (a - b).abs() < 1e-4), "{ours:?} {theirs:?}");
        }
        assert_eq!(said["shape"], serde_json::json!([4, 96, 96]));
        assert_eq!(said["unit"], "[hnsf'U]");
        if let Some(volume) = mean {
            let mean =
                volume.data.iter().map(|value| f64::from(*value)).sum::<f64>() / volume.data.len() as f64;
            assert!((said["mean"].as_f64().unwrap() - mean).abs() < 1e-3, "{said}");
        }
    }
    assert_eq!(said["image.dcm"]["unit"], "HU");
}
