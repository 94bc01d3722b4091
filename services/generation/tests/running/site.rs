//! The language of these tests: a generation service on a real database and bus, its neighbours' answers, and a
//! worker of somebody else's that speaks the public queue contract.

use actix_web::web::{Data, Json, ServiceConfig, get, post};
use actix_web::{HttpResponse, web::Path};
use bus::{Bus, Message, QueueSpec, Route, Subscription};
use contract::client::Batch;
use contract::generation::{Generation, Run};
use contract::intake::{Instance, Intake, Series, SeriesState};
use contract::job::{Cost, Job, JobVolume, Outcome, REPORTS_QUEUE, Report, Scores, Suspect, pool_queue};
use contract::rollout::{Deployment, Model, ModelInput, Rollout, Sampling, Stage, UseRule};
use contract::{
    Actor, Client, DeploymentId, Digest, Envelope, Event, EventId, ModelVersionId, Priority, RunId, SeriesId,
    StudyId, Time,
};
use database::scratch::Scratch;
use dicom_io::fixture::CtSeries;
use dicom_io::{read, volume};
use generation::{Config, Deps};
use imaging::Volume;
use objects::Objects;
use platform::http::Authority;
use platform::login::EveryLogin;
use platform::server::{HttpOptions, serve};
use platform::token::{TokenIssuer, TokenVerifier};
use platform::{CpuPool, Random, Routes, Shutdown, SystemClock};
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long a test waits for something that must happen.
const PATIENCE: Duration = Duration::from_secs(30);
const SLICES: u16 = 3;

/// Generation with everything around it.
pub(crate) struct Site {
    pub(crate) dicom: Objects,
    pub(crate) bus: Arc<dyn Bus>,
    pub(crate) neighbours: Data<Neighbours>,
    volumes: Objects,
    scratch: Scratch,
    random: Random,
    folder: tempfile::TempDir,
    others: String,
    http: reqwest::Client,
    authority: Authority,
    config: Config,
}

/// What intake and rollout answer.
pub(crate) struct Neighbours {
    pub(crate) series: Mutex<Series>,
    /// More series, of other studies.
    others: Mutex<Vec<Series>>,
    model: Model,
    deployment: Deployment,
}

/// A generation service that runs.
pub(crate) struct Running {
    pub(crate) tasks: Vec<tokio::task::JoinHandle<()>>,
    base: String,
    shutdown: Shutdown,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.shutdown.request();
    }
}

impl Site {
    pub(crate) async fn open(scratch: &Scratch) -> Self {
        let config = Config { lease_seconds: 1, pause_seconds: 1, queue_seconds: 2, ..Config::default() };
        Self::open_with(scratch, config).await
    }

    pub(crate) async fn open_with(scratch: &Scratch, config: Config) -> Self {
        config.check().unwrap();
        database::migrate(&scratch.db, migrations::generation::migrations()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let store = |name| Objects::open(&format!("file:{}/{name}", folder.path().display())).unwrap();
        let (dicom, volumes) = (store("dicom"), store("volumes"));
        let neighbours = Data::new(neighbours(&dicom, &volumes).await);
        let bus = database::embedded::bus(&folder.path().join("bus.sqlite")).await.unwrap();
        let keys = folder.path().join("keys");
        let verifier = Arc::new(TokenVerifier::open(&keys, "generation", Arc::new(SystemClock)));
        let authority = Authority { verifier, logins: Arc::new(EveryLogin) };
        let answers = neighbours.clone();
        let routes: Routes = Arc::new(move |config| neighbour_routes(config.app_data(answers.clone())));
        let others = listen(routes, authority.clone(), Shutdown::new());
        let http = reqwest::Client::builder().timeout(PATIENCE).build().unwrap();
        let (scratch, random) = (scratch.clone(), Random::from_os());
        Self { dicom, bus, neighbours, volumes, scratch, random, folder, others, http, authority, config }
    }

    /// Starts generation.
    pub(crate) async fn start(&self) -> Running {
        let tokens = self.issuer("generation").as_service();
        let client = |name| Client::new(name, &self.others, self.http.clone(), tokens.clone());
        let deps = Deps {
            db: self.scratch.connect_again().await,
            bus: self.bus.clone(),
            clock: Arc::new(SystemClock),
            random: self.random.clone(),
            dicom: self.dicom.clone(),
            volumes: self.volumes.clone(),
            cpu: CpuPool::new(1).unwrap(),
            intake: Intake(client("intake")),
            rollout: Rollout(client("rollout")),
        };
        let service = generation::service(self.config.clone(), deps);
        let shutdown = Shutdown::new();
        let tasks =
            service.tasks.into_iter().map(|task| tokio::spawn(task.start(shutdown.clone()))).collect();
        let base = listen(service.routes, self.authority.clone(), shutdown.clone());
        Running { tasks, base, shutdown }
    }

    fn issuer(&self, name: &'static str) -> TokenIssuer {
        let keys = self.folder.path().join("keys");
        TokenIssuer::open(&keys, name, Arc::new(SystemClock), self.random.clone()).unwrap()
    }

    /// Generation as review calls it.
    pub(crate) fn generation(&self, running: &Running) -> Generation {
        let tokens = self.issuer("review").as_service();
        Generation(Client::new("generation", &running.base, self.http.clone(), tokens))
    }

    /// Generation as rollout calls it.
    pub(crate) fn generation_for_rollout(&self, running: &Running) -> Generation {
        self.generation_for("rollout", running)
    }

    /// Generation as another service calls it.
    pub(crate) fn generation_for(&self, name: &'static str, running: &Running) -> Generation {
        let tokens = self.issuer(name).as_service();
        Generation(Client::new("generation", &running.base, self.http.clone(), tokens))
    }

    pub(crate) async fn run(&self, running: &Running) -> Run {
        self.generation(running).run(&run_id()).await.unwrap().unwrap()
    }

    /// Waits until there is a run of which something holds.
    pub(crate) async fn waits_for(
        &self,
        running: &Running,
        number: u128,
        wanted: impl Fn(&Run) -> bool,
    ) -> Run {
        let until = Instant::now() + PATIENCE;
        let generation = self.generation(running);
        loop {
            let run = generation.run(&RunId::from_bits(number)).await.unwrap();
            if let Some(run) = run.filter(|run| wanted(run)) {
                return run;
            }
            assert!(Instant::now() < until, "run {number} never came so far");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Rollout wants a run; at least once means: perhaps twice.
    pub(crate) async fn requests(&self) {
        self.requests_run(77).await;
    }

    /// Another study comes in: the files of a series, in any order; gives the series.
    pub(crate) async fn scans(&self, number: u128, source: &CtSeries, files: Vec<Vec<u8>>) -> Series {
        let scanned = scanned((&self.dicom, &self.volumes), source, files).await;
        let scanned =
            Series { id: SeriesId::from_bits(number), study: StudyId::from_bits(number), ..scanned };
        self.neighbours.others.lock().unwrap().push(scanned.clone());
        scanned
    }

    /// Rollout wants a run with another id.
    pub(crate) async fn requests_run(&self, number: u128) {
        let series = self.neighbours.series.lock().unwrap().clone();
        self.requests_run_on(number, &series).await;
    }

    /// Rollout wants a run on a series of its choice.
    pub(crate) async fn requests_run_on(&self, number: u128, series: &Series) {
        self.requests_with(number, series, Priority::Routine).await;
    }

    /// Rollout wants a run, so soon.
    pub(crate) async fn requests_with(&self, number: u128, series: &Series, priority: Priority) {
        let (study, source_set, volume) =
            (series.study.clone(), series.source_set.unwrap(), series.volume.unwrap());
        let series = series.id.clone();
        let event = Event::RunRequested {
            run: RunId::from_bits(number),
            deployment: deployment_id(),
            model: model_id(),
            stage: Stage::General,
            series,
            study,
            source_set,
            volume,
            priority,
        };
        let envelope = self.envelope("rollout", event);
        self.publishes(&envelope).await;
        self.publishes(&envelope).await;
    }

    /// Intake has got another instance of the series.
    pub(crate) async fn changes_the_series(&self) {
        let (series, former_source_set) = {
            let mut series = self.neighbours.series.lock().unwrap();
            let former = series.source_set.replace(Digest::of(b"another set"));
            (series.id.clone(), former.unwrap())
        };
        let envelope = self.envelope("intake", Event::SeriesChanged { series, former_source_set });
        self.publishes(&envelope).await;
    }

    fn envelope(&self, service: &str, event: Event) -> Envelope {
        Envelope {
            id: self.random.with(EventId::random),
            service: service.to_owned(),
            seq: 1,
            version: 1,
            occurred_at: Time::UNIX_EPOCH,
            actor: Actor::service(service),
            subject: "subject".to_owned(),
            causation: None,
            trace: None,
            event,
        }
    }

    async fn publishes(&self, envelope: &Envelope) {
        let spec = QueueSpec::new("generation.events", &["run.requested", "series.changed"]);
        self.bus.declare(&spec).await.unwrap();
        let message = Message {
            id: envelope.id.to_string(),
            route: Route::Topic(envelope.event.kind().to_owned()),
            headers: BTreeMap::new(),
            body: serde_json::to_vec(envelope).unwrap().into(),
        };
        self.bus.publish(&message).await.unwrap();
    }

    /// Waits until generation has told an event of a kind, and gives all events.
    pub(crate) async fn tells(&self, kind: &str) -> Vec<Event> {
        self.tells_that(|event| event.kind() == kind).await
    }

    /// Waits until generation has told a wanted event, and gives all events.
    pub(crate) async fn tells_that(&self, wanted: impl Fn(&Event) -> bool) -> Vec<Event> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let all = self.told().await;
            if all.iter().any(&wanted) {
                return all;
            }
            assert!(Instant::now() < deadline, "it was not told, only {all:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) async fn told(&self) -> Vec<Event> {
        let all = database::outbox::page(&self.scratch.db, 0, 1_000).await.unwrap();
        all.into_iter().map(|envelope| envelope.event).collect()
    }

    /// A worker of somebody else's, in the pool of the deployment.
    pub(crate) async fn worker(&self) -> Worker {
        let queue = pool_queue("cpu");
        self.bus.declare(&QueueSpec::new(queue.clone(), &[])).await.unwrap();
        self.bus.declare(&QueueSpec::new(REPORTS_QUEUE, &[])).await.unwrap();
        let jobs = self.bus.subscribe(&queue, 1).await.unwrap();
        Worker { bus: self.bus.clone(), volumes: self.volumes.clone(), jobs }
    }
}

/// A worker: takes a job and answers as it is told.
pub(crate) struct Worker {
    bus: Arc<dyn Bus>,
    volumes: Objects,
    jobs: Box<dyn Subscription>,
}

/// What a worker answers: volumes and scores.
pub(crate) struct Answer {
    pub(crate) image: Volume,
    pub(crate) lower: Volume,
    pub(crate) upper: Volume,
    pub(crate) scores: Scores,
    pub(crate) suspects: Vec<Suspect>,
}

impl Worker {
    /// Takes the next job and reports that it has started.
    pub(crate) async fn takes(&mut self) -> Job {
        let delivery = tokio::time::timeout(PATIENCE, self.jobs.next()).await.expect("a job comes").unwrap();
        let job: Job = serde_json::from_slice(&delivery.message.body).unwrap();
        self.says(&job, Outcome::Started).await;
        delivery.ack().await;
        job
    }

    /// Takes the next job off the queue and says nothing: the queue has lost it.
    pub(crate) async fn steals(&mut self) -> Job {
        let delivery = tokio::time::timeout(PATIENCE, self.jobs.next()).await.expect("a job comes").unwrap();
        let job = serde_json::from_slice(&delivery.message.body).unwrap();
        delivery.ack().await;
        job
    }

    pub(crate) async fn says(&mut self, job: &Job, outcome: Outcome) {
        let report = Report { job: job.job.clone(), attempt: job.attempt, fence: job.fence, outcome };
        self.reports(&serde_json::to_value(&report).unwrap()).await;
    }

    /// Puts a message of any content onto the queue of reports.
    pub(crate) async fn reports(&mut self, report: &serde_json::Value) {
        let body = serde_json::to_vec(report).unwrap();
        let message = Message {
            id: Digest::of(&body).to_string(),
            route: Route::Queue(REPORTS_QUEUE.to_owned()),
            headers: BTreeMap::new(),
            body: body.into(),
        };
        self.bus.publish(&message).await.unwrap();
    }

    /// The input of a job.
    pub(crate) async fn input(&mut self, job: &Job) -> Volume {
        let input = self.volumes.get(&job.inputs[0].volume).await.unwrap().unwrap();
        volume_io::nifti::read_bytes(&input).unwrap()
    }

    /// Puts a file into the store of volumes.
    pub(crate) async fn keeps(&mut self, file: Vec<u8>) -> Digest {
        self.volumes.put(file.into()).await.unwrap()
    }

    /// A good answer: the input with little changed, under an interval that varies.
    pub(crate) async fn works(&mut self, job: &Job) -> Answer {
        let input = self.input(job).await;
        let changed = |change: fn(usize) -> f32| {
            let values = input.data.iter().enumerate().map(|(index, value)| value + change(index)).collect();
            input.with_data(values).unwrap()
        };
        Answer {
            image: changed(|index| if index % 2 == 0 { 3.0 } else { -3.0 }),
            lower: changed(|index| -20.0 - (index % 7) as f32),
            upper: changed(|index| 20.0 + (index % 11) as f32),
            scores: Scores { domain: Some(0.7), consistency: Some(0.9), ..Scores::default() },
            suspects: Vec::new(),
        }
    }

    pub(crate) async fn answers(&mut self, job: &Job, answer: Answer) {
        let mut outputs = Vec::new();
        for (role, volume) in [("image", answer.image), ("lower", answer.lower), ("upper", answer.upper)] {
            let volume = self.keeps(volume_io::nifti::write_bytes(&volume)).await;
            outputs.push(JobVolume { role: role.to_owned(), volume });
        }
        let cost = Cost { device: "test".to_owned(), seconds: 0.1, peak_bytes: None };
        let Answer { scores, suspects, .. } = answer;
        self.says(job, Outcome::Completed { outputs, scores, cost, suspects }).await;
    }

    /// Takes the next job and does it well.
    pub(crate) async fn completes(&mut self) -> Job {
        let job = self.takes().await;
        let answer = self.works(&job).await;
        self.answers(&job, answer).await;
        job
    }
}

pub(crate) fn run_id() -> RunId {
    RunId::from_bits(77)
}

fn deployment_id() -> DeploymentId {
    DeploymentId::from_bits(5)
}

fn model_id() -> ModelVersionId {
    ModelVersionId::from_bits(6)
}

async fn neighbours(dicom: &Objects, volumes: &Objects) -> Neighbours {
    let source = CtSeries::new("1.2.3");
    let series = scanned((dicom, volumes), &source, source.files(SLICES)).await;
    let others = Mutex::default();
    Neighbours { series: Mutex::new(series), others, model: model(), deployment: deployment() }
}

/// What intake makes of the files of a series.
async fn scanned((dicom, volumes): (&Objects, &Objects), source: &CtSeries, files: Vec<Vec<u8>>) -> Series {
    let converted = volume::from_files(&files).unwrap();
    let volume = volumes.put(volume_io::nifti::write_bytes(&converted.volume).into()).await.unwrap();
    let mut instances = Vec::new();
    for (slice, file) in converted.order.iter().map(|index| &files[*index]).enumerate() {
        instances.push(Instance {
            sop_instance_uid: read::split(file).unwrap().sop_instance_uid.unwrap(),
            sop_class_uid: "1.2.840.10008.5.1.4.1.1.2".to_owned(),
            digest: read::received_digest(file).unwrap(),
            object: dicom.put(file.clone().into()).await.unwrap(),
            transfer_syntax_uid: "1.2.840.10008.1.2.1".to_owned(),
            slice: slice as u32,
        });
    }
    series(source, volume, instances)
}

fn series(source: &CtSeries, volume: Digest, instances: Vec<Instance>) -> Series {
    Series {
        id: SeriesId::from_bits(1),
        study: StudyId::from_bits(2),
        study_instance_uid: source.study_instance_uid.clone(),
        series_instance_uid: source.series_instance_uid(),
        modality: "CT".to_owned(),
        body_part_examined: "CHEST".to_owned(),
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
        matrix: (12, 16),
        sender: "SCANNER".to_owned(),
        state: SeriesState::Ready,
        parked_reason: None,
        instance_count: instances.len() as u32,
        source_set: Some(Digest::of(b"the set")),
        volume: Some(volume),
        instances,
    }
}

fn model() -> Model {
    Model {
        id: model_id(),
        name: "ct-denoise".to_owned(),
        version: "0.1.0".to_owned(),
        task: "denoise".to_owned(),
        weights: Digest::of(b"weights"),
        input: ModelInput::default(),
        sampling: Sampling { steps: 10, samples: 8 },
        intended_use: String::new(),
        limits: Vec::new(),
        content_qualification: "RESEARCH".to_owned(),
        regulatory_reference: None,
        training_subjects: Vec::new(),
        licence: None,
        publisher: None,
        manifest: None,
        card: String::new(),
        metrics: serde_json::Value::Null,
        calibration_subjects: 2,
        uncertainty_range: 70.0,
        unit: "[hnsf'U]".to_owned(),
        registered_at: Time::UNIX_EPOCH,
    }
}

fn deployment() -> Deployment {
    Deployment {
        id: deployment_id(),
        name: "chest".to_owned(),
        model: model_id(),
        input: ModelInput::default(),
        site: "here".to_owned(),
        rule: UseRule::default(),
        pool: "cpu".to_owned(),
        texture_percent: 30,
        stage: Stage::General,
        banner: None,
        stage_since: Time::UNIX_EPOCH,
        gate: None,
        proposals: Vec::new(),
    }
}

/// The routes of intake and rollout that generation asks.
fn neighbour_routes(config: &mut ServiceConfig) {
    config
        .route(
            "/v1/series/batch",
            post().to(|neighbours: Data<Neighbours>, batch: Json<Batch<SeriesId>>| async move {
                let first = neighbours.series.lock().unwrap().clone();
                let others = neighbours.others.lock().unwrap().clone();
                let all = std::iter::once(first).chain(others);
                Json(all.filter(|series| batch.ids.contains(&series.id)).collect::<Vec<_>>())
            }),
        )
        .route(
            "/v1/models",
            get().to(|neighbours: Data<Neighbours>| async move { Json(vec![neighbours.model.clone()]) }),
        )
        .route(
            "/v1/deployments/{id}",
            get().to(|neighbours: Data<Neighbours>, _: Path<DeploymentId>| async move {
                Json(neighbours.deployment.clone())
            }),
        )
        .route("/v1/outbox", get().to(|| async { HttpResponse::Ok().json(Vec::<Envelope>::new()) }));
}

fn listen(routes: Routes, authority: Authority, shutdown: Shutdown) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let options =
        HttpOptions { listener, workers: 1, tls: None, json_bytes_max: 1 << 20, metrics_callers: Vec::new() };
    tokio::spawn(serve("site", options, routes, authority, shutdown));
    base
}
