//! What must hold however often something died: everything is there, and once.

use contract::Event;
use serde_json::Value;
use tests::people::Display;
use tests::stack::SERVICES;
use tests::wait::until;
use tests::{Stack, Study, ledger};

/// Waits for the case of a study.
pub(crate) async fn case_of(stack: &Stack, study: &Study) -> String {
    let reader = stack.person("rad1").await;
    until("the case is in the worklist", 120, || reader.offered(&study.study_instance_uid)).await
}

/// Two readers accept.
pub(crate) async fn two_sign(stack: &Stack, case: &str) -> Display {
    stack.person("rad1").await.signs(case, "ACCEPT").await;
    stack.person("rad2").await.signs(case, "ACCEPT").await
}

/// A study that came in is read, signed, delivered, and there once.
pub(crate) async fn goes_all_the_way(stack: &mut Stack, study: &Study) {
    let case = case_of(stack, study).await;
    let display = two_sign(stack, &case).await;
    everything_is_there_once(stack, study, &display).await;
}

/// One case of one run, each object once at the PACS, every event once and in the ledger.
pub(crate) async fn everything_is_there_once(stack: &mut Stack, study: &Study, display: &Display) {
    let delivered = |event: &Event| matches!(event, Event::SendDelivered { .. });
    stack.revives_until("delivery", delivered).await;
    let derived: Vec<_> = display.0.iter().filter(|(_, seen)| seen.derived).collect();
    let received = stack.pacs.received();
    assert_eq!(received.len(), derived.len() + 3, "signed objects, two reports and the summary");
    assert_eq!(stack.pacs.file_count(), received.len(), "nothing else, nothing in part");
    for (uid, seen) in derived {
        assert!(received[uid].dataset == seen.dataset, "{uid} is not what was signed");
    }
    let quality = stack.person("quality").await;
    assert_eq!(quality.cases_of(&study.study_instance_uid).await.len(), 1, "one case");
    let shown = quality.study(&study.study_instance_uid).await.unwrap();
    let series = shown["series"].as_array().unwrap();
    assert_eq!(series.len(), 1);
    assert_eq!(series[0]["instanceCount"], study.instances.len());
    assert_eq!(series[0]["runs"].as_array().unwrap().len(), 1, "one run: {series:?}");
    events_are_told_once(stack).await;

    let mut told = 0;
    for service in SERVICES {
        let events = stack.events(service).await;
        let seqs: Vec<i64> = events.iter().map(|envelope| envelope.seq).collect();
        let gapless: Vec<i64> = (1..=seqs.len() as i64).collect();
        assert_eq!(seqs, gapless, "the numbers of {service} have no gap");
        told += seqs.len() as u64;
    }
    let status = until("the ledger has every event", 60, || async {
        let status =
            quality.asks("{ ledgerStatus { size gaps } }", &Value::Null).await["ledgerStatus"].take();
        (status["size"].as_u64() >= Some(told)).then_some(status)
    })
    .await;
    assert_eq!(status["gaps"], serde_json::json!([]));
    stack.stops().await;
    let (code, words) = ledger::verify(&stack.ledger_arguments());
    assert_eq!(code, 0, "{words}");
}

async fn events_are_told_once(stack: &Stack) {
    type Wanted = fn(&Event) -> bool;
    let counts: [(&str, Wanted, usize); 6] = [
        ("run.requested", |event| matches!(event, Event::RunRequested { .. }), 1),
        ("run.completed", |event| matches!(event, Event::RunCompleted { .. }), 1),
        ("case.queued", |event| matches!(event, Event::CaseQueued { .. }), 1),
        ("read.signed", |event| matches!(event, Event::ReadSigned { .. }), 2),
        ("case.released", |event| matches!(event, Event::CaseReleased { .. }), 1),
        ("send.delivered", |event| matches!(event, Event::SendDelivered { .. }), 1),
    ];
    for (kind, wanted, count) in counts {
        assert_eq!(stack.count(wanted).await, count, "{kind}");
    }
}
