//! Transactions, outbox, inbox and consumers, on both databases.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use bus::{Bus, QueueSpec};
use contract::{Actor, CaseId, Envelope, Event, EventId, Time};
use database::consume::{Class, Failure, Handler};
use database::outbox::{self, NewEvent};
use database::repair::{Pages, Repair, Source};
use database::scratch::Scratch;
use database::{DatabaseConnection, Error, inbox, migrate, on_both_databases, transaction};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

on_both_databases! {
    concurrent_facts_are_numbered_without_gaps_and_told_in_order,
    a_fact_that_was_rolled_back_is_never_told,
    a_relay_that_dies_before_publishing_loses_nothing,
    a_relay_that_dies_before_marking_tells_twice_and_the_inbox_drops_it,
    a_second_relay_takes_over_and_never_counts_twice,
    an_event_is_new_to_each_consumer_once,
    processes_may_migrate_at_the_same_time,
    concurrent_changes_of_a_row_are_not_lost,
    a_consumer_repeats_parks_or_acknowledges_by_class,
    what_the_bus_lost_is_fetched_from_its_source_once,
    names_leave_what_was_published_and_everything_else_stays,
}

fn event(number: u128) -> NewEvent {
    NewEvent {
        id: EventId::from_bits(number),
        occurred_at: Time::from_timestamp_micros(1_764_000_000_000_001).unwrap(),
        actor: Actor::service("review"),
        subject: CaseId::from_bits(number).to_string(),
        causation: None,
        trace: None,
        event: Event::CaseRejected { case: CaseId::from_bits(number) },
    }
}

async fn append(db: &DatabaseConnection, number: u128) -> Result<(), Error> {
    transaction(db, |txn| Box::pin(outbox::append(txn, event(number)))).await
}

/// A bus with a queue that takes everything.
struct Listener {
    bus: Arc<dyn Bus>,
    queue: Box<dyn bus::Subscription>,
    _folder: tempfile::TempDir,
}

impl Listener {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bus = database::embedded::bus(&folder.path().join("bus.sqlite")).await.unwrap();
        bus.declare(&QueueSpec::new("all", &["#"])).await.unwrap();
        let queue = bus.subscribe("all", 1).await.unwrap();
        Self { bus, queue, _folder: folder }
    }

    async fn next(&mut self) -> Envelope {
        let delivery = tokio::time::timeout(Duration::from_secs(20), self.queue.next()).await;
        let delivery = delivery.expect("an event arrives in time").unwrap();
        let envelope = serde_json::from_slice(&delivery.message.body).unwrap();
        delivery.ack().await;
        envelope
    }

    async fn take(&mut self, count: usize) -> Vec<Envelope> {
        let mut taken = Vec::new();
        while taken.len() < count {
            taken.push(self.next().await);
        }
        taken
    }
}

/// A running relay; it stops, in order, when told to.
struct Relay {
    stop: oneshot::Sender<()>,
    task: tokio::task::JoinHandle<()>,
}

impl Relay {
    fn start(db: &DatabaseConnection, bus: &Arc<dyn Bus>) -> Self {
        let (stop, stopped) = oneshot::channel();
        let work = outbox::relay(db.clone(), "review", bus.clone(), async {
            let _ = stopped.await;
        });
        Self { stop, task: tokio::spawn(work) }
    }

    async fn stop(self) {
        let _ = self.stop.send(());
        self.task.await.unwrap();
    }
}

fn seqs(envelopes: &[Envelope]) -> Vec<i64> {
    envelopes.iter().map(|envelope| envelope.seq).collect()
}

async fn names_leave_what_was_published_and_everything_else_stays(scratch: Scratch) {
    migrate(&scratch.db, Vec::new()).await.unwrap();
    let mut listener = Listener::new().await;
    let actor = Actor::Person {
        user: contract::UserId::from_bits(7),
        username: "yamada".to_owned(),
        printed_name: "Dr. Yamada".to_owned(),
        roles: vec![contract::Role::Radiologist],
        login: contract::LoginSessionId::from_bits(8),
    };
    let named = NewEvent { actor, ..event(1) };
    transaction(&scratch.db, |txn| Box::pin(outbox::append(txn, named))).await.unwrap();
    append(&scratch.db, 2).await.unwrap();
    let relay = Relay::start(&scratch.db, &listener.bus);
    let told = listener.take(2).await;
    relay.stop().await;
    let long_ago = Time::from_timestamp_micros(1_764_000_000_000_001).unwrap();
    assert_eq!(outbox::forget_names(&scratch.db, 0, long_ago).await.unwrap(), None);
    assert_eq!(outbox::page(&scratch.db, 0, 10).await.unwrap(), told);
    let later = Time::from_timestamp_micros(4_000_000_000_000_000).unwrap();
    let last = outbox::forget_names(&scratch.db, 0, later).await.unwrap().unwrap();
    assert_eq!(outbox::forget_names(&scratch.db, last, later).await.unwrap(), None);
    let kept = outbox::page(&scratch.db, 0, 10).await.unwrap();
    let Actor::Person { user, username, printed_name, .. } = &kept[0].actor else { panic!("{kept:?}") };
    assert_eq!(
        (user.as_str(), username.as_str(), printed_name.as_str()),
        (contract::UserId::from_bits(7).as_str(), "", "")
    );
    assert_eq!((kept[0].seq, &kept[0].event, &kept[1]), (1, &told[0].event, &told[1]));
}

async fn concurrent_facts_are_numbered_without_gaps_and_told_in_order(scratch: Scratch) {
    migrate(&scratch.db, Vec::new()).await.unwrap();
    let mut listener = Listener::new().await;
    let relay = Relay::start(&scratch.db, &listener.bus);
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..4_u128 {
        let db = scratch.db.clone();
        writers.spawn(async move {
            for number in 0..10 {
                append(&db, writer * 100 + number).await.unwrap();
            }
        });
    }
    let told = listener.take(40).await;
    writers.join_all().await;
    relay.stop().await;

    assert_eq!(seqs(&told), (1..=40).collect::<Vec<_>>());
    let kept = outbox::page(&scratch.db, 0, 100).await.unwrap();
    assert_eq!(told, kept, "the rows stay, and say what was told");
    let tail = outbox::page(&scratch.db, 38, 100).await.unwrap();
    assert_eq!(seqs(&tail), [39, 40]);
    let first = &told[0];
    assert_eq!((&*first.service, first.version), ("review", 1));
    assert_eq!(first.occurred_at, event(0).occurred_at, "times keep their microseconds");
}

async fn a_fact_that_was_rolled_back_is_never_told(scratch: Scratch) {
    migrate(&scratch.db, Vec::new()).await.unwrap();
    let mut listener = Listener::new().await;
    let undone = transaction(&scratch.db, |txn| {
        Box::pin(async move {
            outbox::append(txn, event(1)).await?;
            Err::<(), Error>(Error::Conflict { what: "the case" })
        })
    });
    assert!(matches!(undone.await, Err(Error::Conflict { .. })));
    append(&scratch.db, 2).await.unwrap();

    let relay = Relay::start(&scratch.db, &listener.bus);
    let told = listener.next().await;
    relay.stop().await;
    assert_eq!((told.id, told.seq), (EventId::from_bits(2), 1));
}

/// Lets a relay die at `failpoint`, then starts another as a restarted process would.
async fn crash_and_restart(scratch: &Scratch, listener: &mut Listener, failpoint: &str) -> Vec<Envelope> {
    migrate(&scratch.db, Vec::new()).await.unwrap();
    for number in 1..=3 {
        append(&scratch.db, number).await.unwrap();
    }
    fail::cfg(failpoint, "1*off->1*panic(the process dies)").unwrap();
    let dying = Relay::start(&scratch.db, &listener.bus);
    assert!(dying.task.await.unwrap_err().is_panic());
    fail::remove(failpoint);

    let relay = Relay::start(&scratch.connect_again().await, &listener.bus);
    let mut told = Vec::new();
    while told.last().is_none_or(|last: &Envelope| last.seq < 3) {
        told.push(listener.next().await);
    }
    relay.stop().await;
    told
}

async fn a_relay_that_dies_before_publishing_loses_nothing(scratch: Scratch) {
    let mut listener = Listener::new().await;
    let told = crash_and_restart(&scratch, &mut listener, "outbox.before_publish").await;
    // The first was published before the crash but not marked; the second died before it was published.
    assert_eq!(seqs(&told), [1, 1, 2, 3]);
}

async fn a_relay_that_dies_before_marking_tells_twice_and_the_inbox_drops_it(scratch: Scratch) {
    let mut listener = Listener::new().await;
    let told = crash_and_restart(&scratch, &mut listener, "outbox.after_publish").await;
    assert_eq!(seqs(&told), [1, 2, 1, 2, 3]);

    let mut effects = Vec::new();
    for envelope in told {
        let id = envelope.id.clone();
        let new = transaction(&scratch.db, |txn| {
            Box::pin(async move { inbox::first_time(txn, "delivery", &id).await })
        });
        if new.await.unwrap() {
            effects.push(envelope.seq);
        }
    }
    assert_eq!(effects, [1, 2, 3]);
}

async fn a_second_relay_takes_over_and_never_counts_twice(scratch: Scratch) {
    migrate(&scratch.db, Vec::new()).await.unwrap();
    let mut listener = Listener::new().await;
    let one = Relay::start(&scratch.db, &listener.bus);
    let two = Relay::start(&scratch.connect_again().await, &listener.bus);
    for number in 1..=10 {
        append(&scratch.db, number).await.unwrap();
    }
    let before = listener.take(10).await;
    one.stop().await;
    append(&scratch.db, 11).await.unwrap();
    let after = listener.next().await;
    two.stop().await;
    assert_eq!(seqs(&before), (1..=10).collect::<Vec<_>>());
    assert_eq!(after.seq, 11);
}

async fn an_event_is_new_to_each_consumer_once(scratch: Scratch) {
    migrate(&scratch.db, Vec::new()).await.unwrap();
    let id = EventId::from_bits(1);
    assert!(inbox::first_time(&scratch.db, "delivery", &id).await.unwrap());
    assert!(!inbox::first_time(&scratch.db, "delivery", &id).await.unwrap());
    assert!(inbox::first_time(&scratch.db, "audit", &id).await.unwrap());

    let undone = transaction(&scratch.db, |txn| {
        Box::pin(async move {
            assert!(inbox::first_time(txn, "rollout", &EventId::from_bits(1)).await?);
            Err::<(), Error>(Error::Conflict { what: "the effect" })
        })
    });
    undone.await.unwrap_err();
    assert!(inbox::first_time(&scratch.db, "rollout", &id).await.unwrap(), "no effect, no memory of it");
}

async fn processes_may_migrate_at_the_same_time(scratch: Scratch) {
    let mut processes = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let scratch = scratch.clone();
        processes.spawn(async move { migrate(&scratch.connect_again().await, Vec::new()).await });
    }
    for outcome in processes.join_all().await {
        outcome.unwrap();
    }
    append(&scratch.db, 1).await.unwrap();
}

/// Everybody tries to move the one row of the relay's lease from the state that they have read.
async fn concurrent_changes_of_a_row_are_not_lost(scratch: Scratch) {
    use sea_orm_migration::sea_orm::{ConnectionTrait as _, sea_query};
    migrate(&scratch.db, Vec::new()).await.unwrap();
    let count = |db: DatabaseConnection| async move {
        let read = sea_query::Query::select().column("last_seq").from("outbox_relay").take();
        db.query_one(&read).await.unwrap().unwrap().try_get::<i64>("", "last_seq").unwrap()
    };
    let add_one = |db: DatabaseConnection| async move {
        transaction(&db, |txn| {
            Box::pin(async move {
                let read = sea_query::Query::select().column("last_seq").from("outbox_relay").take();
                let row = txn.query_one(&read).await?.expect("the row of the lease");
                let seen: i64 = row.try_get("", "last_seq")?;
                let write = sea_query::Query::update()
                    .table("outbox_relay")
                    .value("last_seq", seen + 1)
                    .and_where(sea_query::ExprTrait::eq(sea_query::Expr::col("last_seq"), seen))
                    .take();
                match txn.execute(&write).await?.rows_affected() {
                    0 => Err(Error::Conflict { what: "the counter" }),
                    _ => Ok(()),
                }
            })
        })
        .await
    };
    let conflicts = Arc::new(AtomicU32::new(0));
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (db, conflicts) = (scratch.db.clone(), conflicts.clone());
        writers.spawn(async move {
            for _ in 0..5 {
                while let Err(error) = add_one(db.clone()).await {
                    assert!(error.is_transient(), "{error}");
                    conflicts.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
    }
    writers.join_all().await;
    assert_eq!(count(scratch.db.clone()).await, 40, "with {conflicts:?} conflicts on the way");
}

/// Answers by the case's number and tells what it saw.
struct Answering {
    seen: mpsc::UnboundedSender<u128>,
}

#[async_trait::async_trait]
impl Handler for Answering {
    async fn handle(&self, envelope: &Envelope) -> Result<(), Failure> {
        let number = (0..10).find(|&number| envelope.id == EventId::from_bits(number)).unwrap();
        let first = {
            self.seen.send(number).unwrap();
            number
        };
        match first {
            1 => Err(Failure::new(Class::Refuse, "the case has ended")),
            2 => Err(Failure::new(Class::Park, "nobody knows this case")),
            3 => panic!("a broken invariant"),
            4 => Err(Failure::new(Class::Retry, "the database is away")),
            _ => Ok(()),
        }
    }

    fn continue_trace(&self, _: &tracing::Span, _: Option<&str>) {}
}

async fn a_consumer_repeats_parks_or_acknowledges_by_class(scratch: Scratch) {
    migrate(&scratch.db, Vec::new()).await.unwrap();
    let listener = Listener::new().await;
    let (seen, mut saw) = mpsc::unbounded_channel();
    let (stop, stopped) = oneshot::channel::<()>();
    let bus = listener.bus.clone();
    let consumer = tokio::spawn(async move {
        let handler = Arc::new(Answering { seen });
        database::consume::run(bus, "delivery", &["case.rejected"], handler, async {
            let _ = stopped.await;
        })
        .await;
    });
    // The queue exists as soon as it can be listened to.
    let dead = async {
        loop {
            match listener.bus.subscribe("delivery.events.dead", 4).await {
                Ok(queue) => break queue,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    };
    let mut dead = dead.await;
    for number in 0..=4 {
        append(&scratch.db, number).await.unwrap();
    }
    let relay = Relay::start(&scratch.db, &listener.bus);

    let mut order = Vec::new();
    while order.iter().filter(|&&number| number == 4).count() < 2 {
        let next = tokio::time::timeout(Duration::from_secs(20), saw.recv()).await;
        order.push(next.expect("the handler is called in time").unwrap());
    }
    assert_eq!(order, [0, 1, 2, 3, 4, 4], "one bad event does not stop the others");
    for reason in ["nobody knows this case", "the handler panicked"] {
        let parked = dead.next().await.unwrap();
        assert_eq!(parked.message.headers[bus::PARK_REASON_HEADER], reason);
        parked.ack().await;
    }
    stop.send(()).unwrap();
    consumer.await.unwrap();
    relay.stop().await;
}

/// Counts an effect for each event, in the transaction of the inbox; the first call for event 2 fails.
struct Counting {
    db: DatabaseConnection,
    seen: mpsc::UnboundedSender<i64>,
    failed: AtomicU32,
}

#[async_trait::async_trait]
impl Handler for Counting {
    async fn handle(&self, envelope: &Envelope) -> Result<(), Failure> {
        if envelope.seq == 2 && self.failed.fetch_add(1, Ordering::Relaxed) == 0 {
            return Err(Failure::new(Class::Retry, "review is away"));
        }
        let id = envelope.id.clone();
        let new = transaction(&self.db, |txn| {
            Box::pin(async move { inbox::first_time(txn, "delivery", &id).await })
        });
        if new.await.map_err(|error| Failure::new(Class::Retry, error))? {
            self.seen.send(envelope.seq).map_err(|error| Failure::new(Class::Park, error))?;
        }
        Ok(())
    }

    fn continue_trace(&self, _: &tracing::Span, _: Option<&str>) {}
}

/// The outbox of the service in the same database.
struct OwnOutbox(DatabaseConnection);

#[async_trait::async_trait]
impl Pages for OwnOutbox {
    async fn page(&self, after_seq: i64) -> Result<Vec<Envelope>, contract::ClientError> {
        Ok(outbox::page(&self.0, after_seq, 2).await.unwrap())
    }
}

async fn what_the_bus_lost_is_fetched_from_its_source_once(scratch: Scratch) {
    migrate(&scratch.db, Vec::new()).await.unwrap();
    let mut listener = Listener::new().await;
    for number in 1..=5 {
        append(&scratch.db, number).await.unwrap();
    }
    let relay = Relay::start(&scratch.db, &listener.bus);
    listener.take(5).await;
    relay.stop().await;
    // One of them did come over the bus.
    assert!(inbox::first_time(&scratch.db, "delivery", &EventId::from_bits(3)).await.unwrap());

    let (seen, mut saw) = mpsc::unbounded_channel();
    let handler = Arc::new(Counting { db: scratch.db.clone(), seen, failed: AtomicU32::new(0) });
    let repair = || Repair {
        db: scratch.db.clone(),
        bus: listener.bus.clone(),
        service: "delivery",
        kinds: &["case.*"],
        sources: vec![Source { service: "review", pages: Arc::new(OwnOutbox(scratch.db.clone())) }],
    };
    let mut fetched = Vec::new();
    for wanted in [1, 3] {
        let stop = async {
            for _ in 0..wanted {
                fetched.push(saw.recv().await.unwrap());
            }
        };
        tokio::time::timeout(Duration::from_secs(20), database::repair::run(repair(), handler.clone(), stop))
            .await
            .expect("the events are fetched in time");
    }
    assert_eq!(fetched, [1, 2, 4, 5], "in order, without the one that was known");
}

#[tokio::test]
async fn an_address_that_is_no_database_is_told_without_its_password() {
    let error = database::connect("mysql://root:secret@host/db", "review").await.unwrap_err();
    assert!(matches!(&error, Error::Address { scheme, .. } if scheme == "mysql"));
    assert!(!format!("{error:?}").contains("secret"));
}

#[tokio::test]
async fn a_folder_that_cant_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("in the way");
    std::fs::write(&file, b"").unwrap();
    let url = format!("sqlite:{}", Path::new(&file).join("below").display());
    let error = database::connect(&url, "review").await.unwrap_err();
    assert!(matches!(&error, Error::Folder { folder, .. } if folder.contains("in the way")));
}
