//! What a job ran on and what it took.

use contract::job::Cost;
use std::time::Duration;

/// The cost of a job that ran for `elapsed` in this process.
pub(crate) async fn cost(elapsed: Duration) -> Cost {
    Cost { device: "cpu".to_owned(), seconds: elapsed.as_secs_f64(), peak_bytes: peak_bytes().await }
}

/// The largest resident memory of this process so far, where the system tells it.
async fn peak_bytes() -> Option<u64> {
    let status = tokio::fs::read_to_string("/proc/self/status").await.ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}
