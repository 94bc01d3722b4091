//! DICOMweb: who sees which bytes, and what is stored.

use crate::cases::{STUDY_UID, WithStudy as _};
use crate::site::{Browser, Site};
use bytes::Bytes;
use contract::intake::Study;
use contract::{Digest, StudyId};
use database::scratch::{Scratch, on_sqlite};
use gateway::{Config, StowSender};
use reqwest::StatusCode;
use serde_json::Value;
use std::io::Write;
use std::sync::{Arc, Mutex};

const DICOM: &str = "application/dicom";

fn file(preamble: &[u8], content: &str) -> Bytes {
    let mut bytes = preamble.to_vec();
    bytes.resize(128, 0);
    bytes.extend_from_slice(b"DICM");
    bytes.extend_from_slice(content.as_bytes());
    bytes.into()
}

/// A received and a derived instance, and their paths.
async fn laid_out(site: &Site) -> (Bytes, String, Bytes, String) {
    let (source, derived) = (file(b"MZ program", "source"), file(b"", "derived"));
    let source_key = site.objects.put(source.clone()).await.unwrap();
    let derived_key = site.objects.put(derived.clone()).await.unwrap();
    site.has_a_study(source_key, derived_key);
    let path = |series: &str, instance: &str| {
        format!("/dicom-web/studies/{STUDY_UID}/series/{series}/instances/{instance}")
    };
    (source, path("1.2.3.1", "1.2.3.1.1"), derived, path("2.25.9", "2.25.91"))
}

async fn bytes(browser: &Browser<'_>, path: &str) -> Bytes {
    let response = browser.gets(path, DICOM).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["cache-control"], "private, no-store");
    assert_eq!(response.headers()["content-type"], DICOM);
    response.bytes().await.unwrap()
}

#[tokio::test]
async fn derived_bytes_come_exactly_as_they_were_signed() {
    on_sqlite(async |scratch: Scratch| {
        let site = Site::open(&scratch).await;
        let (_, _, derived, path) = laid_out(&site).await;
        let browser = site.reader().await;
        assert_eq!(bytes(&browser, &path).await, derived);
        assert_eq!(site.behind.asked(&format!("/v1/runs/{}/view", site.run_id())), 1);
    })
    .await;
}

#[tokio::test]
async fn source_bytes_come_without_what_stood_in_the_preamble() {
    on_sqlite(async |scratch: Scratch| {
        let site = Site::open(&scratch).await;
        let (source, path, ..) = laid_out(&site).await;
        let got = bytes(&site.reader().await, &path).await;
        assert_eq!(got.len(), source.len());
        assert!(got[..128].iter().all(|byte| *byte == 0));
        assert_eq!(got[128..], source[128..]);
    })
    .await;
}

#[tokio::test]
async fn r33_received_bytes_come_back_unchanged_and_no_other_encoding_is_made_up() {
    on_sqlite(async |scratch: Scratch| {
        let site = Site::open(&scratch).await;
        let (source, path, ..) = laid_out(&site).await;
        let browser = site.reader().await;
        assert_eq!(bytes(&browser, &path).await[128..], source[128..]);
        let wanted = "application/dicom; transfer-syntax=1.2.840.10008.1.2.1";
        let series = path.split("/instances").next().unwrap();
        for path in [path.as_str(), series] {
            let response = browser.gets(path, wanted).await;
            assert_eq!(response.status(), StatusCode::NOT_ACCEPTABLE);
            let refusal: Value = response.json().await.unwrap();
            assert_eq!(refusal["code"], "not_acceptable");
            assert!(refusal["remedy"].as_str().unwrap().contains("transfer-syntax=*"), "{refusal}");
        }
    })
    .await;
}

#[tokio::test]
async fn r06_an_instance_that_the_store_lost_or_cut_is_never_shown_as_whole() {
    on_sqlite(async |scratch: Scratch| {
        let site = Site::open(&scratch).await;
        let (source, source_path, derived, derived_path) = laid_out(&site).await;
        let browser = site.reader().await;
        for (content, path) in [(source, source_path), (derived, derived_path)] {
            let file = site.object_file(&Digest::of(&content));
            let other = content.iter().map(|byte| byte ^ 1).collect::<Vec<u8>>();
            for kept in [&[], &content[..content.len() - 2], &other] {
                std::fs::write(&file, kept).unwrap();
                for accept in [DICOM, "multipart/related; type=\"application/dicom\""] {
                    let request = site.http.get(format!("{}{path}", site.base)).header("accept", accept);
                    let shown = match request.header("cookie", browser.cookie_pair()).send().await {
                        Ok(response) => response.status().is_success() && response.bytes().await.is_ok(),
                        Err(_) => false,
                    };
                    assert!(!shown, "{} bytes were shown as whole", kept.len());
                }
            }
            std::fs::remove_file(&file).unwrap();
            assert_eq!(browser.gets(&path, DICOM).await.status(), StatusCode::NOT_FOUND);
        }
    })
    .await;
}

#[tokio::test]
async fn what_review_does_not_show_is_not_there() {
    on_sqlite(async |scratch: Scratch| {
        let site = Site::open(&scratch).await;
        let (.., path) = laid_out(&site).await;
        let browser = site.reader().await;
        site.behind.hidden.lock().unwrap().push(site.run_id());
        let absent = path.replace("2.25.91", "2.25.92");
        let series = format!("/dicom-web/studies/{STUDY_UID}/series/2.25.9");
        for path in [path, absent, format!("{series}/instances"), series] {
            let response = browser.gets(&path, "*/*").await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
            assert_eq!(response.bytes().await.unwrap().len(), 0);
        }
        let study = browser.gets(&format!("/dicom-web/studies/{STUDY_UID}"), "*/*").await;
        let body = study.bytes().await.unwrap();
        let has = |text: &str| body.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(has("DICMsource") && !has("DICMderived"));
    })
    .await;
}

#[tokio::test]
async fn a_right_that_was_taken_away_counts_at_once() {
    on_sqlite(async |scratch: Scratch| {
        let site = Site::open(&scratch).await;
        let (.., path) = laid_out(&site).await;
        let browser = site.reader().await;
        bytes(&browser, &path).await;
        site.behind.hidden.lock().unwrap().push(site.run_id());
        assert_eq!(browser.gets(&path, DICOM).await.status(), StatusCode::NOT_FOUND);
    })
    .await;
}

/// Every answer that a person may get over DICOMweb about the derived series and its study.
fn readable(derived: &str) -> [String; 6] {
    let series = derived.split("/instances").next().unwrap();
    let study = series.split("/series").next().unwrap();
    let list = "/dicom-web/studies".to_owned();
    let of_series = format!("{series}/instances");
    [derived.to_owned(), of_series, series.to_owned(), format!("{study}/series"), study.to_owned(), list]
}

#[tokio::test]
async fn r46_nothing_is_not_modified_and_what_may_no_longer_be_seen_is_not_there() {
    on_sqlite(async |scratch: Scratch| {
        let site = Site::open(&scratch).await;
        let (.., derived_path) = laid_out(&site).await;
        let browser = site.reader().await;
        let asks = async |path: &str, condition: Option<(&'static str, String)>| {
            let request = site.http.get(format!("{}{path}", site.base)).header("accept", "*/*");
            let request = match condition {
                Some((name, value)) => request.header(name, value),
                None => request,
            };
            request.header("cookie", browser.cookie_pair()).send().await.unwrap()
        };
        let conditions = |found: &reqwest::Response| {
            let tag = found.headers().get("etag").map(|tag| tag.to_str().unwrap().to_owned());
            [
                ("if-none-match", "*".to_owned()),
                ("if-none-match", tag.unwrap_or_else(|| "\"2.25.91\"".to_owned())),
                ("if-modified-since", "Fri, 01 Jan 2100 00:00:00 GMT".to_owned()),
            ]
        };
        let mut had = Vec::new();
        for path in readable(&derived_path) {
            let found = asks(&path, None).await;
            assert_eq!(
                (found.status(), &found.headers()["cache-control"]),
                (StatusCode::OK, &"private, no-store".parse().unwrap())
            );
            assert!(
                ["etag", "last-modified", "expires", "age"]
                    .iter()
                    .all(|name| !found.headers().contains_key(*name)),
                "{path}"
            );
            let conditions = conditions(&found);
            let whole = found.bytes().await.unwrap();
            for condition in conditions.clone() {
                let again = asks(&path, Some(condition)).await;
                assert_eq!(again.status(), StatusCode::OK, "{path}");
                assert_eq!(
                    again.bytes().await.unwrap().len(),
                    whole.len(),
                    "{path}: nothing is left to a cache"
                );
            }
            had.push((path, conditions));
        }
        // Superseded, recalled, or the right to it taken away: for review it is the same, and here too.
        site.behind.hidden.lock().unwrap().push(site.run_id());
        for (path, conditions) in &had {
            for condition in conditions.iter().cloned().map(Some).chain([None]) {
                let found = asks(path, condition).await;
                let (status, kept) =
                    (found.status(), found.headers()["cache-control"].to_str().unwrap().to_owned());
                assert!(kept.contains("no-store"), "{path}: {kept}");
                let body = found.bytes().await.unwrap();
                let has_derived = body.windows(7).any(|bytes| bytes == b"derived" || bytes == b"2.25.91");
                assert!(!has_derived, "{path}: {status}");
                let hidden = path.contains("2.25.9");
                assert_eq!(status, if hidden { StatusCode::NOT_FOUND } else { StatusCode::OK }, "{path}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn r46_what_was_made_anew_never_comes_as_what_was_there_before() {
    on_sqlite(async |scratch: Scratch| {
        let site = Site::open(&scratch).await;
        let (.., derived, path) = laid_out(&site).await;
        let browser = site.reader().await;
        assert_eq!(bytes(&browser, &path).await, derived);
        // The run is superseded, and another one made other objects, under UIDs of its own.
        site.behind.hidden.lock().unwrap().push(site.run_id());
        let anew = file(b"", "made anew");
        let key = site.objects.put(anew.clone()).await.unwrap();
        let path_anew = site.has_another_run(key);
        assert_eq!(bytes(&browser, &path_anew).await, anew);
        assert_eq!(browser.gets(&path, DICOM).await.status(), StatusCode::NOT_FOUND);
        // The former instance asked for in the new series, and the other way round.
        for crossed in [path_anew.replace("2.25.81", "2.25.91"), path.replace("2.25.91", "2.25.81")] {
            assert_eq!(browser.gets(&crossed, DICOM).await.status(), StatusCode::NOT_FOUND, "{crossed}");
        }
    })
    .await;
}

#[tokio::test]
async fn nobody_gets_pixels_without_signing_in() {
    on_sqlite(async |scratch: Scratch| {
        let site = Site::open(&scratch).await;
        let (_, source, _, derived) = laid_out(&site).await;
        for path in [source.as_str(), &derived, "/dicom-web/studies"] {
            assert_eq!(site.browser().gets(path, "*/*").await.status(), StatusCode::UNAUTHORIZED);
        }
    })
    .await;
}

#[tokio::test]
async fn a_series_comes_as_parts_and_pictures_are_not_made() {
    on_sqlite(async |scratch: Scratch| {
        let site = Site::open(&scratch).await;
        laid_out(&site).await;
        let browser = site.reader().await;
        let path = format!("/dicom-web/studies/{STUDY_UID}/series/2.25.9");
        let response = browser.gets(&path, "multipart/related; type=\"application/dicom\"").await;
        let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
        let boundary = content_type.split("boundary=").nth(1).unwrap().to_owned();
        let body = response.text().await.unwrap();
        assert!(body.starts_with(&format!("--{boundary}\r\nContent-Type: application/dicom")));
        assert!(body.contains("DICMderived\r\n") && body.ends_with(&format!("--{boundary}--\r\n")));
        assert_eq!(browser.gets(&path, "image/jpeg").await.status(), StatusCode::NOT_ACCEPTABLE);
    })
    .await;
}

#[tokio::test]
async fn studies_are_listed_in_the_dicom_json_model() {
    on_sqlite(async |scratch: Scratch| {
        let site = Site::open(&scratch).await;
        laid_out(&site).await;
        let browser = site.reader().await;
        let listed = browser.gets("/dicom-web/studies", "application/dicom+json").await;
        let listed: Value = listed.json().await.unwrap();
        assert_eq!(listed[0]["0020000D"]["Value"][0], STUDY_UID);
        let series = browser.gets(&format!("/dicom-web/studies/{STUDY_UID}/series"), "*/*").await;
        let series: Value = series.json().await.unwrap();
        assert_eq!(series.as_array().unwrap().len(), 1);
        assert_eq!(series[0]["0020000E"]["Value"][0], "1.2.3.1");
    })
    .await;
}

#[tokio::test]
async fn r44_a_limit_that_leaves_studies_out_says_how_many() {
    on_sqlite(async |scratch: Scratch| {
        let site = Site::open(&scratch).await;
        laid_out(&site).await;
        let one = site.behind.studies.lock().unwrap()[0].clone();
        let more = (1..=4_u128).map(|bits| Study { id: StudyId::from_bits(bits), ..one.clone() });
        site.behind.studies.lock().unwrap().extend(more);
        let browser = site.reader().await;
        for (query, listed, warning) in
            [("limit=2", 2, Some("3")), ("limit=2&offset=2", 2, Some("1")), ("limit=2&offset=4", 1, None)]
        {
            let answer = browser.gets(&format!("/dicom-web/studies?{query}"), "*/*").await;
            let said = answer.headers().get("warning").map(|said| said.to_str().unwrap().to_owned());
            let studies: Value = answer.json().await.unwrap();
            assert_eq!(studies.as_array().unwrap().len(), listed, "{query}");
            let words = warning.map(|left| {
                format!("299 countersign \"There are {left} additional results that can be requested\"")
            });
            assert_eq!(said, words, "{query}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_sender_with_a_token_stores_and_nobody_else() {
    on_sqlite(async |scratch: Scratch| {
        let sender = StowSender { name: "CT1".into(), token_sha256: Digest::of(b"a long random token") };
        let site = Site::open_with(
            &scratch,
            Config { stow_senders: vec![sender], stow_bytes_max: 1_000, ..Config::default() },
        )
        .await;
        let url = format!("{}/dicom-web/studies", site.base);
        let media_type = "multipart/related; type=\"application/dicom\"; boundary=b";
        let post = |token: &str, bytes: usize| {
            let request = site.http.post(&url).header("content-type", media_type).bearer_auth(token);
            request.body(vec![b'x'; bytes]).send()
        };
        assert_eq!(post("another token", 10).await.unwrap().status(), StatusCode::UNAUTHORIZED);
        assert_eq!(post("a long random token", 2_000).await.unwrap().status(), StatusCode::PAYLOAD_TOO_LARGE);
        let stored = post("a long random token", 500).await.unwrap();
        assert_eq!(stored.status(), StatusCode::OK);
        let body: Value = serde_json::from_str(&stored.text().await.unwrap()).unwrap();
        assert_eq!(body["00081199"]["Value"][0]["00081155"]["Value"][0], "1.2.3.4");
        assert_eq!(*site.behind.stowed.lock().unwrap(), [("CT1".to_owned(), 500)]);
    })
    .await;
}

/// Everything that is logged, as text.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_patient_and_no_secret_is_logged() {
    on_sqlite(async |scratch: Scratch| {
        let lines = Lines::default();
        let writer = lines.clone();
        // Of the crates below us only what they warn of: their own tests are not ours.
        let filter = tracing_subscriber::EnvFilter::new("warn,gateway=trace,platform=trace");
        let _ = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .try_init();
        let site = Site::open(&scratch).await;
        laid_out(&site).await;
        let mut browser = site.reader().await;
        browser.gets("/dicom-web/studies?PatientID=CANARY-ID", "*/*").await;
        browser.gets(&format!("/dicom-web/studies/{STUDY_UID}/series"), "*/*").await;
        browser.gets("/dicom-web/studies/1.2.3.4.5.6.7.8.9/series/1.2", "*/*").await;
        let question = "{ studies { nodes { patient { name patientId } accessionNumber } } }";
        let shown = browser.asks(question, Value::Null).await.to_string();
        assert!(shown.contains("CANARY"));
        browser.signs_in("CANARY-NAME", "CANARY-PASSWORD").await;
        let logged = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert!(logged.contains("/dicom-web/studies/{study}/series"), "routes are logged as templates");
        assert!(!logged.contains("CANARY") && !logged.contains(STUDY_UID), "{logged}");
        assert!(!logged.contains(browser.cookie_pair().split('=').nth(1).unwrap()));
    })
    .await;
}
