//! Field report R43: many who write at once, on SQLite. Nobody is told "locked", nobody waits long.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use database::DatabaseConnection;
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, TransactionTrait as _};
use serde_json::json;
use std::time::{Duration, Instant};
use tests::wait::until;
use tests::{Person, Scanner, Stack, Study};

/// How long everybody is at work, and how long of it a reader holds a query.
const WORK: Duration = Duration::from_mins(1);
/// Tabs in which a reader's drafts are saved.
const TABS: usize = 10;
/// How often the page saves while somebody types.
const TYPING: Duration = Duration::from_secs(2);
/// Scanners that send at once.
const SCANNERS: u32 = 4;
/// The longest that one save in a hundred may take.
const P99_MAX: Duration = Duration::from_secs(2);

/// Saves drafts of a case until `end`; gives how long each took. What another tab saved first is refused, and that is
/// an answer.
async fn saves_drafts(reader: &Person, case: &str, end: Instant) -> Vec<Duration> {
    let mut took = Vec::new();
    let mut version = 0;
    while Instant::now() < end {
        let input = json!({
            "caseId": case, "version": version, "verdict": "ACCEPT", "comment": format!("draft {version}"),
        });
        let began = Instant::now();
        let saved = reader.commands("saveDraft", "SaveDraftInput", "draft { version }", input).await;
        took.push(began.elapsed());
        version = match saved["draft"]["version"].as_i64() {
            Some(saved) => saved,
            None => latest(reader, case).await,
        };
        tokio::time::sleep(TYPING).await;
    }
    took
}

async fn latest(reader: &Person, case: &str) -> i64 {
    reader.case(case).await["draft"]["version"].as_i64().unwrap_or(0)
}

/// Sends studies of heads, one association after the other, until `end`; gives how many objects were sent and taken.
fn sends_studies(scanner: Scanner, number: u32, end: Instant) -> (usize, usize) {
    let (mut sent, mut taken) = (0, 0);
    for round in 0.. {
        if Instant::now() >= end {
            break;
        }
        let study = Study::head_mr(1_000 * number + round);
        let (_, stored) = scanner.tries(&study);
        sent += study.instances.len();
        taken += stored;
    }
    (sent, taken)
}

/// A reader who holds on to what was there when the query began.
async fn holds_a_query(db: &DatabaseConnection, table: &str) -> DatabaseTransaction {
    let query = db.begin().await.unwrap();
    query.execute_unprepared(&format!("SELECT count(*) FROM {table}")).await.unwrap();
    query
}

#[tokio::test(flavor = "multi_thread")]
async fn r43_drafts_and_associations_at_once_meet_no_lock_and_no_long_wait() {
    let stack = Stack::embedded().await;
    let (rad1, rad2) = (stack.person("rad1").await, stack.person("rad2").await);
    let [study, more, last] = [1, 2, 3].map(Study::chest_ct);
    stack.scanner().sends(&study);
    let case = until("a case is offered", 120, || rad1.offered(&study.study_instance_uid)).await;
    for reader in [&rad1, &rad2] {
        reader.reads(&case).await;
    }
    // The worker has more to do and to report meanwhile.
    stack.scanner().sends(&more);
    stack.scanner().sends(&last);

    let began = Instant::now();
    let end = began + WORK;
    let scanners: Vec<_> = (1..=SCANNERS)
        .map(|number| {
            let scanner = stack.scanner();
            std::thread::spawn(move || sends_studies(scanner, number, end))
        })
        .collect();
    let tabs = [&rad1, &rad2].into_iter().flat_map(|reader| vec![reader; TABS]);
    let saving = futures::future::join_all(tabs.map(|reader| saves_drafts(reader, &case, end)));
    let holding = async {
        let review = database::connect(&stack.database_url(), "review").await.unwrap();
        let intake = database::connect(&stack.database_url(), "intake").await.unwrap();
        let held = (holds_a_query(&review, "draft").await, holds_a_query(&intake, "instance").await);
        tokio::time::sleep_until((began + WORK * 3 / 4).into()).await;
        held.0.rollback().await.unwrap();
        held.1.rollback().await.unwrap();
    };
    let (took, ()) = tokio::join!(saving, holding);
    let mut took: Vec<Duration> = took.into_iter().flatten().collect();
    took.sort();
    assert!(took.len() > 300, "only {} drafts were saved", took.len());
    let p99 = took[took.len() * 99 / 100];
    assert!(p99 < P99_MAX, "one save in a hundred took longer than {p99:?} (of {})", took.len());
    for scanner in scanners {
        let (sent, taken) = scanner.join().unwrap();
        assert!(sent > 0 && sent == taken, "{taken} of {sent} objects were taken");
    }
    until("the worker's results are cases", 120, || rad1.offered(&last.study_instance_uid)).await;
    let log = stack.programs[0].log();
    let locked: Vec<&str> = log.lines().filter(|line| line.contains("locked")).collect();
    assert_eq!(locked, Vec::<&str>::new());
}
