//! Images that come under another identity: a person decides, nothing is overwritten, and what was made under the former
//! identity never holds again (clinical.md 12; field report R02).

use crate::running::{EXPLICIT, Running, quick, send, send_series, until};
use contract::intake::{IdentityDecision, Series, SettleIdentity, Study};
use contract::{ClientError, Digest, Event, PageRequest, Role};
use database::scratch::Scratch;
use dicom_io::fixture::{CtSeries, DataSet};
use dicom_io::tags;

database::on_both_databases!(
    a_corrected_study_is_taken_whole_once_a_coordinator_says_so,
    what_stands_is_kept_and_the_same_objects_raise_no_second_question,
    r02_a_merge_with_itself_there_back_and_there_again_makes_no_loop,
);

const SLICES: u16 = 4;

fn corrected_slice(series: &CtSeries, slice: u16) -> DataSet {
    series.slice(slice).text(tags::PATIENT_ID, *b"LO", "MERGED").text(tags::ACCESSION_NUMBER, *b"SH", "A2")
}

pub(crate) async fn send_corrected(running: &Running, series: &CtSeries, slices: std::ops::Range<u16>) {
    let mut association = running.associate().await;
    for slice in slices {
        assert_eq!(send(&mut association, series, slice, &corrected_slice(series, slice)).await, 0xC002);
    }
    association.release().await.unwrap();
}

/// A coordinator decides.
async fn settles(running: &Running, study: &Study, decision: IdentityDecision) -> Result<Study, ClientError> {
    let command = SettleIdentity { decision, reason: "as the register says".to_owned() };
    running.as_person(&[Role::Coordinator]).settle_identity(&study.id, &command).await
}

fn code<T>(answer: Result<T, ClientError>) -> String {
    match answer {
        Err(ClientError::Refused { refusal, .. }) => refusal.code,
        Err(other) => panic!("not refused but failed: {other}"),
        Ok(_) => panic!("not refused"),
    }
}

async fn told(running: &Running, wanted: impl Fn(&Event) -> bool) -> usize {
    // The relay numbers what is told; what stands behind it comes last.
    let page = PageRequest::default();
    running.as_person(&[Role::Quality]).quarantine(&page).await.unwrap();
    running.events().await.iter().filter(|event| wanted(event)).count()
}

async fn is_certain(running: &Running, series: &Series) -> (bool, bool) {
    let delivery = running.as_service("delivery");
    let check = delivery.source_check(&series.id, series.source_set.unwrap()).await.unwrap();
    (check.unchanged, check.identity_certain)
}

async fn a_corrected_study_is_taken_whole_once_a_coordinator_says_so(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let series = &CtSeries::new("1.2.3");
    send_series(running, series, 0..SLICES).await;
    let before = running.concluded("1.2.3").await;
    assert!(!before.identity_disputed);
    send_corrected(running, series, 0..1).await;
    assert!(running.study("1.2.3").await.unwrap().identity_disputed);
    assert_eq!(is_certain(running, &before.series[0]).await, (false, false));
    assert_eq!(code(settles(running, &before, IdentityDecision::Take).await), "correction_incomplete");
    let reader = running.as_person(&[Role::Radiologist]);
    let command = SettleIdentity { decision: IdentityDecision::Take, reason: "because".to_owned() };
    assert!(reader.settle_identity(&before.id, &command).await.is_err(), "it is no reader's office");
    assert!(reader.claimed_identities(&before.id).await.is_err(), "nor to know who else it may be");

    send_corrected(running, series, 1..SLICES).await;
    let claimed = running.as_person(&[Role::Coordinator]).claimed_identities(&before.id).await.unwrap();
    let [claimed] = claimed.as_slice() else { panic!("one other identity, not {}", claimed.len()) };
    assert_eq!(claimed.identity.patient.id, "MERGED");
    assert_eq!((claimed.images, claimed.images_of_study), (SLICES.into(), SLICES.into()));
    let taken = settles(running, &before, IdentityDecision::Take).await.unwrap();
    assert_eq!((taken.patient.id.as_str(), taken.accession_number.as_str()), ("MERGED", "A2"));
    let after = running.concluded("1.2.3").await;
    assert!(!after.identity_disputed);
    let (old, new) = (&before.series[0], &after.series[0]);
    assert_ne!(old.source_set, new.source_set);
    assert_eq!(old.volume, new.volume, "the pixels are the same");
    assert_eq!(is_certain(running, old).await, (false, true), "what was made under it never holds again");
    assert_eq!(is_certain(running, new).await, (true, true));
    for (slice, instance) in (0..).zip(&new.instances) {
        let dataset = corrected_slice(series, slice).encode(EXPLICIT);
        assert_eq!(instance.digest, Digest::of(&dataset));
        assert!(running.dicom.get(&instance.object).await.unwrap().unwrap().ends_with(&dataset));
    }
    for instance in &old.instances {
        assert!(running.dicom.get(&instance.object).await.unwrap().is_some(), "nothing is deleted");
    }
    let kinds = until("the events", || async move {
        let kinds: Vec<_> = running.events().await.iter().map(Event::kind).collect();
        (kinds.last() == Some(&"series.ready") && kinds.len() > 6).then_some(kinds)
    })
    .await;
    let ends = kinds.iter().filter(|kind| **kind == "quarantine.readmitted").count();
    assert_eq!(ends, usize::from(SLICES), "nothing waits for a decision that has been made");
    let kinds: Vec<_> = kinds.into_iter().filter(|kind| !kind.contains("quarantine")).collect();
    let told = [
        "series.received",
        "series.ready",
        "study.disputed",
        "series.changed",
        "study.settled",
        "series.ready",
    ];
    assert_eq!(kinds, told);
}

async fn what_stands_is_kept_and_the_same_objects_raise_no_second_question(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let series = &CtSeries::new("1.2.3");
    send_series(running, series, 0..SLICES).await;
    let study = running.concluded("1.2.3").await;
    assert_eq!(code(settles(running, &study, IdentityDecision::Keep).await), "identity_not_disputed");
    send_corrected(running, series, 0..SLICES).await;
    let silent = SettleIdentity { decision: IdentityDecision::Keep, reason: " ".to_owned() };
    let coordinator = running.as_person(&[Role::Coordinator]);
    assert_eq!(code(coordinator.settle_identity(&study.id, &silent).await), "reason_missing");
    let kept = settles(running, &study, IdentityDecision::Keep).await.unwrap();
    assert_eq!((kept.identity_disputed, &kept.patient), (false, &study.patient));
    assert_eq!(is_certain(running, &study.series[0]).await, (true, true));
    send_corrected(running, series, 0..SLICES).await;
    assert_eq!(is_certain(running, &study.series[0]).await, (true, true), "a person has decided on these");
    assert_eq!(code(settles(running, &study, IdentityDecision::Take).await), "identity_not_disputed");
    let disputes = until("the settling", || async move {
        let settled = told(running, |event| matches!(event, Event::StudySettled { .. })).await;
        let disputes = told(running, |event| matches!(event, Event::StudyDisputed { .. })).await;
        (settled == 1).then_some(disputes)
    })
    .await;
    assert_eq!(disputes, 1);
}

async fn r02_a_merge_with_itself_there_back_and_there_again_makes_no_loop(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let series = &CtSeries::new("1.2.3");
    send_series(running, series, 0..SLICES).await;
    let study = running.concluded("1.2.3").await;
    // Into itself: the very same objects once more are no question at all.
    send_series(running, series, 0..SLICES).await;
    assert!(!running.study("1.2.3").await.unwrap().identity_disputed);
    assert_eq!(code(settles(running, &study, IdentityDecision::Take).await), "identity_not_disputed");
    send_corrected(running, series, 0..SLICES).await;
    settles(running, &study, IdentityDecision::Take).await.unwrap();
    let corrected = running.concluded("1.2.3").await;
    let mut association = running.associate().await;
    for slice in 0..SLICES {
        assert_eq!(send(&mut association, series, slice, &series.slice(slice)).await, 0xC002);
    }
    association.release().await.unwrap();
    assert!(running.study("1.2.3").await.unwrap().identity_disputed);
    assert_eq!(code(settles(running, &study, IdentityDecision::Take).await), "identity_retired");
    settles(running, &study, IdentityDecision::Keep).await.unwrap();
    assert_eq!(is_certain(running, &corrected.series[0]).await, (true, true));
    assert_eq!(running.study("1.2.3").await.unwrap().patient.id, "MERGED");
    // There once more: what stands comes again, and so does what a person has decided against.
    let mut association = running.associate().await;
    for slice in 0..SLICES {
        assert_eq!(send(&mut association, series, slice, &corrected_slice(series, slice)).await, 0);
        assert_eq!(send(&mut association, series, slice, &series.slice(slice)).await, 0xC002);
    }
    association.release().await.unwrap();
    assert!(!running.study("1.2.3").await.unwrap().identity_disputed, "no loop");
    let after = running.concluded("1.2.3").await;
    assert_eq!(after.series[0].source_set, corrected.series[0].source_set, "nothing is made anew");
    let of = async |kind: &str| told(running, |event| event.kind() == kind).await;
    assert_eq!((of("study.disputed").await, of("study.settled").await), (2, 2));
}
