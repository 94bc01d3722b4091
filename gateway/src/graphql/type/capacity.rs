//! How much work stands before the workers, and what waits for them.

use super::priority::Priority;
use async_graphql::{ID, SimpleObject};
use chrono::{DateTime, Utc};
use contract::{generation, rollout};

/// How much work stands before the workers of each pool, and which runs wait until a pool has room.
#[derive(SimpleObject)]
pub(crate) struct Capacity {
    at: DateTime<Utc>,
    /// Over how long what workers did is measured, hours.
    window_hours: u32,
    pools: Vec<PoolCapacity>,
    /// Runs that wait for a pool and are not asked for yet, the oldest first.
    waits: Vec<CapacityWait>,
}

impl From<(generation::Capacity, Vec<rollout::CapacityWait>)> for Capacity {
    fn from((capacity, waits): (generation::Capacity, Vec<rollout::CapacityWait>)) -> Self {
        Self {
            at: capacity.at,
            window_hours: capacity.window_hours,
            pools: capacity.pools.into_iter().map(PoolCapacity::from).collect(),
            waits: waits.into_iter().map(CapacityWait::from).collect(),
        }
    }
}

#[derive(SimpleObject)]
pub(crate) struct PoolCapacity {
    pool: String,
    /// Runs that no worker has started.
    waiting: u32,
    /// When the oldest of them was asked for.
    oldest_requested_at: Option<DateTime<Utc>>,
    /// Runs that a worker has.
    running: u32,
    /// Workers that were seen at work at the same time; there are at least as many.
    workers_seen: u32,
    /// Jobs done in the window.
    measured: u32,
    /// Their mean wall time, seconds.
    seconds_per_job: Option<f64>,
    /// Share of the window in which the seen workers were at work, 0 to 1.
    utilisation: Option<f64>,
    /// Of a run that comes after everything else that waits.
    expected_wait: ExpectedWait,
    /// By how soon runs are wanted, the most urgent first.
    by_priority: Vec<PriorityCapacity>,
}

impl From<generation::PoolCapacity> for PoolCapacity {
    fn from(pool: generation::PoolCapacity) -> Self {
        Self {
            pool: pool.pool,
            waiting: pool.waiting,
            oldest_requested_at: pool.oldest_requested_at,
            running: pool.running,
            workers_seen: pool.workers_seen,
            measured: pool.measured,
            seconds_per_job: pool.seconds_per_job,
            utilisation: pool.utilisation,
            expected_wait: pool.expected_wait.into(),
            by_priority: pool.by_priority.into_iter().map(PriorityCapacity::from).collect(),
        }
    }
}

/// What waits for a pool at one priority.
#[derive(SimpleObject)]
pub(crate) struct PriorityCapacity {
    priority: Priority,
    /// Runs of it that no worker has started.
    waiting: u32,
    /// When the oldest of them was asked for.
    oldest_requested_at: Option<DateTime<Utc>>,
    expected_wait: ExpectedWait,
}

impl From<generation::PriorityCapacity> for PriorityCapacity {
    fn from(known: generation::PriorityCapacity) -> Self {
        Self {
            priority: known.priority.into(),
            waiting: known.waiting,
            oldest_requested_at: known.oldest_requested_at,
            expected_wait: known.expected_wait.into(),
        }
    }
}

/// How long a run that is asked for now will wait for a worker, seconds.
#[derive(SimpleObject)]
pub(crate) struct ExpectedWait {
    seconds: f64,
    /// Lower end of its 95 % interval.
    low: f64,
    /// Upper end.
    high: f64,
    /// Whether it follows from measured jobs; if not it is only how long the oldest waits already.
    is_measured: bool,
}

impl From<generation::ExpectedWait> for ExpectedWait {
    fn from(wait: generation::ExpectedWait) -> Self {
        let generation::ExpectedWait { seconds, low, high, is_measured } = wait;
        Self { seconds, low, high, is_measured }
    }
}

#[derive(SimpleObject)]
pub(crate) struct CapacityWait {
    deployment_id: ID,
    series_id: ID,
    since: DateTime<Utc>,
    /// How long it would have waited at the pool then, seconds.
    expected_seconds: f64,
}

impl From<rollout::CapacityWait> for CapacityWait {
    fn from(wait: rollout::CapacityWait) -> Self {
        Self {
            deployment_id: wait.deployment.to_string().into(),
            series_id: wait.series.to_string().into(),
            since: wait.since,
            expected_seconds: wait.expected_seconds,
        }
    }
}
