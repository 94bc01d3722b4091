//! What a worker says about its job.

use bus::{Bus, Message, QueueSpec, Route};
use contract::job::{JobAttempt, Outcome, REPORTS_QUEUE, Report};
use platform::{Shutdown, telemetry};
use std::sync::Arc;
use std::time::Duration;

/// The first pause before a report is published again; it doubles.
const DELAY_MIN: Duration = Duration::from_millis(200);
const DELAY_MAX: Duration = Duration::from_secs(30);

/// Reports on one attempt at a job.
pub(crate) struct Reporter {
    bus: Arc<dyn Bus>,
    attempt: JobAttempt,
    count: u32,
}

/// The queue of reports.
pub(crate) fn queue() -> QueueSpec {
    QueueSpec::new(REPORTS_QUEUE, &[])
}

impl Reporter {
    pub(crate) fn new(bus: Arc<dyn Bus>, attempt: JobAttempt) -> Self {
        Self { bus, attempt, count: 0 }
    }

    /// Publishes once. A report of progress that is lost is followed by the next.
    pub(crate) async fn tell(&mut self, outcome: Outcome) -> Result<(), bus::Error> {
        self.count += 1;
        let JobAttempt { job, attempt, fence } = &self.attempt;
        let trace = telemetry::traceparent();
        let report = Report { job: job.clone(), attempt: *attempt, fence: *fence, outcome };
        let message = Message {
            id: format!("{job}.{fence}.{}", self.count),
            route: Route::Queue(REPORTS_QUEUE.to_owned()),
            headers: trace.map(|trace| ("traceparent".to_owned(), trace)).into_iter().collect(),
            body: serde_json::to_vec(&report).expect("a report is plain JSON").into(),
        };
        self.bus.publish(&message).await
    }

    /// Publishes until the bus has taken it or the worker is told to stop: a result must not be lost to a
    /// broker that restarts.
    pub(crate) async fn tell_surely(&mut self, outcome: &Outcome, shutdown: &Shutdown) {
        let mut delay = DELAY_MIN;
        while let Err(error) = self.tell(outcome.clone()).await {
            tracing::warn!(
                event = "report.delayed",
                job.id = %self.attempt.job,
                error = &error as &dyn std::error::Error,
                "a report could not be published; it is published again"
            );
            if !shutdown.sleep(delay).await {
                return;
            }
            delay = (delay * 2).min(DELAY_MAX);
        }
    }
}
