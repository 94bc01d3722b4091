//! What services tell each other: ids, digests, actors, refusals, events, jobs, and a typed HTTP client for
//! each service.
//!
//! Nothing here does I/O except the clients. A type that crosses a service border lives here and nowhere else;
//! its JSON is a contract, pinned by snapshots in `tests/repository`.

pub mod actor;
pub mod audit;
mod canonical;
pub mod client;
pub mod delivery;
pub mod digest;
pub mod event;
pub mod gateway;
pub mod generation;
pub mod id;
pub mod intake;
pub mod job;
pub mod page;
pub mod priority;
pub mod refusal;
pub mod review;
pub mod rollout;

pub use actor::{Actor, Role};
pub use canonical::canonical_json;
pub use client::{Client, ClientError};
pub use digest::Digest;
pub use event::{Envelope, Event};
pub use id::*;
pub use page::{Page, PageRequest};
pub use priority::Priority;
pub use refusal::Refusal;
/// Instants on the wire: UTC, always set from the process's clock, never by a database.
pub type Time = chrono::DateTime<chrono::Utc>;
