//! What SQLite and PostgreSQL say differently. No other file writes SQL as text.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement, TransactionTrait as _};

/// Marks of an error that another attempt may not meet: SQLite busy or locked; PostgreSQL serialisation failure,
/// deadlock, shutting down, starting up, too many connections; lost connections.
pub(crate) const TRANSIENT_CODES: [&str; 9] = [
    "database is locked",
    "database table is locked",
    "could not serialize access",
    "deadlock detected",
    "terminating connection",
    "the database system is",
    "too many clients",
    "Connection refused",
    "error communicating with database",
];

/// One advisory lock for everything that changes schemas of one PostgreSQL database.
const SCHEMA_LOCK: i64 = 0x0043_4f55_4e54_4552;

/// Makes the changes of a schema by several processes follow one another; released with the transaction.
pub(crate) async fn lock_schema(txn: &impl ConnectionTrait) -> Result<(), DbErr> {
    // On SQLite BEGIN IMMEDIATE has done it.
    if txn.get_database_backend() == DbBackend::Postgres {
        let lock = "SELECT pg_advisory_xact_lock($1)";
        txn.query_one_raw(Statement::from_sql_and_values(DbBackend::Postgres, lock, [SCHEMA_LOCK.into()]))
            .await?;
    }
    Ok(())
}

/// What the clock of the database's server shows; `None` where the database is a file on this machine.
pub(crate) async fn server_time(db: &DatabaseConnection) -> Result<Option<contract::Time>, DbErr> {
    if db.get_database_backend() != DbBackend::Postgres {
        return Ok(None);
    }
    let now = Statement::from_string(DbBackend::Postgres, "SELECT clock_timestamp()");
    let row = db.query_one_raw(now).await?;
    row.map(|row| row.try_get_by_index(0)).transpose()
}

/// Creates the schema of a service unless it exists.
pub(crate) async fn create_schema(db: &DatabaseConnection, schema: &str) -> Result<(), DbErr> {
    let exists = "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1";
    let exists = || Statement::from_sql_and_values(DbBackend::Postgres, exists, [schema.into()]);
    if db.query_one_raw(exists()).await?.is_some() {
        return Ok(());
    }
    let txn = db.begin().await?;
    lock_schema(&txn).await?;
    let quoted = schema.replace('"', "\"\"");
    txn.execute_unprepared(&format!("CREATE SCHEMA IF NOT EXISTS \"{quoted}\"")).await?;
    txn.commit().await
}

/// Removes the schema of a service with everything in it.
#[cfg(feature = "scratch")]
pub(crate) async fn drop_schema(db: &DatabaseConnection, schema: &str) -> Result<(), DbErr> {
    let quoted = schema.replace('"', "\"\"");
    db.execute_unprepared(&format!("DROP SCHEMA \"{quoted}\" CASCADE")).await?;
    Ok(())
}
