//! The language of these tests: a rollout service on a real database, its neighbours' answers, and people.

use crate::comparing::Pairs;
use crate::evidence::Around;
pub(crate) use crate::laid_out::{ct_series, new_deployment, write_model};
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Query, ServiceConfig, get, post};
use bus::{Bus, Message, Route};
use contract::audit::Audit;
use contract::client::Batch;
use contract::generation::{
    Capacity, ExpectedWait, Generation, PoolCapacity, PriorityCapacity, RunCost, RunState,
};
use contract::intake::{Intake, Series};
use contract::job::Cost;
use contract::review::{
    BlindRead, ConfirmedFinding, Conflict, ConflictSubject, EndedCase, EndedPage, EndedQuery, FindingKind,
    ReadCounts, Review, Severity, Verdict,
};
use contract::rollout::{DecideRules, Deployment, GatePolicy, Rollout, RulesProposal, Stage};
use contract::{
    Actor, CaseId, Client, ClientError, ConflictId, DeploymentId, Digest, Envelope, Event, EventId,
    LoginSessionId, Priority, ProposalId, ReadId, Refusal, RequestId, Role, RulesProposalId, RunId, SeriesId,
    UserId,
};
use database::scratch::Scratch;
use platform::http::Authority;
use platform::login::EveryLogin;
use platform::server::{HttpOptions, serve};
use platform::token::{SigningClaims, TokenIssuer, TokenVerifier};
use platform::{Clock as _, CpuPool, ManualClock, Random, Routes, Shutdown};
use rollout::{Config, Deps, Registrar, Watch};
use std::net::TcpListener;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// How long a test waits for something that must happen.
const PATIENCE: Duration = Duration::from_secs(30);

/// A rollout service with everything around it.
pub(crate) struct Site {
    pub(crate) registrar: Registrar,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) watch: Watch,
    pub(crate) config: Config,
    scratch: Scratch,
    neighbours: Data<Neighbours>,
    pub(crate) pairs: Data<Pairs>,
    pub(crate) around: Data<Around>,
    bus: Arc<dyn Bus>,
    gateway: TokenIssuer,
    folder: tempfile::TempDir,
    base: String,
    http: reqwest::Client,
    shutdown: Shutdown,
    tasks: Vec<JoinHandle<()>>,
}

/// How a case ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    Released,
    Rejected,
    Critical,
}

/// What intake and review answer.
#[derive(Default)]
struct Neighbours {
    series: Mutex<Vec<Series>>,
    told: Mutex<Vec<Envelope>>,
    counts: Mutex<ReadCounts>,
    ended: Mutex<Vec<EndedCase>>,
    costs: Mutex<Vec<RunCost>>,
    conflicts: Mutex<Vec<Conflict>>,
    /// How long a run would wait for each pool, seconds, and how long a job takes; `None` while generation doesn't answer.
    pools: Mutex<Option<(f64, f64)>>,
    capacity_asked: AtomicUsize,
}

impl Drop for Site {
    /// The service ends before its database is taken away.
    fn drop(&mut self) {
        self.shutdown.request();
        let ended = futures::future::join_all(std::mem::take(&mut self.tasks));
        let ended = tokio::time::timeout(PATIENCE, ended);
        // A task that panicked has said so itself.
        let _ = tokio::task::block_in_place(|| Handle::current().block_on(ended));
    }
}

impl Site {
    pub(crate) async fn open(scratch: &Scratch) -> Self {
        Self::open_under(scratch, GatePolicy::demo()).await
    }

    pub(crate) async fn open_under(scratch: &Scratch, policy: GatePolicy) -> Self {
        Self::open_limited(scratch, policy, 0).await
    }

    /// A site that asks for no run which would wait longer than so many minutes.
    pub(crate) async fn open_limited(
        scratch: &Scratch,
        policy: GatePolicy,
        expected_wait_max_minutes: u32,
    ) -> Self {
        database::migrate(&scratch.db, migrations::rollout::migrations()).await.unwrap();
        let clock = Arc::new(ManualClock::new("2026-11-25T08:00:00Z".parse().unwrap()));
        let random = Random::from_os();
        let folder = tempfile::tempdir().unwrap();
        let config = config_in(folder.path(), policy);
        let config = Config { expected_wait_max_minutes, capacity_seconds: 1, ..config };
        let bus = database::embedded::bus(&folder.path().join("bus.sqlite")).await.unwrap();
        let keys = folder.path().join("keys");
        let issuer = |name| TokenIssuer::open(&keys, name, clock.clone(), random.clone()).unwrap();
        let verifier = Arc::new(TokenVerifier::open(&keys, "rollout", clock.clone()));
        let authority = Authority { verifier, logins: Arc::new(EveryLogin) };
        let shutdown = Shutdown::new();
        let pools = Mutex::new(Some((0.0, 60.0)));
        let neighbours = Data::new(Neighbours { pools, ..Neighbours::default() });
        let (pairs, around) = (Data::<Pairs>::default(), Data::<Around>::default());
        let known = (neighbours.clone(), pairs.clone(), around.clone());
        let others: Routes = Arc::new(move |config| {
            let (neighbours, pairs, around) = known.clone();
            neighbour_routes(config.app_data(neighbours).app_data(pairs).app_data(around));
        });
        let others = listen(others, authority.clone(), shutdown.clone());
        let http = reqwest::Client::builder().timeout(PATIENCE).build().unwrap();
        let tokens = issuer("rollout").as_service();
        let client = |name| Client::new(name, &others, http.clone(), tokens.clone());
        let cpu = CpuPool::new(1).unwrap();
        let deps = Deps {
            db: scratch.connect_again().await,
            bus: bus.clone(),
            clock: clock.clone(),
            random: random.clone(),
            intake: Intake(client("intake")),
            review: Review(client("review")),
            generation: Generation(client("generation")),
            audit: Audit(client("audit")),
            cpu: cpu.clone(),
        };
        let watch = Watch {
            db: scratch.connect_again().await,
            clock: clock.clone(),
            random: random.clone(),
            review: deps.review.clone(),
        };
        let service = rollout::service(config.clone(), deps);
        let tasks =
            service.tasks.into_iter().map(|task| tokio::spawn(task.start(shutdown.clone()))).collect();
        let base = listen(service.routes, authority, shutdown.clone());
        let (gateway, scratch) = (issuer("gateway"), scratch.clone());
        let registrar = Registrar { db: scratch.db.clone(), clock: clock.clone(), random, cpu };
        Self {
            registrar,
            clock,
            watch,
            config,
            scratch,
            neighbours,
            pairs,
            around,
            bus,
            gateway,
            folder,
            base,
            http,
            shutdown,
            tasks,
        }
    }

    pub(crate) fn administrator(&self) -> Person<'_> {
        self.person(1, &[Role::Administrator, Role::Quality])
    }

    pub(crate) fn quality(&self) -> Person<'_> {
        self.person(2, &[Role::Quality])
    }

    pub(crate) fn owner(&self) -> Person<'_> {
        self.person(5, &[Role::ClinicalOwner])
    }

    pub(crate) fn physicist(&self) -> Person<'_> {
        self.person(6, &[Role::Physicist])
    }

    /// Has everybody approve who is still wanted; where the deployment stands then.
    pub(crate) async fn approve_all(&self, id: &ProposalId) -> Stage {
        let mut stage = None;
        for (number, person) in [self.quality(), self.owner(), self.physicist()].iter().enumerate() {
            match person.approves(id, &format!("{id}-{number}")).await {
                Ok(deployment) => stage = Some(deployment.stage),
                Err(error) => assert_eq!(refusal::<()>(Err(error)).code, "approved_before"),
            }
        }
        stage.unwrap()
    }

    /// Review knows that somebody is too close to a deployment's model.
    pub(crate) fn is_too_close(&self, number: u128, deployment: &DeploymentId) {
        self.neighbours.conflicts.lock().unwrap().push(Conflict {
            id: ConflictId::from_bits(1),
            reader: UserId::from_bits(number),
            subject: ConflictSubject::Deployment(deployment.clone()),
            reason: "wrote it".to_owned(),
            declared_at: self.clock.now(),
        });
    }

    pub(crate) fn person(&self, number: u128, roles: &[Role]) -> Person<'_> {
        let actor = Actor::Person {
            user: UserId::from_bits(number),
            username: format!("user{number}"),
            printed_name: format!("Person {number}"),
            roles: roles.to_vec(),
            login: LoginSessionId::from_bits(number),
        };
        Person { site: self, actor }
    }

    /// Rollout as another service calls it.
    pub(crate) fn called_by(&self, name: &'static str) -> Rollout {
        let keys = self.folder.path().join("keys");
        let issuer =
            TokenIssuer::open(&keys, name, self.clock.clone(), self.registrar.random.clone()).unwrap();
        Rollout(Client::new("rollout", &self.base, self.http.clone(), issuer.as_service()))
    }

    /// Readers have made this of every deployment.
    pub(crate) fn reads(&self, counts: ReadCounts) {
        *self.neighbours.counts.lock().unwrap() = counts;
    }

    /// A run that was asked for ends now, after so many seconds of the CPU and with so many bytes.
    pub(crate) fn run_ends(&self, run: RunId, seconds: f64, stored_bytes: Option<u64>) {
        let cost = Some(Cost { device: "cpu".to_owned(), seconds, peak_bytes: None });
        let state = if stored_bytes.is_some() { RunState::Completed } else { RunState::Failed };
        let ended_at = self.clock.now();
        let cost = RunCost { run, state, ended_at, attempts: 1, cost, stored_bytes };
        self.neighbours.costs.lock().unwrap().push(cost);
    }

    /// A run that is asked for now would wait so long, and a job takes so long, seconds, and what is STAT goes at once;
    /// `None`: generation is away.
    pub(crate) fn pools(&self, pools: Option<(f64, f64)>) {
        *self.neighbours.pools.lock().unwrap() = pools;
    }

    /// How often generation was asked what its pools can take.
    pub(crate) fn capacity_asked(&self) -> usize {
        self.neighbours.capacity_asked.load(Ordering::Relaxed)
    }

    /// The case of a run ends now.
    pub(crate) fn case_of_run_ends(&self, run: RunId, deployment: &Deployment, how: How) -> CaseId {
        let number =
            u128::from_str_radix(&Digest::of(run.as_str().as_bytes()).to_string()[..16], 16).unwrap();
        let id = self.case_ends(number, deployment, how);
        let mut ended = self.neighbours.ended.lock().unwrap();
        ended.last_mut().unwrap().run = run;
        id
    }

    /// A case of a deployment ends now.
    pub(crate) fn case_ends(&self, number: u128, deployment: &Deployment, how: How) -> CaseId {
        let read = |reader: u128| BlindRead {
            id: ReadId::from_bits(number * 2 + reader),
            reader: UserId::from_bits(reader),
            printed_name: format!("Person {reader}"),
            verdict: if how == How::Released { Verdict::Accept } else { Verdict::Reject },
            opened_at: Some(self.clock.now() - chrono::TimeDelta::minutes(2)),
            signed_at: self.clock.now(),
        };
        let critical =
            ConfirmedFinding { kind: FindingKind::Invented, severity: Severity::Critical, centre_mm: None };
        let case = EndedCase {
            id: CaseId::from_bits(number),
            run: RunId::from_bits(number),
            series: SeriesId::from_bits(number),
            model: deployment.model.clone(),
            deployment: deployment.id.clone(),
            stage: deployment.stage,
            queued_at: self.clock.now(),
            ended_at: self.clock.now(),
            due_at: self.clock.now(),
            accepted: how == How::Released,
            discordant: false,
            first_reads: [read(0), read(1)],
            deciding_read: None,
            confirmed: if how == How::Critical { vec![critical] } else { Vec::new() },
        };
        let id = case.id.clone();
        self.neighbours.ended.lock().unwrap().push(case);
        id
    }

    /// Review tells that a case was rejected.
    pub(crate) async fn review_tells_rejected(&self, case: CaseId) {
        self.review_tells(case.to_string(), Event::CaseRejected { case }).await;
    }

    pub(crate) async fn review_tells(&self, subject: String, event: Event) {
        let envelope = Envelope {
            id: self.registrar.random.with(EventId::random),
            service: "review".to_owned(),
            seq: 1,
            version: 1,
            occurred_at: self.clock.now(),
            actor: Actor::service("review"),
            subject,
            causation: None,
            trace: None,
            event,
        };
        self.publishes(&envelope).await;
    }

    /// A deployment as quality sees it.
    pub(crate) async fn deployment(&self, id: &DeploymentId) -> Deployment {
        self.quality().rollout().deployment(id).await.unwrap().unwrap()
    }

    /// A deployment of a model whose folder is written first.
    pub(crate) async fn deploys(&self, name: &str, stage: Stage) -> DeploymentId {
        write_model(&self.config.models_dir, "ct-denoise", b"weights");
        let deployments = vec![new_deployment(name, stage)];
        rollout::seed(&self.registrar, &self.config.models_dir, deployments).await.unwrap().remove(0)
    }

    /// Intake has a series, and tells that it is ready.
    pub(crate) async fn has_ready(&self, series: Series) -> Envelope {
        let envelope = self.has_ready_but_the_bus_loses_it(series);
        self.publishes(&envelope).await;
        envelope
    }

    /// Intake has a series that is ready, and its event stays in its outbox.
    pub(crate) fn has_ready_but_the_bus_loses_it(&self, series: Series) -> Envelope {
        let event = Event::SeriesReady {
            series: series.id.clone(),
            study: series.study.clone(),
            source_set: series.source_set.unwrap(),
            volume: series.volume.unwrap(),
        };
        self.neighbours.series.lock().unwrap().push(series);
        let mut told = self.neighbours.told.lock().unwrap();
        let envelope = Envelope {
            id: self.registrar.random.with(EventId::random),
            service: "intake".to_owned(),
            seq: told.len() as i64 + 1,
            version: 1,
            occurred_at: self.clock.now(),
            actor: Actor::service("intake"),
            subject: "series".to_owned(),
            causation: None,
            trace: None,
            event,
        };
        told.push(envelope.clone());
        envelope
    }

    pub(crate) async fn publishes(&self, envelope: &Envelope) {
        let message = Message {
            id: envelope.id.to_string(),
            route: Route::Topic(envelope.event.kind().to_owned()),
            headers: std::collections::BTreeMap::new(),
            body: serde_json::to_vec(envelope).unwrap().into(),
        };
        self.bus.publish(&message).await.unwrap();
    }

    /// Waits until rollout has told `count` events of a kind, and gives all of that kind.
    pub(crate) async fn tells(&self, kind: &str, count: usize) -> Vec<Envelope> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let all = database::outbox::page(&self.scratch.db, 0, 1_000).await.unwrap();
            let told: Vec<Envelope> = all.into_iter().filter(|event| event.event.kind() == kind).collect();
            if told.len() >= count {
                return told;
            }
            assert!(Instant::now() < deadline, "{} of {count} {kind} events were told", told.len());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Somebody who calls through the gateway.
pub(crate) struct Person<'s> {
    site: &'s Site,
    actor: Actor,
}

impl Person<'_> {
    pub(crate) fn rollout(&self) -> Rollout {
        let request = self.site.registrar.random.with(RequestId::random);
        let tokens = self.site.gateway.on_behalf_of(self.actor.clone(), request);
        Rollout(Client::new("rollout", &self.site.base, self.site.http.clone(), tokens))
    }

    /// Signs for one proposal; the same nonce is the same signature.
    pub(crate) async fn approves(&self, id: &ProposalId, nonce: &str) -> Result<Deployment, ClientError> {
        self.signing(id.as_str(), nonce).approve(id).await
    }

    /// Signs for rules that were proposed.
    pub(crate) async fn adopts(
        &self,
        id: &RulesProposalId,
        nonce: &str,
    ) -> Result<RulesProposal, ClientError> {
        self.signing(id.as_str(), nonce).rules_decide(id, DecideRules { adopt: true }).await
    }

    fn signing(&self, subject: &str, nonce: &str) -> Rollout {
        let claims = SigningClaims {
            auth_time: self.site.clock.now(),
            amr: vec!["pwd".to_owned()],
            subject: subject.to_owned(),
            nonce: nonce.to_owned(),
        };
        let request = self.site.registrar.random.with(RequestId::random);
        let tokens = self.site.gateway.signing(self.actor.clone(), request, claims);
        Rollout(Client::new("rollout", &self.site.base, self.site.http.clone(), tokens))
    }
}

/// The refusal that a call met.
pub(crate) fn refusal<T>(outcome: Result<T, ClientError>) -> Refusal {
    match outcome {
        Err(ClientError::Refused { refusal, .. }) => refusal,
        Err(other) => panic!("not refused but {other}"),
        Ok(_) => panic!("not refused"),
    }
}

fn config_in(folder: &Path, policy: GatePolicy) -> Config {
    let config = Config {
        models_dir: folder.join("models"),
        packages_dir: folder.join("packages"),
        publishers_dir: folder.join("publishers"),
        policy,
        ..Config::default()
    };
    std::fs::create_dir(&config.models_dir).unwrap();
    config
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
        .route("/v1/series/batch", post().to(series_batch))
        .route("/v1/outbox", get().to(outbox))
        .route("/v1/read-counts", get().to(read_counts))
        .route("/v1/ended-cases", get().to(ended_cases))
        .route("/v1/conflicts", get().to(conflicts))
        .route("/v1/capacity", get().to(capacity))
        .route("/v1/runs/costs", post().to(run_costs))
        .configure(crate::evidence::neighbour_routes)
        .configure(crate::comparing::neighbour_routes);
}

async fn capacity(neighbours: Data<Neighbours>) -> HttpResponse {
    neighbours.capacity_asked.fetch_add(1, Ordering::Relaxed);
    let Some((seconds, each)) = *neighbours.pools.lock().unwrap() else {
        return HttpResponse::ServiceUnavailable().finish();
    };
    let wait = |seconds| ExpectedWait { seconds, low: seconds, high: seconds, is_measured: true };
    let of_priority = |priority| PriorityCapacity {
        priority,
        waiting: 0,
        oldest_requested_at: None,
        expected_wait: wait(if priority == Priority::Stat { 0.0 } else { seconds }),
    };
    let pool = PoolCapacity {
        pool: "cpu".to_owned(),
        waiting: 0,
        oldest_requested_at: None,
        running: 0,
        workers_seen: 1,
        measured: 10,
        seconds_per_job: Some(each),
        utilisation: None,
        expected_wait: wait(seconds),
        by_priority: Priority::ALL.map(of_priority).to_vec(),
    };
    let at = "2026-11-25T08:00:00Z".parse().unwrap();
    HttpResponse::Ok().json(Capacity { at, window_hours: 24, pools: vec![pool] })
}

#[derive(serde::Deserialize)]
struct AfterSeq {
    after_seq: i64,
}

async fn outbox(neighbours: Data<Neighbours>, after: Query<AfterSeq>) -> Json<Vec<Envelope>> {
    let told = neighbours.told.lock().unwrap();
    Json(told.iter().filter(|envelope| envelope.seq > after.after_seq).cloned().collect())
}

async fn series_batch(neighbours: Data<Neighbours>, batch: Json<Batch<SeriesId>>) -> Json<Vec<Series>> {
    let series = neighbours.series.lock().unwrap();
    let newest = |id: &SeriesId| series.iter().rev().find(|series| series.id == *id).cloned();
    Json(batch.ids.iter().filter_map(newest).collect())
}

async fn ended_cases(neighbours: Data<Neighbours>, query: Query<EndedQuery>) -> Json<EndedPage> {
    let ended = neighbours.ended.lock().unwrap();
    let inside = |case: &&EndedCase| (query.from..query.to).contains(&case.ended_at);
    Json(EndedPage { cases: ended.iter().filter(inside).cloned().collect(), after: None })
}

async fn conflicts(neighbours: Data<Neighbours>) -> Json<Vec<Conflict>> {
    Json(neighbours.conflicts.lock().unwrap().clone())
}

async fn run_costs(neighbours: Data<Neighbours>, batch: Json<Batch<RunId>>) -> Json<Vec<RunCost>> {
    let costs = neighbours.costs.lock().unwrap();
    Json(costs.iter().filter(|cost| batch.ids.contains(&cost.run)).cloned().collect())
}

async fn read_counts(neighbours: Data<Neighbours>) -> Json<ReadCounts> {
    Json(neighbours.counts.lock().unwrap().clone())
}
