//! Prometheus metrics of this process.

use crate::Shutdown;
use contract::Time;
use prometheus::core::Collector as _;
use prometheus::{Encoder as _, HistogramOpts, Opts, Registry, TextEncoder};
use std::sync::LazyLock;
use std::time::Duration;

pub use prometheus::{HistogramVec, IntCounterVec, IntGaugeVec};

/// How often what is counted in a database is counted again.
const SAMPLE_PERIOD: Duration = Duration::from_secs(5);
/// Bounds in seconds for work that may take an hour.
const WORK_SECONDS: [f64; 12] =
    [1.0, 2.0, 5.0, 10.0, 20.0, 60.0, 120.0, 300.0, 600.0, 1_200.0, 1_800.0, 3_600.0];

static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::new);

/// Time taken by HTTP requests, by service, route template and status.
pub static HTTP_SECONDS: LazyLock<HistogramVec> = LazyLock::new(|| {
    histogram("http_server_request_duration_seconds", "time to answer", &["service", "route", "status"])
});

/// Registers a counter. Call it once per name, from a `LazyLock`.
///
/// # Panics
/// When the name is taken or malformed, which is a mistake in the program.
pub fn counter(name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
    let metric =
        IntCounterVec::new(Opts::new(name, help), labels).expect("the name and labels are well formed");
    REGISTRY.register(Box::new(metric.clone())).expect("the name is registered once");
    metric
}

/// Registers a gauge. Call it once per name, from a `LazyLock`.
///
/// # Panics
/// As [`counter`].
pub fn gauge(name: &str, help: &str, labels: &[&str]) -> IntGaugeVec {
    let metric =
        IntGaugeVec::new(Opts::new(name, help), labels).expect("the name and labels are well formed");
    REGISTRY.register(Box::new(metric.clone())).expect("the name is registered once");
    metric
}

/// Registers a histogram in seconds. Call it once per name, from a `LazyLock`.
///
/// # Panics
/// As [`counter`].
pub fn histogram(name: &str, help: &str, labels: &[&str]) -> HistogramVec {
    registered(HistogramOpts::new(name, help), labels)
}

/// Registers a histogram in seconds of work that may take an hour. Call it once per name, from a `LazyLock`.
///
/// # Panics
/// As [`counter`].
pub fn work_histogram(name: &str, help: &str, labels: &[&str]) -> HistogramVec {
    registered(HistogramOpts::new(name, help).buckets(WORK_SECONDS.to_vec()), labels)
}

fn registered(options: HistogramOpts, labels: &[&str]) -> HistogramVec {
    let metric = HistogramVec::new(options, labels).expect("the name and labels are well formed");
    REGISTRY.register(Box::new(metric.clone())).expect("the name is registered once");
    metric
}

/// Sets a gauge with one label to `counts`. What was counted before and is not there any more becomes 0: a gauge
/// that vanishes looks like a process that is away.
pub fn set_counts(gauge: &IntGaugeVec, counts: impl IntoIterator<Item = (String, i64)>) {
    let known: Vec<String> = gauge
        .collect()
        .iter()
        .flat_map(prometheus::proto::MetricFamily::get_metric)
        .flat_map(prometheus::proto::Metric::get_label)
        .map(|label| label.value().to_owned())
        .collect();
    let counts: Vec<(String, i64)> = counts.into_iter().collect();
    for gone in known.iter().filter(|known| counts.iter().all(|(value, _)| value != *known)) {
        gauge.with_label_values(&[gone]).set(0);
    }
    for (value, count) in counts {
        gauge.with_label_values(&[value]).set(count);
    }
}

/// Whole seconds from `since` to `now`; 0 where nothing waits.
pub fn age_seconds(since: Option<Time>, now: Time) -> i64 {
    since.map_or(0, |since| (now - since).num_seconds().max(0))
}

/// Calls `sample`, which counts what only a database knows, again and again until `shutdown`. A sample that fails
/// leaves the figures as they were.
pub async fn sample<E: std::error::Error + 'static, F: Future<Output = Result<(), E>>>(
    service: &'static str,
    shutdown: Shutdown,
    sample: impl Fn() -> F,
) {
    loop {
        if let Err(error) = sample().await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(
                event = "figures.old",
                service,
                error,
                "figures could not be counted; they are old"
            );
        }
        if !shutdown.sleep(SAMPLE_PERIOD).await {
            return;
        }
    }
}

/// All metrics in Prometheus' text format.
pub fn text() -> String {
    let mut buffer = Vec::new();
    TextEncoder::new().encode(&REGISTRY.gather(), &mut buffer).expect("a buffer in memory takes everything");
    String::from_utf8(buffer).expect("Prometheus' text format is UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_that_nobody_is_in_any_more_counts_zero() {
        let gauge = gauge("test_things", "things by state", &["state"]);
        set_counts(&gauge, [("new".to_owned(), 2), ("old".to_owned(), 1)]);
        set_counts(&gauge, [("old".to_owned(), 3)]);
        assert!(text().contains("test_things{state=\"new\"} 0"), "{}", text());
        assert!(text().contains("test_things{state=\"old\"} 3"), "{}", text());
    }

    #[test]
    fn nothing_that_waits_is_zero_seconds_old() {
        let now: Time = "2026-11-25T08:00:00Z".parse().unwrap();
        assert_eq!(age_seconds(None, now), 0);
        assert_eq!(age_seconds(Some(now - chrono::TimeDelta::seconds(90)), now), 90);
    }
}
