//! A worker as generation meets it: jobs in, reports out, over a real bus, with the model of this repository.

#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]

use bus::{Bus, Message, QueueSpec, Route, Subscription};
use bytes::Bytes;
use chrono::TimeDelta;
use contract::job::{Job, JobModel, JobVolume, Outcome, Parameters, REPORTS_QUEUE, Report, pool_queue};
use contract::{Digest, JobId, Time};
use imaging::{Affine, Volume};
use objects::Objects;
use platform::{Clock as _, CpuPool, Shutdown, SystemClock};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use worker::{Config, Deps};

const PATIENCE: Duration = Duration::from_mins(1);

/// A worker with the bus and the store around it.
struct Bench {
    bus: Arc<dyn Bus>,
    volumes: Objects,
    reports: Box<dyn Subscription>,
    shutdown: Shutdown,
    running: Vec<tokio::task::JoinHandle<()>>,
    _folder: tempfile::TempDir,
}

impl Bench {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bus = database::embedded::bus(&folder.path().join("bus.sqlite")).await.unwrap();
        let volumes = Objects::open(&format!("file:{}/volumes", folder.path().display())).unwrap();
        bus.declare(&QueueSpec::new(REPORTS_QUEUE, &[])).await.unwrap();
        bus.declare(&QueueSpec::new(pool_queue("cpu"), &[])).await.unwrap();
        let reports = bus.subscribe(REPORTS_QUEUE, 16).await.unwrap();
        let config = Config { models_dir: models(), ..Config::default() };
        config.check().unwrap();
        let deps = Deps {
            bus: bus.clone(),
            clock: Arc::new(SystemClock),
            volumes: volumes.clone(),
            cpu: CpuPool::new(2).unwrap(),
        };
        let shutdown = Shutdown::new();
        let tasks = worker::tasks(config, deps);
        let running = tasks.into_iter().map(|task| tokio::spawn(task.start(shutdown.clone()))).collect();
        Self { bus, volumes, reports, shutdown, running, _folder: folder }
    }

    /// A job on the phantom, as generation gives it.
    async fn job(&self) -> Job {
        let volume = self.volumes.put(volume_io::nifti::write_bytes(&phantom()).into()).await.unwrap();
        Job {
            job: JobId::from_bits(1),
            attempt: 1,
            fence: 1,
            model: JobModel {
                name: "ct-denoise".to_owned(),
                version: version(),
                digest: Digest::of(&std::fs::read(models().join("ct-denoise/weights.safetensors")).unwrap()),
            },
            task: "denoise".to_owned(),
            inputs: vec![JobVolume { role: "source".to_owned(), volume }],
            parameters: Parameters { steps: 1, samples: 1, seed: 1, texture_percent: 0 },
            deadline: SystemClock.now() + TimeDelta::hours(1),
            trace: None,
        }
    }

    async fn asks(&self, job: &Job) {
        self.publishes(serde_json::to_vec(job).unwrap().into()).await;
    }

    async fn publishes(&self, body: Bytes) {
        let route = Route::Queue(pool_queue("cpu"));
        let message = Message { id: Digest::of(&body).to_string(), route, headers: BTreeMap::new(), body };
        self.bus.publish(&message).await.unwrap();
    }

    /// The reports of one job up to its end.
    async fn reports(&mut self) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        loop {
            let next = tokio::time::timeout(PATIENCE, self.reports.next()).await;
            let delivery = next.expect("the worker reports in time").unwrap();
            let report: Report = serde_json::from_slice(&delivery.message.body).unwrap();
            delivery.ack().await;
            assert_eq!((report.job, report.attempt, report.fence), (JobId::from_bits(1), 1, 1));
            outcomes.push(report.outcome);
            if matches!(outcomes.last(), Some(Outcome::Completed { .. } | Outcome::Failed { .. })) {
                return outcomes;
            }
        }
    }

    /// The code of the failure that a job ends in, and whether another attempt is worth it.
    async fn failure(&mut self, job: &Job) -> (String, bool) {
        self.asks(job).await;
        match self.reports().await.pop() {
            Some(Outcome::Failed { code, retry, .. }) => (code, retry),
            other => panic!("not failed but {other:?}"),
        }
    }
}

fn models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models")
}

fn version() -> String {
    let folder = nets::Model::load(&models().join("ct-denoise")).unwrap();
    folder.description().version.clone()
}

/// A cylinder of water in air, with a little structure in it.
fn phantom() -> Volume {
    let value = |index: usize| {
        let (x, y) = ((index % 48) as f32 - 24.0, (index / 48 % 48) as f32 - 24.0);
        let texture = ((index * 7919) % 41) as f32 - 20.0;
        if x.hypot(y) < 18.0 { 40.0 + texture } else { -1000.0 + texture / 4.0 }
    };
    let data = (0..48 * 48 * 2).map(value).collect();
    Volume::new(data, [48, 48, 2], Affine::from_spacing([0.8, 0.8, 2.0])).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_started_worked_on_and_completed_with_volumes_on_its_grid() {
    let mut bench = Bench::open().await;
    let job = bench.job().await;
    bench.asks(&job).await;
    let outcomes = bench.reports().await;
    assert_eq!(outcomes.first(), Some(&Outcome::Started));
    assert!(outcomes.iter().any(|outcome| matches!(outcome, Outcome::Progress { .. })));
    let Some(Outcome::Completed { outputs, scores, cost, .. }) = outcomes.last() else {
        panic!("{outcomes:?}")
    };
    assert!(scores.domain.is_some() && scores.consistency.is_some());
    assert!(cost.seconds > 0.0 && cost.device == "cpu");
    let roles: Vec<_> = outputs.iter().map(|output| output.role.as_str()).collect();
    assert_eq!(roles, ["image", "lower", "upper"]);
    for output in outputs {
        let file = bench.volumes.get(&output.volume).await.unwrap().unwrap();
        let volume = volume_io::nifti::read_bytes(&file).unwrap();
        assert_eq!(volume.dims, phantom().dims);
    }
}

/// The phantom turned by `degrees` about z and tilted by 20° about x, with a bright cube of five voxels around `middle`.
fn oblique(degrees: f64, middle: [usize; 3]) -> Volume {
    let slice = phantom().slice(0).to_vec();
    let mut data: Vec<f32> = (0..10).flat_map(|_| slice.iter().copied()).collect();
    let around = |at: usize| at - 2..=at + 2;
    for (k, j, i) in around(middle[2])
        .flat_map(|k| around(middle[1]).flat_map(move |j| around(middle[0]).map(move |i| (k, j, i))))
    {
        data[(k * 48 + j) * 48 + i] = 1500.0;
    }
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (tilt_sin, tilt_cos) = 20_f64.to_radians().sin_cos();
    let tilt = |v: [f64; 3]| [v[0], v[1] * tilt_cos - v[2] * tilt_sin, v[1] * tilt_sin + v[2] * tilt_cos];
    let (row, column, normal) = (tilt([cos, sin, 0.0]), tilt([-sin, cos, 0.0]), tilt([0.0, 0.0, 1.0]));
    let axis = |r: usize| [row[r] * 0.8, column[r] * 0.8, normal[r] * 2.0, [-120.5, 33.25, 7.125][r]];
    Volume::new(data, [48, 48, 10], Affine([axis(0), axis(1), axis(2)])).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn r04_the_shipped_model_leaves_an_oblique_volume_where_it_was() {
    let mut bench = Bench::open().await;
    for (degrees, middle) in [(83.06, [40, 7, 7]), (44.0, [7, 7, 2]), (46.0, [40, 40, 7]), (91.0, [7, 40, 2])]
    {
        let input = oblique(degrees, middle);
        let volume = bench.volumes.put(volume_io::nifti::write_bytes(&input).into()).await.unwrap();
        let inputs = vec![JobVolume { role: "source".to_owned(), volume }];
        bench.asks(&Job { inputs, ..bench.job().await }).await;
        let Some(Outcome::Completed { outputs, .. }) = bench.reports().await.pop() else {
            panic!("not completed")
        };
        for output in outputs {
            let file = bench.volumes.get(&output.volume).await.unwrap().unwrap();
            let result = volume_io::nifti::read_bytes(&file).unwrap();
            assert_eq!(result.dims, input.dims);
            for (a, b) in result.affine.0.iter().flatten().zip(input.affine.0.iter().flatten()) {
                assert!((a - b).abs() < 1e-4, "{degrees}: {:?}", result.affine);
            }
            let wanted = input.affine.apply(middle.map(|index| index as f64));
            let found = bright_place(&result);
            let off = wanted.iter().zip(found).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
            assert!(off < 0.4, "{degrees}, {}: {off} mm off", output.role);
        }
    }
}

/// The middle of everything above 800 HU, in the patient.
fn bright_place(volume: &Volume) -> [f64; 3] {
    let [columns, rows, _] = volume.dims;
    let places = volume.data.iter().enumerate().filter(|(_, value)| **value > 800.0).map(|(index, _)| {
        let index = [index % columns, index / columns % rows, index / columns / rows];
        volume.affine.apply(index.map(|index| index as f64))
    });
    let places: Vec<[f64; 3]> = places.collect();
    assert!(!places.is_empty(), "the cube is there");
    [0, 1, 2].map(|axis| places.iter().map(|place| place[axis]).sum::<f64>() / places.len() as f64)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_job_gives_the_same_bytes() {
    let mut bench = Bench::open().await;
    let job = bench.job().await;
    let mut outputs = Vec::new();
    for _ in 0..2 {
        bench.asks(&job).await;
        match bench.reports().await.pop() {
            Some(Outcome::Completed { outputs: made, .. }) => outputs.push(made),
            other => panic!("not completed but {other:?}"),
        }
    }
    assert_eq!(outputs[0], outputs[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_done_is_refused_by_its_code() {
    let mut bench = Bench::open().await;
    let job = bench.job().await;
    let model = |change: fn(&mut JobModel)| {
        let mut changed = job.clone();
        change(&mut changed.model);
        changed
    };
    let unavailable = ("model_unavailable".to_owned(), true);
    assert_eq!(bench.failure(&model(|m| m.digest = Digest::of(b"other weights"))).await, unavailable);
    assert_eq!(bench.failure(&model(|m| m.version = "9.9.9".into())).await, unavailable);
    assert_eq!(bench.failure(&model(|m| m.name = "../ct-denoise".into())).await, unavailable);
    let task = Job { task: "translation".into(), ..job.clone() };
    assert_eq!(bench.failure(&task).await, ("model_unavailable".into(), false));
    let late = Job { deadline: Time::UNIX_EPOCH, ..job.clone() };
    assert_eq!(bench.failure(&late).await, ("deadline_passed".into(), false));
    let volume = |volume| Job { inputs: vec![JobVolume { role: "source".into(), volume }], ..job.clone() };
    let missing = volume(Digest::of(b"never stored"));
    assert_eq!(bench.failure(&missing).await, ("input_unreadable".into(), false));
    let garbage = volume(bench.volumes.put(Bytes::from_static(b"not a NIfTI file")).await.unwrap());
    assert_eq!(bench.failure(&garbage).await, ("input_unreadable".into(), false));
    let parameters = |steps, samples| Job {
        parameters: Parameters { steps, samples, ..job.parameters.clone() },
        ..job.clone()
    };
    let unsupported = ("parameters_unsupported".to_owned(), false);
    assert_eq!(bench.failure(&parameters(50, 1)).await, unsupported);
    assert_eq!(bench.failure(&parameters(1, 8)).await, unsupported);
    let mr = phantom().with_data(vec![400.0; 48 * 48 * 2]).unwrap();
    let mr = volume(bench.volumes.put(volume_io::nifti::write_bytes(&mr).into()).await.unwrap());
    assert_eq!(bench.failure(&mr).await, ("input_out_of_domain".into(), false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_no_job_is_parked_and_the_next_job_is_done() {
    let mut bench = Bench::open().await;
    bench.publishes(Bytes::from_static(b"{\"job\": 1}")).await;
    let job = bench.job().await;
    bench.asks(&job).await;
    assert!(matches!(bench.reports().await.last(), Some(Outcome::Completed { .. })));
    let mut parked = bench.bus.subscribe(&bus::dead_letter_queue(&pool_queue("cpu")), 1).await.unwrap();
    tokio::time::timeout(PATIENCE, parked.next()).await.unwrap().unwrap().ack().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_panics_fails_its_job_and_not_the_worker() {
    let mut bench = Bench::open().await;
    let job = bench.job().await;
    fail::cfg("worker.mid_job", "1*panic(the model breaks)->off").unwrap();
    assert_eq!(bench.failure(&job).await, ("internal".into(), true));
    fail::remove("worker.mid_job");
    bench.asks(&job).await;
    assert!(matches!(bench.reports().await.last(), Some(Outcome::Completed { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_told_to_stop_stops_in_the_middle_of_a_job() {
    let mut bench = Bench::open().await;
    let job = bench.job().await;
    bench.asks(&job).await;
    let started = tokio::time::timeout(PATIENCE, bench.reports.next()).await.unwrap().unwrap();
    started.ack().await;
    bench.shutdown.request();
    for task in std::mem::take(&mut bench.running) {
        tokio::time::timeout(PATIENCE, task).await.expect("the worker stops in time").unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn r16_a_job_that_asks_for_what_the_worker_does_not_know_is_refused_and_says_so() {
    let mut bench = Bench::open().await;
    let job = bench.job().await;
    let mut asked = serde_json::to_value(&job).unwrap();
    asked["parameters"]["target_modality"] = "MR".into();
    bench.publishes(serde_json::to_vec(&asked).unwrap().into()).await;
    let Some(Outcome::Failed { code, message, retry }) = bench.reports().await.pop() else {
        panic!("not refused")
    };
    assert_eq!((code.as_str(), retry), ("job_unreadable", true));
    assert!(message.contains("target_modality"), "{message}");
    bench.asks(&job).await;
    assert!(matches!(bench.reports().await.last(), Some(Outcome::Completed { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn r24_what_is_too_small_for_the_model_is_refused_with_the_least_size() {
    let mut bench = Bench::open().await;
    let job = bench.job().await;
    for (dims, least) in [([48, 48, 1], "at least 2"), ([20, 48, 2], "at least 31 × 31")] {
        let part = phantom().crop([0; 3], dims).unwrap();
        let volume = bench.volumes.put(volume_io::nifti::write_bytes(&part).into()).await.unwrap();
        let inputs = vec![JobVolume { role: "source".to_owned(), volume }];
        bench.asks(&Job { inputs, ..job.clone() }).await;
        let Some(Outcome::Failed { code, message, retry }) = bench.reports().await.pop() else {
            panic!("{dims:?} is not refused")
        };
        assert_eq!((code.as_str(), retry), ("input_out_of_domain", false));
        assert!(message.contains(least), "{message}");
    }
}
