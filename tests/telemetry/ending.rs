//! A program ends in time and answers in time, whatever becomes of its collector, also where one thread does all the
//! waiting.

use crate::collector::Collector;
use std::net::TcpListener;
use std::time::{Duration, Instant};
use tests::Stack;
use tests::wait::until;

/// How long the end may take.
const END: Duration = Duration::from_secs(10);
/// How long an answer may take while others are asked.
const ANSWER: Duration = Duration::from_secs(5);
/// Requests that are under way at once.
const REQUESTS: usize = 40;

/// A collector that takes connections and never answers.
fn black_hole() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        // Kept open until the test's process ends.
        let _held: Vec<_> = listener.incoming().collect();
    });
    format!("http://{address}/v1/traces")
}

/// A collector that answers each export after longer than anybody wants to wait.
#[expect(clippy::disallowed_methods, reason = "it is slow on purpose")]
fn slow() -> String {
    use std::io::{Read as _, Write as _};
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            std::thread::spawn(move || {
                let mut connection = connection.unwrap();
                let mut bytes = [0; 4_096];
                while connection.read(&mut bytes).is_ok_and(|read| read > 0) {
                    std::thread::sleep(Duration::from_secs(3));
                    let _ = connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
                }
            });
        }
    });
    format!("http://{address}/v1/traces")
}

/// Starts the program with one thread and a collector, asks it, and gives how long its longest answer took.
async fn asked(stack: &mut Stack, endpoint: &str) -> Duration {
    let program = &mut stack.programs[0];
    program.kill();
    let settings = [("COUNTERSIGN__TELEMETRY__OTLP_TRACES", endpoint), ("TOKIO_WORKER_THREADS", "1")];
    program.call.variables.extend(settings.map(|(key, value)| (key.to_owned(), value.to_owned())));
    program.restart();
    stack.is_ready().await;
    let http = reqwest::Client::builder().timeout(Duration::from_secs(30)).build().unwrap();
    let base = stack.bases().remove(0);
    let one = async || {
        let start = Instant::now();
        let body = serde_json::json!({ "query": "{ viewer { username } }" });
        let answer = http.post(format!("{base}/graphql")).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        start.elapsed()
    };
    let took = futures::future::join_all((0..REQUESTS).map(|_| one())).await;
    took.into_iter().max().unwrap()
}

/// Asks it to end while requests come in; gives how long that took.
async fn ends_under_load(stack: &mut Stack) -> Duration {
    let base = stack.bases().remove(0);
    let load = tokio::spawn(async move {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(2)).build().unwrap();
        // Until nobody answers any more.
        while http.get(format!("{base}/readyz")).send().await.is_ok() {}
    });
    let start = Instant::now();
    let program = &mut stack.programs[0];
    program.asks_to_end();
    let well = until("the program ends", 40, || {
        let ended = program.has_ended_well();
        async move { ended }
    })
    .await;
    let took = start.elapsed();
    load.abort();
    assert!(well, "it ended badly");
    took
}

#[tokio::test(flavor = "multi_thread")]
async fn r42_one_thread_ends_in_time_whether_its_collector_is_up_black_holed_or_slow() {
    let mut stack = Stack::embedded().await;
    let collector = Collector::open();
    for (what, endpoint) in [("up", collector.endpoint()), ("black-holed", black_hole()), ("slow", slow())] {
        let longest = asked(&mut stack, &endpoint).await;
        assert!(longest < ANSWER, "{what}: an answer took {longest:?}");
        let took = ends_under_load(&mut stack).await;
        assert!(took < END, "{what}: the end took {took:?}");
        if what == "up" {
            // What was asked last before the end is there too.
            let spans = collector.spans();
            let asked = spans.values().filter(|span| span.name == "HTTP").count();
            assert!(asked >= REQUESTS, "only {asked} of {REQUESTS} requests were exported");
        }
    }
}
