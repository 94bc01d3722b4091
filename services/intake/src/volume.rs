//! From the files of a series to the volume that workers read.

use crate::Deps;
use crate::error::Error;
use contract::Digest;
use dicom_io::geometry::Stack;
use dicom_io::volume::{Builder, Converted, Error as Unconvertible};

/// A converted series.
pub(crate) struct Volume {
    /// Key in the `volumes` store.
    pub(crate) key: Digest,
    /// Pixel padding in the modality's unit.
    pub(crate) padding: Option<f32>,
}

/// Converts files to one volume and keeps it; the inner error says why the files can't be converted.
///
/// `files` are the keys of the slices in the order of the stack. One file is in memory at a time, beside the volume.
pub(crate) async fn convert(
    deps: &Deps,
    stack: Stack,
    files: &[Digest],
) -> Result<Result<Volume, Unconvertible>, Error> {
    let mut builder = match deps.cpu.run(move || Builder::new(stack)).await {
        Ok(builder) => builder,
        Err(why) => return Ok(Err(why)),
    };
    for (place, key) in files.iter().enumerate() {
        let file = deps.dicom.get(key).await?.ok_or(Error::ObjectGone(*key))?;
        let placed = deps.cpu.run(move || builder.place(place, &file).map(|()| builder)).await;
        builder = match placed {
            Ok(builder) => builder,
            Err(why) => return Ok(Err(why)),
        };
    }
    let finished = deps.cpu.run(move || builder.finish().map(|converted| encode(&converted))).await;
    match finished {
        Ok((bytes, padding)) => {
            let key = deps.volumes.put(bytes.into()).await?;
            Ok(Ok(Volume { key, padding }))
        }
        Err(why) => Ok(Err(why)),
    }
}

fn encode(converted: &Converted) -> (Vec<u8>, Option<f32>) {
    (volume_io::nifti::write_bytes(&converted.volume), converted.padding)
}
