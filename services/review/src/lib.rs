//! Review: two blinded reads of every AI result, adjudication, and the signature over what was seen.
//!
//! Owns cases, holds on slots, drafts, signed reads and releases; pairs that are compared and what was answered; who may
//! read what, which studies are under investigation, the rules of reading, and what was said of cases that are over. Listens to `run.requested`,
//! `run.completed`, `run.superseded`, `study.disputed`, `study.settled`, `deployment.stage_changed`, `comparison.started`
//! and `comparison.ended`; tells `case.*`, `pair.*`, `lease.ended`, `draft.saved`, `read.*`, `signature.refused`,
//! `signature.invalidated`, `recall_campaign.*`,
//! `study.*`, `credential.*`, `conflict.declared`, `sentinel.marked`, `discussion.*` and `review.policy_changed`.
//!
//! **A release exists only where two different people signed, accepting, over the case's own digest**: `workflow`
//! decides it, the keys of the tables demand it, and nothing else writes one. **An answer that carries a case is
//! made in `blind`** and shows nothing of other reads until they can't influence anybody any more.

pub mod assign;
pub mod blind;
pub mod campaign;
pub mod case;
pub mod conclude;
pub mod concord;
pub mod config;
mod consume;
pub mod ended;
mod entity;
pub mod error;
mod figures;
mod http;
pub mod learning;
pub mod outage;

pub mod recall;
pub mod release;
pub mod sample;
mod shell;
pub mod side_by_side;
pub mod sign;
mod store;
pub mod urgency;
pub mod viewing;
pub mod workflow;

#[cfg(test)]
mod fixtures;

pub use config::Config;
pub use http::routes;
pub use shell::Shell;

use bus::Bus;
use contract::generation::Generation;
use contract::intake::Intake;
use contract::rollout::Rollout;
use database::{DatabaseConnection, outbox};
use platform::{Clock, Random, Service, Task};
use std::sync::Arc;

/// What review is given.
pub struct Deps {
    /// Its database.
    pub db: DatabaseConnection,
    /// The bus.
    pub bus: Arc<dyn Bus>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Random,
    /// Asked whether a release may be written.
    pub rollout: Rollout,
    /// Asked for completed runs.
    pub generation: Generation,
    /// Asked whether whose a study is, is in question.
    pub intake: Intake,
}

/// Review as a service.
pub fn service(config: Config, deps: Deps) -> Service {
    let Deps { db, bus, clock, random, rollout, generation, intake } = deps;
    let config = Arc::new(config);
    let bell = Arc::default();
    let shell = Shell { db: db.clone(), clock, random, rollout, generation, intake, config, bell };
    let state = actix_web::web::Data::new(shell.clone());
    let repair = consume::repair(&shell, bus.clone());
    let handler = Arc::new(shell.clone());
    let (repairing, concluding, counted, relay_bus) =
        (handler.clone(), shell.clone(), shell.clone(), bus.clone());
    Service {
        name: "review",
        routes: Arc::new(move |config| {
            config.app_data(state.clone());
            http::routes(config);
        }),
        tasks: vec![
            Task::new("review.relay", move |shutdown| async move {
                outbox::relay(db, "review", relay_bus, shutdown.wait()).await;
            }),
            Task::new("review.consume", move |shutdown| async move {
                let stop = shutdown.clone();
                database::consume::run(bus, "review", &consume::KINDS, handler, stop.wait()).await;
            }),
            Task::new("review.repair", move |shutdown| async move {
                database::repair::run(repair, repairing, async move { shutdown.wait().await }).await;
            }),
            Task::new("review.figures", move |shutdown| async move {
                platform::metrics::sample("review", shutdown, || figures::sample(&counted)).await;
            }),
            Task::new("review.conclude", move |shutdown| conclude::run(concluding, shutdown)),
            Task::new("review.recall", move |shutdown| recall::run(shell, shutdown)),
        ],
    }
}
