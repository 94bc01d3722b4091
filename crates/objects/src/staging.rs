//! Writing what has no key yet, because its end has not been seen.

use crate::Error;
use bytes::Bytes;
use contract::Digest;
use futures::{Stream, StreamExt as _};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, WriteMultipart};
use sha2::{Digest as _, Sha256};
use std::pin::pin;

/// Parts in flight to an S3 interface.
const PARTS_IN_FLIGHT: usize = 4;

/// What lies under a passing name.
pub(crate) struct Staged {
    pub(crate) path: Path,
    pub(crate) digest: Digest,
    pub(crate) bytes: u64,
}

pub(crate) async fn write(
    store: &dyn ObjectStore,
    stream: impl Stream<Item = std::io::Result<Bytes>> + Send,
) -> Result<Staged, Error> {
    let path = Path::from(format!("staging/{:032x}", rand::random::<u128>()));
    let failed = |source| Error::Store { attempt: "write", source };
    let mut upload = WriteMultipart::new(store.put_multipart(&path).await.map_err(failed)?);
    let mut stream = pin!(stream);
    let mut hash = Sha256::new();
    let mut bytes = 0;
    while let Some(part) = stream.next().await {
        let part = match part {
            Ok(part) => part,
            Err(error) => {
                upload.abort().await.map_err(failed)?;
                return Err(Error::Source(error));
            }
        };
        hash.update(&part);
        bytes += part.len() as u64;
        upload.wait_for_capacity(PARTS_IN_FLIGHT).await.map_err(failed)?;
        upload.put(part);
    }
    upload.finish().await.map_err(failed)?;
    Ok(Staged { path, digest: Digest::from_bytes(hash.finalize().into()), bytes })
}
