//! Every event of every service becomes one entry; what got lost on the way is fetched from its service.

use crate::gaps::{self, Progress};
use crate::{Error, Source, store};
use contract::Envelope;
use database::DatabaseConnection;
use database::consume::{Failure, Handler};
use platform::class::Class;
use platform::{Clock, metrics};
use prometheus::IntGaugeVec;
use std::sync::{Arc, LazyLock};

static MISSING: LazyLock<IntGaugeVec> = LazyLock::new(|| {
    metrics::gauge("audit_missing_events", "events told by a service and missing in the ledger", &["service"])
});

/// Records what comes over the bus. The ledger is its own inbox: it has an event once, by service and number.
pub(crate) struct Recorder {
    pub(crate) db: DatabaseConnection,
    pub(crate) clock: Arc<dyn Clock>,
}

#[async_trait::async_trait]
impl Handler for Recorder {
    async fn handle(&self, envelope: &Envelope) -> Result<(), Failure> {
        let recorded = store::entry_append(&self.db, self.clock.now(), vec![envelope.clone()]).await;
        recorded.map(drop).map_err(failure)
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

/// Asks a service for the events that the ledger does not have, records them, and raises an alarm about what
/// stays missing.
pub(crate) async fn repair(recorder: &Recorder, source: &Source) {
    if let Err(error) = fetch_missing(recorder, source).await {
        tracing::warn!(
            event = "ledger.repair_failed",
            service = source.service,
            error = &*error,
            "the outbox of a service could not be read; it is tried again"
        );
    }
    match gap_list(&recorder.db, source.service).await {
        Ok((count, gaps)) => {
            MISSING.with_label_values(&[source.service]).set(count);
            for gap in gaps {
                tracing::error!(event = "ledger.gap", service = source.service, gap, "the ledger has a gap");
            }
        }
        Err(error) => tracing::warn!(
            event = "ledger.repair_failed",
            service = source.service,
            error = &error as &dyn std::error::Error,
            "the ledger could not be searched for gaps; it is tried again"
        ),
    }
}

type Fault = Box<dyn std::error::Error + Send + Sync>;

async fn fetch_missing(recorder: &Recorder, source: &Source) -> Result<(), Fault> {
    let sources = store::source_list(&recorder.db).await?;
    let mut after = sources.get(source.service).map_or(0, |progress| progress.contiguous);
    loop {
        let page = source.outbox.page(after).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.seq;
        let added = store::entry_append(&recorder.db, recorder.clock.now(), page).await?;
        if added > 0 {
            tracing::info!(
                event = "ledger.repaired",
                service = source.service,
                added,
                "events that did not come over the bus were fetched"
            );
        }
    }
}

/// How many events of a service are missing, and which, in words.
async fn gap_list(db: &DatabaseConnection, service: &str) -> Result<(i64, Vec<String>), Error> {
    let sources = store::source_list(db).await?;
    let progress = sources.get(service).copied().unwrap_or_default();
    let missing = missing_of(db, service, progress).await?;
    let count = missing.iter().map(|gap| gap.end() - gap.start() + 1).sum();
    Ok((count, missing.iter().map(|gap| gaps::describe(service, gap)).collect()))
}

async fn missing_of(
    db: &DatabaseConnection,
    service: &str,
    progress: Progress,
) -> Result<Vec<std::ops::RangeInclusive<i64>>, Error> {
    if !progress.has_gap() {
        return Ok(Vec::new());
    }
    let beyond = store::source_beyond(db, service, progress.contiguous).await?;
    Ok(gaps::missing(progress.contiguous, &beyond))
}

/// Every gap of every service, in words.
pub(crate) async fn all_gaps(db: &DatabaseConnection) -> Result<Vec<String>, Error> {
    let mut told = Vec::new();
    for service in store::source_list(db).await?.keys() {
        told.extend(gap_list(db, service).await?.1);
    }
    Ok(told)
}
