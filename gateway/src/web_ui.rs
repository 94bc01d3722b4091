//! The web-ui, embedded in the binary, and the headers that every answer of the door carries.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, HttpResponse};
use rust_embed::RustEmbed;

/// What `npm run build` made. Debug builds read the folder when they run.
#[derive(RustEmbed)]
#[folder = "../web-ui/dist"]
#[allow_missing = true]
struct Files;

const INDEX: &str = "index.html";
/// Vite puts files whose names hold a digest of their content here.
const HASHED: &str = "assets/";

const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><title>Countersign</title>\
<p>The web-ui has not been built. Build it and start again:</p>\
<pre>cd web-ui &amp;&amp; npm ci &amp;&amp; npm run build</pre></html>";

/// Scripts and styles come from here only; WebAssembly and workers decode images; nobody may frame the page.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; \
img-src 'self' blob: data:; style-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; \
form-action 'self'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

/// Puts the security headers on an answer.
pub(crate) async fn secure(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut response = next.call(request).await?;
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}

/// A file of the web-ui; any other path is a page of it, which the browser draws.
pub(crate) async fn file(request: HttpRequest) -> HttpResponse {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return HttpResponse::MethodNotAllowed().finish();
    }
    let path = request.path().trim_start_matches('/');
    if let Some(found) = Files::get(path) {
        let kept = if path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
        return content(path, kept, found.data.into_owned());
    }
    if path.starts_with(HASHED) {
        return HttpResponse::NotFound().finish();
    }
    match Files::get(INDEX) {
        Some(index) => content(INDEX, "no-cache", index.data.into_owned()),
        None => content(INDEX, "no-store", NOT_BUILT.as_bytes().to_vec()),
    }
}

fn content(path: &str, kept: &'static str, data: Vec<u8>) -> HttpResponse {
    let media_type = mime_guess::from_path(path).first_or_octet_stream();
    let text = media_type.type_() == mime_guess::mime::TEXT;
    let media_type = if text { format!("{media_type}; charset=utf-8") } else { media_type.to_string() };
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, media_type))
        .insert_header((CACHE_CONTROL, kept))
        .body(data)
}
