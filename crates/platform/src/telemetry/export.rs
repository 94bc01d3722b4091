//! How traces leave: OTLP over HTTP, on the runtime of the process.
//!
//! The batch processor works on a thread of its own, where no runtime is and an asynchronous client can't run; so
//! each request is carried out on the runtime and only waited for there.

use super::TelemetryError;
use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use std::time::Duration;
use tokio::runtime::Handle;

/// How long the collector may take; after this a batch is given up.
const TIMEOUT: Duration = Duration::from_secs(2);

pub(super) fn exporter(endpoint: &str) -> Result<SpanExporter, TelemetryError> {
    let http = reqwest::Client::builder().timeout(TIMEOUT).build().map_err(TelemetryError::Client)?;
    SpanExporter::builder()
        .with_http()
        .with_http_client(Carrier { http, runtime: Handle::current() })
        .with_endpoint(endpoint)
        .with_timeout(TIMEOUT)
        .build()
        .map_err(TelemetryError::Exporter)
}

#[derive(Debug)]
struct Carrier {
    http: reqwest::Client,
    runtime: Handle,
}

#[async_trait]
impl HttpClient for Carrier {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let http = self.http.clone();
        let sent = self.runtime.spawn(async move {
            let answer = http.execute(request.try_into()?).await?;
            let status = answer.status();
            let mut response = Response::new(answer.bytes().await?);
            *response.status_mut() = status;
            Ok::<_, reqwest::Error>(response)
        });
        Ok(sent.await??)
    }
}
