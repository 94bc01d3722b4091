//! A day in the life of a model version: taken in, run dry, put to use at shadow, brought up on evidence, pulled back by
//! its stop rule, recalled, and what it cost.

use crate::Cast;
use crate::delivered::now;
use crate::oversight::until_state;
use crate::reading::case_of;
use crate::recalled::{campaign, notes, preview};
use crate::version::is_taken_in;
use contract::Time;
use serde_json::{Value, json};
use std::process::Command;
use std::time::{Duration, SystemTime};
use tests::wait::until;
use tests::{Person, Stack, Study};

const NAME: &str = "Low-dose CT of the pelvis";
/// Newer than any that is shipped.
const VERSION: &str = "99.0.1";
const CREATE: &str = "deployment { id name stage }";
/// More rejections in a row than any stop rule needs that every deployment begins with.
const REJECTIONS_MAX: u32 = 12;

pub(crate) async fn of_a_version(stack: &Stack, cast: &Cast) {
    let model = is_taken_in(stack, &cast.admin, VERSION, |weights| weights).await;
    let deployment = is_put_to_use(stack, cast, &model).await;
    earns_its_evidence(stack, cast, &deployment).await;
    let delivered = releases_at_supervised(stack, cast, &deployment).await;
    is_pulled_back(stack, cast, &deployment).await;
    is_recalled(stack, cast, &deployment, &delivered).await;
    is_accounted_for(&cast.admin).await;

    let at_pacs = stack.pacs.received();
    let of_delivered = |uid: &String| delivered.iter().any(|study| study.study_instance_uid == *uid);
    assert!(
        at_pacs.values().all(|object| of_delivered(&object.study_instance_uid)),
        "nothing came out but what two people released at a clinical stage"
    );
}

/// Nobody wants the study that came before; the dry run says that the rule would, and the version begins at shadow.
async fn is_put_to_use(stack: &Stack, cast: &Cast, model: &str) -> String {
    let before = Study::pelvis_ct(40);
    stack.scanner().sends(&before);
    until("the study before is routed", 30, || async {
        let study = cast.admin.study(&before.study_instance_uid).await?;
        study["series"][0]["routing"].as_array().filter(|routing| !routing.is_empty()).map(drop)
    })
    .await;
    let rule = json!({ "modality": "CT", "bodyParts": ["PELVIS"], "bodyPartWords": [],
        "seriesDescriptionContains": [], "protocolNameContains": [], "manufacturers": [], "kernels": [],
        "senders": [], "instanceCountMin": 8 });
    let wanted = json!({ "name": NAME, "modelId": model, "site": "demo", "rule": rule });
    let mut dry = wanted.clone();
    dry["series"] = json!(50);
    let query = "query ($input: DryRunOfNewInput!) { dryRunOfNew(input: $input) { matched lookedAt } }";
    let run = cast.admin.asks(query, &json!({ "input": dry })).await["dryRunOfNew"].take();
    assert_eq!(run, json!({ "matched": 1, "lookedAt": 1 }));
    let mut create = wanted;
    for (key, value) in [("pool", json!("cpu")), ("reason", json!("a new version for the pelvis"))] {
        create[key] = value;
    }
    (create["matchedSeen"], create["lookedAt"]) = (run["matched"].clone(), run["lookedAt"].clone());
    let created = cast.admin.commands("createDeployment", "CreateDeploymentInput", CREATE, create).await;
    assert_eq!(created["deployment"]["stage"], "SHADOW", "{created}");
    created["deployment"]["id"].as_str().unwrap().to_owned()
}

/// Two evaluation readers at shadow, two clinical readers at pilot: nothing of either leaves.
async fn earns_its_evidence(stack: &Stack, cast: &Cast, deployment: &str) {
    let Cast { rad1, rad2, quality, admin, .. } = cast;
    for reader in [rad1, rad2] {
        admin.grants_evaluation(&reader.username, "CT", "denoise").await;
    }
    let shadow = Study::pelvis_ct(41);
    stack.scanner().sends(&shadow);
    let uid = &shadow.study_instance_uid;
    let case = until("an evaluation reader is offered it", 120, || rad1.offered_for_evaluation(uid)).await;
    both_say(cast, &case, "ACCEPT").await;
    until_state(quality, &case, "EVALUATED").await;
    goes_up(cast, deployment, "PILOT").await;
    for number in 42..44 {
        let case = case_of(stack, rad1, &Study::pelvis_ct(number)).await;
        both_say(cast, &case, "ACCEPT").await;
        until_state(quality, &case, "RELEASED").await;
    }
    goes_up(cast, deployment, "SUPERVISED").await;
    assert_eq!(stack.pacs.file_count(), 0, "shadow and pilot send nothing to a clinical destination");
}

/// Both first readers sign the same verdict.
pub(crate) async fn both_say(cast: &Cast, case: &str, verdict: &str) {
    for reader in [&cast.rad1, &cast.rad2] {
        reader.signs(case, verdict).await;
    }
}

async fn goes_up(cast: &Cast, deployment: &str, stage: &str) {
    let proposed = cast.admin.proposes(deployment, stage).await;
    assert_eq!(proposed["proposal"]["gate"]["held"], true, "{proposed}");
    let proposal = proposed["proposal"]["id"].as_str().unwrap();
    for person in [&cast.quality, &cast.physicist, &cast.owner] {
        let approved = person.approves(proposal).await;
        assert_eq!(approved["refusal"], Value::Null, "{} approves: {approved}", person.username);
    }
    assert_eq!(stage_of(&cast.admin, deployment).await, stage);
}

async fn stage_of(person: &Person, deployment: &str) -> String {
    let deployments = person.asks("{ deployments { id stage } }", &Value::Null).await;
    let found = deployments["deployments"].as_array().unwrap().iter().find(|one| one["id"] == deployment);
    found.unwrap()["stage"].as_str().unwrap().to_owned()
}

async fn releases_at_supervised(stack: &Stack, cast: &Cast, deployment: &str) -> [Study; 2] {
    let delivered = [44, 45].map(Study::pelvis_ct);
    for study in &delivered {
        let case = case_of(stack, &cast.rad1, study).await;
        assert_eq!(cast.quality.case(&case).await["deployment"]["name"], NAME);
        both_say(cast, &case, "ACCEPT").await;
        until("the PACS has it", 60, || async {
            (cast.quality.case(&case).await["sends"][0]["state"] == "DELIVERED").then_some(())
        })
        .await;
    }
    assert_eq!(stage_of(&cast.admin, deployment).await, "SUPERVISED");
    delivered
}

/// After the scanner's update readers reject what the version makes, until its rule takes it down one stage; what waits
/// is held, and quality is asked what becomes of what was released before.
async fn is_pulled_back(stack: &Stack, cast: &Cast, deployment: &str) {
    let Cast { rad1, quality, admin, .. } = cast;
    let waiting = case_of(stack, rad1, &Study::pelvis_ct(46)).await;
    let mut rejected = 0;
    while stage_of(admin, deployment).await == "SUPERVISED" {
        assert!(rejected < REJECTIONS_MAX, "{rejected} rejections in a row and no rule fired");
        let case = case_of(stack, rad1, &Study::pelvis_ct(50 + rejected)).await;
        both_say(cast, &case, "REJECT").await;
        until_state(quality, &case, "REJECTED").await;
        rejected += 1;
    }
    assert_eq!(stage_of(admin, deployment).await, "PILOT");
    until_state(quality, &waiting, "HELD").await;
    let query = "query ($id: ID!) { stopRules(deploymentId: $id) {
        alarms { action value bound fromStage toStage } recallEvaluations { cases } } }";
    let view = quality.asks(query, &json!({ "id": deployment })).await["stopRules"].take();
    let alarm = &view["alarms"][0];
    assert_eq!((&alarm["fromStage"], &alarm["toStage"]), (&json!("SUPERVISED"), &json!("PILOT")), "{alarm}");
    assert!(alarm["value"].as_f64() >= alarm["bound"].as_f64(), "{alarm}");
    let released = view["recallEvaluations"][0]["cases"].as_array().map(Vec::len);
    assert!(released >= Some(2), "the evaluation names what was released: {view}");
}

async fn is_recalled(stack: &Stack, cast: &Cast, deployment: &str, delivered: &[Study; 2]) {
    let (quality, second) = (&cast.quality, stack.person("quality2").await);
    let selection = json!({ "deploymentId": deployment });
    let shown = preview(quality, &selection).await;
    let input = json!({ "selection": selection, "set": shown["set"], "reason": "the scanner was updated" });
    let proposed = quality
        .commands("proposeRecallCampaign", "ProposeRecallCampaignInput", "campaign { id }", input)
        .await;
    let id = proposed["campaign"]["id"].as_str().unwrap_or_else(|| panic!("{proposed}"));
    let input = json!({ "campaignId": id, "set": campaign(&second, id).await["now"]["set"] });
    let confirmed = second
        .commands("confirmRecallCampaign", "ConfirmRecallCampaignInput", "campaign { id }", input)
        .await;
    assert_eq!(confirmed["refusal"], Value::Null, "{confirmed}");
    until("the PACS has a rejection note for each study that it got", 60, || async {
        delivered.iter().all(|study| notes(stack, study) == 1).then_some(())
    })
    .await;
}

/// What the board reads counts what the version made and what was released of it.
async fn is_accounted_for(admin: &Person) {
    const DAY: Duration = Duration::from_hours(24);
    let written = |at: SystemTime| Time::from(at).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let now = now();
    let period = format!("from={}&to={}", written(now - DAY), written(now + DAY));
    let row = until("the accounts count the releases", 30, || async {
        let (status, csv) = admin.gets(&format!("/rollout/costs/csv?{period}"), "text/csv").await;
        assert_eq!(status, 200);
        let csv = String::from_utf8(csv).unwrap();
        let mut rows = csv.lines().map(str::to_owned);
        rows.find(|row| row.starts_with(NAME) && row.contains(",released,4,"))
    })
    .await;
    assert!(row.contains("measured"), "{row}");
    let (status, report) = admin.gets(&format!("/rollout/costs/report?{period}"), "text/html").await;
    assert_eq!(status, 200);
    assert!(String::from_utf8(report).unwrap().contains(NAME), "the report leaves the deployment out");
    let (status, pdf) = admin.gets(&format!("/rollout/costs/report/pdf?{period}"), "application/pdf").await;
    assert_eq!(status, 200);
    let text = printed(&pdf);
    assert!(text.contains(NAME), "the PDF leaves the deployment out: {text}");
}

/// The words of a PDF, as poppler reads them.
fn printed(pdf: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.pdf");
    std::fs::write(&file, pdf).unwrap();
    let output =
        Command::new("pdftotext").arg(&file).arg("-").output().expect("infra/setup installs pdftotext");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
