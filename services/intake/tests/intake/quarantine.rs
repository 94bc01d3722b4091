//! Field report R45: what can't be used has an owner, a reason in words, an age that is told, and an end; what can go on
//! goes on without being sent again.

use crate::running::{CT, EXPLICIT, Running, quick, send, send_series, until};
use chrono::TimeDelta;
use contract::intake::{
    Attribute, Discard, Fix, IdentityDecision, QuarantineGroup, QuarantineOutcome, QuarantineState, Readmit,
    SeriesState, SettleIdentity,
};
use contract::{ClientError, Event, PageRequest, Role};
use database::scratch::Scratch;
use dicom_io::fixture::{CtSeries, DataSet};
use dicom_io::scu::{Association, Object};
use dicom_io::tags;
use platform::{Clock as _, ManualClock, SystemClock};
use std::sync::Arc;

database::on_both_databases!(
    r45_ten_reasons_are_counted_told_fixed_in_place_and_go_on_without_being_sent_again,
    r45_what_waits_too_long_is_told_once,
    two_hundred_objects_of_a_study_are_one_row_with_one_act,
    a_correction_keeps_what_was_received_and_raises_no_question_when_it_comes_again,
    an_entry_ends_once_whoever_acts,
    the_question_whose_a_study_is_ends_its_entries,
);

const SLICES: u16 = 9;

fn owner(running: &Running) -> contract::intake::Intake {
    running.as_person(&[Role::Coordinator])
}

async fn groups(running: &Running) -> Vec<QuarantineGroup> {
    owner(running).quarantine_groups().await.unwrap().groups
}

async fn group(running: &Running, code: &str) -> QuarantineGroup {
    let groups = groups(running).await;
    groups
        .iter()
        .find(|group| group.reason_code == code)
        .unwrap_or_else(|| panic!("no {code} in {groups:?}"))
        .clone()
}

async fn readmits(
    running: &Running,
    group: &QuarantineGroup,
    corrections: &[(Attribute, &str)],
) -> Result<QuarantineOutcome, ClientError> {
    let corrections = corrections.iter().map(|(attribute, value)| (*attribute, (*value).to_owned()));
    let command = Readmit {
        received_until: group.newest_received_at,
        reason: "as the register says".to_owned(),
        corrections: corrections.collect(),
    };
    owner(running).readmit_quarantined(&group.id, &command).await
}

async fn discards(running: &Running, group: &QuarantineGroup) -> Result<QuarantineOutcome, ClientError> {
    let reason = "the sender sends it anew".to_owned();
    let command = Discard { received_until: group.newest_received_at, reason };
    owner(running).discard_quarantined(&group.id, &command).await
}

fn code<T>(answer: Result<T, ClientError>) -> String {
    match answer {
        Err(ClientError::Refused { refusal, .. }) => refusal.code,
        Err(other) => panic!("not refused but failed: {other}"),
        Ok(_) => panic!("not refused"),
    }
}

async fn send_as(association: &mut Association, uid: &str, dataset: &[u8]) -> u16 {
    let (sop_class_uid, transfer_syntax_uid) = (CT, EXPLICIT.uid());
    let object = Object { sop_class_uid, sop_instance_uid: uid, transfer_syntax_uid, dataset };
    association.store(&object).await.unwrap().code
}

/// Ten objects of a study that fail for ten reasons, most of them slices of one series.
async fn send_ten(running: &Running, series: &CtSeries) {
    let mut association = running.associate().await;
    assert_eq!(send(&mut association, series, 0, &series.slice(0)).await, 0);
    let other = CtSeries { number: 2, ..CtSeries::new("1.2.9") };
    assert_eq!(send(&mut association, &other, 0, &other.slice(0)).await, 0);
    let text = |slice: u16, tag, vr: [u8; 2], value: &str| series.slice(slice).text(tag, vr, value);
    let long = format!("1.2.{}", "3".repeat(66));
    // An escape sequence that designates no character set.
    let unreadable = text(3, tags::SPECIFIC_CHARACTER_SET, *b"CS", "\\ISO 2022 IR 87");
    let unreadable = unreadable.bytes(tags::PATIENT_NAME, *b"PN", b"Fixture^\x1B$X ".to_vec());
    let broken: [(u16, DataSet, u16); 8] = [
        (1, series.slice(1).without(tags::STUDY_INSTANCE_UID), 0xC000),
        (2, text(2, tags::STUDY_INSTANCE_UID, *b"UI", &long), 0xC000),
        (3, unreadable, 0xC000),
        (4, text(4, tags::SPECIFIC_CHARACTER_SET, *b"CS", "ISO_IR 999"), 0xC000),
        (5, text(5, tags::PATIENT_ID, *b"LO", "SOMEBODY ELSE"), 0xC002),
        (6, text(6, tags::STUDY_INSTANCE_UID, *b"UI", "1.2.9"), 0xC002),
        (0, text(0, tags::RESCALE_SLOPE, *b"DS", "2"), 0xC001),
        (7, series.slice(7).short(tags::ROWS, 0), 0xC000),
    ];
    for (slice, set, status) in broken {
        assert_eq!(send(&mut association, series, slice, &set).await, status, "slice {slice}");
    }
    // Slice 8 comes under the name of another.
    assert_eq!(send(&mut association, series, 20, &series.slice(8)).await, 0xA900);
    let whole = series.slice(7).encode(EXPLICIT);
    let cut = &whole[..whole.len() - 2];
    assert_eq!(send_as(&mut association, &series.sop_instance_uid(7), cut).await, 0xC000);
    association.release().await.unwrap();
}

async fn r45_ten_reasons_are_counted_told_fixed_in_place_and_go_on_without_being_sent_again(
    scratch: Scratch,
) {
    let running = &Running::start(scratch, quick()).await;
    let series = &CtSeries::new("1.2.3");
    send_ten(running, series).await;
    let summary = owner(running).quarantine_summary().await.unwrap();
    assert_eq!((summary.waiting, summary.overdue, summary.alarm_hours), (10, 0, 24));
    assert!(summary.oldest_received_at.is_some());
    for role in [Role::Administrator, Role::Quality] {
        assert_eq!(running.as_person(&[role]).quarantine_summary().await.unwrap().waiting, 10);
    }
    let all = groups(running).await;
    let mut codes: Vec<&str> = all.iter().map(|group| group.reason_code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!((all.len(), codes.len()), (10, 10), "{codes:?}");
    assert!(all.iter().all(|group| !group.reason.is_empty() && !group.remedy.is_empty()));
    let study = running.study("1.2.3").await.unwrap().id;
    assert!(all.iter().filter(|group| group.study.as_ref() == Some(&study)).count() >= 6);

    let fixes = [
        ("attribute_missing", Some((Attribute::StudyInstanceUid, "1.2.3"))),
        ("uid", Some((Attribute::StudyInstanceUid, "1.2.3"))),
        ("attribute_value", Some((Attribute::PatientName, "Fixture^Ann"))),
        ("character_set", Some((Attribute::SpecificCharacterSet, "ISO_IR 100"))),
        ("study_of_two_patients", Some((Attribute::PatientId, "FIXTURE"))),
        ("series_of_two_studies", Some((Attribute::StudyInstanceUid, "1.2.3"))),
        ("mismatch", None),
    ];
    for (reason, correction) in fixes {
        let group = group(running, reason).await;
        let expected = if correction.is_some() { Fix::Correct } else { Fix::AsItIs };
        assert_eq!(group.fix, expected, "{reason}");
        if correction.is_some() {
            let as_it_is = readmits(running, &group, &[]).await.unwrap();
            assert_eq!((as_it_is.ended, as_it_is.still_refused[0].entries), (0, 1), "{reason}");
            assert_eq!(as_it_is.still_refused[0].refusal.code, reason);
        }
        let outcome = readmits(running, &group, correction.as_slice()).await.unwrap();
        assert_eq!((outcome.ended, outcome.left), (1, 0), "{reason}: {:?}", outcome.still_refused);
    }
    for reason in ["same_uid_other_bytes", "image_attributes", "truncated"] {
        let group = group(running, reason).await;
        assert_eq!(group.fix, Fix::Sender, "{reason}");
        assert_eq!(code(readmits(running, &group, &[]).await), "quarantine_not_fixable");
        assert_eq!(discards(running, &group).await.unwrap().ended, 1);
    }
    assert_eq!(owner(running).quarantine_summary().await.unwrap().waiting, 0);
    // Of what was damaged only the sender has a whole one.
    send_series(running, series, 7..8).await;
    settles_what_two_patients_left(running).await;
    let ready = until("a whole series", || async move {
        let study = running.study("1.2.3").await?;
        study
            .series
            .into_iter()
            .find(|one| one.source_set.is_some() && one.instance_count == u32::from(SLICES))
    })
    .await;
    assert_eq!((ready.state, ready.instances.len()), (SeriesState::Ready, usize::from(SLICES)));
    entries_say_who_when_and_why(running).await;
}

/// That an object of another patient came put the identity in question; the person who fixed it says so.
async fn settles_what_two_patients_left(running: &Running) {
    let study = running.study("1.2.3").await.unwrap();
    assert!(study.identity_disputed);
    let command = SettleIdentity { decision: IdentityDecision::Keep, reason: "it was a slip".to_owned() };
    owner(running).settle_identity(&study.id, &command).await.unwrap();
}

async fn entries_say_who_when_and_why(running: &Running) {
    let page = PageRequest { first: Some(50), after: None };
    let entries = owner(running).quarantine(&page).await.unwrap().items;
    assert_eq!(entries.len(), 10);
    let count = |state| entries.iter().filter(|item| item.node.state == state).count();
    assert_eq!((count(QuarantineState::Readmitted), count(QuarantineState::Discarded)), (7, 3));
    for item in &entries {
        let entry = &item.node;
        assert!(entry.ended_at.is_some() && entry.ended_by.as_deref() == Some("Rad One"), "{entry:?}");
        assert!(entry.ended_reason.as_deref().is_some_and(|words| words.len() > 5));
    }
    let events = until("what ended", || async move {
        let events = running.events().await;
        let ended = events.iter().filter(|event| event.kind().starts_with("quarantine.")).count();
        (ended == 10).then_some(events)
    })
    .await;
    let corrected: Vec<String> = events
        .iter()
        .filter_map(|event| match event {
            Event::QuarantineReadmitted { corrected, .. } => Some(corrected.join(" ")),
            _ => None,
        })
        .collect();
    assert!(corrected.contains(&"PatientID".to_owned()) && corrected.contains(&String::new()));
    let told = serde_json::to_string(&events).unwrap();
    assert!(!told.contains("FIXTURE") && !told.contains("SOMEBODY"), "no values in events");
}

async fn r45_what_waits_too_long_is_told_once(scratch: Scratch) {
    let clock = Arc::new(ManualClock::new(SystemClock.now()));
    let running = &Running::start_at(scratch, quick(), clock.clone()).await;
    let series = &CtSeries::new("1.2.3");
    let mut association = running.associate().await;
    for slice in 0..3 {
        let broken = series.slice(slice).short(tags::ROWS, 0);
        assert_eq!(send(&mut association, series, slice, &broken).await, 0xC000);
    }
    clock.advance(TimeDelta::hours(23));
    tokio::time::sleep(std::time::Duration::from_secs(6)).await;
    let overdue = || async move {
        let events = running.events().await;
        let told = events.into_iter().filter(|event| matches!(event, Event::QuarantineOverdue { .. }));
        told.collect::<Vec<_>>()
    };
    assert!(overdue().await.is_empty(), "not yet");
    clock.advance(TimeDelta::hours(1));
    let told =
        until("an alarm", || async move { Some(overdue().await).filter(|told| !told.is_empty()) }).await;
    assert!(matches!(told.as_slice(), [Event::QuarantineOverdue { entries: 3, .. }]), "{told:?}");
    let summary = owner(running).quarantine_summary().await.unwrap();
    assert_eq!((summary.waiting, summary.overdue), (3, 3));
    assert!(groups(running).await[0].is_overdue);
    // One more of them, another day: nobody is told a second time.
    assert_eq!(send(&mut association, series, 3, &series.slice(3).short(tags::ROWS, 0)).await, 0xC000);
    association.release().await.unwrap();
    clock.advance(TimeDelta::hours(25));
    tokio::time::sleep(std::time::Duration::from_secs(11)).await;
    assert_eq!(overdue().await.len(), 1);
}

async fn two_hundred_objects_of_a_study_are_one_row_with_one_act(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let series = &CtSeries::new("1.2.3");
    let mut association = running.associate().await;
    let strange = |slice| series.slice(slice).text(tags::SPECIFIC_CHARACTER_SET, *b"CS", "ISO_IR 999");
    for slice in 0..200 {
        assert_eq!(send(&mut association, series, slice, &strange(slice)).await, 0xC000);
    }
    let rows = groups(running).await;
    let [row] = rows.as_slice() else { panic!("{} rows", rows.len()) };
    assert_eq!((row.entries, row.fix), (200, Fix::Correct));
    // One more comes while the person reads: it isn't decided unseen.
    assert_eq!(send(&mut association, series, 200, &strange(200)).await, 0xC000);
    association.release().await.unwrap();
    let corrections = [(Attribute::SpecificCharacterSet, "ISO_IR 192")];
    let quality = running.as_person(&[Role::Quality]);
    let command = Readmit {
        received_until: row.newest_received_at,
        reason: "the scanner was set up wrongly".to_owned(),
        corrections: [(Attribute::SpecificCharacterSet, "ISO_IR 192".to_owned())].into(),
    };
    assert!(quality.readmit_quarantined(&row.id, &command).await.is_err(), "quality corrects no identity");
    let mut ended = 0;
    loop {
        let outcome = readmits(running, row, &corrections).await.unwrap();
        ended += outcome.ended;
        assert!(outcome.still_refused.is_empty(), "{:?}", outcome.still_refused);
        if outcome.left == 0 {
            break;
        }
    }
    assert_eq!(ended, 200);
    assert_eq!(groups(running).await[0].entries, 1, "the late one");
    let ready = running.concluded("1.2.3").await.series.remove(0);
    assert_eq!((ready.state, ready.instance_count), (SeriesState::Ready, 200));
}

async fn a_correction_keeps_what_was_received_and_raises_no_question_when_it_comes_again(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let series = &CtSeries::new("1.2.3");
    send_series(running, series, 0..3).await;
    let stranger = series.slice(3).text(tags::PATIENT_ID, *b"LO", "SOMEBODY ELSE");
    let mut association = running.associate().await;
    assert_eq!(send(&mut association, series, 3, &stranger).await, 0xC002);
    settles_what_two_patients_left(running).await;
    let waiting = group(running, "study_of_two_patients").await;
    let said = owner(running).quarantine_as_sent(&waiting.id).await.unwrap();
    assert_eq!(said[&Attribute::PatientId], "SOMEBODY ELSE");
    assert!(running.as_person(&[Role::Radiologist]).quarantine_as_sent(&waiting.id).await.is_err());
    let two = [(Attribute::PatientId, "FIXTURE"), (Attribute::SpecificCharacterSet, "ISO_IR 100")];
    assert_eq!(code(readmits(running, &waiting, &two).await), "attribute_not_correctable");
    assert_eq!(
        code(readmits(running, &waiting, &[(Attribute::PatientId, "A\\B")]).await),
        "correction_invalid"
    );
    let wrong = readmits(running, &waiting, &[(Attribute::PatientId, "A THIRD")]).await.unwrap();
    assert_eq!(wrong.still_refused[0].refusal.code, "study_of_two_patients");
    assert_eq!(readmits(running, &waiting, &[(Attribute::PatientId, "FIXTURE")]).await.unwrap().ended, 1);

    let ready = until("four slices", || async move {
        let series = running.study("1.2.3").await?.series.remove(0);
        (series.instance_count == 4 && series.state == SeriesState::Ready).then_some(series)
    })
    .await;
    let taken = running.dicom.get(&ready.instances[3].object).await.unwrap().unwrap();
    let read = dicom_io::read::object(&taken).unwrap();
    let originals = read.element(tags::ORIGINAL_ATTRIBUTES_SEQUENCE).unwrap().items().unwrap();
    let former = originals[0].element(tags::MODIFIED_ATTRIBUTES_SEQUENCE).unwrap().items().unwrap();
    assert_eq!(former[0].element(tags::PATIENT_ID).unwrap().to_str().unwrap().trim(), "SOMEBODY ELSE");

    dcmtk_reads_what_was_kept(&taken).await;

    // The sender heard of a failure and tries again.
    assert_eq!(send(&mut association, series, 3, &stranger).await, 0xC002);
    association.release().await.unwrap();
    assert!(!running.study("1.2.3").await.unwrap().identity_disputed, "a person has decided on these bytes");
    assert!(groups(running).await.is_empty());
}

/// An outside reader finds the former value where PS3.3 C.12.1 puts it.
async fn dcmtk_reads_what_was_kept(file: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("corrected.dcm");
    std::fs::write(&path, file).unwrap();
    let dump = tokio::process::Command::new("dcmdump")
        .args(["+p", "+P", "0010,0020"])
        .arg(&path)
        .output()
        .await
        .expect("dcmdump; install dcmtk");
    let text = String::from_utf8_lossy(&dump.stdout);
    assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    assert!(text.contains("[FIXTURE]") && text.contains("[SOMEBODY ELSE]"), "{text}");
    assert!(text.contains("(0400,0561).(0400,0550).(0010,0020)"), "{text}");
}

async fn an_entry_ends_once_whoever_acts(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let series = &CtSeries::new("1.2.3");
    let mut association = running.associate().await;
    assert_eq!(send(&mut association, series, 9, &series.slice(0)).await, 0xA900);
    assert_eq!(send(&mut association, series, 1, &series.slice(1).short(tags::ROWS, 0)).await, 0xC000);
    association.release().await.unwrap();
    let (mismatch, broken) = (group(running, "mismatch").await, group(running, "image_attributes").await);
    let reader = running.as_person(&[Role::Radiologist]);
    assert!(reader.quarantine_groups().await.is_err(), "it is no reader's office");
    let silent = Discard { received_until: broken.newest_received_at, reason: " ".to_owned() };
    assert_eq!(code(owner(running).discard_quarantined(&broken.id, &silent).await), "reason_missing");
    let acts = (0..4).map(|_| readmits(running, &mismatch, &[]));
    let ended: u64 =
        futures::future::join_all(acts).await.into_iter().map(|outcome| outcome.unwrap().ended).sum();
    assert_eq!(ended, 1);
    assert_eq!(code(discards(running, &mismatch).await), "quarantine_readmitted");
    assert_eq!(discards(running, &broken).await.unwrap().ended, 1);
    assert_eq!(discards(running, &broken).await.unwrap().ended, 0);
    assert_eq!(code(readmits(running, &broken, &[]).await), "quarantine_discarded");
    let nowhere = QuarantineGroup { id: contract::QuarantineId::from_bits(9), ..broken };
    assert_eq!(code(discards(running, &nowhere).await), "not_found");
    let told = until("two ends", || async move {
        let kinds: Vec<_> = running.events().await.iter().map(Event::kind).collect();
        let ends = kinds.iter().filter(|kind| kind.starts_with("quarantine.")).count();
        (ends == 2).then_some(kinds)
    })
    .await;
    assert_eq!(told.iter().filter(|kind| **kind == "quarantine.readmitted").count(), 1);
}

async fn the_question_whose_a_study_is_ends_its_entries(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let series = &CtSeries::new("1.2.3");
    send_series(running, series, 0..3).await;
    let study = running.concluded("1.2.3").await;
    for (patient, decision, state) in [
        ("KEPT OUT", IdentityDecision::Keep, QuarantineState::Discarded),
        ("TAKEN", IdentityDecision::Take, QuarantineState::Readmitted),
    ] {
        let mut association = running.associate().await;
        for slice in 0..3 {
            let corrected = series.slice(slice).text(tags::PATIENT_ID, *b"LO", patient);
            assert_eq!(send(&mut association, series, slice, &corrected).await, 0xC002);
        }
        association.release().await.unwrap();
        let waiting = group(running, "identity_corrected").await;
        assert_eq!((waiting.entries, waiting.fix), (3, Fix::Study));
        let command = SettleIdentity { decision, reason: "as the register says".to_owned() };
        owner(running).settle_identity(&study.id, &command).await.unwrap();
        assert_eq!(owner(running).quarantine_summary().await.unwrap().waiting, 0);
        let page = PageRequest { first: Some(3), after: None };
        let ended = owner(running).quarantine(&page).await.unwrap();
        assert!(ended.items.iter().all(|item| item.node.state == state), "{patient}");
        let first = ended.items[0].node.ended_reason.as_deref();
        assert_eq!(first, Some("as the register says"));
    }
}
