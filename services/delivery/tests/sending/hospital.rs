//! What surrounds delivery in a test: a PACS, the four services that it asks, and a release.

use crate::owners::answer;
use bus::{Bus, Message, Route};
use bytes::Bytes;
use contract::client::{FixedToken, TokenSource};
use contract::delivery::Delivery;
use contract::generation::{DerivedInstance, DerivedRole, DerivedSeries, Generation, Run, RunState};
use contract::intake::{Instance, Intake, Series, SeriesState};
use contract::review::{DiscussionKind, Lesson, Read, ReadContent, Release, Review, Signature, Verdict};
use contract::rollout::{Rollout, Stage, StageCheck};
use contract::{
    Actor, CaseId, Client, DeploymentId, Digest, Envelope, Event, EventId, LoginSessionId, ModelVersionId,
    ReadId, Refusal, ReleaseId, RequestId, Role, RunId, SeriesId, SignatureId, StudyId, Time, UserId, digest,
};
use database::DatabaseConnection;
use database::scratch::Scratch;
use delivery::{Config, Deps, Destination, DestinationKind};
use dicom_io::dimse::Status;
use dicom_io::fixture::CtSeries;
use dicom_io::scp::{self, StoreHandler, StoreRequest};
use dicom_io::{TransferSyntax, read, tags, write};
use objects::Objects;
use platform::http::Authority;
use platform::login::EveryLogin;
use platform::server::{HttpOptions, serve};
use platform::token::{TokenIssuer, TokenVerifier};
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
    /// The case of most tests.
    pub(crate) case: Case,
    /// More cases, of other patients.
    pub(crate) others: Vec<Case>,
    pub(crate) stage: StageCheck,
    pub(crate) may_send: bool,
    pub(crate) sources_unchanged: bool,
    /// After so many questions rollout answers as if the deployment had been suspended.
    pub(crate) suspended_after: Option<u32>,
    /// Review's events, as its outbox serves them.
    pub(crate) told: Vec<Envelope>,
    /// What may be taught of the case, or why nothing is.
    pub(crate) lesson: Result<Lesson, Refusal>,
}

pub(crate) type Shared = Arc<Mutex<Facts>>;

/// A released case as its owners know it.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) release: Release,
    pub(crate) run: Run,
    pub(crate) series: Series,
}

impl Case {
    /// A case whose objects are in the store: the source's instances, and derived series.
    pub(crate) fn new(number: u128, sources: Vec<Instance>, derived: Vec<DerivedSeries>) -> Self {
        let lines = derived.iter().flat_map(|series| &series.instances);
        let lines = lines.map(|instance| (instance.sop_instance_uid.as_str(), instance.digest));
        let sourced = sources.iter().map(|source| (source.sop_instance_uid.as_str(), source.digest));
        let release = release(number, digest::case_digest(lines.chain(sourced)));
        let (run, series) = (run(&release, derived), series(&release, sources));
        Self { release, run, series }
    }
}

impl Facts {
    pub(crate) fn cases(&self) -> impl Iterator<Item = &Case> {
        std::iter::once(&self.case).chain(&self.others)
    }
}

/// A PACS that answers as it is told and remembers what it got.
#[derive(Default)]
pub(crate) struct Pacs {
    pub(crate) received: Mutex<Vec<(String, Digest)>>,
    /// The requests themselves.
    pub(crate) requests: Mutex<Vec<StoreRequest>>,
    /// How long it takes over an object.
    pub(crate) pause: Mutex<Duration>,
    /// Answers by SOP Instance UID, one for each time; success when there is none left.
    pub(crate) answers: Mutex<BTreeMap<String, Vec<u16>>>,
}

impl StoreHandler for Pacs {
    async fn store(&self, request: StoreRequest) -> Status {
        let got = (request.sop_instance_uid.clone(), Digest::of(&request.dataset));
        let pause = *self.pause.lock().unwrap();
        tokio::time::sleep(pause).await;
        self.received.lock().unwrap().push(got);
        self.requests.lock().unwrap().push(request.clone());
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
    folder: tempfile::TempDir,
    /// Where delivery's own routes are served, once they are.
    address: Mutex<String>,
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
        let address = Mutex::default();
        Self { pacs, facts, bus, objects, config, services, folder, address }
    }

    /// Starts delivery on `db`; it lives until `shutdown`, or dies at a failpoint.
    pub(crate) fn start(
        &self,
        db: &DatabaseConnection,
        shutdown: &Shutdown,
    ) -> Vec<tokio::task::JoinHandle<()>> {
        let service = self.service(db);
        service.tasks.into_iter().map(|task| tokio::spawn(task.start(shutdown.clone()))).collect()
    }

    fn service(&self, db: &DatabaseConnection) -> platform::Service {
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
        delivery::service(self.config.clone(), deps)
    }

    /// Serves delivery's own routes until `shutdown`.
    pub(crate) async fn serves(&self, scratch: &Scratch, shutdown: &Shutdown) -> tokio::task::JoinHandle<()> {
        let routes = self.service(&scratch.connect_again().await).routes;
        let verifier =
            TokenVerifier::open(&self.folder.path().join("keys"), "delivery", Arc::new(SystemClock));
        let authority = Authority { verifier: Arc::new(verifier), logins: Arc::new(EveryLogin) };
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        *self.address.lock().unwrap() = format!("http://{}", listener.local_addr().unwrap());
        let options = HttpOptions {
            listener,
            workers: 1,
            tls: None,
            json_bytes_max: 1 << 20,
            metrics_callers: Vec::new(),
        };
        let served = serve("delivery", options, routes, authority, shutdown.clone());
        tokio::spawn(async move { served.await.unwrap() })
    }

    /// Delivery as the gateway calls it.
    pub(crate) fn delivery(&self) -> Delivery {
        self.delivery_with(self.gateway().as_service())
    }

    /// Delivery as the gateway calls it for somebody.
    pub(crate) fn delivery_as(&self, roles: &[Role]) -> Delivery {
        let actor = Actor::Person {
            user: UserId::from_bits(9),
            username: "somebody".to_owned(),
            printed_name: "Some Body".to_owned(),
            roles: roles.to_vec(),
            login: LoginSessionId::from_bits(9),
        };
        self.delivery_with(self.gateway().on_behalf_of(actor, RequestId::from_bits(9)))
    }

    fn gateway(&self) -> TokenIssuer {
        let (keys, clock) = (self.folder.path().join("keys"), Arc::new(SystemClock));
        TokenIssuer::open(&keys, "gateway", clock, Random::from_os()).unwrap()
    }

    fn delivery_with(&self, tokens: Arc<dyn TokenSource>) -> Delivery {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(5)).build().unwrap();
        Delivery(Client::new("delivery", &self.address.lock().unwrap(), http, tokens))
    }

    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Review tells that the case is released, over the bus.
    pub(crate) async fn release(&self) {
        let envelope = self.release_event();
        self.tells(&envelope).await;
    }

    /// Review releases the case of another patient and tells it over the bus.
    pub(crate) async fn release_other(&self, case: Case) {
        let envelope = released(&case.release);
        self.facts.lock().unwrap().others.push(case);
        self.tells(&envelope).await;
    }

    /// Two people take the release back; review says no from now on, and tells it over the bus.
    pub(crate) async fn recall(&self) {
        let envelope = {
            let mut facts = self.facts.lock().unwrap();
            facts.may_send = false;
            recalled(&facts.case.release)
        };
        self.tells(&envelope).await;
    }

    async fn tells(&self, envelope: &Envelope) {
        let spec = bus::QueueSpec::new("delivery.events", &["case.released", "case.recalled"]);
        self.bus.declare(&spec).await.unwrap();
        let message = Message {
            id: envelope.id.to_string(),
            route: Route::Topic(envelope.event.kind().to_owned()),
            headers: BTreeMap::new(),
            body: Bytes::from(serde_json::to_vec(envelope).unwrap()),
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
        released(&self.facts.lock().unwrap().case.release)
    }

    pub(crate) fn derived_uids(&self) -> Vec<String> {
        let facts = self.facts.lock().unwrap();
        let series = facts.case.run.derived.iter();
        series.flat_map(|series| series.instances.iter().map(|i| i.sop_instance_uid.clone())).collect()
    }
}

/// Review's event about a release.
fn released(release: &Release) -> Envelope {
    let (case, deployment) = (release.case.clone(), release.deployment.clone());
    let bits = release
        .id
        .as_str()
        .bytes()
        .fold(1, |id: u128, byte| id.wrapping_mul(257).wrapping_add(u128::from(byte)));
    let event = Event::CaseReleased { case: case.clone(), release: release.id.clone(), deployment };
    told_by_review(EventId::from_bits(bits), 1, &case, event)
}

/// Review's event about a recall.
fn recalled(release: &Release) -> Envelope {
    let case = release.case.clone();
    let event = Event::CaseRecalled { case: case.clone(), release: release.id.clone() };
    told_by_review(EventId::from_bits(4711), 2, &case, event)
}

fn told_by_review(id: EventId, seq: i64, case: &CaseId, event: Event) -> Envelope {
    Envelope {
        id,
        service: "review".to_owned(),
        seq,
        version: 1,
        occurred_at: Time::UNIX_EPOCH,
        actor: Actor::service("review"),
        subject: case.to_string(),
        causation: None,
        trace: None,
        event,
    }
}

/// Waits until delivery has told an event that `wanted` recognises.
pub(crate) async fn told(db: &DatabaseConnection, wanted: impl Fn(&Event) -> bool) -> Vec<Event> {
    told_all(db, |events| events.iter().any(&wanted)).await
}

/// Waits until `wanted` recognises everything that delivery has told.
pub(crate) async fn told_all(db: &DatabaseConnection, wanted: impl Fn(&[Event]) -> bool) -> Vec<Event> {
    let found = async {
        loop {
            let page = database::outbox::page(db, 0, 1_000).await.unwrap();
            let events: Vec<Event> = page.into_iter().map(|envelope| envelope.event).collect();
            if wanted(&events) {
                break events;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), found).await.expect("delivery tells it in time")
}

async fn stored(objects: &Objects, role: DerivedRole, uid: &str, slice: u32) -> DerivedInstance {
    let class = if role == DerivedRole::Image { CT_IMAGE } else { PARAMETRIC_MAP };
    let file = CtSeries::new("1.2.3")
        .slice(slice as u16)
        .text(tags::SOP_CLASS_UID, *b"UI", class)
        .text(tags::SOP_INSTANCE_UID, *b"UI", uid)
        .text(tags::SERIES_INSTANCE_UID, *b"UI", &series_uid(role))
        .text(tags::SERIES_NUMBER, *b"IS", "9010")
        .file(TransferSyntax::ExplicitLittle);
    let digest = write::profile_digest(&file).unwrap();
    let object = objects.put(file.into()).await.unwrap();
    let (sop_class_uid, sop_instance_uid) = (class.to_owned(), uid.to_owned());
    DerivedInstance { sop_instance_uid, sop_class_uid, digest, object, slice }
}

fn series_uid(role: DerivedRole) -> String {
    format!("2.25.{}", role as u32 + 1)
}

async fn facts(objects: &Objects) -> Facts {
    let mut images = Vec::new();
    for slice in 0..SLICES {
        images.push(stored(objects, DerivedRole::Image, &format!("2.25.10{slice}"), slice).await);
    }
    let map = stored(objects, DerivedRole::Uncertainty, "2.25.200", 0).await;
    let derived = [(DerivedRole::Image, images), (DerivedRole::Uncertainty, vec![map])];
    let derived: Vec<DerivedSeries> = derived
        .into_iter()
        .map(|(role, instances)| DerivedSeries { series_instance_uid: series_uid(role), role, instances })
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
    let case = Case::new(0, vec![source], derived);
    let reason = String::new();
    let stage = StageCheck { stage: Stage::General, may_release: true, may_send: true, reason };
    let (may_send, sources_unchanged, suspended_after) = (true, true, None);
    let told = Vec::new();
    let others = Vec::new();
    let lesson = Ok(lesson(&case));
    Facts { case, others, stage, may_send, sources_unchanged, suspended_after, told, lesson }
}

/// What is to be learned of a case.
pub(crate) fn lesson(case: &Case) -> Lesson {
    Lesson {
        case: case.release.case.clone(),
        run: case.run.id.clone(),
        kind: DiscussionKind::ModelError,
        question: "What is at slice 2?".to_owned(),
        learning_point: "Compare with the original first.".to_owned(),
        findings: Vec::new(),
    }
}

fn release(number: u128, case_digest: Digest) -> Release {
    // Ids of one case stand ten apart from those of the next.
    let id = |place: u128| 10 * number + place;
    Release {
        id: ReleaseId::from_bits(id(1)),
        case: CaseId::from_bits(id(2)),
        run: RunId::from_bits(id(3)),
        series: SeriesId::from_bits(id(4)),
        study: StudyId::from_bits(id(5)),
        source_set: Digest::of(b"source set"),
        model: ModelVersionId::from_bits(6),
        deployment: DeploymentId::from_bits(7),
        stage: Stage::General,
        case_digest,
        reads: vec![accepting_read(number, case_digest)],
        limitations: Vec::new(),
        released_at: Time::from_timestamp(1_764_000_000, 0).unwrap(),
    }
}

fn accepting_read(number: u128, case_digest: Digest) -> Read {
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
        personal_key: None,
    };
    let content = ReadContent { verdict: Some(Verdict::Accept), ..ReadContent::default() };
    let (id, case) = (ReadId::from_bits(10 * number + 6), CaseId::from_bits(10 * number + 2));
    Read { id, case, content, signature, is_final: true, addenda: Vec::new() }
}

fn run(release: &Release, derived: Vec<DerivedSeries>) -> Run {
    Run {
        id: release.run.clone(),
        deployment: release.deployment.clone(),
        model: release.model.clone(),
        stage: release.stage,
        priority: contract::Priority::Routine,
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
        volumes: None,
        derived,
        regions: Vec::new(),
    }
}

fn series(release: &Release, instances: Vec<Instance>) -> Series {
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
        software_versions: String::new(),
        pixel_spacing_mm: None,
        magnetic_field_strength: String::new(),
        requested_procedure_priority: String::new(),
        matrix: (1, 1),
        sender: "SCANNER".to_owned(),
        state: SeriesState::Ready,
        parked_reason: None,
        instance_count: instances.len() as u32,
        source_set: Some(release.source_set),
        volume: None,
        instances,
    }
}
