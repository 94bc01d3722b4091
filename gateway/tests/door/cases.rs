//! Cases through GraphQL: what review hides stays hidden, and what a page costs.

use crate::site::{PASSWORD, Site};
use contract::generation::{DerivedInstance, DerivedRole, DerivedSeries, Region, RegionKind, Run, RunState};
use contract::intake::{Instance, Patient, Series, SeriesState, Study};
use contract::job::Scores;
use contract::review::{Availability, Case, Verdict};
use contract::rollout::{Deployment, Model, ModelInput, Sampling, Stage, UseRule};
use contract::{
    CaseId, DeploymentId, Digest, ModelVersionId, Priority, Refusal, RunId, SeriesId, StudyId, Time,
};
use database::scratch::{Scratch, on_sqlite};
use serde_json::{Value, json};

pub(crate) const STUDY_UID: &str = "1.2.3";

/// Lays out one study with one series, one run and its case.
pub(crate) trait WithStudy {
    fn has_a_study(&self, source: Digest, derived: Digest);
    fn has_cases(&self, count: u128);
    /// Another run on the same series, with an instance of its own; gives its path.
    fn has_another_run(&self, derived: Digest) -> String;
    fn run_id(&self) -> RunId;
}

impl WithStudy for Site {
    fn has_a_study(&self, source: Digest, derived: Digest) {
        self.behind.studies.lock().unwrap().push(study());
        self.behind.series.lock().unwrap().push(series(source));
        self.behind.runs.lock().unwrap().push(run(derived));
        self.behind.models.lock().unwrap().push(model());
        self.behind.deployments.lock().unwrap().push(deployment());
    }

    fn has_cases(&self, count: u128) {
        self.has_a_study(Digest::of(b"source"), Digest::of(b"derived"));
        *self.behind.cases.lock().unwrap() = (1..=count).map(case).collect();
    }

    fn has_another_run(&self, derived: Digest) -> String {
        let mut another = Run { id: RunId::from_bits(2), ..run(derived) };
        another.derived[0].series_instance_uid = "2.25.8".into();
        another.derived[0].instances[0].sop_instance_uid = "2.25.81".into();
        self.behind.runs.lock().unwrap().push(another);
        format!("/dicom-web/studies/{STUDY_UID}/series/2.25.8/instances/2.25.81")
    }

    fn run_id(&self) -> RunId {
        RunId::from_bits(1)
    }
}

fn then() -> Time {
    "2026-11-25T07:00:00Z".parse().unwrap()
}

fn study() -> Study {
    Study {
        id: StudyId::from_bits(1),
        study_instance_uid: STUDY_UID.into(),
        patient: Patient {
            name: "CANARY^Patient".into(),
            id: "CANARY-ID".into(),
            issuer: String::new(),
            birth_date: "19500101".into(),
            sex: "F".into(),
        },
        study_date: "20261125".into(),
        study_time: "070000".into(),
        accession_number: "CANARY-ACC".into(),
        study_description: "CT chest".into(),
        received_at: then(),
        identity_disputed: false,
        series: vec![series(Digest::of(b"source"))],
    }
}

fn series(object: Digest) -> Series {
    let instance = Instance {
        sop_instance_uid: "1.2.3.1.1".into(),
        sop_class_uid: "1.2.840.10008.5.1.4.1.1.2".into(),
        digest: object,
        object,
        transfer_syntax_uid: "1.2.840.10008.1.2.4.70".into(),
        slice: 0,
    };
    Series {
        id: SeriesId::from_bits(1),
        study: StudyId::from_bits(1),
        study_instance_uid: STUDY_UID.into(),
        series_instance_uid: "1.2.3.1".into(),
        modality: "CT".into(),
        body_part_examined: "CHEST".into(),
        protocol_name: String::new(),
        series_description: "Thorax 1.0".into(),
        series_number: Some(2),
        image_type: vec![],
        manufacturer: "Maker".into(),
        manufacturer_model_name: "Scanner".into(),
        convolution_kernel: "B70".into(),
        slice_thickness_mm: Some(1.0),
        software_versions: String::new(),
        pixel_spacing_mm: None,
        magnetic_field_strength: String::new(),
        requested_procedure_priority: String::new(),
        matrix: (512, 512),
        sender: "CT1".into(),
        state: SeriesState::Ready,
        parked_reason: None,
        instance_count: 1,
        source_set: None,
        volume: None,
        instances: vec![instance],
    }
}

fn run(object: Digest) -> Run {
    let instance = DerivedInstance {
        sop_instance_uid: "2.25.91".into(),
        sop_class_uid: "1.2.840.10008.5.1.4.1.1.2".into(),
        digest: object,
        object,
        slice: 0,
    };
    Run {
        id: RunId::from_bits(1),
        deployment: DeploymentId::from_bits(1),
        model: ModelVersionId::from_bits(1),
        stage: Stage::General,
        series: SeriesId::from_bits(1),
        study: StudyId::from_bits(1),
        source_set: Digest::of(b"set"),
        priority: Priority::Routine,
        state: RunState::Completed,
        attempt: 1,
        progress: 1.0,
        failure: None,
        requested_at: then(),
        ended_at: Some(then()),
        scores: Some(Scores { domain: Some(0.4), agreement: Some(0.08), ..Scores::default() }),
        cost: None,
        case_digest: None,
        volumes: None,
        derived: vec![DerivedSeries {
            series_instance_uid: "2.25.9".into(),
            role: DerivedRole::Image,
            instances: vec![instance],
        }],
        regions: [RegionKind::Width, RegionKind::Structure, RegionKind::Disagreement]
            .map(|kind| Region {
                kind,
                centre_mm: [0.0; 3],
                diameter_mm: 6.0,
                half_width_max: 40.0,
                slices: (4, 6),
            })
            .into(),
    }
}

fn model() -> Model {
    Model {
        id: ModelVersionId::from_bits(1),
        name: "ct-denoise".into(),
        version: "1".into(),
        task: "denoise".into(),
        weights: Digest::of(b"weights"),
        input: ModelInput { modality: "CT".into(), slices_min: 2 },
        sampling: Sampling::default(),
        intended_use: "low-dose CT".into(),
        limits: vec![],
        content_qualification: "RESEARCH".into(),
        regulatory_reference: None,
        training_subjects: vec![],
        licence: None,
        publisher: Some("maker".into()),
        manifest: None,
        card: "# Card".into(),
        metrics: json!({}),
        calibration_subjects: 1,
        uncertainty_range: 60.0,
        unit: "HU".into(),
        registered_at: then(),
    }
}

fn deployment() -> Deployment {
    Deployment {
        id: DeploymentId::from_bits(1),
        name: "Chest CT".into(),
        model: ModelVersionId::from_bits(1),
        input: ModelInput { modality: "CT".into(), slices_min: 2 },
        site: "here".into(),
        rule: UseRule { modality: "CT".into(), ..UseRule::default() },
        pool: "cpu".into(),
        texture_percent: 0,
        stage: Stage::General,
        banner: None,
        stage_since: then(),
        gate: None,
        proposals: vec![],
    }
}

fn case(number: u128) -> Case {
    Case {
        id: CaseId::from_bits(number),
        run: RunId::from_bits(1),
        series: SeriesId::from_bits(1),
        study: StudyId::from_bits(1),
        model: ModelVersionId::from_bits(1),
        deployment: DeploymentId::from_bits(1),
        is_model_hidden: false,
        stage: Stage::General,
        case_digest: Digest::of(b"case"),
        priority: Priority::Urgent,
        queued_at: then(),
        escalates_at: then(),
        due_at: then(),
        expires_at: then(),
        availability: Availability::Mine,
        state: None,
        lease: None,
        draft: None,
        offered_draft: None,
        confirmable: None,
        ended_hold: None,
        my_read: None,
        withdraw_until: None,
        reads: vec![],
        release: None,
        kind: None,
        holds: vec![],
        deferrals: vec![],
        priority_change: None,
        recall: None,
        needs_recall_evaluation: false,
        lacks_readers: None,
    }
}

#[tokio::test]
async fn a_page_of_cases_costs_one_call_per_service_whatever_its_length() {
    on_sqlite(async |scratch: Scratch| {
        let site = Site::open(&scratch).await;
        site.has_cases(20);
        let browser = site.reader().await;
        let question = "{ worklist(first: 20) { nodes { id study { patient { name } } source { id }
            derived { role } scores { domain } model { name } deployment { name } } } }";
        let shown = browser.asks(question, Value::Null).await;
        assert_eq!(shown["worklist"]["nodes"].as_array().unwrap().len(), 20);
        assert_eq!(shown["worklist"]["nodes"][7]["derived"][0]["role"], "IMAGE");
        let paths = ["/v1/worklist", "/v1/studies/batch", "/v1/series/batch", "/v1/runs/batch", "/v1/models"];
        for path in paths.into_iter().chain(["/v1/deployment-labels"]) {
            assert_eq!(site.behind.asked(path), 1, "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn each_region_says_why_it_is_flagged_and_a_hidden_model_says_nothing_of_its_samples() {
    on_sqlite(async |scratch: Scratch| {
        let site = Site::open(&scratch).await;
        site.has_cases(2);
        site.behind.cases.lock().unwrap()[1].is_model_hidden = true;
        let browser = site.reader().await;
        let question =
            "{ worklist(first: 2) { nodes { scores { domain agreement } regions { index kind halfWidthMax } } } }";
        let shown = browser.asks(question, Value::Null).await;
        let [known, hidden] = [0, 1].map(|row| &shown["worklist"]["nodes"][row]);
        let kinds_of = |row: &Value| -> Value {
            row["regions"].as_array().unwrap().iter().map(|region| region["kind"].clone()).collect()
        };
        assert_eq!(kinds_of(known), json!(["WIDTH", "STRUCTURE", "DISAGREEMENT"]));
        assert_eq!(kinds_of(hidden), json!(["WIDTH", "TEST", "TEST"]));
        assert_eq!(known["scores"], json!({ "domain": 0.4, "agreement": 0.08 }));
        assert_eq!(hidden["scores"], json!({ "domain": 0.4, "agreement": null }));
    })
    .await;
}

#[tokio::test]
async fn what_review_hides_is_not_looked_up_elsewhere() {
    on_sqlite(async |scratch: Scratch| {
        let site = Site::open(&scratch).await;
        site.has_cases(1);
        let browser = site.reader().await;
        let question = "query ($id: ID!) { case(id: $id) {
            availability state reads { id } myRead { id } sends { id } history { index } } }";
        let shown = browser.asks(question, json!({ "id": CaseId::from_bits(1) })).await;
        let nothing = json!({ "availability": "MINE", "state": null, "reads": [], "myRead": null,
            "sends": [], "history": [] });
        assert_eq!(shown["case"], nothing);
        let absent = browser.asks(question, json!({ "id": CaseId::from_bits(2) })).await;
        let malformed = browser.asks(question, json!({ "id": "read_1" })).await;
        assert_eq!((&absent["case"], &malformed["case"]), (&Value::Null, &Value::Null));
    })
    .await;
}

pub(crate) const SIGN: &str = "mutation ($input: SignReadInput!) { signRead(input: $input) {
    case { id } refusal { code message remedy } } }";

const HAS_SIGNED: &str = "{ viewer { hasSigned } }";

pub(crate) fn signature(username: Option<&str>, password: &str) -> Value {
    let finding = json!({ "kind": "LOST", "severity": "MINOR", "centreMm": [1.0, 2.0, 3.0] });
    let displayed = json!({ "slices": 4, "slicesFull": 3, "ms": 900, "msFull": 450 });
    let viewing = json!({ "original": displayed, "image": displayed, "originalAloneMs": 300,
        "regions": [{ "region": 0, "slices": [4, 5, 6] }],
        "screen": { "densityPercent": 150, "columns": 2560, "rows": 1440 } });
    json!({ "input": { "caseId": CaseId::from_bits(1), "verdict": "ACCEPT", "findings": [finding],
        "viewing": viewing, "caseDigest": Digest::of(b"case"), "username": username, "password": password } })
}

#[tokio::test]
async fn a_signature_carries_a_fresh_proof_of_who_signs() {
    on_sqlite(async |scratch: Scratch| {
        let site = Site::open(&scratch).await;
        site.has_cases(1);
        let browser = site.reader().await;
        for (username, password) in [("rad1", "something else"), ("rad2", PASSWORD)] {
            let refused = browser.asks(SIGN, signature(Some(username), password)).await;
            assert_eq!(refused["signRead"]["refusal"]["code"], "wrong_password");
        }
        assert!(site.behind.signed.lock().unwrap().is_empty());
        let signed = browser.asks(SIGN, signature(Some("rad1"), PASSWORD)).await;
        assert_eq!(signed["signRead"]["case"]["id"], json!(CaseId::from_bits(1)));
        let signed = site.behind.signed.lock().unwrap();
        let (command, claims) = &signed[0];
        assert_eq!(command.content.verdict, Some(Verdict::Accept));
        assert_eq!(command.content.findings[0].centre_mm, Some([1.0, 2.0, 3.0]));
        let viewing = command.content.viewing.as_ref().unwrap();
        assert_eq!((viewing.original.ms_full, viewing.original_alone_ms), (450, 300));
        assert_eq!(viewing.regions[0].slices, [4, 5, 6]);
        assert_eq!(viewing.screen.density_percent, 150);
        assert_eq!(claims.subject, CaseId::from_bits(1).as_str());
        assert_eq!(claims.amr, ["username", "pwd"]);
    })
    .await;
}

#[tokio::test]
async fn the_first_signature_of_a_login_session_takes_name_and_password_the_later_ones_the_password() {
    on_sqlite(async |scratch: Scratch| {
        let site = Site::open(&scratch).await;
        site.has_cases(1);
        let browser = site.reader().await;
        assert_eq!(browser.asks(HAS_SIGNED, Value::Null).await["viewer"]["hasSigned"], false);
        let refused = browser.asks(SIGN, signature(None, PASSWORD)).await;
        assert_eq!(refused["signRead"]["refusal"]["code"], "first_signature_wants_the_name");
        assert!(site.behind.signed.lock().unwrap().is_empty());
        browser.asks(SIGN, signature(Some(" RAD1 "), PASSWORD)).await;
        assert_eq!(browser.asks(HAS_SIGNED, Value::Null).await["viewer"]["hasSigned"], true);
        browser.asks(SIGN, signature(None, PASSWORD)).await;
        let mut anew = site.browser();
        anew.signs_in("rad1", PASSWORD).await;
        let refused = anew.asks(SIGN, signature(None, PASSWORD)).await;
        assert_eq!(refused["signRead"]["refusal"]["code"], "first_signature_wants_the_name");
        let signed = site.behind.signed.lock().unwrap();
        let components: Vec<_> = signed.iter().map(|(_, claims)| claims.amr.clone()).collect();
        assert_eq!(components, [vec!["username", "pwd"], vec!["pwd"]]);
    })
    .await;
}

#[tokio::test]
async fn a_refusal_by_review_is_a_value() {
    on_sqlite(async |scratch: Scratch| {
        let site = Site::open(&scratch).await;
        site.has_cases(1);
        let browser = site.reader().await;
        let refusal = Refusal::new("digest_mismatch", "these are not the bytes", "reload");
        *site.behind.refusal.lock().unwrap() = Some(refusal);
        let refused = browser.asks(SIGN, signature(Some("rad1"), PASSWORD)).await;
        assert_eq!(refused["signRead"]["case"], Value::Null);
        assert_eq!(refused["signRead"]["refusal"]["code"], "digest_mismatch");
    })
    .await;
}

#[tokio::test]
async fn a_fault_tells_a_request_id_and_nothing_else() {
    on_sqlite(async |scratch: Scratch| {
        let site = Site::open(&scratch).await;
        let browser = site.reader().await;
        *site.behind.broken.lock().unwrap() = true;
        let (code, message) = browser.asks_in_vain("{ ledgerStatus { size } }").await;
        assert_eq!(code, "fault");
        assert!(!message.contains("audit") && !message.contains("404"));
    })
    .await;
}
