//! The product as it is run: everything in one process on SQLite, or every service and a worker as a process of its own
//! on PostgreSQL, RabbitMQ and an S3 interface.

mod distributed;
mod embedded;

pub use embedded::PROGRAM;

use crate::program::Program;
use crate::wait::until;
use crate::{Pacs, Person, Scanner};
use contract::{Envelope, Event};
use distributed::{PASSWORD, Surroundings, add};
use std::collections::BTreeMap;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Every service.
pub const SERVICES: [&str; 7] = ["intake", "rollout", "generation", "review", "delivery", "audit", "gateway"];
/// How long a story may take to get past its deaths.
const PATIENCE: Duration = Duration::from_mins(2);
/// In the environment of a process: where it dies.
const KILL_VARIABLE: &str = "COUNTERSIGN_KILL_AT";

/// The whole product, running, with a PACS behind it.
pub struct Stack {
    /// The processes.
    pub programs: Vec<Program>,
    /// The receiving PACS.
    pub pacs: Pacs,
    base: String,
    dicom_port: u16,
    accounts: BTreeMap<String, String>,
    /// What it stands on when it is distributed.
    surroundings: Option<Surroundings>,
    folder: TempDir,
}

/// A port of loopback on which nobody listens, and that no other call of this process gives.
///
/// It lies below those that the system gives to outgoing connections: one of them could take it before its service has
/// started.
pub fn free_port() -> u16 {
    const FIRST: u32 = 20_000;
    const COUNT: u32 = 12_000;
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = std::process::id() * 97 + GIVEN.fetch_add(1, Ordering::Relaxed);
        let port = (FIRST + number % COUNT) as u16;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

impl Stack {
    /// The scanner that sends here.
    pub fn scanner(&self) -> Scanner {
        Scanner { port: self.dicom_port }
    }

    /// Somebody signs in.
    pub async fn person(&self, username: &str) -> Person {
        Person::signs_in(&self.base, username, &self.accounts[username]).await
    }

    /// An operator adds an account at the command line, and its owner signs in.
    pub async fn adds(&mut self, username: &str, printed_name: &str, role: &str) -> Person {
        let place = self.ledger_arguments();
        let names = ["user", "add", username, "--printed-name", printed_name, "--role", role];
        add(&[&names[..], &[&place[0], &place[1]]].concat());
        self.accounts.insert(username.to_owned(), PASSWORD.to_owned());
        self.person(username).await
    }

    /// Waits until every part answers.
    pub async fn is_ready(&self) {
        let http = reqwest::Client::builder().build().unwrap();
        until("the front door opens", 60, || async {
            let answer = http.get(format!("{}/readyz", self.base)).send().await.ok()?;
            answer.status().is_success().then_some(())
        })
        .await;
        let listens = || async { TcpStream::connect(("127.0.0.1", self.dicom_port)).ok() };
        until("the DICOM port opens", 60, listens).await;
        if let Some(surroundings) = &self.surroundings {
            surroundings.answers(&http).await;
        }
    }

    /// Waits until a process has died where it was told to.
    pub async fn dies(&mut self) {
        let programs = &mut self.programs;
        until("a process dies at its kill point", 60, || {
            let died = programs.iter_mut().any(Program::was_killed);
            async move { died.then_some(()) }
        })
        .await;
    }

    /// Starts every process again that died at its kill point; gives the names of those.
    pub fn revives(&mut self) -> Vec<String> {
        let dead = self.programs.iter_mut().filter_map(|program| program.was_killed().then_some(program));
        dead.map(|program| {
            program.call.variables.remove(KILL_VARIABLE);
            program.restart();
            program.call.name.clone()
        })
        .collect()
    }

    /// Starts again whatever dies at its kill point, until `service` has told an event that is `wanted`; gives the
    /// names of those that died.
    pub async fn revives_until(&mut self, service: &str, wanted: impl Fn(&Event) -> bool) -> Vec<String> {
        let mut died = Vec::new();
        let deadline = Instant::now() + PATIENCE;
        while !self.events(service).await.iter().any(|told| wanted(&told.event)) {
            died.extend(self.revives());
            assert!(Instant::now() < deadline, "{service} never told it; died: {died:?}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        died
    }

    /// Waits until everything that was told is on the bus.
    pub async fn settles(&self) {
        for service in SERVICES {
            let db = database::connect(&self.database_url(), service).await.unwrap();
            until(&format!("the outbox of {service} is empty"), 60, || async {
                (database::outbox::backlog(&db).await.unwrap().events == 0).then_some(())
            })
            .await;
            db.close().await.unwrap();
        }
    }

    /// Once nothing is left to tell, the named processes die and come back, each to die at a point (`point` or
    /// `point#n`).
    pub async fn restarts_to_die_at(&mut self, deaths: &[(&str, &str)]) {
        self.settles().await;
        for (name, kill_at) in deaths {
            let program = self.programs.iter_mut().find(|program| program.call.name == *name).unwrap();
            program.kill();
            program.call.variables.insert(KILL_VARIABLE.to_owned(), (*kill_at).to_owned());
            program.restart();
        }
        self.is_ready().await;
    }

    /// Ends every process in order, as on a signal.
    pub async fn stops(&mut self) {
        for program in &mut self.programs {
            if program.is_running() {
                program.asks_to_end();
            }
        }
        for program in &mut self.programs {
            let name = program.call.name.clone();
            let well = until("a process drains and ends", 40, || {
                let ended = program.has_ended_well();
                async move { ended }
            })
            .await;
            assert!(well, "{name} ended badly");
        }
    }

    /// Where every process with an HTTP server answers.
    pub fn bases(&self) -> Vec<String> {
        self.surroundings.as_ref().map_or_else(|| vec![self.base.clone()], Surroundings::bases)
    }

    /// Where the databases are.
    pub fn database_url(&self) -> String {
        let embedded = || format!("sqlite:{}", self.data().join("db").display());
        self.surroundings.as_ref().map_or_else(embedded, Surroundings::database_url)
    }

    /// What tells `countersign ledger verify` where the ledger is.
    pub fn ledger_arguments(&self) -> Vec<String> {
        let (key, value) = match &self.surroundings {
            Some(surroundings) => ("--config", surroundings.config.clone()),
            None => ("--data", self.data()),
        };
        vec![key.to_owned(), value.display().to_string()]
    }

    /// Every event that a service told, from its outbox.
    pub async fn events(&self, service: &str) -> Vec<Envelope> {
        let db = database::connect(&self.database_url(), service).await.unwrap();
        let mut events: Vec<Envelope> = Vec::new();
        loop {
            let after = events.last().map_or(0, |envelope| envelope.seq);
            let page = database::outbox::page(&db, after, database::outbox::PAGE_ROWS_MAX).await.unwrap();
            if page.is_empty() {
                break;
            }
            events.extend(page);
        }
        db.close().await.unwrap();
        events
    }

    /// How many events of a kind all services told.
    pub async fn count(&self, wanted: impl Fn(&Event) -> bool) -> usize {
        let mut count = 0;
        for service in SERVICES {
            count += self.events(service).await.iter().filter(|told| wanted(&told.event)).count();
        }
        count
    }

    /// Everything that the bus carried or keeps.
    pub fn messages(&self) -> Vec<Vec<u8>> {
        if let Some(surroundings) = &self.surroundings {
            return surroundings.broker.heard();
        }
        let files = ["bus.sqlite", "bus.sqlite-wal"].map(|name| self.data().join("db").join(name));
        files.iter().filter_map(|file| std::fs::read(file).ok()).collect()
    }

    /// The names of every stored object.
    pub async fn object_names(&self) -> Vec<String> {
        match &self.surroundings {
            Some(surroundings) => surroundings.object_names().await,
            None => files_below(&self.data().join("objects")),
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
}

fn files_below(folder: &std::path::Path) -> Vec<String> {
    let mut names = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                names.push(path.display().to_string());
            }
        }
    }
    names
}
