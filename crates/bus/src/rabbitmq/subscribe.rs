//! Taking messages from the broker.

use super::answered;
use super::link::{Link, Open};
use super::publish::{ATTEMPT_HEADER, Publisher};
use super::topology::Topology;
use crate::{Delivery, Error, Message, Route, Settle, Subscription};
use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt as _;
use lapin::Acker;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions, BasicRejectOptions};
use lapin::types::{AMQPValue, FieldTable};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The first pause before a new connection; it doubles.
const PAUSE_MIN: Duration = Duration::from_millis(250);
/// The longest pause before a new connection.
const PAUSE_MAX: Duration = Duration::from_secs(10);

pub(super) struct Subscriber {
    link: Arc<Link>,
    publisher: Arc<Publisher>,
    topology: Arc<Topology>,
    queue: Arc<str>,
    prefetch: u16,
    live: Option<Live>,
    pause: Duration,
}

struct Live {
    consumer: lapin::Consumer,
    open: Open,
}

impl Subscriber {
    pub(super) fn new(
        link: Arc<Link>,
        publisher: Arc<Publisher>,
        topology: Arc<Topology>,
        queue: &str,
        prefetch: u16,
    ) -> Self {
        let prefetch = prefetch.max(1);
        Self { link, publisher, topology, queue: queue.into(), prefetch, live: None, pause: PAUSE_MIN }
    }

    async fn open(&self) -> Result<Live, Error> {
        let open = self.link.open().await?;
        match self.consume(&open).await {
            Ok(consumer) => Ok(Live { consumer, open }),
            Err(error) => {
                self.link.drop_connection(&open.connection).await;
                Err(error)
            }
        }
    }

    async fn consume(&self, open: &Open) -> Result<lapin::Consumer, Error> {
        self.topology.declare_all(&open.channel).await?;
        let qos = open.channel.basic_qos(self.prefetch, BasicQosOptions::default());
        answered("limit deliveries", qos).await?;
        let queue = (&*self.queue).into();
        let options = BasicConsumeOptions::default();
        let consumer = open.channel.basic_consume(queue, "".into(), options, FieldTable::default());
        answered("open a queue", consumer).await
    }

    /// Waits a random time that grows with each failure: those who lost the broker together must not come back
    /// together.
    async fn pause(&mut self, error: &Error) {
        let pause = self.pause.mul_f64(rand::random_range(0.5..1.5));
        self.pause = (self.pause * 2).min(PAUSE_MAX);
        tracing::warn!(
            event = "bus.interrupted",
            queue = &*self.queue,
            retry_ms = pause.as_millis() as u64,
            error = error as &dyn std::error::Error,
            "no messages come in; the broker is asked again"
        );
        tokio::time::sleep(pause).await;
    }

    fn lend(&self, open: &Open, delivery: lapin::message::Delivery) -> Delivery {
        let headers = delivery.properties.headers().as_ref();
        let attempt = headers.and_then(|table| table.inner().get(ATTEMPT_HEADER)).map_or(1, attempt);
        let message = Message {
            id: delivery.properties.message_id().as_ref().map(ToString::to_string).unwrap_or_default(),
            route: Route::Queue(self.queue.to_string()),
            headers: headers.map(texts).unwrap_or_default(),
            body: Bytes::from(delivery.data),
        };
        let loan = Loan {
            acker: Some(delivery.acker),
            message: message.clone(),
            attempt,
            queue: self.queue.clone(),
            publisher: self.publisher.clone(),
            open: open.clone(),
        };
        Delivery::new(message, delivery.redelivered || attempt > 1, attempt, Box::new(loan))
    }
}

#[async_trait]
impl Subscription for Subscriber {
    async fn next(&mut self) -> Result<Delivery, Error> {
        loop {
            let Some(live) = &mut self.live else {
                match self.open().await {
                    Ok(live) => self.live = Some(live),
                    Err(error) => self.pause(&error).await,
                }
                continue;
            };
            let error = match live.consumer.next().await {
                Some(Ok(delivery)) => {
                    self.pause = PAUSE_MIN;
                    let open = live.open.clone();
                    return Ok(self.lend(&open, delivery));
                }
                Some(Err(error)) => Error::unavailable("deliver messages", error),
                None => Error::unavailable("deliver messages", "the consumer was cancelled"),
            };
            let failed = live.open.connection.clone();
            self.live = None;
            self.link.drop_connection(&failed).await;
            self.pause(&error).await;
        }
    }
}

fn attempt(value: &AMQPValue) -> u32 {
    value.as_long_uint().unwrap_or(1).max(1)
}

/// The headers that were given by whoever published the message.
fn texts(table: &FieldTable) -> BTreeMap<String, String> {
    let text = |value: &AMQPValue| value.as_long_string().map(ToString::to_string);
    let ours = |name: &str| !name.starts_with("x-") && name != ATTEMPT_HEADER;
    let headers = table.inner().iter().filter(|(name, _)| ours(name.as_str()));
    headers.filter_map(|(name, value)| Some((name.to_string(), text(value)?))).collect()
}

/// The right to answer for one message.
struct Loan {
    /// Taken by the answer.
    acker: Option<Acker>,
    message: Message,
    attempt: u32,
    queue: Arc<str>,
    publisher: Arc<Publisher>,
    /// The channel that the answer must go over.
    open: Open,
}

impl Loan {
    async fn forget(mut self: Box<Self>) -> Result<(), Error> {
        let acker = self.acker.take().expect("a loan is answered once");
        if answered("take an answer", acker.ack(BasicAckOptions::default())).await? {
            Ok(())
        } else {
            Err(Error::unavailable("take an answer", "the channel was closed in the meantime"))
        }
    }

    /// The broker still has the message while its channel lives: handing it back at once, while it takes no new
    /// messages, would only use up its deliveries.
    async fn wait_after(&self, error: Error) -> Result<(), Error> {
        if !self.acker.as_ref().is_some_and(Acker::usable) || !error.is_transient() {
            return Err(error);
        }
        tokio::time::sleep(PAUSE_MIN).await;
        Ok(())
    }
}

#[async_trait]
impl Settle for Loan {
    async fn ack(self: Box<Self>) -> Result<(), Error> {
        self.forget().await
    }

    async fn retry(self: Box<Self>, after: Duration) -> Result<(), Error> {
        let attempt = self.attempt.saturating_add(1);
        while let Err(error) = self.publisher.delay(&self.queue, &self.message, attempt, after).await {
            self.wait_after(error).await?;
        }
        self.forget().await
    }

    async fn park(self: Box<Self>, reason: &str) -> Result<(), Error> {
        while let Err(error) = self.publisher.park(&self.queue, &self.message, reason).await {
            self.wait_after(error).await?;
        }
        self.forget().await
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        let (Some(acker), Ok(runtime)) = (self.acker.take(), tokio::runtime::Handle::try_current()) else {
            return;
        };
        // Without a runtime the process is ending, and the broker frees the message with the connection.
        let open = self.open.clone();
        runtime.spawn(async move {
            let requeue = BasicRejectOptions { requeue: true };
            if let Err(error) = answered("take a message back", acker.reject(requeue)).await {
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "a message comes back with its channel"
                );
            }
            drop(open);
        });
    }
}
