//! People at browsers: they sign in, look, read and sign, through the front door only.

use crate::sha256;
use crate::socket::Socket;
use reqwest::header::{ACCEPT, CONTENT_TYPE, COOKIE, SET_COOKIE};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Somebody who has signed in.
pub struct Person {
    /// The name to sign in with.
    pub username: String,
    password: String,
    base: String,
    cookie: String,
    http: reqwest::Client,
}

/// An instance as the browser received it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// SHA-256 of the data set, hexadecimal.
    pub digest: String,
    /// The data set after group 0002.
    pub dataset: Vec<u8>,
    /// Whether an AI made it.
    pub derived: bool,
}

/// An answer as it came over the line.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers, in lower case.
    pub headers: BTreeMap<String, String>,
    /// Whole.
    pub body: Vec<u8>,
}

impl Answer {
    async fn of(response: reqwest::Response) -> Self {
        let header = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
            (name.as_str().to_owned(), value.to_str().unwrap().to_owned())
        };
        Self {
            status: response.status().as_u16(),
            headers: response.headers().iter().map(header).collect(),
            body: response.bytes().await.unwrap().to_vec(),
        }
    }
}

/// What a reader was shown of a case, by SOP Instance UID.
#[derive(Debug, Clone)]
pub struct Display(pub BTreeMap<String, Seen>);

impl Display {
    /// The digest that the reader signs, computed here: SHA-256 over the lines `SOPInstanceUID digest\n`, sorted.
    pub fn case_digest(&self) -> String {
        let mut lines: Vec<String> =
            self.0.iter().map(|(uid, seen)| format!("{uid} {}\n", seen.digest)).collect();
        lines.sort();
        sha256(lines.concat().as_bytes())
    }
}

const CASE: &str = "query ($id: ID!) { case(id: $id) {
    id availability state stage queuedAt caseDigest
    study { id studyInstanceUid patient { name patientId } accessionNumber }
    source { seriesInstanceUid instances { sopInstanceUid slice } }
    derived { seriesInstanceUid role instances { sopInstanceUid slice } }
    model { name version } deployment { name stage banner } scores { domain consistency }
    regions { index halfWidthMax firstSlice lastSlice } lease { expiresAt } draft { version verdict comment }
    myRead { id verdict comment isFinal signature { printedName signedAt meaning caseDigest } }
    reads { id verdict comment signature { printedName } }
    sends { id destination state objects objectsStored attempts lastError }
    history { index kind actor sentence } } }";
const WORKLIST: &str = "{ worklist(first: 50) { nodes { id availability queuedAt
    study { studyInstanceUid } derived { role } } } }";
const STUDIES: &str = "{ studies(first: 50) { nodes { id studyInstanceUid patient { name }
    series { id seriesInstanceUid state parkedReason instanceCount
        routing { deployment name matched failedRule } runs { id state attempt failure } } } } }";

impl Person {
    /// Signs in.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn signs_in(base: &str, username: &str, password: &str) -> Self {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(30)).build().unwrap();
        let mut person = Self {
            username: username.to_owned(),
            password: password.to_owned(),
            base: base.to_owned(),
            cookie: String::new(),
            http,
        };
        let query = "mutation ($input: SignInInput!) { signIn(input: $input) {
            viewer { username } refusal { code message } } }";
        let input = json!({ "input": { "username": username, "password": password } });
        let response = person.posts(query, &input).await;
        if let Some(given) = response.headers().get(SET_COOKIE) {
            person.cookie = given.to_str().unwrap().split(';').next().unwrap().to_owned();
        }
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["data"]["signIn"]["viewer"]["username"], username, "{body}");
        person
    }

    /// Asks for data, which must come without errors.
    pub async fn asks(&self, query: &str, variables: &Value) -> Value {
        let body: Value = self.posts(query, variables).await.json().await.unwrap();
        assert_eq!(body["errors"], Value::Null, "{} asks {query}", self.username);
        body["data"].clone()
    }

    /// Commands with one input; gives the payload.
    pub async fn commands(&self, mutation: &str, input_type: &str, shape: &str, input: Value) -> Value {
        let query = format!(
            "mutation ($input: {input_type}!) {{ {mutation}(input: $input) {{
                {shape} refusal {{ code message remedy }} }} }}"
        );
        self.asks(&query, &json!({ "input": input })).await[mutation].take()
    }

    async fn posts(&self, query: &str, variables: &Value) -> reqwest::Response {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let request =
            self.http.post(format!("{}/graphql", self.base)).header(CONTENT_TYPE, "application/json");
        request.header(COOKIE, &self.cookie).body(body).send().await.unwrap()
    }

    /// Asks for data; gives the answer whatever it is.
    pub async fn answer(&self, query: &str, variables: &Value) -> Answer {
        Answer::of(self.posts(query, variables).await).await
    }

    /// Gets a path; gives status and body.
    pub async fn gets(&self, path: &str, accept: &str) -> (u16, Vec<u8>) {
        let Answer { status, body, .. } = self.answer_at(path, accept).await;
        (status, body)
    }

    /// Gets a path; gives the answer whatever it is.
    pub async fn answer_at(&self, path: &str, accept: &str) -> Answer {
        let request = self.http.get(format!("{}{path}", self.base)).header(ACCEPT, accept);
        Answer::of(request.header(COOKIE, &self.cookie).send().await.unwrap()).await
    }

    /// Subscribes, and listens until what is given is dropped.
    pub async fn listens(&self, subscription: &str) -> Socket {
        Socket::subscribes(&self.base, &self.cookie, subscription).await
    }

    /// A study on the studies page.
    pub async fn study(&self, study_instance_uid: &str) -> Option<Value> {
        let studies = self.asks(STUDIES, &Value::Null).await;
        find_study(&studies["studies"]["nodes"], |study| &study["studyInstanceUid"], study_instance_uid)
    }

    /// The case of a study, as far as the worklist offers it; its id.
    pub async fn offered(&self, study_instance_uid: &str) -> Option<String> {
        let worklist = self.asks(WORKLIST, &Value::Null).await;
        let case = find_study(
            &worklist["worklist"]["nodes"],
            |case| &case["study"]["studyInstanceUid"],
            study_instance_uid,
        )?;
        Some(case["id"].as_str().unwrap().to_owned())
    }

    /// The case of a study at shadow, as far as this reader is asked to evaluate it; its id.
    pub async fn offered_for_evaluation(&self, study_instance_uid: &str) -> Option<String> {
        let query = "{ worklist(purpose: EVALUATION) { nodes { id study { studyInstanceUid } } } }";
        let worklist = self.asks(query, &Value::Null).await;
        let nodes = &worklist["worklist"]["nodes"];
        let case = find_study(nodes, |case| &case["study"]["studyInstanceUid"], study_instance_uid)?;
        Some(case["id"].as_str().unwrap().to_owned())
    }

    /// Names an evaluation reader.
    pub async fn grants_evaluation(&self, username: &str, modality: &str, task: &str) {
        let input = json!({ "username": username, "modality": modality, "task": task,
            "purpose": "EVALUATION", "validUntil": "2126-01-01T00:00:00Z" });
        let payload =
            self.commands("grantCredential", "GrantCredentialInput", "credential { id }", input).await;
        assert!(payload["credential"]["id"].is_string(), "{payload}");
    }

    /// How many cases there are of a study, for somebody who oversees.
    pub async fn cases_of(&self, study_instance_uid: &str) -> Vec<String> {
        let query = "{ cases(first: 50) { nodes { id study { studyInstanceUid } } } }";
        let cases = self.asks(query, &Value::Null).await;
        let nodes = cases["cases"]["nodes"].as_array().unwrap().iter();
        let of_study = nodes.filter(|case| case["study"]["studyInstanceUid"] == study_instance_uid);
        of_study.map(|case| case["id"].as_str().unwrap().to_owned()).collect()
    }

    /// Everything that this person may see of a case; null when that is nothing.
    pub async fn case(&self, id: &str) -> Value {
        self.asks(CASE, &json!({ "id": id })).await["case"].take()
    }

    /// Everything that this person can ask about a case and its study, answer by answer. The order of an answer's
    /// keys is that in which their services answered, and is no part of it.
    pub async fn view(&self, case: &str, study: &crate::Study) -> Vec<Value> {
        let mut view = Vec::new();
        for (query, variables) in
            [(CASE, json!({ "id": case })), (WORKLIST, Value::Null), (STUDIES, Value::Null)]
        {
            view.push(self.posts(query, &variables).await.json().await.unwrap());
        }
        let series = format!("/dicom-web/studies/{}/series", study.study_instance_uid);
        for path in ["/dicom-web/studies".to_owned(), series] {
            let (status, body) = self.gets(&path, "application/dicom+json").await;
            view.push(json!({ "status": status, "body": String::from_utf8(body).unwrap() }));
        }
        view
    }

    /// Opens a case and fetches every instance of it, as the reading room does.
    pub async fn reads(&self, case: &str) -> Display {
        let opened =
            self.commands("openCase", "OpenCaseInput", "case { id }", json!({ "caseId": case })).await;
        assert_eq!(opened["refusal"], Value::Null, "{} opens {case}", self.username);
        let shown = self.case(case).await;
        let study = shown["study"]["studyInstanceUid"].as_str().unwrap();
        let mut seen = BTreeMap::new();
        let derived = shown["derived"].as_array().unwrap().iter().map(|series| (series, true));
        for (series, derived) in derived.chain([(&shown["source"], false)]) {
            let series_uid = series["seriesInstanceUid"].as_str().unwrap();
            for instance in series["instances"].as_array().unwrap() {
                let uid = instance["sopInstanceUid"].as_str().unwrap();
                let path = format!("/dicom-web/studies/{study}/series/{series_uid}/instances/{uid}");
                let (status, file) = self.gets(&path, "application/dicom").await;
                assert_eq!(status, 200, "{} is shown an instance", self.username);
                let dataset = crate::dataset(&file).expect("a DICOM file").to_vec();
                seen.insert(uid.to_owned(), Seen { digest: sha256(&dataset), dataset, derived });
            }
        }
        Display(seen)
    }

    /// Reads a case and signs a verdict over what was shown; gives what was shown.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn signs(&self, case: &str, verdict: &str) -> Display {
        let display = self.reads(case).await;
        let payload = self.tries_to_sign(case, verdict, &display.case_digest(), &self.password).await;
        assert_eq!(payload["refusal"], Value::Null, "{} signs {case}", self.username);
        display
    }

    /// Signs a verdict over a digest; gives the payload.
    pub async fn tries_to_sign(&self, case: &str, verdict: &str, digest: &str, password: &str) -> Value {
        let input = self.signature(case, verdict, digest, password).await;
        self.commands("signRead", "SignReadInput", "case { id }", input).await
    }

    /// Decides a discordance over what was shown.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn adjudicates(&self, case: &str, verdict: &str) -> Display {
        let display = self.reads(case).await;
        let input = self.signature(case, verdict, &display.case_digest(), &self.password).await;
        let payload = self.commands("adjudicate", "AdjudicateInput", "case { id }", input).await;
        assert_eq!(payload["refusal"], Value::Null, "{} decides {case}", self.username);
        display
    }

    async fn signature(&self, case: &str, verdict: &str, digest: &str, password: &str) -> Value {
        let comment = format!("read by {}", self.username);
        let viewing = viewing(&self.case(case).await["regions"]);
        json!({ "caseId": case, "verdict": verdict, "comment": comment, "viewing": viewing,
            "caseDigest": digest, "username": self.username, "password": password })
    }

    /// The password, for what is signed with it.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// Moves a deployment down.
    pub async fn demotes(&self, deployment: &str, stage: &str) {
        let input = json!({ "deploymentId": deployment, "stage": stage, "reason": "as a test" });
        let payload =
            self.commands("demoteDeployment", "DemoteDeploymentInput", "deployment { stage }", input).await;
        assert_eq!(payload["deployment"]["stage"], stage, "{payload}");
    }

    /// Proposes a promotion; gives the payload.
    pub async fn proposes(&self, deployment: &str, stage: &str) -> Value {
        let input = json!({ "deploymentId": deployment, "stage": stage, "reason": "as a test" });
        self.commands("proposePromotion", "ProposePromotionInput", "proposal { id gate { held } }", input)
            .await
    }

    /// Approves a promotion; gives the payload.
    pub async fn approves(&self, proposal: &str) -> Value {
        let input = json!({ "proposalId": proposal, "username": self.username, "password": self.password });
        self.commands("approvePromotion", "ApprovePromotionInput", "deployment { stage }", input).await
    }
}

/// What a page would have counted when the slices of the regions were displayed at 1:1, and nothing for longer than it
/// takes to count.
fn viewing(regions: &Value) -> Value {
    let regions = regions.as_array().map(Vec::as_slice).unwrap_or_default();
    let slices = |region: &Value| {
        let place = |name: &str| region[name].as_u64().expect("a region has a first and a last slice");
        place("firstSlice")..=place("lastSlice")
    };
    let seen: BTreeSet<u64> = regions.iter().flat_map(slices).chain([0]).collect();
    let ms = 150 * seen.len();
    let displayed = json!({ "slices": seen.len(), "slicesFull": seen.len(), "ms": ms, "msFull": ms });
    let regions: Vec<Value> = regions
        .iter()
        .map(|region| json!({ "region": region["index"], "slices": slices(region).collect::<Vec<_>>() }))
        .collect();
    json!({ "original": displayed, "image": displayed, "originalAloneMs": ms, "regions": regions,
        "screen": { "densityPercent": 100, "columns": 1920, "rows": 1080 } })
}

fn find_study(nodes: &Value, uid: impl Fn(&Value) -> &Value, wanted: &str) -> Option<Value> {
    nodes.as_array().unwrap().iter().find(|node| *uid(node) == wanted).cloned()
}
