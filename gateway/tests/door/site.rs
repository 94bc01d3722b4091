//! The language of these tests: a gateway on a real database, people with browsers, and a study behind it.

use crate::behind::{self, Behind};
use actix_web::web::Data;
use bus::{Bus, Message, Route};
use contract::audit::Audit;
use contract::delivery::Delivery;
use contract::gateway::{Gateway, NewUser};
use contract::generation::Generation;
use contract::intake::Intake;
use contract::review::Review;
use contract::rollout::Rollout;
use contract::{Actor, Client, Digest, Envelope, Event, EventId, Role, RunId};
use database::outbox;
use database::scratch::Scratch;
use gateway::users::Users;
use gateway::{Config, Deps, Services};
use objects::Objects;
use platform::http::Authority;
use platform::login::EveryLogin;
use platform::server::{HttpOptions, serve};
use platform::token::{TokenIssuer, TokenVerifier};
use platform::{Clock as _, CpuPool, ManualClock, Random, Routes, Shutdown, Task};
use reqwest::header::{ACCEPT, CONTENT_TYPE, COOKIE, SET_COOKIE};
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

pub(crate) const PASSWORD: &str = "correct horse battery";

/// A gateway with everything around it.
pub(crate) struct Site {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) behind: Data<Behind>,
    pub(crate) objects: Objects,
    pub(crate) users: Users,
    pub(crate) base: String,
    pub(crate) http: reqwest::Client,
    scratch: Scratch,
    bus: Arc<dyn Bus>,
    keys: PathBuf,
    shutdown: Shutdown,
    tasks: Vec<JoinHandle<()>>,
    folder: tempfile::TempDir,
}

impl Drop for Site {
    fn drop(&mut self) {
        self.shutdown.request();
    }
}

impl Site {
    /// The file in which an object is kept.
    pub(crate) fn object_file(&self, object: &Digest) -> PathBuf {
        let name = object.to_string();
        self.folder.path().join("dicom").join(&name[..2]).join(name)
    }

    pub(crate) async fn open(scratch: &Scratch) -> Self {
        Self::open_with(scratch, Config::default()).await
    }

    pub(crate) async fn open_with(scratch: &Scratch, config: Config) -> Self {
        database::migrate(&scratch.db, migrations::gateway::migrations()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("keys");
        let clock = Arc::new(ManualClock::new("2026-11-25T08:00:00Z".parse().unwrap()));
        let random = Random::from_os();
        let tokens = TokenIssuer::open(&keys, "gateway", clock.clone(), random.clone()).unwrap();
        let shutdown = Shutdown::new();
        let verifier = |name| TokenVerifier::open(&keys, name, clock.clone());
        let authority = |name| Authority { verifier: Arc::new(verifier(name)), logins: Arc::new(EveryLogin) };
        let names = ["intake", "rollout", "generation", "review", "delivery", "audit"];
        let behind = Data::new(Behind::new(names.map(|name| (name, verifier(name))).into()));
        let answers = behind.clone();
        let others: Routes = Arc::new(move |config| behind::routes(config.app_data(answers.clone())));
        let others = listen(others, authority("intake"), shutdown.clone());
        let http = reqwest::Client::builder().timeout(Duration::from_secs(20)).build().unwrap();
        let client = |name| Client::new(name, &others, http.clone(), tokens.as_service());
        let bus = database::embedded::bus(&folder.path().join("bus.sqlite")).await.unwrap();
        let objects = Objects::open(&format!("file:{}/dicom", folder.path().display())).unwrap();
        let cpu = CpuPool::new(1).unwrap();
        let users =
            Users { db: scratch.db.clone(), clock: clock.clone(), random: random.clone(), cpu: cpu.clone() };
        let services = Services {
            intake: Intake(client("intake")),
            rollout: Rollout(client("rollout")),
            generation: Generation(client("generation")),
            review: Review(client("review")),
            delivery: Delivery(client("delivery")),
            audit: Audit(client("audit")),
        };
        let deps = Deps {
            db: scratch.connect_again().await,
            bus: bus.clone(),
            clock: clock.clone(),
            random,
            cpu,
            tokens,
            services,
            objects: objects.clone(),
        };
        let service = gateway::service(config, deps);
        let start = |task: Task| tokio::spawn(task.start(shutdown.clone()));
        let tasks = service.tasks.into_iter().map(start).collect();
        let base = listen(service.routes, authority("gateway"), shutdown.clone());
        let scratch = scratch.clone();
        Self { clock, behind, objects, users, base, http, scratch, bus, keys, shutdown, tasks, folder }
    }

    /// Ends the gateway: nothing of it works on a database that is about to be dropped.
    pub(crate) async fn closes(mut self) {
        self.shutdown.request();
        for task in std::mem::take(&mut self.tasks) {
            task.await.unwrap();
        }
    }

    /// Adds an account.
    pub(crate) async fn knows(&self, username: &str, roles: &[Role]) {
        let new = NewUser {
            username: username.to_owned(),
            printed_name: format!("Dr. {username}"),
            roles: roles.to_vec(),
        };
        self.users.add(new, PASSWORD.into()).await.unwrap();
    }

    /// A browser in which nobody is signed in.
    pub(crate) fn browser(&self) -> Browser<'_> {
        Browser { site: self, cookie: String::new() }
    }

    /// The browser of a radiologist who is new here and has signed in.
    pub(crate) async fn reader(&self) -> Browser<'_> {
        self.reader_who_is(&[Role::Radiologist]).await
    }

    /// The browser of the same reader with other roles.
    pub(crate) async fn reader_who_is(&self, roles: &[Role]) -> Browser<'_> {
        self.knows("rad1", roles).await;
        let mut browser = self.browser();
        assert_eq!(browser.signs_in("rad1", PASSWORD).await["refusal"], Value::Null);
        browser
    }

    /// The gateway as the service `name` calls it.
    pub(crate) fn called_by(&self, name: &'static str) -> Gateway {
        let issuer =
            TokenIssuer::open(&self.keys, name, self.clock.clone(), self.users.random.clone()).unwrap();
        Gateway(Client::new("gateway", &self.base, self.http.clone(), issuer.as_service()))
    }

    /// Waits until the gateway has told `count` events, and gives them.
    pub(crate) async fn told(&self, count: usize) -> Vec<Envelope> {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let events = outbox::page(&self.scratch.db, 0, 1_000).await.unwrap();
            if events.len() >= count {
                return events;
            }
            assert!(Instant::now() < deadline, "only {} of {count} events", events.len());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until everything is numbered that was told, and gives what came after `before` events.
    pub(crate) async fn told_since(&self, before: usize) -> Vec<Envelope> {
        let deadline = Instant::now() + Duration::from_secs(20);
        while outbox::backlog(&self.scratch.db).await.unwrap().events > 0 {
            assert!(Instant::now() < deadline, "events stay in the outbox");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.told(0).await.split_off(before)
    }

    /// Waits until the gateway has told, after `before` events, one that is wanted.
    pub(crate) async fn tells(&self, before: usize, what: &str, wanted: impl Fn(&Event) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let events = outbox::page(&self.scratch.db, 0, 1_000).await.unwrap();
            if events.iter().skip(before).any(|told| wanted(&told.event)) {
                return;
            }
            let told: Vec<&str> = events.iter().skip(before).map(|told| told.event.kind()).collect();
            assert!(Instant::now() < deadline, "{what} left no entry, only {told:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Nothing can be written down any more about what is shown.
    pub(crate) async fn can_record_nothing(&self) {
        let gone = sea_orm::sea_query::Table::drop().table("display").to_owned();
        self.scratch.db.execute(&gone).await.unwrap();
    }

    /// Review tells that something happened to some case.
    pub(crate) async fn something_happens(&self) {
        let random = &self.users.random;
        let envelope = Envelope {
            id: random.with(EventId::random),
            service: "review".to_owned(),
            seq: 1,
            version: 1,
            occurred_at: self.clock.now(),
            actor: Actor::service("review"),
            subject: "case".to_owned(),
            causation: None,
            trace: None,
            event: Event::CaseQueued { case: contract::CaseId::from_bits(1), run: RunId::from_bits(1) },
        };
        let message = Message {
            id: envelope.id.to_string(),
            route: Route::Topic("case.queued".to_owned()),
            headers: std::collections::BTreeMap::new(),
            body: serde_json::to_vec(&envelope).unwrap().into(),
        };
        self.bus.publish(&message).await.unwrap();
    }
}

/// One browser.
pub(crate) struct Browser<'s> {
    site: &'s Site,
    pub(crate) cookie: String,
}

impl Browser<'_> {
    pub(crate) async fn signs_in(&mut self, username: &str, password: &str) -> Value {
        let query = "mutation ($input: SignInInput!) { signIn(input: $input) {
            viewer { username roles } refusal { code message remedy } } }";
        let variables = json!({ "input": { "username": username, "password": password } });
        let response = self.posts(&json!({ "query": query, "variables": variables })).await;
        if let Some(given) = response.headers().get(SET_COOKIE) {
            given.to_str().unwrap().clone_into(&mut self.cookie);
        }
        response.json::<Value>().await.unwrap()["data"]["signIn"].take()
    }

    /// Asks for data; there must be no errors.
    pub(crate) async fn asks(&self, query: &str, variables: Value) -> Value {
        let body = self.posts(&json!({ "query": query, "variables": variables })).await;
        let mut body: Value = body.json().await.unwrap();
        assert_eq!(body["errors"], Value::Null);
        body["data"].take()
    }

    /// Asks for what gives an error, and tells its code and message.
    pub(crate) async fn asks_in_vain(&self, query: &str) -> (String, String) {
        let body: Value = self.posts(&json!({ "query": query })).await.json().await.unwrap();
        let error = &body["errors"][0];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (text(&error["extensions"]["code"]), text(&error["message"]))
    }

    pub(crate) async fn viewer(&self) -> Value {
        self.asks("{ viewer { username roles } }", Value::Null).await["viewer"].take()
    }

    pub(crate) async fn posts(&self, body: &Value) -> reqwest::Response {
        self.sends(body.to_string(), &[(CONTENT_TYPE.as_str(), "application/json")]).await
    }

    pub(crate) async fn sends(&self, body: String, headers: &[(&str, &str)]) -> reqwest::Response {
        let mut request = self.site.http.post(format!("{}/graphql", self.site.base)).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.header(COOKIE, self.cookie_pair()).send().await.unwrap()
    }

    pub(crate) async fn gets(&self, path: &str, accept: &str) -> reqwest::Response {
        let request = self.site.http.get(format!("{}{path}", self.site.base));
        request.header(ACCEPT, accept).header(COOKIE, self.cookie_pair()).send().await.unwrap()
    }

    pub(crate) fn cookie_pair(&self) -> &str {
        self.cookie.split(';').next().unwrap()
    }
}

fn listen(routes: Routes, authority: Authority, shutdown: Shutdown) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let options = HttpOptions {
        listener,
        workers: 1,
        tls: None,
        json_bytes_max: 1 << 20,
        metrics_callers: vec![std::net::Ipv4Addr::LOCALHOST.into()],
    };
    std::thread::spawn(move || {
        let system = actix_web::rt::System::new();
        system.block_on(serve("test", options, routes, authority, shutdown)).unwrap();
    });
    base
}
