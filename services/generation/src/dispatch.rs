//! From runs that are due to jobs on the queue of a pool.
//!
//! Attempt and fence are in the database before the job is on the queue: a job that is lost in between is
//! published again when its wait is over, one that comes twice has the same fence.
//!
//! A queue knows no priority, so only as many jobs lie in it as workers are about to start; the other runs wait in the
//! database, where their turns order them.

use crate::store::{self, Change, Run};
use crate::workflow::{Command, Effect, Life, Step, decide};
use crate::{Error, Shell};
use bus::{Message, QueueSpec, Route};
use chrono::TimeDelta;
use contract::job::{Job, JobModel, JobVolume, Parameters, pool_queue};
use contract::rollout::{Deployment, Sampling};
use contract::{DeploymentId, Digest, ModelVersionId, RunId, Time};
use platform::{Shutdown, telemetry};
use std::collections::{BTreeMap, HashMap};
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
    let mut deployments = Deployments::default();
    while !shutdown.requested() {
        if let Err(error) = look(&shell, &mut deployments).await {
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

/// Does what is due, then fills the queues of the pools. One run that fails doesn't keep the others.
async fn look(shell: &Shell, deployments: &mut Deployments) -> Result<(), Error> {
    let now = shell.deps.clock.now();
    for run in store::run_due_list(&shell.deps.db, now).await? {
        tried(shell, deployments, &run).await;
    }
    for queue in queues(shell, deployments, now).await?.into_values() {
        let mut unstarted = queue.unstarted;
        let waiting = store::run_turn_list(&shell.deps.db, &queue.waiting, now).await?;
        for run in waiting {
            if unstarted >= u64::from(shell.config.unstarted_max) {
                break;
            }
            unstarted += u64::from(tried(shell, deployments, &run).await);
        }
    }
    Ok(())
}

/// The queue of a pool: a queue gives its jobs out in the order in which they came, so what it holds is kept short.
#[derive(Default)]
struct Queue {
    /// Jobs that no worker has started.
    unstarted: u64,
    /// Deployments of which a run waits.
    waiting: Vec<DeploymentId>,
}

/// The queues for which a run waits, by pool.
async fn queues(
    shell: &Shell,
    deployments: &mut Deployments,
    now: Time,
) -> Result<BTreeMap<String, Queue>, Error> {
    let mut queues: BTreeMap<String, Queue> = BTreeMap::new();
    for deployment in store::deployments_waiting(&shell.deps.db, now).await? {
        match deployments.of(shell, &deployment).await {
            Ok(Fixed { pool, .. }) => queues.entry(pool).or_default().waiting.push(deployment),
            Err(error) => tracing::warn!(
                event = "pool.unknown",
                deployment.id = %deployment,
                error = &error as &dyn std::error::Error,
                "the pool of a deployment is not known now; its runs are looked at again"
            ),
        }
    }
    if queues.is_empty() {
        return Ok(queues);
    }
    for (deployment, unstarted) in store::unstarted_counts(&shell.deps.db).await? {
        let Ok(Fixed { pool, .. }) = deployments.of(shell, &deployment).await else { continue };
        if let Some(queue) = queues.get_mut(&pool) {
            queue.unstarted += unstarted;
        }
    }
    Ok(queues)
}

/// What doesn't change of each deployment, as rollout said.
#[derive(Default)]
struct Deployments(HashMap<DeploymentId, Fixed>);

/// What doesn't change of a deployment.
#[derive(Clone)]
struct Fixed {
    pool: String,
    texture_percent: u8,
}

impl Deployments {
    async fn of(&mut self, shell: &Shell, id: &DeploymentId) -> Result<Fixed, Error> {
        if let Some(known) = self.0.get(id) {
            return Ok(known.clone());
        }
        let Deployment { pool, texture_percent, .. } = shell.deployment(id).await?;
        let fixed = Fixed { pool, texture_percent };
        self.0.insert(id.clone(), fixed.clone());
        Ok(fixed)
    }
}

/// Advances a run; whether it did, which is logged where it didn't.
async fn tried(shell: &Shell, deployments: &mut Deployments, run: &Run) -> bool {
    let span = tracing::info_span!("dispatch", run.id = %run.id);
    telemetry::continue_from(&span, run.trace.as_deref());
    let advanced = advance(shell, deployments, run).instrument(span).await;
    if let Err(error) = &advanced {
        tracing::warn!(
            event = "run.not_advanced",
            run.id = %run.id,
            error = error as &dyn std::error::Error,
            "a run that is due could not be advanced; it is looked at again"
        );
    }
    advanced.is_ok()
}

async fn advance(shell: &Shell, deployments: &mut Deployments, run: &Run) -> Result<(), Error> {
    let now = shell.deps.clock.now();
    let Ok(step) = decide(&run.life, &Command::Look, shell.config.patience(), now) else { return Ok(()) };
    // Asked before anything is counted: while rollout is away no attempt is spent.
    let job = match step.effect {
        Effect::Publish => {
            let Fixed { pool, texture_percent } = deployments.of(shell, &run.deployment).await?;
            Some((pool, job(shell, run, &step.life, texture_percent).await?))
        }
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

/// The job of a run's present attempt.
async fn job(shell: &Shell, run: &Run, life: &Life, texture_percent: u8) -> Result<Job, Error> {
    let model = shell.model(&run.model).await?;
    let Sampling { steps, samples } = model.sampling;
    Ok(Job {
        job: run.job.clone(),
        attempt: life.attempt,
        fence: life.fence,
        model: JobModel { name: model.name, version: model.version, digest: model.weights },
        task: model.task,
        inputs: vec![JobVolume { role: "source".to_owned(), volume: run.volume }],
        parameters: Parameters { steps, samples, seed: seed(&run.id), texture_percent },
        deadline: life.deadline,
        trace: telemetry::traceparent().or_else(|| run.trace.clone()),
    })
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
    /// A deployment.
    pub(crate) async fn deployment(&self, id: &DeploymentId) -> Result<Deployment, Error> {
        self.deps.rollout.deployment(id).await?.ok_or(Error::Unknown { what: "the deployment" })
    }

    /// A registered model version.
    pub(crate) async fn model(&self, id: &ModelVersionId) -> Result<contract::rollout::Model, Error> {
        let models = self.deps.rollout.models().await?;
        models.into_iter().find(|model| model.id == *id).ok_or(Error::Unknown { what: "the model" })
    }
}
