//! What surrounds delivery in a test: a PACS, the four services that it asks, and a release.

use actix_web::web::{self, Data, Json};
use actix_web::{App, HttpResponse, HttpServer};
use bus::{Bus, Message, Route};
use bytes::Bytes;
use contract::client::FixedToken;
use contract::generation::{DerivedInstance, DerivedRole, DerivedSeries, Generation, Run, RunState};
use contract::intake::{Instance, Intake, Series, SeriesState, SourceCheck};
use contract::review::{Read, ReadContent, Release, ReleaseCheck, Review, Signature, Verdict};
use contract::rollout::{Rollout, Stage, StageCheck};
use contract::{
    Actor, CaseId, Client, DeploymentId, Digest, Envelope, Event, EventId, ModelVersionId, ReadId, ReleaseId,
    RunId, SeriesId, SignatureId, StudyId, Time, UserId, digest,
};
use database::DatabaseConnection;
use delivery::{Config, Deps, Destination, DestinationKind};
use dicom_core::{Tag, VR};
use dicom_io::dimse::Status;
use dicom_io::fixture::CtSeries;
use dicom_io::read;
use dicom_io::scp::{self, StoreHandler, StoreRequest};
use dicom_io::write::{self, DataSet};
use objects::Objects;
use platform::{CpuPool, Random, Shutdown, SystemClock};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const CT_IMAGE: &str = "1.2.840.10008.5.1.4.1.1.2";
const PARAMETRIC_MAP: &str = "1.2.840.10008.5.1.4.1.1.30";
/// Derived images of the release.
pub(crate) const SLICES: u32 = 3;

/// What the four services say when they are asked.
pub(crate) struct Facts {
    pub(crate) release: Release,
    pub(crate) run: Run,
    pub(crate) series: Series,
    pub(crate) stage: StageCheck,
    pub(crate) may_send: bool,
    pub(crate) sources_unchanged: bool,
    /// After so many questions rollout answers as if the deployment had been suspended.
    pub(crate) suspended_after: Option<u32>,
    /// Review's events, as its outbox serves them.
    pub(crate) told: Vec<Envelope>,
}

pub(crate) type Shared = Arc<Mutex<Facts>>;

/// A PACS that answers as it is told and remembers what it got.
#[derive(Default)]
pub(crate) struct Pacs {
    pub(crate) received: Mutex<Vec<(String, Digest)>>,
    /// Answers by SOP Instance UID, one for each time; success when there is none left.
    pub(crate) answers: Mutex<BTreeMap<String, Vec<u16>>>,
}

impl StoreHandler for Pacs {
    async fn store(&self, request: StoreRequest) -> Status {
        let got = (request.sop_instance_uid.clone(), Digest::of(&request.dataset));
        self.received.lock().unwrap().push(got);
        let mut answers = self.answers.lock().unwrap();
        let code = answers.get_mut(&request.sop_instance_uid).and_then(Vec::pop).unwrap_or(0);
        Status { code, comment: if code == 0 { String::new() } else { "as the test says".to_owned() } }
    }
}

impl Pacs {
    pub(crate) fn uids(&self) -> Vec<String> {
        self.received.lock().unwrap().iter().map(|(uid, _)| uid.clone()).collect()
    }
}

/// Everything around delivery.
pub(crate) struct Hospital {
    pub(crate) pacs: Arc<Pacs>,
    pub(crate) facts: Shared,
    pub(crate) bus: Arc<dyn Bus>,
    pub(crate) objects: Objects,
    pub(crate) config: Config,
    services: String,
    _folder: tempfile::TempDir,
}

impl Hospital {
    pub(crate) async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let objects = Objects::open(&format!("file:{}/dicom", folder.path().display())).unwrap();
        let facts = Arc::new(Mutex::new(facts(&objects).await));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let pacs = Arc::new(Pacs::default());
        let behaviour = scp::Config { ae_title: "PACS".to_owned(), ..scp::Config::default() };
        tokio::spawn(scp::serve(listener, behaviour, pacs.clone(), std::future::pending()));
        let kind = DestinationKind::Clinical;
        let destination =
            Destination { ae_title: "PACS".to_owned(), host: "127.0.0.1".to_owned(), port, kind };
        let config = Config {
            destinations: vec![destination],
            retry_seconds_min: 1,
            recheck_held_seconds: 1,
            ..Config::default()
        };
        config.check().unwrap();
        let bus = database::embedded::bus(&folder.path().join("bus.sqlite")).await.unwrap();
        let services = answer(facts.clone());
        Self { pacs, facts, bus, objects, config, services, _folder: folder }
    }

    /// Starts delivery on `db`; it lives until `shutdown`, or dies at a failpoint.
    pub(crate) fn start(
        &self,
        db: &DatabaseConnection,
        shutdown: &Shutdown,
    ) -> Vec<tokio::task::JoinHandle<()>> {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(5)).build().unwrap();
        let client =
            |name| Client::new(name, &self.services, http.clone(), Arc::new(FixedToken("any".into())));
        let deps = Deps {
            db: db.clone(),
            bus: self.bus.clone(),
            clock: Arc::new(SystemClock),
            random: Random::from_os(),
            objects: self.objects.clone(),
            cpu: CpuPool::new(1).unwrap(),
            review: Review(client("review")),
            rollout: Rollout(client("rollout")),
            intake: Intake(client("intake")),
            generation: Generation(client("generation")),
        };
        let service = delivery::service(self.config.clone(), deps);
        service.tasks.into_iter().map(|task| tokio::spawn(task.start(shutdown.clone()))).collect()
    }

    /// Review tells that the case is released, over the bus.
    pub(crate) async fn release(&self) {
        let envelope = self.release_event();
        let spec = bus::QueueSpec::new("delivery.events", &["case.released"]);
        self.bus.declare(&spec).await.unwrap();
        let message = Message {
            id: envelope.id.to_string(),
            route: Route::Topic("case.released".to_owned()),
            headers: BTreeMap::new(),
            body: Bytes::from(serde_json::to_vec(&envelope).unwrap()),
        };
        self.bus.publish(&message).await.unwrap();
        // At least once means: perhaps twice.
        self.bus.publish(&message).await.unwrap();
    }

    /// Review tells that the case is released, and the bus loses it.
    pub(crate) fn release_without_bus(&self) {
        let envelope = self.release_event();
        self.facts.lock().unwrap().told.push(envelope);
    }

    fn release_event(&self) -> Envelope {
        let (case, release, deployment) = {
            let facts = self.facts.lock().unwrap();
            (facts.release.case.clone(), facts.release.id.clone(), facts.release.deployment.clone())
        };
        Envelope {
            id: EventId::from_bits(1),
            service: "review".to_owned(),
            seq: 1,
            version: 1,
            occurred_at: Time::UNIX_EPOCH,
            actor: Actor::service("review"),
            subject: case.to_string(),
            causation: None,
            trace: None,
            event: Event::CaseReleased { case, release, deployment },
        }
    }

    pub(crate) fn derived_uids(&self) -> Vec<String> {
        let facts = self.facts.lock().unwrap();
        let series = facts.run.derived.iter();
        series.flat_map(|series| series.instances.iter().map(|i| i.sop_instance_uid.clone())).collect()
    }
}

/// Waits until delivery has told an event that `wanted` recognises.
pub(crate) async fn told(db: &DatabaseConnection, wanted: impl Fn(&Event) -> bool) -> Vec<Event> {
    let found = async {
        loop {
            let page = database::outbox::page(db, 0, 1_000).await.unwrap();
            let events: Vec<Event> = page.into_iter().map(|envelope| envelope.event).collect();
            if events.iter().any(&wanted) {
                break events;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), found).await.expect("delivery tells it in time")
}

async fn stored(objects: &Objects, class: &str, uid: &str, slice: u32) -> DerivedInstance {
    let mut data_set = DataSet::new();
    data_set.text(Tag(0x0008, 0x0016), VR::UI, class).text(Tag(0x0008, 0x0018), VR::UI, uid);
    data_set.text(Tag(0x0020, 0x0013), VR::IS, &slice.to_string());
    let file = write::file(&data_set).unwrap();
    let digest = write::profile_digest(&file).unwrap();
    let object = objects.put(file.into()).await.unwrap();
    let (sop_class_uid, sop_instance_uid) = (class.to_owned(), uid.to_owned());
    DerivedInstance { sop_instance_uid, sop_class_uid, digest, object, slice }
}

async fn facts(objects: &Objects) -> Facts {
    let mut images = Vec::new();
    for slice in 0..SLICES {
        images.push(stored(objects, CT_IMAGE, &format!("2.25.10{slice}"), slice).await);
    }
    let map = stored(objects, PARAMETRIC_MAP, "2.25.200", 0).await;
    let derived = [(DerivedRole::Image, images), (DerivedRole::Uncertainty, vec![map])];
    let derived: Vec<DerivedSeries> = derived
        .into_iter()
        .map(|(role, instances)| {
            let series_instance_uid = format!("2.25.{}", role as u32 + 1);
            DerivedSeries { series_instance_uid, role, instances }
        })
        .collect();
    let scanned = CtSeries::new("1.2.3");
    let file = scanned.files(1).remove(0);
    let source = Instance {
        sop_instance_uid: scanned.sop_instance_uid(0),
        sop_class_uid: CT_IMAGE.to_owned(),
        digest: read::received_digest(&file).unwrap(),
        object: objects.put(file.into()).await.unwrap(),
        transfer_syntax_uid: write::TRANSFER_SYNTAX_UID.to_owned(),
        slice: 0,
    };
    let lines = derived.iter().flat_map(|series| &series.instances);
    let lines = lines.map(|instance| (instance.sop_instance_uid.as_str(), instance.digest));
    let lines = lines.chain([(source.sop_instance_uid.as_str(), source.digest)]);
    let case_digest = digest::case_digest(lines);
    let release = release(case_digest);
    let run = run(&release, derived);
    let series = series(&release, source);
    let reason = String::new();
    let stage = StageCheck { stage: Stage::General, may_release: true, may_send: true, reason };
    let (may_send, sources_unchanged, suspended_after) = (true, true, None);
    let told = Vec::new();
    Facts { release, run, series, stage, may_send, sources_unchanged, suspended_after, told }
}

fn release(case_digest: Digest) -> Release {
    Release {
        id: ReleaseId::from_bits(1),
        case: CaseId::from_bits(2),
        run: RunId::from_bits(3),
        series: SeriesId::from_bits(4),
        study: StudyId::from_bits(5),
        source_set: Digest::of(b"source set"),
        model: ModelVersionId::from_bits(6),
        deployment: DeploymentId::from_bits(7),
        stage: Stage::General,
        case_digest,
        reads: vec![accepting_read(case_digest)],
        limitations: Vec::new(),
        released_at: Time::from_timestamp(1_764_000_000, 0).unwrap(),
    }
}

fn accepting_read(case_digest: Digest) -> Read {
    let signature = Signature {
        id: SignatureId::from_bits(8),
        signer: UserId::from_bits(9),
        printed_name: "Ann Reader".to_owned(),
        signed_at: Time::from_timestamp(1_763_999_000, 0).unwrap(),
        meaning: "I have read this case and accept the AI image".to_owned(),
        case_digest,
        content_digest: Digest::of(b"content"),
        authentication: vec!["pwd".to_owned()],
        calibrated_display: false,
    };
    let content = ReadContent { verdict: Some(Verdict::Accept), ..ReadContent::default() };
    Read { id: ReadId::from_bits(10), case: CaseId::from_bits(2), content, signature, is_final: true }
}

fn run(release: &Release, derived: Vec<DerivedSeries>) -> Run {
    Run {
        id: release.run.clone(),
        deployment: release.deployment.clone(),
        model: release.model.clone(),
        stage: release.stage,
        series: release.series.clone(),
        study: release.study.clone(),
        source_set: release.source_set,
        state: RunState::Completed,
        attempt: 1,
        progress: 1.0,
        failure: None,
        requested_at: release.released_at,
        ended_at: Some(release.released_at),
        scores: None,
        cost: None,
        case_digest: Some(release.case_digest),
        derived,
        regions: Vec::new(),
    }
}

fn series(release: &Release, source: Instance) -> Series {
    Series {
        id: release.series.clone(),
        study: release.study.clone(),
        study_instance_uid: "1.2.3".to_owned(),
        series_instance_uid: "1.2.3.4".to_owned(),
        modality: "CT".to_owned(),
        body_part_examined: String::new(),
        protocol_name: String::new(),
        series_description: String::new(),
        series_number: Some(1),
        image_type: Vec::new(),
        manufacturer: String::new(),
        manufacturer_model_name: String::new(),
        convolution_kernel: String::new(),
        slice_thickness_mm: None,
        matrix: (1, 1),
        sender: "SCANNER".to_owned(),
        state: SeriesState::Ready,
        parked_reason: None,
        instance_count: 1,
        source_set: Some(release.source_set),
        volume: None,
        instances: vec![source],
    }
}

/// Serves the routes that delivery asks, and gives their address.
fn answer(facts: Shared) -> String {
    let server = HttpServer::new(move || {
        App::new()
            .app_data(Data::new(facts.clone()))
            .route(
                "/v1/releases/{id}",
                web::get()
                    .to(|facts: Data<Shared>| async move { Json(facts.lock().unwrap().release.clone()) }),
            )
            .route(
                "/v1/releases/{id}/check",
                web::get().to(|facts: Data<Shared>| async move {
                    let may_send = facts.lock().unwrap().may_send;
                    Json(ReleaseCheck { may_send, reason: if may_send { "" } else { "on hold" }.to_owned() })
                }),
            )
            .route(
                "/v1/series/{id}/source-check",
                web::get().to(|facts: Data<Shared>| async move {
                    Json(SourceCheck { unchanged: facts.lock().unwrap().sources_unchanged })
                }),
            )
            .route("/v1/deployments/{id}/stage-check", web::get().to(stage_check))
            .route("/v1/outbox", web::get().to(outbox))
            .route(
                "/v1/series/batch",
                web::post().to(|facts: Data<Shared>| async move {
                    Json(vec![facts.lock().unwrap().series.clone()])
                }),
            )
            .route(
                "/v1/runs/batch",
                web::post()
                    .to(|facts: Data<Shared>| async move { Json(vec![facts.lock().unwrap().run.clone()]) }),
            )
    });
    let server = server.workers(1).bind("127.0.0.1:0").unwrap();
    let address = server.addrs()[0];
    tokio::spawn(server.disable_signals().run());
    format!("http://{address}")
}

async fn stage_check(facts: Data<Shared>) -> HttpResponse {
    let mut facts = facts.lock().unwrap();
    match &mut facts.suspended_after {
        Some(0) => {
            facts.stage.stage = Stage::Suspended;
            facts.stage.may_release = false;
            facts.stage.may_send = false;
        }
        Some(left) => *left -= 1,
        None => {}
    }
    HttpResponse::Ok().json(&facts.stage)
}

#[derive(serde::Deserialize)]
struct AfterSeq {
    after_seq: i64,
}

async fn outbox(facts: Data<Shared>, query: web::Query<AfterSeq>) -> Json<Vec<Envelope>> {
    let told = facts.lock().unwrap().told.clone();
    Json(told.into_iter().filter(|envelope| envelope.seq > query.after_seq).collect())
}
