//! Models, deployments and stages: who may use what, and on which evidence.
//!
//! **Owns** model versions, deployments, the history of their rules and stages, proposals, stop rules and what they
//! told, sites with their scanners, prices, plans and budgets, what the router decided, which runs wait for a pool, and comparisons with their looks.
//! **Listens** to `series.ready`, `case.released`, `case.rejected`, `case.evaluated` and `pair.answered`. **Emits** `model.registered`, `deployment.*`,
//! `run.requested`, `series.unmatched`, `promotion.*`, `rules.*`, `gate_policy.changed`, `stop_rule*`,
//! `alarm.acknowledged`, `recall_evaluation.*`, `terms.changed`, `site.changed`, `budget.refused`, `capacity.*` and
//! `comparison.*`.
//!
//! A stage goes up one step on a gate that holds, proposed by one person and approved by others; it goes down at once by
//! one. There is no way around a gate: what it asks is changed by two people, and every stage is written in the history
//! with who set it.

pub mod capacity;
mod comparing;

mod config;
mod consume;
pub mod creation;
pub mod dry_run;
pub mod economics;
mod entity;
mod error;
pub mod gate;
pub mod governance;
mod http;
pub mod package;
pub mod preference;
mod registrar;
mod registry;
pub mod router;
pub mod scanners;
mod spending;
pub mod stop;
mod store;
mod watch;
pub mod workflow;

pub use config::Config;
pub use error::Error;
pub use registrar::{NewDeployment, Registrar, seed};
pub use watch::Watch;

use actix_web::web::Data;
use bus::Bus;
use capacity::Limit;
use comparing::Comparing;
use contract::audit::Audit;
use contract::generation::Generation;
use contract::intake::Intake;
use contract::review::Review;
use database::DatabaseConnection;
use http::{Behaviour, State};
use platform::{Clock, CpuPool, Random, Service, Shutdown, Task};
use spending::Spending;
use std::sync::Arc;
use std::time::Duration;

/// What rollout works with.
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
    /// For reading and hashing packages.
    pub cpu: CpuPool,
    /// Asked for the attributes of series.
    pub intake: Intake,
    /// Asked for what readers made of a deployment.
    pub review: Review,
    /// Asked what runs took.
    pub generation: Generation,
    /// Asked whether a witness cosigns the ledger.
    pub audit: Audit,
}

impl Deps {
    fn registrar(&self) -> Registrar {
        let Self { db, clock, random, cpu, .. } = self.clone();
        Registrar { db, clock, random, cpu }
    }

    fn comparing(&self) -> Comparing {
        let Self { db, clock, random, cpu, review, generation, .. } = self.clone();
        Comparing { db, clock, random, review, generation, cpu }
    }
}

/// The service.
pub fn service(config: Config, deps: Deps) -> Service {
    let Deps { db, bus, clock, random, intake, review, generation, .. } = deps.clone();
    let comparing = deps.comparing();
    let registrar = deps.registrar();
    let installed = config.clone();
    let models = Task::new("rollout.models", move |_| async move {
        let models = registrar.register_models(&installed.models_dir).await.map(drop);
        let packages = registrar.register_packages(&installed).await;
        for error in [models, packages].into_iter().filter_map(Result::err) {
            tracing::error!(
                event = "models.refused",
                error = &error as &dyn std::error::Error,
                "a model could not be registered; those that are registered stay in use"
            );
        }
    });
    let (relay_db, relay_bus) = (db.clone(), bus.clone());
    let relay = Task::new("rollout.relay", move |shutdown: Shutdown| async move {
        database::outbox::relay(relay_db, "rollout", relay_bus, shutdown.wait()).await;
    });
    let watch = Watch { db: db.clone(), clock: clock.clone(), random: random.clone(), review };
    let (watching, pause) = (watch.clone(), Duration::from_secs(u64::from(config.sweep_seconds)));
    let sweep = Task::new("rollout.watch", move |shutdown: Shutdown| watching.run(shutdown, pause));
    let spending = Spending { db: db.clone(), clock: clock.clone(), generation };
    let learning = spending.clone();
    let costs = Task::new("rollout.costs", move |shutdown: Shutdown| learning.run(shutdown, pause));
    let (compared, comparing_on) = (comparing.clone(), comparing.clone());
    let compare =
        Task::new("rollout.comparisons", move |shutdown: Shutdown| comparing_on.run(shutdown, pause));
    let watched = watch.clone();
    let limit = Limit { expected_wait_max_minutes: config.expected_wait_max_minutes };
    let spent = spending.clone();
    let routing = Arc::new(consume::Routing {
        db,
        clock,
        random,
        intake,
        watch: watched,
        comparing: compared,
        spending: spent,
        limit,
    });
    let (waiting, rest) = (routing.clone(), Duration::from_secs(u64::from(config.capacity_seconds)));
    let resume = Task::new("rollout.capacity", move |shutdown: Shutdown| waiting.resume(shutdown, rest));
    let (missing, repairing) = (consume::repair(&routing, bus.clone()), routing.clone());
    let consumer = Task::new("rollout.consume", move |shutdown: Shutdown| async move {
        database::consume::run(bus, store::CONSUMER, &consume::KINDS, routing, shutdown.wait()).await;
    });
    let repair = Task::new("rollout.repair", move |shutdown: Shutdown| async move {
        database::repair::run(missing, repairing, shutdown.wait()).await;
    });
    let state =
        Data::new(State { deps, config, watch, spending, behaviour: Behaviour::default(), comparing });
    let routes: platform::Routes = Arc::new(move |config| {
        config.app_data(state.clone());
        http::routes(config);
    });
    Service {
        name: "rollout",
        routes,
        tasks: vec![models, relay, consumer, repair, sweep, costs, compare, resume],
    }
}
