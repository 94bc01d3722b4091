//! Figures of intake for Prometheus.

use crate::admit::Outcome;
use crate::error::Error;
use crate::store;
use contract::Actor;
use database::DatabaseConnection;
use platform::metrics::{self, HistogramVec, IntCounterVec, IntGaugeVec};
use std::sync::LazyLock;
use std::time::Duration;

static INSTANCES: LazyLock<IntCounterVec> = LazyLock::new(|| {
    let help = "objects that came in, by door and what became of them";
    metrics::counter("intake_instances_total", help, &["door", "outcome"])
});
static ADMIT_SECONDS: LazyLock<HistogramVec> = LazyLock::new(|| {
    let help = "time from a whole object to its being durable";
    metrics::histogram("intake_admit_duration_seconds", help, &["door"])
});
static SERIES: LazyLock<IntGaugeVec> =
    LazyLock::new(|| metrics::gauge("intake_series", "series by state", &["state"]));

/// Associations that have ended.
pub(crate) static ASSOCIATIONS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    let help = "associations that have ended, by whether they brought something new";
    metrics::counter("intake_associations_total", help, &["brought"])
});

/// Counts an object that came in.
pub(crate) fn admitted(actor: &Actor, outcome: Option<&Outcome>, took: Duration) {
    let door = match actor {
        Actor::Device { .. } => "dicom",
        Actor::Operator => "import",
        _ => "web",
    };
    let outcome = match outcome {
        Some(Outcome::Stored(_)) => "stored",
        Some(Outcome::Repeated) => "repeated",
        Some(Outcome::Quarantined { .. }) => "quarantined",
        None => "failed",
    };
    INSTANCES.with_label_values(&[door, outcome]).inc();
    ADMIT_SECONDS.with_label_values(&[door]).observe(took.as_secs_f64());
}

/// Counts series.
pub(crate) async fn sample(db: &DatabaseConnection) -> Result<(), Error> {
    metrics::set_counts(&SERIES, store::series_counts(db).await?);
    Ok(())
}
