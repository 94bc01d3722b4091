//! The demo's receiving PACS: a Storage SCP that keeps `<folder>/<Study UID>/<SOP UID>.dcm`.

use anyhow::Context as _;
use dicom_io::dimse::Status;
use dicom_io::scp::{self, StoreHandler, StoreRequest};
use dicom_io::{TransferSyntax, read, scan};
use platform::{Shutdown, Task};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Its AE title.
pub(crate) const AE_TITLE: &str = "DEMOPACS";
/// Its port on loopback.
pub(crate) const PORT: u16 = 11113;
/// PS3.4 B.2.3: out of resources.
const OUT_OF_RESOURCES: u16 = 0xA700;
/// PS3.4 B.2.3: can't be understood.
const NOT_UNDERSTOOD: u16 = 0xC000;

/// Binds the PACS's port and gives the task that serves it.
pub(crate) async fn task(folder: PathBuf) -> anyhow::Result<Task> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", PORT))
        .await
        .with_context(|| format!("the demo PACS can't listen on port {PORT}"))?;
    let behaviour = scp::Config { ae_title: AE_TITLE.to_owned(), ..scp::Config::default() };
    Ok(Task::new("demo PACS", move |shutdown: Shutdown| async move {
        scp::serve(listener, behaviour, Arc::new(Pacs { folder }), shutdown.wait()).await;
    }))
}

struct Pacs {
    folder: PathBuf,
}

impl StoreHandler for Pacs {
    async fn store(&self, request: StoreRequest) -> Status {
        let study = match study_instance_uid(&request) {
            Ok(study) => study,
            Err(why) => return Status::failure(NOT_UNDERSTOOD, &why),
        };
        // UIDs are checked: nothing but digits and dots becomes a path.
        if !read::is_uid(&study) || !read::is_uid(&request.sop_instance_uid) {
            return Status::failure(NOT_UNDERSTOOD, "a UID is malformed");
        }
        let path = self.folder.join(study).join(format!("{}.dcm", request.sop_instance_uid));
        match keep(&path, &request) {
            Ok(()) => Status::success(),
            Err(error) => Status::failure(OUT_OF_RESOURCES, &error.to_string()),
        }
    }
}

fn study_instance_uid(request: &StoreRequest) -> Result<String, String> {
    let syntax = TransferSyntax::from_uid(&request.transfer_syntax_uid).ok_or("unknown transfer syntax")?;
    let scanned = scan::scan(&request.dataset, syntax.uid()).map_err(|unusable| unusable.to_string())?;
    Ok(scanned.header.study_instance_uid)
}

/// A file is there whole or not at all.
fn keep(path: &Path, request: &StoreRequest) -> std::io::Result<()> {
    let folder = path.parent().expect("the path has a folder for the study");
    std::fs::create_dir_all(folder)?;
    let StoreRequest { sop_class_uid, sop_instance_uid, transfer_syntax_uid, dataset, .. } = request;
    let mut file = read::file_meta(sop_class_uid, sop_instance_uid, transfer_syntax_uid);
    file.extend_from_slice(dataset);
    let part = path.with_extension("part");
    std::fs::write(&part, file)?;
    std::fs::rename(part, path)
}
