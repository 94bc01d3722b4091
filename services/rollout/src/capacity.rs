//! Whether a pool takes a further run, or the run waits here until it does. Pure.

use contract::generation::{Capacity, PoolCapacity};

/// What becomes of a run that is wanted.
#[derive(Debug, Clone, PartialEq)]
pub enum Admission {
    /// It is asked for.
    Ask,
    /// It waits for the pool.
    Wait {
        /// How long it would wait at the pool, seconds.
        expected_seconds: f64,
        /// In words.
        reason: String,
    },
}

/// The limit of the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// A run isn't asked for while it would wait longer than this, minutes; 0 lets every run in.
    pub expected_wait_max_minutes: u32,
}

impl Limit {
    fn seconds(self) -> f64 {
        f64::from(self.expected_wait_max_minutes) * 60.0
    }

    /// Whether pools have to be asked at all.
    pub fn is_set(self) -> bool {
        self.expected_wait_max_minutes > 0
    }
}

/// Decides about one run.
pub fn admit(capacity: &Capacity, pool: &str, limit: Limit) -> Admission {
    // A pool that was asked nothing yet has nothing that waits.
    let Some(known) = capacity.pool(pool) else { return Admission::Ask };
    let expected = known.expected_wait.seconds;
    if !limit.is_set() || expected <= limit.seconds() {
        return Admission::Ask;
    }
    let minutes = (expected / 60.0).ceil();
    let reason = format!(
        "waits for capacity: a run would wait about {minutes} minutes for pool {pool}, the limit is {}",
        limit.expected_wait_max_minutes
    );
    Admission::Wait { expected_seconds: expected, reason }
}

/// How many further runs the pool takes before a new one would wait longer than the limit. Those that are let in here
/// come to the pool a moment later: without this a sweep would let all in at once.
pub fn rooms(capacity: &Capacity, pool: &str, limit: Limit) -> usize {
    let Some(known) = capacity.pool(pool) else { return usize::MAX };
    if !limit.is_set() {
        return usize::MAX;
    }
    let left = limit.seconds() - known.expected_wait.seconds;
    if left < 0.0 {
        return 0;
    }
    match seconds_per_run(known) {
        // The first goes in, those after it wait for it.
        Some(each) if each > 0.0 => (left / each) as usize + 1,
        // How fast the pool is isn't known: one shows it.
        _ => 1,
    }
}

/// By how much one more run lengthens the wait of the next, seconds.
fn seconds_per_run(pool: &PoolCapacity) -> Option<f64> {
    Some(pool.seconds_per_job? / f64::from(pool.workers_seen.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::Time;
    use contract::generation::ExpectedWait;
    use proptest::prelude::*;

    fn capacity(expected: f64, seconds_per_job: Option<f64>, workers_seen: u32) -> Capacity {
        let expected_wait =
            ExpectedWait { seconds: expected, low: expected, high: expected, is_measured: true };
        let pool = PoolCapacity {
            pool: "cpu".to_owned(),
            waiting: 3,
            oldest_requested_at: None,
            running: 1,
            workers_seen,
            measured: 10,
            seconds_per_job,
            utilisation: None,
            expected_wait,
        };
        Capacity { at: Time::UNIX_EPOCH, window_hours: 24, pools: vec![pool] }
    }

    const HOUR: Limit = Limit { expected_wait_max_minutes: 60 };

    #[test]
    fn a_run_waits_here_while_it_would_wait_longer_than_the_limit_there() {
        assert_eq!(admit(&capacity(3600.0, None, 1), "cpu", HOUR), Admission::Ask);
        let Admission::Wait { reason, .. } = admit(&capacity(3601.0, None, 1), "cpu", HOUR) else {
            panic!("it was asked for")
        };
        assert!(reason.contains("61 minutes") && reason.contains("pool cpu") && reason.contains("60"));
        assert_eq!(admit(&capacity(1e9, None, 1), "other", HOUR), Admission::Ask);
        let none = Limit { expected_wait_max_minutes: 0 };
        assert_eq!(admit(&capacity(1e9, None, 1), "cpu", none), Admission::Ask);
        assert_eq!(rooms(&capacity(1e9, None, 1), "cpu", none), usize::MAX);
    }

    #[test]
    fn a_pool_whose_speed_is_not_known_takes_one_at_a_time() {
        assert_eq!(rooms(&capacity(0.0, None, 0), "cpu", HOUR), 1);
        assert_eq!(rooms(&capacity(3601.0, None, 0), "cpu", HOUR), 0);
    }

    proptest! {
        #[test]
        fn there_is_room_exactly_where_a_run_would_be_asked_for(
            expected in 0.0_f64..20_000.0, each in 1.0_f64..5_000.0, workers in 1_u32..8,
        ) {
            let capacity = capacity(expected, Some(each), workers);
            let asks = admit(&capacity, "cpu", HOUR) == Admission::Ask;
            prop_assert_eq!(asks, rooms(&capacity, "cpu", HOUR) > 0);
        }

        #[test]
        fn a_longer_queue_never_has_more_room(
            expected in 0.0_f64..20_000.0, more in 0.0_f64..5_000.0, each in 1.0_f64..5_000.0, workers in 1_u32..8,
        ) {
            let few = rooms(&capacity(expected, Some(each), workers), "cpu", HOUR);
            let many = rooms(&capacity(expected + more, Some(each), workers), "cpu", HOUR);
            prop_assert!(many <= few);
        }
    }
}
