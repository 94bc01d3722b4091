//! A release is taken back at a real archive (dcmtk's `dcmqrscp`), which stores, answers queries and forgets.

use crate::hospital::{Hospital, told};
use crate::{is_delivered, is_held, open};
use contract::delivery::{Closure, RejectionNote, RejectionNoteState};
use contract::event::RejectionNoteSent;
use contract::{Digest, Event};
use database::on_both_databases;
use database::scratch::Scratch;
use delivery::{Destination, DestinationKind};
use dicom_io::{read, scan};
use platform::Shutdown;
use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const KEY_OBJECTS: &str = "1.2.840.10008.5.1.4.1.1.88.59";

on_both_databases! {
    a_recall_is_done_when_the_archive_shows_none_of_the_objects_any_more,
    an_interrupted_send_is_taken_back_whole,
    a_release_that_never_began_to_be_sent_needs_no_note,
    a_destination_that_answers_no_queries_proves_nothing,
}

fn is_noted(event: &Event) -> bool {
    matches!(event, Event::RejectionNoteSent { .. })
}

fn is_closed(event: &Event) -> bool {
    matches!(event, Event::RejectionNoteClosed { .. })
}

/// dcmtk's archive: ends when dropped.
struct Archive {
    folder: PathBuf,
    port: u16,
    process: Child,
}

impl Archive {
    async fn open(folder: &Path) -> Self {
        let storage = folder.join("archive");
        std::fs::create_dir_all(&storage).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = folder.join("archive.cfg");
        let text = format!(
            "NetworkTCPPort = {port}\nMaxPDUSize = 65536\nMaxAssociations = 16\n\
             HostTable BEGIN\nHostTable END\nVendorTable BEGIN\nVendorTable END\n\
             AETable BEGIN\nARCHIVE {} RW (200, 1024mb) ANY\nAETable END\n",
            storage.display()
        );
        std::fs::write(&config, text).unwrap();
        let process = Command::new("dcmqrscp")
            .arg("-c")
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("dcmqrscp runs: install dcmtk");
        let listens = async {
            while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), listens).await.expect("dcmqrscp listens");
        Self { folder: storage, port, process }
    }

    fn destination(&self) -> Destination {
        Destination {
            ae_title: "ARCHIVE".to_owned(),
            host: "127.0.0.1".to_owned(),
            port: self.port,
            kind: DestinationKind::Clinical,
        }
    }

    /// Its files with what they are.
    fn files(&self) -> Vec<(PathBuf, scan::Header)> {
        let entries = std::fs::read_dir(&self.folder).unwrap().map(|entry| entry.unwrap().path());
        let files = entries.filter(|path| path.extension().is_some_and(|extension| extension == "dcm"));
        files
            .map(|path| {
                let bytes = std::fs::read(&path).unwrap();
                let part10 = read::split(&bytes).unwrap();
                let dataset = &bytes[part10.dataset_at..];
                let header = scan::scan(dataset, &part10.transfer_syntax_uid).unwrap().header;
                (path, header)
            })
            .collect()
    }

    fn note(&self) -> PathBuf {
        let notes = self.files().into_iter().filter(|(_, header)| header.sop_class_uid == KEY_OBJECTS);
        let notes: Vec<PathBuf> = notes.map(|(path, _)| path).collect();
        assert_eq!(notes.len(), 1, "the note came once");
        notes.into_iter().next().unwrap()
    }

    /// Acts on the note as an archive with IOCM does: everything but the note is gone.
    fn forgets(&self) {
        let note = self.note();
        for (path, _) in self.files() {
            if path != note {
                std::fs::remove_file(path).unwrap();
            }
        }
        std::fs::remove_file(self.folder.join("index.dat")).unwrap();
        let indexed = Command::new("dcmqridx").arg(&self.folder).arg(&note).status().unwrap();
        assert!(indexed.success());
    }
}

impl Drop for Archive {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn hospital(scratch: &Scratch) -> (Hospital, Archive) {
    let mut hospital = open(scratch).await;
    let archive = Archive::open(hospital.folder()).await;
    hospital.config.destinations = vec![archive.destination()];
    hospital.config.recall_look_seconds_min = 1;
    hospital.config.recall_look_seconds_max = 2;
    (hospital, archive)
}

/// What delivery says about the note, once it says what is waited for.
async fn note(hospital: &Hospital, wanted: impl Fn(&RejectionNote) -> bool) -> RejectionNote {
    let case = hospital.facts.lock().unwrap().case.release.case.clone();
    let looked = async {
        loop {
            let notes = hospital.delivery().rejection_notes_of_cases(vec![case.clone()]).await.unwrap();
            if let Some(note) = notes.into_iter().find(&wanted) {
                return note;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), looked).await.expect("the note comes to it")
}

/// What many cases came to at the archive, counted: sends, with objects, queued, following, gone, nothing sent.
async fn tally(hospital: &Hospital) -> [u32; 6] {
    let case = hospital.facts.lock().unwrap().case.release.case.clone();
    let other = contract::CaseId::from_bits(77);
    let tallies = hospital.delivery().tally(vec![case, other]).await.unwrap();
    assert_eq!(tallies.len(), 1, "one destination");
    let tally = &tallies[0];
    let counts = [tally.sends, tally.with_objects, tally.notes_queued, tally.notes_following, tally.gone];
    [counts[0], counts[1], counts[2], counts[3], counts[4], tally.nothing_sent]
}

fn dump(path: &Path) -> String {
    let output = Command::new("dsrdump").arg("+Pt").arg(path).output().unwrap();
    let plain = Command::new("dcmdump").arg("+L").arg(path).output().unwrap();
    assert!(plain.status.success());
    String::from_utf8_lossy(&[output.stdout, plain.stdout].concat()).into_owned()
}

async fn a_recall_is_done_when_the_archive_shows_none_of_the_objects_any_more(scratch: Scratch) {
    let (hospital, archive) = hospital(&scratch).await;
    let shutdown = Shutdown::new();
    hospital.start(&scratch.db, &shutdown);
    hospital.serves(&scratch, &shutdown).await;
    hospital.release().await;
    told(&scratch.db, is_delivered).await;
    let sent: BTreeSet<String> =
        archive.files().into_iter().map(|(_, header)| header.sop_instance_uid).collect();

    assert_eq!(tally(&hospital).await, [1, 1, 0, 0, 0, 0]);
    hospital.recall().await;
    let events = told(&scratch.db, is_noted).await;
    let Some(Event::RejectionNoteSent(RejectionNoteSent { content, objects, .. })) =
        events.iter().find(|e| is_noted(e))
    else {
        unreachable!("it was waited for")
    };
    assert_eq!(*objects as usize, sent.len(), "images, map and reports");
    let file = archive.note();
    let received = std::fs::read(&file).unwrap();
    let part10 = read::split(&received).unwrap();
    assert_eq!(*content, Digest::of(&received[part10.dataset_at..]), "the ledger has the digest of the note");
    let text = dump(&file);
    assert!(text.contains("113037"), "for patient safety: {text}");
    for uid in &sent {
        assert!(text.contains(uid.as_str()), "{uid} is not named");
    }
    let errors = Command::new("dciodvfy").arg(&file).output().expect("dciodvfy runs: install dicom3tools");
    let errors = String::from_utf8_lossy(&[errors.stdout, errors.stderr].concat()).into_owned();
    assert!(!errors.lines().any(|line| line.starts_with("Error")), "{errors}");

    // That the note is stored proves nothing: the objects are still shown.
    let following = note(&hospital, |note| note.looked_at > note.sent_at).await;
    assert_eq!(following.state, RejectionNoteState::Following);
    assert_eq!(following.objects_shown, Some(sent.len() as u32));
    assert_eq!(tally(&hospital).await, [1, 1, 0, 1, 0, 0]);

    archive.forgets();
    let events = told(&scratch.db, is_closed).await;
    assert!(events.iter().any(|event| {
        matches!(event, Event::RejectionNoteClosed(closed) if closed.reason_code == "gone")
    }));
    let closed = note(&hospital, |note| note.state == RejectionNoteState::Closed).await;
    assert_eq!((closed.closure, closed.objects_shown), (Some(Closure::Gone), Some(0)));
    assert_eq!(tally(&hospital).await, [1, 1, 0, 0, 1, 0]);
    let opened = events.iter().filter(|event| matches!(event, Event::RejectionNoteOpened { .. })).count();
    assert_eq!(opened, 1, "the event came twice, its effect once");
    shutdown.request();
}

async fn an_interrupted_send_is_taken_back_whole(scratch: Scratch) {
    let (hospital, archive) = hospital(&scratch).await;
    // One question before the attempt, one before each object: two objects get through.
    hospital.facts.lock().unwrap().suspended_after = Some(3);
    let shutdown = Shutdown::new();
    hospital.start(&scratch.db, &shutdown);
    hospital.release().await;
    told(&scratch.db, is_held).await;
    assert_eq!(archive.files().len(), 2);

    hospital.recall().await;
    let events = told(&scratch.db, is_noted).await;
    shutdown.request();
    let reports = 1 + hospital.facts.lock().unwrap().case.release.reads.len();
    let all = hospital.derived_uids().len() + reports;
    assert!(
        events
            .iter()
            .any(|event| { matches!(event, Event::RejectionNoteSent(sent) if sent.objects as usize == all) }),
        "what may be on its way is named too"
    );
    assert_eq!(archive.files().len(), 3, "two objects and the note, nothing after it");
}

async fn a_release_that_never_began_to_be_sent_needs_no_note(scratch: Scratch) {
    let (hospital, archive) = hospital(&scratch).await;
    hospital.facts.lock().unwrap().may_send = false;
    let shutdown = Shutdown::new();
    hospital.start(&scratch.db, &shutdown);
    hospital.release().await;
    told(&scratch.db, is_held).await;
    hospital.recall().await;
    let events = told(&scratch.db, is_closed).await;
    shutdown.request();
    assert!(events.iter().any(|event| {
        matches!(event, Event::RejectionNoteClosed(closed) if closed.reason_code == "nothing_sent")
    }));
    assert_eq!(archive.files().len(), 0);
}

async fn a_destination_that_answers_no_queries_proves_nothing(scratch: Scratch) {
    let mut hospital = open(&scratch).await;
    hospital.config.recall_look_seconds_min = 1;
    hospital.config.recall_look_seconds_max = 1;
    let shutdown = Shutdown::new();
    hospital.start(&scratch.db, &shutdown);
    hospital.serves(&scratch, &shutdown).await;
    hospital.release().await;
    told(&scratch.db, is_delivered).await;
    hospital.recall().await;
    told(&scratch.db, is_noted).await;
    let following = note(&hospital, |note| note.last_error.is_some()).await;
    shutdown.request();
    assert_eq!(following.state, RejectionNoteState::Following, "a person has to close it");
    assert_eq!((following.objects_shown, following.provable), (None, false));
}
