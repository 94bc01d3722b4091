//! What must be at the PACS after a release: exactly what was signed, and who signed it.

use std::time::SystemTime;
use tests::pacs::Received;
use tests::people::Display;
use tests::wait::until;
use tests::{Stack, Study};

/// Waits until the release of a study has arrived, and holds it against what a reader was shown.
pub(crate) async fn arrives_as_signed(
    stack: &Stack,
    study: &Study,
    display: &Display,
    readers: &[&str],
    signed_at: SystemTime,
) {
    let derived = display.0.values().filter(|seen| seen.derived).count();
    // One report for each read, and the summary of the release.
    let expected = derived + readers.len() + 1;
    let received = until("the release arrives at the PACS", 60, || async {
        let received = stack.pacs.received_of(&study.study_instance_uid);
        (received.len() >= expected).then_some(received)
    })
    .await;
    assert_eq!(received.len(), expected, "and nothing else");
    for (uid, seen) in display.0.iter().filter(|(_, seen)| seen.derived) {
        let sent = received.get(uid).expect("every signed object is sent");
        assert!(sent.dataset == seen.dataset, "{uid} is not what was signed");
    }
    for (uid, object) in &received {
        assert!(object.written_at >= signed_at, "{uid} was there before the last signature");
        assert_eq!(object.errors(), Vec::<String>::new(), "dciodvfy on {uid}");
    }
    let reports: Vec<&Received> = received.values().filter(|object| object.is_report()).collect();
    assert_eq!(reports.len(), readers.len() + 1);
    reports_name_their_readers(&reports, readers);
}

fn reports_name_their_readers(reports: &[&Received], readers: &[&str]) {
    let dumps: Vec<String> = reports.iter().map(|report| report.dump()).collect();
    let (signed, summaries): (Vec<&String>, Vec<&String>) =
        dumps.iter().partition(|dump| dump.contains("[VERIFIED]"));
    assert_eq!(summaries.len(), 1, "the summary is the device's");
    assert!(summaries[0].contains("[UNVERIFIED]"));
    for reader in readers {
        let of_reader = signed.iter().filter(|dump| dump.contains(reader)).count();
        assert_eq!(of_reader, 1, "one report by {reader}");
    }
}

/// An instant of the file system's clock, which is the one that files are dated by.
pub(crate) fn now() -> SystemTime {
    tempfile::NamedTempFile::new().unwrap().as_file().metadata().unwrap().modified().unwrap()
}
