//! From a URL and the name of a service to a connection.

use crate::{Error, dialect};
use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Connections that one service holds at most.
const CONNECTIONS_MAX: u32 = 8;
/// How long a request waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a write waits for another writer of the same SQLite file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long PostgreSQL works on one statement.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(30);

/// Opens the database of `service`: `sqlite:/folder` is the file `<folder>/<service>.sqlite`, `postgres://…` the
/// schema `<service>`, which is created when the role may.
pub async fn connect(url: &str, service: &str) -> Result<DatabaseConnection, Error> {
    let scheme = url.split(':').next().unwrap_or_default();
    match scheme {
        "sqlite" => {
            let folder = Path::new(url["sqlite:".len()..].trim_start_matches("//"));
            sqlite(&folder.join(format!("{service}.sqlite")), service).await
        }
        "postgres" | "postgresql" => postgres(url, service).await,
        _ => Err(Error::Address {
            scheme: scheme.to_owned(),
            problem: "it starts with neither 'sqlite:' nor 'postgres:'".to_owned(),
        }),
    }
}

/// What the clock of the database's server shows; `None` where the database is a file on this machine.
pub async fn server_time(db: &DatabaseConnection) -> Result<Option<contract::Time>, Error> {
    Ok(dialect::server_time(db).await?)
}

/// Opens one SQLite file, made to keep what it has acknowledged through a power cut.
pub(crate) async fn sqlite(file: &Path, service: &str) -> Result<DatabaseConnection, Error> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)
            .map_err(|source| Error::Folder { folder: folder.display().to_string(), source })?;
    }
    let file: PathBuf = file.to_owned();
    // The file is named below: a path in a URL would have to be escaped.
    let mut options = options("sqlite:file");
    options.map_sqlx_sqlite_opts(move |sqlite: SqliteConnectOptions| {
        sqlite
            .filename(&file)
            .create_if_missing(true)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .pragma("journal_mode", "WAL")
            .pragma("synchronous", "FULL")
            // What is erased from a row is overwritten in its page.
            .pragma("secure_delete", "FAST")
    });
    open(options, service).await
}

async fn postgres(url: &str, service: &str) -> Result<DatabaseConnection, Error> {
    let mut first = options(url);
    first.max_connections(1);
    let setup = open(first, service).await?;
    let created = dialect::create_schema(&setup, service).await;
    let closed = setup.close().await;
    created.and(closed).map_err(|source| Error::Connect { service: service.to_owned(), source })?;

    let mut options = options(url);
    options
        .set_schema_search_path(service)
        .set_application_name(format!("countersign-{service}"))
        .statement_timeout(STATEMENT_TIMEOUT);
    open(options, service).await
}

fn options(url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.max_connections(CONNECTIONS_MAX).acquire_timeout(ACQUIRE_TIMEOUT).sqlx_logging(false);
    options
}

async fn open(options: ConnectOptions, service: &str) -> Result<DatabaseConnection, Error> {
    Database::connect(options).await.map_err(|source| Error::Connect { service: service.to_owned(), source })
}
