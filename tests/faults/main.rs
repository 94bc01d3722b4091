//! `kill -9` at the worst instants: nothing is lost, nothing happens twice.
//!
//! A process dies at a named point (feature `failpoints`), is started again as a supervisor would, and the study must
//! come out as if nothing had been: one case, two signatures, each object once at the PACS, one whole ledger.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod once;

use contract::Event;
use tests::stack::PROGRAM;
use tests::wait::until;
use tests::{Stack, Study};

/// The stack dies at `kill_at` once a study has come in, comes back, and the study goes all the way.
async fn survives(kill_at: &str) {
    let mut stack = Stack::embedded().await;
    let study = Study::chest_ct(1);
    stack.restarts_to_die_at(&[(PROGRAM, kill_at)]).await;
    stack.scanner().sends(&study);
    stack.dies().await;
    assert_eq!(stack.revives(), [PROGRAM]);
    stack.is_ready().await;
    once::goes_all_the_way(&mut stack, &study).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn intake_dies_between_the_bytes_and_their_row_and_the_scanner_sends_again() {
    let mut stack = Stack::embedded().await;
    let study = Study::chest_ct(1);
    stack.restarts_to_die_at(&[(PROGRAM, "intake.after_rename#4")]).await;
    let (whole, acknowledged) = stack.scanner().tries(&study);
    assert!(!whole && acknowledged == 3, "{acknowledged} objects were acknowledged");
    stack.dies().await;
    stack.revives();
    stack.is_ready().await;
    let admin = stack.person("admin").await;
    let kept = admin.study(&study.study_instance_uid).await.expect("what was acknowledged is there");
    assert_eq!(kept["series"][0]["instanceCount"], 3, "exactly what was acknowledged");
    stack.scanner().sends(&study);
    once::goes_all_the_way(&mut stack, &study).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn intake_dies_between_the_row_and_its_answer_and_the_scanner_sends_again() {
    let mut stack = Stack::embedded().await;
    let study = Study::chest_ct(1);
    stack.restarts_to_die_at(&[(PROGRAM, "intake.after_commit#4")]).await;
    let (whole, acknowledged) = stack.scanner().tries(&study);
    assert!(!whole && acknowledged == 3, "{acknowledged} objects were acknowledged");
    stack.dies().await;
    stack.revives();
    stack.is_ready().await;
    stack.scanner().sends(&study);
    once::goes_all_the_way(&mut stack, &study).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_relay_dies_before_it_publishes() {
    survives("outbox.before_publish").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_relay_dies_after_it_has_published_and_before_it_knows() {
    survives("outbox.after_publish").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_worker_dies_in_the_middle_of_its_job() {
    survives("worker.mid_job#2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn generation_dies_before_it_fixes_a_result() {
    survives("generation.before_accept").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn generation_dies_after_it_has_fixed_a_result() {
    survives("generation.after_accept").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn delivery_dies_between_a_send_and_its_record() {
    let mut stack = Stack::embedded().await;
    let study = Study::chest_ct(1);
    stack.scanner().sends(&study);
    let case = once::case_of(&stack, &study).await;
    stack.restarts_to_die_at(&[(PROGRAM, "delivery.before_record#3")]).await;
    let display = once::two_sign(&stack, &case).await;
    stack.dies().await;
    until("three objects are at the PACS", 10, || async {
        (stack.pacs.received_of(&study.study_instance_uid).len() == 3).then_some(())
    })
    .await;
    stack.revives();
    stack.is_ready().await;
    once::everything_is_there_once(&mut stack, &study, &display).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_service_dies_at_its_worst_instant_in_a_process_of_its_own() {
    let deaths = [
        ("intake", "intake.after_rename#4"),
        ("rollout", "outbox.before_publish"),
        ("worker", "worker.mid_job#2"),
        ("generation", "generation.before_accept"),
        ("review", "outbox.after_publish"),
        ("delivery", "delivery.before_record#3"),
    ];
    let mut stack = Stack::distributed().await;
    stack.restarts_to_die_at(&deaths).await;
    let study = Study::chest_ct(1);
    assert!(!stack.scanner().tries(&study).0, "intake dies");
    stack.dies().await;
    let mut died = stack.revives();
    stack.is_ready().await;
    stack.scanner().sends(&study);
    let queued = |event: &Event| matches!(event, Event::CaseQueued { .. });
    died.extend(stack.revives_until("review", queued).await);
    // Review has told of the case and dies of it.
    until_all_live(&mut stack, &mut died, deaths.len() - 1).await;
    let case = once::case_of(&stack, &study).await;
    let display = once::two_sign(&stack, &case).await;
    let delivered = |event: &Event| matches!(event, Event::SendDelivered { .. });
    died.extend(stack.revives_until("delivery", delivered).await);
    died.sort();
    let mut expected = deaths.map(|(service, _)| service);
    expected.sort_unstable();
    assert_eq!(died, expected, "each died once");
    stack.is_ready().await;
    once::everything_is_there_once(&mut stack, &study, &display).await;
}

async fn until_all_live(stack: &mut Stack, died: &mut Vec<String>, count: usize) {
    while died.len() < count {
        stack.dies().await;
        died.extend(stack.revives());
    }
    stack.is_ready().await;
}
