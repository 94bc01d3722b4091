//! Databases for tests: made empty, removed afterwards, one test body on both kinds.

use crate::{DatabaseConnection, connect, dialect};
use std::sync::Arc;
use std::time::Duration;

/// Names the PostgreSQL that tests may make schemas in.
const POSTGRES_VARIABLE: &str = "COUNTERSIGN_TEST_POSTGRES";
const POSTGRES_DEFAULT: &str = "postgres://postgres@127.0.0.1:5432/test";
/// How often the removal of a schema is tried.
const DROPS_MAX: u32 = 20;
const DROP_PAUSE: Duration = Duration::from_millis(250);

/// An empty database.
#[derive(Clone)]
pub struct Scratch {
    /// A connection to it.
    pub db: DatabaseConnection,
    url: String,
    service: String,
    _folder: Option<Arc<tempfile::TempDir>>,
}

impl Scratch {
    /// A further connection, as another process would have it.
    pub async fn connect_again(&self) -> DatabaseConnection {
        connect(&self.url, &self.service).await.expect("the first connection worked as well")
    }
}

/// Runs `test` on a new SQLite file.
pub async fn on_sqlite<Fut>(test: impl FnOnce(Scratch) -> Fut)
where
    Fut: Future<Output = ()>,
{
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let (url, service) = (format!("sqlite:{}", folder.path().display()), "scratch".to_owned());
    let db = connect(&url, &service).await.expect("a new file");
    test(Scratch { db, url, service, _folder: Some(Arc::new(folder)) }).await;
}

/// Runs `test` in a new schema of the PostgreSQL at `COUNTERSIGN_TEST_POSTGRES`.
pub async fn on_postgres<Fut>(test: impl FnOnce(Scratch) -> Fut)
where
    Fut: Future<Output = ()> + Send + 'static,
{
    let url = std::env::var(POSTGRES_VARIABLE).unwrap_or_else(|_| POSTGRES_DEFAULT.to_owned());
    let service = format!("scratch_{:016x}", rand::random::<u64>());
    let db = connect(&url, &service).await.unwrap_or_else(|error| {
        panic!(
            "no PostgreSQL for tests ({error}): start one with `docker compose up postgres`, or name it in \
             {POSTGRES_VARIABLE}; the default is {POSTGRES_DEFAULT}"
        )
    });
    let scratch = Scratch { db: db.clone(), url, service: service.clone(), _folder: None };
    let outcome = tokio::spawn(test(scratch)).await;
    drop_schema(&db, &service).await;
    outcome.expect("the test passes on PostgreSQL");
}

/// Removes the schema. What the test left running still takes locks on its tables, and the drop may be the one that
/// PostgreSQL ends when both wait for each other: then it is tried again.
async fn drop_schema(db: &DatabaseConnection, service: &str) {
    for tries_left in (0..DROPS_MAX).rev() {
        match dialect::drop_schema(db, service).await.map_err(crate::Error::from) {
            Ok(()) => return,
            Err(error) if error.is_transient() && tries_left > 0 => tokio::time::sleep(DROP_PAUSE).await,
            Err(error) => panic!("the schema {service} of a test can't be removed: {error:?}"),
        }
    }
}

/// Makes two tests of each `async fn name(scratch: Scratch)`: `sqlite::name` and `postgres::name`.
#[macro_export]
macro_rules! on_both_databases {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                $crate::scratch::on_sqlite(super::$test).await;
            })*
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                $crate::scratch::on_postgres(super::$test).await;
            })*
        }
    };
}
