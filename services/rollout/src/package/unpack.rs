//! Brings a package to where it can be checked: a copy of its files, within limits, never beyond its folder.

use super::{is_plain, refused};
use crate::Error;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use zip::ZipArchive;

/// A package has fewer files.
const FILES_MAX: usize = 64;

/// Copies a package into an empty folder: the files of a folder, or of a zip archive.
///
/// # Errors
/// When it has too many files or more than `bytes_max` bytes, whatever its archive says, or holds anything but plain
/// files with plain names.
pub(crate) fn unpack(source: &Path, into: &Path, bytes_max: u64) -> Result<(), Error> {
    let mut left = Left { files: FILES_MAX, bytes: bytes_max };
    let unreadable = |error| Error::ModelFile { path: source.to_owned(), source: error };
    if source.is_dir() {
        for entry in fs::read_dir(source).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if !entry.file_type().map_err(unreadable)?.is_file() {
                return Err(refused("package_name", &format!("{name:?} isn't a plain file")));
            }
            left.take(&name, File::open(entry.path()).map_err(unreadable)?, into)?;
        }
        return Ok(());
    }
    let broken = |error: zip::result::ZipError| {
        refused("package_archive", &format!("it can't be read as a zip archive: {error}"))
    };
    let mut archive = ZipArchive::new(File::open(source).map_err(unreadable)?).map_err(broken)?;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(broken)?;
        let name = entry.name().map_err(broken)?.into_owned();
        left.take(&name, entry, into)?;
    }
    Ok(())
}

/// How much more a package may hold.
struct Left {
    files: usize,
    bytes: u64,
}

impl Left {
    fn take(&mut self, name: &str, source: impl Read, into: &Path) -> Result<(), Error> {
        if !is_plain(name) {
            return Err(refused("package_name", &format!("{name:?} isn't a plain file name")));
        }
        self.files = self
            .files
            .checked_sub(1)
            .ok_or_else(|| refused("package_too_large", &format!("it has more than {FILES_MAX} files")))?;
        let path = into.join(name);
        let copied = File::create_new(&path)
            .and_then(|mut file| {
                let copied = io::copy(&mut source.take(self.bytes + 1), &mut file)?;
                file.sync_all()?;
                Ok(copied)
            })
            .map_err(|source| Error::ModelFile { path, source })?;
        self.bytes = self
            .bytes
            .checked_sub(copied)
            .ok_or_else(|| refused("package_too_large", "it has more bytes than this site takes"))?;
        Ok(())
    }
}
