//! The ledger: who did and saw what, when, and under which model version.
//!
//! **Owns** the ledger (an RFC 6962 Merkle tree with signed checkpoints) and how far it has each service's
//! events. **Listens** to every event of every service. **Emits** `access.recorded` for each look at the ledger.
//!
//! No application decision reads the ledger, and an entry is never changed or removed: there is no code for it.

pub mod checkpoint;
mod config;
mod consume;
mod entity;
pub mod entry;
mod error;
pub mod examine;
pub mod export;
mod gaps;
mod http;
mod keeper;
pub mod ledger;
pub mod sentence;
mod store;
mod verify;

pub use config::Config;
pub use error::Error;
pub use examine::Verification;
pub use verify::{verify, verify_database};

use actix_web::web::Data;
use bus::Bus;
use consume::Recorder;
use contract::client::Outbox;
use database::DatabaseConnection;
use keeper::Keeper;
use platform::{Clock, Random, Service, Shutdown, Task};
use std::sync::Arc;

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
}

/// The service.
///
/// # Errors
/// When the ledger's key or the folder of its export can't be used.
pub fn service(config: Config, deps: Deps) -> Result<Service, Error> {
    let interval = config.gap_check_interval();
    let keeper = Keeper::open(deps.db.clone(), deps.clock.clone(), &deps.random, config)?;
    let recorder = Arc::new(Recorder { db: deps.db.clone(), clock: deps.clock.clone() });
    let (db, bus) = (deps.db.clone(), deps.bus.clone());
    let relay = Task::new("audit.relay", move |shutdown| async move {
        database::outbox::relay(db, "audit", bus, shutdown.wait()).await;
    });
    let (bus, handler) = (deps.bus.clone(), recorder.clone());
    let ledger = Task::new("audit.ledger", move |shutdown: Shutdown| async move {
        let record = database::consume::run(bus, "audit", &["#"], handler, shutdown.wait());
        futures::join!(record, keeper.run(&shutdown));
        // Only now is everything recorded that will be.
        keeper.close().await;
    });
    let sources = deps.sources.clone();
    let gaps = Task::new("audit.gaps", move |shutdown: Shutdown| async move {
        while shutdown.sleep(interval).await {
            for source in &sources {
                consume::repair(&recorder, source).await;
            }
        }
    });
    let deps = Data::new(deps);
    let routes: platform::Routes = Arc::new(move |config| {
        http::routes(config.app_data(deps.clone()));
    });
    Ok(Service { name: "audit", routes, tasks: vec![relay, ledger, gaps] })
}
