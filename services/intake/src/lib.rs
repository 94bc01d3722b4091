//! Receives studies: durable, or quarantined with a reason.
//!
//! Owns studies, series, instances and quarantine. Objects come by C-STORE, STOW-RS and import ([`receive`]), are
//! stored or kept ([`admit`]), and series of them become volumes (`complete`). An image that comes under another
//! [`identity`] waits for a coordinator's decision (`settle`), and nothing of its study is sent until then. Listens to
//! nobody; tells `series.ready`, `series.changed`, `series.parked`, `study.disputed`, `study.settled`,
//! `instance.quarantined`, `quarantine.*` and `access.recorded`. What is kept waits for a person, who has it taken after all
//! (`readmit`) or discards it; [`remedy`] says by the reason what can be done, and `overdue` tells what waits too long.
//! [`prior`] says which earlier images of the patient stand beside a series.

pub mod admit;
mod commit;
mod complete;
pub mod config;
pub(crate) mod entity;
pub mod error;
mod figures;
mod http;
pub mod identity;
mod overdue;
pub mod prior;
mod readmit;
pub mod receive;
pub mod remedy;
mod scrub;
mod settle;
pub mod space;
mod store;
pub mod subgroup;
mod volume;
pub mod workflow;

pub use config::Config;

use actix_web::web::Data;
use admit::Admitter;
use bus::Bus;
use database::DatabaseConnection;
use dicom_io::scp;
use objects::Objects;
use platform::{Clock, CpuPool, Random, Service, Task};
use receive::cstore;
use std::sync::Arc;

/// What intake works with.
#[derive(Clone)]
pub struct Deps {
    /// Its own database.
    pub db: DatabaseConnection,
    /// Where events go.
    pub bus: Arc<dyn Bus>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ids.
    pub random: Random,
    /// Received files.
    pub dicom: Objects,
    /// Converted volumes.
    pub volumes: Objects,
    /// Scanning and converting.
    pub cpu: CpuPool,
}

/// The DICOM port, bound and ready: whoever starts intake binds it, so that a port in use is an error at the start.
pub struct Port {
    /// Where associations are accepted.
    pub listener: std::net::TcpListener,
    /// How the port behaves: see [`receive::cstore::port`].
    pub behaviour: scp::Config,
}

/// Gives the service.
pub fn service(config: Config, deps: Deps, port: Port) -> Service {
    let config = Arc::new(config);
    let admitter = Admitter::new(Arc::clone(&config), deps.clone());
    let handler = Arc::new(cstore::Handler::new(admitter.clone()));
    let (db, bus) = (deps.db.clone(), Arc::clone(&deps.bus));
    let given = || (Arc::clone(&config), deps.clone());
    let (scrubbed, counted, waiting) = (given(), given(), given());
    let admitter = Data::new(admitter);
    Service {
        name: "intake",
        routes: Arc::new(move |routes| {
            routes.app_data(admitter.clone());
            http::routes(routes);
        }),
        tasks: vec![
            Task::new("relay", move |shutdown| async move {
                database::outbox::relay(db, "intake", bus, async move { shutdown.wait().await }).await;
            }),
            Task::new("figures", move |shutdown| async move {
                platform::metrics::sample("intake", shutdown, || figures::sample(&counted.0, &counted.1))
                    .await;
            }),
            Task::new("overdue", move |shutdown| overdue::watch(waiting.0, waiting.1, shutdown)),
            Task::new("scrub", move |shutdown| scrub::watch(scrubbed.0, scrubbed.1, shutdown)),
            Task::new("complete", move |shutdown| complete::watch(config, deps, shutdown)),
            Task::new("dicom", move |shutdown| listen(port, handler, shutdown)),
        ],
    }
}

async fn listen(port: Port, handler: Arc<cstore::Handler>, shutdown: platform::Shutdown) {
    let listener =
        port.listener.set_nonblocking(true).and_then(|()| tokio::net::TcpListener::from_std(port.listener));
    match listener {
        Ok(listener) => {
            scp::serve(listener, port.behaviour, handler, async move { shutdown.wait().await }).await;
        }
        Err(error) => {
            tracing::error!(event = "dicom.listen_failed", error = %error, "the DICOM port can't be served");
        }
    }
}
