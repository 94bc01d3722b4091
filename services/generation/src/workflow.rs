//! The life of a run, as a function of values.
//!
//! `waiting → queued → running → reported → completed | failed`, and `superseded` from everywhere but `failed`.
//! A lost lease or a failure that may pass leads back to `waiting`, with a new attempt and a new fence when it is
//! published again. What a worker says under an old fence changes nothing.

#[cfg(test)]
mod tests;

use crate::config::Config;
use chrono::TimeDelta;
use contract::generation::RunState;
use contract::{Priority, Time};

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// To be published as a new attempt once it is due.
    Waiting,
    /// Published; no worker has started. When due it is published again: the queue may have lost it.
    Queued,
    /// A worker has it, until its lease is due.
    Running,
    /// The worker's result is recorded and waits to be checked.
    Reported,
    /// The derived objects exist.
    Completed,
    /// It ended without a usable result.
    Failed,
    /// Its source set no longer holds.
    Superseded,
}

impl Phase {
    /// Every phase.
    pub const ALL: [Self; 7] = [
        Self::Waiting,
        Self::Queued,
        Self::Running,
        Self::Reported,
        Self::Completed,
        Self::Failed,
        Self::Superseded,
    ];

    /// The phase as it stands in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Reported => "reported",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Superseded => "superseded",
        }
    }

    /// Whether nothing more is done for it.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Superseded)
    }

    /// What others are told.
    pub fn shown(self) -> RunState {
        match self {
            Self::Waiting | Self::Queued => RunState::Queued,
            Self::Running | Self::Reported => RunState::Running,
            Self::Completed => RunState::Completed,
            Self::Failed => RunState::Failed,
            Self::Superseded => RunState::Superseded,
        }
    }
}

/// What decides about a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    /// How far it is.
    pub phase: Phase,
    /// Attempts published so far.
    pub attempt: u32,
    /// Grows with each attempt.
    pub fence: u64,
    /// When something is to be done if nothing happens before.
    pub due_at: Time,
    /// After this no worker starts or goes on.
    pub deadline: Time,
}

/// How patient generation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Attempts in all.
    pub attempts_max: u32,
    /// How long a job may wait in its queue before it is published once more.
    pub queue: TimeDelta,
    /// How long a worker may say nothing.
    pub lease: TimeDelta,
    /// The pause before the second attempt; it doubles.
    pub pause: TimeDelta,
}

impl Config {
    /// The patience that is configured.
    pub(crate) fn patience(&self) -> Patience {
        let seconds = |n: u32| TimeDelta::seconds(i64::from(n));
        Patience {
            attempts_max: self.attempts_max,
            queue: seconds(self.queue_seconds),
            lease: seconds(self.lease_seconds),
            pause: seconds(self.pause_seconds),
        }
    }
}

/// The turn of a run: of those that wait for a pool, the one with the earliest turn is published first.
///
/// What is less urgent begins with a later turn, by a share of the time that it has. So whatever waits long enough comes
/// before everything that is asked for after its turn, and nothing waits for ever.
pub fn turn_at(priority: Priority, requested_at: Time, deadline: Time) -> Time {
    let percent = match priority {
        Priority::Stat => 0,
        Priority::Urgent => 5,
        Priority::Routine => 25,
        Priority::OffPeak => 75,
    };
    requested_at + (deadline - requested_at) * percent / 100
}

/// What happens to a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Time passed.
    Look,
    /// A worker said something under a fence.
    Hear {
        /// Its fence.
        fence: u64,
        /// What it said.
        said: Said,
    },
    /// The result passed every check and its derived objects are stored.
    Accept,
    /// The result failed a check.
    Reject(Failure),
    /// The source set no longer holds.
    Supersede,
}

/// What a worker said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// It has the job.
    Started,
    /// It works.
    Progress,
    /// It has a result.
    Completed,
    /// It can't.
    Failed {
        /// Why.
        failure: Failure,
        /// Whether another attempt may do better.
        retry: bool,
    },
}

/// Why a run failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Stable, for programs.
    pub code: String,
    /// In words.
    pub words: String,
}

impl Failure {
    /// A failure.
    pub fn new(code: &str, words: impl Into<String>) -> Self {
        Self { code: code.to_owned(), words: words.into() }
    }
}

/// What a command leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The run afterwards.
    pub life: Life,
    /// What is done beside.
    pub effect: Effect,
}

/// What is done beside changing the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    Nothing,
    /// The job is published.
    Publish,
    /// `run.started` is told.
    Started,
    /// The worker's result is recorded, to be checked.
    Record,
    /// `run.completed` is told.
    Completed,
    /// `run.failed` is told.
    Failed(Failure),
    /// `run.superseded` is told.
    Superseded,
}

/// Why a command changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ignored {
    /// It comes from an attempt that was given up.
    OldFence,
    /// It repeats what is known, or the run is not at the point it speaks of.
    NotNow,
    /// The run is over.
    Over,
}

/// Decides what a command does to a run.
///
/// # Errors
/// [`Ignored`] when it changes nothing.
pub fn decide(life: &Life, command: &Command, patience: Patience, now: Time) -> Result<Step, Ignored> {
    match command {
        Command::Supersede if matches!(life.phase, Phase::Failed | Phase::Superseded) => Err(Ignored::Over),
        Command::Supersede => Ok(step(life, Phase::Superseded, now, Effect::Superseded)),
        _ if life.phase.is_over() => Err(Ignored::Over),
        Command::Look => look(life, patience, now),
        Command::Hear { fence, said } => hear(life, *fence, said, patience, now),
        Command::Accept if life.phase == Phase::Reported => {
            Ok(step(life, Phase::Completed, now, Effect::Completed))
        }
        Command::Reject(failure) if life.phase == Phase::Reported => Ok(failed(life, failure.clone(), now)),
        Command::Accept | Command::Reject(_) => Err(Ignored::NotNow),
    }
}

fn look(life: &Life, patience: Patience, now: Time) -> Result<Step, Ignored> {
    match life.phase {
        // A result that is there is checked however late it is.
        Phase::Reported => Err(Ignored::NotNow),
        _ if now >= life.deadline => {
            let failure = Failure::new("deadline_passed", "no worker had a result before the run's deadline");
            Ok(failed(life, failure, now))
        }
        _ if now < life.due_at => Err(Ignored::NotNow),
        Phase::Waiting => {
            let life = Life { attempt: life.attempt + 1, fence: life.fence + 1, ..*life };
            Ok(step(&life, Phase::Queued, now + patience.queue, Effect::Publish))
        }
        Phase::Queued => Ok(step(life, Phase::Queued, now + patience.queue, Effect::Publish)),
        Phase::Running => {
            let failure = Failure::new("worker_lost", "the worker stopped reporting before it had a result");
            Ok(again(life, failure, patience, now))
        }
        Phase::Completed | Phase::Failed | Phase::Superseded => Err(Ignored::Over),
    }
}

fn hear(life: &Life, fence: u64, said: &Said, patience: Patience, now: Time) -> Result<Step, Ignored> {
    if fence != life.fence || life.phase == Phase::Waiting {
        return Err(Ignored::OldFence);
    }
    let lease_end = now + patience.lease;
    match (said, life.phase) {
        (_, Phase::Reported) | (Said::Started, Phase::Running) => Err(Ignored::NotNow),
        // The report of the start may be overtaken or lost.
        (Said::Started | Said::Progress, Phase::Queued) => {
            Ok(step(life, Phase::Running, lease_end, Effect::Started))
        }
        (Said::Progress, _) => Ok(step(life, Phase::Running, lease_end, Effect::Nothing)),
        (Said::Completed, _) => Ok(step(life, Phase::Reported, now, Effect::Record)),
        (Said::Failed { failure, retry: true }, _) => Ok(again(life, failure.clone(), patience, now)),
        (Said::Failed { failure, retry: false }, _) => Ok(failed(life, failure.clone(), now)),
        (Said::Started, _) => Err(Ignored::NotNow),
    }
}

/// Another attempt, unless there were enough.
fn again(life: &Life, failure: Failure, patience: Patience, now: Time) -> Step {
    if life.attempt >= patience.attempts_max {
        return failed(life, failure, now);
    }
    let doublings = life.attempt.saturating_sub(1).min(10);
    step(life, Phase::Waiting, now + patience.pause * 2_i32.pow(doublings), Effect::Nothing)
}

fn failed(life: &Life, failure: Failure, now: Time) -> Step {
    step(life, Phase::Failed, now, Effect::Failed(failure))
}

fn step(life: &Life, phase: Phase, due_at: Time, effect: Effect) -> Step {
    Step { life: Life { phase, due_at, ..*life }, effect }
}
