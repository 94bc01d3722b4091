//! Everything in one process, as `./run` starts it.

use super::{Stack, free_port};
use crate::Pacs;
use crate::pacs::AE_TITLE;
use crate::program::{Call, Program};
use crate::wait::until;
use serde_json::Value;
use std::collections::BTreeMap;

/// What makes a short story short, beyond what the demo itself sets.
const SETTINGS: [(&str, &str); 6] = [
    // The lease of a worker that died ends soon.
    ("COUNTERSIGN__GENERATION__LEASE_SECONDS", "6"),
    ("COUNTERSIGN__GENERATION__PAUSE_SECONDS", "1"),
    ("COUNTERSIGN__DELIVERY__RETRY_SECONDS_MIN", "1"),
    ("COUNTERSIGN__DELIVERY__RECHECK_HELD_SECONDS", "1"),
    ("COUNTERSIGN__REVIEW__RECHECK_HELD_SECONDS", "1"),
    ("COUNTERSIGN__AUDIT__CHECKPOINT_INTERVAL_S", "1"),
];

/// The one process of an embedded stack.
pub const PROGRAM: &str = "countersign";

impl Stack {
    /// Starts everything in one process with the demo's accounts and deployments, without its studies.
    pub async fn embedded() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        // The demo sends its studies once per data folder, and this says that it has: each test counts its own.
        std::fs::write(data.join("demo-studies-sent"), b"").unwrap();
        let pacs = Pacs::open(folder.path()).await;
        let (http, dicom_port) = (format!("127.0.0.1:{}", free_port()), free_port());
        let dicom = format!("127.0.0.1:{dicom_port}");
        let destination = format!("{AE_TITLE}@127.0.0.1:{}", pacs.wire.port);
        let arguments =
            ["serve", "--demo", "--data", data.to_str().unwrap(), "--http", &http, "--dicom", &dicom];
        let mut call = Call::new(PROGRAM, &[&arguments[..], &["--destination", &destination]].concat());
        call.variables.extend(SETTINGS.map(|(key, value)| (key.to_owned(), value.to_owned())));
        let programs = vec![Program::start(call, folder.path())];
        let base = format!("http://{http}");
        let accounts = BTreeMap::new();
        let mut stack = Self { programs, pacs, base, dicom_port, accounts, surroundings: None, folder };
        stack.is_ready().await;
        stack.accounts = until("the accounts are written", 20, || async {
            let text = std::fs::read(data.join("demo-accounts.json")).ok()?;
            let accounts: Vec<Value> = serde_json::from_slice(&text).ok()?;
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let pair = |account: &Value| (text(&account["username"]), text(&account["password"]));
            Some(accounts.iter().map(pair).collect())
        })
        .await;
        stack
    }
}
