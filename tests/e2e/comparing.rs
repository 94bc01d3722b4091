//! Two versions side by side: a reader who can't know which is which prefers the image with less noise, and the comparison
//! says that it was the version whose own images have less.

use crate::Cast;
use crate::day::both_say;
use crate::version::{is_taken_in, shipped};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::wait::until;
use tests::{Person, Stack, Study, sha256};

/// Newer than any that is shipped.
const VERSION: &str = "99.0.2";
const CHAMPION: &str = "Low-dose CT of chest and head";
const CHALLENGER: &str = "Half of the last layer";
const PAIRS: u32 = 10;
/// Where an error is marked, mm.
const PLACE: [f64; 3] = [12.5, -3.25, 40.0];
/// Rows and columns of the scanner's small studies.
const MATRIX: usize = 96;
const PAIR: &str = "pair { id images { a { sopInstanceUid slice } b { sopInstanceUid slice } } answeredAt }";
const COMPARISON: &str = "{ comparisons { state pairs looks { champion challenger decision }
    read { outcome championCase challengerCase
      errors { champion { invented } challenger { invented } } } } }";

pub(crate) async fn of_two_versions(stack: &Stack, cast: &Cast) {
    let Cast { rad3, quality, admin, .. } = cast;
    only_the_comparison_reads_at_shadow(quality).await;
    let model = is_taken_in(stack, admin, VERSION, half_of_the_last_layer).await;
    begins(admin, &model).await;
    admin.grants_evaluation(&rad3.username, "CT", "denoise").await;
    let studies: Vec<Study> = (0..PAIRS).map(|number| Study::chest_ct(60 + number)).collect();
    for study in &studies {
        stack.scanner().sends(study);
    }
    for study in &studies {
        are_decided_for_the_patient_first(cast, study).await;
    }
    let mut told = Told::default();
    for answered in 0..PAIRS {
        let comparison = comparison(quality).await;
        assert_eq!((&comparison["looks"], &comparison["read"]), (&json!([]), &json!([])), "{answered} pairs");
        let pair = until("a pair is offered", 120, || next_pair(rad3)).await;
        prefers_less_noise(rad3, &pair, &mut told).await;
    }
    let over = until("the comparison is decided", 30, || async {
        let known = comparison(quality).await;
        (known["state"] == "DECIDED").then_some(known)
    })
    .await;
    let read = over["read"].as_array().unwrap();
    assert_eq!(read.len(), PAIRS as usize);
    let better = less_noise(quality, &read[0]).await;
    assert!(read.iter().all(|pair| pair["outcome"] == better), "{better} leaves less noise: {over}");
    told_where_errors_are(cast, read, better).await;
    let look = &over["looks"][0];
    assert_eq!((&look[better.to_lowercase()], &over["state"]), (&json!(PAIRS), &json!("DECIDED")), "{over}");
    assert!(told.sides.len() == 2, "the better image stood on either side: {:?}", told.sides);
    told_nothing(cast, &told, &model, read).await;
    let at_pacs = stack.pacs.received();
    for challenger in uids_of(cast, read, "challengerCase").await {
        assert!(!at_pacs.contains_key(&challenger), "nothing of the challenger leaves");
    }
}

/// A pair waits until nobody reads its source any more.
async fn only_the_comparison_reads_at_shadow(quality: &Person) {
    let input = json!({ "reason": "the comparison comes first", "evaluationPerMille": 0 });
    let changed =
        quality.commands("changeReviewPolicy", "ChangeReviewPolicyInput", "policy { version }", input).await;
    assert_eq!(changed["refusal"], Value::Null, "{changed}");
}

/// No case waits for a comparison: the champion's image is read twice, and then the pair is offered.
async fn are_decided_for_the_patient_first(cast: &Cast, study: &Study) {
    let uid = &study.study_instance_uid;
    let case = until("the champion's case is offered", 120, || cast.rad1.offered(uid)).await;
    both_say(cast, &case, "ACCEPT").await;
}

/// What a reader of pairs was told, and on which sides the better image stood.
#[derive(Default)]
struct Told {
    text: String,
    sides: BTreeSet<&'static str>,
}

/// The net's last layer gives half of what the reference model's does: another image of the same source.
fn half_of_the_last_layer(mut file: Vec<u8>) -> Vec<u8> {
    // safetensors: the length of the header, the header as JSON, the tensors.
    let header_bytes = u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
    let header: Value = serde_json::from_slice(&file[8..8 + header_bytes]).unwrap();
    for name in ["tail.weight", "tail.bias"] {
        assert_eq!(header[name]["dtype"], "F32");
        let offset = |end: usize| header[name]["data_offsets"][end].as_u64().unwrap() as usize;
        for value in file[8 + header_bytes..][offset(0)..offset(1)].chunks_exact_mut(4) {
            let half = f32::from_le_bytes(value.try_into().unwrap()) / 2.0;
            value.copy_from_slice(&half.to_le_bytes());
        }
    }
    file
}

async fn begins(admin: &Person, model: &str) {
    let shown = admin.asks("{ deployments { id name } }", &Value::Null).await;
    let champion = shown["deployments"].as_array().unwrap().iter().find(|one| one["name"] == CHAMPION);
    let champion = champion.expect("the demo has it");
    let rule = json!({ "modality": "CT", "bodyParts": ["CHEST", "HEAD"], "bodyPartWords": [],
        "seriesDescriptionContains": [], "protocolNameContains": [], "manufacturers": [], "kernels": [],
        "senders": [], "instanceCountMin": 8 });
    let create = json!({ "name": CHALLENGER, "modelId": model, "site": "demo", "rule": rule, "pool": "cpu",
        "reason": "is it better?", "matchedSeen": 0, "lookedAt": 0 });
    let created =
        admin.commands("createDeployment", "CreateDeploymentInput", "deployment { id }", create).await;
    let challenger = created["deployment"]["id"].as_str().unwrap_or_else(|| panic!("{created}"));
    let plan = json!({ "margin": 0.0, "alpha": 0.025, "looks": [PAIRS], "readers": 1, "drawPerMille": 1000 });
    let start = json!({ "championId": champion["id"], "challengerId": challenger, "plan": plan,
        "reason": "is it better?" });
    let started =
        admin.commands("startComparison", "StartComparisonInput", "comparison { state }", start).await;
    assert_eq!(started["comparison"]["state"], "OPEN", "{started}");
}

async fn comparison(person: &Person) -> Value {
    person.asks(COMPARISON, &Value::Null).await["comparisons"][0].take()
}

async fn next_pair(reader: &Person) -> Option<String> {
    let offered = reader.asks("{ comparisonPairs { id } }", &Value::Null).await;
    offered["comparisonPairs"][0]["id"].as_str().map(str::to_owned)
}

/// Opens a pair, fetches both sides as the page does, and signs for the one with less noise.
async fn prefers_less_noise(reader: &Person, pair: &str, told: &mut Told) {
    let input = json!({ "pairId": pair });
    let opened = reader.commands("openComparisonPair", "OpenComparisonPairInput", PAIR, input).await;
    assert_eq!(opened["refusal"], Value::Null, "{opened}");
    told.text.push_str(&opened.to_string());
    let mut lines = Vec::new();
    let mut noise = [0.0; 2];
    for (side, noise) in ["a", "b"].into_iter().zip(&mut noise) {
        let images = opened["pair"]["images"][side].as_array().unwrap();
        assert_eq!(images.len(), 8);
        for image in images {
            let path = format!("/pairs/{pair}/{side}/{}", image["slice"]);
            let (status, file) = reader.gets(&path, "application/dicom").await;
            assert_eq!(status, 200, "{path}");
            let dataset = tests::dataset(&file).expect("a DICOM file");
            told.text.push_str(&String::from_utf8_lossy(dataset));
            lines.push(format!("{} {}\n", image["sopInstanceUid"].as_str().unwrap(), sha256(dataset)));
            *noise += roughness(dataset);
        }
    }
    lines.sort();
    assert!((noise[0] / noise[1] - 1.0).abs() > 0.01, "the two versions make different images: {noise:?}");
    let (preference, side) = if noise[0] < noise[1] { ("A", "a") } else { ("B", "b") };
    told.sides.insert(side);
    let none = json!({ "invented": 0, "lost": 0, "distorted": 0 });
    let mark = json!({ "kind": "INVENTED", "centreMm": PLACE, "diameterMm": 6.0 });
    let marked = json!({ "invented": 1, "lost": 0, "distorted": 0, "worst": "MINOR", "marks": [mark] });
    // On the side that is preferred, wherever it stands.
    let (a, b) = if side == "a" { (marked, none) } else { (none, marked) };
    let input = json!({ "pairId": pair, "preference": preference, "a": a, "b": b,
        "shownDigest": sha256(lines.concat().as_bytes()), "username": reader.username,
        "password": reader.password() });
    let signed = reader.commands("answerComparisonPair", "AnswerComparisonPairInput", PAIR, input).await;
    assert!(signed["pair"]["answeredAt"].is_string(), "{signed}");
    told.text.push_str(&signed.to_string());
}

/// Mean difference of neighbours in a row. Pixel Data (7FE0,0010) is the last element: its values end the data set.
fn roughness(dataset: &[u8]) -> f64 {
    let pixels = &dataset[dataset.len() - 2 * MATRIX * MATRIX..];
    let values: Vec<f64> =
        pixels.chunks_exact(2).map(|two| f64::from(i16::from_le_bytes([two[0], two[1]]))).collect();
    let steps = values.chunks_exact(MATRIX).flat_map(|row| row.windows(2).map(|two| (two[1] - two[0]).abs()));
    steps.sum::<f64>() / (MATRIX * MATRIX) as f64
}

/// Quality learns on whose images errors were marked, an administrator doesn't.
async fn told_where_errors_are(cast: &Cast, read: &[Value], better: &str) {
    let invented = |side: &Value| side[0]["invented"].as_u64().unwrap();
    for pair in read {
        let errors = &pair["errors"];
        let on = (invented(&errors["champion"]), invented(&errors["challenger"]));
        assert_eq!(on, if better == "CHAMPION" { (1, 0) } else { (0, 1) }, "{pair}");
    }
    let shown = comparison(&cast.admin).await;
    assert!(shown["read"].as_array().unwrap().iter().all(|pair| pair["errors"].is_null()), "{shown}");
}

/// Which side of a pair leaves less noise, by the images that the two runs themselves made.
async fn less_noise(quality: &Person, pair: &Value) -> &'static str {
    let champion = roughness_of(quality, pair["championCase"].as_str().unwrap()).await;
    let challenger = roughness_of(quality, pair["challengerCase"].as_str().unwrap()).await;
    if champion < challenger { "CHAMPION" } else { "CHALLENGER" }
}

async fn roughness_of(quality: &Person, case: &str) -> f64 {
    let shown = quality.case(case).await;
    let study = shown["study"]["studyInstanceUid"].as_str().unwrap();
    let image = shown["derived"].as_array().unwrap().iter().find(|series| series["role"] == "IMAGE").unwrap();
    let series = image["seriesInstanceUid"].as_str().unwrap();
    let mut sum = 0.0;
    for instance in image["instances"].as_array().unwrap() {
        let uid = instance["sopInstanceUid"].as_str().unwrap();
        let path = format!("/dicom-web/studies/{study}/series/{series}/instances/{uid}");
        let (status, file) = quality.gets(&path, "application/dicom").await;
        assert_eq!(status, 200, "{path}");
        sum += roughness(tests::dataset(&file).expect("a DICOM file"));
    }
    sum
}

/// Neither answers nor images name a version, a deployment, a run or an object of either side.
async fn told_nothing(cast: &Cast, told: &Told, model: &str, read: &[Value]) {
    let mut names: Vec<String> = [model, VERSION, &shipped(), CHAMPION, CHALLENGER].map(str::to_owned).into();
    for side in ["championCase", "challengerCase"] {
        names.extend(read.iter().map(|pair| pair[side].as_str().unwrap().to_owned()));
        names.extend(uids_of(cast, read, side).await);
    }
    for name in names {
        assert!(!told.text.contains(&name), "the reader was told {name}");
    }
}

/// The objects that runs made on one side, and their series.
async fn uids_of(cast: &Cast, read: &[Value], side: &str) -> Vec<String> {
    let mut found = Vec::new();
    for pair in read {
        let shown = cast.quality.case(pair[side].as_str().unwrap()).await;
        for series in shown["derived"].as_array().unwrap() {
            let instances = series["instances"].as_array().unwrap().iter();
            let uids =
                instances.map(|instance| &instance["sopInstanceUid"]).chain([&series["seriesInstanceUid"]]);
            found.extend(uids.map(|uid| uid.as_str().unwrap().to_owned()));
        }
    }
    assert!(!found.is_empty());
    found
}
