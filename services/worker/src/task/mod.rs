//! The tasks that a worker can do.

mod denoise;

use crate::Error;
use contract::job::{Job, Scores, Suspect};
use imaging::Volume;
use nets::Model;
use std::ops::ControlFlow;

/// What a task gives: volumes on the input's grid, in its unit.
pub(crate) struct Made {
    pub(crate) image: Volume,
    pub(crate) lower: Volume,
    pub(crate) upper: Volume,
    pub(crate) scores: Scores,
    /// Places that a reader should look at, those that matter most first.
    pub(crate) suspects: Vec<Suspect>,
}

/// Told how far a task is, 0 to 1; says whether to go on.
pub(crate) type Progress<'a> = &'a mut dyn FnMut(f32) -> ControlFlow<()>;

/// Does the job's task with a model on a volume.
///
/// # Errors
/// [`Error::TaskUnsupported`] when the model isn't made for it; what the model says otherwise.
pub(crate) fn run(job: &Job, model: &Model, input: &Volume, progress: Progress<'_>) -> Result<Made, Error> {
    if model.description().task != job.task {
        return Err(Error::TaskUnsupported(job.task.clone()));
    }
    match job.task.as_str() {
        "denoise" => denoise::run(model, input, &job.parameters, progress),
        _ => Err(Error::TaskUnsupported(job.task.clone())),
    }
}
