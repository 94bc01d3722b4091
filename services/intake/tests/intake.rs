//! The story of a received object, on both databases: from the door to the volume, with real parts.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]
#![expect(clippy::float_cmp, reason = "whole numbers come out exactly")]

use contract::client::Client;
use contract::intake::{Intake, SeriesState, Study};
use contract::{Actor, Digest, Event, LoginSessionId, PageRequest, RequestId, Role, UserId};
use database::scratch::Scratch;
use dicom_io::TransferSyntax;
use dicom_io::fixture::{CtSeries, DataSet};
use dicom_io::scu::{Association, Context, Destination, Object};
use dicom_io::tags;
use intake::{Config, Deps, Port};
use objects::Objects;
use platform::http::Authority;
use platform::login::EveryLogin;
use platform::server::HttpOptions;
use platform::token::{TokenIssuer, TokenVerifier};
use platform::{CpuPool, Random, Shutdown, SystemClock, Task};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

const CT: &str = "1.2.840.10008.5.1.4.1.1.2";
const EXPLICIT: TransferSyntax = TransferSyntax::ExplicitLittle;

/// Intake as it runs in production, on ports of its own.
struct Running {
    dicom_port: u16,
    http: String,
    keys: tempfile::TempDir,
    folder: tempfile::TempDir,
    volumes: Objects,
    dicom: Objects,
    scratch: Scratch,
    shutdown: Shutdown,
}

impl Running {
    async fn start(scratch: Scratch, config: Config) -> Self {
        database::migrate(&scratch.db, migrations::intake::migrations()).await.unwrap();
        let (keys, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let store =
            |name: &str| Objects::open(&format!("file:{}", folder.path().join(name).display())).unwrap();
        let (dicom, volumes) = (store("dicom"), store("volumes"));
        let deps = Deps {
            db: scratch.db.clone(),
            bus: database::embedded::bus(&folder.path().join("bus.sqlite")).await.unwrap(),
            clock: Arc::new(SystemClock),
            random: Random::from_os(),
            dicom: dicom.clone(),
            volumes: volumes.clone(),
            cpu: CpuPool::new(2).unwrap(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let dicom_port = listener.local_addr().unwrap().port();
        let behaviour = intake::receive::cstore::port(&config).unwrap();
        let service = intake::service(config, deps, Port { listener, behaviour });
        let shutdown = Shutdown::new();
        service.tasks.into_iter().for_each(|task: Task| {
            tokio::spawn(task.start(shutdown.clone()));
        });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let http = format!("http://{}", listener.local_addr().unwrap());
        let verifier = Arc::new(TokenVerifier::open(keys.path(), "intake", Arc::new(SystemClock)));
        let authority = Authority { verifier, logins: Arc::new(EveryLogin) };
        let options = HttpOptions { listener, workers: 1, tls: None, json_bytes_max: 1 << 20 };
        let routes = service.routes;
        // A connection of the pool lives on the runtime that opened it: the server ends with the process.
        let ends = Shutdown::new();
        std::thread::spawn(move || {
            actix_web::rt::System::new()
                .block_on(platform::server::serve("intake", options, routes, authority, ends))
                .unwrap();
        });
        Self { dicom_port, http, keys, folder, volumes, dicom, scratch, shutdown }
    }

    fn issuer(&self, name: &'static str) -> TokenIssuer {
        TokenIssuer::open(self.keys.path(), name, Arc::new(SystemClock), Random::from_os()).unwrap()
    }

    fn client(&self, tokens: Arc<dyn contract::client::TokenSource>) -> Intake {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(20)).build().unwrap();
        Intake(Client::new("intake", &self.http, http, tokens))
    }

    /// Intake as another service sees it.
    fn as_service(&self, name: &'static str) -> Intake {
        self.client(self.issuer(name).as_service())
    }

    /// Intake as a person sees it, through the gateway.
    fn as_person(&self, roles: &[Role]) -> Intake {
        let actor = Actor::Person {
            user: UserId::from_bits(1),
            username: "rad1".into(),
            printed_name: "Rad One".into(),
            roles: roles.to_vec(),
            login: LoginSessionId::from_bits(1),
        };
        self.client(self.issuer("gateway").on_behalf_of(actor, RequestId::from_bits(1)))
    }

    async fn associate(&self) -> Association {
        let destination = Destination::new("127.0.0.1", self.dicom_port, "COUNTERSIGN", "SCANNER");
        Association::open(&destination, &[Context::new(CT, EXPLICIT.uid())]).await.unwrap()
    }

    async fn study(&self, uid: &str) -> Option<Study> {
        self.as_service("gateway").study_by_uid(uid).await.unwrap()
    }

    /// Waits until the only series of a study is no longer receiving.
    async fn concluded(&self, uid: &str) -> Study {
        until("a concluded series", || async move {
            self.study(uid).await.filter(|study| study.series[0].state != SeriesState::Receiving)
        })
        .await
    }

    /// Uploads a body.
    async fn post(&self, content_type: &str, body: Vec<u8>) -> reqwest::Response {
        let request = self.as_service("gateway").0.request(reqwest::Method::POST, "/v1/stow");
        request.header("Content-Type", content_type).body(body).send().await.unwrap()
    }

    async fn events(&self) -> Vec<Event> {
        let page = database::outbox::page(&self.scratch.db, 0, 1000).await.unwrap();
        page.into_iter().map(|envelope| envelope.event).collect()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.shutdown.request();
    }
}

async fn until<T, F: Future<Output = Option<T>>>(what: &str, look: impl Fn() -> F) -> T {
    let waiting = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waiting)
        .await
        .unwrap_or_else(|_| panic!("no {what} in time"))
}

fn quick() -> Config {
    Config { quiet_seconds: 1, settle_seconds: 0, ..Config::default() }
}

async fn send(association: &mut Association, series: &CtSeries, slice: u16, set: &DataSet) -> u16 {
    let uid = series.sop_instance_uid(slice);
    let dataset = set.encode(EXPLICIT);
    let object = Object {
        sop_class_uid: CT,
        sop_instance_uid: &uid,
        transfer_syntax_uid: EXPLICIT.uid(),
        dataset: &dataset,
    };
    association.store(&object).await.unwrap().code
}

async fn send_series(running: &Running, series: &CtSeries, slices: std::ops::Range<u16>) {
    let mut association = running.associate().await;
    for slice in slices {
        assert_eq!(send(&mut association, series, slice, &series.slice(slice)).await, 0);
    }
    association.release().await.unwrap();
}

async fn a_series_from_the_scanner_becomes_one_volume(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let series = CtSeries::new("1.2.3");
    send_series(running, &series, 0..6).await;
    let study = running.concluded("1.2.3").await;
    let ready = &study.series[0];
    assert_eq!((ready.state, ready.instance_count, ready.matrix), (SeriesState::Ready, 6, (12, 16)));
    assert_eq!(ready.sender, "SCANNER");
    let slices: Vec<u32> = ready.instances.iter().map(|instance| instance.slice).collect();
    assert_eq!(slices, [0, 1, 2, 3, 4, 5]);

    let nifti = running.volumes.get(&ready.volume.unwrap()).await.unwrap().unwrap();
    let volume = volume_io::nifti::read_bytes(&nifti).unwrap();
    assert_eq!((volume.dims, volume.affine.spacing()), ([16, 12, 6], [0.5, 0.75, 2.5]));
    assert_eq!(volume.data[0], -1724.0);

    // Kept as received, and named by what the browser will compute.
    let file = running.dicom.get(&ready.instances[2].object).await.unwrap().unwrap();
    let dataset = series.slice(2).encode(EXPLICIT);
    assert!(file.ends_with(&dataset));
    assert_eq!(ready.instances[2].digest, Digest::of(&dataset));
    let events =
        until("the event", || async move { Some(running.events().await).filter(|e| !e.is_empty()) }).await;
    let [Event::SeriesReady { source_set, .. }] = events.as_slice() else { panic!("{events:?}") };
    let check = running.as_service("delivery").source_check(&ready.id, *source_set).await.unwrap();
    assert!(check.unchanged);
}

async fn a_late_slice_ends_the_former_set(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let series = CtSeries::new("1.2.3");
    send_series(running, &series, 0..4).await;
    let before = running.concluded("1.2.3").await.series.remove(0);
    send_series(running, &series, 4..5).await;
    let former = before.source_set;
    let after = until("a new volume", || async move {
        let series = running.study("1.2.3").await?.series.remove(0);
        series.source_set.filter(|set| Some(*set) != former)
    })
    .await;
    let delivery = running.as_service("delivery");
    assert!(!delivery.source_check(&before.id, before.source_set.unwrap()).await.unwrap().unchanged);
    assert!(delivery.source_check(&before.id, after).await.unwrap().unchanged);
    let events =
        until("three events", || async move { Some(running.events().await).filter(|e| e.len() == 3) }).await;
    assert!(
        matches!(&events[1], Event::SeriesChanged { former_source_set, .. } if Some(*former_source_set) == before.source_set)
    );
    assert!(matches!(events[2], Event::SeriesReady { .. }));
}

async fn repetitions_conflicts_and_second_patients(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let series = CtSeries::new("1.2.3");
    let mut association = running.associate().await;
    let slice = series.slice(0);
    assert_eq!(send(&mut association, &series, 0, &slice).await, 0);
    assert_eq!(send(&mut association, &series, 0, &slice).await, 0);
    let other = slice.clone().text(tags::RESCALE_SLOPE, *b"DS", "2");
    assert_eq!(send(&mut association, &series, 0, &other).await, 0xC001);
    assert_eq!(send(&mut association, &series, 0, &other).await, 0xC001);
    let stranger = series.slice(1).text(tags::PATIENT_ID, *b"LO", "SOMEBODY ELSE");
    assert_eq!(send(&mut association, &series, 1, &stranger).await, 0xC002);
    let broken = series.slice(2).short(tags::ROWS, 0);
    assert_eq!(send(&mut association, &series, 2, &broken).await, 0xC000);
    assert_eq!(send(&mut association, &series, 7, &series.slice(3)).await, 0xA900);
    assert_eq!(send(&mut association, &series, 3, &series.slice(3)).await, 0);
    association.release().await.unwrap();

    let stored = running.study("1.2.3").await.unwrap().series.remove(0);
    assert_eq!(stored.instance_count, 2);
    let file = running.dicom.get(&stored.instances[0].object).await.unwrap().unwrap();
    assert!(file.ends_with(&slice.encode(EXPLICIT)), "nothing was overwritten");
    let quarantine = running.as_person(&[Role::Quality]).quarantine(&PageRequest::default()).await.unwrap();
    let mut codes: Vec<&str> = quarantine.items.iter().map(|item| item.node.reason_code.as_str()).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["image_attributes", "mismatch", "same_uid_other_bytes", "study_of_two_patients"]);
    assert!(quarantine.items.iter().all(|item| item.node.bytes > 500 && !item.node.remedy.is_empty()));

    // Whose study it is, is in question: nothing of it may leave.
    let ready = running.concluded("1.2.3").await.series.remove(0);
    let set = ready.source_set.unwrap_or_else(|| panic!("{:?}", ready.parked_reason));
    assert!(!running.as_service("delivery").source_check(&ready.id, set).await.unwrap().unchanged);
}

async fn a_series_that_is_no_volume_waits_for_a_person(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let series = CtSeries::new("1.2.3");
    let mut association = running.associate().await;
    for slice in [0, 1, 4] {
        assert_eq!(send(&mut association, &series, slice, &series.slice(slice)).await, 0);
    }
    association.release().await.unwrap();
    let parked = running.concluded("1.2.3").await.series.remove(0);
    assert_eq!((parked.state, parked.volume), (SeriesState::Parked, None));
    assert!(parked.parked_reason.unwrap().contains("slices 2–5 every 7.50 mm"));
}

async fn accesses_are_recorded_once_per_login(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let series = CtSeries::new("1.2.3");
    send_series(running, &series, 0..3).await;
    let series = running.concluded("1.2.3").await.series.remove(0);
    let reader = running.as_person(&[Role::Radiologist]);
    reader.view(&series.id).await.unwrap();
    reader.view(&series.id).await.unwrap();
    assert!(reader.view(&contract::SeriesId::from_bits(9)).await.is_err());
    assert!(running.as_person(&[]).studies(&PageRequest::default()).await.is_err());
    let accesses = until("the access", || async move {
        let events = running.events().await;
        let accesses = events.iter().filter(|event| matches!(event, Event::AccessRecorded { .. })).count();
        (accesses > 0).then_some(accesses)
    })
    .await;
    assert_eq!(accesses, 1);
}

async fn pages_lose_and_repeat_nothing_while_studies_arrive(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let mut association = running.associate().await;
    for number in 0..37 {
        let series = CtSeries::new(&format!("1.2.3.{number}"));
        assert_eq!(send(&mut association, &series, 0, &series.slice(0)).await, 0);
    }
    let client = running.as_person(&[Role::Radiologist]);
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = client.studies(&PageRequest { first: Some(10), after }).await.unwrap();
        seen.extend(page.items.iter().map(|item| item.node.study_instance_uid.clone()));
        after = page.items.last().map(|item| item.cursor.clone());
        let late = CtSeries::new(&format!("1.2.4.{}", seen.len()));
        assert_eq!(send(&mut association, &late, 0, &late.slice(0)).await, 0);
        if !page.has_next_page {
            break;
        }
    }
    let mut old: Vec<&String> = seen.iter().filter(|uid| uid.starts_with("1.2.3.")).collect();
    old.sort_unstable();
    old.dedup();
    assert_eq!((old.len(), seen.len()), (37, 37));
}

async fn uploads_answer_for_each_part(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let series = CtSeries::new("1.2.3");
    let files = [
        series.slice(0).file(EXPLICIT),
        series.slice(1).short(tags::ROWS, 0).file(EXPLICIT),
        b"no DICOM at all".to_vec(),
        series.slice(2).file(TransferSyntax::Deflated),
    ];
    let mut body = b"preamble".to_vec();
    for file in &files {
        body.extend(b"\r\n--b0undary\r\nContent-Type: application/dicom\r\n\r\n");
        body.extend(file);
    }
    body.extend(b"\r\n--b0undary--\r\n");
    let kind = "multipart/related; type=\"application/dicom\"; boundary=b0undary";
    let outcomes: Vec<contract::intake::StowOutcome> =
        running.post(kind, body.clone()).await.json().await.unwrap();
    let codes: Vec<_> = outcomes
        .iter()
        .map(|outcome| outcome.failure.as_ref().map(|failure| failure.refusal.code.as_str()))
        .collect();
    assert_eq!(codes, [None, Some("image_attributes"), Some("not_dicom"), None]);

    for (content_type, body) in [
        ("multipart/related", body.clone()),
        ("application/dicom", body.clone()),
        (kind, body[..body.len() - 20].to_vec()),
        (kind, b"--b0undary\r\nContent-Type: text/html\r\n\r\n<script>\r\n--b0undary--".to_vec()),
        (kind, [&b"--b0undary\r\nX: "[..], &b"x".repeat(20_000)].concat()),
    ] {
        assert_eq!(running.post(content_type, body).await.status(), 400, "{content_type}");
    }
}

async fn folders_and_archives_are_imported(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let deps = Deps {
        db: running.scratch.db.clone(),
        bus: database::embedded::bus(&running.folder.path().join("bus.sqlite")).await.unwrap(),
        clock: Arc::new(SystemClock),
        random: Random::from_os(),
        dicom: running.dicom.clone(),
        volumes: running.volumes.clone(),
        cpu: CpuPool::new(1).unwrap(),
    };
    let admitter = intake::admit::Admitter::new(Arc::new(quick()), deps);
    let files = CtSeries::new("1.2.3").files(3);
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("a")).unwrap();
    for (index, file) in files.iter().enumerate() {
        std::fs::write(folder.path().join(format!("a/{index}.dcm")), file).unwrap();
    }
    std::fs::write(folder.path().join("README"), "not DICOM").unwrap();
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("link")).unwrap();
    let imported = intake::receive::import::folder(&admitter, folder.path()).await.unwrap();
    assert_eq!((imported.stored, imported.skipped.as_slice()), (3, &["README".to_owned()][..]));

    let archive = folder.path().join("archive.zip");
    let mut writer = zip::ZipWriter::new(std::fs::File::create(&archive).unwrap());
    for (index, file) in files.iter().enumerate() {
        writer.start_file(format!("../../{index}.dcm"), zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut writer, file).unwrap();
    }
    writer.finish().unwrap();
    let imported = intake::receive::import::zip(&admitter, &archive).await.unwrap();
    assert_eq!((imported.stored, imported.repeated), (0, 3));
    assert_eq!(running.concluded("1.2.3").await.series[0].state, SeriesState::Ready);
}

async fn dcmtk_sends_a_series(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let folder = tempfile::tempdir().unwrap();
    for (index, file) in CtSeries::new("1.2.3").files(8).into_iter().enumerate() {
        std::fs::write(folder.path().join(format!("{index}.dcm")), file).unwrap();
    }
    let send = tokio::process::Command::new("storescu")
        .env("TCP_NODELAY", "1")
        .args(["-aet", "DCMTK", "-aec", "COUNTERSIGN", "+sd", "127.0.0.1", &running.dicom_port.to_string()])
        .arg(folder.path())
        .output()
        .await
        .expect("storescu; install dcmtk");
    assert!(send.status.success(), "{}", String::from_utf8_lossy(&send.stderr));
    let study = running.concluded("1.2.3").await;
    assert_eq!((study.series[0].state, study.series[0].instance_count), (SeriesState::Ready, 8));
    assert_eq!(study.series[0].sender, "DCMTK");
}

async fn a_full_disk_takes_nothing(scratch: Scratch) {
    let folder = tempfile::tempdir().unwrap();
    // The least threshold is one that every disk in use has passed.
    let config = Config { disk_folder: Some(folder.path().to_owned()), disk_full_percent: 1, ..quick() };
    let running = &Running::start(scratch, config).await;
    let series = CtSeries::new("1.2.3");
    let mut association = running.associate().await;
    assert_eq!(send(&mut association, &series, 0, &series.slice(0)).await, 0xA700);
    association.release().await.unwrap();
    assert!(running.study("1.2.3").await.is_none());
    let body = b"--b\r\nContent-Type: application/dicom\r\n\r\nx\r\n--b--".to_vec();
    assert_eq!(running.post("multipart/related; boundary=b", body).await.status(), 507);
}

database::on_both_databases!(
    a_series_from_the_scanner_becomes_one_volume,
    a_late_slice_ends_the_former_set,
    repetitions_conflicts_and_second_patients,
    a_series_that_is_no_volume_waits_for_a_person,
    accesses_are_recorded_once_per_login,
    pages_lose_and_repeat_nothing_while_studies_arrive,
    uploads_answer_for_each_part,
    folders_and_archives_are_imported,
    dcmtk_sends_a_series,
    a_full_disk_takes_nothing,
);
