//! Runs models on volumes.
//!
//! A worker takes jobs from the queue of its pool, one at a time, and reports on `generation.reports`. It sees
//! volumes and parameters; **it has no database, no DICOM, no patient and no HTTP**. It acknowledges a job when it
//! has started, not when it is done: from then on its lease at generation stands for the job, and a worker that
//! dies in the middle loses it by silence.

mod cache;
pub mod config;
mod device;
mod error;
mod job;
mod report;
mod task;

pub use config::Config;
pub use error::Error;

use bus::Bus;
use objects::Objects;
use platform::{Clock, CpuPool, Task};
use std::sync::Arc;

/// What a worker works with.
#[derive(Clone)]
pub struct Deps {
    /// The bus.
    pub bus: Arc<dyn Bus>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Inputs and outputs.
    pub volumes: Objects,
    /// Where models run.
    pub cpu: CpuPool,
}

/// Gives the worker's one task.
pub fn tasks(config: Config, deps: Deps) -> Vec<Task> {
    vec![Task::new("worker.jobs", move |shutdown| job::work(config, deps, shutdown))]
}
