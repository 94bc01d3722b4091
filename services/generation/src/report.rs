//! What workers say.

use crate::store::{self, Change, Reported};
use crate::workflow::{Command, Effect, Failure, Said, decide};
use crate::{Error, Shell};
use bus::{Delivery, QueueSpec, Subscription};
use contract::job::{Outcome, REPORTS_QUEUE, Report};
use platform::{Class, Shutdown, telemetry};
use std::time::Duration;
use tracing::Instrument as _;

/// Messages taken ahead of the one at work.
const PREFETCH: u16 = 16;
/// The pause before a report is looked at again, or the queue asked for again.
const REST: Duration = Duration::from_secs(1);
/// Words of a worker that are kept; the rest is cut.
const WORDS_MAX: usize = 500;

/// Takes in reports until `shutdown`.
pub(crate) async fn hear(shell: Shell, shutdown: Shutdown) {
    loop {
        let ended = tokio::select! {
            () = shutdown.wait() => return,
            opened = open(&shell) => match opened {
                Ok(reports) => take(&shell, reports, &shutdown).await,
                Err(error) => Err(error),
            },
        };
        let Err(error) = ended else { return };
        tracing::warn!(
            event = "reports.interrupted",
            error = &error as &dyn std::error::Error,
            "no reports of workers come in; the queue is asked for again"
        );
        if !shutdown.sleep(REST).await {
            return;
        }
    }
}

async fn open(shell: &Shell) -> Result<Box<dyn Subscription>, bus::Error> {
    shell.deps.bus.declare(&QueueSpec::new(REPORTS_QUEUE, &[])).await?;
    shell.deps.bus.subscribe(REPORTS_QUEUE, PREFETCH).await
}

/// `Ok` at shutdown.
async fn take(
    shell: &Shell,
    mut reports: Box<dyn Subscription>,
    shutdown: &Shutdown,
) -> Result<(), bus::Error> {
    loop {
        let delivery = tokio::select! {
            () = shutdown.wait() => return Ok(()),
            delivery = reports.next() => delivery?,
        };
        answer(shell, delivery).await;
    }
}

async fn answer(shell: &Shell, delivery: Delivery) {
    let report: Report = match serde_json::from_slice(&delivery.message.body) {
        Ok(report) => report,
        Err(error) => {
            tracing::error!(
                event = "report.unreadable",
                message.id = delivery.message.id,
                error = &error as &dyn std::error::Error,
                "a message is not a report that this version knows; it is parked"
            );
            return delivery.park("not a report of a known shape").await;
        }
    };
    let span = tracing::info_span!("report", otel.kind = "consumer", job.id = %report.job);
    let trace = delivery.message.headers.get("traceparent").map(String::as_str);
    telemetry::continue_from(&span, trace);
    let applied = apply(shell, &report).instrument(span).await;
    match applied {
        Ok(()) => delivery.ack().await,
        Err(error) if error.class() == Class::Retry => {
            tracing::warn!(
                event = "report.retry",
                job.id = %report.job,
                error = &error as &dyn std::error::Error,
                "a report could not be taken in now; it comes again"
            );
            delivery.retry(REST).await;
        }
        Err(error) => {
            tracing::error!(
                event = "report.parked",
                job.id = %report.job,
                error = &error as &dyn std::error::Error,
                "a report can't be taken in; it waits for a person"
            );
            delivery.park(&error.to_string()).await;
        }
    }
}

/// Takes in one report.
pub(crate) async fn apply(shell: &Shell, report: &Report) -> Result<(), Error> {
    let now = shell.deps.clock.now();
    let Some(run) = store::run_by_job(&shell.deps.db, &report.job).await? else {
        tracing::warn!(event = "report.unknown_job", job.id = %report.job, "a report names no job of ours");
        return Ok(());
    };
    let command = Command::Hear { fence: report.fence, said: said(&report.outcome) };
    let step = match decide(&run.life, &command, shell.config.patience(), now) {
        Ok(step) => step,
        Err(why) => {
            tracing::debug!(event = "report.dropped", job.id = %report.job, reason = ?why, "a report changes nothing");
            return Ok(());
        }
    };
    let effect = step.effect.clone();
    let (mut fraction, mut reported) = (None, None);
    match &report.outcome {
        Outcome::Progress { fraction: told } if told.is_finite() => fraction = Some(told.clamp(0.0, 1.0)),
        Outcome::Completed { outputs, scores, cost, suspects } => {
            let (outputs, scores, cost) = (outputs.clone(), scores.clone(), cost.clone());
            reported = Some(Reported { outputs, scores, cost, suspects: suspects.clone(), at: now });
        }
        _ => {}
    }
    let change = Change { run: &run, step, fraction, reported, now };
    store::run_change(&shell.deps.db, &shell.deps.random, change).await?;
    match effect {
        // There is room for another job in the queue of the pool.
        Effect::Started => shell.dispatch.notify_one(),
        Effect::Record => shell.accept.notify_one(),
        Effect::Failed(failure) => tracing::warn!(
            event = "run.failed",
            run.id = %run.id,
            reason = failure.code,
            "a run failed at its worker"
        ),
        _ => {}
    }
    Ok(())
}

fn said(outcome: &Outcome) -> Said {
    match outcome {
        Outcome::Started => Said::Started,
        Outcome::Progress { .. } => Said::Progress,
        Outcome::Completed { .. } => Said::Completed,
        Outcome::Failed { code, message, retry } => {
            let words: String = message.chars().take(WORDS_MAX).collect();
            Said::Failed { failure: Failure::new(code, words), retry: *retry }
        }
    }
}
