//! From runs that are due to jobs on the queue of a pool.
//!
//! Attempt and fence are in the database before the job is on the queue: a job that is lost in between is
//! published again when its wait is over, one that comes twice has the same fence.

use crate::store::{self, Change, Run};
use crate::workflow::{Command, Effect, Life, Step, decide};
use crate::{Error, Shell};
use bus::{Message, QueueSpec, Route};
use chrono::TimeDelta;
use contract::job::{Job, JobModel, JobVolume, Parameters, pool_queue};
use contract::{Digest, ModelVersionId, RunId};
use platform::{Shutdown, telemetry};
use std::time::Duration;
use tracing::Instrument as _;

/// How often runs are looked at when nobody rings.
const LOOK: Duration = Duration::from_millis(500);
/// When a job could not be published it is due again so soon.
const REST: TimeDelta = TimeDelta::seconds(5);
/// The seed must survive readers of JSON that have no 64-bit integers.
const SEED_BITS: u32 = 53;

/// Looks at runs until `shutdown`.
pub(crate) async fn run(shell: Shell, shutdown: Shutdown) {
    while !shutdown.requested() {
        if let Err(error) = look(&shell).await {
            tracing::error!(
                event = "dispatch.failed",
                error = &error as &dyn std::error::Error,
                "runs that are due can't be taken in hand now; they are looked at again"
            );
        }
        tokio::select! {
            () = shell.dispatch.notified() => {}
            _ = shutdown.sleep(LOOK) => {}
        }
    }
}

/// Does what is due. One run that fails doesn't keep the others.
async fn look(shell: &Shell) -> Result<(), Error> {
    for run in store::run_due_list(&shell.deps.db, shell.deps.clock.now()).await? {
        let span = tracing::info_span!("dispatch", run.id = %run.id);
        telemetry::continue_from(&span, run.trace.as_deref());
        if let Err(error) = advance(shell, &run).instrument(span).await {
            tracing::warn!(
                event = "run.not_advanced",
                run.id = %run.id,
                error = &error as &dyn std::error::Error,
                "a run that is due could not be advanced; it is looked at again"
            );
        }
    }
    Ok(())
}

async fn advance(shell: &Shell, run: &Run) -> Result<(), Error> {
    let now = shell.deps.clock.now();
    let Ok(step) = decide(&run.life, &Command::Look, shell.config.patience(), now) else { return Ok(()) };
    // Asked before anything is counted: while rollout is away no attempt is spent.
    let job = match step.effect {
        Effect::Publish => Some(job(shell, run, &step.life).await?),
        _ => None,
    };
    save(shell, run, step.clone()).await?;
    let Some((pool, job)) = job else { return Ok(()) };
    if let Err(error) = publish(shell, &pool, &job).await {
        postpone(shell, run, step).await?;
        return Err(error);
    }
    tracing::info!(event = "job.published", job.id = %job.job, job.attempt = job.attempt, pool, "a job is queued");
    Ok(())
}

async fn save(shell: &Shell, run: &Run, step: Step) -> Result<(), Error> {
    let now = shell.deps.clock.now();
    let change = Change { run, step, fraction: None, reported: None, now };
    store::run_change(&shell.deps.db, &shell.deps.random, change).await
}

/// The attempt is counted but not on the queue: it is published soon.
async fn postpone(shell: &Shell, run: &Run, step: Step) -> Result<(), Error> {
    let due_at = shell.deps.clock.now() + REST;
    let Some(run) = store::run_by_job(&shell.deps.db, &run.job).await? else { return Ok(()) };
    if run.life != step.life {
        return Ok(());
    }
    save(shell, &run, Step { life: Life { due_at, ..step.life }, effect: Effect::Nothing }).await
}

/// The pool and the job of a run's present attempt.
async fn job(shell: &Shell, run: &Run, life: &Life) -> Result<(String, Job), Error> {
    let rollout = &shell.deps.rollout;
    let deployment = rollout.deployment(&run.deployment).await?;
    let deployment = deployment.ok_or(Error::Unknown { what: "the deployment" })?;
    let model = shell.model(&run.model).await?;
    let job = Job {
        job: run.job.clone(),
        attempt: life.attempt,
        fence: life.fence,
        model: JobModel { name: model.name, version: model.version, digest: model.weights },
        task: model.task,
        inputs: vec![JobVolume { role: "source".to_owned(), volume: run.volume }],
        parameters: Parameters { steps: 1, samples: 1, seed: seed(&run.id), texture_percent: 0 },
        deadline: life.deadline,
        trace: telemetry::traceparent().or_else(|| run.trace.clone()),
    };
    Ok((deployment.pool, job))
}

/// The seed of a run, the same in every attempt.
pub(crate) fn seed(run: &RunId) -> u64 {
    let bits = Digest::of(format!("seed\n{run}").as_bytes()).leading_bits() >> (128 - SEED_BITS);
    u64::try_from(bits).expect("53 bits fit 64")
}

async fn publish(shell: &Shell, pool: &str, job: &Job) -> Result<(), Error> {
    let queue = pool_queue(pool);
    shell.deps.bus.declare(&QueueSpec::new(queue.clone(), &[])).await?;
    let message = Message {
        id: format!("{}.{}", job.job, job.fence),
        route: Route::Queue(queue),
        headers: job.trace.iter().map(|trace| ("traceparent".to_owned(), trace.clone())).collect(),
        body: serde_json::to_vec(job).expect("a job is plain JSON").into(),
    };
    Ok(shell.deps.bus.publish(&message).await?)
}

impl Shell {
    /// A registered model version.
    pub(crate) async fn model(&self, id: &ModelVersionId) -> Result<contract::rollout::Model, Error> {
        let models = self.deps.rollout.models().await?;
        models.into_iter().find(|model| model.id == *id).ok_or(Error::Unknown { what: "the model" })
    }
}
