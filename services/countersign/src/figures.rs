//! Figures that every service has: what waits in its outbox.

use contract::Time;
use database::{DatabaseConnection, outbox};
use platform::metrics::{self, IntGaugeVec};
use platform::{Clock, Shutdown, Task};
use std::sync::{Arc, LazyLock};

static UNSENT: LazyLock<IntGaugeVec> = LazyLock::new(|| {
    metrics::gauge("outbox_unsent_events", "events that are not on the bus yet", &["service"])
});
static LAG: LazyLock<IntGaugeVec> = LazyLock::new(|| {
    metrics::gauge("outbox_lag_seconds", "age of the oldest event that is not on the bus yet", &["service"])
});

/// Counts what waits in the outbox of `service`.
pub(crate) fn task(service: &'static str, db: DatabaseConnection, clock: Arc<dyn Clock>) -> Task {
    Task::new("outbox figures", move |shutdown: Shutdown| async move {
        metrics::sample(service, shutdown, || async { sample(service, &db, clock.now()).await }).await;
    })
}

async fn sample(service: &str, db: &DatabaseConnection, now: Time) -> Result<(), database::Error> {
    let backlog = outbox::backlog(db).await?;
    UNSENT.with_label_values(&[service]).set(i64::try_from(backlog.events).unwrap_or(i64::MAX));
    LAG.with_label_values(&[service]).set(metrics::age_seconds(backlog.oldest, now));
    Ok(())
}
