//! Folders and zip archives at the machine.
//!
//! Nothing of an archive is written to disk, so names in it lead nowhere; sizes are limited as they are read, not as
//! the archive declares them.

use crate::admit::{Admitter, Announced, Outcome, Received};
use crate::error::Error;
use bytes::Bytes;
use contract::{Actor, Refusal, SeriesId};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

const MEDIA_DIRECTORY: &[u8] = b"1.2.840.10008.1.3.10";

/// What an import did.
#[derive(Debug, Default)]
pub struct Imported {
    /// How many objects are stored now.
    pub stored: u32,
    /// How many were stored before.
    pub repeated: u32,
    /// What is kept for a person: the file, and why.
    pub quarantined: Vec<(String, Refusal)>,
    /// Files that aren't DICOM objects.
    pub skipped: Vec<String>,
    series: BTreeSet<SeriesId>,
}

/// Imports every DICOM file of a folder and its subfolders; symbolic links aren't followed.
///
/// # Errors
/// When a file can't be read, or an object could be neither stored nor kept. What was imported before stays.
pub async fn folder(admitter: &Admitter, path: &Path) -> Result<Imported, Error> {
    let mut imported = Imported::default();
    for file in files(path, admitter.config.parts_max as usize)? {
        let name = file.strip_prefix(path).unwrap_or(&file).display().to_string();
        let read = |source| Error::Read { path: file.clone(), source };
        let open = File::open(&file).map_err(read)?;
        let bytes = limited(open, admitter.config.instance_bytes_max).map_err(read)?;
        take(admitter, name, bytes, &mut imported).await?;
    }
    finish(admitter, imported).await
}

/// Imports every DICOM file of a zip archive.
///
/// # Errors
/// As [`folder`], and when the archive can't be read.
pub async fn zip(admitter: &Admitter, path: &Path) -> Result<Imported, Error> {
    let mut imported = Imported::default();
    let archive = |source| Error::Archive { path: path.to_owned(), source };
    let file = File::open(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    let mut entries = ::zip::ZipArchive::new(file).map_err(archive)?;
    let count = entries.len().min(admitter.config.parts_max as usize);
    for index in 0..count {
        let entry = entries.by_index(index).map_err(archive)?;
        if !entry.is_file() {
            continue;
        }
        let name = entry.name().map_err(archive)?.into_owned();
        let bytes = limited(entry, admitter.config.instance_bytes_max)
            .map_err(|source| Error::Read { path: path.to_owned(), source })?;
        take(admitter, name, bytes, &mut imported).await?;
    }
    finish(admitter, imported).await
}

async fn finish(admitter: &Admitter, mut imported: Imported) -> Result<Imported, Error> {
    admitter.close(std::mem::take(&mut imported.series).into_iter().collect()).await?;
    Ok(imported)
}

/// Regular files below a folder in the order of their paths.
fn files(folder: &Path, files_max: usize) -> Result<Vec<PathBuf>, Error> {
    let read = |source| Error::Read { path: folder.to_owned(), source };
    let (mut folders, mut files) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(read)? {
            let entry = entry.map_err(read)?;
            let kind = entry.file_type().map_err(read)?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                files.push(entry.path());
            }
        }
        if files.len() > files_max {
            let why = format!("more than {files_max} files");
            return Err(read(std::io::Error::new(std::io::ErrorKind::FileTooLarge, why)));
        }
    }
    files.sort();
    Ok(files)
}

/// Reads to the end, or `None` when there is more than allowed.
fn limited(source: impl Read, bytes_max: u64) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    source.take(bytes_max + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= bytes_max).then_some(bytes))
}

async fn take(
    admitter: &Admitter,
    name: String,
    bytes: Option<Vec<u8>>,
    imported: &mut Imported,
) -> Result<(), Error> {
    let Some(bytes) = bytes.filter(|bytes| is_object(bytes)) else {
        imported.skipped.push(name);
        return Ok(());
    };
    let received = Received {
        file: Bytes::from(bytes),
        sender: "IMPORT".to_owned(),
        actor: Actor::Operator,
        causation: None,
        announced: Announced::default(),
    };
    match admitter.admit(received).await?.outcome {
        Outcome::Stored(series) => {
            imported.stored += 1;
            imported.series.insert(series);
        }
        Outcome::Repeated => imported.repeated += 1,
        Outcome::Quarantined { refusal, .. } => imported.quarantined.push((name, refusal)),
    }
    Ok(())
}

/// Whether a file says of itself that it is a DICOM object, and no DICOMDIR.
fn is_object(file: &[u8]) -> bool {
    let meta = &file[..file.len().min(1024)];
    let directory = meta.windows(MEDIA_DIRECTORY.len()).any(|bytes| bytes == MEDIA_DIRECTORY);
    file.get(128..132) == Some(b"DICM") && !directory
}
