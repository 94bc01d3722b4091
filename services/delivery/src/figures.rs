//! Figures of delivery for Prometheus.

use crate::{Deps, Error, store};
use platform::metrics::{self, IntCounterVec, IntGaugeVec};
use std::sync::LazyLock;

static SENDS: LazyLock<IntGaugeVec> =
    LazyLock::new(|| metrics::gauge("delivery_sends", "sends by state", &["state"]));
static WAITING_AGE: LazyLock<IntGaugeVec> = LazyLock::new(|| {
    metrics::gauge("delivery_undelivered_oldest_seconds", "age of the oldest send that is not delivered", &[])
});

/// Objects that a destination has answered.
pub(crate) static OBJECTS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    metrics::counter("delivery_objects_total", "objects sent, by the destination's answer", &["answer"])
});

/// Counts sends.
pub(crate) async fn sample(deps: &Deps) -> Result<(), Error> {
    metrics::set_counts(&SENDS, store::send_counts(&deps.db).await?);
    let waiting = store::send_waiting_since(&deps.db).await?;
    let none: [&str; 0] = [];
    WAITING_AGE.with_label_values(&none).set(metrics::age_seconds(waiting, deps.clock.now()));
    Ok(())
}
