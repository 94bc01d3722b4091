//! What leaves the ledger is what outside programs read: schemas and readers that are not ours say so.

use crate::desk::Desk;
use contract::audit::{ExportFormat, ExportQuery};
use contract::event::{Access, Display};
use contract::review::Verdict;
use contract::rollout::Stage;
use contract::{
    Actor, CaseId, DeploymentId, Digest, Event, LoginSessionId, QuarantineId, ReadId, Role, RunId,
    SignatureId, UserId,
};
use database::scratch::Scratch;
use std::path::Path;
use std::process::Command;

/// Every kind of actor, with names that break careless writers.
fn actors() -> Vec<Actor> {
    let person = |printed_name: &str| Actor::Person {
        user: UserId::from_bits(9),
        username: "o'neill&co".to_owned(),
        printed_name: printed_name.to_owned(),
        roles: vec![Role::Radiologist, Role::Adjudicator],
        login: LoginSessionId::from_bits(3),
    };
    vec![
        person("Dr. \"Ada\" <Byron> & Söhne"),
        person("山田 太郎 ]]> \\u0007"),
        person("tab\tand\nline end\u{1}\u{b}\u{fffe}"),
        Actor::service("review"),
        Actor::Device { ae_title: "CT<1>".to_owned() },
        Actor::Operator,
        Actor::Anonymous,
    ]
}

/// One event of each class that exports know.
fn events() -> Vec<Event> {
    let (case, run, user) = (CaseId::from_bits(1), RunId::from_bits(2), UserId::from_bits(9));
    let access = |access| Event::AccessRecorded { access };
    let display = |display| Event::DisplayRecorded { display, shown: vec![case.to_string()] };
    vec![
        Event::CaseQueued { case: case.clone(), run: run.clone() },
        access(Access::DerivedImages),
        access(Access::Studies),
        access(Access::Export),
        access(Access::Proof),
        display(Display::Case),
        display(Display::Worklist),
        Event::LoginOpened { login: LoginSessionId::from_bits(3) },
        Event::LoginRefused { reason_code: "wrong_credentials".to_owned() },
        Event::SignatureRefused { case: case.clone(), reason_code: "digest_differs".to_owned() },
        Event::UserAdded { user },
        Event::StageChanged {
            deployment: DeploymentId::from_bits(1),
            from: Stage::Pilot,
            to: Stage::Suspended,
        },
        Event::InstanceQuarantined {
            quarantine: QuarantineId::from_bits(1),
            reason_code: "not_dicom".to_owned(),
        },
        Event::RunFailed { run, reason_code: "out_of_memory".to_owned() },
        Event::ReadSigned {
            case,
            read: ReadId::from_bits(1),
            signature: SignatureId::from_bits(1),
            verdict: Verdict::AcceptWithLimitation,
            case_digest: Digest::of(b"case"),
            viewing: None,
        },
    ]
}

impl Desk {
    /// Every event by every actor stands in the ledger; gives how many there are.
    async fn records_everything(&self) -> u64 {
        let mut seq = 0;
        for event in events() {
            for actor in actors() {
                seq += 1;
                let told = self.writes_as(seq, actor, event.clone());
                self.publishes(&told).await;
            }
        }
        self.reaches(seq as u64).await;
        seq as u64
    }
}

/// How many entries the validator reads in `text`.
fn read_by_others(form: &str, text: &str) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("export");
    std::fs::write(&file, text).unwrap();
    let script =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance/validate_audit_exports.py");
    let python = std::env::var("COUNTERSIGN_TEST_PYTHON")
        .expect("COUNTERSIGN_TEST_PYTHON is set: infra/test-services start");
    let output = Command::new(python).arg(script).arg(form).arg(file).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
    told.trim().parse().unwrap()
}

async fn exported(desk: &Desk, format: ExportFormat, from: u64, to: u64) -> String {
    let query = ExportQuery { format, from, to: Some(to) };
    desk.quality().export(&query).send().await.unwrap().text().await.unwrap()
}

async fn fhir_and_dicom_exports_are_valid_for_readers_that_are_not_ours(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    let size = desk.records_everything().await;
    let fhir = exported(&desk, ExportFormat::Fhir, 0, size).await;
    assert_eq!(read_by_others("fhir", &fhir), size);
    let dicom = exported(&desk, ExportFormat::Dicom, 0, size).await;
    assert_eq!(read_by_others("dicom", &dicom), size);
}

async fn an_export_that_broke_off_goes_on_without_a_seam(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    let size = desk.records_everything().await;
    for format in ExportFormat::ALL {
        let whole = exported(&desk, format, 0, size).await;
        let lines_before = usize::from(format == ExportFormat::Csv);
        // It broke off in the middle of a line: whatever stands after the last line end is thrown away.
        let kept = &whole[..=whole[..whole.len() / 2].rfind('\n').unwrap()];
        let next = (kept.matches('\n').count() - lines_before) as u64;
        let rest = exported(&desk, format, next, size).await;
        assert_eq!(format!("{kept}{rest}"), whole, "{format:?}");
    }
}

database::on_both_databases!(
    fhir_and_dicom_exports_are_valid_for_readers_that_are_not_ours,
    an_export_that_broke_off_goes_on_without_a_seam,
);
