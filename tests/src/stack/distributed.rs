//! Every service and a worker as a process of its own, on a database, a virtual host and a prefix of this test's own.

use super::{SERVICES, Stack, free_port};
use crate::Pacs;
use crate::pacs::AE_TITLE;
use crate::program::{Call, Program, repository};
use crate::wait::until;
use crate::wire::Wire;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const POSTGRES_VARIABLE: &str = "COUNTERSIGN_TEST_POSTGRES";
const POSTGRES_DEFAULT: &str = "postgres://postgres@127.0.0.1:5432/test";
const AMQP_VARIABLE: &str = "COUNTERSIGN_TEST_AMQP";
const AMQP_DEFAULT: &str = "amqp://guest:guest@127.0.0.1:5672";
const NODE_VARIABLE: &str = "COUNTERSIGN_TEST_RABBITMQ_NODE";
const S3_VARIABLE: &str = "COUNTERSIGN_TEST_S3";
pub(super) const PASSWORD: &str = "correct horse battery staple";
const ACCOUNTS: [(&str, &str, &[&str]); 8] = [
    ("rad1", "Demo Radiologist One", &["radiologist"]),
    ("rad2", "Demo Radiologist Two", &["radiologist"]),
    ("rad3", "Demo Radiologist Three", &["radiologist", "adjudicator"]),
    ("quality", "Demo Quality", &["quality"]),
    ("quality2", "Demo Quality Two", &["quality"]),
    ("admin", "Demo Administrator", &["administrator"]),
    ("owner", "Demo Clinical Owner", &["clinical-owner"]),
    ("physicist", "Demo Physicist", &["physicist"]),
];

/// What a distributed stack stands on, removed with it.
pub(super) struct Surroundings {
    /// Between the processes and RabbitMQ; hears every message.
    pub(super) broker: Wire,
    /// The configuration of all processes.
    pub(super) config: PathBuf,
    name: String,
    ports: BTreeMap<&'static str, u16>,
    s3: String,
}

impl Stack {
    /// Starts every service and a worker as processes of their own.
    pub async fn distributed() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let pacs = Pacs::open(folder.path()).await;
        let surroundings = Surroundings::prepare(folder.path(), &pacs).await;
        surroundings.fill();
        let config = surroundings.config.to_str().unwrap();
        let mut programs = Vec::new();
        for name in SERVICES.into_iter().chain(["worker"]) {
            let arguments: &[&str] = if name == "worker" { &["worker"] } else { &["serve", name] };
            let call = Call::new(name, &[arguments, &["--config", config]].concat());
            programs.push(Program::start(call, folder.path()));
        }
        let base = format!("http://127.0.0.1:{}", surroundings.ports["gateway"]);
        let accounts = ACCOUNTS.iter().map(|(name, ..)| ((*name).to_owned(), PASSWORD.to_owned())).collect();
        let dicom_port = surroundings.ports["dicom"];
        let surroundings = Some(surroundings);
        let stack = Self { programs, pacs, base, dicom_port, accounts, surroundings, folder };
        stack.is_ready().await;
        stack
    }
}

impl Surroundings {
    async fn prepare(folder: &Path, pacs: &Pacs) -> Self {
        let name = format!("countersign_test_{:016x}", rand::random::<u64>());
        let amqp = variable(AMQP_VARIABLE, AMQP_DEFAULT);
        let broker = amqp.rsplit('@').next().unwrap().split('/').next().unwrap();
        let broker = Wire::listening(broker).await;
        let ports = SERVICES.into_iter().chain(["dicom"]).map(|name| (name, free_port())).collect();
        let s3 = std::env::var(S3_VARIABLE).unwrap_or_else(|_| {
            panic!(
                "{S3_VARIABLE} names no S3 interface: `eval \"$(infra/test-services start DIR)\"` gives one"
            )
        });
        let config = folder.join("countersign.toml");
        let surroundings = Self { broker, config, name, ports, s3 };
        let name = &surroundings.name;
        let url = variable(POSTGRES_VARIABLE, POSTGRES_DEFAULT);
        let made = run("createdb", &["--maintenance-db", &url, name]);
        made.unwrap_or_else(|why| panic!("no database: {why}"));
        let made = rabbitmq(&format!(
            "rabbit_vhost:add(<<\"{name}\">>, <<\"tests\">>), \
             rabbit_auth_backend_internal:set_permissions(<<\"guest\">>, <<\"{name}\">>, \
             <<\".*\">>, <<\".*\">>, <<\".*\">>, <<\"tests\">>)."
        ));
        made.unwrap_or_else(|why| panic!("no virtual host: {why}"));
        std::fs::write(&surroundings.config, surroundings.toml(folder, pacs, &amqp)).unwrap();
        surroundings
    }

    fn toml(&self, folder: &Path, pacs: &Pacs, amqp: &str) -> String {
        let Self { name, ports, s3, .. } = self;
        let user = amqp.rsplit_once('@').map_or("amqp://guest:guest", |(user, _)| user);
        let models = repository().join("models");
        let (models, folder) = (models.display(), folder.display());
        let (broker, pacs) = (self.broker.port, pacs.wire.port);
        let (gateway, dicom) = (ports["gateway"], ports["dicom"]);
        let database = self.database_url();
        let bounds = "days_min = 0\nlocal_ended_min = 1\naccepted_share_min = 0.0\ndiscordant_share_max = 1.0\n\
                      critical_findings_max = 0\nreaders_min = 2\ncovered_share_min = 0.0\n\
                      subgroup_gap_max = 1.0\nwitness_hours_max = 0";
        let mut toml = format!(
            "data = '{folder}/data'\n\
             [http]\nbind = '127.0.0.1:{gateway}'\n\
             [storage]\ndatabase = '{database}'\nbus = '{user}@127.0.0.1:{broker}/{name}'\n\
             dicom = '{s3}&prefix={name}/dicom'\nvolumes = '{s3}&prefix={name}/volumes'\nkeys = '{folder}/keys'\n\
             [telemetry]\nlog = 'info'\n\
             [intake]\nbind = '127.0.0.1:{dicom}'\nquiet_seconds = 2\n\
             [rollout]\nmodels_dir = '{models}'\n\
             [rollout.policy]\nversion = 'small counts for a test'\n\
             [rollout.policy.pilot]\nended_min = 1\n{bounds}\n\
             [rollout.policy.supervised]\nended_min = 2\n{bounds}\n\
             [rollout.policy.general]\nended_min = 3\n{bounds}\n\
             [generation]\nlease_seconds = 6\npause_seconds = 1\n\
             [worker]\nmodels_dir = '{models}'\n\
             [review]\nrecheck_held_seconds = 1\n[review.policy]\nfinalisation_minutes = 0\n\
             require_credentials = false\ndecoy_per_mille = 0\nevaluation_per_mille = 1000\n\
             [delivery]\norganization = 'Test site'\nretry_seconds_min = 1\nrecheck_held_seconds = 1\n\
             [[delivery.destinations]]\nae_title = '{AE_TITLE}'\nhost = '127.0.0.1'\nport = {pacs}\n\
             kind = 'clinical'\n\
             [audit]\nkeys_dir = '{folder}/keys'\nexport_dir = '{folder}/ledger'\ncheckpoint_interval_s = 1\n"
        );
        for service in SERVICES {
            let port = ports[service];
            write!(
                toml,
                "[services.{service}]\nbind = '127.0.0.1:{port}'\nurl = 'http://127.0.0.1:{port}'\n"
            )
            .unwrap();
        }
        toml
    }

    /// Where every service answers.
    pub(super) fn bases(&self) -> Vec<String> {
        SERVICES.iter().map(|service| format!("http://127.0.0.1:{}", self.ports[service])).collect()
    }

    pub(super) fn database_url(&self) -> String {
        let url = variable(POSTGRES_VARIABLE, POSTGRES_DEFAULT);
        let (server, _) = url.rsplit_once('/').expect("a URL with a database");
        format!("{server}/{}", self.name)
    }

    /// Adds accounts and deployments, as an operator does at the command line.
    fn fill(&self) {
        let config = self.config.to_str().unwrap();
        for (username, printed_name, roles) in ACCOUNTS {
            let mut arguments =
                vec!["user", "add", username, "--printed-name", printed_name, "--config", config];
            arguments.extend(roles.iter().flat_map(|role| ["--role", role]));
            add(&arguments);
        }
        let banner = "stage set by a test, no evidence";
        for (name, body_part, stage) in [
            ("Low-dose CT of the chest", "CHEST", "general"),
            ("Low-dose CT of the abdomen", "ABDOMEN", "shadow"),
        ] {
            add(&[
                "deployment",
                "add",
                name,
                "--model",
                "ct-denoise",
                "--site",
                "test",
                "--modality",
                "CT",
                "--body-part",
                body_part,
                "--instances-min",
                "8",
                "--stage",
                stage,
                "--banner",
                banner,
                "--config",
                config,
            ]);
        }
    }

    /// Waits until every service answers.
    pub(super) async fn answers(&self, http: &reqwest::Client) {
        for service in SERVICES {
            // Whatever it answers, it listens: migrated and connected.
            let url = format!("http://127.0.0.1:{}/v1/outbox", self.ports[service]);
            until(&format!("{service} answers"), 60, || async { http.get(&url).send().await.ok() }).await;
        }
    }

    /// The names of every object in the bucket, as its listing says.
    pub(super) async fn object_names(&self) -> Vec<String> {
        let (bucket, query) = self.s3["s3://".len()..].split_once('?').unwrap();
        let endpoint = query.split('&').find_map(|pair| pair.strip_prefix("endpoint=")).unwrap();
        let http = reqwest::Client::builder().build().unwrap();
        let url = format!("{endpoint}/{bucket}?list-type=2&prefix={}", self.name);
        let listing = http.get(url).send().await.unwrap().text().await.unwrap();
        let names = listing.split("<Key>").skip(1).filter_map(|rest| rest.split("</Key>").next());
        names.map(str::to_owned).collect()
    }
}

impl Drop for Surroundings {
    fn drop(&mut self) {
        let name = &self.name;
        let url = variable(POSTGRES_VARIABLE, POSTGRES_DEFAULT);
        let database = run("dropdb", &["--force", "--if-exists", "--maintenance-db", &url, name]);
        let host = rabbitmq(&format!("rabbit_vhost:delete(<<\"{name}\">>, <<\"tests\">>)."));
        // A panic here would hide why the test failed.
        for why in [database, host].into_iter().filter_map(Result::err) {
            eprintln!("{name} is left behind: {why}");
        }
    }
}

/// Runs a command of the product that adds something.
pub(super) fn add(arguments: &[&str]) {
    let mut child = Command::new(crate::program::binary())
        .args(arguments)
        .current_dir(repository())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    // A command that takes no password may end before it is offered one.
    let _ = writeln!(child.stdin.take().unwrap(), "{PASSWORD}");
    assert!(child.wait().unwrap().success(), "{arguments:?}");
}

fn variable(name: &str, default: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| default.to_owned())
}

/// Lets the broker evaluate an expression: one start of Erlang for a virtual host with its permissions.
fn rabbitmq(expression: &str) -> Result<(), String> {
    let node = variable(NODE_VARIABLE, "");
    let node = if node.is_empty() { Vec::new() } else { vec!["-n", node.as_str()] };
    run("rabbitmqctl", &[&node[..], &["eval", expression]].concat())
}

fn run(program: &str, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(program).args(arguments).output().map_err(|error| {
        format!("{program} can't be run ({error}): infra/setup installs what the tests need")
    })?;
    let text = [output.stdout, output.stderr].concat();
    let failed = || format!("{program} failed: {}", String::from_utf8_lossy(&text));
    output.status.success().then_some(()).ok_or_else(failed)
}
