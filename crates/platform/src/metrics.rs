//! Prometheus metrics of this process.

use prometheus::{
    Encoder as _, HistogramOpts, HistogramVec, IntCounterVec, IntGaugeVec, Opts, Registry, TextEncoder,
};
use std::sync::LazyLock;

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
    let metric = HistogramVec::new(HistogramOpts::new(name, help), labels)
        .expect("the name and labels are well formed");
    REGISTRY.register(Box::new(metric.clone())).expect("the name is registered once");
    metric
}

/// All metrics in Prometheus' text format.
pub fn text() -> String {
    let mut buffer = Vec::new();
    TextEncoder::new().encode(&REGISTRY.gather(), &mut buffer).expect("a buffer in memory takes everything");
    String::from_utf8(buffer).expect("Prometheus' text format is UTF-8")
}
