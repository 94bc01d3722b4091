//! The message bus: one trait, RabbitMQ behind it, and the conformance suite for every implementation.
//!
//! A queue is declared with the topics that it takes; a message goes to a topic (every queue bound to it gets a
//! copy) or straight to one queue. Delivery is at least once: whoever takes messages must be able to take the
//! same one twice. The bus carries hints; what must not be lost is in a database before it is published here.
//!
//! Each queue has a dead-letter queue, [`dead_letter_queue`], for messages that were parked or were handed out
//! too often without an answer.

pub mod conformance;
mod delivery;
mod error;
mod rabbitmq;
mod topic;

pub use delivery::{Delivery, Settle};
pub use error::Error;
pub use rabbitmq::rabbitmq;
pub use topic::topic_matches;

use async_trait::async_trait;
use bytes::Bytes;
use std::collections::BTreeMap;

/// A place to leave messages and to take them from.
#[async_trait]
pub trait Bus: Send + Sync {
    /// Makes sure that `queue`, its dead-letter queue and its bindings exist. Repeating it is harmless.
    async fn declare(&self, queue: &QueueSpec) -> Result<(), Error>;

    /// Leaves a message; on `Ok` it survives a crash of the bus.
    ///
    /// # Errors
    /// [`Error::Unroutable`] when [`Route::Queue`] names a queue that doesn't exist. A topic that nobody listens
    /// to is no error.
    async fn publish(&self, message: &Message) -> Result<(), Error>;

    /// Takes messages from a declared queue, at most `prefetch` unanswered at a time.
    async fn subscribe(&self, queue: &str, prefetch: u16) -> Result<Box<dyn Subscription>, Error>;
}

/// A stream of messages from one queue.
#[async_trait]
pub trait Subscription: Send {
    /// Waits for the next message. An interrupted connection is repaired on the way. Dropping the future loses
    /// no message.
    async fn next(&mut self) -> Result<Delivery, Error>;
}

/// What a queue is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueSpec {
    /// Its name.
    pub name: String,
    /// Topic patterns that it takes: words with dots between them, `*` for one word, `#` for any number.
    pub topics: Vec<String>,
    /// How often a message is handed out without an answer (its consumer died) before it is parked. At least 1.
    pub delivery_limit: u32,
}

impl QueueSpec {
    /// A queue for direct messages and for `topics`, with a limit of five unanswered deliveries.
    pub fn new(name: impl Into<String>, topics: &[&str]) -> Self {
        Self {
            name: name.into(),
            topics: topics.iter().map(|&topic| topic.to_owned()).collect(),
            delivery_limit: 5,
        }
    }
}

/// The name of the queue that keeps what `queue` could not get rid of.
pub fn dead_letter_queue(queue: &str) -> String {
    format!("{queue}.dead")
}

/// The header in which a parked message says why it was parked.
pub const PARK_REASON_HEADER: &str = "park-reason";

/// Where a message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// To every queue bound to the topic.
    Topic(String),
    /// To this queue.
    Queue(String),
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id, the same however often it is published.
    pub id: String,
    /// Where it goes; on a delivery, the queue it came from.
    pub route: Route,
    /// Short texts beside the body.
    pub headers: BTreeMap<String, String>,
    /// The content.
    pub body: Bytes,
}
