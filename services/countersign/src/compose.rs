//! From configuration to running parts: this file *is* the architecture diagram.

use crate::config::Config;
use crate::configuration;
use crate::figures;
use crate::lifecycle::Part;
use anyhow::{Context as _, bail};
use bus::Bus;
use contract::{Client, EventId};
use database::DatabaseConnection;
use objects::Objects;
use platform::http::Authority;
use platform::login::GatewayLogins;
use platform::server::HttpOptions;
use platform::token::{TokenIssuer, TokenVerifier};
use platform::{Clock, CpuPool, Random, Service, SystemClock, Task};
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

/// Every service, in the order the data goes.
pub(crate) const SERVICES: [&str; 7] =
    ["intake", "rollout", "generation", "review", "delivery", "audit", "gateway"];
/// Largest JSON body between services: a case's reads and instances fit many times.
const JSON_BYTES_MAX: usize = 8 << 20;

/// What every part of this process shares.
pub(crate) struct Composition<'a> {
    config: &'a Config,
    here: Vec<&'static str>,
    listeners: BTreeMap<&'static str, TcpListener>,
    addresses: BTreeMap<&'static str, String>,
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
    random: Random,
    cpu: CpuPool,
    door_cpu: CpuPool,
    /// Tasks that don't belong to one service: the worker's where everything runs here, figures.
    tasks: Vec<Task>,
}

impl<'a> Composition<'a> {
    /// Binds the listeners of the services that run here, and finds the addresses of the others.
    pub(crate) fn new(config: &'a Config, wanted: &[String]) -> anyhow::Result<Self> {
        let here = here(wanted)?;
        let mut listeners = BTreeMap::new();
        let mut addresses = BTreeMap::new();
        for name in SERVICES {
            let configured = config.services.get(name);
            if here.contains(&name) {
                let bind = match (name, configured) {
                    ("gateway", _) => config.http.bind,
                    (_, Some(address)) => address.bind,
                    (_, None) => ([127, 0, 0, 1], 0).into(),
                };
                let listener =
                    TcpListener::bind(bind).with_context(|| format!("{name} can't listen on {bind}"))?;
                let local = format!("http://{}", listener.local_addr()?);
                addresses.insert(name, configured.map_or(local, |address| address.url.clone()));
                listeners.insert(name, listener);
            } else {
                let Some(address) = configured else {
                    bail!(
                        "services.{name}.url is not set: this process doesn't run {name} and must know where it is"
                    )
                };
                addresses.insert(name, address.url.clone());
            }
        }
        let http = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(2))
            // Shorter than the servers keep a connection open.
            .pool_idle_timeout(Duration::from_secs(30))
            .timeout(Duration::from_secs(30))
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self {
            config,
            here,
            listeners,
            addresses,
            http,
            clock: Arc::new(SystemClock),
            random: Random::from_os(),
            cpu: CpuPool::new(cores())?,
            door_cpu: CpuPool::new(1)?,
            tasks: Vec::new(),
        })
    }

    /// Migrates, connects and builds the parts that run here; with everything in one process, a worker too.
    pub(crate) async fn parts(mut self) -> anyhow::Result<(Vec<Part>, Vec<Task>)> {
        let bus = self.bus().await?;
        let mut parts = Vec::new();
        let whole = self.here.len() == SERVICES.len();
        if whole {
            self.tasks.extend(worker_tasks(self.config, bus.clone())?);
        }
        for name in self.here.clone() {
            let listener = self.listeners.remove(name).expect("each service that runs here has a listener");
            let issuer = self.issuer(name)?;
            let service = match name {
                "intake" => self.intake(bus.clone()).await?,
                "generation" => self.generation(&issuer, bus.clone()).await?,
                "rollout" => self.rollout(&issuer, bus.clone()).await?,
                "delivery" => self.delivery(&issuer, bus.clone()).await?,
                "audit" => self.audit(&issuer, bus.clone()).await?,
                "review" => self.review(&issuer, bus.clone()).await?,
                "gateway" => self.gateway(&issuer, bus.clone()).await?,
                _ => unreachable!("`here` names services only"),
            };
            parts.push(self.part(service, listener, &issuer)?);
        }
        Ok((parts, self.tasks))
    }

    async fn intake(&mut self, bus: Arc<dyn Bus>) -> anyhow::Result<Service> {
        let mut config = self.config.intake.clone();
        if self.config.objects("dicom").starts_with("file:") && config.disk_folder.is_none() {
            config.disk_folder = Some(self.config.data.clone());
        }
        let listener = TcpListener::bind(&config.bind)
            .with_context(|| format!("intake can't listen on {}", config.bind))?;
        let behaviour = intake::receive::cstore::port(&config)?;
        let deps = intake::Deps {
            db: self.database("intake", migrations::intake::migrations()).await?,
            bus,
            clock: self.clock.clone(),
            random: self.random.clone(),
            dicom: Objects::open(&self.config.objects("dicom"))?,
            volumes: Objects::open(&self.config.objects("volumes"))?,
            cpu: self.cpu.clone(),
        };
        Ok(intake::service(config, deps, intake::Port { listener, behaviour }))
    }

    async fn generation(&mut self, issuer: &TokenIssuer, bus: Arc<dyn Bus>) -> anyhow::Result<Service> {
        let deps = generation::Deps {
            db: self.database("generation", migrations::generation::migrations()).await?,
            bus,
            clock: self.clock.clone(),
            random: self.random.clone(),
            dicom: Objects::open(&self.config.objects("dicom"))?,
            volumes: Objects::open(&self.config.objects("volumes"))?,
            cpu: self.cpu.clone(),
            intake: contract::intake::Intake(self.client(issuer, "intake")),
            rollout: contract::rollout::Rollout(self.client(issuer, "rollout")),
        };
        Ok(generation::service(self.config.generation.clone(), deps))
    }

    async fn rollout(&mut self, issuer: &TokenIssuer, bus: Arc<dyn Bus>) -> anyhow::Result<Service> {
        let deps = rollout::Deps {
            db: self.database("rollout", migrations::rollout::migrations()).await?,
            bus,
            clock: self.clock.clone(),
            random: self.random.clone(),
            intake: contract::intake::Intake(self.client(issuer, "intake")),
            review: contract::review::Review(self.client(issuer, "review")),
            generation: contract::generation::Generation(self.client(issuer, "generation")),
            audit: contract::audit::Audit(self.client(issuer, "audit")),
            cpu: self.cpu.clone(),
        };
        Ok(rollout::service(self.config.rollout.clone(), deps))
    }

    async fn delivery(&mut self, issuer: &TokenIssuer, bus: Arc<dyn Bus>) -> anyhow::Result<Service> {
        let deps = delivery::Deps {
            db: self.database("delivery", migrations::delivery::migrations()).await?,
            bus,
            clock: self.clock.clone(),
            random: self.random.clone(),
            objects: Objects::open(&self.config.objects("dicom"))?,
            cpu: self.cpu.clone(),
            review: contract::review::Review(self.client(issuer, "review")),
            rollout: contract::rollout::Rollout(self.client(issuer, "rollout")),
            intake: contract::intake::Intake(self.client(issuer, "intake")),
            generation: contract::generation::Generation(self.client(issuer, "generation")),
        };
        Ok(delivery::service(self.config.delivery.clone(), deps))
    }

    async fn audit(&mut self, issuer: &TokenIssuer, bus: Arc<dyn Bus>) -> anyhow::Result<Service> {
        let source = |service| audit::Source {
            service,
            outbox: contract::client::Outbox(self.client(issuer, service)),
        };
        let sources = SERVICES.into_iter().map(source).collect();
        let deps = audit::Deps {
            db: self.database("audit", migrations::audit::migrations()).await?,
            bus,
            clock: self.clock.clone(),
            random: self.random.clone(),
            sources,
            review: contract::review::Review(self.client(issuer, "review")),
            rollout: contract::rollout::Rollout(self.client(issuer, "rollout")),
            intake: contract::intake::Intake(self.client(issuer, "intake")),
            generation: contract::generation::Generation(self.client(issuer, "generation")),
            http: self.http.clone(),
            cpu: self.cpu.clone(),
        };
        Ok(audit::service(self.config.audit.clone(), deps)?)
    }

    async fn review(&mut self, issuer: &TokenIssuer, bus: Arc<dyn Bus>) -> anyhow::Result<Service> {
        let deps = review::Deps {
            db: self.database("review", migrations::review::migrations()).await?,
            bus,
            clock: self.clock.clone(),
            random: self.random.clone(),
            rollout: contract::rollout::Rollout(self.client(issuer, "rollout")),
            generation: contract::generation::Generation(self.client(issuer, "generation")),
            intake: contract::intake::Intake(self.client(issuer, "intake")),
        };
        let note_every_seconds = self.config.review.recheck_held_seconds;
        review::outage::make_up(&deps.db, self.clock.now(), note_every_seconds).await?;
        Ok(review::service(self.config.review.clone(), deps))
    }

    async fn gateway(&mut self, issuer: &TokenIssuer, bus: Arc<dyn Bus>) -> anyhow::Result<Service> {
        let services = gateway::Services {
            intake: contract::intake::Intake(self.client(issuer, "intake")),
            rollout: contract::rollout::Rollout(self.client(issuer, "rollout")),
            generation: contract::generation::Generation(self.client(issuer, "generation")),
            review: contract::review::Review(self.client(issuer, "review")),
            delivery: contract::delivery::Delivery(self.client(issuer, "delivery")),
            audit: contract::audit::Audit(self.client(issuer, "audit")),
        };
        let deps = gateway::Deps {
            db: self.database("gateway", migrations::gateway::migrations()).await?,
            bus,
            clock: self.clock.clone(),
            random: self.random.clone(),
            cpu: self.door_cpu.clone(),
            tokens: issuer.clone(),
            services,
            objects: Objects::open(&self.config.objects("dicom"))?,
        };
        Ok(gateway::service(self.config.gateway.clone(), deps))
    }

    async fn bus(&self) -> anyhow::Result<Arc<dyn Bus>> {
        let url = &self.config.storage.bus;
        if url.is_empty() || url == "embedded:" {
            if self.here.len() < SERVICES.len() {
                bail!(
                    "the embedded bus lives inside one process: set storage.bus to an amqp:// URL, or start all \
                     services in one process"
                );
            }
            return Ok(database::embedded::bus(&self.config.data.join("db").join("bus.sqlite")).await?);
        }
        Ok(bus::rabbitmq(url)?)
    }

    /// A service's database; what waits in its outbox is counted from now on.
    async fn database(
        &mut self,
        service: &'static str,
        migrations: migrations::Migrations,
    ) -> anyhow::Result<DatabaseConnection> {
        let db = database(self.config, service, migrations).await?;
        let (sections, id) = (configuration::sections(self.config), self.random.with(EventId::random));
        database::outbox::tell_configuration(&db, sections, id, self.clock.now()).await?;
        self.tasks.push(figures::task(service, db.clone(), self.clock.clone()));
        Ok(db)
    }

    fn issuer(&self, name: &'static str) -> anyhow::Result<TokenIssuer> {
        Ok(TokenIssuer::open(&self.config.keys(), name, self.clock.clone(), self.random.clone())?)
    }

    fn client(&self, issuer: &TokenIssuer, name: &'static str) -> Client {
        Client::new(name, &self.addresses[name], self.http.clone(), issuer.as_service())
    }

    fn part(&self, service: Service, listener: TcpListener, issuer: &TokenIssuer) -> anyhow::Result<Part> {
        let name = service.name;
        let gateway = contract::gateway::Gateway(self.client(issuer, "gateway"));
        let authority = Authority {
            verifier: Arc::new(TokenVerifier::open(&self.config.keys(), name, self.clock.clone())),
            logins: Arc::new(GatewayLogins::new(gateway, self.clock.clone())),
        };
        let door = name == "gateway";
        let http = HttpOptions {
            listener,
            workers: if door { self.config.http.workers } else { 1 },
            tls: if door { tls(self.config)? } else { None },
            json_bytes_max: JSON_BYTES_MAX,
            metrics_callers: self.config.telemetry.metrics_callers.clone(),
        };
        Ok(Part { service, http, authority })
    }
}

fn here(wanted: &[String]) -> anyhow::Result<Vec<&'static str>> {
    if wanted.is_empty() {
        return Ok(SERVICES.to_vec());
    }
    let find = |name: &String| SERVICES.into_iter().find(|known| known == name);
    wanted
        .iter()
        .map(|name| {
            find(name)
                .with_context(|| format!("there is no service '{name}'; one of {}", SERVICES.join(", ")))
        })
        .collect()
}

/// Connects to a service's own database and brings it up to date.
async fn database(
    config: &Config,
    name: &str,
    migrations: migrations::Migrations,
) -> anyhow::Result<DatabaseConnection> {
    let db = database::connect(&config.database(), name).await?;
    database::migrate(&db, migrations)
        .await
        .with_context(|| format!("{name}'s database can't be migrated"))?;
    Ok(db)
}

/// A worker's tasks. It has threads of its own: a model run must not starve the services beside it.
pub(crate) fn worker_tasks(config: &Config, bus: Arc<dyn Bus>) -> anyhow::Result<Vec<Task>> {
    let deps = worker::Deps {
        bus,
        clock: Arc::new(SystemClock),
        volumes: Objects::open(&config.objects("volumes"))?,
        cpu: CpuPool::new(cores())?,
    };
    Ok(worker::tasks(config.worker.clone(), deps))
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Registers models and deployments, for the command line and the demo.
pub(crate) async fn registrar(config: &Config) -> anyhow::Result<rollout::Registrar> {
    Ok(rollout::Registrar {
        db: database(config, "rollout", migrations::rollout::migrations()).await?,
        clock: Arc::new(SystemClock),
        random: Random::from_os(),
        cpu: CpuPool::new(1)?,
    })
}

/// The accounts, for the command line and the demo.
pub(crate) async fn users(config: &Config) -> anyhow::Result<gateway::users::Users> {
    Ok(gateway::users::Users {
        db: database(config, "gateway", migrations::gateway::migrations()).await?,
        clock: Arc::new(SystemClock),
        random: Random::from_os(),
        cpu: CpuPool::new(1)?,
    })
}

fn tls(config: &Config) -> anyhow::Result<Option<rustls::ServerConfig>> {
    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let (Some(certificate), Some(key)) = (&config.http.tls_certificate, &config.http.tls_key) else {
        return Ok(None);
    };
    let shown = |path: &std::path::Path| format!("{} can't be read as PEM", path.display());
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| shown(certificate))?;
    let key = PrivateKeyDer::from_pem_file(key).with_context(|| shown(key))?;
    let server = rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key)?;
    Ok(Some(server))
}
