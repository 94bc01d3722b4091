//! Logs and traces. Logs are JSON or text lines on standard error; traces go to an OTLP collector when one is
//! configured, and their context travels through HTTP, queue and outbox either way.
//!
//! Neither carries an identity: whoever adds a field to a span or a log line names our own ids, counts, codes and
//! route templates, never what a patient's object or a person's request contains.

mod export;

use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;
use tracing::level_filters::LevelFilter;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::Layer as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// `[telemetry]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Filter of log lines: a level, or levels by part (`info,delivery=debug`). Traces don't depend on it.
    pub log: String,
    /// Log lines as JSON (`true`) or as text for people.
    pub json: bool,
    /// OTLP/HTTP endpoint for traces, for instance `http://127.0.0.1:4318/v1/traces`; empty: none.
    pub otlp_traces: String,
    /// Addresses that may read `/metrics`, directly and not through a proxy. Its figures tell how many cases are
    /// read and released, which readers must not learn: name only where Prometheus runs.
    pub metrics_callers: Vec<IpAddr>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            log: "info".to_owned(),
            json: true,
            otlp_traces: String::new(),
            metrics_callers: vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
        }
    }
}

/// Telemetry that can't be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The log filter can't be read.
    #[error("log filter can't be read")]
    Filter(#[source] tracing_subscriber::filter::ParseError),
    /// The client that carries traces can't be built.
    #[error("the client for traces can't be built")]
    Client(#[source] reqwest::Error),
    /// The exporter can't be built.
    #[error("trace exporter can't be built")]
    Exporter(#[source] opentelemetry_otlp::ExporterBuildError),
    /// Somebody set up telemetry before.
    #[error("telemetry is already set up")]
    Twice(#[source] tracing_subscriber::util::TryInitError),
}

/// Ends telemetry when the process ends: the last spans leave, or are given up after two seconds.
pub struct Telemetry(SdkTracerProvider);

impl Drop for Telemetry {
    fn drop(&mut self) {
        // A collector that doesn't answer must not keep the process alive (R42).
        let _ = self.0.shutdown_with_timeout(Duration::from_secs(2));
    }
}

/// Sets up logs and traces of this process. Call it on the runtime that the process lives on: traces leave there.
///
/// # Errors
/// [`TelemetryError`].
pub fn init(config: &Config) -> Result<Telemetry, TelemetryError> {
    let filter =
        tracing_subscriber::EnvFilter::builder().parse(&config.log).map_err(TelemetryError::Filter)?;
    let resource = Resource::builder().with_service_name("countersign").build();
    let mut provider = SdkTracerProvider::builder().with_resource(resource);
    if !config.otlp_traces.is_empty() {
        provider = provider.with_batch_exporter(export::exporter(&config.otlp_traces)?);
    }
    let provider = provider.build();
    let traces = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("countersign"))
        // Files and threads are for the log; an attribute less is a byte less per span.
        .with_location(false)
        .with_threads(false)
        .with_filter(LevelFilter::INFO);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let registry = tracing_subscriber::registry().with(traces);
    let set = if config.json {
        registry.with(lines.json().flatten_event(true).with_filter(filter)).try_init()
    } else {
        registry.with(lines.with_target(false).with_filter(filter)).try_init()
    };
    set.map_err(TelemetryError::Twice)?;
    Ok(Telemetry(provider))
}

/// The W3C `traceparent` of the current span, to be carried with a message.
pub fn traceparent() -> Option<String> {
    let mut carrier = HashMap::new();
    TraceContextPropagator::new().inject_context(&tracing::Span::current().context(), &mut carrier);
    carrier.remove("traceparent")
}

/// Makes `span` a child of the work that `traceparent` names. It must not have been entered yet.
pub fn continue_from(span: &tracing::Span, traceparent: Option<&str>) {
    let Some(traceparent) = traceparent else { return };
    let carrier = HashMap::from([("traceparent".to_owned(), traceparent.to_owned())]);
    // A span that tracing filtered out has no context to set: then there is nothing to continue.
    let _ = span.set_parent(TraceContextPropagator::new().extract(&carrier));
}
