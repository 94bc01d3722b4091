//! Copies of AI images for people who compare models without knowing them. They are made anew each time and kept
//! nowhere.

use crate::{Error, Shell, store};
use contract::RunId;
use contract::generation::{DerivedInstance, DerivedRole, RunState};
use dicom_io::blind::{BlindedCopy, blinded_copy};

/// The AI images of a completed run, in order of position; `None` where it has none, or its sources changed.
pub(crate) async fn images(shell: &Shell, run: &RunId) -> Result<Option<Vec<DerivedInstance>>, Error> {
    let found = store::runs_shown(&shell.deps.db, std::slice::from_ref(run)).await?.pop();
    let completed = found.filter(|run| run.state == RunState::Completed);
    Ok(completed.and_then(|run| {
        let image = run.derived.into_iter().find(|series| series.role == DerivedRole::Image);
        image.map(|series| series.instances)
    }))
}

/// The copy of one image.
pub(crate) async fn copy(shell: &Shell, image: &DerivedInstance, salt: &str) -> Result<BlindedCopy, Error> {
    let file = shell.deps.dicom.get(&image.object).await?;
    let file = file.ok_or(Error::Unknown { what: "an image" })?;
    let (salt, slice) = (salt.to_owned(), image.slice);
    let made = shell.deps.cpu.run(move || blinded_copy(&file, &salt, slice)).await;
    made.map_err(|error| Error::Stored { what: "derived image", text: error.to_string() })
}
