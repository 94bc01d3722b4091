//! Intake as it runs in production, and what its tests do with it.

use contract::client::Client;
use contract::intake::{Intake, SeriesState, Study};
use contract::{Actor, Event, LoginSessionId, RequestId, Role, UserId};
use database::scratch::Scratch;
use dicom_io::TransferSyntax;
use dicom_io::fixture::{CtSeries, DataSet};
use dicom_io::scu::{Association, Context, Destination, Object};
use intake::{Config, Deps, Port};
use objects::Objects;
use platform::http::Authority;
use platform::login::EveryLogin;
use platform::server::HttpOptions;
use platform::token::{TokenIssuer, TokenVerifier};
use platform::{Clock, CpuPool, Random, Shutdown, SystemClock, Task};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

pub(crate) const CT: &str = "1.2.840.10008.5.1.4.1.1.2";
pub(crate) const EXPLICIT: TransferSyntax = TransferSyntax::ExplicitLittle;

/// Intake as it runs in production, on ports of its own.
pub(crate) struct Running {
    pub(crate) dicom_port: u16,
    http: String,
    keys: tempfile::TempDir,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) volumes: Objects,
    pub(crate) dicom: Objects,
    pub(crate) scratch: Scratch,
    shutdown: Shutdown,
}

impl Running {
    pub(crate) async fn start(scratch: Scratch, config: Config) -> Self {
        Self::start_at(scratch, config, Arc::new(SystemClock)).await
    }

    /// Intake by another clock. Tokens go by the machine's.
    pub(crate) async fn start_at(scratch: Scratch, config: Config, clock: Arc<dyn Clock>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store =
            |name: &str| Objects::open(&format!("file:{}", folder.path().join(name).display())).unwrap();
        let stores = (store("dicom"), store("volumes"));
        Self::start_with(scratch, config, (folder, stores), clock).await
    }

    /// Intake over other stores than folders.
    pub(crate) async fn start_over(
        scratch: Scratch,
        config: Config,
        kept: (tempfile::TempDir, (Objects, Objects)),
    ) -> Self {
        Self::start_with(scratch, config, kept, Arc::new(SystemClock)).await
    }

    async fn start_with(
        scratch: Scratch,
        config: Config,
        (folder, (dicom, volumes)): (tempfile::TempDir, (Objects, Objects)),
        clock: Arc<dyn Clock>,
    ) -> Self {
        config.check().unwrap();
        database::migrate(&scratch.db, migrations::intake::migrations()).await.unwrap();
        let keys = tempfile::tempdir().unwrap();
        let deps = Deps {
            db: scratch.db.clone(),
            bus: database::embedded::bus(&folder.path().join("bus.sqlite")).await.unwrap(),
            clock,
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
        let options = HttpOptions {
            listener,
            workers: 1,
            tls: None,
            json_bytes_max: 1 << 20,
            metrics_callers: Vec::new(),
        };
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

    pub(crate) fn issuer(&self, name: &'static str) -> TokenIssuer {
        TokenIssuer::open(self.keys.path(), name, Arc::new(SystemClock), Random::from_os()).unwrap()
    }

    pub(crate) fn client(&self, tokens: Arc<dyn contract::client::TokenSource>) -> Intake {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(20)).build().unwrap();
        Intake(Client::new("intake", &self.http, http, tokens))
    }

    /// Intake as another service sees it.
    pub(crate) fn as_service(&self, name: &'static str) -> Intake {
        self.client(self.issuer(name).as_service())
    }

    /// Intake as a person sees it, through the gateway.
    pub(crate) fn as_person(&self, roles: &[Role]) -> Intake {
        let actor = Actor::Person {
            user: UserId::from_bits(1),
            username: "rad1".into(),
            printed_name: "Rad One".into(),
            roles: roles.to_vec(),
            login: LoginSessionId::from_bits(1),
        };
        self.client(self.issuer("gateway").on_behalf_of(actor, RequestId::from_bits(1)))
    }

    pub(crate) async fn associate(&self) -> Association {
        let destination = Destination::new("127.0.0.1", self.dicom_port, "COUNTERSIGN", "SCANNER");
        Association::open(&destination, &[Context::new(CT, EXPLICIT.uid())]).await.unwrap()
    }

    pub(crate) async fn study(&self, uid: &str) -> Option<Study> {
        self.as_service("gateway").study_by_uid(uid).await.unwrap()
    }

    /// Waits until the only series of a study is no longer receiving.
    pub(crate) async fn concluded(&self, uid: &str) -> Study {
        until("a concluded series", || async move {
            self.study(uid).await.filter(|study| study.series[0].state != SeriesState::Receiving)
        })
        .await
    }

    /// Uploads a body.
    pub(crate) async fn post(&self, content_type: &str, body: Vec<u8>) -> reqwest::Response {
        let request = self.as_service("gateway").0.request(reqwest::Method::POST, "/v1/stow");
        request.header("Content-Type", content_type).body(body).send().await.unwrap()
    }

    pub(crate) async fn events(&self) -> Vec<Event> {
        let page = database::outbox::page(&self.scratch.db, 0, 1000).await.unwrap();
        page.into_iter().map(|envelope| envelope.event).collect()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.shutdown.request();
    }
}

pub(crate) async fn until<T, F: Future<Output = Option<T>>>(what: &str, look: impl Fn() -> F) -> T {
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

pub(crate) fn quick() -> Config {
    Config { quiet_seconds: 1, settle_seconds: 0, ..Config::default() }
}

pub(crate) async fn send(association: &mut Association, series: &CtSeries, slice: u16, set: &DataSet) -> u16 {
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

pub(crate) async fn send_series(running: &Running, series: &CtSeries, slices: std::ops::Range<u16>) {
    let mut association = running.associate().await;
    for slice in slices {
        assert_eq!(send(&mut association, series, slice, &series.slice(slice)).await, 0);
    }
    association.release().await.unwrap();
}
