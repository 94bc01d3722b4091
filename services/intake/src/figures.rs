//! Figures of intake for Prometheus.

use crate::admit::Outcome;
use crate::error::Error;
use crate::{Config, Deps, overdue, store};
use contract::Actor;
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

static QUARANTINE: LazyLock<IntGaugeVec> = LazyLock::new(|| {
    let help = "entries of the quarantine that wait, and those of them that wait too long";
    metrics::gauge("intake_quarantine", help, &["entries"])
});
static QUARANTINE_AGE: LazyLock<IntGaugeVec> = LazyLock::new(|| {
    metrics::gauge("intake_quarantine_age_seconds", "how long entries of the quarantine wait", &["entry"])
});

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

/// Counts series, and what waits in quarantine.
pub(crate) async fn sample(config: &Config, deps: &Deps) -> Result<(), Error> {
    metrics::set_counts(&SERIES, store::series_counts(&deps.db).await?);
    let now = deps.clock.now();
    let before = overdue::before(config, now);
    let summary = store::quarantine_summary(&deps.db, before, config.quarantine_alarm_hours).await?;
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    QUARANTINE.with_label_values(&["waiting"]).set(count(summary.waiting));
    QUARANTINE.with_label_values(&["overdue"]).set(count(summary.overdue));
    let age = metrics::age_seconds(summary.oldest_received_at, now);
    QUARANTINE_AGE.with_label_values(&["oldest"]).set(age);
    Ok(())
}
