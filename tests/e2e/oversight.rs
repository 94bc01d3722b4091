//! Stages and holds: what is not for clinical eyes, who may change that, and how it is stopped.

use crate::Cast;
use crate::reading::{case_of, until_told};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::wait::until;
use tests::{Person, Stack, Study};

async fn deployment_at(person: &Person, stage: &str) -> String {
    let deployments = person.asks("{ deployments { id stage } }", &Value::Null).await;
    let found = deployments["deployments"].as_array().unwrap().iter().find(|found| found["stage"] == stage);
    found.unwrap_or_else(|| panic!("no deployment at {stage}"))["id"].as_str().unwrap().to_owned()
}

pub(crate) async fn until_state(person: &Person, case: &str, state: &str) {
    until(&format!("the case is {state}"), 30, || async {
        (person.case(case).await["state"] == state).then_some(())
    })
    .await;
}

pub(crate) async fn a_shadow_result_reaches_no_worklist_and_no_pacs(stack: &Stack, cast: &Cast) {
    let study = Study::abdomen_ct(5);
    stack.scanner().sends(&study);
    let case = until("quality sees the shadow case", 120, || async {
        cast.quality.cases_of(&study.study_instance_uid).await.pop()
    })
    .await;
    let shown = cast.quality.case(&case).await;
    assert_eq!(shown["stage"], "SHADOW");
    let series = shown["derived"][0]["seriesInstanceUid"].as_str().unwrap();
    let path = format!("/dicom-web/studies/{}/series/{series}", study.study_instance_uid);
    let parts = "multipart/related; type=\"application/dicom\"";
    assert_eq!(cast.quality.gets(&path, parts).await.0, 200, "quality looks at shadow results");
    for reader in [&cast.rad1, &cast.rad2, &cast.rad3] {
        assert_eq!(reader.offered(&study.study_instance_uid).await, None);
        assert_eq!(reader.case(&case).await, Value::Null);
        assert_eq!(reader.gets(&path, parts).await.0, 404, "{}", reader.username);
        let opened =
            reader.commands("openCase", "OpenCaseInput", "case { id }", json!({ "caseId": case })).await;
        assert_eq!(opened["case"], Value::Null, "{}", reader.username);
    }
    assert_eq!(stack.pacs.received_of(&study.study_instance_uid).len(), 0);

    let shadow = deployment_at(&cast.admin, "SHADOW").await;
    let proposed = cast.admin.proposes(&shadow, "PILOT").await;
    assert_eq!(proposed["proposal"]["gate"]["held"], false, "{proposed}");
    let refused = cast.quality.approves(proposed["proposal"]["id"].as_str().unwrap()).await;
    assert_eq!(refused["refusal"]["code"], "gate_not_held", "without evidence nobody can approve");
}

pub(crate) async fn evaluation_readers_give_shadow_its_evidence(stack: &Stack, cast: &Cast) {
    let Cast { rad1, rad2, rad3, quality, admin, owner, physicist } = cast;
    for reader in [rad1, rad2] {
        admin.grants_evaluation(&reader.username, "CT", "denoise").await;
    }
    let study = Study::abdomen_ct(9);
    stack.scanner().sends(&study);
    let uid = &study.study_instance_uid;
    let case = until("an evaluation reader is offered it", 120, || rad1.offered_for_evaluation(uid)).await;
    assert_eq!(rad1.offered(uid).await, None, "no clinical worklist shows it");
    assert_eq!(rad3.offered_for_evaluation(uid).await, None, "who is not named as an evaluation reader");
    for reader in [rad1, rad2] {
        let shown = reader.case(&case).await;
        assert_eq!(shown["model"]["name"], "", "the model is hidden until the own read is final");
        reader.signs(&case, "ACCEPT").await;
    }
    until_state(quality, &case, "EVALUATED").await;
    let told = rad1.case(&case).await;
    assert_eq!((&told["state"], &told["model"]["name"]), (&json!("EVALUATED"), &json!("ct-denoise")));
    assert_eq!(stack.pacs.received_of(uid).len(), 0, "nothing of shadow leaves");

    let query = "{ deployments { id stage proposals { id state } } }";
    let deployments = admin.asks(query, &Value::Null).await;
    let shadow = deployments["deployments"].as_array().unwrap().iter().find(|one| one["stage"] == "SHADOW");
    let waiting = shadow.unwrap()["proposals"].as_array().unwrap().iter().find(|one| one["state"] == "OPEN");
    let proposal = waiting.unwrap()["id"].as_str().unwrap();
    for (person, stage) in [(quality, "SHADOW"), (physicist, "SHADOW"), (owner, "PILOT")] {
        let approved = person.approves(proposal).await;
        assert_eq!(approved["deployment"]["stage"], stage, "{approved}");
    }
}

pub(crate) async fn a_promotion_takes_three_approvals_and_a_gate_that_holds(stack: &Stack, cast: &Cast) {
    let Cast { rad1, rad2, quality, admin, owner, physicist, .. } = cast;
    let study = Study::chest_ct(6);
    let case = case_of(stack, rad1, &study).await;
    let deployment = deployment_at(admin, "GENERAL").await;
    admin.demotes(&deployment, "SUPERVISED").await;
    // A case made at general waits while its deployment stands below.
    until_state(quality, &case, "HELD").await;
    assert_eq!(rad1.offered(&study.study_instance_uid).await, None);

    assert_eq!(quality.proposes(&deployment, "GENERAL").await["proposal"], Value::Null);
    let proposed = admin.proposes(&deployment, "GENERAL").await;
    assert_eq!(proposed["proposal"]["gate"]["held"], false, "what was read before a demotion speaks no more");
    for number in 20..23 {
        let new = case_of(stack, rad1, &Study::chest_ct(number)).await;
        for reader in [rad1, rad2] {
            reader.signs(&new, "REJECT").await;
        }
        until_state(quality, &new, "REJECTED").await;
    }
    let proposal = proposed["proposal"]["id"].as_str().unwrap();
    let refused = admin.approves(proposal).await;
    assert_eq!(refused["deployment"], Value::Null, "who proposes can't approve");
    assert!(refused["refusal"]["code"].is_string(), "{refused}");
    for (person, stage) in [(quality, "SUPERVISED"), (owner, "SUPERVISED"), (physicist, "GENERAL")] {
        let approved = person.approves(proposal).await;
        assert_eq!(approved["deployment"]["stage"], stage, "{approved}");
    }

    until("the case goes on", 30, || rad1.offered(&study.study_instance_uid)).await;
    for reader in [rad1, rad2] {
        reader.signs(&case, "REJECT").await;
    }
    until_state(quality, &case, "REJECTED").await;
}

/// What a suspension left behind.
pub(crate) struct Held {
    /// Objects that were at the PACS when it came.
    pub(crate) objects_before_the_hold: usize,
}

pub(crate) async fn suspension_holds_the_unreleased_and_the_half_sent(stack: &Stack, cast: &Cast) -> Held {
    let Cast { rad1, rad2, quality, admin, .. } = cast;
    let (unreleased, half_sent) = (Study::chest_ct(7), Study::chest_ct(8));
    let waiting = case_of(stack, rad1, &unreleased).await;
    let sending = case_of(stack, rad1, &half_sent).await;
    rad1.signs(&waiting, "ACCEPT").await;

    stack.pacs.wire.stalls_after(50_000);
    rad1.signs(&sending, "ACCEPT").await;
    let display = rad2.signs(&sending, "ACCEPT").await;
    until("the send has begun", 30, || async {
        let shown = quality.case(&sending).await;
        let send = &shown["sends"][0];
        let begun = send["state"] == "SENDING" && send["objectsStored"].as_u64() > Some(0);
        (begun && stack.pacs.wire.is_stalled()).then_some(())
    })
    .await;
    let deployment = deployment_at(admin, "GENERAL").await;
    quality.demotes(&deployment, "SUSPENDED").await;
    stack.pacs.wire.heals();

    until("the send is held", 60, || async {
        (quality.case(&sending).await["sends"][0]["state"] == "HELD").then_some(())
    })
    .await;
    let sent = stack.pacs.received_of(&half_sent.study_instance_uid).len();
    assert!(sent > 0 && sent < display.0.values().filter(|seen| seen.derived).count(), "{sent} were sent");
    until_state(quality, &waiting, "HELD").await;
    until_told(quality, &waiting, "case.held", 1).await;
    let digest = rad1.case(&waiting).await["caseDigest"].as_str().unwrap().to_owned();
    let refused = rad2.tries_to_sign(&waiting, "ACCEPT", &digest, rad2.password()).await;
    assert_ne!(refused["refusal"], Value::Null, "nobody signs what is held");
    assert_eq!(stack.pacs.received_of(&unreleased.study_instance_uid).len(), 0);
    assert_eq!(stack.pacs.received_of(&half_sent.study_instance_uid).len(), sent, "nothing more leaves");
    Held { objects_before_the_hold: sent }
}

pub(crate) async fn quality_reads_who_did_what(cast: &Cast, case: &str) {
    let history = cast.quality.case(case).await["history"].take();
    let entries = history.as_array().unwrap();
    let all =
        |key: &str| -> BTreeSet<&str> { entries.iter().map(|entry| entry[key].as_str().unwrap()).collect() };
    let (kinds, actors) = (all("kind"), all("actor"));
    for kind in [
        "series.ready",
        "run.requested",
        "run.started",
        "run.completed",
        "case.queued",
        "case.leased",
        "access.recorded",
        "signature.refused",
        "read.signed",
        "case.released",
        "send.queued",
        "send.delivered",
    ] {
        assert!(kinds.contains(kind), "{kind} is missing: {kinds:?}");
    }
    for actor in ["Demo Radiologist One", "Demo Radiologist Two"] {
        assert!(actors.contains(actor), "{actor} is missing: {actors:?}");
    }
    let places: Vec<u64> = entries.iter().map(|entry| entry["index"].as_u64().unwrap()).collect();
    assert!(places.is_sorted(), "in the order of the ledger");
}
