//! Field report R43: many writers of one SQLite file. None is told "locked", and each gets its turn.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use contract::{Actor, CaseId, Event, EventId, Time};
use database::outbox::{self, NewEvent};
use database::scratch::{Scratch, on_sqlite};
use database::{DatabaseConnection, Error, migrate, transaction};
use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
use std::time::{Duration, Instant};

const WRITERS: u128 = 24;
/// Connections to the same file, as the services' pools and other processes have them.
const POOLS: usize = 3;
const WORK: Duration = Duration::from_secs(10);
/// The longest that one write in a hundred may take.
const P99_MAX: Duration = Duration::from_secs(2);

async fn write(db: &DatabaseConnection, number: u128) -> Result<(), Error> {
    let event = NewEvent {
        id: EventId::from_bits(number),
        occurred_at: Time::UNIX_EPOCH,
        actor: Actor::service("review"),
        subject: CaseId::from_bits(number).to_string(),
        causation: None,
        trace: None,
        event: Event::CaseRejected { case: CaseId::from_bits(number) },
    };
    transaction(db, |txn| {
        Box::pin(async move {
            // It reads before it writes: where others wrote in between, such a transaction meets the lock at once.
            txn.execute_unprepared("SELECT count(*) FROM outbox").await?;
            outbox::append(txn, event).await
        })
    })
    .await
}

/// Writes until `end`; gives how long each write took.
async fn writes(db: DatabaseConnection, writer: u128, end: Instant) -> Vec<Duration> {
    let mut took = Vec::new();
    for number in 0.. {
        if Instant::now() >= end {
            break;
        }
        let began = Instant::now();
        write(&db, writer << 64 | number).await.unwrap();
        took.push(began.elapsed());
    }
    took
}

async fn crowd(scratch: Scratch) {
    migrate(&scratch.db, Vec::new()).await.unwrap();
    let mut pools = vec![scratch.db.clone()];
    for _ in 1..POOLS {
        pools.push(scratch.connect_again().await);
    }
    let end = Instant::now() + WORK;
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let db = pools[writer as usize % POOLS].clone();
        writers.spawn(writes(db, writer, end));
    }
    // Somebody holds on to what was there at the beginning.
    let reader = pools[0].begin().await.unwrap();
    reader.execute_unprepared("SELECT count(*) FROM outbox").await.unwrap();
    let each = writers.join_all().await;
    reader.rollback().await.unwrap();

    let fewest = each.iter().map(Vec::len).min().unwrap();
    let mut took: Vec<Duration> = each.into_iter().flatten().collect();
    took.sort();
    let p99 = took[took.len() * 99 / 100];
    let longest = took[took.len() - 1];
    eprintln!("{} writes, p99 {p99:?}, longest {longest:?}, fewest of one writer {fewest}", took.len());
    assert!(p99 < P99_MAX && longest < 2 * P99_MAX, "p99 {p99:?}, longest {longest:?} of {}", took.len());
    assert!(fewest * WRITERS as usize * 2 > took.len(), "a writer had {fewest} turns of {}", took.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn r43_writers_of_one_sqlite_file_take_turns_and_none_meets_a_lock() {
    on_sqlite(crowd).await;
}
