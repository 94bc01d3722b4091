//! The bus of a single process: durable queues in one SQLite file.
//!
//! What is handed out is remembered in memory only, so everything unanswered is free again after a restart; how
//! often a message was handed out stands in the file. Waiting subscribers are woken within the process, which is
//! why a second process must not open the same file.

mod entity;
mod schema;
mod settle;
mod store;

use async_trait::async_trait;
use bus::{Bus, Delivery, Error, Message, QueueSpec, Route, Subscription};
use parking_lot::Mutex;
use sea_orm::DatabaseConnection;
use settle::Loan;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// How long a subscriber sleeps at most when nobody wakes it.
const SLEEP_MAX: Duration = Duration::from_mins(1);

/// Opens the bus in `file` (`<data>/bus.sqlite`), which is made when it isn't there.
pub async fn bus(file: &Path) -> Result<Arc<dyn Bus>, crate::Error> {
    let db = crate::connect::sqlite(file, "bus").await?;
    crate::migrate::apply(&db, schema::migrations()).await?;
    Ok(Arc::new(Embedded(Arc::new(Shared {
        db,
        bells: Mutex::default(),
        lent: Mutex::default(),
        taking: tokio::sync::Mutex::new(()),
    }))))
}

struct Embedded(Arc<Shared>);

struct Shared {
    db: DatabaseConnection,
    /// One bell per queue.
    bells: Mutex<HashMap<String, Arc<Notify>>>,
    /// Messages that are handed out and unanswered.
    lent: Mutex<HashSet<i64>>,
    /// Only one subscriber chooses a message at a time.
    taking: tokio::sync::Mutex<()>,
}

impl Shared {
    fn bell(&self, queue: &str) -> Arc<Notify> {
        self.bells.lock().entry(queue.to_owned()).or_default().clone()
    }

    fn ring(&self, queue: &str) {
        self.bell(queue).notify_waiters();
    }
}

#[async_trait]
impl Bus for Embedded {
    async fn declare(&self, queue: &QueueSpec) -> Result<(), Error> {
        store::queue_declare(&self.0.db, queue)
            .await
            .map_err(|error| Error::unavailable("declare a queue", error))
    }

    async fn publish(&self, message: &Message) -> Result<(), Error> {
        let queues = store::message_insert(&self.0.db, message)
            .await
            .map_err(|error| Error::unavailable("keep a message", error))?;
        if let (Route::Queue(queue), []) = (&message.route, &*queues) {
            return Err(Error::Unroutable { queue: queue.clone() });
        }
        for queue in queues {
            self.0.ring(&queue);
        }
        Ok(())
    }

    async fn subscribe(&self, queue: &str, prefetch: u16) -> Result<Box<dyn Subscription>, Error> {
        let spec = store::queue_load(&self.0.db, queue)
            .await
            .map_err(|error| Error::unavailable("open a queue", error))?
            .ok_or_else(|| Error::UnknownQueue { queue: queue.to_owned() })?;
        Ok(Box::new(Subscriber {
            shared: self.0.clone(),
            bell: self.0.bell(queue),
            queue: spec,
            permits: Arc::new(Semaphore::new(usize::from(prefetch.max(1)))),
        }))
    }
}

struct Subscriber {
    shared: Arc<Shared>,
    bell: Arc<Notify>,
    queue: entity::queue::Model,
    permits: Arc<Semaphore>,
}

#[async_trait]
impl Subscription for Subscriber {
    async fn next(&mut self) -> Result<Delivery, Error> {
        let permit = self.permits.clone().acquire_owned().await.expect("the semaphore is never closed");
        let mut permit = Some(permit);
        loop {
            // Listen before looking, so that what is published meanwhile is not slept over.
            let mut bell = pin!(self.bell.notified());
            bell.as_mut().enable();
            let taken =
                self.take(&mut permit).await.map_err(|error| Error::unavailable("take a message", error))?;
            match taken {
                Taken::Message(delivery) => return Ok(*delivery),
                Taken::NoneUntil(wait) => {
                    tokio::select! {
                        () = bell => {}
                        () = tokio::time::sleep(wait) => {}
                    }
                }
            }
        }
    }
}

enum Taken {
    Message(Box<Delivery>),
    NoneUntil(Duration),
}

impl Subscriber {
    async fn take(&self, permit: &mut Option<OwnedSemaphorePermit>) -> Result<Taken, sea_orm::DbErr> {
        let _guard = self.shared.taking.lock().await;
        loop {
            let lent: Vec<i64> = self.shared.lent.lock().iter().copied().collect();
            let now_ms = crate::now().timestamp_millis();
            let Some(row) = store::message_next(&self.shared.db, &self.queue.name, &lent, now_ms).await?
            else {
                let due = store::message_next_due_ms(&self.shared.db, &self.queue.name, &lent).await?;
                let wait = due.map_or(SLEEP_MAX, |due_ms| {
                    Duration::from_millis(u64::try_from(due_ms - now_ms).unwrap_or(1).max(1))
                });
                return Ok(Taken::NoneUntil(wait.min(SLEEP_MAX)));
            };
            if self.queue.delivery_limit.is_some_and(|limit| row.deliveries >= limit) {
                let dead =
                    store::message_park(&self.shared.db, row.id, "handed out too often without an answer");
                self.shared.ring(&dead.await?);
                continue;
            }
            store::message_count_delivery(&self.shared.db, row.id).await?;
            self.shared.lent.lock().insert(row.id);
            let loan = Loan {
                shared: self.shared.clone(),
                id: row.id,
                queue: self.queue.name.clone(),
                _permit: permit.take().expect("a subscriber takes one message per permit"),
            };
            return Ok(Taken::Message(Box::new(loan.into_delivery(row))));
        }
    }
}
