//! `countersign worker`

use super::block_on;
use crate::cli::Worker;
use crate::config::Config;
use crate::{compose, lifecycle};
use anyhow::ensure;
use std::process::ExitCode;

/// Runs a worker until it is told to stop.
pub(crate) fn run(command: &Worker) -> anyhow::Result<ExitCode> {
    let mut config = Config::load(&command.source)?;
    if let Some(pool) = &command.pool {
        config.worker.pool.clone_from(pool);
    }
    let url = config.storage.bus.clone();
    ensure!(
        !url.is_empty() && url != "embedded:",
        "the embedded bus lives inside one process, where a worker runs already: set storage.bus to an amqp:// URL"
    );
    block_on(async {
        let _telemetry = platform::telemetry::init(&config.telemetry)?;
        let tasks = compose::worker_tasks(&config, bus::rabbitmq(&url)?)?;
        lifecycle::run(Vec::new(), tasks, || println!("worker of pool {}", config.worker.pool)).await
    })?;
    Ok(ExitCode::SUCCESS)
}
