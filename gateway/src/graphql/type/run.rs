//! Progress of runs.

use async_graphql::{Enum, ID, SimpleObject};
use chrono::{DateTime, Utc};
use contract::generation;

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "generation::RunState")]
pub(crate) enum RunState {
    Queued,
    Running,
    Completed,
    Failed,
    Superseded,
}

/// Progress of a run, for the studies page; its pixels are another matter.
#[derive(SimpleObject)]
pub(crate) struct Run {
    id: ID,
    deployment: ID,
    state: RunState,
    attempt: u32,
    progress: f64,
    failure: Option<String>,
    requested_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
}

impl From<&generation::Run> for Run {
    fn from(run: &generation::Run) -> Self {
        Self {
            id: run.id.to_string().into(),
            deployment: run.deployment.to_string().into(),
            state: run.state.into(),
            attempt: run.attempt,
            progress: f64::from(run.progress),
            failure: run.failure.clone(),
            requested_at: run.requested_at,
            ended_at: run.ended_at,
        }
    }
}
