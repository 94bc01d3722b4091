//! The web-ui, and the headers of every answer.

use crate::site::Site;
use database::scratch::{Scratch, on_sqlite};
use reqwest::StatusCode;

#[tokio::test]
async fn every_path_that_is_no_file_is_the_page() {
    on_sqlite(async |scratch: Scratch| {
        let site = Site::open(&scratch).await;
        let browser = site.browser();
        for path in ["/", "/worklist", "/cases/case_aaaaaaaaaaaaaaaaaaaaaaaaaa"] {
            let response = browser.gets(path, "text/html").await;
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
        }
        let missing = browser.gets("/assets/nothing-0000.js", "*/*").await;
        assert_eq!(missing.status(), StatusCode::NOT_FOUND);
        let outside = browser.gets("/..%2f..%2fCargo.toml", "*/*").await.text().await.unwrap();
        assert!(!outside.contains("[package]"));
    })
    .await;
}

#[tokio::test]
async fn no_answer_lets_itself_be_framed_sniffed_or_scripted_from_elsewhere() {
    on_sqlite(async |scratch: Scratch| {
        let site = Site::open(&scratch).await;
        for path in ["/", "/healthz", "/graphql", "/dicom-web/studies"] {
            let response = site.browser().gets(path, "*/*").await;
            let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
            let policy = header("content-security-policy");
            assert!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"));
            assert!(!policy.contains("unsafe-eval'") || policy.contains("'wasm-unsafe-eval'"));
            assert!(!policy.contains("script-src 'self' 'unsafe"));
            assert_eq!(header("x-content-type-options"), "nosniff");
            assert_eq!(header("referrer-policy"), "no-referrer");
            assert_eq!(header("cross-origin-opener-policy"), "same-origin");
        }
    })
    .await;
}

#[tokio::test]
async fn health_and_figures_are_there() {
    on_sqlite(async |scratch: Scratch| {
        let site = Site::open(&scratch).await;
        let browser = site.browser();
        assert_eq!(browser.gets("/healthz", "*/*").await.status(), StatusCode::OK);
        assert_eq!(browser.gets("/readyz", "*/*").await.status(), StatusCode::OK);
        let figures = browser.gets("/metrics", "*/*").await.text().await.unwrap();
        assert!(figures.contains("http_server_request_duration_seconds"));
    })
    .await;
}
