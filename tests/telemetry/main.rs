//! What an operator sees from outside: one trace from the scanner to the PACS, figures and log lines, and in none of
//! them who the patient is.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod collector;
mod ending;

use collector::{Collector, attribute};
use opentelemetry_proto::tonic::trace::v1::Span;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use tests::scanner::CANARIES;
use tests::wait::until;
use tests::{Stack, Study};

/// What the study says about its patient and the people around, beyond what every study of the scanner says.
const IDENTITY: [(&str, &str); 8] = [
    ("(0008,0080)", "CANARYHOSPITAL"),
    ("(0008,0081)", "CANARYSTREET 1"),
    ("(0008,0090)", "CANARYREFERRER^Rita"),
    ("(0008,1050)", "CANARYPERFORMER^Paul"),
    ("(0010,0030)", "19010203"),
    ("(0010,2154)", "CANARYPHONE"),
    ("(0010,1040)", "CANARYADDRESS"),
    ("(0008,1030)", "CANARYDESCRIPTION"),
];

/// The study with the whole identity in it.
fn identified(mut study: Study) -> Study {
    let folder = tempfile::tempdir().unwrap();
    let path = |number: usize| folder.path().join(format!("{number:04}.dcm"));
    for (number, (_, file)) in study.instances.iter().enumerate() {
        std::fs::write(path(number), file).unwrap();
    }
    let mut dcmodify = Command::new("dcmodify");
    dcmodify.arg("-nb");
    for (tag, value) in IDENTITY {
        dcmodify.args(["-i", &format!("{tag}={value}")]);
    }
    let files = (0..study.instances.len()).map(path);
    assert!(dcmodify.args(files).status().unwrap().success(), "dcmodify writes the identity");
    for (number, (_, file)) in study.instances.iter_mut().enumerate() {
        *file = std::fs::read(path(number)).unwrap();
        assert!(contains(file, "CANARYADDRESS"));
    }
    study
}

/// Starts every process anew, exporting traces to the collector and logging everything that it can.
async fn observe(stack: &mut Stack, collector: &Collector) {
    for program in &mut stack.programs {
        program.kill();
        let settings = [
            ("COUNTERSIGN__TELEMETRY__OTLP_TRACES", collector.endpoint()),
            ("COUNTERSIGN__TELEMETRY__LOG", "debug".to_owned()),
            ("COUNTERSIGN__TELEMETRY__JSON", "true".to_owned()),
        ];
        program.call.variables.extend(settings.map(|(key, value)| (key.to_owned(), value)));
        program.restart();
    }
    stack.is_ready().await;
}

/// A study goes all the way; gives the id of its case.
async fn goes_all_the_way(stack: &Stack, study: &Study) -> String {
    stack.scanner().sends(study);
    let readers = [stack.person("rad1").await, stack.person("rad2").await];
    let uid = &study.study_instance_uid;
    let case = until("the case is offered", 180, || readers[0].offered(uid)).await;
    for reader in &readers {
        reader.signs(&case, "ACCEPT").await;
    }
    until("the case is delivered", 120, || async {
        let shown = readers[0].case(&case).await;
        (shown["sends"][0]["state"] == "DELIVERED").then_some(())
    })
    .await;
    case
}

/// The spans from `span` to the beginning of its trace.
fn way_back<'a>(spans: &'a BTreeMap<Vec<u8>, Span>, span: &'a Span) -> Vec<&'a Span> {
    let mut way = vec![span];
    while let Some(parent) = way.last().map(|span| &span.parent_span_id).filter(|id| !id.is_empty()) {
        let parent =
            spans.get(parent).unwrap_or_else(|| panic!("the parent of {:?} was exported", way.last()));
        assert_eq!(parent.trace_id, span.trace_id);
        way.push(parent);
    }
    way
}

/// What a span is called here: its name, for an event with the kind of the event.
fn called(span: &Span) -> String {
    let kind = attribute(span, "event.kind").map_or_else(String::new, |kind| format!(" {kind}"));
    format!("{}{kind}", span.name)
}

/// The send that delivered descends from the C-STORE, and every station on the way is in its trace.
fn leads_from_the_scanner_to_the_pacs(spans: &BTreeMap<Vec<u8>, Span>, case: &str) {
    let send = spans.values().find(|span| span.name == "send" && attribute(span, "case.id") == Some(case));
    let send = send.expect("the send was exported");
    let way = way_back(spans, send);
    let names: Vec<String> = way.iter().map(|span| called(span)).collect();
    assert_eq!(names.last().map(String::as_str), Some("C-STORE"), "the way back from the send is {names:?}");
    for station in ["consume case.released", "settle", "consume run.completed"] {
        assert!(names.iter().any(|name| name == station), "{station} is not on the way {names:?}");
    }
    let of_trace = spans.values().filter(|span| span.trace_id == send.trace_id).map(called);
    let of_trace: BTreeSet<String> = of_trace.collect();
    for station in [
        "complete",
        "consume series.ready",
        "consume run.requested",
        "dispatch",
        "job",
        "report",
        "accept",
        // Between services, over HTTP.
        "HTTP",
    ] {
        assert!(of_trace.contains(station), "{station} is not in the trace {of_trace:?}");
    }
    let routes = spans.values().filter_map(|span| attribute(span, "http.route"));
    assert!(routes.clone().any(|route| route == "/v1/series/batch"));
    assert!(routes.clone().all(|route| !route.contains(case)), "routes are templates");
}

/// Nothing that stands for the patient is in `found`, which has `known` in it.
fn names_nobody(what: &str, found: &[u8], known: &str) {
    assert!(contains(found, known), "{what} has '{known}' in it, so it was looked at rightly");
    let identity = IDENTITY.iter().map(|(_, value)| value.split('^').next().unwrap());
    for canary in CANARIES.into_iter().chain(identity) {
        let place = place_of(found, canary);
        let around = |at: usize| found[at.saturating_sub(200)..(at + 80).min(found.len())].to_vec();
        let around = place.map(|at| String::from_utf8_lossy(&around(at)).into_owned());
        assert_eq!(around, None, "{what}: '{canary}' is in it");
    }
}

fn contains(found: &[u8], text: &str) -> bool {
    place_of(found, text).is_some()
}

fn place_of(found: &[u8], text: &str) -> Option<usize> {
    found.windows(text.len()).position(|window| window == text.as_bytes())
}

async fn is_seen_and_names_nobody(mut stack: Stack) {
    let collector = Collector::open();
    observe(&mut stack, &collector).await;
    let study = identified(Study::chest_ct(1));
    let case = goes_all_the_way(&stack, &study).await;

    let metrics = until("every figure is counted", 60, || figures(&stack)).await;
    names_nobody("the figures", metrics.as_bytes(), "outbox_lag_seconds");
    let names = stack.object_names().await;
    assert!(names.len() > study.instances.len(), "only {} objects", names.len());
    names_nobody("the names of objects", names.join("\n").as_bytes(), "/dicom/");
    let messages = stack.messages().concat();
    names_nobody("the bus", &messages, "\"case.queued\"");
    names_nobody("the bus", &messages, "\"fence\"");
    for (service, kind) in
        [("intake", "series.ready"), ("review", "read.signed"), ("delivery", "send.delivered")]
    {
        let events = serde_json::to_vec(&stack.events(service).await).unwrap();
        names_nobody(service, &events, kind);
    }

    // What the processes still hold leaves when they end.
    stack.stops().await;
    leads_from_the_scanner_to_the_pacs(&collector.spans(), &case);
    names_nobody("the traces", &collector.bytes(), &case);
    let logs = stack.programs.iter().map(tests::program::Program::log).collect::<String>();
    names_nobody("the log", logs.as_bytes(), "\"event\":\"send.state\"");
    let lines = logs.lines().filter(|line| line.starts_with('{'));
    assert!(lines.clone().count() > 100);
    for line in lines {
        let line: serde_json::Value = serde_json::from_str(line).expect("a log line is JSON");
        assert!(line["timestamp"].is_string() && line["level"].is_string(), "{line}");
    }
}

/// The figures of all processes, once every one of them is there.
async fn figures(stack: &Stack) -> Option<String> {
    let mut all = String::new();
    for base in stack.bases() {
        let http = reqwest::Client::builder().build().unwrap();
        let answer = http.get(format!("{base}/metrics")).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{base}");
        all += &answer.text().await.unwrap();
        let proxied = http.get(format!("{base}/metrics")).header("x-forwarded-for", "10.0.0.1").send();
        assert_eq!(
            proxied.await.unwrap().status(),
            404,
            "{base}: whoever comes through a proxy learns nothing"
        );
    }
    let wanted = [
        "intake_associations_total{brought=\"instances\"} 1",
        "intake_instances_total{door=\"dicom\",outcome=\"stored\"} 8",
        "intake_admit_duration_seconds_count{door=\"dicom\"} 8",
        "intake_series{state=\"ready\"} 1",
        "generation_runs{phase=\"completed\"} 1",
        "generation_queue_oldest_seconds 0",
        "generation_job_duration_seconds_count",
        "review_cases{state=\"released\"} 1",
        "delivery_sends{state=\"delivered\"} 1",
        "delivery_objects_total{answer=\"success\"}",
        "outbox_lag_seconds{service=\"review\"}",
        "http_server_request_duration_seconds_count{route=\"/v1/series/batch\"",
    ];
    wanted.iter().all(|figure| all.contains(figure)).then_some(all)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_tells_one_trace_from_the_scanner_to_the_pacs_and_names_nobody() {
    is_seen_and_names_nobody(Stack::embedded().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_together_tell_one_trace_from_the_scanner_to_the_pacs_and_name_nobody() {
    is_seen_and_names_nobody(Stack::distributed().await).await;
}
