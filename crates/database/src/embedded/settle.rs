//! A message that is handed out.

use super::{Shared, entity::message, store};
use async_trait::async_trait;
use bus::{Delivery, Error, Message, Route, Settle};
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;

/// The right to answer for one message; when it ends the message is free, unless it is gone.
pub(super) struct Loan {
    pub(super) shared: Arc<Shared>,
    pub(super) id: i64,
    pub(super) queue: String,
    pub(super) _permit: OwnedSemaphorePermit,
}

impl Loan {
    pub(super) fn into_delivery(self, row: message::Model) -> Delivery {
        let message = Message {
            id: row.message_id,
            route: Route::Queue(row.queue),
            headers: serde_json::from_value(row.headers).unwrap_or_default(),
            body: Bytes::from(row.body),
        };
        let redelivered = row.deliveries > 0 || row.attempt > 1;
        Delivery::new(message, redelivered, u32::try_from(row.attempt).unwrap_or(1), Box::new(self))
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        self.shared.lent.lock().remove(&self.id);
        self.shared.ring(&self.queue);
    }
}

#[async_trait]
impl Settle for Loan {
    async fn ack(self: Box<Self>) -> Result<(), Error> {
        let deleted = store::message_delete(&self.shared.db, self.id).await;
        deleted.map_err(|error| Error::unavailable("forget a message", error))
    }

    async fn retry(self: Box<Self>, after: Duration) -> Result<(), Error> {
        let delay_ms = i64::try_from(after.as_millis()).unwrap_or(i64::MAX / 2);
        let due_ms = crate::now().timestamp_millis().saturating_add(delay_ms);
        let delayed = store::message_delay(&self.shared.db, self.id, due_ms).await;
        delayed.map_err(|error| Error::unavailable("delay a message", error))
    }

    async fn park(self: Box<Self>, reason: &str) -> Result<(), Error> {
        let parked = store::message_park(&self.shared.db, self.id, reason).await;
        let dead = parked.map_err(|error| Error::unavailable("park a message", error))?;
        self.shared.ring(&dead);
        Ok(())
    }
}
