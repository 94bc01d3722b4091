//! The PostgreSQL roles that `infra/postgres-roles.sql` makes: each service works in its schema and is refused in
//! every other.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::path::Path;
use std::process::{Command, Output};

const POSTGRES_VARIABLE: &str = "COUNTERSIGN_TEST_POSTGRES";
const POSTGRES_DEFAULT: &str = "postgres://postgres@127.0.0.1:5432/test";

/// A database of the test's own, with roles whose names nobody else has.
struct Site {
    server: String,
    name: String,
}

impl Site {
    fn open() -> Self {
        let url = std::env::var(POSTGRES_VARIABLE).unwrap_or_else(|_| POSTGRES_DEFAULT.to_owned());
        let (server, _) = url.rsplit_once('/').unwrap();
        let name = format!("roles_{:016x}", rand::random::<u64>());
        let site = Self { server: server.to_owned(), name };
        site.succeeds(&url, &format!("CREATE DATABASE {}", site.name));
        site
    }

    fn as_superuser(&self) -> String {
        format!("{}/{}", self.server, self.name)
    }

    fn role(&self, service: &str) -> String {
        format!("{}_{service}", self.name)
    }

    /// The address by which a service connects.
    fn as_service(&self, service: &str) -> String {
        let (scheme, rest) = self.server.split_once("://").unwrap();
        let host = rest.rsplit('@').next().unwrap();
        format!("{scheme}://{}@{host}/{}", self.role(service), self.name)
    }

    fn runs_the_script(&self) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/postgres-roles.sql");
        let prefix = format!("prefix={}_", self.name);
        let done = psql(&self.as_superuser(), &["-v", &prefix, "-f", script.to_str().unwrap()]);
        assert!(done.status.success(), "{}", words(&done));
    }

    fn succeeds(&self, url: &str, statement: &str) {
        let done = psql(url, &["-c", statement]);
        assert!(done.status.success(), "{} {statement}: {}", self.name, words(&done));
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let url = std::env::var(POSTGRES_VARIABLE).unwrap_or_else(|_| POSTGRES_DEFAULT.to_owned());
        // When the test has failed already, what is left here is the smaller trouble.
        psql(&url, &["-c", &format!("DROP DATABASE {} WITH (FORCE)", self.name)]);
        for service in tests::stack::SERVICES {
            psql(&url, &["-c", &format!("DROP ROLE IF EXISTS {}", self.role(service))]);
        }
    }
}

fn psql(url: &str, arguments: &[&str]) -> Output {
    let mut psql = Command::new("psql");
    psql.args(["-v", "ON_ERROR_STOP=1", "-qAt", "-d", url]).args(arguments);
    psql.output().unwrap_or_else(|error| panic!("psql can't be run ({error}): infra/setup installs it"))
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&[&*output.stdout, &*output.stderr].concat()).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_works_in_its_schema_and_is_refused_in_every_other() {
    let site = Site::open();
    site.runs_the_script();
    site.runs_the_script();
    for service in tests::stack::SERVICES {
        let db = database::connect(&site.as_service(service), service).await.unwrap();
        database::migrate(&db, Vec::new()).await.unwrap();
        database::outbox::page(&db, 0, 1).await.unwrap();
        db.close().await.unwrap();
    }
    for service in tests::stack::SERVICES {
        let others = tests::stack::SERVICES.into_iter().filter(|other| *other != service);
        for schema in others.chain(["public"]) {
            for statement in [
                format!("SELECT count(*) FROM {schema}.outbox"),
                format!("DELETE FROM {schema}.outbox"),
                format!("CREATE TABLE {schema}.intruder (id int)"),
                format!("DROP TABLE {schema}.outbox"),
            ] {
                let refused = psql(&site.as_service(service), &["-c", &statement]);
                let told = words(&refused);
                assert!(!refused.status.success(), "{service} may {statement}");
                assert!(told.contains("permission denied for schema"), "{service} {statement}: {told}");
            }
        }
        let schema = psql(&site.as_service(service), &["-c", "CREATE SCHEMA intruder"]);
        assert!(words(&schema).contains("permission denied for database"), "{}", words(&schema));
    }
}
