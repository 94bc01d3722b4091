//! Connections, transactions, outbox, inbox and the embedded bus, for SQLite and PostgreSQL.
//!
//! A service keeps its facts in one database of its own: an SQLite file, or a PostgreSQL schema. It changes state
//! and tells about it in one [`transaction`]: rows and [`outbox::append`] together. The one leased
//! [`outbox::relay`] of a service publishes what was appended; consumers ([`consume::run`]) keep an [`inbox`] and
//! so bear repetition, and fetch what the bus did not bring ([`repair`]).
//!
//! `dialect` is the only file of the repository with SQL written as text.

mod connect;
pub mod consume;
mod dialect;
pub mod embedded;
mod error;
pub mod inbox;
mod migrate;
pub mod outbox;
pub mod repair;
#[cfg(feature = "scratch")]
pub mod scratch;
mod transaction;
mod turn;

pub use connect::{connect, server_time};
pub use error::Error;
pub use migrate::migrate;
pub use sea_orm::{DatabaseConnection, DatabaseTransaction};
pub use transaction::transaction;

/// The wall clock, at the precision that PostgreSQL keeps. Used for leases and bookkeeping only: the times of
/// facts come from the caller's clock.
#[expect(
    clippy::disallowed_methods,
    reason = "this crate may not name platform, and a lease needs real time"
)]
fn now() -> contract::Time {
    use chrono::SubsecRound as _;
    chrono::Utc::now().trunc_subsecs(6)
}
