//! Time as a parameter.

use chrono::{DurationRound as _, TimeDelta, Utc};
use contract::Time;
use parking_lot::Mutex;

/// Gives the present instant, in whole microseconds: PostgreSQL keeps no more, and an instant must survive a
/// round trip.
pub trait Clock: Send + Sync {
    /// Now, UTC.
    fn now(&self) -> Time;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    fn now(&self) -> Time {
        microseconds(Utc::now())
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock(Mutex<Time>);

impl ManualClock {
    /// A clock that stands at `now`.
    pub fn new(now: Time) -> Self {
        Self(Mutex::new(microseconds(now)))
    }

    /// Moves it by `delta`, backwards too.
    pub fn advance(&self, delta: TimeDelta) {
        *self.0.lock() += delta;
    }

    /// Puts it at `now`.
    pub fn set(&self, now: Time) {
        *self.0.lock() = microseconds(now);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Time {
        *self.0.lock()
    }
}

fn microseconds(time: Time) -> Time {
    time.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(time)
}
