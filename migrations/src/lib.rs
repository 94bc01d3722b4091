//! The schema of every service, a module each, for SQLite and PostgreSQL.
//!
//! A service's tables are named nowhere else but in its own `store.rs`. Outbox and inbox come from `database`.

pub mod audit;
pub mod delivery;
pub mod gateway;
pub mod generation;
pub mod intake;
pub mod review;
pub mod rollout;

/// The migrations of one service, oldest first.
pub type Migrations = Vec<Box<dyn sea_orm_migration::MigrationTrait>>;
