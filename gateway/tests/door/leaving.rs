//! Whoever leaves before the answer leaves no work behind, and takes nothing with them that was begun for good.

use crate::cases::WithStudy as _;
use crate::site::{PASSWORD, Site};
use contract::{CaseId, Digest};
use database::on_both_databases;
use database::scratch::Scratch;
use reqwest::header::COOKIE;
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

on_both_databases! {
    r48_what_was_asked_for_and_left_ends_and_keeps_nobody_waiting,
    r48_a_signature_on_its_way_is_completed_when_the_page_is_closed,
}

/// Requests that are left.
const LEFT: usize = 300;
/// When they are.
const LEAVES_AFTER: Duration = Duration::from_millis(100);

/// Three kinds of heavy answers: an export without end, pixels, figures.
const HEAVY: [&str; 3] = [
    "/ledger/export?format=csv",
    "/dicom-web/studies/1.2.3/series/1.2.3.1",
    "/quality/report?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z",
];

async fn r48_what_was_asked_for_and_left_ends_and_keeps_nobody_waiting(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    site.has_cases(1);
    let browser = site.reader().await;
    site.behind.is_slow.store(true, Ordering::Relaxed);
    let leave = |number: usize| {
        let request = site.http.get(format!("{}{}", site.base, HEAVY[number % HEAVY.len()]));
        let request = request.header(COOKIE, browser.cookie_pair()).timeout(LEAVES_AFTER);
        async move {
            if let Ok(mut answer) = request.send().await {
                while let Ok(Some(_)) = answer.chunk().await {}
            }
        }
    };
    futures::future::join_all((0..LEFT).map(leave)).await;
    let start = Instant::now();
    browser.asks("{ worklist { nodes { id } } }", Value::Null).await;
    assert!(start.elapsed() < Duration::from_secs(1), "the worklist took {:?}", start.elapsed());
    let working = || site.behind.working.load(Ordering::Relaxed);
    while working() > 0 {
        assert!(start.elapsed() < Duration::from_secs(5), "{} exports still run", working());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(site.behind.asked("/v1/ledger/export") > 0, "no export had begun");
    site.behind.is_slow.store(false, Ordering::Relaxed);
    site.closes().await;
}

async fn r48_a_signature_on_its_way_is_completed_when_the_page_is_closed(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    site.has_cases(1);
    let browser = site.reader().await;
    site.behind.is_slow.store(true, Ordering::Relaxed);
    let input = json!({ "caseId": CaseId::from_bits(1), "verdict": "ACCEPT",
        "caseDigest": Digest::of(b"case"), "username": "rad1", "password": PASSWORD });
    let question = "mutation ($input: SignReadInput!) { signRead(input: $input) { refusal { code } } }";
    let body = json!({ "query": question, "variables": { "input": input } });
    let request = site.http.post(format!("{}/graphql", site.base)).json(&body);
    let request = request.header(COOKIE, browser.cookie_pair());
    let on_its_way = async {
        while site.behind.signing.load(Ordering::Relaxed) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        _ = request.send() => panic!("it was answered before the page was closed"),
        () = on_its_way => {}
    }
    let start = Instant::now();
    while site.behind.signed.lock().unwrap().is_empty() {
        assert!(start.elapsed() < Duration::from_secs(5), "the signature was lost with the page");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(site.behind.signed.lock().unwrap().len(), 1);
    site.closes().await;
}
