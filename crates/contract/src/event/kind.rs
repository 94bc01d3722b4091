//! The name of each event on the wire.

use super::Event;

impl Event {
    /// The `type` on the wire, which is also the routing key.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::SeriesReady { .. } => "series.ready",
            Self::SeriesChanged { .. } => "series.changed",
            Self::SeriesParked { .. } => "series.parked",
            Self::StudyDisputed { .. } => "study.disputed",
            Self::StudySettled { .. } => "study.settled",
            Self::InstanceQuarantined { .. } => "instance.quarantined",
            Self::ModelRegistered { .. } => "model.registered",
            Self::DeploymentCreated { .. } => "deployment.created",
            Self::RunRequested { .. } => "run.requested",
            Self::SeriesUnmatched { .. } => "series.unmatched",
            Self::PromotionProposed { .. } => "promotion.proposed",
            Self::PromotionApproved { .. } => "promotion.approved",
            Self::StageChanged { .. } => "deployment.stage_changed",
            Self::StopRulesChanged { .. } => "stop_rules.changed",
            Self::StopRuleFired { .. } => "stop_rule.fired",
            Self::AlarmAcknowledged { .. } => "alarm.acknowledged",
            Self::RecallEvaluationOpened { .. } => "recall_evaluation.opened",
            Self::RecallEvaluationClosed { .. } => "recall_evaluation.closed",
            Self::UseRuleChanged { .. } => "deployment.rule_changed",
            Self::RunStarted { .. } => "run.started",
            Self::RunCompleted { .. } => "run.completed",
            Self::RunFailed { .. } => "run.failed",
            Self::RunSuperseded { .. } => "run.superseded",
            Self::CaseQueued { .. } => "case.queued",
            Self::CaseLeased { .. } => "case.leased",
            Self::LeaseEnded { .. } => "lease.ended",
            Self::DraftSaved { .. } => "draft.saved",
            Self::ReadSigned { .. } => "read.signed",
            Self::SignatureRefused { .. } => "signature.refused",
            Self::CaseDiscordant { .. } => "case.discordant",
            Self::CaseReleased { .. } => "case.released",
            Self::CaseRejected { .. } => "case.rejected",
            Self::CaseHeld { .. } => "case.held",
            Self::CaseResumed { .. } => "case.resumed",
            Self::CaseSuperseded { .. } => "case.superseded",
            Self::ReadWithdrawn { .. } => "read.withdrawn",
            Self::SignatureInvalidated { .. } => "signature.invalidated",
            Self::CaseDeferred { .. } => "case.deferred",
            Self::CaseReturned { .. } => "case.returned",
            Self::CaseExpired { .. } => "case.expired",
            Self::PanelCalled { .. } => "case.panel_called",
            Self::CaseSampled { .. } => "case.sampled",
            Self::SampleRead { .. } => "case.sample_read",
            Self::RecallProposed { .. } => "case.recall_proposed",
            Self::CaseRecalled { .. } => "case.recalled",
            Self::StudyFlagged { .. } => "study.flagged",
            Self::StudyUnflagged { .. } => "study.unflagged",
            Self::CredentialGranted { .. } => "credential.granted",
            Self::CredentialRevoked { .. } => "credential.revoked",
            Self::ConflictDeclared { .. } => "conflict.declared",
            Self::SentinelMarked { .. } => "sentinel.marked",
            Self::PolicyChanged { .. } => "review.policy_changed",
            Self::SendQueued { .. } => "send.queued",
            Self::SendDelivered { .. } => "send.delivered",
            Self::SendFailed { .. } => "send.failed",
            Self::SendHeld { .. } => "send.held",
            Self::LoginOpened { .. } => "login.opened",
            Self::LoginEnded { .. } => "login.ended",
            Self::LoginRefused { .. } => "login.refused",
            Self::UserAdded { .. } => "user.added",
            Self::DisplayRecorded { .. } => "display.recorded",
            Self::CommandRefused { .. } => "command.refused",
            Self::InstancesUploaded { .. } => "instances.uploaded",
            Self::ConfigurationChanged { .. } => "configuration.changed",
            Self::AccessRecorded { .. } => "access.recorded",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Event;
    use crate::CaseId;

    #[test]
    fn the_kind_is_the_type_on_the_wire() {
        let event = Event::CaseRejected { case: CaseId::from_bits(1) };
        let json = serde_json::to_value(&event).unwrap();
        assert_eq!(json["type"], event.kind());
    }
}
