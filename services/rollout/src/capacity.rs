//! Whether a pool takes a further run, or the run waits here until it does. Pure.

use contract::Priority;
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
pub fn admit(capacity: &Capacity, pool: &str, priority: Priority, limit: Limit) -> Admission {
    // A pool that was asked nothing yet has nothing that waits.
    let Some(known) = capacity.pool(pool) else { return Admission::Ask };
    let expected = known.wait_of(priority).seconds;
    if !limit.is_set() || expected <= limit.seconds() {
        return Admission::Ask;
    }
    let minutes = (expected / 60.0).ceil();
    let reason = format!(
        "waits for capacity: a run of priority {} would wait about {minutes} minutes for pool {pool}, the limit is {}",
        priority.name(),
        limit.expected_wait_max_minutes
    );
    Admission::Wait { expected_seconds: expected, reason }
}

/// The room that pools have for further runs before a new one would wait longer than the limit. Those that are let in
/// come to the pool a moment later: without this a sweep would let all in at once.
#[derive(Debug)]
pub struct Rooms<'c> {
    capacity: &'c Capacity,
    limit: Limit,
    /// Who was let in.
    let_in: Vec<(String, Priority)>,
}

impl<'c> Rooms<'c> {
    /// What there is before anybody is let in.
    pub fn new(capacity: &'c Capacity, limit: Limit) -> Self {
        Self { capacity, limit, let_in: Vec::new() }
    }

    /// Lets a run in, if there is room for it: whether it is.
    pub fn take(&mut self, pool: &str, priority: Priority) -> bool {
        let takes = self.has(pool, priority);
        if takes {
            self.let_in.push((pool.to_owned(), priority));
        }
        takes
    }

    fn has(&self, pool: &str, priority: Priority) -> bool {
        let Some(known) = self.capacity.pool(pool) else { return true };
        if !self.limit.is_set() {
            return true;
        }
        let before = |(of, other): &&(String, Priority)| of == pool && *other <= priority;
        let before = self.let_in.iter().filter(before).count();
        let wait = known.wait_of(priority).seconds;
        match seconds_per_run(known) {
            Some(each) if each > 0.0 => wait + before as f64 * each <= self.limit.seconds(),
            // How fast the pool is isn't known: one shows it.
            _ => before == 0 && wait <= self.limit.seconds(),
        }
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
    use contract::generation::{ExpectedWait, PriorityCapacity};
    use proptest::prelude::*;

    /// A pool for which runs wait so long, by priority.
    fn pool_of(waits: [f64; 4], seconds_per_job: Option<f64>, workers_seen: u32) -> Capacity {
        let wait = |seconds| ExpectedWait { seconds, low: seconds, high: seconds, is_measured: true };
        let of = |place: usize| PriorityCapacity {
            priority: Priority::ALL[place],
            waiting: 0,
            oldest_requested_at: None,
            expected_wait: wait(waits[place]),
        };
        let pool = PoolCapacity {
            pool: "cpu".to_owned(),
            waiting: 3,
            oldest_requested_at: None,
            running: 1,
            workers_seen,
            measured: 10,
            seconds_per_job,
            utilisation: None,
            expected_wait: wait(waits[3]),
            by_priority: [0, 1, 2, 3].map(of).to_vec(),
        };
        Capacity { at: Time::UNIX_EPOCH, window_hours: 24, pools: vec![pool] }
    }

    fn capacity(expected: f64, seconds_per_job: Option<f64>, workers_seen: u32) -> Capacity {
        pool_of([expected; 4], seconds_per_job, workers_seen)
    }

    /// How many routine runs a pool takes one after the other, at most a hundred.
    fn rooms(capacity: &Capacity, limit: Limit) -> usize {
        let mut rooms = Rooms::new(capacity, limit);
        (0..100).take_while(|_| rooms.take("cpu", Priority::Routine)).count()
    }

    const HOUR: Limit = Limit { expected_wait_max_minutes: 60 };
    const ROUTINE: Priority = Priority::Routine;

    #[test]
    fn a_run_waits_here_while_it_would_wait_longer_than_the_limit_there() {
        assert_eq!(admit(&capacity(3600.0, None, 1), "cpu", ROUTINE, HOUR), Admission::Ask);
        let Admission::Wait { reason, .. } = admit(&capacity(3601.0, None, 1), "cpu", ROUTINE, HOUR) else {
            panic!("it was asked for")
        };
        assert!(reason.contains("61 minutes") && reason.contains("pool cpu") && reason.contains("60"));
        assert_eq!(admit(&capacity(1e9, None, 1), "other", ROUTINE, HOUR), Admission::Ask);
        let none = Limit { expected_wait_max_minutes: 0 };
        assert_eq!(admit(&capacity(1e9, None, 1), "cpu", ROUTINE, none), Admission::Ask);
        assert_eq!(rooms(&capacity(1e9, None, 1), none), 100);
    }

    #[test]
    fn what_is_more_urgent_goes_on_while_what_can_wait_waits() {
        let busy = pool_of([0.0, 60.0, 5_000.0, 9_000.0], Some(600.0), 1);
        let asked = Priority::ALL.map(|priority| admit(&busy, "cpu", priority, HOUR) == Admission::Ask);
        assert_eq!(asked, [true, true, false, false]);
        let mut rooms = Rooms::new(&busy, HOUR);
        assert!(!rooms.take("cpu", ROUTINE));
        // Seven within the hour stand before an eighth, and before the urgent ones.
        let stat = (0..100).take_while(|_| rooms.take("cpu", Priority::Stat)).count();
        assert_eq!((stat, rooms.take("cpu", Priority::Urgent)), (7, false));
    }

    #[test]
    fn a_pool_whose_speed_is_not_known_takes_one_at_a_time() {
        assert_eq!(rooms(&capacity(0.0, None, 0), HOUR), 1);
        assert_eq!(rooms(&capacity(3601.0, None, 0), HOUR), 0);
    }

    proptest! {
        #[test]
        fn there_is_room_exactly_where_a_run_would_be_asked_for(
            expected in 0.0_f64..20_000.0, each in 1.0_f64..5_000.0, workers in 1_u32..8, place in 0_usize..4,
        ) {
            let capacity = capacity(expected, Some(each), workers);
            let priority = Priority::ALL[place];
            let asks = admit(&capacity, "cpu", priority, HOUR) == Admission::Ask;
            prop_assert_eq!(asks, Rooms::new(&capacity, HOUR).take("cpu", priority));
        }

        #[test]
        fn a_longer_queue_never_has_more_room(
            expected in 0.0_f64..20_000.0, more in 0.0_f64..5_000.0, each in 60.0_f64..5_000.0, workers in 1_u32..8,
        ) {
            let few = rooms(&capacity(expected, Some(each), workers), HOUR);
            let many = rooms(&capacity(expected + more, Some(each), workers), HOUR);
            prop_assert!(many <= few);
        }
    }
}
