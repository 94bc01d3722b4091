//! Keeping whole objects in a folder: everything that waits for the disk in one go.
//!
//! The file is written under a passing name, gets its own name, and then file and folder are synced: in this order most
//! file systems write their journal once and not twice. A power cut between the name and the sync leaves a broken file
//! under its own name, which nobody has been told of; writing the object again repairs it.

use crate::{Error, path_of};
use bytes::Bytes;
use contract::Digest;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::Path;
use std::sync::{Arc, mpsc};

/// Bytes compared at a time.
const COMPARED_BYTES: usize = 64 * 1024;
/// Where files lie until they have a name.
const PASSING: &str = "staging";

/// A folder of objects.
#[derive(Clone)]
pub(crate) struct Folder(Arc<Path>);

impl Folder {
    /// Opens a folder that exists, and makes the folders in it.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let inner = (0..=u8::MAX).map(|byte| format!("{byte:02x}")).chain([PASSING.to_owned()]);
        for name in inner {
            match fs::create_dir(path.join(name)) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
        }
        File::open(path)?.sync_all()?;
        Ok(Self(path.into()))
    }

    /// Keeps `bytes`: durable and read back. They are written while their key is computed.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when what is read back is something else; that is removed.
    pub(crate) async fn keep(&self, bytes: Bytes) -> Result<Digest, Error> {
        let (tell, told) = mpsc::sync_channel(1);
        let (folder, written) = (self.clone(), bytes.clone());
        #[expect(clippy::disallowed_methods, reason = "this waits for the disk, not for a processor")]
        let kept = tokio::task::spawn_blocking(move || folder.keep_blocking(&written, &told));
        // Whoever wrote may have failed already: that is what is told below.
        let _ = tell.send(crate::digest_of(&bytes).await);
        kept.await.unwrap_or_else(|ended| match ended.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(ended) => Err(failed("write")(io::Error::other(ended))),
        })
    }

    fn keep_blocking(&self, bytes: &[u8], key: &mpsc::Receiver<Digest>) -> Result<Digest, Error> {
        let passing = self.0.join(PASSING).join(format!("{:032x}", rand::random::<u128>()));
        let kept = write(&passing, bytes).map_err(failed("write")).and_then(|file| {
            // Nobody tells when whoever wanted it kept is gone.
            let key = key.recv().map_err(|gone| failed("write")(io::Error::other(gone)))?;
            self.name(&passing, file, (&key, bytes)).map(|()| key)
        });
        if kept.is_err() {
            // The first error is what matters; what is left under a passing name means nothing to anybody.
            let _ = fs::remove_file(&passing);
        }
        kept
    }

    /// Gives what was written its name, unless it is there already.
    fn name(&self, passing: &Path, file: File, (key, bytes): (&Digest, &[u8])) -> Result<(), Error> {
        let path = self.0.join(path_of(key).as_ref());
        let file = if let Ok(Some(standing)) = holds(&path, bytes) {
            fs::remove_file(passing).map_err(failed("remove what is there already"))?;
            // Whoever wrote it may have ended before it was durable.
            standing
        } else {
            fs::rename(passing, &path).map_err(failed("rename"))?;
            file
        };
        file.sync_all().map_err(failed("sync a file"))?;
        let parent = path.parent().expect("the path of an object has a folder");
        File::open(parent).and_then(|folder| folder.sync_all()).map_err(failed("sync a folder"))?;
        if holds(&path, bytes).map_err(failed("read back"))?.is_some() {
            return Ok(());
        }
        let found = fs::metadata(&path).map_or(0, |found| found.len());
        fs::remove_file(&path).map_err(failed("remove a damaged object"))?;
        Err(Error::Corrupt { key: *key, bytes: found })
    }
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<File> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    Ok(file)
}

/// The file at `path` if it holds exactly `bytes`.
fn holds(path: &Path, bytes: &[u8]) -> io::Result<Option<File>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if file.metadata()?.len() != bytes.len() as u64 {
        return Ok(None);
    }
    let mut found = vec![0; COMPARED_BYTES.min(bytes.len())];
    for expected in bytes.chunks(COMPARED_BYTES) {
        let found = &mut found[..expected.len()];
        match file.read_exact(found) {
            Ok(()) if found == expected => {}
            Ok(()) => return Ok(None),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    Ok(Some(file))
}

fn failed(attempt: &'static str) -> impl Fn(io::Error) -> Error {
    move |source| {
        let source = object_store::Error::Generic { store: "folder", source: source.into() };
        Error::Store { attempt, source }
    }
}
