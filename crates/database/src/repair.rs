//! Fetching the events that did not come over the bus.
//!
//! The bus may lose a message, and has none for a queue that was not there yet. Every service keeps its events and
//! serves them in order, so a consumer reads them once more at leisure and takes in what its inbox doesn't know.

use crate::consume::{Class, Handler, handle, span};
use crate::{DatabaseConnection, Error, inbox};
use async_trait::async_trait;
use bus::{Bus, Message, PARK_REASON_HEADER, Route, dead_letter_queue, topic_matches};
use bytes::Bytes;
use contract::client::Outbox;
use contract::{ClientError, Envelope};
use futures::FutureExt as _;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tracing::Instrument as _;

/// How often the outboxes are read.
const PERIOD: Duration = Duration::from_secs(10);

/// What a consumer repairs, and from where.
pub struct Repair {
    /// The consumer's database, with its inbox.
    pub db: DatabaseConnection,
    /// Where events that need a person go.
    pub bus: Arc<dyn Bus>,
    /// The consumer: the name under which its handler calls [`inbox::first_time`].
    pub service: &'static str,
    /// The kinds that it takes in.
    pub kinds: &'static [&'static str],
    /// The services that tell them.
    pub sources: Vec<Source>,
}

/// A service whose events are read.
pub struct Source {
    /// Its name.
    pub service: &'static str,
    /// Its outbox.
    pub pages: Arc<dyn Pages>,
}

/// Gives the events of a service in order.
#[async_trait]
pub trait Pages: Send + Sync {
    /// Events after `after_seq`; none when there are no more.
    async fn page(&self, after_seq: i64) -> Result<Vec<Envelope>, ClientError>;
}

#[async_trait]
impl Pages for Outbox {
    async fn page(&self, after_seq: i64) -> Result<Vec<Envelope>, ClientError> {
        Self::page(self, after_seq).await
    }
}

/// Why the reading of an outbox broke off; it goes on from there.
#[derive(Debug, thiserror::Error)]
enum Interrupted {
    #[error("the outbox could not be read")]
    Source(#[from] ClientError),
    #[error("the inbox could not be read or written")]
    Database(#[from] Error),
    #[error("an event that can't be taken in could not be parked")]
    Bus(#[from] bus::Error),
    #[error("event {seq} can't be taken in now")]
    Handler {
        seq: i64,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Reads the outboxes of the sources again and again until `shutdown`, and feeds `handler` what is missing.
pub async fn run(repair: Repair, handler: Arc<dyn Handler>, shutdown: impl Future<Output = ()>) {
    let mut shutdown = pin!(shutdown.fuse());
    loop {
        for source in &repair.sources {
            let read = tokio::select! {
                () = &mut shutdown => return,
                read = repair.read(source, &*handler) => read,
            };
            if let Err(error) = read {
                tracing::warn!(
                    event = "repair.interrupted",
                    service = repair.service,
                    source = source.service,
                    error = &error as &dyn std::error::Error,
                    "events could not be read from their source; it is tried again"
                );
            }
        }
        tokio::select! {
            () = &mut shutdown => return,
            () = tokio::time::sleep(PERIOD) => {}
        }
    }
}

impl Repair {
    async fn read(&self, source: &Source, handler: &dyn Handler) -> Result<(), Interrupted> {
        let mut after = inbox::progress_load(&self.db, self.service, source.service).await?;
        loop {
            let page = source.pages.page(after).await?;
            if page.is_empty() {
                return Ok(());
            }
            for envelope in page {
                let taken = self.take_in(&envelope, handler).await;
                if taken.is_err() {
                    inbox::progress_save(&self.db, self.service, source.service, after).await?;
                    return taken;
                }
                after = envelope.seq;
            }
            inbox::progress_save(&self.db, self.service, source.service, after).await?;
        }
    }

    async fn take_in(&self, envelope: &Envelope, handler: &dyn Handler) -> Result<(), Interrupted> {
        let kind = envelope.event.kind();
        let wanted = self.kinds.iter().any(|pattern| topic_matches(pattern, kind));
        if !wanted || inbox::contains(&self.db, self.service, &envelope.id).await? {
            return Ok(());
        }
        let taken = handle(handler, envelope).instrument(span(handler, envelope)).await;
        let Err(failure) = taken else { return Ok(()) };
        match failure.class {
            Class::Refuse => Ok(()),
            Class::Park => Ok(self.park(envelope, &failure.source.to_string()).await?),
            Class::Retry => Err(Interrupted::Handler { seq: envelope.seq, source: failure.source }),
        }
    }

    async fn park(&self, envelope: &Envelope, reason: &str) -> Result<(), bus::Error> {
        tracing::error!(
            event = "repair.parked",
            event.id = %envelope.id,
            reason,
            "an event can't be taken in; it waits for a person"
        );
        let body = serde_json::to_vec(envelope).expect("an envelope came from JSON");
        let queue = dead_letter_queue(&crate::consume::queue_name(self.service));
        let message = Message {
            id: envelope.id.to_string(),
            route: Route::Queue(queue),
            headers: crate::outbox::headers(envelope)
                .into_iter()
                .chain([(PARK_REASON_HEADER.to_owned(), reason.to_owned())])
                .collect(),
            body: Bytes::from(body),
        };
        self.bus.publish(&message).await
    }
}
