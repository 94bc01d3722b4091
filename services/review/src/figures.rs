//! Figures of review for Prometheus: of cases, never of a reader or a read.

use crate::error::Error;
use crate::shell::Shell;
use crate::store;
use platform::metrics::{self, IntGaugeVec};
use std::sync::LazyLock;

static CASES: LazyLock<IntGaugeVec> =
    LazyLock::new(|| metrics::gauge("review_cases", "cases by state", &["state"]));
static UNREAD_AGE: LazyLock<IntGaugeVec> = LazyLock::new(|| {
    metrics::gauge("review_unread_oldest_seconds", "age of the oldest case that nobody reads", &[])
});

/// Counts cases.
pub(crate) async fn sample(shell: &Shell) -> Result<(), Error> {
    metrics::set_counts(&CASES, store::case_counts(&shell.db).await?);
    let unread = store::case_unread_since(&shell.db).await?;
    let none: [&str; 0] = [];
    UNREAD_AGE.with_label_values(&none).set(metrics::age_seconds(unread, shell.now()));
    Ok(())
}
