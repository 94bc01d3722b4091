//! The services behind the door, as far as these tests need them: they answer what a test has laid out, and
//! remember what they were asked.

mod comparisons;
mod destinations;
mod discussions;
mod priors;
mod searched;
mod sites;
mod waiting;

use actix_web::web::{Bytes, Data, Json, Path, Query, ServiceConfig, get, post};
use actix_web::{HttpRequest, HttpResponse};
use contract::audit::{Figures, LedgerHealth, LedgerQuery, LedgerStatus, ProofFile, Sentinels, Watched};
use contract::client::Batch;
use contract::generation::Run;
use contract::intake::{ArrivedStudies, Series, StowOutcome, Study, StudyRange};
use contract::page::Item;
use contract::review::{Case, Draft, SaveDraft, SignRead};
use contract::rollout::{
    Deployment, DeploymentLabel, Gate, GatePolicies, GatePolicy, GatePolicyVersion, Model, Proposal,
    ProposalState, Propose, StopRules, StopRulesVersion, StopView,
};
use contract::{DeploymentId, Digest, Page, ProposalId, Refusal, RunId, SeriesId, StudyId, Time};
use platform::token::{SigningClaims, TokenVerifier, Verified};
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

mod campaigns;

/// What the services hold and what they were asked.
pub(crate) struct Behind {
    pub(crate) verifiers: HashMap<&'static str, TokenVerifier>,
    pub(crate) studies: Mutex<Vec<Study>>,
    pub(crate) series: Mutex<Vec<Series>>,
    pub(crate) runs: Mutex<Vec<Run>>,
    pub(crate) cases: Mutex<Vec<Case>>,
    pub(crate) models: Mutex<Vec<Model>>,
    pub(crate) deployments: Mutex<Vec<Deployment>>,
    /// Runs whose pixels nobody may see.
    pub(crate) hidden: Mutex<Vec<RunId>>,
    /// What the ledger was searched for.
    pub(crate) searched: Mutex<Vec<LedgerQuery>>,
    pub(crate) signed: Mutex<Vec<(SignRead, SigningClaims)>>,
    pub(crate) stowed: Mutex<Vec<(String, usize)>>,
    pub(crate) refusal: Mutex<Option<Refusal>>,
    /// Whether audit answers what the contract does not know.
    pub(crate) broken: Mutex<bool>,
    asked: Mutex<Vec<String>>,
    /// Whether exports never end and signatures take their time.
    pub(crate) is_slow: AtomicBool,
    /// Whether the images of pairs stand on the other sides.
    pub(crate) is_swapped: AtomicBool,
    /// Exports under way.
    pub(crate) working: Arc<AtomicUsize>,
    /// Signatures that have begun.
    pub(crate) signing: AtomicUsize,
}

/// An export under way.
struct Working(Arc<AtomicUsize>);

impl Working {
    fn begins(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count.clone())
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Behind {
    pub(crate) fn new(verifiers: HashMap<&'static str, TokenVerifier>) -> Self {
        Self {
            verifiers,
            studies: Mutex::default(),
            series: Mutex::default(),
            runs: Mutex::default(),
            cases: Mutex::default(),
            models: Mutex::default(),
            deployments: Mutex::default(),
            hidden: Mutex::default(),
            searched: Mutex::default(),
            signed: Mutex::default(),
            stowed: Mutex::default(),
            refusal: Mutex::default(),
            broken: Mutex::default(),
            asked: Mutex::default(),
            is_slow: AtomicBool::default(),
            is_swapped: AtomicBool::default(),
            working: Arc::default(),
            signing: AtomicUsize::default(),
        }
    }

    /// How often a path was asked for since the last look.
    pub(crate) fn asked(&self, path: &str) -> usize {
        let mut asked = self.asked.lock().unwrap();
        let before = asked.len();
        asked.retain(|known| known != path);
        before - asked.len()
    }

    /// The answer, when every command is to be refused.
    fn refuses(&self) -> Option<HttpResponse> {
        let refusal = self.refusal.lock().unwrap().clone();
        refusal.map(|refusal| HttpResponse::Conflict().json(refusal))
    }

    fn case(&self, id: &str) -> HttpResponse {
        found(self.cases.lock().unwrap().iter().find(|known| known.id.as_str() == id).cloned())
    }

    /// Takes note of a call, and who makes it to which service.
    fn called(&self, request: &HttpRequest, service: &str) -> Verified {
        self.asked.lock().unwrap().push(request.path().to_owned());
        let header = request.headers().get("authorization").unwrap().to_str().unwrap();
        self.verifiers[service].verify(header.strip_prefix("Bearer ").unwrap()).unwrap()
    }
}

pub(crate) fn routes(config: &mut ServiceConfig) {
    waiting::routes(config);
    comparisons::routes(config);
    destinations::routes(config);
    discussions::routes(config);
    priors::routes(config);
    searched::routes(config);
    sites::routes(config);
    config
        .route("/v1/studies", get().to(studies))
        .route("/v1/studies/by-arrival", get().to(studies_by_arrival))
        .route("/v1/studies/by-uid", get().to(study_by_uid))
        .route("/v1/studies/batch", post().to(study_batch))
        .route("/v1/series/batch", post().to(series_batch))
        .route("/v1/series/{series}/view", post().to(view_source))
        .route("/v1/stow", post().to(stow))
        .route("/v1/runs/batch", post().to(run_batch))
        .route("/v1/runs/by-series-uid", get().to(run_by_series_uid))
        .route("/v1/runs/by-study", get().to(runs_of_study))
        .route("/v1/runs/{run}/view", post().to(view_derived))
        .route("/v1/models", get().to(models))
        .route("/v1/models/import", post().to(import))
        .route("/v1/deployment-labels", get().to(deployment_labels))
        .route("/v1/quarantine", get().to(nothing_listed))
        .route("/v1/study-flags", get().to(nothing))
        .route("/v1/credentials", get().to(nothing))
        .route("/v1/conflicts", get().to(nothing))
        .route("/v1/quality-samples", get().to(nothing))
        .route("/v1/policies", get().to(nothing))
        .route("/v1/quality/figures", get().to(figures))
        .route("/v1/quality/watch", get().to(watched))
        .route("/v1/quality/sentinels", get().to(sentinels))
        .route("/v1/quality/report{form:(/pdf)?}", get().to(report))
        .route("/v1/deployments", get().to(deployments))
        .route("/v1/deployments", post().to(moved))
        .route("/v1/deployments/{deployment}/propose", post().to(propose))
        .route("/v1/deployments/{deployment}/demote", post().to(moved))
        .route("/v1/proposals/{proposal}/approve", post().to(moved))
        .route("/v1/gate-policies", get().to(gate_policies))
        .route("/v1/gate-policies/propose", post().to(rollouts_command))
        .route("/v1/rules-proposals/{proposal}/decide", post().to(rollouts_command))
        .route("/v1/deployments/{deployment}/stop-rules", get().to(stop_view))
        .route("/v1/deployments/{deployment}/use-rule", get().to(nothing_of_rollout))
        .route("/v1/deployments/{deployment}/{what}", post().to(rollouts_command))
        .route("/v1/stop-rules/preview", post().to(nothing_of_rollout))
        .route("/v1/economics", get().to(economics))
        .route("/v1/economics/report{form:(/pdf)?}", get().to(costs_report))
        .route("/v1/economics/prices", post().to(rollouts_command))
        .route("/v1/alarms", get().to(nothing_of_rollout))
        .route("/v1/alarms/{alarm}/acknowledge", post().to(rollouts_command))
        .route("/v1/recall-evaluations/{evaluation}/close", post().to(rollouts_command))
        .route("/v1/worklist", get().to(worklist))
        .route("/v1/evaluation-worklist", get().to(worklist))
        .route("/v1/cases", get().to(worklist))
        .route("/v1/cases/{case}/open", post().to(open))
        .route("/v1/cases/{case}/draft", post().to(save_draft))
        .route("/v1/credentials", post().to(unknown_command))
        .route("/v1/conflicts", post().to(unknown_command))
        .route("/v1/policies", post().to(unknown_command))
        .route("/v1/studies/{study}/identity", post().to(intakes_command))
        .route("/v1/studies/{study}/{command}", post().to(unknown_command))
        .route("/v1/credentials/{credential}/{command}", post().to(unknown_command))
        .route("/v1/erasures", get().to(audits_nothing))
        .route("/v1/erasures", post().to(audits_command))
        .route("/v1/erasures/{erasure}/{command}", post().to(audits_command))
        .route("/v1/ledger/{what}", get().to(ledger))
        .route("/v1/ledger/entries/{index}/{kind}", get().to(proof))
        .route("/v1/cases/{case}", get().to(case))
        .route("/v1/cases/{case}/sign", post().to(sign))
        .route("/v1/cases/{case}/{command}", post().to(unknown_command))
        .configure(campaigns::routes);
}

fn page<T>(nodes: Vec<T>) -> Json<Page<T>> {
    let item = |(index, node): (usize, T)| Item { cursor: index.to_string(), node };
    Json(Page { items: nodes.into_iter().enumerate().map(item).collect(), has_next_page: false })
}

fn found<T: serde::Serialize>(value: Option<T>) -> HttpResponse {
    value.map_or_else(|| HttpResponse::NotFound().finish(), |value| HttpResponse::Ok().json(value))
}

fn asked_for<T: DeserializeOwned>(query: &HashMap<String, String>, key: &str) -> T {
    serde_json::from_value(query[key].clone().into()).unwrap()
}

async fn studies(request: HttpRequest, behind: Data<Behind>) -> Json<Page<Study>> {
    behind.called(&request, "intake");
    page(behind.studies.lock().unwrap().clone())
}

async fn studies_by_arrival(
    request: HttpRequest,
    wanted: Query<StudyRange>,
    behind: Data<Behind>,
) -> Json<ArrivedStudies> {
    behind.called(&request, "intake");
    let studies = behind.studies.lock().unwrap();
    let range = studies.iter().skip(wanted.offset as usize).take(wanted.limit as usize);
    Json(ArrivedStudies { studies: range.cloned().collect(), total: studies.len() as u64 })
}

async fn study_by_uid(
    request: HttpRequest,
    query: Query<HashMap<String, String>>,
    behind: Data<Behind>,
) -> HttpResponse {
    behind.called(&request, "intake");
    let wanted: String = asked_for(&query, "study_instance_uid");
    let study = behind.studies.lock().unwrap().iter().find(|s| s.study_instance_uid == wanted).cloned();
    found(study.map(|mut study| {
        study.series =
            behind.series.lock().unwrap().iter().filter(|s| s.study == study.id).cloned().collect();
        study
    }))
}

async fn study_batch(
    request: HttpRequest,
    batch: Json<Batch<StudyId>>,
    behind: Data<Behind>,
) -> Json<Vec<Study>> {
    behind.called(&request, "intake");
    let studies = behind.studies.lock().unwrap();
    Json(studies.iter().filter(|study| batch.ids.contains(&study.id)).cloned().collect())
}

async fn series_batch(
    request: HttpRequest,
    batch: Json<Batch<SeriesId>>,
    behind: Data<Behind>,
) -> Json<Vec<Series>> {
    behind.called(&request, "intake");
    let series = behind.series.lock().unwrap();
    Json(series.iter().filter(|series| batch.ids.contains(&series.id)).cloned().collect())
}

async fn view_source(request: HttpRequest, behind: Data<Behind>) -> Json<()> {
    behind.called(&request, "intake");
    Json(())
}

async fn stow(request: HttpRequest, body: Bytes, behind: Data<Behind>) -> Json<Vec<StowOutcome>> {
    let verified = behind.called(&request, "intake");
    let contract::Actor::Device { ae_title } = verified.actor else { panic!("a device stores") };
    behind.stowed.lock().unwrap().push((ae_title, body.len()));
    Json(vec![StowOutcome {
        sop_class_uid: Some("1.2.840.10008.5.1.4.1.1.2".to_owned()),
        sop_instance_uid: Some("1.2.3.4".to_owned()),
        failure: None,
    }])
}

async fn run_batch(request: HttpRequest, batch: Json<Batch<RunId>>, behind: Data<Behind>) -> Json<Vec<Run>> {
    behind.called(&request, "generation");
    let runs = behind.runs.lock().unwrap();
    Json(runs.iter().filter(|run| batch.ids.contains(&run.id)).cloned().collect())
}

async fn run_by_series_uid(
    request: HttpRequest,
    query: Query<HashMap<String, String>>,
    behind: Data<Behind>,
) -> HttpResponse {
    behind.called(&request, "generation");
    let wanted: String = asked_for(&query, "series_instance_uid");
    let owns = |run: &&Run| run.derived.iter().any(|series| series.series_instance_uid == wanted);
    found(behind.runs.lock().unwrap().iter().find(owns).cloned())
}

async fn runs_of_study(
    request: HttpRequest,
    query: Query<HashMap<String, String>>,
    behind: Data<Behind>,
) -> Json<Vec<Run>> {
    behind.called(&request, "generation");
    let wanted: StudyId = asked_for(&query, "study");
    Json(behind.runs.lock().unwrap().iter().filter(|run| run.study == wanted).cloned().collect())
}

async fn view_derived(request: HttpRequest, run: Path<RunId>, behind: Data<Behind>) -> HttpResponse {
    behind.called(&request, "review");
    if behind.hidden.lock().unwrap().contains(&run) {
        return HttpResponse::Forbidden().json(Refusal::forbidden());
    }
    HttpResponse::Ok().json(())
}

async fn models(request: HttpRequest, behind: Data<Behind>) -> Json<Vec<Model>> {
    behind.called(&request, "rollout");
    Json(behind.models.lock().unwrap().clone())
}

async fn import(request: HttpRequest, body: Bytes, behind: Data<Behind>) -> HttpResponse {
    behind.called(&request, "rollout");
    assert_eq!(&body[..], b"a package");
    behind.refuses().unwrap_or_else(|| found(behind.models.lock().unwrap().first().cloned()))
}

async fn deployment_labels(request: HttpRequest, behind: Data<Behind>) -> Json<Vec<DeploymentLabel>> {
    behind.called(&request, "rollout");
    Json(behind.deployments.lock().unwrap().clone().into_iter().map(DeploymentLabel::from).collect())
}

async fn worklist(request: HttpRequest, behind: Data<Behind>) -> HttpResponse {
    behind.called(&request, "review");
    behind.refuses().unwrap_or_else(|| found(Some(page(behind.cases.lock().unwrap().clone()))))
}

async fn case(request: HttpRequest, case: Path<String>, behind: Data<Behind>) -> HttpResponse {
    behind.called(&request, "review");
    found(behind.cases.lock().unwrap().iter().find(|known| known.id.as_str() == *case).cloned())
}

async fn nothing_listed(request: HttpRequest, behind: Data<Behind>) -> Json<Page<()>> {
    behind.called(&request, "intake");
    page(Vec::new())
}

async fn nothing(request: HttpRequest, behind: Data<Behind>) -> Json<Vec<()>> {
    behind.called(&request, "review");
    Json(Vec::new())
}

async fn figures(request: HttpRequest, behind: Data<Behind>) -> Json<Figures> {
    behind.called(&request, "audit");
    Json(Figures {
        cases: 0,
        minimum: 10,
        agreement: Vec::new(),
        rates: Vec::new(),
        times: Vec::new(),
        overdue: Vec::new(),
        definitions: Vec::new(),
    })
}

async fn report(request: HttpRequest, behind: Data<Behind>) -> HttpResponse {
    behind.called(&request, "audit");
    HttpResponse::Ok().body("a report")
}

async fn watched(request: HttpRequest, behind: Data<Behind>) -> Json<Watched> {
    behind.called(&request, "audit");
    Json(Watched {
        unusual: Vec::new(),
        charts: Vec::new(),
        flagged: Vec::new(),
        domain: Vec::new(),
        drift: Vec::new(),
        drift_jointly: None,
        alarms: Vec::new(),
        minimum: 10,
        definitions: Vec::new(),
    })
}

/// A command that only these tests' own services know: it is noted, and refused.
async fn unknown_command(request: HttpRequest, behind: Data<Behind>) -> HttpResponse {
    behind.called(&request, "review");
    not_here(&behind)
}

async fn intakes_command(request: HttpRequest, behind: Data<Behind>) -> HttpResponse {
    behind.called(&request, "intake");
    not_here(&behind)
}

async fn sentinels(request: HttpRequest, behind: Data<Behind>) -> Json<Sentinels> {
    behind.called(&request, "audit");
    Json(Sentinels { cases: Vec::new(), readers: Vec::new(), definitions: Vec::new() })
}

async fn audits_command(request: HttpRequest, behind: Data<Behind>) -> HttpResponse {
    behind.called(&request, "audit");
    not_here(&behind)
}

async fn audits_nothing(request: HttpRequest, behind: Data<Behind>) -> Json<Vec<()>> {
    behind.called(&request, "audit");
    Json(Vec::new())
}

async fn rollouts_command(request: HttpRequest, behind: Data<Behind>) -> HttpResponse {
    behind.called(&request, "rollout");
    not_here(&behind)
}

fn not_here(behind: &Behind) -> HttpResponse {
    let refusal = Refusal::new("not_here", "not in these tests", "ask another service");
    behind.refuses().unwrap_or_else(|| HttpResponse::Conflict().json(refusal))
}

async fn deployments(request: HttpRequest, behind: Data<Behind>) -> Json<Vec<Deployment>> {
    behind.called(&request, "rollout");
    Json(behind.deployments.lock().unwrap().clone())
}

async fn nothing_of_rollout(request: HttpRequest, behind: Data<Behind>) -> Json<Vec<()>> {
    behind.called(&request, "rollout");
    Json(Vec::new())
}

/// A period without a deployment.
async fn economics(request: HttpRequest, behind: Data<Behind>) -> Json<serde_json::Value> {
    behind.called(&request, "rollout");
    let none = serde_json::json!({ "amount": 0.0, "known": "estimated" });
    let nothing = serde_json::json!({ "low": 0.0, "base": 0.0, "high": 0.0 });
    let prices = serde_json::json!({ "currency": "EUR", "devices": [], "other_device_hour": none,
        "storage_gb_month": none, "storage_months": 1.0, "reader_hour": none });
    Json(serde_json::json!({
        "from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z", "former_prices": [], "deployments": [],
        "prices": { "version": 0, "terms": prices, "reason": "first", "difference": [] },
        "total": {
            "studies": { "requested": 0, "generated": 0, "failed": 0, "read": 0, "released": 0 },
            "reader_minutes": 0.0, "lines": [], "cost": 0.0, "known": "measured", "benefits": [],
            "benefit": nothing, "result": nothing, "covered_hours": 0.0, "sensitivity": [],
        },
        "meanings": [],
    }))
}

async fn costs_report(request: HttpRequest, behind: Data<Behind>) -> HttpResponse {
    behind.called(&request, "rollout");
    HttpResponse::Ok().body("<!DOCTYPE html>costs")
}

async fn stop_view(request: HttpRequest, behind: Data<Behind>) -> Json<StopView> {
    behind.called(&request, "rollout");
    let rules = StopRules { false_alarms_per_year: 1.0, cases_per_month: 100.0, rules: Vec::new() };
    Json(StopView {
        rules: StopRulesVersion {
            version: 0,
            rules,
            changed_by: None,
            changed_at: None,
            reason: String::new(),
            difference: Vec::new(),
        },
        former: Vec::new(),
        states: Vec::new(),
        characteristics: Vec::new(),
        alarms: Vec::new(),
        recall_evaluations: Vec::new(),
        proposals: Vec::new(),
    })
}

async fn gate_policies(request: HttpRequest, behind: Data<Behind>) -> Json<GatePolicies> {
    behind.called(&request, "rollout");
    let in_force = GatePolicyVersion {
        number: 0,
        policy: GatePolicy::default(),
        proposed_by: None,
        adopted_by: None,
        adopted_at: None,
        reason: String::new(),
        difference: Vec::new(),
    };
    Json(GatePolicies { in_force, former: Vec::new(), proposals: Vec::new() })
}

async fn moved(request: HttpRequest, behind: Data<Behind>) -> HttpResponse {
    behind.called(&request, "rollout");
    behind.refuses().unwrap_or_else(|| found(behind.deployments.lock().unwrap().first().cloned()))
}

async fn propose(request: HttpRequest, command: Json<Propose>, behind: Data<Behind>) -> HttpResponse {
    behind.called(&request, "rollout");
    let proposal = || Proposal {
        id: ProposalId::from_bits(1),
        deployment: DeploymentId::from_bits(1),
        stage: command.stage,
        reason: command.reason.clone(),
        proposed_by: "Dr. rad1".to_owned(),
        proposed_at: Time::UNIX_EPOCH,
        state: ProposalState::Open,
        gate: Gate { stage: command.stage, policy_version: "1".to_owned(), held: true, criteria: Vec::new() },
        approvals: Vec::new(),
        wanted: Vec::new(),
    };
    behind.refuses().unwrap_or_else(|| found(Some(proposal())))
}

async fn open(request: HttpRequest, case: Path<String>, behind: Data<Behind>) -> HttpResponse {
    behind.called(&request, "review");
    behind.refuses().unwrap_or_else(|| behind.case(&case))
}

async fn save_draft(request: HttpRequest, command: Json<SaveDraft>, behind: Data<Behind>) -> HttpResponse {
    behind.called(&request, "review");
    let SaveDraft { version, content } = command.into_inner();
    let draft = Draft { version: version + 1, content, saved_at: Time::UNIX_EPOCH };
    behind.refuses().unwrap_or_else(|| found(Some(draft)))
}

async fn ledger(request: HttpRequest, what: Path<String>, behind: Data<Behind>) -> HttpResponse {
    behind.called(&request, "audit");
    match what.as_str() {
        _ if *behind.broken.lock().unwrap() => HttpResponse::NotFound().finish(),
        "status" => {
            found(Some(LedgerStatus { size: 1, root: Digest::of(b""), checkpoint: None, gaps: Vec::new() }))
        }
        "health" => found(Some(LedgerHealth {
            size: 1,
            signed: 1,
            signed_at: None,
            exported: 1,
            witness: None,
            sources: Vec::new(),
            alarms: Vec::new(),
        })),
        "export" if behind.is_slow.load(Ordering::Relaxed) => {
            let working = Working::begins(&behind.working);
            let lines = futures::stream::unfold(working, |working| async move {
                tokio::time::sleep(Duration::from_millis(20)).await;
                Some((
                    Ok::<_, std::io::Error>(Bytes::from_static(b"a line of an export without end\n")),
                    working,
                ))
            });
            HttpResponse::Ok().streaming(lines)
        }
        "export" => HttpResponse::Ok().body("index\n0\n"),
        _ => HttpResponse::NotFound().finish(),
    }
}

async fn proof(request: HttpRequest, what: Path<(u64, String)>, behind: Data<Behind>) -> HttpResponse {
    behind.called(&request, "audit");
    let (index, kind) = what.into_inner();
    found(Some(ProofFile { name: format!("{index}.{kind}"), text: "a proof".to_owned() }))
}

async fn sign(
    request: HttpRequest,
    case: Path<String>,
    command: Json<SignRead>,
    behind: Data<Behind>,
) -> HttpResponse {
    let verified = behind.called(&request, "review");
    if let Some(refused) = behind.refuses() {
        return refused;
    }
    behind.signing.fetch_add(1, Ordering::Relaxed);
    if behind.is_slow.load(Ordering::Relaxed) {
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    behind.signed.lock().unwrap().push((command.into_inner(), verified.signing.unwrap()));
    found(behind.cases.lock().unwrap().iter().find(|known| known.id.as_str() == *case).cloned())
}
