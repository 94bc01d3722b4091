//! Taking jobs, one after the other, and doing them.

use crate::cache::Cache;
use crate::report::{self, Reporter};
use crate::task::{self, Made};
use crate::{Config, Deps, Error, device};
use bus::{Delivery, QueueSpec, Subscription};
use bytes::Bytes;
use contract::job::{Job, JobAttempt, JobVolume, Outcome, Scores, Suspect, pool_queue};
use platform::{Class, Shutdown, telemetry};
use std::any::Any;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tracing::Instrument as _;

/// A job holds the whole worker, so none is taken ahead.
const PREFETCH: u16 = 1;
/// The pause before the queue is asked for again.
const RECONNECT: Duration = Duration::from_secs(1);
/// Progress is told this often at most, unless much of it was made.
const PROGRESS_PERIOD: Duration = Duration::from_secs(1);
const PROGRESS_STEP: f32 = 0.05;

/// Takes and does jobs until `shutdown`.
pub(crate) async fn work(config: Config, deps: Deps, shutdown: Shutdown) {
    let worker = Worker { cache: Arc::new(Cache::new(&config)), deps };
    let queue = QueueSpec::new(pool_queue(&config.pool), &[]);
    loop {
        let ended = tokio::select! {
            () = shutdown.wait() => return,
            opened = worker.open(&queue) => match opened {
                Ok(jobs) => worker.take(jobs, &shutdown).await,
                Err(error) => Err(error),
            },
        };
        let Err(error) = ended else { return };
        tracing::warn!(
            event = "jobs.interrupted",
            pool = config.pool,
            error = &error as &dyn std::error::Error,
            "no jobs come in; the queue is asked for again"
        );
        if !shutdown.sleep(RECONNECT).await {
            return;
        }
    }
}

struct Worker {
    cache: Arc<Cache>,
    deps: Deps,
}

impl Worker {
    async fn open(&self, queue: &QueueSpec) -> Result<Box<dyn Subscription>, bus::Error> {
        self.deps.bus.declare(&report::queue()).await?;
        self.deps.bus.declare(queue).await?;
        self.deps.bus.subscribe(&queue.name, PREFETCH).await
    }

    /// `Ok` at shutdown.
    async fn take(&self, mut jobs: Box<dyn Subscription>, shutdown: &Shutdown) -> Result<(), bus::Error> {
        loop {
            let delivery = tokio::select! {
                () = shutdown.wait() => return Ok(()),
                delivery = jobs.next() => delivery?,
            };
            let job: Job = match serde_json::from_slice(&delivery.message.body) {
                Ok(job) => job,
                Err(error) => {
                    tracing::error!(
                        event = "job.unreadable",
                        message.id = delivery.message.id,
                        error = &error as &dyn std::error::Error,
                        "a message is not a job that this version knows"
                    );
                    self.decline(delivery, error, shutdown).await;
                    continue;
                }
            };
            let span = tracing::info_span!("job", job.id = %job.job, job.attempt = job.attempt);
            telemetry::continue_from(&span, job.trace.as_deref());
            self.answer(delivery, &job, shutdown).instrument(span).await;
        }
    }

    /// Tells whose job can't be read; what doesn't even say whose it is waits for a person.
    async fn decline(&self, delivery: Delivery, error: serde_json::Error, shutdown: &Shutdown) {
        let Ok(attempt) = serde_json::from_slice::<JobAttempt>(&delivery.message.body) else {
            return delivery.park("not a job of a known shape").await;
        };
        let mut reporter = Reporter::new(self.deps.bus.clone(), attempt);
        reporter.tell_surely(&failed(&Error::JobUnreadable(error)), shutdown).await;
        delivery.ack().await;
    }

    /// Starts, acknowledges, works and reports.
    async fn answer(&self, delivery: Delivery, job: &Job, shutdown: &Shutdown) {
        let attempt = JobAttempt { job: job.job.clone(), attempt: job.attempt, fence: job.fence };
        let mut reporter = Reporter::new(self.deps.bus.clone(), attempt);
        if self.deps.clock.now() > job.deadline {
            reporter.tell_surely(&failed(&Error::DeadlinePassed), shutdown).await;
            return delivery.ack().await;
        }
        // The lease starts before the message is let go: what dies in between comes again from the queue.
        if let Err(error) = reporter.tell(Outcome::Started).await {
            tracing::warn!(
                event = "job.not_started",
                error = &error as &dyn std::error::Error,
                "the start of a job could not be reported; the job goes back to the queue"
            );
            return delivery.retry(RECONNECT).await;
        }
        delivery.ack().await;
        match self.perform(job, &mut reporter, shutdown).await {
            Ok(completed) => reporter.tell_surely(&completed, shutdown).await,
            Err(Error::Stopped) => tracing::info!(
                event = "job.given_up",
                "the worker stops in the middle of a job; its lease will expire"
            ),
            Err(error) => {
                tracing::error!(
                    event = "job.failed",
                    job.failure = error.code(),
                    error = &error as &dyn std::error::Error,
                    "a job failed"
                );
                reporter.tell_surely(&failed(&error), shutdown).await;
            }
        }
    }

    async fn perform(
        &self,
        job: &Job,
        reporter: &mut Reporter,
        shutdown: &Shutdown,
    ) -> Result<Outcome, Error> {
        let started = Instant::now();
        let sources: Vec<_> = job.inputs.iter().filter(|input| input.role == "source").collect();
        let &[source] = sources.as_slice() else { return Err(Error::Inputs(sources.len())) };
        let input = self.deps.volumes.get(&source.volume).await?.ok_or(Error::InputMissing)?;
        let made = self.run(job, input, reporter, shutdown).await?;
        let mut outputs = Vec::new();
        for (role, bytes) in made.files {
            let volume = self.deps.volumes.put(bytes).await?;
            outputs.push(JobVolume { role: role.to_owned(), volume });
        }
        let cost = device::cost(started.elapsed()).await;
        tracing::info!(
            event = "job.completed",
            duration_ms = started.elapsed().as_millis() as u64,
            "a job is done"
        );
        Ok(Outcome::Completed { outputs, scores: made.scores, cost, suspects: made.suspects })
    }

    /// Runs the model on the CPU pool, and tells progress meanwhile.
    async fn run(
        &self,
        job: &Job,
        input: Bytes,
        reporter: &mut Reporter,
        shutdown: &Shutdown,
    ) -> Result<Written, Error> {
        let stop = Arc::new(AtomicBool::new(false));
        let (sender, mut progress) = watch::channel(0.0_f32);
        let computed = {
            let (job, cache, stop) = (job.clone(), self.cache.clone(), stop.clone());
            self.deps.cpu.run(move || {
                let work = AssertUnwindSafe(|| compute(&job, &cache, &input, &sender, &stop));
                catch_unwind(work).unwrap_or_else(|panic| Err(Error::Panicked(panic_words(&*panic))))
            })
        };
        tokio::pin!(computed);
        let (mut told, mut told_at) = (0.0, Instant::now());
        loop {
            tokio::select! {
                outcome = &mut computed => return outcome,
                () = shutdown.wait(), if !stop.load(Ordering::Relaxed) => stop.store(true, Ordering::Relaxed),
                Ok(()) = progress.changed() => {
                    let fraction = *progress.borrow_and_update();
                    if told_at.elapsed() < PROGRESS_PERIOD && fraction - told < PROGRESS_STEP {
                        continue;
                    }
                    if reporter.tell(Outcome::Progress { fraction }).await.is_ok() {
                        (told, told_at) = (fraction, Instant::now());
                    }
                }
            }
        }
    }
}

/// A result, its volumes as files.
struct Written {
    files: Vec<(&'static str, Bytes)>,
    scores: Scores,
    suspects: Vec<Suspect>,
}

fn compute(
    job: &Job,
    cache: &Cache,
    input: &[u8],
    progress: &watch::Sender<f32>,
    stop: &AtomicBool,
) -> Result<Written, Error> {
    let model = cache.model(&job.model)?;
    let input = volume_io::nifti::read_bytes(input).map_err(Error::InputUnreadable)?;
    let mut tell = |fraction| {
        progress.send_replace(fraction);
        fail::fail_point!("worker.mid_job", |_| ControlFlow::Break(()));
        if stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let Made { image, lower, upper, scores, suspects } = task::run(job, &model, &input, &mut tell)?;
    let file = |volume| Bytes::from(volume_io::nifti::write_bytes(volume));
    Ok(Written {
        files: vec![("image", file(&image)), ("lower", file(&lower)), ("upper", file(&upper))],
        scores,
        suspects,
    })
}

fn failed(error: &Error) -> Outcome {
    Outcome::Failed {
        code: error.code().to_owned(),
        message: error.words(),
        retry: error.class() == Class::Retry,
    }
}

fn panic_words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}
