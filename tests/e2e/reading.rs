//! Reading and signing: what two readers see, sign and release, and what they can't.

use crate::Cast;
use crate::delivered::{arrives_as_signed, now};
use serde_json::{Value, json};
use tests::wait::until;
use tests::{Person, Stack, Study};

/// Person names as DICOM writes them, family name first.
const ONE: &str = "One^Demo Radiologist";
const TWO: &str = "Two^Demo Radiologist";
const THREE: &str = "Three^Demo Radiologist";

/// Sends a study and waits until its case is offered.
pub(crate) async fn case_of(stack: &Stack, reader: &Person, study: &Study) -> String {
    stack.scanner().sends(study);
    until("the case is in the worklist", 120, || reader.offered(&study.study_instance_uid)).await
}

/// The kinds of events in a case's history.
async fn told(quality: &Person, case: &str) -> Vec<String> {
    let history = quality.case(case).await["history"].take();
    let kinds = history.as_array().unwrap().iter();
    kinds.map(|entry| entry["kind"].as_str().unwrap().to_owned()).collect()
}

/// Waits until the ledger has an event of a case: then everything that it leads to is under way.
pub(crate) async fn until_told(quality: &Person, case: &str, kind: &str, count: usize) {
    until(&format!("the ledger has {count} {kind}"), 60, || async {
        let found = told(quality, case).await.iter().filter(|told| *told == kind).count();
        (found >= count).then_some(())
    })
    .await;
}

pub(crate) async fn two_accepts_release_what_was_signed(stack: &Stack, cast: &Cast, study: &Study) -> String {
    let Cast { rad1, rad2, rad3, quality, .. } = cast;
    let case = case_of(stack, rad1, study).await;
    let shown = rad1.study(&study.study_instance_uid).await.unwrap();
    assert_eq!(shown["series"][0]["state"], "READY");
    assert_eq!(shown["series"][0]["runs"][0]["state"], "COMPLETED");

    // The second reader holds a place, so that everything which could tell something is on their screen.
    rad2.reads(&case).await;
    let (before, third_before) = (rad2.view(&case, study).await, rad3.view(&case, study).await);
    assert_eq!(rad3.case(&case).await, Value::Null, "the third reader has no part in it");

    let display = rad1.reads(&case).await;
    let digest = display.case_digest();
    assert_eq!(rad1.case(&case).await["caseDigest"], json!(digest), "computed here and there");
    let mut other = display.clone();
    other.0.pop_first();
    let refused = rad1.tries_to_sign(&case, "ACCEPT", &other.case_digest(), rad1.password()).await;
    assert_eq!(refused["refusal"]["code"], "digest_mismatch");
    let refused = rad1.tries_to_sign(&case, "ACCEPT", &digest, "not the password").await;
    assert_eq!(refused["refusal"]["code"], "wrong_password");
    rad1.signs(&case, "ACCEPT").await;
    until_told(quality, &case, "read.signed", 1).await;

    // Blinding: nothing that they can ask tells that somebody has signed.
    assert_eq!(rad2.view(&case, study).await, before, "rad2 sees the first read");
    assert_eq!(rad3.view(&case, study).await, third_before, "rad3 sees the first read");
    assert_eq!(stack.pacs.file_count(), 0, "one signature sends nothing");

    let signed_at = now();
    let second = rad2.signs(&case, "ACCEPT").await;
    assert_eq!(second.case_digest(), digest, "both signed the same");
    arrives_as_signed(stack, study, &display, &[ONE, TWO], signed_at).await;
    until("the page shows the send", 30, || async {
        let shown = rad1.case(&case).await;
        let delivered = shown["state"] == "RELEASED" && shown["sends"][0]["state"] == "DELIVERED";
        delivered.then_some(())
    })
    .await;
    case
}

pub(crate) async fn a_series_that_nobody_wants_says_which_rule_failed(stack: &Stack, cast: &Cast) {
    let study = Study::head_mr(2);
    stack.scanner().sends(&study);
    let routing = until("the MR is routed", 30, || async {
        let study = cast.admin.study(&study.study_instance_uid).await?;
        let routing = study["series"][0]["routing"].as_array()?.clone();
        (!routing.is_empty()).then_some(routing)
    })
    .await;
    for outcome in routing {
        assert_eq!(outcome["matched"], false);
        assert_eq!(outcome["failedRule"], "Modality is MR, wanted is CT");
    }
}

pub(crate) async fn two_rejections_end_it(stack: &Stack, cast: &Cast) -> Study {
    let study = Study::chest_ct(3);
    let case = case_of(stack, &cast.rad1, &study).await;
    cast.rad1.signs(&case, "REJECT").await;
    assert_eq!(
        cast.rad1.case(&case).await["state"],
        Value::Null,
        "how it ends is not told before it has ended"
    );
    cast.rad2.signs(&case, "REJECT").await;
    until("two rejections end the case", 30, || async {
        (cast.rad1.case(&case).await["state"] == "REJECTED").then_some(())
    })
    .await;
    assert_eq!(cast.rad3.offered(&study.study_instance_uid).await, None);
    study
}

pub(crate) async fn a_discordance_goes_to_the_third_reader(stack: &Stack, cast: &Cast) -> Study {
    let Cast { rad1, rad2, rad3, quality, .. } = cast;
    let study = Study::chest_ct(4);
    let case = case_of(stack, rad1, &study).await;
    let display = rad1.signs(&case, "ACCEPT").await;
    assert_eq!(rad3.offered(&study.study_instance_uid).await, None);
    rad2.signs(&case, "REJECT").await;
    until("the third reader is asked", 30, || rad3.offered(&study.study_instance_uid)).await;
    let first = rad1.case(&case).await;
    assert_eq!((&first["state"], &first["reads"]), (&Value::Null, &json!([])), "who signed learns nothing");
    rad3.reads(&case).await;
    let undecided = rad3.case(&case).await;
    assert_eq!(undecided["reads"], json!([]), "nobody decides by looking at what others said");
    assert_eq!(stack.pacs.received_of(&study.study_instance_uid).len(), 0);

    let signed_at = now();
    rad3.adjudicates(&case, "ACCEPT").await;
    let mut names = until("the decision shows both reads", 30, || async {
        let reads = rad3.case(&case).await["reads"].as_array()?.clone();
        let name = |read: &Value| read["signature"]["printedName"].as_str().unwrap().to_owned();
        (reads.len() == 2).then(|| reads.iter().map(name).collect::<Vec<_>>())
    })
    .await;
    names.sort();
    assert_eq!(names, ["Reader α", "Reader β"], "without names");
    arrives_as_signed(stack, &study, &display, &[ONE, TWO, THREE], signed_at).await;
    until_told(quality, &case, "case.discordant", 1).await;
    study
}
