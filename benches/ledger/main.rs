//! What the ledger can carry, on SQLite and PostgreSQL: appending with group commit, proofs at ten million entries,
//! verification, and searching two million entries. Run it with `cargo bench -p audit --bench ledger`, with ` -- append`,
//! ` -- search` or ` -- fill FOLDER` for one of them alone; it prints one line of JSON a figure and exits with 1 where a
//! bar is missed.
//!
//! The tree of ten million is filled tile by tile, as appending fills it; of its entries only those that are asked for
//! are there. Everything else goes the way of the service.

#![expect(clippy::unwrap_used, reason = "a measurement that can't go on ends")]

use audit::checkpoint::{Checkpoint, CheckpointSigner};
use audit::entry::{Entry, Written};
use audit::examine::{Evidence, Examiner, StoredEntry};
use audit::ledger::{Frontier, leaf_hash};
use audit::prove::{Proved, inclusion};
use audit::tile::{TileId, Tiles, edge_of};
use audit::{Verification, entry_append, look_up, verify_database};
use contract::audit::LedgerQuery;
use contract::{
    Actor, CaseId, Digest, Envelope, Event, EventId, LoginSessionId, ReadId, Role, SignatureId, Time, UserId,
};
use database::DatabaseConnection;
use database::scratch::{Scratch, on_postgres, on_sqlite};
use ed25519_dalek::SigningKey;
use platform::Random;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng as _};
use sea_orm::ConnectionTrait as _;
use sea_orm::sea_query::{Alias, Query};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Entries that are appended.
const APPENDED: usize = 100_000;
/// Entries of one transaction: a page of an outbox.
const BATCH: usize = 1_000;
/// Where the salts begin.
const SALTS: u64 = 8;
/// Entries of the tree that proofs are made from.
const TREE: u64 = 10_000_000;
/// Proofs that are timed.
const PROOFS: usize = 300;
/// Entries of the ledger that is searched.
const SEARCHED: usize = 2_000_000;
/// Entries of a case, about neighbours in time.
const OF_A_CASE: usize = 40;
/// People who read.
const PEOPLE: usize = 20;
/// How often each search is timed, and entries of its page.
const SEARCHES: usize = 200;
const PAGE: u32 = 50;
/// Entries that are examined in memory.
const EXAMINED: usize = 400_000;

static MISSED: AtomicBool = AtomicBool::new(false);

/// Wall clock and processor time since a moment: on a machine with other work only the latter says what a core does.
struct Watch {
    start: Instant,
    processor_ns: u64,
}

impl Watch {
    fn start() -> Self {
        Self { start: Instant::now(), processor_ns: Self::processor_ns() }
    }

    fn wall_s(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }

    /// Of this thread.
    fn processor_s(&self) -> f64 {
        (Self::processor_ns() - self.processor_ns) as f64 / 1e9
    }

    /// Linux tells it as the first number of `schedstat`; elsewhere the wall clock stands in.
    fn processor_ns() -> u64 {
        let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
        told.split_whitespace().next().and_then(|ns| ns.parse().ok()).unwrap_or_default()
    }
}

/// Prints a figure and remembers whether its bar was met.
fn report(what: &str, database: &str, value: f64, unit: &str, bar: Option<(&str, f64)>) {
    let met = bar.is_none_or(|(than, bar)| if than == "at least" { value >= bar } else { value <= bar });
    if !met {
        MISSED.store(true, Ordering::Relaxed);
    }
    let bar = bar.map(|(than, bar)| format!("{than} {bar}"));
    let line = serde_json::json!({ "what": what, "database": database, "value": value, "unit": unit, "bar": bar,
        "met": met });
    println!("{line}");
}

/// A signed read, the most frequent entry that matters.
fn envelope(number: usize) -> Envelope {
    let service = ["review", "gateway", "intake"][number % 3];
    signed(number, number, number % 50, (service, number / 3))
}

/// An entry of a ledger that is searched: the cases are read by a few people, one after the other. Its service has no
/// outbox, so that a whole system can start on such a ledger and goes on in it.
fn searched(number: usize) -> Envelope {
    let reader = (number / OF_A_CASE + number % 2 * 7) % PEOPLE;
    // One reads nothing but one case of all.
    let reader = if number == SEARCHED / 3 { PEOPLE } else { reader };
    signed(number, number / OF_A_CASE, reader, ("archive", number))
}

fn signed(number: usize, case: usize, user: usize, (service, before): (&str, usize)) -> Envelope {
    let (bits, case) = (number as u128, CaseId::from_bits(case as u128));
    Envelope {
        id: EventId::from_bits(bits),
        service: service.to_owned(),
        seq: (before + 1) as i64,
        version: 1,
        occurred_at: Time::UNIX_EPOCH,
        actor: Actor::Person {
            user: UserId::from_bits(user as u128),
            username: "rad1".to_owned(),
            printed_name: "Dr. Reader One".to_owned(),
            roles: vec![Role::Radiologist],
            login: LoginSessionId::from_bits(bits % 500),
        },
        subject: case.to_string(),
        causation: Some("req_aaaaaaaaaaaaaaaaaaaaaaaaaa".to_owned()),
        trace: None,
        event: Event::ReadSigned {
            case,
            read: ReadId::from_bits(bits),
            signature: SignatureId::from_bits(bits),
            verdict: contract::review::Verdict::Accept,
            case_digest: Digest::of(b"case"),
            viewing: None,
        },
    }
}

/// Processor time of this process so far, seconds; Linux counts it in hundredths.
fn process_s() -> f64 {
    let told = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = told.rsplit(')').next().unwrap_or_default();
    let ticks = |at: usize| after_name.split_whitespace().nth(at).and_then(|n| n.parse::<f64>().ok());
    (ticks(11).unwrap_or_default() + ticks(12).unwrap_or_default()) / 100.0
}

fn signer() -> CheckpointSigner {
    CheckpointSigner::new("countersign/ledger", SigningKey::from_bytes(&[7; 32]))
}

async fn append(scratch: &Scratch, database: &str) {
    database::migrate(&scratch.db, migrations::audit::migrations()).await.unwrap();
    let envelopes: Vec<Envelope> = (0..APPENDED).map(envelope).collect();
    let random = Random::seeded(SALTS);
    let (watch, before) = (Watch::start(), process_s());
    for batch in envelopes.chunks(BATCH) {
        entry_append(&scratch.db, &random, Time::UNIX_EPOCH, batch.to_vec()).await.unwrap();
    }
    let rate = APPENDED as f64 / watch.wall_s();
    let spent = (process_s() - before) / APPENDED as f64 * 1e6;
    report("processor time of this process for an append", database, spent, "µs an entry", None);
    report("append with group commit", database, rate, "entries/s", Some(("at least", 5_000.0)));
}

/// Verification of what was appended, from outside, with everything that stands in the database.
async fn verify(scratch: &Scratch, database: &str) {
    let (mut frontier, random) = (Frontier::default(), Random::seeded(SALTS));
    for number in 0..APPENDED {
        let entry = Entry { recorded_at: Time::UNIX_EPOCH, envelope: envelope(number) };
        frontier.append(leaf_hash(entry.sealed(|| random.with(RngExt::random)).text.as_bytes()));
    }
    let folder = tempfile::tempdir().unwrap();
    let (note, key) = (folder.path().join("checkpoints.txt"), folder.path().join("ledger.vkey"));
    std::fs::write(&note, format!("\n{}", signer().sign(frontier.size(), frontier.root()))).unwrap();
    std::fs::write(&key, signer().verifier_key().to_string()).unwrap();
    let start = Instant::now();
    let verdict = verify_database(&scratch.db, &note, &key, None).await;
    let rate = APPENDED as f64 / start.elapsed().as_secs_f64();
    assert_eq!(verdict, Verification::Verified { size: APPENDED as u64, beyond: 0 });
    report("full verification, database included", database, rate, "entries/s", None);
}

/// The same examination, of entries that were read before: what the processor has to do.
fn examine() {
    let stored: Vec<StoredEntry> = (0..EXAMINED)
        .map(|number| {
            let entry = Entry { recorded_at: Time::UNIX_EPOCH, envelope: envelope(number) };
            let Written { text, keys, personal } = entry.sealed(|| [7; 32]);
            StoredEntry {
                position: number as i64,
                event: entry.envelope.id.to_string(),
                service: entry.envelope.service.clone(),
                seq: entry.envelope.seq,
                kind: entry.envelope.event.kind().to_owned(),
                leaf: leaf_hash(text.as_bytes()).to_string(),
                mentions: keys,
                personal,
                entry: text,
            }
        })
        .collect();
    let bytes: usize = stored.iter().map(|entry| entry.entry.len()).sum();
    let mut frontier = Frontier::default();
    for entry in &stored {
        frontier.append(leaf_hash(entry.entry.as_bytes()));
    }
    let checkpoint = Checkpoint { origin: "bench".to_owned(), size: EXAMINED as u64, root: frontier.root() };
    let evidence = Evidence { checkpoints: vec![checkpoint], leaves: Vec::new() };
    let mut examiner = Examiner::new(evidence);
    let watch = Watch::start();
    for entry in &stored {
        examiner.take(entry).unwrap();
    }
    let (rate, wall) = (EXAMINED as f64 / watch.processor_s(), EXAMINED as f64 / watch.wall_s());
    assert_eq!(examiner.finish(&frontier).exit_code(), 0);
    report("bytes of an entry", "memory", (bytes / EXAMINED) as f64, "bytes", None);
    report("full verification, wall clock", "memory", wall, "entries/s", None);
    report(
        "full verification, one core",
        "memory",
        rate,
        "entries/s of processor time",
        Some(("at least", 500_000.0)),
    );
}

/// Fills the tree and gives the places whose entries are there.
async fn fill(scratch: &Scratch, rng: &mut StdRng) -> Vec<u64> {
    database::migrate(&scratch.db, migrations::audit::migrations()).await.unwrap();
    let mut places: Vec<u64> = (0..PROOFS).map(|_| rng.random_range(0..TREE)).collect();
    places.sort_unstable();
    places.dedup();
    let (mut tiles, mut frontier, mut next) =
        (Tiles::default(), Frontier::default(), places.iter().peekable());
    for position in 0..TREE {
        let leaf = if next.next_if_eq(&&position).is_some() {
            let entry = Entry { recorded_at: Time::UNIX_EPOCH, envelope: envelope(position as usize) };
            leaf_hash(entry.sealed(|| [7; 32]).text.as_bytes())
        } else {
            Digest::of(&position.to_be_bytes())
        };
        tiles.append(position, leaf);
        frontier.append(leaf);
        if (position + 1) % (256 * 1_000) == 0 {
            let edge = edge_of(position + 1);
            save_tiles(scratch, &tiles, |id| !edge.contains(id)).await;
            tiles.0.retain(|id, _| edge.contains(id));
        }
    }
    save_tiles(scratch, &tiles, |_| true).await;
    save_entries(scratch, &places).await;
    let note = signer().sign(TREE, frontier.root());
    let mut checkpoint = Query::insert();
    checkpoint
        .into_table(Alias::new("ledger_checkpoint"))
        .columns(["size", "note", "signed_at", "exported"])
        .values_panic([(TREE as i64).into(), note.into(), Time::UNIX_EPOCH.into(), false.into()]);
    scratch.db.execute(&checkpoint).await.unwrap();
    places
}

async fn save_tiles(scratch: &Scratch, tiles: &Tiles, wanted: impl Fn(&TileId) -> bool) {
    let full: Vec<_> = tiles.0.iter().filter(|(id, _)| wanted(id)).collect();
    for part in full.chunks(200) {
        let mut insert = Query::insert();
        insert.into_table(Alias::new("ledger_tile")).columns(["level", "number", "hashes"]);
        for (id, hashes) in part {
            let bytes: Vec<u8> = hashes.iter().flat_map(|hash| *hash.as_bytes()).collect();
            insert.values_panic([(id.level as i32).into(), (id.number as i64).into(), bytes.into()]);
        }
        scratch.db.execute(&insert).await.unwrap();
    }
}

async fn save_entries(scratch: &Scratch, places: &[u64]) {
    for place in places {
        let entry = Entry { recorded_at: Time::UNIX_EPOCH, envelope: envelope(*place as usize) };
        let Written { text, personal, .. } = entry.sealed(|| [7; 32]);
        let told = &entry.envelope;
        let mut insert = Query::insert();
        insert
            .into_table(Alias::new("ledger_entry"))
            .columns(["position", "event", "service", "seq", "kind", "entry", "leaf", "personal"])
            .values_panic([
                (*place as i64).into(),
                told.id.to_string().into(),
                told.service.clone().into(),
                told.seq.into(),
                told.event.kind().into(),
                text.clone().into(),
                leaf_hash(text.as_bytes()).to_string().into(),
                personal.into(),
            ]);
        scratch.db.execute(&insert).await.unwrap();
    }
}

async fn prove(scratch: &Scratch, database: &str) {
    let mut rng = StdRng::seed_from_u64(6962);
    let mut places = fill(scratch, &mut rng).await;
    // In no order that a cache would like.
    for at in (1..places.len()).rev() {
        places.swap(at, rng.random_range(0..=at));
    }
    let mut millis: Vec<f64> = Vec::new();
    for place in places {
        let start = Instant::now();
        let proved = inclusion(&scratch.db, place).await.unwrap();
        millis.push(start.elapsed().as_secs_f64() * 1e3);
        let Proved::File(file) = proved else { panic!("no proof of {place}") };
        assert!(audit::proof::check(&file.text, &signer().verifier_key()).is_ok());
    }
    millis.sort_by(f64::total_cmp);
    let at = |rank: f64| millis[((millis.len() - 1) as f64 * rank) as usize];
    report("inclusion proof at 10^7 entries, median", database, at(0.5), "ms", Some(("at most", 1.0)));
    report("inclusion proof at 10^7 entries, p95", database, at(0.95), "ms", None);
}

/// When the entry of a number was recorded: they are spread over a year.
fn recorded_at(number: usize) -> Time {
    Time::UNIX_EPOCH
        + chrono::TimeDelta::seconds((number / BATCH * BATCH * 365 * 24 * 3_600 / SEARCHED) as i64)
}

/// Appends the ledger that is searched, the way of the service.
async fn fill_searched(db: &DatabaseConnection) {
    database::migrate(db, migrations::audit::migrations()).await.unwrap();
    let random = Random::seeded(SALTS);
    for first in (0..SEARCHED).step_by(BATCH) {
        let envelopes = (first..first + BATCH).map(searched).collect();
        entry_append(db, &random, recorded_at(first), envelopes).await.unwrap();
    }
}

/// What people look for: each search of a kind is another one.
fn searches(kind: &str, rng: &mut StdRng) -> LedgerQuery {
    let cases = SEARCHED / OF_A_CASE;
    let case = rng.random_range(0..cases);
    let id = |case: usize| CaseId::from_bits(case as u128).to_string();
    let person = |user: usize| vec![UserId::from_bits(user as u128).to_string()];
    let of_patient = || (0..10).map(|other| id((case + other * 997) % cases)).collect::<Vec<_>>();
    let day = recorded_at(rng.random_range(0..SEARCHED));
    let mut query = LedgerQuery::default();
    match kind {
        "case" => query.mentioning.push(vec![id(case)]),
        "patient with ten cases" => query.mentioning.push(of_patient()),
        "person who reads daily" => query.mentioning.push(person(case % PEOPLE)),
        "person who read once" => query.mentioning.push(person(PEOPLE)),
        "person and patient" => query.mentioning = vec![of_patient(), person(case % PEOPLE)],
        "day" => (query.since, query.until) = (Some(day), Some(day + chrono::TimeDelta::days(1))),
        _ => query.mentioning.push(vec!["case_that_never_was".to_owned()]),
    }
    query.page.first = Some(PAGE);
    query
}

async fn search(db: &DatabaseConnection, database: &str) {
    let mut rng = StdRng::seed_from_u64(2);
    for kind in [
        "case",
        "patient with ten cases",
        "person who reads daily",
        "person who read once",
        "person and patient",
        "day",
        "what is nowhere",
    ] {
        let mut millis: Vec<f64> = Vec::new();
        for _ in 0..SEARCHES {
            let query = searches(kind, &mut rng);
            let start = Instant::now();
            let page = look_up(db, &query, None).await.unwrap();
            millis.push(start.elapsed().as_secs_f64() * 1e3);
            assert_eq!(page.items.is_empty(), kind == "what is nowhere", "{kind}");
        }
        millis.sort_by(f64::total_cmp);
        let p95 = millis[(millis.len() - 1) * 95 / 100];
        let what = format!("search of 2·10^6 entries by {kind}");
        report(&format!("{what}, median"), database, millis[millis.len() / 2], "ms", None);
        report(&format!("{what}, p95"), database, p95, "ms", Some(("at most", 300.0)));
    }
}

/// Fills the ledger of a system that is about to be started on a folder.
fn fill_folder(folder: &str) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let db = database::connect(&format!("sqlite:{folder}"), "audit").await.unwrap();
        fill_searched(&db).await;
        db.close().await.unwrap();
    });
}

fn main() {
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if let [fill, folder] = &wanted[..]
        && fill == "fill"
    {
        return fill_folder(folder);
    }
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("{}", serde_json::json!({ "what": "load of the machine before", "value": load.trim() }));
    let wants = |part: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == part);
    if wants("examine") {
        examine();
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        if wants("append") {
            on_sqlite(async |scratch: Scratch| {
                append(&scratch, "sqlite").await;
                verify(&scratch, "sqlite").await;
            })
            .await;
            on_postgres(async |scratch: Scratch| {
                append(&scratch, "postgres").await;
                verify(&scratch, "postgres").await;
            })
            .await;
        }
        if wants("prove") {
            on_sqlite(async |scratch: Scratch| prove(&scratch, "sqlite").await).await;
            on_postgres(async |scratch: Scratch| prove(&scratch, "postgres").await).await;
        }
        if wants("search") {
            on_sqlite(async |scratch: Scratch| {
                fill_searched(&scratch.db).await;
                search(&scratch.db, "sqlite").await;
            })
            .await;
            on_postgres(async |scratch: Scratch| {
                fill_searched(&scratch.db).await;
                search(&scratch.db, "postgres").await;
            })
            .await;
        }
    });
    std::process::exit(i32::from(MISSED.load(Ordering::Relaxed)));
}
