//! Leaving messages with the broker.

use super::answered;
use super::link::{Link, Open};
use super::topology::{self, EVENTS_EXCHANGE, Topology, tier_for};
use crate::{Error, Message, PARK_REASON_HEADER, QueueSpec, Route, dead_letter_queue};
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Confirmation};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// Tells how often somebody has asked for a retry of this message, and one.
pub(super) const ATTEMPT_HEADER: &str = "countersign-attempt";

/// Written to disk before it is confirmed.
const PERSISTENT: u8 = 2;

/// Where a message goes in the broker's words.
struct Address<'a> {
    exchange: &'a str,
    routing_key: &'a str,
    /// Whether a message that reaches no queue is an error.
    must_arrive: bool,
}

pub(super) struct Publisher {
    link: Link,
    topology: Arc<Topology>,
    open: Mutex<Option<Open>>,
}

impl Publisher {
    pub(super) fn new(link: Link, topology: Arc<Topology>) -> Self {
        Self { link, topology, open: Mutex::new(None) }
    }

    pub(super) async fn declare(&self, queue: &QueueSpec) -> Result<(), Error> {
        let open = self.open().await?;
        let declared = topology::declare_queue(&open.channel, queue).await;
        self.drop_on_failure(&open, declared).await
    }

    pub(super) async fn publish(&self, message: &Message) -> Result<(), Error> {
        let address = match &message.route {
            Route::Topic(topic) => {
                Address { exchange: EVENTS_EXCHANGE, routing_key: topic, must_arrive: false }
            }
            Route::Queue(queue) => Address { exchange: "", routing_key: queue, must_arrive: true },
        };
        self.send(&address, message, headers(message)).await
    }

    /// Leaves a message to come back to `queue` later.
    pub(super) async fn delay(
        &self,
        queue: &str,
        message: &Message,
        attempt: u32,
        after: Duration,
    ) -> Result<(), Error> {
        let mut headers = headers(message);
        headers.insert(ATTEMPT_HEADER.into(), AMQPValue::LongUInt(attempt));
        let address = Address { exchange: tier_for(after).name, routing_key: queue, must_arrive: true };
        self.send(&address, message, headers).await
    }

    /// Leaves a message in the dead-letter queue of `queue`.
    pub(super) async fn park(&self, queue: &str, message: &Message, reason: &str) -> Result<(), Error> {
        let mut headers = headers(message);
        headers.insert(PARK_REASON_HEADER.into(), AMQPValue::LongString(reason.into()));
        let dead = dead_letter_queue(queue);
        self.send(&Address { exchange: "", routing_key: &dead, must_arrive: true }, message, headers).await
    }

    async fn send(&self, address: &Address<'_>, message: &Message, headers: FieldTable) -> Result<(), Error> {
        let open = self.open().await?;
        let sent = self.send_over(&open, address, message, headers.clone()).await;
        match self.drop_on_failure(&open, sent).await {
            // A queue of ours that somebody deleted is made again; one that nobody declared stays unroutable.
            Err(Error::Unroutable { queue }) if self.topology.knows(&queue) => {
                let declared = self.topology.declare_all(&open.channel).await;
                self.drop_on_failure(&open, declared).await?;
                let sent = self.send_over(&open, address, message, headers).await;
                self.drop_on_failure(&open, sent).await
            }
            outcome => outcome,
        }
    }

    async fn send_over(
        &self,
        open: &Open,
        address: &Address<'_>,
        message: &Message,
        headers: FieldTable,
    ) -> Result<(), Error> {
        let properties = BasicProperties::default()
            .with_delivery_mode(PERSISTENT)
            .with_message_id(message.id.as_str().into())
            .with_headers(headers);
        let (exchange, key) = (address.exchange.into(), address.routing_key.into());
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let confirmed = async {
            open.channel.basic_publish(exchange, key, options, &message.body, properties).await?.await
        };
        match answered("confirm a message", confirmed).await? {
            // A message that no queue takes is confirmed as well: it was returned first.
            Confirmation::Ack(Some(_)) if address.must_arrive => {
                Err(Error::Unroutable { queue: address.routing_key.to_owned() })
            }
            Confirmation::Ack(_) => Ok(()),
            Confirmation::Nack(_) | Confirmation::NotRequested => Err(Error::Refused),
        }
    }

    /// The channel in use, or a new one with everything declared.
    async fn open(&self) -> Result<Open, Error> {
        let mut slot = self.open.lock().await;
        if let Some(open) = slot.as_ref().filter(|open| open.is_usable()) {
            return Ok(open.clone());
        }
        *slot = None;
        let open = self.link.open().await?;
        let prepared = async {
            answered("confirm messages", open.channel.confirm_select(ConfirmSelectOptions::default()))
                .await?;
            self.topology.declare_all(&open.channel).await
        };
        if let Err(error) = prepared.await {
            self.link.drop_connection(&open.connection).await;
            return Err(error);
        }
        *slot = Some(open.clone());
        Ok(open)
    }

    /// After a failure nobody knows what the channel still carries: it goes, with its connection.
    async fn drop_on_failure<T>(&self, open: &Open, outcome: Result<T, Error>) -> Result<T, Error> {
        if matches!(outcome, Err(Error::Unavailable { .. } | Error::Timeout { .. })) {
            let mut slot = self.open.lock().await;
            if slot.as_ref().is_some_and(|slot| Arc::ptr_eq(&slot.connection, &open.connection)) {
                *slot = None;
            }
            self.link.drop_connection(&open.connection).await;
        }
        outcome
    }
}

fn headers(message: &Message) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, value) in &message.headers {
        table.insert(name.as_str().into(), AMQPValue::LongString(value.as_str().into()));
    }
    table
}
