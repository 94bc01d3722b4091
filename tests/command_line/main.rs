//! What an operator does at the machine is in the ledger, carried out or refused: the outboxes are looked at, which the
//! ledger takes in whole (R40).

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use database::DatabaseConnection;
use sea_orm::ConnectionTrait as _;
use sea_orm::sea_query::Query;
use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use tests::program::{binary, repository};

const PASSWORD: &str = "correct horse battery";

/// Commands that change what the platform holds.
const WRITE: [&str; 3] = ["deployment add", "model import", "user add"];

/// Commands that don't: they start it, ask it as a person who signs in, only look, or make files of their own.
const DO_NOT: [&str; 14] = [
    "config check",
    "config default",
    "doctor",
    "evaluate",
    "infer",
    "ledger prove",
    "ledger verify",
    "model sign",
    "reader-study",
    "report",
    "schema",
    "serve",
    "stop-rules",
    "train",
];

/// Runs it with a data folder; gives its exit code.
fn runs(data: &Path, command: &str, arguments: &[&str]) -> i32 {
    let mut program = Command::new(binary())
        .args(command.split(' '))
        .args(arguments)
        .arg("--data")
        .arg(data)
        .current_dir(repository())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // What reads no password may have ended before this is written.
    let _ = writeln!(program.stdin.take().unwrap(), "{PASSWORD}");
    program.wait().unwrap().code().unwrap()
}

/// The events of a service, as `kind subject actor`.
async fn told(data: &Path, service: &str) -> Vec<String> {
    if !data.join("db").join(format!("{service}.sqlite")).exists() {
        return Vec::new();
    }
    let db: DatabaseConnection =
        database::connect(&format!("sqlite:{}", data.join("db").display()), service).await.unwrap();
    let query = Query::select()
        .columns(["kind", "subject", "actor"])
        .from("outbox")
        .order_by("position", sea_orm::Order::Asc)
        .to_owned();
    let rows = db.query_all(&query).await.unwrap();
    let told = rows.iter().map(|row| {
        let actor: serde_json::Value = row.try_get_by_index(2).unwrap();
        let [kind, subject] = [0, 1].map(|at| row.try_get_by_index::<String>(at).unwrap());
        format!("{kind} {subject} {}", actor["kind"].as_str().unwrap_or_default())
    });
    let told = told.collect();
    db.close().await.unwrap();
    told
}

/// What a command adds to the ledger.
async fn adds(data: &Path, command: &str, arguments: &[&str], exit: i32) -> Vec<String> {
    let services = ["gateway", "rollout"];
    let mut before = Vec::new();
    for service in services {
        before.push(told(data, service).await.len());
    }
    assert_eq!(runs(data, command, arguments), exit, "{command} {arguments:?}");
    let mut added = Vec::new();
    for (service, before) in services.into_iter().zip(before) {
        added.extend(told(data, service).await.split_off(before));
    }
    added
}

#[tokio::test]
async fn r40_what_an_operator_does_or_is_refused_at_the_machine_leaves_one_entry_each() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let person = ["reader", "--printed-name", "Dr. Reader", "--role", "radiologist"];
    let added = adds(data, "user add", &person, 0).await;
    assert!(added.len() == 1 && added[0].starts_with("user.added"), "{added:?}");
    assert_eq!(adds(data, "user add", &person, 2).await, ["command.refused user add operator"]);

    let deployment = ["Chest", "--model", "ct-denoise", "--site", "main", "--modality", "CT"];
    let added = adds(data, "deployment add", &deployment, 0).await;
    let registered = added.iter().filter(|told| told.starts_with("model.registered")).count();
    let created = added.iter().filter(|told| told.starts_with("deployment.created")).count();
    assert!(registered >= 1 && created == 1 && added.len() == registered + 1, "{added:?}");
    assert!(adds(data, "deployment add", &deployment, 0).await.is_empty(), "a repetition changes nothing");
    let no_such = ["Chest", "--model", "no-such-model", "--site", "other", "--modality", "CT"];
    assert_eq!(adds(data, "deployment add", &no_such, 2).await, ["command.refused deployment add operator"]);

    let unsigned = repository().join("models/ct-denoise");
    let refused = adds(data, "model import", &[unsigned.to_str().unwrap()], 2).await;
    assert_eq!(refused, ["command.refused model import operator"]);
}

#[test]
fn r40_a_new_command_is_put_among_those_that_write_or_those_that_do_not() {
    let known: BTreeSet<String> =
        WRITE.into_iter().chain(DO_NOT).chain(["worker"]).map(str::to_owned).collect();
    assert_eq!(commands(&[]), known);
}

/// The commands below one, as its help lists them.
fn commands(above: &[&str]) -> BTreeSet<String> {
    let output = Command::new(binary()).args(above).arg("--help").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let listed = text.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names: Vec<&str> = listed
        .take_while(|line| line.starts_with("  "))
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    if names.is_empty() {
        return [above.join(" ")].into();
    }
    names.into_iter().flat_map(|name| commands(&[above, &[name]].concat())).collect()
}

/// Two readers of six cases; the AI's arm is read without an error, the other one with one.
#[test]
fn a_reader_study_is_read_from_csv_and_its_exit_code_says_what_was_shown() {
    use std::fmt::Write as _;
    let folder = tempfile::tempdir().unwrap();
    let (ratings, figures) = (folder.path().join("ratings.csv"), folder.path().join("figures.json"));
    let mut text = "reader,arm,case,truth,rating\n".to_owned();
    for (arm, reader, given) in [
        ("AI", "r1", [1, 2, 1, 4, 5, 5]),
        ("AI", "r2", [2, 1, 2, 5, 4, 4]),
        ("original", "r1", [1, 2, 4, 4, 5, 3]),
        ("original", "r2", [2, 1, 2, 5, 4, 2]),
    ] {
        for (case, rating) in given.iter().enumerate() {
            writeln!(text, "{reader},{arm},{case},{},{rating}", u8::from(case >= 3)).unwrap();
        }
    }
    std::fs::write(&ratings, text).unwrap();
    let asked = |arm: &str| {
        let mut program = Command::new(binary());
        program
            .arg("reader-study")
            .arg(&ratings)
            .args(["--arm", arm, "--margin", "0.1", "--out"])
            .arg(&figures);
        program.output().unwrap()
    };
    let better = asked("AI");
    let said = String::from_utf8(better.stdout).unwrap();
    let told: serde_json::Value = serde_json::from_slice(&std::fs::read(&figures).unwrap()).unwrap();
    assert_eq!(told["arms"][0]["mean_area"], 1.0, "{told}");
    assert_eq!(told["not_inferior"], better.status.success(), "{told}");
    assert!(said.contains("2 readers, 6 cases, 3 of them with the disease"), "{said}");
    let worse = asked("original");
    assert_eq!(worse.status.code(), Some(1));
    assert!(String::from_utf8(worse.stdout).unwrap().ends_with("NOT shown\n"));
    let unknown = asked("CT");
    assert!(!unknown.status.success() && !unknown.stderr.is_empty());
}
