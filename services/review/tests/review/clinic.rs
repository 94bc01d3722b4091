//! The language of these tests: a review service on a real database, its neighbours' answers, and people.

use actix_web::web::{Data, Json, Path, ServiceConfig, get, post};
use chrono::TimeDelta;
use contract::client::Batch;
use contract::generation::{
    BlindedImage, Blinding, Generation, Region, RegionKind, Run, RunState, blinded_uid,
};
use contract::intake::{Intake, SourceCheck};
use contract::review::{
    Case, CountsQuery, Displayed, Draft, Finding, FindingKind, GrantCredential, Policy, Purpose, ReadContent,
    ReadCounts, Reason, RegionDisplayed, Review, SaveDraft, Screen, Severity, SignRead, Verdict, Viewing,
};
use contract::rollout::{Deployment, Model, ModelInput, Rollout, Sampling, Stage, StageCheck, UseRule};
use contract::{
    Actor, CaseId, Client, ClientError, DeploymentId, Digest, Envelope, Event, EventId, LoginSessionId,
    ModelVersionId, PageRequest, Priority, RequestId, Role, RunId, SeriesId, StudyId, UserId,
};
use database::consume::Handler as _;
use database::scratch::Scratch;
use platform::http::Authority;
use platform::login::EveryLogin;
use platform::server::{HttpOptions, serve};
use platform::token::{SigningClaims, TokenIssuer, TokenVerifier};
use platform::{Clock as _, ManualClock, Random, Routes, Shutdown};
use review::{Config, Shell, conclude};
use std::net::TcpListener;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A review service with everything around it.
pub(crate) struct Clinic {
    pub(crate) shell: Shell,
    pub(crate) clock: Arc<ManualClock>,
    neighbours: Data<Neighbours>,
    random: Random,
    gateway: TokenIssuer,
    keys: tempfile::TempDir,
    base: String,
    http: reqwest::Client,
    shutdown: Shutdown,
    seq: AtomicI64,
}

/// A configuration with credentials and chance off, changed as a test wants it.
pub(crate) fn rules(change: impl FnOnce(&mut Policy)) -> Config {
    let mut config = Config::default();
    let policy = &mut config.policy;
    policy.require_credentials = false;
    (policy.decoy_per_mille, policy.sentinel_per_mille, policy.repeat_per_mille) = (0, 0, 0);
    policy.evaluation_per_mille = 0;
    change(policy);
    config
}

/// What generation and rollout answer.
struct Neighbours {
    runs: Mutex<Vec<Run>>,
    may_release: Mutex<bool>,
    source: Mutex<SourceCheck>,
}

impl Drop for Clinic {
    fn drop(&mut self) {
        self.shutdown.request();
    }
}

impl Clinic {
    pub(crate) async fn open(scratch: &Scratch, config: Config) -> Self {
        database::migrate(&scratch.db, migrations::review::migrations()).await.unwrap();
        let clock = Arc::new(ManualClock::new("2026-11-25T08:00:00Z".parse().unwrap()));
        let random = Random::from_os();
        let keys = tempfile::tempdir().unwrap();
        let issuer = |name| TokenIssuer::open(keys.path(), name, clock.clone(), random.clone()).unwrap();
        let verifier = Arc::new(TokenVerifier::open(keys.path(), "review", clock.clone()));
        let authority = Authority { verifier, logins: Arc::new(EveryLogin) };
        let shutdown = Shutdown::new();
        let http = reqwest::Client::builder().timeout(Duration::from_secs(30)).build().unwrap();
        let source = Mutex::new(SourceCheck { unchanged: true, identity_certain: true });
        let may_release = Mutex::new(true);
        let neighbours = Data::new(Neighbours { runs: Mutex::default(), may_release, source });
        let answers = neighbours.clone();
        let others = listen(
            Arc::new(move |config| {
                config.app_data(answers.clone());
                neighbour_routes(config);
            }),
            authority.clone(),
            shutdown.clone(),
        );
        let tokens = issuer("review").as_service();
        let client = |name| Client::new(name, &others, http.clone(), tokens.clone());
        let shell = Shell {
            db: scratch.db.clone(),
            clock: clock.clone(),
            random: random.clone(),
            rollout: Rollout(client("rollout")),
            generation: Generation(client("generation")),
            intake: Intake(client("intake")),
            config: Arc::new(config),
            bell: Arc::default(),
        };
        // Connections die with the runtime that opened them, and the server's threads end before the test does.
        let answering = Shell { db: scratch.connect_again().await, ..shell.clone() };
        let state = Data::new(answering);
        let routes: Routes = Arc::new(move |config| {
            config.app_data(state.clone());
            review::routes(config);
        });
        let base = listen(routes, authority, shutdown.clone());
        let gateway = issuer("gateway");
        let seq = AtomicI64::new(0);
        Self { shell, clock, neighbours, random, gateway, keys, base, http, shutdown, seq }
    }

    /// Demo rules: reads are final at once, nobody needs a credential, nothing is left to chance.
    pub(crate) async fn at_once(scratch: &Scratch) -> Self {
        Self::open(scratch, rules(|policy| policy.finalisation_minutes = 0)).await
    }

    pub(crate) fn person(&self, number: u128, roles: &[Role]) -> Person<'_> {
        let actor = Actor::Person {
            user: UserId::from_bits(number),
            username: format!("user{number}"),
            printed_name: format!("Dr Number {number}"),
            roles: roles.to_vec(),
            login: LoginSessionId::from_bits(number),
        };
        Person { clinic: self, actor }
    }

    pub(crate) fn radiologist(&self, number: u128) -> Person<'_> {
        self.person(number, &[Role::Radiologist])
    }

    pub(crate) fn adjudicator(&self) -> Person<'_> {
        self.person(9, &[Role::Radiologist, Role::Adjudicator])
    }

    pub(crate) fn coordinator(&self) -> Person<'_> {
        self.person(22, &[Role::Coordinator])
    }

    pub(crate) fn administrator(&self) -> Person<'_> {
        self.person(21, &[Role::Administrator])
    }

    pub(crate) fn quality(&self) -> Person<'_> {
        self.person(20, &[Role::Quality])
    }

    /// Review as another service calls it.
    pub(crate) fn called_by(&self, name: &'static str) -> Review {
        let clock = self.clock.clone();
        let issuer = TokenIssuer::open(self.keys.path(), name, clock, self.random.clone()).unwrap();
        Review(Client::new("review", &self.base, self.http.clone(), issuer.as_service()))
    }

    pub(crate) fn clock_now(&self) -> contract::Time {
        self.clock.now()
    }

    pub(crate) fn rollout_allows(&self, may_release: bool) {
        *self.neighbours.may_release.lock().unwrap() = may_release;
    }

    /// What intake says of every series from now on.
    pub(crate) fn intake_says(&self, source: SourceCheck) {
        *self.neighbours.source.lock().unwrap() = source;
    }

    /// A run on a series of its own is completed and told.
    pub(crate) async fn completes_run(&self, stage: Stage) -> Run {
        let series = self.random.with(SeriesId::random);
        self.completes_run_on(series, stage).await
    }

    pub(crate) async fn completes_run_on(&self, series: SeriesId, stage: Stage) -> Run {
        let run = self.run_on(series, stage);
        self.completes(&run).await;
        run
    }

    pub(crate) async fn completes(&self, run: &Run) {
        self.neighbours.runs.lock().unwrap().push(run.clone());
        self.told(completed(run)).await;
    }

    #[expect(clippy::unused_self, reason = "reads as what happens at the clinic")]
    pub(crate) fn requested(&self, run: &Run) -> Event {
        Event::RunRequested {
            run: run.id.clone(),
            deployment: run.deployment.clone(),
            model: run.model.clone(),
            stage: run.stage,
            series: run.series.clone(),
            study: run.study.clone(),
            source_set: run.source_set,
            volume: Digest::of(b"volume"),
            priority: run.priority,
        }
    }

    pub(crate) fn run_on(&self, series: SeriesId, stage: Stage) -> Run {
        Run {
            id: self.random.with(RunId::random),
            deployment: DeploymentId::from_bits(1),
            model: ModelVersionId::from_bits(1),
            stage,
            series,
            study: StudyId::from_bits(1),
            source_set: Digest::of(b"sources"),
            priority: Priority::Routine,
            state: RunState::Completed,
            attempt: 1,
            progress: 1.0,
            failure: None,
            requested_at: self.clock.now(),
            ended_at: Some(self.clock.now()),
            scores: None,
            cost: None,
            volumes: None,
            case_digest: Some(Digest::of(b"what was seen")),
            derived: Vec::new(),
            regions: vec![Region {
                kind: RegionKind::Disagreement,
                centre_mm: [1.0, 2.0, 3.0],
                diameter_mm: 8.0,
                half_width_max: 40.0,
                slices: (4, 6),
            }],
        }
    }

    /// What a blinded copy of an image hashes to.
    #[expect(clippy::unused_self, reason = "reads as what happens at the clinic")]
    pub(crate) fn copy_digest(&self, run: &RunId, slice: u32) -> Digest {
        copy_digest(run, slice)
    }

    /// Queues a case and gives its id, as quality sees it in the list of cases.
    pub(crate) async fn queues_case(&self) -> CaseId {
        let run = self.completes_run(Stage::General).await;
        self.case_of(&run).await
    }

    /// Queues a case that is wanted so soon.
    pub(crate) async fn queues_with(&self, priority: Priority) -> CaseId {
        let run = self.run_on(self.random.with(SeriesId::random), Stage::General);
        let run = Run { priority, ..run };
        self.completes(&run).await;
        self.case_of(&run).await
    }

    pub(crate) async fn case_of(&self, run: &Run) -> CaseId {
        let page = PageRequest { first: Some(100), after: None };
        let cases = self.quality().review().cases(&page).await.unwrap();
        let case = cases.items.into_iter().find(|item| item.node.run == run.id);
        case.expect("a completed run has a case").node.id
    }

    /// An event comes in, twice, as at-least-once delivery may have it.
    pub(crate) async fn told(&self, event: Event) {
        self.told_by(Actor::service("elsewhere"), event).await;
    }

    pub(crate) async fn told_by(&self, actor: Actor, event: Event) {
        let envelope = Envelope {
            id: self.random.with(EventId::random),
            service: "elsewhere".to_owned(),
            seq: self.seq.fetch_add(1, Ordering::SeqCst) + 1,
            version: 1,
            occurred_at: self.clock.now(),
            actor,
            subject: "elsewhere".to_owned(),
            causation: None,
            trace: None,
            event,
        };
        self.shell.handle(&envelope).await.unwrap();
        self.shell.handle(&envelope).await.unwrap();
    }

    pub(crate) async fn stage_changes(&self, from: Stage, to: Stage) {
        self.told(Event::StageChanged { deployment: DeploymentId::from_bits(1), from, to }).await;
    }

    /// Time does its work: what lapsed ends, what is final is concluded.
    pub(crate) async fn concludes(&self) {
        conclude::once(&self.shell, true).await.unwrap();
    }

    /// What a gate would count, of everything at a stage or above.
    pub(crate) async fn counts(&self, stage: Stage) -> ReadCounts {
        let (deployment, since) = (DeploymentId::from_bits(1), contract::Time::UNIX_EPOCH);
        let query = CountsQuery { deployment, stage, since };
        self.called_by("rollout").read_counts(&query).await.unwrap()
    }

    /// Names an evaluation reader for a month.
    pub(crate) async fn names_evaluator(&self, reader: u128) {
        let granted = GrantCredential {
            reader: UserId::from_bits(reader),
            modality: "CT".to_owned(),
            task: "denoise".to_owned(),
            purpose: Purpose::Evaluation,
            valid_until: self.clock_now() + TimeDelta::days(30),
        };
        self.administrator().review().grant_credential(&granted).await.unwrap();
    }

    /// The case as quality sees it.
    pub(crate) async fn overview(&self, case: &CaseId) -> Case {
        self.quality().review().case(case).await.unwrap().expect("quality sees every case")
    }

    /// The kinds of all events told so far, in order.
    pub(crate) async fn events(&self) -> Vec<Envelope> {
        // The relay numbers rows; here it runs until it has nothing left.
        let bus = database::embedded::bus(&self.keys.path().join("bus.sqlite")).await.unwrap();
        let mut page = Vec::new();
        let relay = database::outbox::relay(self.shell.db.clone(), "review", bus, std::future::pending());
        let read = async {
            let deadline = Instant::now() + Duration::from_secs(20);
            let mut still = 0;
            while still < 10 && Instant::now() < deadline {
                let now = database::outbox::page(&self.shell.db, 0, 1_000).await.unwrap();
                still = if now.len() == page.len() && !now.is_empty() { still + 1 } else { 0 };
                page = now;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::select! {
            () = relay => {}
            () = read => {}
        }
        page
    }
}

fn completed(run: &Run) -> Event {
    Event::RunCompleted {
        run: run.id.clone(),
        deployment: run.deployment.clone(),
        model: run.model.clone(),
        stage: run.stage,
        series: run.series.clone(),
        study: run.study.clone(),
        case_digest: run.case_digest.unwrap(),
    }
}

/// Serves on a free port of loopback until the shutdown, and gives the base URL.
fn listen(routes: Routes, authority: Authority, shutdown: Shutdown) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let options =
        HttpOptions { listener, workers: 1, tls: None, json_bytes_max: 1 << 20, metrics_callers: Vec::new() };
    std::thread::spawn(move || {
        let system = actix_web::rt::System::new();
        system.block_on(serve("test", options, routes, authority, shutdown)).unwrap();
    });
    base
}

fn neighbour_routes(config: &mut ServiceConfig) {
    config
        .route("/v1/runs/batch", post().to(run_batch))
        .route("/v1/runs/{run}/blinded", post().to(blinded_images))
        .route("/v1/series/{series}/source-check", get().to(source_check))
        .route("/v1/models", get().to(models))
        .route("/v1/deployments/{deployment}", get().to(deployment))
        .route("/v1/deployments/{deployment}/stage-check", get().to(stage_check));
}

async fn models() -> Json<Vec<Model>> {
    Json(vec![Model {
        id: ModelVersionId::from_bits(1),
        name: "ct-denoise".to_owned(),
        version: "1".to_owned(),
        task: "denoise".to_owned(),
        weights: Digest::of(b"weights"),
        input: ModelInput::default(),
        sampling: Sampling::default(),
        intended_use: String::new(),
        limits: Vec::new(),
        content_qualification: "RESEARCH".to_owned(),
        regulatory_reference: None,
        training_subjects: Vec::new(),
        licence: None,
        publisher: None,
        manifest: None,
        card: String::new(),
        metrics: serde_json::Value::Null,
        calibration_subjects: 1,
        uncertainty_range: 100.0,
        unit: "HU".to_owned(),
        registered_at: "2026-11-24T08:00:00Z".parse().unwrap(),
    }])
}

async fn deployment(id: Path<DeploymentId>) -> Json<Deployment> {
    Json(Deployment {
        id: id.into_inner(),
        name: "Chest CT".to_owned(),
        model: ModelVersionId::from_bits(1),
        input: ModelInput::default(),
        site: "here".to_owned(),
        rule: UseRule { modality: "CT".to_owned(), ..UseRule::default() },
        pool: "cpu".to_owned(),
        texture_percent: 0,
        stage: Stage::General,
        banner: None,
        stage_since: "2026-11-24T08:00:00Z".parse().unwrap(),
        gate: None,
        proposals: Vec::new(),
    })
}

async fn run_batch(neighbours: Data<Neighbours>, batch: Json<Batch<RunId>>) -> Json<Vec<Run>> {
    let runs = neighbours.runs.lock().unwrap();
    Json(runs.iter().filter(|run| batch.ids.contains(&run.id)).cloned().collect())
}

/// Two images a run.
async fn blinded_images(run: Path<RunId>, blinding: Json<Blinding>) -> Json<Vec<BlindedImage>> {
    let copy = |slice| BlindedImage {
        sop_instance_uid: blinded_uid(&blinding.salt, slice),
        digest: copy_digest(&run, slice),
        slice,
    };
    Json((0..2).map(copy).collect())
}

fn copy_digest(run: &RunId, slice: u32) -> Digest {
    Digest::of(format!("copy {slice} of {run}").as_bytes())
}

async fn source_check(neighbours: Data<Neighbours>, _: Path<String>) -> Json<SourceCheck> {
    Json(*neighbours.source.lock().unwrap())
}

async fn stage_check(neighbours: Data<Neighbours>, _: Path<String>) -> Json<StageCheck> {
    let may_release = *neighbours.may_release.lock().unwrap();
    Json(StageCheck { stage: Stage::General, may_release, may_send: may_release, reason: String::new() })
}

/// A signed-in person.
pub(crate) struct Person<'c> {
    clinic: &'c Clinic,
    pub(crate) actor: Actor,
}

impl Person<'_> {
    pub(crate) fn review(&self) -> Review {
        let request = self.clinic.random.with(RequestId::random);
        let tokens = self.clinic.gateway.on_behalf_of(self.actor.clone(), request);
        Review(Client::new("review", &self.clinic.base, self.clinic.http.clone(), tokens))
    }

    /// Review, called by a verb and a path that no client of ours uses; gives the status of its answer.
    pub(crate) async fn calls(&self, method: &str, path: &str) -> u16 {
        let request = self.clinic.random.with(RequestId::random);
        let tokens = self.clinic.gateway.on_behalf_of(self.actor.clone(), request);
        let token = tokens.bearer("review");
        let url = format!("{}{path}", self.clinic.base);
        let call = self.clinic.http.request(method.parse().unwrap(), url).bearer_auth(token);
        call.json(&why()).send().await.unwrap().status().as_u16()
    }

    /// Review, called with a fresh proof of identity for `subject`.
    pub(crate) fn proving(&self, subject: &impl ToString, nonce: &str) -> Review {
        let claims = SigningClaims {
            auth_time: self.clinic.clock.now(),
            amr: vec!["pwd".to_owned()],
            subject: subject.to_string(),
            nonce: nonce.to_owned(),
        };
        let request = self.clinic.random.with(RequestId::random);
        let tokens = self.clinic.gateway.signing(self.actor.clone(), request, claims);
        Review(Client::new("review", &self.clinic.base, self.clinic.http.clone(), tokens))
    }

    pub(crate) async fn opens(&self, case: &CaseId) -> Case {
        self.review().open(case).await.unwrap()
    }

    pub(crate) async fn saves(&self, case: &CaseId, version: u32, verdict: Verdict) -> Draft {
        let save = SaveDraft { version, content: content(verdict) };
        self.review().save_draft(case, &save).await.unwrap()
    }

    pub(crate) async fn signs(&self, case: &CaseId, verdict: Verdict) -> Result<Case, ClientError> {
        let nonce = self.clinic.random.with(EventId::random);
        self.proving(case, nonce.as_str()).sign(case, &signed(content(verdict))).await
    }

    /// Opens, and rejects over something that may hurt the patient.
    pub(crate) async fn rejects_critically(&self, case: &CaseId) {
        self.opens(case).await;
        let finding = Finding {
            id: None,
            kind: FindingKind::Invented,
            severity: Severity::Critical,
            centre_mm: Some([1.0, 2.0, 3.0]),
            diameter_mm: Some(4.0),
            comment: String::new(),
        };
        let content = ReadContent { findings: vec![finding], ..content(Verdict::Reject) };
        let nonce = self.clinic.random.with(EventId::random);
        self.proving(case, nonce.as_str()).sign(case, &signed(content)).await.unwrap();
    }

    /// Opens and signs.
    pub(crate) async fn reads(&self, case: &CaseId, verdict: Verdict) -> Case {
        self.opens(case).await;
        self.signs(case, verdict).await.unwrap()
    }

    pub(crate) async fn withdraws(&self, case: &CaseId) -> Result<Case, ClientError> {
        self.review().withdraw(case, &why()).await
    }

    /// What this person is asked to evaluate at shadow.
    pub(crate) async fn evaluations(&self) -> Vec<CaseId> {
        let page = PageRequest { first: Some(100), after: None };
        let list = self.review().evaluation_worklist(&page).await.unwrap();
        list.items.into_iter().map(|item| item.node.id).collect()
    }

    pub(crate) async fn worklist(&self) -> Vec<CaseId> {
        let page = self.review().worklist(&PageRequest { first: Some(100), after: None }).await.unwrap();
        page.items.into_iter().map(|item| item.node.id).collect()
    }
}

/// A reason that says something.
pub(crate) fn why() -> Reason {
    Reason { reason: "for a good reason".to_owned() }
}

/// Signs content over everything that there is to see of a case.
pub(crate) fn signed(content: ReadContent) -> SignRead {
    let content = ReadContent { viewing: Some(viewing()), ..content };
    SignRead { content, case_digest: Digest::of(b"what was seen"), personal_key: None }
}

/// The one region of a run was displayed whole.
pub(crate) fn viewing() -> Viewing {
    let displayed = Displayed { slices: 9, slices_full: 3, ms: 4_000, ms_full: 900 };
    Viewing {
        original: displayed,
        image: displayed,
        original_alone_ms: 1_500,
        regions: vec![RegionDisplayed { region: 0, slices: vec![4, 5, 6] }],
        screen: Screen { density_percent: 100, columns: 1_920, rows: 1_080 },
    }
}

/// What is typed for a verdict.
pub(crate) fn content(verdict: Verdict) -> ReadContent {
    let comment = if verdict == Verdict::AcceptWithLimitation { "not for the apex" } else { "" };
    ReadContent { verdict: Some(verdict), comment: comment.to_owned(), ..ReadContent::default() }
}

/// The code of the refusal that a call came back with.
pub(crate) fn refusal<T>(answer: Result<T, ClientError>) -> String {
    match answer {
        Err(ClientError::Refused { refusal, .. }) => refusal.code,
        Err(other) => panic!("not refused but failed: {other}"),
        Ok(_) => panic!("not refused"),
    }
}
