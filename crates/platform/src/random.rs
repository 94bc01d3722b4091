//! Randomness as a parameter.

use parking_lot::Mutex;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use std::sync::Arc;

/// A shared cryptographic generator; seeded in tests, so that they repeat.
#[derive(Clone)]
pub struct Random(Arc<Mutex<StdRng>>);

impl Random {
    /// Seeded by the operating system.
    pub fn from_os() -> Self {
        Self(Arc::new(Mutex::new(rand::make_rng())))
    }

    /// Gives the same sequence each time.
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// Lends the generator: `random.with(CaseId::random)`.
    pub fn with<T>(&self, draw: impl FnOnce(&mut StdRng) -> T) -> T {
        draw(&mut self.0.lock())
    }
}
