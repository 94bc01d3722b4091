//! Taking in the events of other services.

use bus::{Bus, Delivery, QueueSpec, Subscription};
use contract::Envelope;
use futures::FutureExt as _;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tracing::Instrument as _;

/// Messages taken ahead of the one at work.
const PREFETCH: u16 = 16;
/// The delay before the first repetition; it doubles.
const DELAY_MIN: Duration = Duration::from_millis(500);
/// The longest delay before a repetition.
const DELAY_MAX: Duration = Duration::from_mins(5);
/// The pause before the queue is asked for again.
const RECONNECT: Duration = Duration::from_secs(1);

/// Takes in one event. The same event may come more than once and out of order: the effect and
/// [`crate::inbox::first_time`] belong into one transaction.
#[async_trait::async_trait]
pub trait Handler: Send + Sync {
    /// Takes in `envelope`; `Ok` also for a kind or a repetition that needs no effect.
    async fn handle(&self, envelope: &Envelope) -> Result<(), Failure>;

    /// Makes `span`, in which an event is taken in, a part of the work that `traceparent` names. This crate knows
    /// spans and nothing of where they go.
    fn continue_trace(&self, span: &tracing::Span, traceparent: Option<&str>);
}

/// What is to happen with an event that could not be taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// It comes again after a while, as often as it takes.
    Retry,
    /// The domain says no; it will always say no: done.
    Refuse,
    /// A person must look: it goes to the dead-letter queue.
    Park,
}

/// Why an event could not be taken in.
#[derive(Debug, thiserror::Error)]
#[error("an event could not be taken in")]
pub struct Failure {
    /// What is to happen.
    pub class: Class,
    /// Why.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

impl Failure {
    /// A failure of the given class.
    pub fn new(class: Class, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { class, source: source.into() }
    }
}

/// Feeds the events of `kinds` to `handler`, one after the other, until `shutdown`. The queue is
/// `<service>.events`; it keeps what comes while the service is down. `kinds` may be topic patterns.
pub async fn run(
    bus: Arc<dyn Bus>,
    service: &'static str,
    kinds: &[&str],
    handler: Arc<dyn Handler>,
    shutdown: impl Future<Output = ()>,
) {
    let queue = QueueSpec::new(queue_name(service), kinds);
    let mut shutdown = pin!(shutdown.fuse());
    loop {
        let ended = tokio::select! {
            () = &mut shutdown => return,
            opened = open(&*bus, &queue) => match opened {
                Ok(subscription) => feed(subscription, &*handler, &mut shutdown).await,
                Err(error) => Err(error),
            },
        };
        let Err(error) = ended else { return };
        tracing::warn!(
            event = "consume.interrupted",
            service,
            error = &error as &dyn std::error::Error,
            "no events come in; the queue is asked for again"
        );
        tokio::select! {
            () = &mut shutdown => return,
            () = tokio::time::sleep(RECONNECT) => {}
        }
    }
}

async fn open(bus: &dyn Bus, queue: &QueueSpec) -> Result<Box<dyn Subscription>, bus::Error> {
    bus.declare(queue).await?;
    bus.subscribe(&queue.name, PREFETCH).await
}

/// `Ok` at shutdown: an event at work is finished first.
async fn feed(
    mut subscription: Box<dyn Subscription>,
    handler: &dyn Handler,
    shutdown: &mut (impl Future<Output = ()> + Unpin),
) -> Result<(), bus::Error> {
    loop {
        let delivery = tokio::select! {
            () = &mut *shutdown => return Ok(()),
            delivery = subscription.next() => delivery?,
        };
        take_in(delivery, handler).await;
    }
}

async fn take_in(delivery: Delivery, handler: &dyn Handler) {
    let envelope: Envelope = match serde_json::from_slice(&delivery.message.body) {
        Ok(envelope) => envelope,
        Err(error) => {
            tracing::error!(
                event = "consume.unreadable",
                message.id = delivery.message.id,
                error = &error as &dyn std::error::Error,
                "a message is not an event that this version knows; it is parked"
            );
            return delivery.park("not an event of a known shape").await;
        }
    };
    answer(delivery, &envelope, handler).instrument(span(handler, &envelope)).await;
}

/// The span in which an event is taken in: a part of the work that caused it.
pub(crate) fn span(handler: &dyn Handler, envelope: &Envelope) -> tracing::Span {
    let span = tracing::info_span!(
        "consume",
        otel.kind = "consumer",
        event.id = %envelope.id,
        event.kind = envelope.event.kind(),
        event.service = envelope.service,
        event.seq = envelope.seq,
    );
    handler.continue_trace(&span, envelope.trace.as_deref());
    span
}

async fn answer(delivery: Delivery, envelope: &Envelope, handler: &dyn Handler) {
    let Err(failure) = handle(handler, envelope).await else { return delivery.ack().await };
    let error = &*failure.source;
    match failure.class {
        Class::Retry => {
            let delay = delay(delivery.attempt);
            tracing::warn!(
                event = "consume.retry",
                attempt = delivery.attempt,
                delay_ms = delay.as_millis() as u64,
                error = error as &dyn std::error::Error,
                "an event could not be taken in now; it comes again"
            );
            delivery.retry(delay).await;
        }
        Class::Refuse => {
            tracing::info!(
                event = "consume.refused",
                error = error as &dyn std::error::Error,
                "an event has no effect: the domain refused it"
            );
            delivery.ack().await;
        }
        Class::Park => {
            tracing::error!(
                event = "consume.parked",
                error = error as &dyn std::error::Error,
                "an event can't be taken in; it waits for a person"
            );
            delivery.park(&error.to_string()).await;
        }
    }
}

/// Calls a handler. One that panics has broken an invariant; the other events must still come in.
pub(crate) async fn handle(handler: &dyn Handler, envelope: &Envelope) -> Result<(), Failure> {
    match AssertUnwindSafe(handler.handle(envelope)).catch_unwind().await {
        Ok(handled) => handled,
        Err(_) => Err(Failure::new(Class::Park, "the handler panicked")),
    }
}

/// The queue on which a service takes events in.
pub(crate) fn queue_name(service: &str) -> String {
    format!("{service}.events")
}

fn delay(attempt: u32) -> Duration {
    let doublings = attempt.saturating_sub(1).min(16);
    let delay = (DELAY_MIN * 2_u32.pow(doublings)).min(DELAY_MAX);
    // Those who failed together must not come back together.
    delay.mul_f64(rand::random_range(0.75..1.25))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_to_five_minutes_and_no_further() {
        assert!(delay(1) < Duration::from_secs(1));
        assert!(delay(4) > delay(1));
        assert!(delay(100) <= DELAY_MAX.mul_f64(1.25));
    }
}
