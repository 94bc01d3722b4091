//! Field report R01: while the images of one patient are on their way, those of the next ones are released. Whatever
//! arrives belongs to one and the same patient from the header to the last pixel.

use crate::hospital::{Case, Hospital, told_all};
use crate::{is_delivered, open};
use contract::generation::{DerivedInstance, DerivedRole, DerivedSeries};
use contract::intake::Instance;
use contract::{Digest, RunId, Time};
use database::scratch::Scratch;
use dicom_io::derive::{DerivedObject, Policy, Provenance, SourceObject, derived_image};
use dicom_io::fixture::CtSeries;
use dicom_io::{TransferSyntax, read, scan, tags, volume};
use objects::Objects;
use platform::Shutdown;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const ROUNDS: u128 = 50;
const PATIENTS: u128 = 4;
const SLICES: u16 = 2;

/// What must arrive of one release, and of whom.
struct Expected {
    patient_id: String,
    study_instance_uid: String,
    images: BTreeSet<Digest>,
}

/// A released case of a patient of his own, with pixels that no other patient has.
async fn patient(objects: &Objects, number: u128) -> (Case, Expected) {
    let study_instance_uid = format!("1.2.3.{number}");
    let mut series = CtSeries::new(&study_instance_uid);
    series.patient_id = format!("PATIENT-{number}");
    let pixels = |slice: u16| (0..12 * 16).map(|i| (number as u16 + slice + i) & 0x07FF).collect();
    let files: Vec<Vec<u8>> = (0..SLICES)
        .map(|slice| {
            let set = series.slice(slice).pixels(pixels(slice));
            set.text(tags::PATIENT_NAME, *b"PN", &format!("Patient^{number}"))
                .file(TransferSyntax::ExplicitLittle)
        })
        .collect();
    let mut sources = Vec::new();
    for (slice, file) in files.iter().enumerate() {
        sources.push(Instance {
            sop_instance_uid: series.sop_instance_uid(slice as u16),
            sop_class_uid: "1.2.840.10008.5.1.4.1.1.2".to_owned(),
            digest: read::received_digest(file).unwrap(),
            object: objects.put(file.clone().into()).await.unwrap(),
            transfer_syntax_uid: TransferSyntax::ExplicitLittle.uid().to_owned(),
            slice: slice as u32,
        });
    }
    let images = derived(&files, number);
    let digests = images.iter().map(|image| image.digest).collect();
    let series_instance_uid = images[0].series_instance_uid.clone();
    let mut instances = Vec::new();
    for image in images {
        instances.push(DerivedInstance {
            object: objects.put(image.file.into()).await.unwrap(),
            sop_instance_uid: image.sop_instance_uid,
            sop_class_uid: image.sop_class_uid,
            digest: image.digest,
            slice: image.slice,
        });
    }
    let derived = vec![DerivedSeries { series_instance_uid, role: DerivedRole::Image, instances }];
    let mut case = Case::new(number, sources, derived);
    case.series.study_instance_uid.clone_from(&study_instance_uid);
    case.series.series_instance_uid = series.series_instance_uid();
    (case, Expected { patient_id: series.patient_id, study_instance_uid, images: digests })
}

/// The source's values, a little changed.
fn derived(files: &[Vec<u8>], number: u128) -> Vec<DerivedObject> {
    let sources: Vec<SourceObject> = files.iter().map(|file| SourceObject::read(file).unwrap()).collect();
    let source = volume::from_files(files).unwrap().volume;
    let result = source.with_data(source.data.iter().map(|value| value + 3.0).collect()).unwrap();
    let provenance = Provenance {
        run: RunId::from_bits(10 * number + 3),
        task: "denoise".into(),
        model_name: "copy".into(),
        model_version: "1".into(),
        weights: Digest::of(b"weights"),
        seed: 1,
        texture_percent: 0,
        content_qualification: "RESEARCH".into(),
        created_at: Time::from_timestamp(1_764_000_000, 0).unwrap(),
        output: Digest::of(&number.to_le_bytes()),
        device_serial_number: "1".into(),
        policy: Policy { mark_pixels: false, synthetic_data: false },
    };
    derived_image(&sources, &result, &provenance).unwrap()
}

/// Waits until the PACS has got an object of a patient.
async fn arrives(hospital: &Hospital, patient_id: &str) {
    let has_it = || {
        let requests = hospital.pacs.requests.lock().unwrap();
        let recent = requests.iter().rev().take(8).map(|request| &request.dataset);
        recent.into_iter().any(|bytes| bytes.windows(patient_id.len()).any(|w| w == patient_id.as_bytes()))
    };
    let waiting = async {
        while !has_it() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), waiting).await.expect("the patient's images are sent");
}

async fn r01_what_arrives_is_of_one_patient_while_others_are_released(scratch: Scratch) {
    let hospital = open(&scratch).await;
    *hospital.pacs.pause.lock().unwrap() = Duration::from_millis(10);
    let shutdown = Shutdown::new();
    // Two processes share the work, as two servers would.
    let mut tasks = hospital.start(&scratch.db, &shutdown);
    tasks.extend(hospital.start(&scratch.connect_again().await, &shutdown));
    let mut expected = BTreeMap::new();
    for round in 1..=ROUNDS {
        for place in 0..PATIENTS {
            let (case, wanted) = patient(&hospital.objects, PATIENTS * round + place).await;
            let first = wanted.patient_id.clone();
            expected.insert(wanted.patient_id.clone(), wanted);
            hospital.release_other(case).await;
            if place == 0 {
                arrives(&hospital, &first).await;
            }
        }
    }
    let all = expected.len();
    told_all(&scratch.db, |events| events.iter().filter(|event| is_delivered(event)).count() == all).await;
    shutdown.request();
    futures::future::join_all(tasks).await;
    whole_and_unmixed(&hospital, &expected);
}

/// Every object has patient, study and pixels of one and the same source; none came twice, none is missing.
fn whole_and_unmixed(hospital: &Hospital, expected: &BTreeMap<String, Expected>) {
    let requests = hospital.pacs.requests.lock().unwrap();
    let mut arrived: BTreeMap<&str, usize> = BTreeMap::new();
    let mut uids = BTreeSet::new();
    for request in requests.iter() {
        let header = scan::scan(&request.dataset, &request.transfer_syntax_uid).unwrap().header;
        assert_eq!(header.sop_instance_uid, request.sop_instance_uid);
        assert!(uids.insert(header.sop_instance_uid.clone()), "it came twice");
        let (patient_id, wanted) = expected.get_key_value(&header.patient.id).expect("a patient of ours");
        assert_eq!(header.patient.name, patient_id.replace("PATIENT-", "Patient^"));
        assert_eq!(header.study_instance_uid, wanted.study_instance_uid);
        if header.image.is_some() {
            assert!(wanted.images.contains(&Digest::of(&request.dataset)), "pixels of somebody else");
        } else {
            names_nobody_else(&request.dataset, wanted);
        }
        *arrived.entry(patient_id).or_default() += 1;
    }
    // The images, a report for the one read, and the summary.
    let each = usize::from(SLICES) + 2;
    assert!(arrived.len() == expected.len() && arrived.values().all(|count| *count == each), "{arrived:?}");
}

/// A report refers to instances of its own study only.
fn names_nobody_else(report: &[u8], wanted: &Expected) {
    let uid = b"1.2.3.";
    for at in (0..report.len() - uid.len()).filter(|at| report[*at..].starts_with(uid)) {
        let end = at + report[at..].iter().position(|byte| !matches!(byte, b'0'..=b'9' | b'.')).unwrap();
        let named = std::str::from_utf8(&report[at..end]).unwrap();
        let own = named == wanted.study_instance_uid
            || named.starts_with(&format!("{}.", wanted.study_instance_uid));
        assert!(own, "{named} in a report of {}", wanted.study_instance_uid);
    }
}

database::on_both_databases! {
    r01_what_arrives_is_of_one_patient_while_others_are_released,
}
