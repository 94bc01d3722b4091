//! The one door for people and HTTP: sign-in, GraphQL, DICOMweb and the web-ui.
//!
//! **Owns** accounts and their history, login sessions and what each was shown. **Listens** to what may change a worklist, as a hint. **Emits**
//! `login.opened`, `login.ended`, `login.refused`, `user.added`, `account.changed`, `display.recorded`, `command.refused`,
//! `instances.uploaded`.
//!
//! It decides nothing about cases, studies or deployments: it finds out who asks, mints a short-lived token that
//! says so, and lets the service that owns the fact decide. For pixels it asks that service before the first byte.

mod auth;
mod changes;
mod config;
mod consume;
mod costs;
mod dicomweb;
mod door;
mod download;
mod entity;
mod error;
mod graphql;
mod http;
mod ledger;
mod models;
mod pairs;
mod quality;
mod record;
mod services;
mod store;
mod teaching;
mod upload;
pub mod users;
mod web_ui;
mod workflow;

pub use config::{Config, GraphqlLimits, SignInLimits, StowSender};
pub use error::Error;
pub use graphql::schema_sdl;
pub use services::Services;

use auth::Logins;
use bus::Bus;
use changes::Changes;
use database::DatabaseConnection;
use dicomweb::Located;
use door::Door;
use objects::Objects;
use platform::token::TokenIssuer;
use platform::{Clock, CpuPool, Random, Service, Shutdown, Task};
use record::Displays;
use std::sync::Arc;
use std::time::Duration;
use users::Users;

/// How often login sessions that are over are ended.
const SWEEP_INTERVAL: Duration = Duration::from_secs(15);

/// What the gateway works with.
pub struct Deps {
    /// Its own database.
    pub db: DatabaseConnection,
    /// The bus.
    pub bus: Arc<dyn Bus>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Random,
    /// Where passwords are hashed. A pool of its own: nobody waits at the door for a volume to be computed.
    pub cpu: CpuPool,
    /// Mints the tokens of people.
    pub tokens: TokenIssuer,
    /// The services behind the door, called as `service:gateway`.
    pub services: Services,
    /// The `dicom` store.
    pub objects: Objects,
}

/// The gateway.
pub fn service(config: Config, deps: Deps) -> Service {
    let Deps { db, bus, clock, random, cpu, tokens, services, objects } = deps;
    let logins = Logins::new(&config, db.clone(), Arc::clone(&clock), random.clone(), cpu.clone());
    let passkeys = auth::passkeys::Passkeys::new(db.clone(), Arc::clone(&clock), random.clone());
    let users = Users { db: db.clone(), clock: Arc::clone(&clock), random: random.clone(), cpu };
    let changes = Changes::new();
    let located = Located::new(Arc::clone(&clock));
    let hints = Arc::new(consume::Hints(changes.clone()));
    let door = Arc::new(Door {
        config,
        db: db.clone(),
        clock,
        random,
        logins,
        passkeys,
        users,
        tokens,
        services,
        objects,
        changes,
        located,
        displays: Displays::default(),
    });
    let relay_bus = Arc::clone(&bus);
    let sweeping = Arc::clone(&door);
    let tasks = vec![
        Task::new("gateway outbox", move |shutdown: Shutdown| async move {
            database::outbox::relay(db, "gateway", relay_bus, shutdown.wait()).await;
        }),
        Task::new("gateway consumer", move |shutdown: Shutdown| async move {
            database::consume::run(bus, "gateway", &consume::KINDS, hints, shutdown.wait()).await;
        }),
        Task::new("login sweep", move |shutdown: Shutdown| sweep(sweeping, shutdown)),
    ];
    Service { name: "gateway", routes: http::routes(door), tasks }
}

async fn sweep(door: Arc<Door>, shutdown: Shutdown) {
    while shutdown.sleep(SWEEP_INTERVAL).await {
        let swept = door.logins.sweep().await;
        if let Err(error) = swept.and(door.passkeys.sweep().await) {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(event = "login.sweep_failed", error, "login sessions could not be looked through");
        }
    }
}
