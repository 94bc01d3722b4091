//! One HTTP server, the same for every service: routes, who calls, metrics, trace, and a log line per request
//! that names the route template, never the path.
//!
//! Each server answers `/metrics` with the figures of its process, to the addresses that may read them only.

use crate::http::Authority;
use crate::{Routes, Shutdown, metrics, telemetry};
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CONTENT_TYPE, FORWARDED};
use actix_web::middleware::{Next, from_fn};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use std::net::{IpAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tracing::Instrument as _;

/// How one server is run.
pub struct HttpOptions {
    /// Where it listens.
    pub listener: TcpListener,
    /// Threads that answer.
    pub workers: usize,
    /// TLS, where the server is not on loopback or behind a proxy.
    pub tls: Option<rustls::ServerConfig>,
    /// Largest JSON body in bytes.
    pub json_bytes_max: usize,
    /// Addresses that may read `/metrics`.
    pub metrics_callers: Vec<IpAddr>,
}

/// Serves until `shutdown`, then drains for up to 30 s.
///
/// # Errors
/// When the listener can't be used.
pub async fn serve(
    name: &'static str,
    options: HttpOptions,
    routes: Routes,
    authority: Authority,
    shutdown: Shutdown,
) -> std::io::Result<()> {
    let json_bytes_max = options.json_bytes_max;
    let metrics_callers: Arc<[IpAddr]> = options.metrics_callers.into();
    let server = HttpServer::new(move || {
        let (routes, callers) = (routes.clone(), Arc::clone(&metrics_callers));
        App::new()
            .app_data(web::Data::new(authority.clone()))
            .app_data(web::JsonConfig::default().limit(json_bytes_max))
            .wrap(from_fn(move |request, next| observe(name, request, next)))
            .route("/metrics", web::get().to(move |request| std::future::ready(figures(&request, &callers))))
            .configure(move |config| routes(config))
    })
    .workers(options.workers.max(1))
    .keep_alive(KEEP_ALIVE)
    .shutdown_timeout(30)
    .disable_signals();
    let server = match options.tls {
        Some(tls) => server.listen_rustls_0_23(options.listener, tls)?,
        None => server.listen(options.listener)?,
    };
    let server = server.run();
    let handle = server.handle();
    let stopper = async move {
        shutdown.wait().await;
        handle.stop(true).await;
    };
    tokio::join!(server, stopper).0
}

/// How long a connection may rest. Longer than any of our clients keeps an idle one: otherwise a request meets a
/// connection that is just being closed, and a service seems not to answer.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// The figures, or the answer that an unknown path gets. A request that came through a proxy is nobody's own.
fn figures(request: &HttpRequest, callers: &[IpAddr]) -> HttpResponse {
    let headers = request.headers();
    let direct = !headers.contains_key(FORWARDED) && !headers.contains_key("x-forwarded-for");
    let known = request.peer_addr().is_some_and(|peer| callers.contains(&peer.ip().to_canonical()));
    if direct && known {
        HttpResponse::Ok().insert_header((CONTENT_TYPE, "text/plain; version=0.0.4")).body(metrics::text())
    } else {
        HttpResponse::NotFound().finish()
    }
}

async fn observe(
    service: &'static str,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let started = Instant::now();
    let span = tracing::info_span!(
        "http",
        otel.name = "HTTP",
        otel.kind = "server",
        service,
        http.request.method = %request.method(),
        http.route = tracing::field::Empty,
        http.response.status_code = tracing::field::Empty,
    );
    let parent = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
    telemetry::continue_from(&span, parent);
    let method = request.method().clone();
    async move {
        let outcome = next.call(request).await;
        let (route, status) = match &outcome {
            Ok(response) => (response.request().match_pattern(), response.status().as_u16()),
            Err(error) => (None, error.as_response_error().status_code().as_u16()),
        };
        let route = route.unwrap_or_else(|| "(none)".to_owned());
        let span = tracing::Span::current();
        span.record("http.route", &*route).record("http.response.status_code", status);
        let seconds = started.elapsed().as_secs_f64();
        metrics::HTTP_SECONDS.with_label_values(&[service, &route, &status.to_string()]).observe(seconds);
        let duration_ms = seconds * 1e3;
        tracing::debug!(event = "http.answered", service, %method, route, status, duration_ms, "answered");
        outcome
    }
    .instrument(span)
    .await
}
