//! How much work stands before the workers of a pool, and how long a run will wait that is asked for now. Pure.
//!
//! Workers take jobs off a queue and don't announce themselves: how many there are follows from how many were at work at
//! the same time. A pool whose workers are all gone has nothing to measure; then the age of what waits speaks.
//!
//! A more urgent run goes first to its pool: what stands before a run is what has its turn before it.

use crate::workflow::turn_at;
use chrono::TimeDelta;
use contract::generation::{ExpectedWait, PoolCapacity, PriorityCapacity};
use contract::{Priority, Time};

/// Over how long what workers did is measured, hours.
pub const WINDOW_HOURS: u32 = 24;
/// Fewer jobs than this say little about the next.
const MEASURED_MIN: usize = 3;
/// Two-sided 95 % of a normal distribution.
const Z_95: f64 = 1.96;

/// A job that a worker did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Done {
    /// When its report came.
    pub reported_at: Time,
    /// Wall time, seconds.
    pub seconds: f64,
}

/// A run that no worker has started.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Waiting {
    /// How soon it is wanted.
    pub priority: Priority,
    /// When it was asked for.
    pub requested_at: Time,
    /// Its turn; `None` where it lies in the queue of the pool already, before whatever comes.
    pub turn_at: Option<Time>,
}

/// What is known of a pool.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// The runs that no worker has started.
    pub waiting: Vec<Waiting>,
    /// Runs that a worker has.
    pub running: u32,
    /// What was done in the window.
    pub done: Vec<Done>,
}

/// Gives what the pool can take, where a run that is asked for `now` has as long as `deadline`.
pub fn capacity(pool: &str, facts: &Facts, now: Time, deadline: TimeDelta) -> PoolCapacity {
    let window = f64::from(WINDOW_HOURS) * 3600.0;
    let seconds: Vec<f64> =
        facts.done.iter().map(|done| done.seconds).filter(|s| s.is_finite() && *s >= 0.0).collect();
    let workers = at_the_same_time(&facts.done).max(facts.running);
    let busy: f64 = seconds.iter().sum();
    let line = Line { waiting: &facts.waiting, running: facts.running, workers, now };
    PoolCapacity {
        pool: pool.to_owned(),
        waiting: line.count(|_| true),
        oldest_requested_at: line.oldest(|_| true),
        running: facts.running,
        workers_seen: workers,
        measured: u32::try_from(seconds.len()).unwrap_or(u32::MAX),
        seconds_per_job: (!seconds.is_empty()).then(|| busy / seconds.len() as f64),
        utilisation: (workers > 0).then(|| (busy / (f64::from(workers) * window)).min(1.0)),
        expected_wait: expected_wait(line.ahead(|_| true, |_| true), &seconds),
        by_priority: Priority::ALL.map(|priority| of_priority(line, priority, deadline, &seconds)).to_vec(),
    }
}

fn of_priority(line: Line<'_>, priority: Priority, deadline: TimeDelta, seconds: &[f64]) -> PriorityCapacity {
    let own = turn_at(priority, line.now, line.now + deadline);
    let before = |one: &Waiting| one.turn_at.is_none_or(|turn| turn <= own);
    let as_urgent = |one: &Waiting| one.priority <= priority;
    // What waits because others go first says nothing to a more urgent run, unless nothing else is known.
    let ahead =
        if seconds.len() < MEASURED_MIN { line.ahead(before, before) } else { line.ahead(before, as_urgent) };
    let same = |one: &Waiting| one.priority == priority;
    PriorityCapacity {
        priority,
        waiting: line.count(same),
        oldest_requested_at: line.oldest(same),
        expected_wait: expected_wait(ahead, seconds),
    }
}

/// What waits for a pool now.
#[derive(Debug, Clone, Copy)]
struct Line<'f> {
    waiting: &'f [Waiting],
    running: u32,
    workers: u32,
    now: Time,
}

impl Line<'_> {
    fn count(self, counted: impl Fn(&Waiting) -> bool) -> u32 {
        let count = self.waiting.iter().filter(|one| counted(one)).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    fn oldest(self, counted: impl Fn(&Waiting) -> bool) -> Option<Time> {
        self.waiting.iter().filter(|one| counted(one)).map(|one| one.requested_at).min()
    }

    /// What stands before a run, when those `before` go first and the age of those that are `alike` speaks.
    fn ahead(self, before: impl Fn(&Waiting) -> bool, alike: impl Fn(&Waiting) -> bool) -> Ahead {
        let age = self.oldest(alike).map_or(0.0, |oldest| seconds_between(oldest, self.now));
        Ahead { waiting: self.count(before), running: self.running, workers: self.workers, age }
    }
}

/// What stands before a run that is asked for now.
#[derive(Debug, Clone, Copy)]
struct Ahead {
    waiting: u32,
    running: u32,
    workers: u32,
    /// Of the oldest that waits for the same reason, seconds.
    age: f64,
}

/// A run waits until all before it but as many as there are workers are done. What waits already has waited so long for a
/// reason: no run is expected to wait less than the oldest has, unless the queue is empty.
fn expected_wait(ahead: Ahead, seconds: &[f64]) -> ExpectedWait {
    let workers = f64::from(ahead.workers.max(1));
    let jobs = (f64::from(ahead.waiting) + f64::from(ahead.running) - workers + 1.0).max(0.0);
    if seconds.len() < MEASURED_MIN {
        return ExpectedWait { seconds: ahead.age, low: ahead.age, high: ahead.age, is_measured: false };
    }
    let count = seconds.len() as f64;
    let mean = seconds.iter().sum::<f64>() / count;
    let variance = seconds.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let wait = jobs * mean / workers;
    // The jobs before it vary each for itself, and their mean is known from the sample only.
    let spread = Z_95 * (variance * jobs + variance * jobs * jobs / count).sqrt() / workers;
    let at_least = |wait: f64| wait.max(ahead.age);
    ExpectedWait {
        seconds: at_least(wait),
        low: at_least((wait - spread).max(0.0)),
        high: at_least(wait + spread),
        is_measured: true,
    }
}

/// The largest number of jobs that were done at the same time.
fn at_the_same_time(done: &[Done]) -> u32 {
    let mut edges: Vec<(Time, i32)> = Vec::with_capacity(done.len() * 2);
    for one in done.iter().filter(|one| one.seconds.is_finite() && one.seconds >= 0.0) {
        let took = TimeDelta::try_milliseconds((one.seconds * 1000.0) as i64).unwrap_or_default();
        edges.push((one.reported_at - took, 1));
        edges.push((one.reported_at, -1));
    }
    // What ends at an instant makes room for what begins then.
    edges.sort_unstable();
    let (mut now, mut most) = (0_i32, 0_i32);
    for (_, edge) in edges {
        now += edge;
        most = most.max(now);
    }
    // A job that took no time at all was done by somebody.
    most.max(i32::from(!done.is_empty())).unsigned_abs()
}

fn seconds_between(from: Time, to: Time) -> f64 {
    (to - from).num_milliseconds().max(0) as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: i64) -> Time {
        Time::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::seconds(seconds)
    }

    fn facts(waiting: u32, running: u32, workers: u32) -> Facts {
        // Each worker does one job of 100 s after the other.
        let job = |number: u32| Done { reported_at: at(i64::from(number / workers) * 100), seconds: 100.0 };
        Facts {
            waiting: (0..waiting).map(|_| waits(Priority::Routine, at(1000))).collect(),
            running,
            done: (0..10 * workers).map(job).collect(),
        }
    }

    const DEADLINE: TimeDelta = TimeDelta::hours(4);

    fn waits(priority: Priority, requested_at: Time) -> Waiting {
        let turn_at = Some(turn_at(priority, requested_at, requested_at + DEADLINE));
        Waiting { priority, requested_at, turn_at }
    }

    fn wait(facts: &Facts) -> ExpectedWait {
        capacity("cpu", facts, at(1000), DEADLINE).expected_wait
    }

    #[test]
    fn workers_are_counted_by_what_they_did_at_the_same_time() {
        for workers in 1..=4 {
            let seen = capacity("cpu", &facts(0, 0, workers), at(1000), DEADLINE);
            assert_eq!((seen.workers_seen, seen.seconds_per_job), (workers, Some(100.0)));
            let share = 1000.0 / (f64::from(WINDOW_HOURS) * 3600.0);
            assert!((seen.utilisation.unwrap() - share).abs() < 1e-9);
        }
    }

    #[test]
    fn a_run_waits_for_those_before_it_shared_among_the_workers() {
        assert!((wait(&facts(0, 0, 2)).seconds).abs() < 1e-9, "somebody is free");
        assert!((wait(&facts(0, 1, 2)).seconds).abs() < 1e-9, "one of two is free");
        assert!((wait(&facts(0, 2, 2)).seconds - 50.0).abs() < 1e-9);
        assert!((wait(&facts(8, 2, 2)).seconds - 450.0).abs() < 1e-9);
        let exact = wait(&facts(8, 2, 2));
        assert!((exact.high - exact.low).abs() < 1e-9, "jobs that all take as long leave no doubt");
    }

    #[test]
    fn without_workers_the_age_of_what_waits_speaks() {
        let mut waiting = vec![waits(Priority::Routine, at(0)), waits(Priority::Routine, at(900))];
        let silent = Facts { waiting: waiting.clone(), ..Facts::default() };
        let known = capacity("gpu", &silent, at(3600), DEADLINE);
        assert_eq!((known.workers_seen, known.seconds_per_job, known.utilisation), (0, None, None));
        assert!(!known.expected_wait.is_measured);
        assert!((known.expected_wait.seconds - 3600.0).abs() < 1e-9);
        // It lies at the head of the queue, and nobody takes it: that is so for the most urgent run too.
        waiting[0].turn_at = None;
        let known = capacity("gpu", &Facts { waiting, ..Facts::default() }, at(3600), DEADLINE);
        assert!((known.wait_of(Priority::Stat).seconds - 3600.0).abs() < 1e-9);
    }

    #[test]
    fn a_run_waits_for_what_has_its_turn_before_it() {
        let mut busy = facts(0, 1, 1);
        busy.waiting = vec![
            waits(Priority::Stat, at(1000)),
            waits(Priority::Routine, at(1000)),
            waits(Priority::Routine, at(1000)),
            waits(Priority::OffPeak, at(1000)),
        ];
        let known = capacity("cpu", &busy, at(1000), DEADLINE);
        let seconds: Vec<f64> = known.by_priority.iter().map(|one| one.expected_wait.seconds).collect();
        // The running one and the first; then the two routine ones; then all.
        assert_eq!(seconds, [200.0, 200.0, 400.0, 500.0]);
        assert_eq!(known.by_priority.iter().map(|one| one.waiting).collect::<Vec<_>>(), [1, 0, 2, 1]);
        // What has waited until its turn stands before what is asked for after it, however urgent.
        let hours_later = at(1000) + TimeDelta::hours(2);
        let known = capacity("cpu", &busy, hours_later, DEADLINE);
        assert!((known.wait_of(Priority::Stat).seconds - 7200.0).abs() < 1e-9, "as long as its like waits");
        busy.waiting.remove(0);
        let known = capacity("cpu", &busy, hours_later, DEADLINE);
        assert!((known.wait_of(Priority::Stat).seconds - 300.0).abs() < 1e-9);
        assert_eq!(known.by_priority[0].oldest_requested_at, None);
    }

    proptest! {
        #[test]
        fn what_is_more_urgent_never_waits_longer_and_the_last_waits_for_all(
            line in proptest::collection::vec((0_usize..4, 0_i64..20_000, any::<bool>()), 0..40),
            running in 0_u32..4,
            seconds in proptest::collection::vec(0.0_f64..1e4, 0..12),
        ) {
            let of = |(place, asked, is_queued): &(usize, i64, bool)| {
                let one = waits(Priority::ALL[*place], at(*asked));
                Waiting { turn_at: one.turn_at.filter(|_| !is_queued), ..one }
            };
            let waiting = line.iter().map(of).collect();
            let done = seconds.iter().map(|seconds| Done { reported_at: at(0), seconds: *seconds }).collect();
            let known = capacity("cpu", &Facts { waiting, running, done }, at(20_000), DEADLINE);
            for pair in known.by_priority.windows(2) {
                let (first, then) = (pair[0].expected_wait, pair[1].expected_wait);
                prop_assert!(first.seconds <= then.seconds && first.high <= then.high);
            }
            prop_assert_eq!(known.wait_of(Priority::OffPeak), known.expected_wait);
            prop_assert_eq!(known.by_priority.iter().map(|one| one.waiting).sum::<u32>(), known.waiting);
            let oldest = known.by_priority.iter().filter_map(|one| one.oldest_requested_at).min();
            prop_assert_eq!(oldest, known.oldest_requested_at);
        }

        #[test]
        fn more_before_it_never_makes_a_run_wait_less(
            waiting in 0_u32..50, running in 0_u32..8, workers in 1_u32..8, more in 1_u32..20,
        ) {
            let few = wait(&facts(waiting, running.min(workers), workers));
            let many = wait(&facts(waiting + more, running.min(workers), workers));
            prop_assert!(many.seconds >= few.seconds && many.high >= few.high);
        }

        #[test]
        fn more_workers_never_make_a_run_wait_longer(waiting in 0_u32..50, workers in 1_u32..8) {
            let few = wait(&facts(waiting, 1, workers));
            let many = wait(&facts(waiting, 1, workers + 1));
            prop_assert!(many.seconds <= few.seconds);
        }

        #[test]
        fn an_interval_holds_what_is_expected(
            seconds in proptest::collection::vec(0.0_f64..1e5, 0..40), waiting in 0_u32..50, age in 0_i64..100_000,
        ) {
            let done = seconds.iter().map(|seconds| Done { reported_at: at(0), seconds: *seconds }).collect();
            let waiting = vec![waits(Priority::Routine, at(0)); waiting as usize];
            let facts = Facts { waiting, running: 1, done };
            let capacity = capacity("cpu", &facts, at(age), DEADLINE);
            let wait = capacity.expected_wait;
            prop_assert!(0.0 <= wait.low && wait.low <= wait.seconds && wait.seconds <= wait.high);
            prop_assert!(wait.high.is_finite());
            prop_assert!(capacity.utilisation.is_none_or(|share| (0.0..=1.0).contains(&share)));
        }
    }
}
