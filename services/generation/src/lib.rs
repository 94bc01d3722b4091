//! Turns a requested run into a job, and a worker's result into derived DICOM objects.
//!
//! **Owns** runs, attempts and derived instances. **Listens** to `run.requested` and `series.changed`, and to the
//! reports of workers. **Emits** `run.started`, `run.completed`, `run.failed` and `run.superseded`.
//!
//! **The queue brings hints**: attempt, fence and lease stand in the database, and what a worker says under an old
//! fence changes nothing. **Checks fail closed**: a missing score is a failed check, and a failed check makes no
//! case. **The first accepted result is fixed** in one transaction with its objects; nothing is ever overwritten.

mod accept;
mod blinded;
pub mod capacity;
pub mod check;
pub mod config;
mod consume;
mod dispatch;
mod entity;
pub mod error;
mod figures;
mod http;
pub mod region;
mod report;
mod store;
pub mod workflow;

pub use config::Config;
pub use error::Error;

use actix_web::web::Data;
use bus::Bus;
use contract::intake::Intake;
use contract::rollout::Rollout;
use database::DatabaseConnection;
use objects::Objects;
use platform::{Clock, CpuPool, Random, Service, Shutdown, Task};
use std::sync::Arc;
use tokio::sync::Notify;

/// What generation works with.
#[derive(Clone)]
pub struct Deps {
    /// Its database.
    pub db: DatabaseConnection,
    /// The bus.
    pub bus: Arc<dyn Bus>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For ids.
    pub random: Random,
    /// Sources and derived objects.
    pub dicom: Objects,
    /// Inputs and outputs of workers.
    pub volumes: Objects,
    /// Where results are checked and objects built.
    pub cpu: CpuPool,
    /// Names the source instances.
    pub intake: Intake,
    /// Names models and pools.
    pub rollout: Rollout,
}

/// What the tasks of generation share.
#[derive(Clone)]
pub(crate) struct Shell {
    pub(crate) config: Arc<Config>,
    pub(crate) deps: Deps,
    /// Rung when a run may be due for publication.
    pub(crate) dispatch: Arc<Notify>,
    /// Rung when a result waits to be checked.
    pub(crate) accept: Arc<Notify>,
}

/// The service.
pub fn service(config: Config, deps: Deps) -> Service {
    let (bus, db) = (deps.bus.clone(), deps.db.clone());
    let shell = Shell { config: Arc::new(config), deps, dispatch: Arc::default(), accept: Arc::default() };
    let state = Data::new(shell.clone());
    let (consuming, repairing) = (Arc::new(shell.clone()), Arc::new(shell.clone()));
    let (reports, dispatching, counted) = (shell.clone(), shell.clone(), shell.clone());
    let repair = consume::repair(&shell);
    let relay_bus = bus.clone();
    Service {
        name: "generation",
        routes: Arc::new(move |config| {
            config.app_data(state.clone());
            http::routes(config);
        }),
        tasks: vec![
            Task::new("generation.relay", move |shutdown: Shutdown| async move {
                database::outbox::relay(db, "generation", relay_bus, shutdown.wait()).await;
            }),
            Task::new("generation.consume", move |shutdown: Shutdown| async move {
                database::consume::run(bus, "generation", &consume::KINDS, consuming, shutdown.wait()).await;
            }),
            Task::new("generation.repair", move |shutdown: Shutdown| async move {
                database::repair::run(repair, repairing, shutdown.wait()).await;
            }),
            Task::new("generation.reports", move |shutdown| report::hear(reports, shutdown)),
            Task::new("generation.dispatch", move |shutdown| dispatch::run(dispatching, shutdown)),
            Task::new("generation.figures", move |shutdown: Shutdown| async move {
                platform::metrics::sample("generation", shutdown, || figures::sample(&counted)).await;
            }),
            Task::new("generation.accept", move |shutdown| accept::run(shell, shutdown)),
        ],
    }
}
