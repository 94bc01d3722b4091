//! Exchanges and queues, and what this process has declared of them.

use super::answered;
use crate::{Error, QueueSpec, dead_letter_queue};
use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, ExchangeKind};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::time::Duration;

/// The exchange of topics.
pub(super) const EVENTS_EXCHANGE: &str = "countersign.events";

/// A length of delay, with the exchange and the queue of messages that wait so long.
pub(super) struct Tier {
    pub(super) name: &'static str,
    pub(super) delay: Duration,
}

/// Shortest first.
pub(super) const TIERS: [Tier; 3] = [
    Tier { name: "countersign.retry.5s", delay: Duration::from_secs(5) },
    Tier { name: "countersign.retry.30s", delay: Duration::from_secs(30) },
    Tier { name: "countersign.retry.5min", delay: Duration::from_mins(5) },
];

/// The shortest tier that is no shorter than `after`; the longest when none is.
pub(super) fn tier_for(after: Duration) -> &'static Tier {
    let [.., longest] = &TIERS;
    TIERS.iter().find(|tier| tier.delay >= after).unwrap_or(longest)
}

/// The queues that this process has declared.
#[derive(Default)]
pub(super) struct Topology {
    queues: Mutex<BTreeMap<String, QueueSpec>>,
}

impl Topology {
    pub(super) fn remember(&self, queue: &QueueSpec) {
        self.queues.lock().insert(queue.name.clone(), queue.clone());
    }

    /// Whether `queue` was declared, or is the dead-letter queue of one that was.
    pub(super) fn knows(&self, queue: &str) -> bool {
        let queues = self.queues.lock();
        queues.contains_key(queue) || queues.keys().any(|name| dead_letter_queue(name) == queue)
    }

    /// Declares everything that is remembered.
    pub(super) async fn declare_all(&self, channel: &Channel) -> Result<(), Error> {
        let queues: Vec<QueueSpec> = self.queues.lock().values().cloned().collect();
        declare_exchanges(channel).await?;
        for queue in queues {
            declare_queue(channel, &queue).await?;
        }
        Ok(())
    }
}

async fn declare_exchanges(channel: &Channel) -> Result<(), Error> {
    let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
    let none = FieldTable::default;
    let events = channel.exchange_declare(EVENTS_EXCHANGE.into(), ExchangeKind::Topic, durable, none());
    answered("declare an exchange", events).await?;
    for Tier { name, delay } in TIERS {
        let exchange = channel.exchange_declare(name.into(), ExchangeKind::Fanout, durable, none());
        answered("declare an exchange", exchange).await?;
        let ttl_ms = i32::try_from(delay.as_millis()).expect("tiers are minutes");
        // The routing key stays, and the default exchange reads it as the name of the queue to go back to.
        let mut arguments = dead_lettering_to_default_exchange();
        arguments.insert("x-message-ttl".into(), AMQPValue::LongInt(ttl_ms));
        declare(channel, name, arguments).await?;
        bind(channel, name, name, "").await?;
    }
    Ok(())
}

/// Declares a queue, its dead-letter queue and its bindings.
pub(super) async fn declare_queue(channel: &Channel, queue: &QueueSpec) -> Result<(), Error> {
    let dead = dead_letter_queue(&queue.name);
    declare(channel, &dead, kept_for_a_person()).await?;

    // RabbitMQ counts the deliveries after the first.
    let repetitions = i32::try_from(queue.delivery_limit.saturating_sub(1)).unwrap_or(i32::MAX);
    let mut arguments = dead_lettering_to_default_exchange();
    arguments.insert("x-dead-letter-routing-key".into(), text(&dead));
    arguments.insert("x-delivery-limit".into(), AMQPValue::LongInt(repetitions));
    declare(channel, &queue.name, arguments).await?;
    for topic in &queue.topics {
        bind(channel, &queue.name, EVENTS_EXCHANGE, topic).await?;
    }
    Ok(())
}

fn quorum() -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), text("quorum"));
    arguments
}

/// RabbitMQ 4 drops what a queue without a limit has handed out 20 times, and parked messages wait for a person
/// however often they are looked at. It takes -1 for "no limit"; RabbitMQ 3 refuses that, but both take this.
fn kept_for_a_person() -> FieldTable {
    let mut arguments = quorum();
    arguments.insert("x-delivery-limit".into(), AMQPValue::LongInt(i32::MAX));
    arguments
}

/// Moving a message on is confirmed like publishing it; for that the queue must refuse rather than drop when full.
fn dead_lettering_to_default_exchange() -> FieldTable {
    let mut arguments = quorum();
    arguments.insert("x-dead-letter-exchange".into(), text(""));
    arguments.insert("x-dead-letter-strategy".into(), text("at-least-once"));
    arguments.insert("x-overflow".into(), text("reject-publish"));
    arguments
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(value.into())
}

async fn declare(channel: &Channel, queue: &str, arguments: FieldTable) -> Result<(), Error> {
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    answered("declare a queue", channel.queue_declare(queue.into(), durable, arguments)).await?;
    Ok(())
}

async fn bind(channel: &Channel, queue: &str, exchange: &str, key: &str) -> Result<(), Error> {
    let options = QueueBindOptions::default();
    let bound = channel.queue_bind(queue.into(), exchange.into(), key.into(), options, FieldTable::default());
    answered("bind a queue", bound).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_never_shortened_below_the_longest_tier() {
        assert_eq!(tier_for(Duration::from_millis(1)).delay, Duration::from_secs(5));
        assert_eq!(tier_for(Duration::from_secs(6)).delay, Duration::from_secs(30));
        assert_eq!(tier_for(Duration::from_hours(1)).delay, Duration::from_mins(5));
    }
}
