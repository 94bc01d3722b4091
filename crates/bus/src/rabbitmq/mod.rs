//! RabbitMQ, over AMQP 0-9-1.
//!
//! Two connections, since a broker that is short of disk blocks those that publish and lets the others go on. A
//! connection or channel that reports anything but success is dropped whole; the next use opens a new one and
//! declares again every queue that this process has declared. Nothing is recovered in place.
//!
//! A retry is a new message to a queue of messages that wait, one for each length of delay, since RabbitMQ ends
//! the time of a message only at the head of its queue. It comes back to its queue by its routing key.

mod link;
mod publish;
mod subscribe;
mod topology;

use crate::{Bus, Error, Message, QueueSpec, Subscription};
use async_trait::async_trait;
use lapin::uri::AMQPUri;
use link::Link;
use publish::Publisher;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;
use subscribe::Subscriber;
use topology::Topology;

/// How long the broker may take to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// Both sides send a sign of life in half this time, in seconds.
const HEARTBEAT_S: u16 = 10;

/// A bus over the broker at `url` (`amqp://user:password@host:5672/vhost`, `amqps:` with TLS). The broker is not
/// asked before it is needed, so a process may start before its broker.
///
/// # Errors
/// [`Error::Address`] when the URL can't be read.
pub fn rabbitmq(url: &str) -> Result<Arc<dyn Bus>, Error> {
    let mut uri = AMQPUri::from_str(url).map_err(|problem| Error::Address {
        // What stands before the host is a password.
        url: url.rsplit_once('@').map_or(url, |(_, host)| host).to_owned(),
        problem,
    })?;
    uri.query.heartbeat.get_or_insert(HEARTBEAT_S);
    let topology = Arc::new(Topology::default());
    let publisher = Publisher::new(Link::new(uri.clone(), "countersign publish"), topology.clone());
    let consume = Link::new(uri, "countersign consume");
    Ok(Arc::new(RabbitMq { publisher: Arc::new(publisher), consume: Arc::new(consume), topology }))
}

struct RabbitMq {
    publisher: Arc<Publisher>,
    consume: Arc<Link>,
    topology: Arc<Topology>,
}

#[async_trait]
impl Bus for RabbitMq {
    async fn declare(&self, queue: &QueueSpec) -> Result<(), Error> {
        self.topology.remember(queue);
        self.publisher.declare(queue).await
    }

    async fn publish(&self, message: &Message) -> Result<(), Error> {
        self.publisher.publish(message).await
    }

    async fn subscribe(&self, queue: &str, prefetch: u16) -> Result<Box<dyn Subscription>, Error> {
        if !self.topology.knows(queue) {
            return Err(Error::UnknownQueue { queue: queue.to_owned() });
        }
        let (link, publisher) = (self.consume.clone(), self.publisher.clone());
        let subscriber = Subscriber::new(link, publisher, self.topology.clone(), queue, prefetch);
        Ok(Box::new(subscriber))
    }
}

/// Waits for an answer of the broker, but not for ever.
async fn answered<T>(
    attempt: &'static str,
    work: impl Future<Output = lapin::Result<T>>,
) -> Result<T, Error> {
    match tokio::time::timeout(ANSWER_TIMEOUT, work).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Error::unavailable(attempt, error)),
        Err(_) => Err(Error::Timeout { attempt, seconds: ANSWER_TIMEOUT.as_secs() }),
    }
}
