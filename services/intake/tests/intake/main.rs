//! The story of a received object, on both databases: from the door to the volume, with real parts.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]
#![expect(clippy::float_cmp, reason = "whole numbers come out exactly")]

mod identity;
mod issuers;
mod objects_field;
mod paging;
mod priors;
mod quarantine;
mod recorded;
mod running;
mod series_field;
mod store_shim;
mod subgroup;

use contract::intake::SeriesState;
use contract::{Digest, Event, PageRequest, Role};
use database::scratch::Scratch;
use dicom_io::TransferSyntax;
use dicom_io::fixture::CtSeries;
use dicom_io::tags;
use intake::{Config, Deps};
use platform::{CpuPool, Random, SystemClock};
use running::{EXPLICIT, Running, quick, send, send_series, until};
use std::sync::Arc;

async fn a_series_from_the_scanner_becomes_one_volume(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let series = CtSeries::new("1.2.3");
    send_series(running, &series, 0..6).await;
    let study = running.concluded("1.2.3").await;
    let ready = &study.series[0];
    assert_eq!((ready.state, ready.instance_count, ready.matrix), (SeriesState::Ready, 6, (12, 16)));
    assert_eq!(ready.sender, "SCANNER");
    let slices: Vec<u32> = ready.instances.iter().map(|instance| instance.slice).collect();
    assert_eq!(slices, [0, 1, 2, 3, 4, 5]);

    let nifti = running.volumes.get(&ready.volume.unwrap()).await.unwrap().unwrap();
    let volume = volume_io::nifti::read_bytes(&nifti).unwrap();
    assert_eq!((volume.dims, volume.affine.spacing()), ([16, 12, 6], [0.5, 0.75, 2.5]));
    assert_eq!(volume.data[0], -1724.0);

    // Kept as received, and named by what the browser will compute.
    let file = running.dicom.get(&ready.instances[2].object).await.unwrap().unwrap();
    let dataset = series.slice(2).encode(EXPLICIT);
    assert!(file.ends_with(&dataset));
    assert_eq!(ready.instances[2].digest, Digest::of(&dataset));
    let events =
        until("the events", || async move { Some(running.events().await).filter(|e| e.len() == 2) }).await;
    let [Event::SeriesReceived { .. }, Event::SeriesReady { source_set, .. }] = events.as_slice() else {
        panic!("{events:?}")
    };
    let check = running.as_service("delivery").source_check(&ready.id, *source_set).await.unwrap();
    assert!(check.unchanged);
}

async fn a_late_slice_ends_the_former_set(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let series = CtSeries::new("1.2.3");
    send_series(running, &series, 0..4).await;
    let before = running.concluded("1.2.3").await.series.remove(0);
    send_series(running, &series, 4..5).await;
    let former = before.source_set;
    let after = until("a new volume", || async move {
        let series = running.study("1.2.3").await?.series.remove(0);
        series.source_set.filter(|set| Some(*set) != former)
    })
    .await;
    let delivery = running.as_service("delivery");
    assert!(!delivery.source_check(&before.id, before.source_set.unwrap()).await.unwrap().unchanged);
    assert!(delivery.source_check(&before.id, after).await.unwrap().unchanged);
    let events =
        until("four events", || async move { Some(running.events().await).filter(|e| e.len() == 4) }).await;
    assert!(
        matches!(&events[2], Event::SeriesChanged { former_source_set, .. } if Some(*former_source_set) == before.source_set)
    );
    assert!(matches!(events[3], Event::SeriesReady { .. }));
}

async fn repetitions_conflicts_and_second_patients(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let series = CtSeries::new("1.2.3");
    let mut association = running.associate().await;
    let slice = series.slice(0);
    assert_eq!(send(&mut association, &series, 0, &slice).await, 0);
    assert_eq!(send(&mut association, &series, 0, &slice).await, 0);
    let other = slice.clone().text(tags::RESCALE_SLOPE, *b"DS", "2");
    assert_eq!(send(&mut association, &series, 0, &other).await, 0xC001);
    assert_eq!(send(&mut association, &series, 0, &other).await, 0xC001);
    let stranger = series.slice(1).text(tags::PATIENT_ID, *b"LO", "SOMEBODY ELSE");
    assert_eq!(send(&mut association, &series, 1, &stranger).await, 0xC002);
    let broken = series.slice(2).short(tags::ROWS, 0);
    assert_eq!(send(&mut association, &series, 2, &broken).await, 0xC000);
    assert_eq!(send(&mut association, &series, 7, &series.slice(3)).await, 0xA900);
    assert_eq!(send(&mut association, &series, 3, &series.slice(3)).await, 0);
    association.release().await.unwrap();

    let stored = running.study("1.2.3").await.unwrap().series.remove(0);
    assert_eq!(stored.instance_count, 2);
    let file = running.dicom.get(&stored.instances[0].object).await.unwrap().unwrap();
    assert!(file.ends_with(&slice.encode(EXPLICIT)), "nothing was overwritten");
    let quarantine = running.as_person(&[Role::Quality]).quarantine(&PageRequest::default()).await.unwrap();
    let mut codes: Vec<&str> = quarantine.items.iter().map(|item| item.node.reason_code.as_str()).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["image_attributes", "mismatch", "same_uid_other_bytes", "study_of_two_patients"]);
    assert!(quarantine.items.iter().all(|item| item.node.bytes > 500 && !item.node.remedy.is_empty()));

    // Whose study it is, is in question: nothing of it may leave.
    let ready = running.concluded("1.2.3").await.series.remove(0);
    let set = ready.source_set.unwrap_or_else(|| panic!("{:?}", ready.parked_reason));
    assert!(!running.as_service("delivery").source_check(&ready.id, set).await.unwrap().unchanged);
}

async fn four_associations_at_a_time_lose_and_repeat_nothing(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let series = &CtSeries::new("1.2.3");
    let other = &series.slice(4).text(tags::RESCALE_SLOPE, *b"DS", "2");
    let sends = (0..4).map(|first| async move {
        let mut association = running.associate().await;
        let mut statuses = Vec::new();
        // Each brings slices of its own, and all of them slice 0 and other bytes for slice 4.
        for slice in std::iter::once(0).chain((4..32).filter(|slice| slice % 4 == first)) {
            statuses.push(send(&mut association, series, slice, &series.slice(slice)).await);
            if slice >= 8 {
                statuses.push(send(&mut association, series, 4, other).await);
            }
        }
        association.release().await.unwrap();
        statuses
    });
    let statuses: Vec<u16> = futures::future::join_all(sends).await.concat();
    // Whichever bytes of slice 4 came first are stored, and the others kept for a person.
    let (stored, conflicts) =
        (statuses.iter().filter(|s| **s == 0), statuses.iter().filter(|s| **s == 0xC001));
    assert_eq!(stored.count() + conflicts.count(), statuses.len());
    let study = running.study("1.2.3").await.unwrap();
    assert_eq!((study.series.len(), study.series[0].instance_count), (1, 29));
    assert_eq!(study.series[0].instances.len(), 29);
    for instance in &study.series[0].instances {
        let file = running.dicom.get(&instance.object).await.unwrap().unwrap();
        assert!(file.len() > 500, "what is in the database is in the store");
    }
}

async fn a_series_that_is_no_volume_waits_for_a_person(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let series = CtSeries::new("1.2.3");
    let mut association = running.associate().await;
    for slice in [0, 1, 4] {
        assert_eq!(send(&mut association, &series, slice, &series.slice(slice)).await, 0);
    }
    association.release().await.unwrap();
    let parked = running.concluded("1.2.3").await.series.remove(0);
    assert_eq!((parked.state, parked.volume), (SeriesState::Parked, None));
    assert!(parked.parked_reason.unwrap().contains("slices 2–5 every 7.50 mm"));
}

async fn accesses_are_recorded_once_per_login(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let series = CtSeries::new("1.2.3");
    send_series(running, &series, 0..3).await;
    let series = running.concluded("1.2.3").await.series.remove(0);
    let reader = running.as_person(&[Role::Radiologist]);
    reader.view(&series.id).await.unwrap();
    reader.view(&series.id).await.unwrap();
    assert!(reader.view(&contract::SeriesId::from_bits(9)).await.is_err());
    assert!(running.as_person(&[]).studies(&PageRequest::default()).await.is_err());
    let accesses = until("the access", || async move {
        let events = running.events().await;
        let accesses = events.iter().filter(|event| matches!(event, Event::AccessRecorded { .. })).count();
        (accesses > 0).then_some(accesses)
    })
    .await;
    assert_eq!(accesses, 1);
}

async fn pages_lose_and_repeat_nothing_while_studies_arrive(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let mut association = running.associate().await;
    for number in 0..37 {
        let series = CtSeries::new(&format!("1.2.3.{number}"));
        assert_eq!(send(&mut association, &series, 0, &series.slice(0)).await, 0);
    }
    let client = running.as_person(&[Role::Radiologist]);
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = client.studies(&PageRequest { first: Some(10), after }).await.unwrap();
        seen.extend(page.items.iter().map(|item| item.node.study_instance_uid.clone()));
        after = page.items.last().map(|item| item.cursor.clone());
        let late = CtSeries::new(&format!("1.2.4.{}", seen.len()));
        assert_eq!(send(&mut association, &late, 0, &late.slice(0)).await, 0);
        if !page.has_next_page {
            break;
        }
    }
    let mut old: Vec<&String> = seen.iter().filter(|uid| uid.starts_with("1.2.3.")).collect();
    old.sort_unstable();
    old.dedup();
    assert_eq!((old.len(), seen.len()), (37, 37));
}

async fn uploads_answer_for_each_part(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let series = CtSeries::new("1.2.3");
    let files = [
        series.slice(0).file(EXPLICIT),
        series.slice(1).short(tags::ROWS, 0).file(EXPLICIT),
        b"no DICOM at all".to_vec(),
        series.slice(2).file(TransferSyntax::Deflated),
    ];
    let mut body = b"preamble".to_vec();
    for file in &files {
        body.extend(b"\r\n--b0undary\r\nContent-Type: application/dicom\r\n\r\n");
        body.extend(file);
    }
    body.extend(b"\r\n--b0undary--\r\n");
    let kind = "multipart/related; type=\"application/dicom\"; boundary=b0undary";
    let outcomes: Vec<contract::intake::StowOutcome> =
        running.post(kind, body.clone()).await.json().await.unwrap();
    let codes: Vec<_> = outcomes
        .iter()
        .map(|outcome| outcome.failure.as_ref().map(|failure| failure.refusal.code.as_str()))
        .collect();
    assert_eq!(codes, [None, Some("image_attributes"), Some("not_dicom"), None]);

    for (content_type, body) in [
        ("multipart/related", body.clone()),
        ("application/dicom", body.clone()),
        (kind, body[..body.len() - 20].to_vec()),
        (kind, b"--b0undary\r\nContent-Type: text/html\r\n\r\n<script>\r\n--b0undary--".to_vec()),
        (kind, [&b"--b0undary\r\nX: "[..], &b"x".repeat(20_000)].concat()),
    ] {
        assert_eq!(running.post(content_type, body).await.status(), 400, "{content_type}");
    }
}

async fn folders_and_archives_are_imported(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let deps = Deps {
        db: running.scratch.db.clone(),
        bus: database::embedded::bus(&running.folder.path().join("bus.sqlite")).await.unwrap(),
        clock: Arc::new(SystemClock),
        random: Random::from_os(),
        dicom: running.dicom.clone(),
        volumes: running.volumes.clone(),
        cpu: CpuPool::new(1).unwrap(),
    };
    let admitter = intake::admit::Admitter::new(Arc::new(quick()), deps);
    let files = CtSeries::new("1.2.3").files(3);
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("a")).unwrap();
    for (index, file) in files.iter().enumerate() {
        std::fs::write(folder.path().join(format!("a/{index}.dcm")), file).unwrap();
    }
    std::fs::write(folder.path().join("README"), "not DICOM").unwrap();
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("link")).unwrap();
    let imported = intake::receive::import::folder(&admitter, folder.path()).await.unwrap();
    assert_eq!((imported.stored, imported.skipped.as_slice()), (3, &["README".to_owned()][..]));

    let archive = folder.path().join("archive.zip");
    let mut writer = zip::ZipWriter::new(std::fs::File::create(&archive).unwrap());
    for (index, file) in files.iter().enumerate() {
        writer.start_file(format!("../../{index}.dcm"), zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut writer, file).unwrap();
    }
    writer.finish().unwrap();
    let imported = intake::receive::import::zip(&admitter, &archive).await.unwrap();
    assert_eq!((imported.stored, imported.repeated), (0, 3));
    assert_eq!(running.concluded("1.2.3").await.series[0].state, SeriesState::Ready);
}

async fn dcmtk_sends_a_series(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let folder = tempfile::tempdir().unwrap();
    for (index, file) in CtSeries::new("1.2.3").files(8).into_iter().enumerate() {
        std::fs::write(folder.path().join(format!("{index}.dcm")), file).unwrap();
    }
    let send = tokio::process::Command::new("storescu")
        .env("TCP_NODELAY", "1")
        .args(["-aet", "DCMTK", "-aec", "COUNTERSIGN", "+sd", "127.0.0.1", &running.dicom_port.to_string()])
        .arg(folder.path())
        .output()
        .await
        .expect("storescu; install dcmtk");
    assert!(send.status.success(), "{}", String::from_utf8_lossy(&send.stderr));
    let study = running.concluded("1.2.3").await;
    assert_eq!((study.series[0].state, study.series[0].instance_count), (SeriesState::Ready, 8));
    assert_eq!(study.series[0].sender, "DCMTK");
}

async fn a_full_disk_takes_nothing(scratch: Scratch) {
    let folder = tempfile::tempdir().unwrap();
    // The least threshold is one that every disk in use has passed.
    let config = Config { disk_folder: Some(folder.path().to_owned()), disk_full_percent: 1, ..quick() };
    let running = &Running::start(scratch, config).await;
    let series = CtSeries::new("1.2.3");
    let mut association = running.associate().await;
    assert_eq!(send(&mut association, &series, 0, &series.slice(0)).await, 0xA700);
    association.release().await.unwrap();
    assert!(running.study("1.2.3").await.is_none());
    let body = b"--b\r\nContent-Type: application/dicom\r\n\r\nx\r\n--b--".to_vec();
    assert_eq!(running.post("multipart/related; boundary=b", body).await.status(), 507);
}

database::on_both_databases!(
    a_series_from_the_scanner_becomes_one_volume,
    a_late_slice_ends_the_former_set,
    repetitions_conflicts_and_second_patients,
    four_associations_at_a_time_lose_and_repeat_nothing,
    a_series_that_is_no_volume_waits_for_a_person,
    accesses_are_recorded_once_per_login,
    pages_lose_and_repeat_nothing_while_studies_arrive,
    uploads_answer_for_each_part,
    folders_and_archives_are_imported,
    dcmtk_sends_a_series,
    a_full_disk_takes_nothing,
);
