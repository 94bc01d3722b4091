//! What the door doesn't take, by behaviour.

use crate::site::Site;
use database::scratch::{Scratch, on_sqlite};
use gateway::Config;
use reqwest::StatusCode;
use serde_json::{Value, json};

const JSON: (&str, &str) = ("content-type", "application/json");

async fn refused(site: &Site, query: &str) -> String {
    let response = site.browser().posts(&json!({ "query": query })).await;
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["data"], Value::Null);
    body["errors"][0]["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_batch_of_requests_is_refused() {
    on_sqlite(async |scratch: Scratch| {
        let site = Site::open(&scratch).await;
        let batch = json!([{ "query": "{ viewer { id } }" }, { "query": "{ viewer { id } }" }]);
        let response = site.browser().sends(batch.to_string(), &[JSON]).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    })
    .await;
}

#[tokio::test]
async fn only_json_by_post_from_our_own_page_is_taken() {
    on_sqlite(async |scratch: Scratch| {
        let site = Site::open(&scratch).await;
        let browser = site.browser();
        let query = || json!({ "query": "{ viewer { id } }" }).to_string();
        let get = browser.gets("/graphql?query={viewer{id}}", "*/*").await;
        assert_eq!(get.status(), StatusCode::METHOD_NOT_ALLOWED);
        for media_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
            let response = browser.sends(query(), &[("content-type", media_type)]).await;
            assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
        }
        let foreign = browser.sends(query(), &[JSON, ("origin", "https://evil.example")]).await;
        assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
        let own = browser.sends(query(), &[JSON, ("origin", &site.base)]).await;
        assert_eq!(own.status(), StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a_large_body_is_refused() {
    on_sqlite(async |scratch: Scratch| {
        let site = Site::open(&scratch).await;
        let body = json!({ "query": format!("{{ viewer {{ id }} }} #{}", "x".repeat(70_000)) });
        assert_eq!(site.browser().posts(&body).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    })
    .await;
}

#[tokio::test]
async fn deep_wide_and_costly_queries_are_refused() {
    on_sqlite(async |scratch: Scratch| {
        let site = Site::open(&scratch).await;
        let aliases = (0..40).map(|index| format!("a{index}: id")).collect::<Vec<_>>().join(" ");
        assert!(refused(&site, &format!("{{ viewer {{ {aliases} }} }}")).await.contains("aliases"));
        let roots: String = (0..11).map(|_| "viewer { id } ").collect();
        assert!(refused(&site, &format!("{{ {roots} }}")).await.contains("fields at the root"));
        let deep = format!("{}id{}", "{ viewer ".repeat(20), " }".repeat(20));
        assert!(refused(&site, &deep).await.contains("levels"));
        let node = "id queuedAt history { index event service seq sentence leaf actor kind subject }";
        let costly =
            format!("{{ cases(first: 100) {{ nodes {{ {node} }} edges {{ node {{ {node} }} }} }} }}");
        assert!(refused(&site, &costly).await.contains("complex"));
    })
    .await;
}

#[tokio::test]
async fn the_schema_can_be_explored_in_the_demo_only() {
    on_sqlite(async |scratch: Scratch| {
        let site = Site::open(&scratch).await;
        let explore = json!({ "query": "{ __schema { queryType { name } } }" });
        let body: Value = site.browser().posts(&explore).await.json().await.unwrap();
        assert_eq!(body["data"]["__schema"], Value::Null);
        assert!(!refused(&site, "{ viewr { id } }").await.contains("viewer"), "names are not suggested");
        let demo = Site::open_with(&scratch, Config { demo: true, ..Config::default() }).await;
        let body: Value = demo.browser().posts(&explore).await.json().await.unwrap();
        assert_eq!(body["data"]["__schema"]["queryType"]["name"], "Query");
    })
    .await;
}

#[tokio::test]
async fn who_is_not_signed_in_is_told_to_sign_in() {
    on_sqlite(async |scratch: Scratch| {
        let site = Site::open(&scratch).await;
        let browser = site.browser();
        let questions = [
            "{ studies { nodes { id } } }",
            "{ worklist { nodes { id } } }",
            "{ case(id: \"case_aaaaaaaaaaaaaaaaaaaaaaaaaa\") { id } }",
            "{ ledgerStatus { size } }",
            "{ models { id } }",
            "{ study(id: \"anything\") { id } }",
        ];
        for question in questions {
            assert_eq!(browser.asks_in_vain(question).await.0, "unauthenticated", "{question}");
        }
        let open = "mutation { openCase(input: { caseId: \"x\" }) { case { id } refusal { code } } }";
        let answer = browser.asks(open, Value::Null).await;
        assert_eq!(answer["openCase"], json!({ "case": null, "refusal": { "code": "unauthenticated" } }));
    })
    .await;
}

#[tokio::test]
async fn people_and_strangers_may_not_ask_about_logins() {
    on_sqlite(async |scratch: Scratch| {
        let site = Site::open(&scratch).await;
        let browser = site.reader().await;
        let path = "/internal/logins/login_aaaaaaaaaaaaaaaaaaaaaaaaaa";
        assert_eq!(browser.gets(path, "*/*").await.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(browser.gets("/v1/outbox?after_seq=0", "*/*").await.status(), StatusCode::UNAUTHORIZED);
    })
    .await;
}
