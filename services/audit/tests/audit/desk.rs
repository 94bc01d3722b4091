//! The language of these tests: an audit service on a real database and a real bus, a service whose events it
//! takes in, and people.

use actix_web::web::{Data, Json, Query, ServiceConfig, get, post};
use audit::export::{CHECKPOINTS_FILE, LEAVES_FILE};
use audit::{Config, Deps, Source, Verification};
use bus::{Bus, Message, Route};
use contract::audit::{Audit, LedgerEntry, LedgerHealth, LedgerQuery};
use contract::client::Outbox;
use contract::generation::Generation;
use contract::intake::Intake;
use contract::review::{BlindRead, EndedCase, EndedPage, EndedQuery, Review, Verdict};
use contract::rollout::Rollout;
use contract::{
    Actor, CaseId, Client, Envelope, Event, EventId, LoginSessionId, PageRequest, RequestId, Role, RunId,
    UserId,
};
use database::scratch::Scratch;
use platform::http::Authority;
use platform::login::EveryLogin;
use platform::server::{HttpOptions, serve};
use platform::token::{TokenIssuer, TokenVerifier};
use platform::{Clock as _, ManualClock, Random, Routes, Shutdown};
use sea_orm::ConnectionTrait as _;
use sea_orm::sea_query::Query as Sql;
use serde::Deserialize;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// How long a test waits for something that must happen.
const PATIENCE: Duration = Duration::from_secs(30);

/// An audit service with everything around it.
pub(crate) struct Desk {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) scratch: Scratch,
    outbox: Data<Mutex<Vec<Envelope>>>,
    bus: Arc<dyn Bus>,
    random: Random,
    gateway: TokenIssuer,
    folder: tempfile::TempDir,
    base: String,
    http: reqwest::Client,
    shutdown: Shutdown,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

impl Drop for Desk {
    /// The service ends before its database is taken away.
    fn drop(&mut self) {
        tokio::task::block_in_place(|| Handle::current().block_on(self.stops()));
    }
}

impl Desk {
    pub(crate) async fn open(scratch: &Scratch) -> Self {
        Self::open_with(scratch, |_| {}).await
    }

    /// As [`Desk::open`], with other settings.
    pub(crate) async fn open_with(scratch: &Scratch, set: impl FnOnce(&mut Config)) -> Self {
        database::migrate(&scratch.db, migrations::audit::migrations()).await.unwrap();
        let clock = Arc::new(ManualClock::new("2026-11-25T08:00:00Z".parse().unwrap()));
        let random = Random::from_os();
        let folder = tempfile::tempdir().unwrap();
        let bus = database::embedded::bus(&folder.path().join("bus.sqlite")).await.unwrap();
        let keys_dir = folder.path().join("keys");
        let issuer = |name| TokenIssuer::open(&keys_dir, name, clock.clone(), random.clone()).unwrap();
        let verifier = Arc::new(TokenVerifier::open(&keys_dir, "audit", clock.clone()));
        let authority = Authority { verifier, logins: Arc::new(EveryLogin) };
        let shutdown = Shutdown::new();
        let http = reqwest::Client::builder().timeout(PATIENCE).build().unwrap();
        let outbox = Data::new(Mutex::new(Vec::new()));
        let answers = outbox.clone();
        let review: Routes = Arc::new(move |config| review_routes(config.app_data(answers.clone())));
        let review = listen(review, authority.clone(), shutdown.clone());
        let called = |name| Client::new(name, &review, http.clone(), issuer("audit").as_service());
        let client = called("review");
        let deps = Deps {
            db: scratch.connect_again().await,
            bus: bus.clone(),
            clock: clock.clone(),
            random: random.clone(),
            review: Review(client.clone()),
            rollout: Rollout(called("rollout")),
            intake: Intake(called("intake")),
            generation: Generation(called("generation")),
            sources: vec![Source { service: "review", outbox: Outbox(client) }],
            http: http.clone(),
            cpu: platform::CpuPool::new(1).unwrap(),
        };
        let mut config = Config {
            keys_dir: keys_dir.clone(),
            export_dir: folder.path().join("ledger"),
            gap_check_interval_s: 1,
            ..Config::default()
        };
        set(&mut config);
        let service = audit::service(config, deps).unwrap();
        let tasks = service.tasks.into_iter().map(|task| tokio::spawn(task.start(shutdown.clone())));
        let tasks = Mutex::new(tasks.collect());
        let base = listen(service.routes, authority, shutdown.clone());
        let (gateway, scratch) = (issuer("gateway"), scratch.clone());
        Self { clock, scratch, outbox, bus, random, gateway, folder, base, http, shutdown, tasks }
    }

    /// Audit as a person calls it.
    pub(crate) fn called_by(&self, roles: &[Role]) -> Audit {
        self.called_by_user(2, roles)
    }

    /// As [`Desk::called_by`], by one of several people.
    pub(crate) fn called_by_user(&self, user: u128, roles: &[Role]) -> Audit {
        let actor = Actor::Person {
            user: UserId::from_bits(user),
            username: "quality".to_owned(),
            printed_name: "Quality".to_owned(),
            roles: roles.to_vec(),
            login: LoginSessionId::from_bits(user),
        };
        let tokens = self.gateway.on_behalf_of(actor, self.random.with(RequestId::random));
        Audit(Client::new("audit", &self.base, self.http.clone(), tokens))
    }

    pub(crate) fn quality(&self) -> Audit {
        self.called_by(&[Role::Quality])
    }

    /// Audit as the gateway calls it.
    pub(crate) fn gateway(&self) -> Audit {
        Audit(Client::new("audit", &self.base, self.http.clone(), self.gateway.as_service()))
    }

    /// Review has told an event: it stands in review's outbox, and nowhere else yet.
    pub(crate) fn writes(&self, seq: i64) -> Envelope {
        let event = Event::CaseQueued { case: CaseId::from_bits(seq as u128), run: RunId::from_bits(1) };
        self.writes_as(seq, Actor::service("review"), event)
    }

    /// As [`Desk::writes`], whatever the event and whoever caused it.
    pub(crate) fn writes_as(&self, seq: i64, actor: Actor, event: Event) -> Envelope {
        let envelope = Envelope {
            id: EventId::from_bits(seq as u128),
            service: "review".to_owned(),
            seq,
            version: 1,
            occurred_at: self.clock.now(),
            actor,
            subject: CaseId::from_bits(seq as u128).to_string(),
            causation: None,
            trace: None,
            event,
        };
        self.outbox.lock().unwrap().push(envelope.clone());
        envelope
    }

    /// Review's outbox loses an event.
    pub(crate) fn loses(&self, seq: i64) {
        self.outbox.lock().unwrap().retain(|envelope| envelope.seq != seq);
    }

    /// Review's outbox gets events back, as from a backup.
    pub(crate) fn finds(&self, envelope: Envelope) {
        self.outbox.lock().unwrap().push(envelope);
    }

    /// The public key by which others check what the ledger signs.
    pub(crate) fn key(&self) -> audit::checkpoint::VerifierKey {
        audit::load_key(&self.folder.path().join("keys").join("ledger.vkey")).unwrap()
    }

    pub(crate) fn key_file(&self) -> std::path::PathBuf {
        self.folder.path().join("keys").join("ledger.vkey")
    }

    /// What the database says beside a checkpoint that the ledger's own key signed over `size` other entries.
    pub(crate) async fn holds_beside(&self, size: u64) -> Verification {
        let random = Random::from_os();
        let key =
            platform::keys::load_or_generate(&self.folder.path().join("keys"), "ledger", &random).unwrap();
        let signer = audit::checkpoint::CheckpointSigner::new(self.key().name(), key);
        let elsewhere = tempfile::tempdir().unwrap();
        let note = elsewhere.path().join(CHECKPOINTS_FILE);
        let root = contract::Digest::of(b"another ledger");
        std::fs::write(&note, format!("\n{}", signer.sign(size, root))).unwrap();
        audit::verify_database(&self.scratch.db, &note, &self.key_file(), None).await
    }

    /// The event comes over the bus.
    pub(crate) async fn publishes(&self, envelope: &Envelope) {
        let message = Message {
            id: envelope.id.to_string(),
            route: Route::Topic(envelope.event.kind().to_owned()),
            headers: std::collections::BTreeMap::new(),
            body: serde_json::to_vec(envelope).unwrap().into(),
        };
        self.bus.publish(&message).await.unwrap();
    }

    /// Review tells events 1 to `last` over the bus, and they are recorded.
    pub(crate) async fn records(&self, last: i64) {
        for seq in 1..=last {
            self.publishes(&self.writes(seq)).await;
        }
        self.reaches(last as u64).await;
    }

    /// Waits until the ledger has `size` entries, without asking the service: that would add an entry.
    pub(crate) async fn reaches(&self, size: u64) {
        let deadline = Instant::now() + PATIENCE;
        while self.size().await < size {
            assert!(Instant::now() < deadline, "the ledger stays at {} entries", self.size().await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The number of entries.
    pub(crate) async fn size(&self) -> u64 {
        let size = Sql::select().column("size").from("ledger_head").to_owned();
        let row = self.scratch.db.query_one(&size).await.unwrap().unwrap();
        row.try_get_by_index::<i64>(0).unwrap() as u64
    }

    /// Waits until the state of the ledger is as wanted.
    pub(crate) async fn shows(&self, wanted: impl Fn(&LedgerHealth) -> bool) -> LedgerHealth {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let health = self.quality().health().await.unwrap();
            if wanted(&health) {
                return health;
            }
            assert!(Instant::now() < deadline, "the ledger stays at {health:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until the metrics have this line; the gauges are set after the state that they tell of.
    pub(crate) async fn counts(&self, line: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let told = platform::metrics::text();
            if told.contains(line) {
                return;
            }
            assert!(Instant::now() < deadline, "the metrics stay at {told}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The newest entries, newest first, about `subject`.
    pub(crate) async fn entries_about(&self, subject: Option<&str>) -> Vec<LedgerEntry> {
        let page = PageRequest { first: Some(100), after: None };
        let query = LedgerQuery { page, ..subject.map_or_else(LedgerQuery::default, LedgerQuery::about) };
        let page = self.quality().entries(&query).await.unwrap();
        page.items.into_iter().map(|item| item.node).collect()
    }

    /// Waits until a checkpoint vouches for all `size` entries.
    pub(crate) async fn is_checkpointed(&self, size: u64) {
        let deadline = Instant::now() + PATIENCE;
        while self.exported_leaves() < size {
            assert!(Instant::now() < deadline, "only {} entries are exported", self.exported_leaves());
            self.clock.advance(chrono::TimeDelta::minutes(2));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        // The leaves are written before the note; both are whole when the verdict is.
        while self.verifies().await.exit_code() == 2 {
            assert!(Instant::now() < deadline, "no checkpoint was exported");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) fn exported_leaves(&self) -> u64 {
        let leaves = self.folder.path().join("ledger").join(LEAVES_FILE);
        std::fs::metadata(leaves).map_or(0, |metadata| metadata.len() / 32)
    }

    /// What the exported checkpoint and the public key say of the database.
    pub(crate) async fn verifies(&self) -> Verification {
        let checkpoints = self.folder.path().join("ledger").join(CHECKPOINTS_FILE);
        let key = self.folder.path().join("keys").join("ledger.vkey");
        audit::verify_database(&self.scratch.db, &checkpoints, &key, None).await
    }

    /// As [`Desk::verifies`], where a witness must have cosigned.
    pub(crate) async fn verifies_with(&self, witness: &audit::cosignature::WitnessKey) -> Verification {
        let checkpoints = self.folder.path().join("ledger").join(CHECKPOINTS_FILE);
        audit::verify_database(&self.scratch.db, &checkpoints, &self.key_file(), Some(witness)).await
    }

    /// The service stops as on Ctrl-C.
    pub(crate) async fn stops(&self) {
        self.shutdown.request();
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap());
        for task in tasks {
            tokio::time::timeout(PATIENCE, task).await.expect("a task ends soon after the signal").unwrap();
        }
    }
}

/// Serves what needs no token, as long as the test runs, and gives the base URL.
pub(crate) fn answers(routes: Routes) -> String {
    let clock = Arc::new(ManualClock::new("2026-11-25T08:00:00Z".parse().unwrap()));
    let folder = tempfile::tempdir().unwrap();
    let verifier = Arc::new(TokenVerifier::open(folder.path(), "witness", clock));
    listen(routes, Authority { verifier, logins: Arc::new(EveryLogin) }, Shutdown::new())
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

fn review_routes(config: &mut ServiceConfig) {
    config
        .route("/v1/outbox", get().to(outbox_page))
        .route("/v1/ended-cases", get().to(ended_cases))
        .route("/v1/quality-samples", get().to(nothing))
        .route("/v1/scored-cases", get().to(nothing))
        .route("/v1/models", get().to(nothing))
        .route("/v1/deployment-labels", get().to(nothing))
        .route("/v1/series/batch", post().to(nothing))
        .route("/v1/runs/batch", post().to(nothing));
}

/// As many cases as a period has days, one a page.
async fn ended_cases(query: Query<EndedQuery>) -> Json<EndedPage> {
    let number = query.after.as_ref().map_or(0, |after| after.parse::<u128>().unwrap());
    let days = (query.to - query.from).num_days() as u128;
    let after = (number + 1 < days).then(|| (number + 1).to_string());
    Json(EndedPage { cases: vec![ended(number, query.from)], after })
}

/// A case on which two readers agree.
fn ended(number: u128, at: contract::Time) -> EndedCase {
    let read = |reader: u128| BlindRead {
        id: contract::ReadId::from_bits(number * 2 + reader),
        reader: UserId::from_bits(reader),
        printed_name: format!("Dr. {reader}"),
        verdict: Verdict::Accept,
        opened_at: Some(at),
        signed_at: at,
    };
    EndedCase {
        id: CaseId::from_bits(number),
        run: RunId::from_bits(number),
        series: contract::SeriesId::from_bits(1),
        model: contract::ModelVersionId::from_bits(1),
        deployment: contract::DeploymentId::from_bits(1),
        stage: contract::rollout::Stage::General,
        queued_at: at,
        ended_at: at,
        due_at: at,
        accepted: true,
        discordant: false,
        first_reads: [read(0), read(1)],
        deciding_read: None,
        confirmed: Vec::new(),
    }
}

async fn nothing() -> Json<Vec<()>> {
    Json(Vec::new())
}

#[derive(Deserialize)]
struct AfterSeq {
    after_seq: i64,
}

async fn outbox_page(outbox: Data<Mutex<Vec<Envelope>>>, query: Query<AfterSeq>) -> Json<Vec<Envelope>> {
    let mut page = outbox.lock().unwrap().clone();
    page.retain(|envelope| envelope.seq > query.after_seq);
    page.sort_by_key(|envelope| envelope.seq);
    Json(page)
}
