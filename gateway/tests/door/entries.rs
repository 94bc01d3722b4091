//! Nothing is shown, done or refused at the door without an entry for the ledger: these tests walk everything that
//! can be asked, and fail on what they don't know.

use crate::cases::{STUDY_UID, WithStudy as _};
use crate::commands::mutations;
use crate::site::{Browser, PASSWORD, Site};
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use contract::event::{CommandRefused, Display};
use contract::{CaseId, Digest, Event, Refusal, Role, StudyId};
use database::on_both_databases;
use database::scratch::Scratch;
use gateway::{Config, StowSender};
use serde_json::{Value, json};
use std::collections::BTreeSet;

on_both_databases! {
    every_query_leaves_an_entry,
    a_preview_of_a_recall_names_its_cases_and_sums_destinations_over_all_of_them,
    r40_every_mutation_leaves_exactly_one_entry,
    r40_every_refusal_leaves_exactly_one_entry,
    r40_every_dicomweb_route_leaves_an_entry,
    a_display_is_told_once_per_login_session_and_names_what_was_shown,
    what_cannot_be_written_down_is_not_shown,
    files_from_the_ledger_are_asked_of_audit,
    a_report_is_asked_of_audit,
    a_report_as_pdf_is_asked_of_audit,
    a_report_of_costs_is_asked_of_rollout,
    a_report_of_costs_as_pdf_is_asked_of_rollout,
    a_package_streams_on_to_rollout_and_its_refusal_leaves_an_entry,
}

/// Where the entry comes from.
pub(crate) enum Entry {
    /// The gateway tells of the display itself.
    Display(Display),
    /// The service that owns the fact is asked at this path and tells of it, which its own tests show.
    Behind(&'static str),
    /// The gateway tells an event of this kind.
    Told(&'static str),
    /// None: why not.
    None(&'static str),
}

use Entry::{Behind, Told};

/// The fields of a type of the schema.
pub(crate) fn fields(name: &str) -> BTreeSet<String> {
    let schema = parse_schema(gateway::schema_sdl()).unwrap();
    let object = schema.definitions.into_iter().find_map(|definition| match definition {
        TypeSystemDefinition::Type(kind) if kind.node.name.node == name => match kind.node.kind {
            TypeKind::Object(object) => Some(object),
            _ => None,
        },
        _ => None,
    });
    object.unwrap().fields.into_iter().map(|field| field.node.name.node.to_string()).collect()
}

fn known<T>(table: &[(&str, T)], field: &str) -> usize {
    let found = table.iter().position(|(known, ..)| *known == field);
    found.unwrap_or_else(|| {
        panic!("'{field}' is new: decide which entry of the ledger it leaves, and say so here")
    })
}

pub(crate) type Question = (&'static str, (&'static str, Entry));

fn queries() -> Vec<Question> {
    let mut all = vec![
        ("viewer", ("{ viewer { username } }", Entry::None("one's own account"))),
        ("passkeys", ("{ passkeys { id } }", Entry::None("one's own keys"))),
        ("studies", ("{ studies { nodes { id } } }", Entry::Display(Display::Studies))),
        ("study", ("query ($study: ID!) { study(id: $study) { id } }", Entry::Display(Display::Study))),
        ("quarantine", ("{ quarantine { nodes { id } } }", Entry::Display(Display::Quarantine))),
        ("quarantineGroups", ("{ quarantineGroups { groups { id } } }", Behind("/v1/quarantine/groups"))),
        (
            "quarantineAsSent",
            (
                "query ($entry: ID!) { quarantineAsSent(entryId: $entry) { value } }",
                Behind("/v1/quarantine/{entry}/as-sent"),
            ),
        ),
        (
            "quarantineSummary",
            ("{ quarantineSummary { waiting } }", Entry::None("a count; it names nobody and no object")),
        ),
        ("capacity", ("{ capacity { windowHours } }", Entry::Display(Display::Capacity))),
        ("worklist", ("{ worklist { nodes { id } } }", Entry::Display(Display::Worklist))),
        ("cases", ("{ cases { nodes { id } } }", Entry::Display(Display::Cases))),
        ("case", ("query ($case: ID!) { case(id: $case) { id } }", Entry::Display(Display::Case))),
        ("models", ("{ models { name } }", Entry::Display(Display::Models))),
        ("deployments", ("{ deployments { name } }", Entry::Display(Display::Deployments))),
    ];
    all.extend(queries_of_oversight());
    all.extend(queries_of_rollout());
    all.extend(crate::comparisons::queries());
    all.extend(crate::learning::queries());
    all
}

/// The questions of quality and administration.
fn queries_of_oversight() -> Vec<Question> {
    vec![
        ("ledger", ("{ ledger { nodes { index } } }", Behind("/v1/ledger"))),
        ("erasures", ("{ erasures { id } }", Behind("/v1/erasures"))),
        ("ledgerStatus", ("{ ledgerStatus { size } }", Behind("/v1/ledger/status"))),
        ("studyFlags", ("{ studyFlags { __typename } }", Entry::Display(Display::StudyFlags))),
        ("userAccounts", ("{ userAccounts { __typename } }", Entry::Display(Display::Accounts))),
        ("destinations", ("{ destinations { __typename } }", Entry::Display(Display::Destinations))),
        ("credentials", ("{ credentials { __typename } }", Entry::Display(Display::Credentials))),
        ("conflicts", ("{ conflicts { __typename } }", Entry::Display(Display::Conflicts))),
        ("qualitySamples", ("{ qualitySamples { __typename } }", Entry::Display(Display::QualitySamples))),
        ("reviewPolicies", ("{ reviewPolicies { __typename } }", Entry::Display(Display::ReviewPolicies))),
        (
            "qualityFigures",
            (
                "{ qualityFigures(from: \"2026-11-01T00:00:00Z\", to: \"2026-12-01T00:00:00Z\") { cases } }",
                Behind("/v1/quality/figures"),
            ),
        ),
        (
            "qualityWatch",
            (
                "{ qualityWatch(from: \"2026-11-01T00:00:00Z\", to: \"2026-12-01T00:00:00Z\") { minimum } }",
                Behind("/v1/quality/watch"),
            ),
        ),
        (
            "sentinelFigures",
            (
                "{ sentinelFigures(from: \"2026-11-01T00:00:00Z\", to: \"2026-12-01T00:00:00Z\") { cases { count } } }",
                Behind("/v1/quality/sentinels"),
            ),
        ),
        ("ledgerHealth", ("{ ledgerHealth { alarms } }", Behind("/v1/ledger/health"))),
        (
            "recallPreview",
            (
                "query ($deployment: ID!) { recallPreview(selection: { deploymentId: $deployment }) { released } }",
                Entry::Display(Display::RecallPreview),
            ),
        ),
        ("recallCampaigns", ("{ recallCampaigns { nodes { id } } }", Behind("/v1/recall-campaigns"))),
        (
            "recallCampaign",
            (
                "query ($campaign: ID!) { recallCampaign(id: $campaign) { id } }",
                Entry::Display(Display::RecallCampaigns),
            ),
        ),
    ]
}

/// The questions about the rules, alarms and costs of deployments.
fn queries_of_rollout() -> Vec<Question> {
    vec![
        ("gatePolicies", ("{ gatePolicies { inForce { version } } }", Entry::Display(Display::GatePolicies))),
        (
            "gateCases",
            (
                "query ($deployment: ID!) { gateCases(deploymentId: $deployment, by: ALL) { total } }",
                Entry::Display(Display::Cases),
            ),
        ),
        (
            "stopRules",
            (
                "query ($deployment: ID!) { stopRules(deploymentId: $deployment) { rules { version } } }",
                Entry::Display(Display::StopRules),
            ),
        ),
        (
            "stopRulesPreview",
            (
                "{ stopRulesPreview(rules: { falseAlarmsPerYear: 1, casesPerMonth: 100, rules: [] }) { rule } }",
                Behind("/v1/stop-rules/preview"),
            ),
        ),
        (
            "economics",
            (
                "{ economics(from: \"2026-11-01T00:00:00Z\", to: \"2026-12-01T00:00:00Z\") { to } }",
                Entry::Display(Display::Economics),
            ),
        ),
        ("alarms", ("{ alarms { id } }", Entry::Display(Display::Alarms))),
        (
            "dryRun",
            (
                "query ($deployment: ID!) { dryRun(input: { deploymentId: $deployment, series: 10, rule: { \
                 modality: \"CT\", bodyParts: [], bodyPartWords: [], seriesDescriptionContains: [], \
                 protocolNameContains: [], manufacturers: [], kernels: [], senders: [], instanceCountMin: 0 } \
                 }) { matched } }",
                Entry::Display(Display::DryRun),
            ),
        ),
        (
            "dryRunOfNew",
            (
                "query ($model: ID!) { dryRunOfNew(input: { modelId: $model, name: \"chest\", site: \"north\", \
                 series: 10, rule: { modality: \"CT\", bodyParts: [], bodyPartWords: [], \
                 seriesDescriptionContains: [], protocolNameContains: [], manufacturers: [], kernels: [], \
                 senders: [], instanceCountMin: 0 } }) { matched } }",
                Behind("/v1/dry-run"),
            ),
        ),
        ("sites", ("{ sites { name } }", Entry::Display(Display::Sites))),
        (
            "sitePreview",
            (
                "{ sitePreview(input: { name: \"north\", series: 10, scanners: [{ sender: \"CT1\", name: \"room 1\", \
                 makerWords: [] }] }) { differing } }",
                Behind("/v1/sites/preview"),
            ),
        ),
        (
            "useRuleVersions",
            (
                "query ($deployment: ID!) { useRuleVersions(deploymentId: $deployment) { version } }",
                Behind("/v1/deployments/{deployment}/use-rule"),
            ),
        ),
    ]
}

async fn every_query_leaves_an_entry(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    site.has_cases(1);
    let browser = site.reader_who_is(&[Role::Radiologist, Role::Administrator]).await;
    let mut table = queries();
    let ids = json!({ "study": StudyId::from_bits(1), "case": CaseId::from_bits(1),
        "deployment": contract::DeploymentId::from_bits(1), "model": contract::ModelVersionId::from_bits(1),
        "campaign": contract::RecallCampaignId::from_bits(1),
        "discussion": contract::DiscussionId::from_bits(1),
        "entry": contract::QuarantineId::from_bits(1), "pair": contract::PairId::from_bits(1) });
    for field in fields("Query") {
        let (_, (question, entry)) = table.swap_remove(known(&table, &field));
        let before = told(&site).await.len();
        browser.asks(question, variables(question, &ids)).await;
        left(&site, before, &field, &entry).await;
    }
    assert!(table.is_empty(), "a query that is gone is still in the table");
    site.closes().await;
}

async fn a_preview_of_a_recall_names_its_cases_and_sums_destinations_over_all_of_them(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    site.has_cases(1);
    let browser = site.reader().await;
    let question = "query ($deployment: ID!) { recallPreview(selection: { deploymentId: $deployment }) { \
        set { cases } cases { nodes { caseId } } destinations { destination sends withObjects } } }";
    let deployment = contract::DeploymentId::from_bits(1);
    let before = told(&site).await.len();
    let shown = browser.asks(question, json!({ "deployment": deployment })).await;
    let there = json!([{ "destination": "PACS@pacs:104", "sends": 2_001, "withObjects": 2 }]);
    assert_eq!(shown["recallPreview"]["destinations"], there);
    assert_eq!(site.behind.asked("/v1/destinations/by-case"), 2, "a tally takes 2,000 cases");
    let names = |event: &Event| {
        matches!(event, Event::DisplayRecorded { display: Display::RecallPreview, shown }
            if shown.contains(&deployment.to_string()))
    };
    site.tells(before, "the selection", names).await;
    let nothing = "{ recallPreview(selection: { modelId: \"case_1\" }) { released } }";
    assert_eq!(browser.asks_in_vain(nothing).await.0, "not_found");
    site.closes().await;
}

/// Only the variables that a question declares.
fn variables(question: &str, ids: &Value) -> Value {
    let names = ["study", "case", "deployment", "model", "campaign", "discussion", "entry", "pair"];
    let wanted = names.into_iter().filter(|name| question.contains(&format!("(${name}:")));
    wanted.map(|name| (name.to_owned(), ids[name].clone())).collect::<serde_json::Map<_, _>>().into()
}

async fn commands(browser: &Browser<'_>, field: &str, input: Option<&Value>) -> Value {
    let upper = field[..1].to_uppercase() + &field[1..];
    let Some(input) = input else {
        return browser.asks(&format!("mutation {{ {field} {{ refusal {{ code }} }} }}"), Value::Null).await;
    };
    let question =
        format!("mutation ($input: {upper}Input!) {{ {field}(input: $input) {{ refusal {{ code }} }} }}");
    browser.asks(&question, json!({ "input": input })).await
}

async fn r40_every_mutation_leaves_exactly_one_entry(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    site.has_cases(1);
    site.knows("colleague", &[Role::Radiologist]).await;
    let browser = site.reader_who_is(&[Role::Radiologist, Role::Administrator]).await;
    let table = mutations();
    let known_fields: BTreeSet<String> = table.iter().map(|(field, _)| (*field).to_owned()).collect();
    for field in fields("Mutation") {
        known(&table, &field);
        assert!(known_fields.contains(&field));
    }
    // In the order of the table: signing in and out come first and last.
    for (field, (input, entry)) in &table {
        // Signing in anew ends the login session of this browser, which then has the old cookie.
        let other = site.browser();
        let browser = if *field == "signIn" { &other } else { &browser };
        if let Entry::None(why) = entry {
            assert!(!why.is_empty(), "{field}: say which test shows its entry");
            continue;
        }
        let before = site.told_since(0).await.len();
        let done = commands(browser, field, input.as_ref()).await;
        assert!(is_carried_out(&done[field]["refusal"]), "{field}: {done}");
        left(&site, before, field, entry).await;
        // What the service behind was asked once, and a look at the case that the page shows anew.
        let written = site.told_since(before).await.into_iter().filter(writes);
        // Another password signs the same person out where they signed in first, which tells of itself.
        let follows =
            |told: &contract::Envelope| *field == "changePassword" && told.event.kind() == "login.ended";
        let written: Vec<_> = written.filter(|told| !follows(told)).collect();
        let by_behind = usize::from(done[field]["refusal"]["code"] == "not_here");
        let expected = if matches!(entry, Told(_)) { 1 } else { by_behind };
        assert_eq!(written.len(), expected, "{field}: {written:?}");
        assert!(
            written.iter().all(|told| told.actor.user().is_some() && !told.subject.is_empty()),
            "{field}"
        );
    }
    site.closes().await;
}

/// The services behind this door don't know every command; what counts is that they are asked.
fn is_carried_out(refusal: &Value) -> bool {
    refusal.is_null() || refusal["code"] == "not_here"
}

async fn r40_every_refusal_leaves_exactly_one_entry(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    site.has_cases(1);
    let browser = site.reader().await;
    let refusal = Refusal::new("not_now", "not now", "come back later");
    *site.behind.refusal.lock().unwrap() = Some(refusal);
    for (field, (input, _)) in mutations() {
        let entry = match field {
            // It can't be refused.
            "signOut" => continue,
            "signIn" => Told("login.refused"),
            _ => Told("command.refused"),
        };
        let input = match field {
            "signIn" => Some(json!({ "username": "rad1", "password": "not the password" })),
            "changePassword" => Some(json!({ "presentPassword": PASSWORD, "newPassword": "short" })),
            _ => input,
        };
        let before = site.told_since(0).await.len();
        let refused = commands(&browser, field, input.as_ref()).await;
        assert!(refused[field]["refusal"]["code"].is_string(), "{field}: {refused}");
        left(&site, before, field, &entry).await;
        let written: Vec<_> = site.told_since(before).await.into_iter().filter(writes).collect();
        assert_eq!(written.len(), 1, "{field}: {written:?}");
        assert!(!written[0].subject.is_empty() && written[0].event.kind().ends_with(".refused"), "{field}");
    }
    let before = told(&site).await.len();
    assert_eq!(browser.asks_in_vain("{ worklist { nodes { id } } }").await.0, "not_now");
    left(&site, before, "worklist", &Told("command.refused")).await;
    let expected = Event::CommandRefused(CommandRefused {
        command: "worklist".to_owned(),
        reason_code: "not_now".to_owned(),
    });
    assert!(told(&site).await.iter().any(|told| told.event == expected));
    site.closes().await;
}

async fn r40_every_dicomweb_route_leaves_an_entry(scratch: Scratch) {
    let sender = StowSender { name: "CT1".into(), token_sha256: Digest::of(b"a long random token") };
    let site = Site::open_with(&scratch, Config { stow_senders: vec![sender], ..Config::default() }).await;
    let key = site.objects.put("source".into()).await.unwrap();
    site.has_a_study(key, key);
    let browser = site.reader().await;
    let source = format!("/v1/series/{}/view", contract::SeriesId::from_bits(1));
    let source: &'static str = source.leak();
    let study = format!("/dicom-web/studies/{STUDY_UID}");
    let list = || Entry::Display(Display::Studies);
    let routes = [
        ("/dicom-web/studies".to_owned(), "application/dicom+json", list()),
        (format!("{study}/series"), "application/dicom+json", Entry::None("the same study, seen before")),
        (format!("{study}/series/1.2.3.1/instances"), "application/dicom+json", Behind(source)),
        (study.clone(), "multipart/related; type=\"application/dicom\"; transfer-syntax=*", Behind(source)),
        (format!("{study}/series/1.2.3.1"), "multipart/related; transfer-syntax=*", Behind(source)),
        (format!("{study}/series/1.2.3.1/instances/1.2.3.1.1"), "application/dicom", Behind(source)),
    ];
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/dicomweb/mod.rs")).unwrap();
    // The six above and STOW-RS below.
    assert_eq!(text.matches(".route(").count(), routes.len() + 1, "a new route: which entry does it leave?");
    for (path, accept, entry) in routes {
        let before = told(&site).await.len();
        let answer = browser.gets(&path, accept).await;
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        left(&site, before, &path, &entry).await;
    }
    let before = told(&site).await.len();
    let stow = site.http.post(format!("{}/dicom-web/studies", site.base)).bearer_auth("a long random token");
    let stow = stow.header("content-type", "multipart/related; type=\"application/dicom\"; boundary=b");
    assert!(stow.body("x").send().await.unwrap().status().is_success());
    left(&site, before, "STOW-RS", &Told("instances.uploaded")).await;
    let stranger = site.http.post(format!("{}/dicom-web/studies", site.base)).bearer_auth("a guess");
    assert_eq!(stranger.body("x").send().await.unwrap().status(), 401);
    left(&site, before, "STOW-RS", &Told("login.refused")).await;
    site.closes().await;
}

async fn a_display_is_told_once_per_login_session_and_names_what_was_shown(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    site.has_cases(2);
    let mut browser = site.reader().await;
    let question = "{ worklist { nodes { id } } }";
    for _ in 0..3 {
        browser.asks(question, Value::Null).await;
    }
    site.behind.cases.lock().unwrap().pop();
    browser.asks(question, Value::Null).await;
    browser.signs_in("rad1", PASSWORD).await;
    browser.asks(question, Value::Null).await;
    // The account, two sign-ins, one sign-out and two displays.
    let told = site.told(6).await;
    let displays: Vec<Vec<String>> = told
        .iter()
        .filter_map(|envelope| match &envelope.event {
            Event::DisplayRecorded { display: Display::Worklist, shown } => Some(shown.clone()),
            _ => None,
        })
        .collect();
    let ids = |cases: &[u128]| -> Vec<String> {
        let cases = cases.iter().map(|case| CaseId::from_bits(*case).to_string());
        cases.chain([StudyId::from_bits(1).to_string()]).collect()
    };
    assert_eq!(displays, [ids(&[1, 2]), ids(&[1])]);
    site.closes().await;
}

async fn what_cannot_be_written_down_is_not_shown(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    site.has_cases(1);
    let browser = site.reader().await;
    site.can_record_nothing().await;
    let question = json!({ "query": "{ studies { nodes { patient { name } } } }" });
    let answer = browser.posts(&question).await;
    assert_eq!(answer.status(), 503);
    assert!(!answer.text().await.unwrap().contains("CANARY"));
    let listed = browser.gets("/dicom-web/studies", "application/dicom+json").await;
    assert_eq!(listed.status(), 500);
    assert!(!listed.text().await.unwrap().contains("CANARY"));
    site.closes().await;
}

async fn files_from_the_ledger_are_asked_of_audit(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let browser = site.reader().await;
    for kind in ["inclusion", "consistency"] {
        let answer = browser.gets(&format!("/ledger/entries/7/{kind}"), "*/*").await;
        assert_eq!(answer.headers()["content-disposition"], format!("attachment; filename=\"7.{kind}\""));
        assert_eq!(answer.headers()["cache-control"], "private, no-store");
        assert_eq!(answer.text().await.unwrap(), "a proof");
    }
    let answer = browser.gets("/ledger/export?format=csv&from=3", "*/*").await;
    assert_eq!(answer.headers()["content-disposition"], "attachment; filename=\"ledger-from-3.csv\"");
    assert_eq!(answer.text().await.unwrap(), "index\n0\n");
    assert_eq!(site.behind.asked("/v1/ledger/export"), 1);
    assert_eq!(site.browser().gets("/ledger/export?format=csv", "*/*").await.status(), 401);
    site.closes().await;
}

/// What a browser gets of a file for January, by somebody who may have it; nobody else gets anything.
async fn gets_a_file(
    scratch: &Scratch,
    path: &str,
    behind: &str,
    (name, media_type, begins): (&str, &str, &str),
) {
    let site = Site::open(scratch).await;
    let path = format!("{path}?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z");
    let answer = site.reader().await.gets(&path, "*/*").await;
    assert_eq!(answer.headers()["content-disposition"], format!("attachment; filename=\"{name}\""));
    assert_eq!(answer.headers()["content-type"], media_type);
    assert_eq!(answer.text().await.unwrap(), begins);
    assert_eq!(site.behind.asked(behind), 1);
    assert_eq!(site.browser().gets(&path, "*/*").await.status(), 401);
    site.closes().await;
}

const PAGE: &str = "text/html; charset=utf-8";

async fn a_report_is_asked_of_audit(scratch: Scratch) {
    let file = ("quality-2026-01-01-2026-02-01.html", PAGE, "a report");
    gets_a_file(&scratch, "/quality/report", "/v1/quality/report", file).await;
}

async fn a_report_as_pdf_is_asked_of_audit(scratch: Scratch) {
    let file = ("quality-2026-01-01-2026-02-01.pdf", "application/pdf", "a report");
    gets_a_file(&scratch, "/quality/report/pdf", "/v1/quality/report/pdf", file).await;
}

async fn a_report_of_costs_is_asked_of_rollout(scratch: Scratch) {
    let file = ("costs-2026-01-01-2026-02-01.html", PAGE, "<!DOCTYPE html>costs");
    gets_a_file(&scratch, "/rollout/costs/report", "/v1/economics/report", file).await;
}

async fn a_report_of_costs_as_pdf_is_asked_of_rollout(scratch: Scratch) {
    let file = ("costs-2026-01-01-2026-02-01.pdf", "application/pdf", "<!DOCTYPE html>costs");
    gets_a_file(&scratch, "/rollout/costs/report/pdf", "/v1/economics/report/pdf", file).await;
}

async fn a_package_streams_on_to_rollout_and_its_refusal_leaves_an_entry(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    site.has_cases(1);
    let browser = site.reader().await;
    let sent = async |headers: &[(&str, &str)]| {
        let request = site.http.post(format!("{}/models/import", site.base)).body("a package");
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).send().await
    };
    let (zip, cookie) = (("content-type", "application/zip"), ("cookie", browser.cookie_pair()));
    assert_eq!(sent(&[zip]).await.unwrap().status(), 401);
    assert_eq!(sent(&[cookie]).await.unwrap().status(), 415);
    let foreign = ("origin", "https://elsewhere.example");
    assert_eq!(sent(&[zip, cookie, foreign]).await.unwrap().status(), 403);
    assert_eq!(site.behind.asked("/v1/models/import"), 0);
    let taken = sent(&[zip, cookie]).await.unwrap();
    assert_eq!(taken.status(), 200);
    assert_eq!(taken.json::<Value>().await.unwrap()["name"], "ct-denoise");
    let before = told(&site).await.len();
    let why = Refusal::new("package_altered", "card.md isn't the file that was signed", "take it again");
    *site.behind.refusal.lock().unwrap() = Some(why);
    let refused = sent(&[zip, cookie]).await.unwrap();
    assert_eq!(refused.status(), 409);
    assert_eq!(refused.json::<Value>().await.unwrap()["code"], "package_altered");
    left(&site, before, "importModel", &Told("command.refused")).await;
    site.closes().await;
}

/// Whether an entry tells of something done or refused, and not of a look.
pub(crate) fn writes(told: &contract::Envelope) -> bool {
    !matches!(told.event, Event::DisplayRecorded { .. } | Event::AccessRecorded { .. })
}

/// What the gateway has told so far.
async fn told(site: &Site) -> Vec<contract::Envelope> {
    site.told(0).await
}

/// Asserts that an act left its entry.
pub(crate) async fn left(site: &Site, before: usize, what: &str, entry: &Entry) {
    match entry {
        Entry::None(why) => assert!(!why.is_empty(), "{what}: say why it leaves no entry"),
        Entry::Behind(path) => {
            let path = path
                .replace("{case}", CaseId::from_bits(1).as_str())
                .replace("{study}", StudyId::from_bits(1).as_str())
                .replace("{entry}", contract::QuarantineId::from_bits(1).as_str())
                .replace("{credential}", contract::CredentialId::from_bits(1).as_str())
                .replace("{deployment}", contract::DeploymentId::from_bits(1).as_str())
                .replace("{destination}", contract::DestinationId::from_bits(1).as_str())
                .replace("{note}", contract::RejectionNoteId::from_bits(1).as_str())
                .replace("{discussion}", contract::DiscussionId::from_bits(1).as_str())
                .replace("{set}", contract::TeachingSetId::from_bits(1).as_str())
                .replace("{alarm}", contract::AlarmId::from_bits(1).as_str())
                .replace("{erasure}", contract::ErasureId::from_bits(1).as_str())
                .replace("{campaign}", contract::RecallCampaignId::from_bits(1).as_str())
                .replace("{evaluation}", contract::RecallEvaluationId::from_bits(1).as_str())
                .replace("{pair}", contract::PairId::from_bits(1).as_str())
                .replace("{comparison}", contract::ComparisonId::from_bits(1).as_str())
                .replace("{site}", contract::SiteId::from_bits(1).as_str())
                .replace("{rules}", contract::RulesProposalId::from_bits(1).as_str())
                .replace("{proposal}", contract::ProposalId::from_bits(1).as_str());
            assert!(site.behind.asked(&path) > 0, "{what} did not ask {path}");
        }
        Entry::Display(wanted) => {
            let is_it =
                |event: &Event| matches!(event, Event::DisplayRecorded { display, .. } if display == wanted);
            site.tells(before, what, is_it).await;
        }
        Entry::Told(kind) => {
            let is_it = |event: &Event| match event {
                Event::CommandRefused(refused) => refused.command == what && *kind == event.kind(),
                event => event.kind() == *kind,
            };
            site.tells(before, what, is_it).await;
        }
    }
}
