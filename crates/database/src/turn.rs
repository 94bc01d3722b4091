//! Writers of one SQLite file take turns.
//!
//! SQLite has one writer at a time, and gives the lock to whoever happens to look when it is free: of many that
//! wait, some wait for seconds and give up in the end. In a process they queue here instead, first come, first
//! served; its busy timeout is left for other processes, and for what is written without a transaction.

use parking_lot::Mutex;
use sea_orm::{DatabaseConnection, DbBackend};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Weak};
use tokio::sync::OwnedMutexGuard;

/// A queue for each file that is open, whatever the connections to it.
static QUEUES: LazyLock<Mutex<HashMap<PathBuf, Weak<tokio::sync::Mutex<()>>>>> =
    LazyLock::new(Mutex::default);

/// The right to write, until it is dropped; `None` where writers need no turns.
pub(crate) type Turn = Option<OwnedMutexGuard<()>>;

/// Waits for the turn to write.
pub(crate) async fn turn(db: &DatabaseConnection) -> Turn {
    if db.get_database_backend() != DbBackend::Sqlite {
        return None;
    }
    let file = db.get_sqlite_connection_pool().connect_options().get_filename().to_owned();
    let queue = queue(file);
    Some(queue.lock_owned().await)
}

fn queue(file: PathBuf) -> Arc<tokio::sync::Mutex<()>> {
    let mut queues = QUEUES.lock();
    if let Some(queue) = queues.get(&file).and_then(Weak::upgrade) {
        return queue;
    }
    queues.retain(|_, queue| queue.strong_count() > 0);
    let queue = Arc::default();
    queues.insert(file, Arc::downgrade(&queue));
    queue
}
