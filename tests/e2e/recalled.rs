//! Everything that a model version released is taken back, by two people, everywhere it went.

use crate::Cast;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::wait::until;
use tests::{Person, Stack, Study};

const KEY_OBJECTS: &str = "1.2.840.10008.5.1.4.1.1.88.59";
const PREVIEW: &str = "query ($selection: RecallSelectionInput!) { recallPreview(selection: $selection) {
    released recalled set { cases digest } destinations { destination sends withObjects }
    cases(first: 50) { nodes { caseId } } } }";
const CAMPAIGN: &str = "query ($id: ID!) { recallCampaign(id: $id) { state recalled left waiting
    now { set { cases digest } } destinations { notesQueued notesFollowing gone nothingSent } } }";

pub(crate) async fn preview(person: &Person, selection: &Value) -> Value {
    person.asks(PREVIEW, &json!({ "selection": selection })).await["recallPreview"].take()
}

pub(crate) async fn campaign(person: &Person, id: &str) -> Value {
    person.asks(CAMPAIGN, &json!({ "id": id })).await["recallCampaign"].take()
}

/// How many rejection notes the PACS has of a study.
pub(crate) fn notes(stack: &Stack, study: &Study) -> usize {
    let received = stack.pacs.received_of(&study.study_instance_uid);
    received.values().filter(|object| object.sop_class_uid == KEY_OBJECTS).count()
}

/// `delivered` are at the PACS; the case of the first one is recalled alone before.
pub(crate) async fn everything_a_version_released_is_taken_back_where_it_went(
    stack: &Stack,
    cast: &Cast,
    alone: &str,
    delivered: [&Study; 2],
) {
    let (quality, second) = (&cast.quality, stack.person("quality2").await);
    let model =
        quality.asks("query ($id: ID!) { case(id: $id) { model { id } } }", &json!({ "id": alone })).await;
    let selection = json!({ "modelId": model["case"]["model"]["id"] });
    let reason = "streaks that are not in the source";
    let input = json!({ "caseId": alone, "reason": reason });
    quality.commands("proposeRecall", "ProposeRecallInput", "case { id }", input).await;
    second.commands("confirmRecall", "ConfirmRecallInput", "case { id }", json!({ "caseId": alone })).await;

    let shown = preview(quality, &selection).await;
    let released = shown["released"].as_u64().unwrap();
    assert!(released >= 3, "{shown}");
    assert_eq!((&shown["recalled"], &shown["set"]["cases"]), (&json!(1), &json!(released - 1)));
    assert!(shown["destinations"][0]["withObjects"].as_u64().unwrap() >= 1, "{shown}");
    let input = json!({ "selection": selection, "set": shown["set"], "reason": reason });
    let proposed = quality
        .commands("proposeRecallCampaign", "ProposeRecallCampaignInput", "campaign { id }", input)
        .await;
    let id = proposed["campaign"]["id"].as_str().unwrap_or_else(|| panic!("{proposed}"));
    let seen = campaign(&second, id).await["now"]["set"].take();
    let input = json!({ "campaignId": id, "set": seen });
    let (mutation, input_type) = ("confirmRecallCampaign", "ConfirmRecallCampaignInput");
    let own = quality.commands(mutation, input_type, "campaign { id }", input.clone()).await;
    assert_eq!(own["refusal"]["code"], "recall_same_person");
    let confirmed = second.commands(mutation, input_type, "campaign { id }", input).await;
    assert_eq!(confirmed["refusal"], Value::Null, "{confirmed}");

    let done = until("every case is recalled", 30, || async {
        let now = campaign(quality, id).await;
        (now["state"] == "COMPLETED").then_some(now)
    })
    .await;
    assert_eq!((&done["recalled"], &done["left"]), (&json!(released - 1), &json!(1)));
    let cases: BTreeSet<&str> = shown["cases"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| case["caseId"].as_str().unwrap())
        .collect();
    for case in cases {
        assert_eq!(quality.case(case).await["state"], "RECALLED", "{case}");
    }
    until("the PACS has a rejection note for each study that it got", 60, || async {
        delivered.iter().all(|study| notes(stack, study) == 1).then_some(())
    })
    .await;
}
