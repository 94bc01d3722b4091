//! The typed clients of the services behind the door.

use contract::Client;
use contract::audit::Audit;
use contract::client::TokenSource;
use contract::delivery::Delivery;
use contract::generation::Generation;
use contract::intake::Intake;
use contract::review::Review;
use contract::rollout::Rollout;
use std::sync::Arc;

/// One client per service.
#[derive(Clone)]
pub struct Services {
    /// Studies, series, quarantine.
    pub intake: Intake,
    /// Models, deployments, stages.
    pub rollout: Rollout,
    /// Runs and derived objects.
    pub generation: Generation,
    /// Cases, reads, signatures.
    pub review: Review,
    /// Sends.
    pub delivery: Delivery,
    /// The ledger.
    pub audit: Audit,
}

impl Services {
    /// The same services, called on behalf of whom `tokens` names.
    pub(crate) fn acting_as(&self, tokens: &Arc<dyn TokenSource>) -> Self {
        let client = |client: &Client| client.acting_as(Arc::clone(tokens));
        Self {
            intake: Intake(client(&self.intake.0)),
            rollout: Rollout(client(&self.rollout.0)),
            generation: Generation(client(&self.generation.0)),
            review: Review(client(&self.review.0)),
            delivery: Delivery(client(&self.delivery.0)),
            audit: Audit(client(&self.audit.0)),
        }
    }
}
