//! The receiving PACS: dcmtk's `storescp`, which keeps data sets exactly as they came.

use crate::program::{Call, Program};
use crate::stack::free_port;
use crate::wait::until;
use crate::wire::Wire;
use dicom_io::{read, scan};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// Its AE title.
pub const AE_TITLE: &str = "PACS";
/// Comprehensive 3D SR.
const REPORT: &str = "1.2.840.10008.5.1.4.1.1.88.34";

/// A PACS with a wire in front of it.
pub struct Pacs {
    /// Leads to it, and may be interrupted.
    pub wire: Wire,
    folder: PathBuf,
    _program: Program,
}

/// An object at the PACS.
#[derive(Debug, Clone)]
pub struct Received {
    /// The file.
    pub path: PathBuf,
    /// (0008,0016).
    pub sop_class_uid: String,
    /// (0020,000D).
    pub study_instance_uid: String,
    /// The data set after group 0002, as it came.
    pub dataset: Vec<u8>,
    /// When it was written.
    pub written_at: SystemTime,
}

impl Received {
    /// Whether it is a structured report.
    pub fn is_report(&self) -> bool {
        self.sop_class_uid == REPORT
    }

    /// What dcmtk reads in it.
    pub fn dump(&self) -> String {
        let output = Command::new("dcmdump").arg("+L").arg(&self.path).output().unwrap();
        assert!(output.status.success(), "dcmdump can't read {}", self.path.display());
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// What the validator of dicom3tools calls an error.
    pub fn errors(&self) -> Vec<String> {
        let output = Command::new("dciodvfy").arg(&self.path).output().unwrap_or_else(|error| {
            panic!("dciodvfy can't be run ({error}): install dicom3tools, `apt-get install dicom3tools`")
        });
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(!text.trim().is_empty(), "dciodvfy says nothing, not even what it looks at");
        text.lines().filter(|line| line.starts_with("Error")).map(str::to_owned).collect()
    }
}

impl Pacs {
    /// Opens a PACS that keeps what it gets below `folder`.
    pub async fn open(folder: &Path) -> Self {
        let received = folder.join("pacs");
        std::fs::create_dir_all(&received).unwrap();
        let port = free_port();
        let call = Call::new(
            "storescp",
            // Bit preserving, whatever SOP class: a PACS that changes nothing.
            &[
                "-aet",
                AE_TITLE,
                "+B",
                "-pm",
                "-od",
                received.to_str().unwrap(),
                "-fe",
                ".dcm",
                &port.to_string(),
            ],
        );
        let program = Program::start_other(Path::new("storescp"), call, folder);
        let listens = || async { std::net::TcpStream::connect(("127.0.0.1", port)).ok() };
        until("storescp listens", 10, listens).await;
        let wire = Wire::to(&format!("127.0.0.1:{port}")).await;
        Self { wire, folder: received, _program: program }
    }

    /// What it has by SOP Instance UID, without what is still being written.
    pub fn received(&self) -> BTreeMap<String, Received> {
        let entries = std::fs::read_dir(&self.folder).unwrap();
        entries.filter_map(|entry| load(&entry.unwrap().path())).collect()
    }

    /// What it has of a study.
    pub fn received_of(&self, study_instance_uid: &str) -> BTreeMap<String, Received> {
        let mut all = self.received();
        all.retain(|_, received| received.study_instance_uid == study_instance_uid);
        all
    }

    /// How many files there are, whole or not.
    pub fn file_count(&self) -> usize {
        std::fs::read_dir(&self.folder).unwrap().count()
    }
}

fn load(path: &Path) -> Option<(String, Received)> {
    let file = std::fs::read(path).ok()?;
    let dataset = crate::dataset(&file)?.to_vec();
    let syntax = read::split(&file).ok()?.transfer_syntax_uid;
    let header = scan::scan(&dataset, &syntax).ok()?.header;
    let received = Received {
        path: path.to_path_buf(),
        sop_class_uid: header.sop_class_uid,
        study_instance_uid: header.study_instance_uid,
        dataset,
        written_at: std::fs::metadata(path).ok()?.modified().ok()?,
    };
    Some((header.sop_instance_uid, received))
}
