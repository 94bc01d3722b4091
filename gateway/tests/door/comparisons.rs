//! Pairs at the door: what a reader is told is the same whichever model stands on which side, but for the pixels.

use crate::cases::WithStudy as _;
use crate::commands::Command;
use crate::entries::Entry::{self, Behind};
use crate::entries::Question;
use crate::site::{Browser, PASSWORD, Site};
use contract::event::Display;
use contract::{ComparisonId, DeploymentId, Digest, PairId};
use database::scratch::{Scratch, on_sqlite};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;

const PLAN: &str = "{ margin: 0, alpha: 0.025, looks: [20, 40], readers: 1, drawPerMille: 1000 }";

/// The questions about comparisons and pairs.
pub(crate) fn queries() -> Vec<Question> {
    let design = format!("{{ comparisonDesign(plan: {PLAN}, noPreference: 0.3) {{ looks {{ pairs }} }} }}");
    vec![
        ("comparisonPairs", ("{ comparisonPairs { id } }", Entry::Display(Display::Pairs))),
        (
            "comparisonPair",
            ("query ($pair: ID!) { comparisonPair(id: $pair) { id } }", Entry::Display(Display::Pairs)),
        ),
        ("comparisons", ("{ comparisons { id } }", Entry::Display(Display::Comparisons))),
        (
            "comparisonDesign",
            (design.leak(), Entry::None("arithmetic over what was asked; it shows nothing of anybody")),
        ),
    ]
}

/// The commands about them.
pub(crate) fn mutations() -> Vec<Command> {
    let plan =
        json!({ "margin": 0.0, "alpha": 0.025, "looks": [20, 40], "readers": 1, "drawPerMille": 1000 });
    let start = json!({ "championId": DeploymentId::from_bits(1), "challengerId": DeploymentId::from_bits(2),
        "plan": plan, "reason": "a reason" });
    let give_up = json!({ "comparisonId": ComparisonId::from_bits(1), "reason": "a reason" });
    let none = json!({ "invented": 0, "lost": 0, "distorted": 0 });
    let mark = json!({ "kind": "LOST", "centreMm": [1.0, 2.0, 3.0], "diameterMm": 6.0 });
    let lost = json!({ "invented": 0, "lost": 1, "distorted": 0, "worst": "MINOR", "marks": [mark] });
    let answer = json!({ "pairId": PairId::from_bits(1), "preference": "A_MUCH", "a": none, "b": lost,
        "shownDigest": Digest::of(b"shown"), "username": "rad1", "password": PASSWORD });
    let open = json!({ "pairId": PairId::from_bits(1) });
    vec![
        ("startComparison", (Some(start), Behind("/v1/comparisons"))),
        ("giveUpComparison", (Some(give_up), Behind("/v1/comparisons/{comparison}/give-up"))),
        ("openComparisonPair", (Some(open), Behind("/v1/pairs/{pair}/open"))),
        ("answerComparisonPair", (Some(answer), Behind("/v1/pairs/{pair}/sign"))),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn swapped_sides_change_nothing_at_the_door_but_the_pixels() {
    on_sqlite(swapped_sides_change_nothing).await;
}

const EVERYTHING: &str = "comparisonPairs { id availability expiresAt answeredAt study { id } \
    source { id seriesInstanceUid } images { a { sopInstanceUid slice } b { sopInstanceUid slice } } \
    answer { preference a { invented marks { kind centreMm diameterMm } } b { lost } } }";

async fn swapped_sides_change_nothing(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    site.has_cases(1);
    let browser = site.reader().await;
    let pair = PairId::from_bits(1);
    let (told, headers, a, b) = world(&browser, &pair).await;
    site.behind.is_swapped.store(true, Ordering::Relaxed);
    let (told_swapped, headers_swapped, a_swapped, b_swapped) = world(&browser, &pair).await;
    assert_eq!((&told, &headers), (&told_swapped, &headers_swapped));
    assert_ne!(a, b);
    assert_eq!((a, b), (b_swapped, a_swapped), "the pixels, and they alone, changed places");
    for word in ["run_", "model_", "deployment_", "secret", "comparison_"] {
        assert!(!told.contains(word) && !headers.contains(word), "'{word}' in {told} {headers}");
    }
    for path in [
        format!("/pairs/{}/a/0", PairId::from_bits(2)),
        format!("/pairs/{pair}/c/0"),
        "/pairs/run_1/a/0".to_owned(),
    ] {
        assert_eq!(browser.gets(&path, "application/dicom").await.status(), 404, "{path}");
    }
    let stranger = site.browser().gets(&format!("/pairs/{pair}/a/0"), "application/dicom").await;
    assert_eq!(stranger.status(), 401);
    site.closes().await;
}

/// Everything that a reader is told of a pair: by the API, in headers, and the pixels of both sides.
async fn world(browser: &Browser<'_>, pair: &PairId) -> (String, String, String, String) {
    let told = browser.asks(&format!("{{ {EVERYTHING} }}"), Value::Null).await.to_string();
    let (mut headers, mut pixels) = (String::new(), Vec::new());
    for side in ["a", "b"] {
        let answer = browser.gets(&format!("/pairs/{pair}/{side}/0"), "application/dicom").await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["cache-control"], "private, no-store");
        let mut lines: Vec<String> = answer
            .headers()
            .iter()
            .filter(|(name, _)| *name != "date")
            .map(|(name, value)| format!("{name}: {value:?}\n"))
            .collect();
        lines.sort();
        headers += &lines.concat();
        pixels.push(answer.text().await.unwrap());
    }
    let [a, b] = pixels.try_into().unwrap();
    (told, headers, a, b)
}
