//! Figures of generation for Prometheus.

use crate::{Error, Shell, store};
use platform::metrics::{self, HistogramVec, IntGaugeVec};
use std::sync::LazyLock;

static RUNS: LazyLock<IntGaugeVec> =
    LazyLock::new(|| metrics::gauge("generation_runs", "runs by phase", &["phase"]));
static QUEUE_AGE: LazyLock<IntGaugeVec> = LazyLock::new(|| {
    let help = "age of the oldest run that no worker has started";
    metrics::gauge("generation_queue_oldest_seconds", help, &[])
});

/// Time that workers took for the results that were fixed.
pub(crate) static JOB_SECONDS: LazyLock<HistogramVec> = LazyLock::new(|| {
    metrics::work_histogram("generation_job_duration_seconds", "time of a worker for a result", &["device"])
});

/// Counts runs.
pub(crate) async fn sample(shell: &Shell) -> Result<(), Error> {
    let db = &shell.deps.db;
    metrics::set_counts(&RUNS, store::run_counts(db).await?);
    let waiting = store::run_waiting_since(db).await?;
    let none: [&str; 0] = [];
    QUEUE_AGE.with_label_values(&none).set(metrics::age_seconds(waiting, shell.deps.clock.now()));
    Ok(())
}
