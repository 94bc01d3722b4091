//! The ledger: who did and saw what, when, and under which model version.
//!
//! **Owns** the ledger (an RFC 6962 Merkle tree with signed checkpoints) and how far it has each service's
//! events. **Listens** to every event of every service. **Emits** `access.recorded` for each look at the ledger.
//!
//! No application decision reads the ledger, and an entry is never changed or removed: there is no code for it. What
//! is personal stands beside it and is erased when two people say so, or when it is older than it is kept.

pub mod checkpoint;
mod config;
mod consume;
pub mod cosignature;
mod entity;
pub mod entry;
mod eraser;
mod erasure;
mod error;
pub mod examine;
pub mod export;
pub mod figures;
mod form;
mod gaps;
mod health;
mod http;
mod keeper;
pub mod ledger;
mod look_up;
pub mod personal;
mod placed;
pub mod proof;
pub mod prove;
mod quality;
pub mod report;
pub mod scores;
pub mod sentence;
pub mod sentinels;
mod store;
mod syslog;
pub mod tile;
mod verify;
pub mod watch;
mod witness;

pub use config::{Config, WitnessConfig};
pub use error::Error;
pub use examine::Verification;
pub use look_up::look_up;
pub use store::{Appended, entry_append};
pub use verify::{connect, load_key, load_witness, verify, verify_database};

use actix_web::web::Data;
use bus::Bus;
use consume::Recorder;
use contract::client::Outbox;
use contract::generation::Generation;
use contract::intake::Intake;
use contract::review::Review;
use contract::rollout::Rollout;
use database::DatabaseConnection;
use eraser::Eraser;
use http::{Desk, Looked};
use keeper::Keeper;
use platform::{Clock, CpuPool, Random, Service, Shutdown, Task};
use std::sync::Arc;
use syslog::Forwarder;
use witness::Witness;

/// A service whose events the ledger must have.
#[derive(Clone)]
pub struct Source {
    /// The name of the crate.
    pub service: &'static str,
    /// Its outbox, for what did not come over the bus.
    pub outbox: Outbox,
}

/// What audit works with.
#[derive(Clone)]
pub struct Deps {
    /// Its database.
    pub db: DatabaseConnection,
    /// Where events come from.
    pub bus: Arc<dyn Bus>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For the ids of events.
    pub random: Random,
    /// Every service, audit too.
    pub sources: Vec<Source>,
    /// Asked for the cases behind figures.
    pub review: Review,
    /// Asked what models and deployments are called.
    pub rollout: Rollout,
    /// Asked for the scanners of series.
    pub intake: Intake,
    /// Asked for the scores and flagged regions of runs.
    pub generation: Generation,
    /// Asks the witness.
    pub http: reqwest::Client,
    /// For figures: permutations and exact limits take a processor a while.
    pub cpu: CpuPool,
}

/// The service.
///
/// # Errors
/// When the ledger's key or the folder of its export can't be used.
pub fn service(config: Config, deps: Deps) -> Result<Service, Error> {
    let interval = config.gap_check_interval();
    let (wake, patience) = (config.checkpoint_entries, config.patience());
    let figures_minimum = config.figures_minimum;
    let forwarder = Forwarder::open(deps.db.clone(), &config)?;
    let eraser = Eraser::new(&deps, &config);
    let witness = Witness::open(&deps, &config)?;
    let named = witness.as_ref().map(Witness::named);
    let keeper = Keeper::open(deps.db.clone(), deps.clock.clone(), &deps.random, config)?;
    let recorder = Arc::new(Recorder::new(&deps, wake));
    let (db, bus) = (deps.db.clone(), deps.bus.clone());
    let relay = Task::new("audit.relay", move |shutdown| async move {
        database::outbox::relay(db, "audit", bus, shutdown.wait()).await;
    });
    let (bus, handler, kept) = (deps.bus.clone(), recorder.clone(), recorder.clone());
    let ledger = Task::new("audit.ledger", move |shutdown: Shutdown| async move {
        let record = database::consume::run(bus, "audit", &["#"], handler, shutdown.wait());
        futures::join!(record, keeper.run(&shutdown, &kept.bell));
        // Only now is everything recorded that will be.
        keeper.close().await;
    });
    let gaps = Task::new("audit.gaps", move |shutdown: Shutdown| async move {
        while shutdown.sleep(interval).await {
            consume::repair(&recorder).await;
        }
    });
    let forward = forwarder.map(|forwarder| {
        Task::new("audit.syslog", move |shutdown| async move { forwarder.run(&shutdown).await })
    });
    let cosign = witness.map(|witness| {
        Task::new("audit.witness", move |shutdown| async move { witness.run(&shutdown).await })
    });
    let erasures = Task::new("audit.erasures", move |shutdown| async move { eraser.run(&shutdown).await });
    let desk = Data::new(Desk { deps, patience, figures_minimum, looked: Looked::default(), witness: named });
    let routes: platform::Routes = Arc::new(move |config| {
        http::routes(config.app_data(desk.clone()));
    });
    Ok(Service {
        name: "audit",
        routes,
        tasks: [relay, ledger, gaps, erasures].into_iter().chain(forward).chain(cosign).collect(),
    })
}
