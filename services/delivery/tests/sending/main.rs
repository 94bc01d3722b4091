//! Delivery from the released case to the PACS, with everything around it.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod destinations;
mod hospital;
mod losses;
mod owners;
mod patients;
mod recalls;
mod teaching;

use contract::Event;
use contract::rollout::Stage;
use database::on_both_databases;
use database::scratch::Scratch;
use hospital::{Hospital, told};
use platform::Shutdown;
use std::collections::BTreeSet;

on_both_databases! {
    a_released_case_arrives_at_its_destination,
    a_release_that_the_bus_lost_arrives_all_the_same,
    only_what_was_refused_is_sent_again_and_warnings_count_as_stored,
    nothing_leaves_while_a_check_says_no_and_a_later_yes_resumes,
    a_demotion_between_two_objects_stops_the_send,
    an_object_that_is_not_what_was_signed_never_leaves,
    a_pilot_release_is_sent_to_no_clinical_destination,
    a_process_that_dies_between_sending_and_recording_sends_the_same_objects_again,
}

fn is_delivered(event: &Event) -> bool {
    matches!(event, Event::SendDelivered { .. })
}

fn is_held(event: &Event) -> bool {
    matches!(event, Event::SendHeld { .. })
}

async fn open(scratch: &Scratch) -> Hospital {
    database::migrate(&scratch.db, migrations::delivery::migrations()).await.unwrap();
    Hospital::open().await
}

async fn a_released_case_arrives_at_its_destination(scratch: Scratch) {
    let hospital = open(&scratch).await;
    let shutdown = Shutdown::new();
    let tasks = hospital.start(&scratch.db, &shutdown);
    hospital.release().await;
    let events = told(&scratch.db, is_delivered).await;
    shutdown.request();
    futures::future::join_all(tasks).await;

    let received = hospital.pacs.uids();
    let distinct: BTreeSet<_> = received.iter().collect();
    assert_eq!(distinct.len(), received.len(), "each object once");
    for uid in hospital.derived_uids() {
        assert!(distinct.contains(&uid));
    }
    let reports = 1 + hospital.facts.lock().unwrap().case.release.reads.len();
    assert_eq!(received.len(), hospital.derived_uids().len() + reports, "a report per read, and the summary");
    let queued = events.iter().filter(|event| matches!(event, Event::SendQueued { .. })).count();
    assert_eq!(queued, 1, "the event came twice, its effect once");
    let Some(Event::SendDelivered { objects, .. }) = events.iter().find(|event| is_delivered(event)) else {
        unreachable!("it was waited for")
    };
    assert_eq!(*objects as usize, received.len());
}

async fn a_release_that_the_bus_lost_arrives_all_the_same(scratch: Scratch) {
    let hospital = open(&scratch).await;
    hospital.release_without_bus();
    let shutdown = Shutdown::new();
    hospital.start(&scratch.db, &shutdown);
    told(&scratch.db, is_delivered).await;
    shutdown.request();
}

async fn only_what_was_refused_is_sent_again_and_warnings_count_as_stored(scratch: Scratch) {
    let hospital = open(&scratch).await;
    let uids = hospital.derived_uids();
    let answers = [(&uids[0], 0xA700), (&uids[1], 0xB000), (&uids[2], 0xC000)];
    for (uid, status) in answers {
        hospital.pacs.answers.lock().unwrap().insert(uid.clone(), vec![status]);
    }
    let shutdown = Shutdown::new();
    hospital.start(&scratch.db, &shutdown);
    hospital.release().await;
    let events = told(&scratch.db, is_delivered).await;
    shutdown.request();

    let failed = events.iter().find_map(|event| match event {
        Event::SendFailed { reason_code, .. } => Some(reason_code.as_str()),
        _ => None,
    });
    assert_eq!(failed, Some("objects_refused"));
    let times = |uid: &String| hospital.pacs.uids().iter().filter(|received| *received == uid).count();
    assert_eq!(uids.iter().map(times).collect::<Vec<_>>(), [2, 1, 2, 1]);
}

async fn nothing_leaves_while_a_check_says_no_and_a_later_yes_resumes(scratch: Scratch) {
    let hospital = open(&scratch).await;
    hospital.facts.lock().unwrap().may_send = false;
    let shutdown = Shutdown::new();
    hospital.start(&scratch.db, &shutdown);
    hospital.release().await;
    told(&scratch.db, is_held).await;
    assert_eq!(hospital.pacs.uids(), Vec::<String>::new());

    hospital.facts.lock().unwrap().may_send = true;
    let events = told(&scratch.db, is_delivered).await;
    shutdown.request();
    assert_eq!(events.iter().filter(|event| is_held(event)).count(), 1, "a hold is told once");
}

async fn a_demotion_between_two_objects_stops_the_send(scratch: Scratch) {
    let hospital = open(&scratch).await;
    // One question before the attempt, one before each object.
    hospital.facts.lock().unwrap().suspended_after = Some(3);
    let shutdown = Shutdown::new();
    hospital.start(&scratch.db, &shutdown);
    hospital.release().await;
    told(&scratch.db, is_held).await;
    assert_eq!(hospital.pacs.uids(), hospital.derived_uids()[..2]);

    {
        let mut facts = hospital.facts.lock().unwrap();
        facts.suspended_after = None;
        facts.stage.stage = Stage::General;
        facts.stage.may_release = true;
        facts.stage.may_send = true;
    }
    told(&scratch.db, is_delivered).await;
    shutdown.request();
    let received = hospital.pacs.uids();
    let distinct: BTreeSet<_> = received.iter().collect();
    assert_eq!(distinct.len(), received.len(), "what was confirmed is not sent again");
}

async fn an_object_that_is_not_what_was_signed_never_leaves(scratch: Scratch) {
    let hospital = open(&scratch).await;
    hospital.facts.lock().unwrap().case.run.derived[0].instances[2].digest =
        contract::Digest::of(b"other pixels");
    let shutdown = Shutdown::new();
    hospital.start(&scratch.db, &shutdown);
    hospital.release().await;
    let events = told(&scratch.db, is_held).await;
    shutdown.request();
    assert!(events.iter().any(|event| {
        matches!(event, Event::SendHeld { reason_code, .. } if reason_code == "digest_differs")
    }));
    assert_eq!(hospital.pacs.uids(), Vec::<String>::new(), "not even the objects that were as signed");
}

async fn a_pilot_release_is_sent_to_no_clinical_destination(scratch: Scratch) {
    let mut hospital = open(&scratch).await;
    let research = delivery::Destination {
        ae_title: "RESEARCH".to_owned(),
        kind: delivery::DestinationKind::Research,
        ..hospital.config.destinations[0].clone()
    };
    hospital.config.destinations.push(research);
    {
        let mut facts = hospital.facts.lock().unwrap();
        facts.case.release.stage = Stage::Pilot;
        facts.stage.stage = Stage::Pilot;
        facts.stage.may_send = false;
    }
    let shutdown = Shutdown::new();
    hospital.start(&scratch.db, &shutdown);
    hospital.release().await;
    // The PACS is called by another title here and takes it.
    let events = told(&scratch.db, |event| matches!(event, Event::SendQueued { .. })).await;
    shutdown.request();
    assert_eq!(events.iter().filter(|event| matches!(event, Event::SendQueued { .. })).count(), 1);
}

async fn a_process_that_dies_between_sending_and_recording_sends_the_same_objects_again(scratch: Scratch) {
    let hospital = open(&scratch).await;
    for failpoint in ["delivery.after_send", "delivery.before_record"] {
        fail::cfg(failpoint, "1*off->1*panic(the process dies)->off").unwrap();
    }
    // One after the other: each start meets the failpoint that the one before has not used up.
    for _ in 0..2 {
        let dying = Shutdown::new();
        let tasks = hospital.start(&scratch.db, &dying);
        if hospital.pacs.uids().is_empty() {
            hospital.release().await;
        }
        let (ended, _, others) = futures::future::select_all(tasks).await;
        assert!(ended.unwrap_err().is_panic());
        dying.request();
        futures::future::join_all(others).await;
    }
    let shutdown = Shutdown::new();
    hospital.start(&scratch.connect_again().await, &shutdown);
    told(&scratch.db, is_delivered).await;
    shutdown.request();
    for failpoint in ["delivery.after_send", "delivery.before_record"] {
        fail::remove(failpoint);
    }

    let received = hospital.pacs.received.lock().unwrap().clone();
    let distinct: BTreeSet<_> = received.iter().collect();
    let uids: BTreeSet<_> = received.iter().map(|(uid, _)| uid).collect();
    assert!(received.len() > distinct.len(), "something was sent twice");
    assert_eq!(distinct.len(), uids.len(), "and was the same, byte for byte");
}
