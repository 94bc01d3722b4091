//! What the gateway takes from the bus: events after which somebody's worklist may look different.

use crate::changes::Changes;
use async_trait::async_trait;
use contract::Envelope;
use database::consume::{Failure, Handler};
use platform::telemetry;

/// The events that are taken.
pub(crate) const KINDS: [&str; 3] = ["case.*", "lease.ended", "read.*"];

/// Turns each event into a hint. A lost one costs a listener half a minute, so there is nothing to keep.
pub(crate) struct Hints(pub(crate) Changes);

#[async_trait]
impl Handler for Hints {
    async fn handle(&self, _envelope: &Envelope) -> Result<(), Failure> {
        self.0.hint();
        Ok(())
    }

    fn continue_trace(&self, span: &tracing::Span, traceparent: Option<&str>) {
        telemetry::continue_from(span, traceparent);
    }
}
