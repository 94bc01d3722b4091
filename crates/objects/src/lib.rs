//! Content-addressed object storage over a folder or an S3 interface.
//!
//! An object's key is the SHA-256 of its bytes, so an object can't be overwritten by another, and reading proves
//! that what was written is what is there. Writing answers only when the bytes are durable and have been read
//! back.

mod address;
mod error;
mod folder;
mod staging;

pub use error::Error;

use bytes::Bytes;
use contract::Digest;
use folder::Folder;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// Bytes hashed before other tasks get their turn.
const HASH_SLICE: usize = 1 << 20;

/// A store of objects.
#[derive(Clone)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    /// The same store, when it is a folder.
    folder: Option<Folder>,
}

impl Objects {
    /// Opens a store: `file:/folder` (made when it isn't there) or
    /// `s3://bucket?endpoint=…&region=…&prefix=…&credentials=<file>&retry_seconds=…` (all but the bucket may be left
    /// out; requests are repeated for 60 s). The file of credentials is one line,
    /// `access-key-id:secret-access-key`; without it they come from the environment as for every S3 tool.
    pub fn open(url: &str) -> Result<Self, Error> {
        let (store, folder) = address::open(url)?;
        Ok(Self { store, folder })
    }

    /// Keeps `bytes` and gives their key. Repeating it is harmless, and repairs a damaged copy.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the store says that it has written, but gives back something else.
    pub async fn put(&self, bytes: Bytes) -> Result<Digest, Error> {
        if let Some(folder) = &self.folder {
            return folder.keep(bytes).await;
        }
        let key = digest_of(&bytes).await;
        if matches!(self.get(&key).await, Ok(Some(_))) {
            return Ok(key);
        }
        let path = path_of(&key);
        self.store
            .put(&path, bytes.into())
            .await
            .map_err(|source| Error::Store { attempt: "write", source })?;
        self.verify(&path, &key).await?;
        Ok(key)
    }

    /// Keeps what a stream brings, without holding it in memory, and gives its key and length.
    ///
    /// # Errors
    /// As [`Objects::put`]; an error of the stream ends it with nothing kept.
    pub async fn put_stream(
        &self,
        stream: impl Stream<Item = std::io::Result<Bytes>> + Send,
    ) -> Result<(Digest, u64), Error> {
        let staged = staging::write(&*self.store, stream).await?;
        let path = path_of(&staged.digest);
        let moved = self.store.rename(&staged.path, &path).await;
        moved.map_err(|source| Error::Store { attempt: "rename", source })?;
        self.verify(&path, &staged.digest).await?;
        Ok((staged.digest, staged.bytes))
    }

    /// The object, proven to be what its key says; `None` when there is none.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the stored bytes are not those that the key was made from.
    pub async fn get(&self, key: &Digest) -> Result<Option<Bytes>, Error> {
        let bytes = match self.store.get(&path_of(key)).await {
            Ok(found) => found.bytes().await,
            Err(error) => Err(error),
        };
        match bytes {
            Ok(bytes) if digest_of(&bytes).await == *key => Ok(Some(bytes)),
            Ok(bytes) => Err(Error::Corrupt { key: *key, bytes: bytes.len() as u64 }),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(source) => Err(Error::Store { attempt: "read", source }),
        }
    }

    /// The length of the object and its bytes, as they come. When the bytes are not those of the key, an error stands
    /// in the place of the last part: whoever has passed the others on must break the transfer off.
    pub async fn stream(
        &self,
        key: &Digest,
    ) -> Result<Option<(u64, BoxStream<'static, Result<Bytes, Error>>)>, Error> {
        let found = match self.store.get(&path_of(key)).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(source) => return Err(Error::Store { attempt: "read", source }),
        };
        Ok(Some((found.meta.size, proven(found.into_stream(), *key))))
    }

    /// Whether there is an object under `key`.
    pub async fn contains(&self, key: &Digest) -> Result<bool, Error> {
        match self.store.head(&path_of(key)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(source) => Err(Error::Store { attempt: "look up", source }),
        }
    }

    /// Reads an object back after writing it: a store that answers "written" and has lost bytes is found out
    /// before anybody relies on it. What is wrong is removed.
    async fn verify(&self, path: &Path, key: &Digest) -> Result<(), Error> {
        let found =
            self.store.get(path).await.map_err(|source| Error::Store { attempt: "read back", source })?;
        let outcome = proven(found.into_stream(), *key).try_for_each(|_| async { Ok(()) }).await;
        if matches!(outcome, Err(Error::Corrupt { .. })) {
            let removed = self.store.delete(path).await;
            removed.map_err(|source| Error::Store { attempt: "remove a damaged object", source })?;
        }
        outcome
    }
}

/// Two leading characters make folders of a size that every file system bears.
fn path_of(key: &Digest) -> Path {
    let text = key.to_string();
    Path::from(format!("{}/{text}", &text[..2]))
}

async fn digest_of(bytes: &[u8]) -> Digest {
    let mut hash = Sha256::new();
    for (index, slice) in bytes.chunks(HASH_SLICE).enumerate() {
        if index > 0 {
            tokio::task::yield_now().await;
        }
        hash.update(slice);
    }
    Digest::from_bytes(hash.finalize().into())
}

/// The same bytes, and an error in the place of the last part if they are not those of `key`: so nobody who counts
/// bytes takes a damaged object for whole.
fn proven(
    bytes: BoxStream<'static, object_store::Result<Bytes>>,
    key: Digest,
) -> BoxStream<'static, Result<Bytes, Error>> {
    let state = Some((bytes, Sha256::new(), 0_u64, None::<Bytes>));
    let proven = futures::stream::try_unfold(state, move |state| async move {
        let Some((mut bytes, mut hash, mut length, mut held)) = state else { return Ok(None) };
        loop {
            match bytes.next().await {
                Some(Ok(part)) => {
                    hash.update(&part);
                    length += part.len() as u64;
                    if let Some(ready) = held.replace(part) {
                        return Ok(Some((ready, Some((bytes, hash, length, held)))));
                    }
                }
                Some(Err(source)) => return Err(Error::Store { attempt: "read", source }),
                None if Digest::from_bytes(hash.finalize().into()) == key => {
                    return Ok(held.map(|last| (last, None)));
                }
                None => return Err(Error::Corrupt { key, bytes: length }),
            }
        }
    });
    proven.boxed()
}

#[cfg(test)]
mod tests;
