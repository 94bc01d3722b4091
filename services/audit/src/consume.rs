//! Every event of every service becomes one entry; what got lost on the way is fetched from its service.

use crate::gaps::{self, Progress};
use crate::store::{self, Appended};
use crate::{Deps, Error, Source};
use contract::Envelope;
use database::DatabaseConnection;
use database::consume::{Failure, Handler};
use platform::class::Class;
use platform::{Clock, Random, metrics, telemetry};
use prometheus::IntGaugeVec;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

static MISSING: LazyLock<IntGaugeVec> = LazyLock::new(|| {
    metrics::gauge("audit_missing_events", "events told by a service and missing in the ledger", &["service"])
});

/// How long an event waits for its service's outbox before it is recorded as it came.
const PULL_TIMEOUT: Duration = Duration::from_secs(2);

/// Records what comes over the bus. The ledger is its own inbox: it has an event once, by service and number.
///
/// A message is a hint: what follows in the outbox of its service is fetched and recorded together, so that under
/// load one transaction carries up to a thousand events, whose own messages then find nothing left to do.
pub(crate) struct Recorder {
    db: DatabaseConnection,
    clock: Arc<dyn Clock>,
    /// For the salts of commitments.
    random: Random,
    sources: Vec<Source>,
    /// After so many entries the keeper is woken.
    wake_entries: u64,
    /// Wakes the keeper.
    pub(crate) bell: Notify,
    /// How far the ledger has the events of a service at least.
    reached: Mutex<HashMap<String, i64>>,
}

impl Recorder {
    pub(crate) fn new(deps: &Deps, wake_entries: u64) -> Self {
        Self {
            db: deps.db.clone(),
            clock: deps.clock.clone(),
            random: deps.random.clone(),
            sources: deps.sources.clone(),
            wake_entries,
            bell: Notify::new(),
            reached: Mutex::default(),
        }
    }

    fn has(&self, envelope: &Envelope) -> bool {
        let reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        reached.get(&envelope.service).is_some_and(|reached| envelope.seq <= *reached)
    }

    async fn append(&self, envelopes: Vec<Envelope>) -> Result<u64, Error> {
        let appended = store::entry_append(&self.db, &self.random, self.clock.now(), envelopes).await?;
        let Appended { former, size, reached } = appended;
        let mut known = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(reached.into_iter().map(|(service, progress)| (service, progress.contiguous())));
        drop(known);
        if former / self.wake_entries != size / self.wake_entries {
            self.bell.notify_one();
        }
        Ok(size - former)
    }

    /// Records what a service has told in `after + 1 ..= until`, as far as its outbox has it; gives how many were new.
    async fn fetch(&self, source: &Source, mut after: i64, until: i64) -> Result<u64, Fault> {
        let mut added = 0;
        while after < until {
            let mut page = source.outbox.page(after).await?;
            let Some(last) = page.last() else { break };
            after = last.seq;
            page.retain(|envelope| envelope.seq <= until);
            added += self.append(page).await?;
        }
        Ok(added)
    }

    /// Records what a service has told after what the ledger has of it.
    async fn fetch_newest(&self, source: &Source) -> Result<(), Fault> {
        let sources = store::source_list(&self.db).await?;
        let last = sources.get(source.service).map_or(0, |progress| progress.last);
        self.fetch(source, last, i64::MAX).await.map(drop)
    }
}

#[async_trait::async_trait]
impl Handler for Recorder {
    async fn handle(&self, envelope: &Envelope) -> Result<(), Failure> {
        if self.has(envelope) {
            return Ok(());
        }
        if let Some(source) = self.sources.iter().find(|source| source.service == envelope.service) {
            // An outbox that can't be read now is read by the next look for gaps; this event is here already.
            let _ = tokio::time::timeout(PULL_TIMEOUT, self.fetch_newest(source)).await;
        }
        if self.has(envelope) {
            return Ok(());
        }
        self.append(vec![envelope.clone()]).await.map(drop).map_err(failure)
    }

    fn continue_trace(&self, span: &tracing::Span, traceparent: Option<&str>) {
        telemetry::continue_from(span, traceparent);
    }
}

fn failure(error: Error) -> Failure {
    let class = match error.class() {
        Class::Retry => database::consume::Class::Retry,
        Class::Refuse => database::consume::Class::Refuse,
        Class::Park => database::consume::Class::Park,
    };
    Failure::new(class, error)
}

/// Asks every service for the events that the ledger does not have, records them, and raises an alarm about what
/// stays missing.
pub(crate) async fn repair(recorder: &Recorder) {
    for source in &recorder.sources {
        if let Err(error) = fetch_missing(recorder, source).await {
            tracing::warn!(
                event = "ledger.repair_failed",
                service = source.service,
                error = &*error,
                "the outbox of a service could not be read; it is tried again"
            );
        }
    }
    match store::source_list(&recorder.db).await {
        Ok(sources) => raise_alarms(&sources),
        Err(error) => tracing::warn!(
            event = "ledger.repair_failed",
            error = &error as &dyn std::error::Error,
            "the ledger could not be searched for gaps; it is tried again"
        ),
    }
}

fn raise_alarms(sources: &BTreeMap<String, Progress>) {
    for (service, progress) in sources {
        MISSING.with_label_values(&[service]).set(progress.missing_count());
        for gap in &progress.gaps {
            let what = gaps::describe(service, gap);
            tracing::error!(
                event = "ledger.gap",
                service,
                gap.first = gap.first,
                gap.last = gap.last,
                gap.since = %gap.since,
                "the ledger has a gap: {what}, and the outbox of {service} does not have it either"
            );
        }
    }
}

type Fault = Box<dyn std::error::Error + Send + Sync>;

async fn fetch_missing(recorder: &Recorder, source: &Source) -> Result<(), Fault> {
    let sources = store::source_list(&recorder.db).await?;
    let progress = sources.get(source.service).cloned().unwrap_or_default();
    let gaps = progress.gaps.iter().map(|gap| (gap.first - 1, gap.last));
    for (after, until) in gaps.chain([(progress.last, i64::MAX)]) {
        let added = recorder.fetch(source, after, until).await?;
        if added > 0 {
            tracing::info!(
                event = "ledger.repaired",
                service = source.service,
                added,
                "events that did not come over the bus were fetched"
            );
        }
    }
    Ok(())
}
