//! Waiting for a condition, never for a time.

use std::future::Future;
use std::time::{Duration, Instant};

/// How often a condition is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// Looks until there is something, and gives it.
///
/// # Panics
/// After `seconds`, naming `what` was waited for.
pub async fn until<T, F>(what: &str, seconds: u64, mut look: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let deadline = Instant::now() + Duration::from_secs(seconds);
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "waited {seconds} s in vain: {what}");
        tokio::time::sleep(LOOK).await;
    }
}
