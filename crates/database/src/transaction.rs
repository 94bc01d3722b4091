//! Transactions that may write.

use crate::turn::{Turn, turn};
use crate::{Error, outbox};
use futures::future::BoxFuture;
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait as _,
};

/// Runs `work` in a transaction: everything that it did is kept on `Ok`, nothing on `Err`.
///
/// On SQLite writers take turns and the write lock is taken at once, since a transaction that reads first and writes then is refused
/// without waiting as soon as anybody else has written. On PostgreSQL rows that two actors may change carry a
/// version (see [`Error::Conflict`]).
pub async fn transaction<T, E, F>(db: &DatabaseConnection, work: F) -> Result<T, E>
where
    F: for<'t> FnOnce(&'t DatabaseTransaction) -> BoxFuture<'t, Result<T, E>> + Send,
    T: Send,
    E: From<Error> + Send,
{
    let (outcome, appended) = outbox::watch_appends(run(db, work)).await;
    if appended && outcome.is_ok() {
        outbox::wake_relays();
    }
    outcome
}

async fn run<T, E, F>(db: &DatabaseConnection, work: F) -> Result<T, E>
where
    F: for<'t> FnOnce(&'t DatabaseTransaction) -> BoxFuture<'t, Result<T, E>> + Send,
    T: Send,
    E: From<Error> + Send,
{
    let (txn, _turn) = begin(db).await?;
    let value = match work(&txn).await {
        Ok(value) => value,
        Err(error) => {
            // The first error is what matters; a connection that can't roll back is closed by the pool.
            let _ = txn.rollback().await;
            return Err(error);
        }
    };
    txn.commit().await.map_err(Error::from)?;
    Ok(value)
}

/// Begins a transaction that may write; whoever comes next waits until the turn is dropped.
pub(crate) async fn begin(db: &DatabaseConnection) -> Result<(DatabaseTransaction, Turn), Error> {
    let turn = turn(db).await;
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    Ok((db.begin_with_options(options).await?, turn))
}
