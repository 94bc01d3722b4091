//! The tests' own OTLP collector: takes what the product exports and keeps it, as bytes and as spans.

use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpResponse, HttpServer};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::Mutex;

/// Largest export that is taken, bytes.
const EXPORT_BYTES_MAX: usize = 16 << 20;

/// A running collector.
pub(crate) struct Collector {
    exports: Data<Mutex<Vec<Bytes>>>,
    port: u16,
}

impl Collector {
    pub(crate) fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let exports = Data::new(Mutex::default());
        let kept = exports.clone();
        let server = HttpServer::new(move || {
            App::new()
                .app_data(kept.clone())
                .app_data(web::PayloadConfig::new(EXPORT_BYTES_MAX))
                .route("/v1/traces", web::post().to(keep))
        });
        tokio::spawn(server.workers(1).disable_signals().listen(listener).unwrap().run());
        Self { exports, port }
    }

    /// Where it listens.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}/v1/traces", self.port)
    }

    /// Everything as it came.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.exports.lock().unwrap().concat()
    }

    /// Every span by its id.
    pub(crate) fn spans(&self) -> BTreeMap<Vec<u8>, Span> {
        let exports = self.exports.lock().unwrap();
        let requests = exports.iter().map(|bytes| ExportTraceServiceRequest::decode(bytes.clone()).unwrap());
        let scopes = requests.flat_map(|request| request.resource_spans).flat_map(|spans| spans.scope_spans);
        scopes.flat_map(|scope| scope.spans).map(|span| (span.span_id.clone(), span)).collect()
    }
}

async fn keep(exports: Data<Mutex<Vec<Bytes>>>, body: Bytes) -> HttpResponse {
    exports.lock().unwrap().push(body);
    HttpResponse::Ok().content_type("application/x-protobuf").finish()
}

/// A text attribute of a span.
pub(crate) fn attribute<'a>(span: &'a Span, key: &str) -> Option<&'a str> {
    let found = span.attributes.iter().find(|attribute| attribute.key == key)?;
    match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text),
        _ => None,
    }
}
