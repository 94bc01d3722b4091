//! Sends what was signed, and nothing else.
//!
//! Owns destinations, sends, their objects, rejection notes and teaching sets. Listens to `case.released` and `case.recalled`; tells
//! `send.queued`, `send.held`, `send.failed`, `send.delivered`, `rejection_note.opened`, `.sent` and `.closed`, and
//! `destination.changed` and `.tested`, `teaching_set.requested`, `.prepared`, `.refused`, `.shown`, `.released`,
//! `.exported` and `.withdrawn`.
//!
//! **Nothing leaves unless review, rollout and intake all say yes**, asked before each object. There is no other
//! way to a destination, and no answer counts as no. **What leaves is what was signed**: every object is read and
//! hashed, and the case digest computed again, before the first byte goes; a second attempt sends the same UIDs
//! and the same bytes. What leaves for teaching leaves without whose it is (`teaching.rs`). **A recall is done only where it is shown to be done** (`workflow/recall.rs`).

mod assemble;
mod config;
mod consume;
pub mod destination;
mod entity;
mod error;
mod figures;
mod http;
mod recall;
mod register;
mod send;
mod store;
mod teaching;
pub mod workflow;

pub use config::{Config, Destination};
pub use contract::delivery::DestinationKind;
pub use error::Error;

use bus::Bus;
use contract::generation::Generation;
use contract::intake::Intake;
use contract::review::Review;
use contract::rollout::Rollout;
use database::DatabaseConnection;
use objects::Objects;
use platform::{Clock, CpuPool, Random, Service, Task};
use register::Register;
use std::sync::Arc;

/// What delivery works with.
#[derive(Clone)]
pub struct Deps {
    /// Its database.
    pub db: DatabaseConnection,
    /// The bus.
    pub bus: Arc<dyn Bus>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids and jitter.
    pub random: Random,
    /// The `dicom` store.
    pub objects: Objects,
    /// Where digests are computed.
    pub cpu: CpuPool,
    /// Gives the release, and says whether it may leave.
    pub review: Review,
    /// Says whether the stage lets it leave.
    pub rollout: Rollout,
    /// Says whether the sources are unchanged.
    pub intake: Intake,
    /// Names the derived objects.
    pub generation: Generation,
}

/// The service.
pub fn service(config: Config, deps: Deps) -> Service {
    let config = Arc::new(config);
    let register = Register::new(config.clone(), deps.db.clone(), deps.clock.clone(), deps.random.clone());
    let register = Arc::new(register);
    let (sends, recalls, shown) = (register.clone(), register.clone(), register.clone());
    let (relay, sender, counted, routes) = (deps.clone(), deps.clone(), deps.clone(), deps.clone());
    let (recaller, recalling, answering) = (deps.clone(), config.clone(), config.clone());
    let teacher = deps.clone();
    let consumer = Arc::new(consume::Consumer { register, deps });
    let repairer = consumer.clone();
    let tasks = vec![
        Task::new("delivery.relay", |shutdown| async move {
            database::outbox::relay(relay.db, "delivery", relay.bus, async move { shutdown.wait().await })
                .await;
        }),
        Task::new("delivery.consumer", |shutdown| async move {
            let (bus, stop) = (consumer.deps.bus.clone(), async move { shutdown.wait().await });
            database::consume::run(bus, "delivery", &consume::KINDS, consumer, stop).await;
        }),
        Task::new("delivery.repair", |shutdown| async move {
            let repair = repairer.repair();
            database::repair::run(repair, repairer, async move { shutdown.wait().await }).await;
        }),
        Task::new("delivery.figures", |shutdown| async move {
            platform::metrics::sample("delivery", shutdown, || figures::sample(&counted)).await;
        }),
        Task::new("delivery.sender", |shutdown| send::run(config, sender, sends, shutdown)),
        Task::new("delivery.recaller", |shutdown| recall::run(recalling, recaller, recalls, shutdown)),
        Task::new("delivery.teacher", |shutdown| teaching::make::run(teacher, shutdown)),
    ];
    let routes = Arc::new(move |service: &mut _| http::routes(service, &answering, &shown, &routes));
    Service { name: "delivery", routes, tasks }
}

/// Every version of every destination, as the database has it; see [`destination::in_use`].
///
/// # Errors
/// When the database does not do its part.
pub async fn destination_versions(db: &DatabaseConnection) -> Result<Vec<destination::Version>, Error> {
    store::destination_version::list(db).await
}
