//! A message on loan: whoever takes it answers with ack, retry or park.

use crate::{Error, Message};
use async_trait::async_trait;
use std::time::Duration;

/// How an implementation carries out the answer to a delivery.
#[async_trait]
pub trait Settle: Send {
    /// Forgets the message.
    async fn ack(self: Box<Self>) -> Result<(), Error>;
    /// Hands the message out again after a delay.
    async fn retry(self: Box<Self>, after: Duration) -> Result<(), Error>;
    /// Moves the message to the dead-letter queue.
    async fn park(self: Box<Self>, reason: &str) -> Result<(), Error>;
}

/// A message that waits for an answer. Dropped without one, it is handed out again.
pub struct Delivery {
    /// The message.
    pub message: Message,
    /// Whether it may have been handed out before.
    pub redelivered: bool,
    /// How often it was handed out because somebody asked for a retry, this time included; from 1.
    pub attempt: u32,
    settle: Box<dyn Settle>,
}

impl Delivery {
    /// Wraps what an implementation took from its queue.
    pub fn new(message: Message, redelivered: bool, attempt: u32, settle: Box<dyn Settle>) -> Self {
        Self { message, redelivered, attempt, settle }
    }

    /// Done: the message is forgotten.
    pub async fn ack(self) {
        log_failure(self.settle.ack().await, "ack", &self.message.id);
    }

    /// Not now: the message comes again, no sooner than after `after`.
    pub async fn retry(self, after: Duration) {
        log_failure(self.settle.retry(after).await, "retry", &self.message.id);
    }

    /// Never: the message goes to the dead-letter queue, for a person.
    pub async fn park(self, reason: &str) {
        log_failure(self.settle.park(reason).await, "park", &self.message.id);
    }
}

/// An answer that does not arrive means that the message comes again, which every consumer must bear; there is
/// nothing for the caller to decide.
fn log_failure(answer: Result<(), Error>, kind: &'static str, id: &str) {
    if let Err(error) = answer {
        tracing::warn!(
            event = "bus.answer_lost",
            answer = kind,
            message.id = id,
            error = &error as &dyn std::error::Error,
            "the answer to a message was lost; the message will come again"
        );
    }
}
