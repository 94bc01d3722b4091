//! What every service stands on: configuration, telemetry, life cycle, clock, HTTP, tokens and the CPU pool.
//!
//! It knows the contract and nothing of any domain: no database, no bus, no DICOM.

pub mod class;
pub mod clock;
pub mod config;
pub mod http;
pub mod keys;
pub mod login;
pub mod metrics;
pub mod pool;
pub mod random;
pub mod server;
pub mod service;
pub mod telemetry;
pub mod token;

pub use class::Class;
pub use clock::{Clock, ManualClock, SystemClock};
pub use pool::CpuPool;
pub use random::Random;
pub use service::{Routes, Service, Shutdown, Task};
