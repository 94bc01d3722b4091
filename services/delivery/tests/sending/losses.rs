//! Field reports R06 and R19: what a store lost is not sent, and what a destination refused is not "delivered".

use crate::hospital::{Hospital, told, told_all};
use crate::{is_delivered, is_held, open};
use contract::Event;
use contract::delivery::{Send, SendState};
use database::scratch::Scratch;
use platform::Shutdown;
use std::path::PathBuf;

/// The send of the only case.
async fn send(hospital: &Hospital) -> Send {
    let case = hospital.facts.lock().unwrap().case.release.case.clone();
    hospital.delivery().sends_of_cases(vec![case]).await.unwrap().remove(0)
}

async fn r19_a_send_of_which_objects_failed_is_not_delivered_and_names_them(scratch: Scratch) {
    let hospital = open(&scratch).await;
    let uids = hospital.derived_uids();
    // Refused in every attempt: nobody may call that delivered. Warnings count as stored.
    let answers: [(&String, &[u16]); 3] =
        [(&uids[1], &[0xA700; 50]), (&uids[2], &[0xB000]), (&uids[3], &[0xC000; 50])];
    for (uid, statuses) in answers {
        hospital.pacs.answers.lock().unwrap().insert(uid.clone(), statuses.to_vec());
    }
    let shutdown = Shutdown::new();
    let mut tasks = hospital.start(&scratch.db, &shutdown);
    tasks.push(hospital.serves(&scratch, &shutdown).await);
    hospital.release().await;
    let twice = |events: &[Event]| {
        events.iter().filter(|event| matches!(event, Event::SendFailed { .. })).count() >= 2
    };
    told_all(&scratch.db, twice).await;
    let failing = send(&hospital).await;
    assert_ne!(failing.state, SendState::Delivered);
    let reports = 2;
    assert_eq!((failing.objects_stored, failing.objects), (2 + reports, 4 + reports));
    let error = failing.last_error.as_deref().unwrap();
    assert!(
        error.contains("2 of 6 objects were not stored") && error.contains("A700") && error.contains("C000"),
        "{error}"
    );
    let mut said: Vec<_> = failing
        .remarks
        .iter()
        .map(|remark| (&remark.sop_instance_uid, remark.status, remark.stored))
        .collect();
    said.sort();
    assert_eq!(said, [(&uids[1], 0xA700, false), (&uids[2], 0xB000, true), (&uids[3], 0xC000, false)]);

    hospital.pacs.answers.lock().unwrap().clear();
    told(&scratch.db, is_delivered).await;
    let delivered = send(&hospital).await;
    assert_eq!((delivered.state, delivered.objects_stored), (SendState::Delivered, 6));
    let [warning] = delivered.remarks.as_slice() else { panic!("{:?}", delivered.remarks) };
    assert_eq!((&warning.sop_instance_uid, warning.status, warning.stored), (&uids[2], 0xB000, true));
    assert_eq!(warning.comment, "as the test says");
    shutdown.request();
    let received = hospital.pacs.uids();
    let times = |uid: &String| received.iter().filter(|received| *received == uid).count();
    assert_eq!((times(&uids[0]), times(&uids[2])), (1, 1), "what was stored is not sent again");
    assert!(times(&uids[1]) >= 3 && times(&uids[3]) >= 3);
}

/// Every status that isn't success or a warning is a failure, whatever its class.
async fn r19_no_other_status_counts_as_stored(scratch: Scratch) {
    let hospital = open(&scratch).await;
    let uids = hospital.derived_uids();
    let statuses = [0x0110, 0x0122, 0xA900, 0xFE00];
    for (uid, status) in uids.iter().zip(statuses) {
        hospital.pacs.answers.lock().unwrap().insert(uid.clone(), vec![status]);
    }
    let shutdown = Shutdown::new();
    hospital.start(&scratch.db, &shutdown);
    hospital.release().await;
    let events = told(&scratch.db, is_delivered).await;
    shutdown.request();
    assert!(events.iter().any(|event| matches!(event, Event::SendFailed { .. })));
    let received = hospital.pacs.uids();
    for uid in &uids {
        assert_eq!(received.iter().filter(|received| *received == uid).count(), 2, "{uid} was sent again");
    }
}

/// The one file of the store that holds an object.
fn file_of(hospital: &Hospital, object: &contract::Digest) -> PathBuf {
    let name = object.to_string();
    hospital.folder().join("dicom").join(&name[..2]).join(name)
}

async fn r06_a_derived_object_that_the_store_lost_holds_its_send(scratch: Scratch) {
    let hospital = open(&scratch).await;
    let objects: Vec<_> = {
        let facts = hospital.facts.lock().unwrap();
        facts.case.run.derived[0].instances.iter().map(|instance| instance.object).collect()
    };
    let path = file_of(&hospital, &objects[1]);
    let bytes = std::fs::read(&path).unwrap();
    let shutdown = Shutdown::new();
    hospital.start(&scratch.db, &shutdown);
    std::fs::remove_file(&path).unwrap();
    hospital.release().await;
    let held = |code: &'static str| move |event: &Event| matches!(event, Event::SendHeld { reason_code, .. } if reason_code == code);
    told(&scratch.db, held("object_missing")).await;
    // Cut by its last bytes, then brought back.
    std::fs::write(&path, &bytes[..bytes.len() - 2]).unwrap();
    told(&scratch.db, held("object_damaged")).await;
    assert_eq!(hospital.pacs.uids(), Vec::<String>::new(), "nothing of the case leaves");
    std::fs::write(&path, &bytes).unwrap();
    let events = told(&scratch.db, is_delivered).await;
    shutdown.request();
    assert_eq!(events.iter().filter(|event| is_held(event)).count(), 2);
}

database::on_both_databases! {
    r19_a_send_of_which_objects_failed_is_not_delivered_and_names_them,
    r19_no_other_status_counts_as_stored,
    r06_a_derived_object_that_the_store_lost_holds_its_send,
}
