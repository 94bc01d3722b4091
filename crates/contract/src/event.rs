//! Events: what happened, told once by who owns the fact. They carry our ids only; the owner gives more by id.

use crate::{
    AlarmId, CaseId, ConflictId, CredentialId, DeploymentId, Digest, LeaseId, LoginSessionId, ModelVersionId,
    Priority, ProposalId, QuarantineId, ReadId, RecallEvaluationId, RejectionNoteId, ReleaseId, RunId,
    SendId, SeriesId, SignatureId, StudyId, UserId,
    audit::Erasure,
    review::{Verdict, Viewing},
    rollout::Stage,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[macro_use]
mod list;

mod comparison;
mod delivery;
mod discussion;
mod display;
mod envelope;
mod gateway;
mod review;
mod rollout;
mod teaching;

pub use comparison::{
    ComparisonEnded, ComparisonLooked, ComparisonStarted, PairAnswered, PairTold, PairWithdrawn,
};
pub use delivery::{DestinationChanged, DestinationTested, RejectionNoteClosed, RejectionNoteSent};
pub use discussion::{DiscussionClosed, DiscussionContributed, DiscussionOpened, DiscussionScored};
pub use display::{Access, Display};
pub use envelope::Envelope;
pub use gateway::{AccountChange, AccountChanged, CommandRefused};
pub use review::{
    AddendumWritten, RecallCampaignCompleted, RecallCampaignConfirmed, RecallCampaignProposed,
    RecallCampaignWithdrawn,
};
pub use rollout::{
    BudgetRefused, GatePolicyChanged, PromotionSigned, RulesDecided, RulesProposed, SiteChanged,
    StopRuleFired, TermsChanged, VersionInForce,
};
pub use teaching::{
    TeachingSetPrepared, TeachingSetRefused, TeachingSetRequested, TeachingSetTold, TeachingSetWithdrawn,
};

events! {
    /// Intake: the first object of a series came; the actor is who sent it.
    "series.received" => SeriesReceived {
        series: SeriesId,
        /// Its study.
        study: StudyId,
    },
    /// Intake: a DICOM sender was not let in; at most once a minute for each title and reason.
    "association.refused" => AssociationRefused {
        /// Stable code: called_ae_title, calling_ae_title, protocol, no_room.
        reason_code: String,
    },
    /// Intake: a series is complete and converted to a volume.
    "series.ready" => SeriesReady {
        series: SeriesId,
        /// Its study.
        study: StudyId,
        /// Digest of the set of source instances a run is bound to.
        source_set: Digest,
        /// The volume in the `volumes` store.
        volume: Digest,
    },
    /// Intake: the set of source instances of a ready series changed.
    "series.changed" => SeriesChanged {
        series: SeriesId,
        /// The set that no longer holds.
        former_source_set: Digest,
    },
    /// Intake: a series can't become one volume; it waits for a person.
    "series.parked" => SeriesParked {
        series: SeriesId,
        /// Stable code of the reason.
        reason_code: String,
    },
    /// Intake: objects came that name another patient, accession number or study attribute.
    "study.disputed" => StudyDisputed {
        study: StudyId,
        /// Stable code of the reason.
        reason_code: String,
    },
    /// Intake: a person decided whose a study is.
    "study.settled" => StudySettled {
        study: StudyId,
        /// Whether it has another identity now.
        changed: bool,
        /// Digest of the reason; the words stay with intake.
        reason: Digest,
    },
    /// Intake: bytes that can't be used are kept.
    "instance.quarantined" => InstanceQuarantined {
        /// The entry.
        quarantine: QuarantineId,
        /// Stable code of the reason.
        reason_code: String,
    },
    /// Intake: kept bytes went through admission once more and were taken.
    "quarantine.readmitted" => QuarantineReadmitted {
        /// The entry.
        quarantine: QuarantineId,
        /// Keywords of the attributes that a person corrected; their values stay with intake.
        corrected: Vec<String>,
        /// Digest of the reason; the words stay with intake.
        reason: Digest,
    },
    /// Intake: kept bytes are not taken; the entry is over.
    "quarantine.discarded" => QuarantineDiscarded {
        /// The entry.
        quarantine: QuarantineId,
        /// Digest of the reason; the words stay with intake.
        reason: Digest,
    },
    /// Intake: entries that stand together have waited longer than they should.
    "quarantine.overdue" => QuarantineOverdue {
        /// The oldest of them.
        quarantine: QuarantineId,
        /// How many wait.
        entries: u32,
    },
    /// Rollout: a model version exists.
    "model.registered" => ModelRegistered {
        /// The version.
        model: ModelVersionId,
        /// Digest of its weights.
        weights: Digest,
    },
    /// Rollout: a deployment exists.
    "deployment.created" => DeploymentCreated {
        deployment: DeploymentId,
        /// Its stage.
        stage: Stage,
        /// Set when the stage was given without evidence, as the demo does.
        banner: Option<String>,
        /// Percent of what the model takes away that is given back to its images, where any is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        texture_percent: Option<u8>,
    },
    /// Rollout: a deployment wants a run on a series.
    "run.requested" => RunRequested {
        run: RunId,
        deployment: DeploymentId,
        /// The model version.
        model: ModelVersionId,
        /// The stage under which the run is made.
        stage: Stage,
        /// The source series.
        series: SeriesId,
        /// Its study.
        study: StudyId,
        /// The set of source instances the run is bound to.
        source_set: Digest,
        /// The input volume.
        volume: Digest,
        /// How soon it is wanted.
        #[serde(default, skip_serializing_if = "Priority::is_routine")]
        priority: Priority,
    },
    /// Rollout: no deployment wants a series.
    "series.unmatched" => SeriesUnmatched { series: SeriesId },
    /// Rollout: somebody proposes to move a deployment up.
    "promotion.proposed" => PromotionProposed {
        proposal: ProposalId,
        deployment: DeploymentId,
        /// The wanted stage.
        stage: Stage,
    },
    /// Rollout: somebody approved a promotion, in one of the capacities that are wanted.
    "promotion.signed" => PromotionSigned(PromotionSigned),
    /// Rollout: a promotion has every approval that is wanted.
    "promotion.approved" => PromotionApproved {
        proposal: ProposalId,
        deployment: DeploymentId,
    },
    /// Rollout: a deployment's stage changed.
    "deployment.stage_changed" => StageChanged {
        deployment: DeploymentId,
        /// Before.
        from: Stage,
        /// Now.
        to: Stage,
    },
    /// Rollout: somebody proposes another gate policy, or other stop rules.
    "rules.proposed" => RulesProposed(RulesProposed),
    /// Rollout: a second person adopted or declined proposed rules.
    "rules.decided" => RulesDecided(RulesDecided),
    /// Rollout: another gate policy is in force.
    "gate_policy.changed" => GatePolicyChanged(GatePolicyChanged),
    /// Rollout: other stop rules are in force for a deployment.
    "stop_rules.changed" => StopRulesChanged(VersionInForce),
    /// Rollout: a stop rule fired.
    "stop_rule.fired" => StopRuleFired(StopRuleFired),
    /// Rollout: somebody has looked into an alarm.
    "alarm.acknowledged" => AlarmAcknowledged {
        alarm: AlarmId,
        /// Digest of what they found; the words stay with rollout.
        conclusion: Digest,
    },
    /// Rollout: what was released before a stop must be looked at again.
    "recall_evaluation.opened" => RecallEvaluationOpened {
        evaluation: RecallEvaluationId,
        deployment: DeploymentId,
        /// How many released cases it covers.
        cases: u32,
    },
    /// Rollout: it is decided what becomes of what was released before a stop.
    "recall_evaluation.closed" => RecallEvaluationClosed {
        evaluation: RecallEvaluationId,
        /// Digest of what was decided; the words stay with rollout.
        conclusion: Digest,
    },
    /// Rollout: a deployment wants other series than before.
    "deployment.rule_changed" => UseRuleChanged(VersionInForce),
    /// Rollout: other prices, or another plan of costs and benefits, are in force.
    "terms.changed" => TermsChanged(TermsChanged),
    /// Rollout: a site is registered, has other scanners, or is registered no longer.
    "site.changed" => SiteChanged(SiteChanged),
    /// Rollout: a budget kept a run from being asked for.
    "budget.refused" => BudgetRefused(BudgetRefused),
    /// Rollout: a run that a deployment wants waits until its pool has room.
    "capacity.waits" => CapacityWaits {
        deployment: DeploymentId,
        series: SeriesId,
        /// How long it would wait at the pool, minutes.
        expected_minutes: u64,
    },
    /// Rollout: a wait for a pool ended without a run.
    "capacity.wait_ended" => CapacityWaitEnded {
        deployment: DeploymentId,
        series: SeriesId,
        /// Stable code of the reason: the series changed, or the deployment no longer wants it.
        reason_code: String,
    },
    /// Rollout: a champion and a challenger are compared, under a plan that no longer changes.
    "comparison.started" => ComparisonStarted(ComparisonStarted),
    /// Rollout: a declared look at a comparison.
    "comparison.looked" => ComparisonLooked(ComparisonLooked),
    /// Rollout: a comparison is over.
    "comparison.ended" => ComparisonEnded(ComparisonEnded),
    /// Generation: a worker started on a run.
    "run.started" => RunStarted {
        run: RunId,
        /// Counted in the database, from 1.
        attempt: u32,
    },
    /// Generation: the first valid result of a run is fixed and its derived objects exist.
    "run.completed" => RunCompleted {
        run: RunId,
        deployment: DeploymentId,
        /// The model version.
        model: ModelVersionId,
        /// The stage under which the run was made.
        stage: Stage,
        /// The source series.
        series: SeriesId,
        /// Its study.
        study: StudyId,
        /// What the readers sign.
        case_digest: Digest,
    },
    /// Generation: a run ended without a usable result.
    "run.failed" => RunFailed {
        run: RunId,
        /// Stable code of the reason.
        reason_code: String,
    },
    /// Generation: a run's source set no longer holds.
    "run.superseded" => RunSuperseded { run: RunId },
    /// Review: a case waits for readers.
    "case.queued" => CaseQueued {
        case: CaseId,
        /// The run it reviews.
        run: RunId,
    },
    /// Review: a reader holds a slot.
    "case.leased" => CaseLeased {
        case: CaseId,
        /// The hold.
        lease: LeaseId,
    },
    /// Review: a hold ended without a read.
    "lease.ended" => LeaseEnded {
        case: CaseId,
        /// The hold.
        lease: LeaseId,
        /// Stable code: expired, superseded, given back.
        reason_code: String,
    },
    /// Review: a private draft was saved.
    "draft.saved" => DraftSaved {
        case: CaseId,
        /// The draft's version.
        version: u32,
        /// Digest of its content; the content stays with the reader.
        content: Digest,
    },
    /// Review: a read was signed.
    "read.signed" => ReadSigned {
        case: CaseId,
        read: ReadId,
        signature: SignatureId,
        /// What the reader found.
        verdict: Verdict,
        /// What was signed.
        case_digest: Digest,
        /// What was displayed before, and for how long.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        viewing: Option<Viewing>,
    },
    /// Review: a signing attempt was refused.
    "signature.refused" => SignatureRefused {
        case: CaseId,
        /// Stable code of the reason.
        reason_code: String,
    },
    /// Review: the two reads differ.
    "case.discordant" => CaseDiscordant { case: CaseId },
    /// Review: two accepting signatures stand over the same digest.
    "case.released" => CaseReleased {
        case: CaseId,
        /// What delivery loads.
        release: ReleaseId,
        deployment: DeploymentId,
    },
    /// Review: the case ended unreleased.
    "case.rejected" => CaseRejected { case: CaseId },
    /// Review: its readers ended a case at shadow. It is evidence about the model and is never released.
    "case.evaluated" => CaseEvaluated { case: CaseId },
    /// Review: nothing may happen to the case until the hold ends.
    "case.held" => CaseHeld {
        case: CaseId,
        /// Stable code of the reason.
        reason_code: String,
    },
    /// Review: the hold ended.
    "case.resumed" => CaseResumed { case: CaseId },
    /// Review: a newer source set or run took the case's place.
    "case.superseded" => CaseSuperseded { case: CaseId },
    /// Review: a reader took a read back within the finalisation window.
    "read.withdrawn" => ReadWithdrawn {
        case: CaseId,
        read: ReadId,
        /// Digest of the reason; the words stay with review.
        reason: Digest,
    },
    /// Review: a reader wrote an addendum to a final read.
    "addendum.written" => AddendumWritten(AddendumWritten),
    /// Review: two people found that a signature doesn't count; its slot is open again.
    "signature.invalidated" => SignatureInvalidated {
        case: CaseId,
        /// The read, which is kept as it was signed.
        read: ReadId,
        signature: SignatureId,
        /// Digest of the reason; the words stay with review.
        reason: Digest,
    },
    /// Review: a reader, or a coordinator for all readers, put a case off.
    "case.deferred" => CaseDeferred {
        case: CaseId,
        /// Stable code: reader, coordinator.
        reason_code: String,
    },
    /// Review: a coordinator put a deferred case back into the queues.
    "case.returned" => CaseReturned { case: CaseId },
    /// Review: a coordinator gave a case another priority.
    "case.priority_changed" => CasePriorityChanged {
        case: CaseId,
        /// Before.
        from: Priority,
        /// Now.
        to: Priority,
        /// Digest of the reason; the words stay with review.
        reason: Digest,
    },
    /// Review: a case should have ended by now. It is told once for each time at which it is due, and changes nothing.
    "case.overdue" => CaseOverdue {
        case: CaseId,
        /// How soon it was wanted.
        priority: Priority,
    },
    /// Review: the case came too late to be of use; nothing is sent.
    "case.expired" => CaseExpired { case: CaseId },
    /// Review: an adjudicator accepts against a critical rejection; a second one is wanted.
    "case.panel_called" => PanelCalled { case: CaseId },
    /// Review: an agreed case gets a third read for the quality sample.
    "case.sampled" => CaseSampled { case: CaseId },
    /// Review: a case that can't be released was read to its end.
    "case.sample_read" => SampleRead { case: CaseId },
    /// Review: somebody wants a released case back.
    "case.recall_proposed" => RecallProposed { case: CaseId },
    /// Review: two people took a released case back.
    "case.recalled" => CaseRecalled {
        case: CaseId,
        /// What was released.
        release: ReleaseId,
    },
    /// Review: somebody wants every release of a selection back; nothing more of it is sent.
    "recall_campaign.proposed" => RecallCampaignProposed(RecallCampaignProposed),
    /// Review: a second person confirmed a campaign, over exactly this set; its cases are recalled from now on.
    "recall_campaign.confirmed" => RecallCampaignConfirmed(RecallCampaignConfirmed),
    /// Review: a campaign is not carried out.
    "recall_campaign.withdrawn" => RecallCampaignWithdrawn(RecallCampaignWithdrawn),
    /// Review: every case of a campaign has been dealt with; what destinations show is followed case by case.
    "recall_campaign.completed" => RecallCampaignCompleted(RecallCampaignCompleted),
    /// Review: a study is under investigation; its cases are held.
    "study.flagged" => StudyFlagged {
        study: StudyId,
        /// Digest of the reason; the words stay with review.
        reason: Digest,
    },
    /// Review: the investigation of a study ended.
    "study.unflagged" => StudyUnflagged { study: StudyId },
    /// Review: somebody may read a modality for a use.
    "credential.granted" => CredentialGranted {
        credential: CredentialId,
        /// Who may.
        reader: UserId,
    },
    /// Review: a credential was taken back.
    "credential.revoked" => CredentialRevoked {
        credential: CredentialId,
        /// Who may no longer.
        reader: UserId,
    },
    /// Review: somebody is too close to something to read it.
    "conflict.declared" => ConflictDeclared {
        conflict: ConflictId,
        /// Who.
        reader: UserId,
    },
    /// Review: the run of a case is known to be bad and may test readers.
    "sentinel.marked" => SentinelMarked {
        case: CaseId,
        run: RunId,
    },
    /// Review: new rules are in force for cases queued from now on.
    "review.policy_changed" => PolicyChanged {
        /// Their version.
        version: String,
        /// Digest of the rules as JSON.
        content: Digest,
    },
    /// Review: two AI images of one original wait to be compared.
    "pair.opened" => PairOpened(PairTold),
    /// Review: a reader holds a pair.
    "pair.taken" => PairTaken(PairTold),
    /// Review: a reader signed which side is better.
    "pair.answered" => PairAnswered(PairAnswered),
    /// Review: nobody reads a pair any more.
    "pair.withdrawn" => PairWithdrawn(PairWithdrawn),
    /// Review: a case that is over is to be discussed.
    "discussion.opened" => DiscussionOpened(DiscussionOpened),
    /// Review: somebody said something in a discussion.
    "discussion.contributed" => DiscussionContributed(DiscussionContributed),
    /// Review: somebody who did not read a case scored how it was read.
    "discussion.scored" => DiscussionScored(DiscussionScored),
    /// Review: what is to be learned of a case is written down.
    "discussion.closed" => DiscussionClosed(DiscussionClosed),
    /// Delivery: a release is to go to a destination.
    "send.queued" => SendQueued {
        send: SendId,
        case: CaseId,
    },
    /// Delivery: every object is confirmed at the destination.
    "send.delivered" => SendDelivered {
        send: SendId,
        case: CaseId,
        /// Digest over the lines of what was sent, as the case digest is made.
        content: Digest,
        /// How many objects.
        objects: u32,
    },
    /// Delivery: an attempt failed; it will be repeated.
    "send.failed" => SendFailed {
        send: SendId,
        case: CaseId,
        /// Stable code of the reason.
        reason_code: String,
    },
    /// Delivery: a check before sending said no; nothing leaves.
    "send.held" => SendHeld {
        send: SendId,
        case: CaseId,
        /// Stable code of the reason.
        reason_code: String,
    },
    /// Delivery: a release was recalled, and a destination that may have its objects has to be told.
    "rejection_note.opened" => RejectionNoteOpened {
        /// The rejection note.
        note: RejectionNoteId,
        case: CaseId,
        /// Whose objects are taken back.
        send: SendId,
    },
    /// Delivery: a destination has stored the rejection note; that its objects are gone it hasn't shown yet.
    "rejection_note.sent" => RejectionNoteSent(RejectionNoteSent),
    /// Delivery: a recall is done at one destination.
    "rejection_note.closed" => RejectionNoteClosed(RejectionNoteClosed),
    /// Delivery: a destination was added, or is reached or used otherwise than before.
    "destination.changed" => DestinationChanged(DestinationChanged),
    /// Delivery: somebody had a destination called.
    "destination.tested" => DestinationTested(DestinationTested),
    /// Delivery: somebody wants copies of a discussed case, without its identity.
    "teaching_set.requested" => TeachingSetRequested(TeachingSetRequested),
    /// Delivery: they can't be made.
    "teaching_set.refused" => TeachingSetRefused(TeachingSetRefused),
    /// Delivery: they were made and wait to be looked at.
    "teaching_set.prepared" => TeachingSetPrepared(TeachingSetPrepared),
    /// Delivery: somebody was shown the images of a teaching set; once per login session.
    "teaching_set.shown" => TeachingSetShown(TeachingSetTold),
    /// Delivery: somebody looked at each image of a teaching set and answers for it that nobody is recognised.
    "teaching_set.released" => TeachingSetReleased(TeachingSetTold),
    /// Delivery: a teaching set left as a file.
    "teaching_set.exported" => TeachingSetExported(TeachingSetTold),
    /// Delivery: a teaching set leaves no more.
    "teaching_set.withdrawn" => TeachingSetWithdrawn(TeachingSetWithdrawn),
    /// Gateway: somebody signed in.
    "login.opened" => LoginOpened {
        /// The login session.
        login: LoginSessionId,
    },
    /// Gateway: a login session ended.
    "login.ended" => LoginEnded {
        /// The login session.
        login: LoginSessionId,
        /// Stable code: signed_out, locked, expired.
        reason_code: String,
    },
    /// Gateway: a sign-in failed.
    "login.refused" => LoginRefused {
        /// Stable code of the reason.
        reason_code: String,
    },
    /// Gateway: an account exists.
    "user.added" => UserAdded {
        /// The account.
        user: UserId,
    },
    /// Gateway: an account is no longer what it was.
    "account.changed" => AccountChanged(AccountChanged),
    /// Gateway: somebody was shown something; once per login session for each thing.
    "display.recorded" => DisplayRecorded {
        /// What.
        display: Display,
        /// Ids of the studies and cases that stood in it.
        shown: Vec<String>,
    },
    /// Gateway: somebody who is signed in was refused something.
    "command.refused" => CommandRefused(CommandRefused),
    /// Gateway: a sender stored instances over STOW-RS.
    "instances.uploaded" => InstancesUploaded {
        /// Instances that are kept.
        stored: u32,
        /// Instances that were refused, each with a reason in the answer.
        refused: u32,
    },
    /// Any service: it started under another configuration than before.
    "configuration.changed" => ConfigurationChanged {
        /// Digest of each section, passwords left out.
        sections: BTreeMap<String, Digest>,
        /// The sections that are not as they were.
        changed: Vec<String>,
    },
    /// Audit: somebody wants personal content of the ledger erased.
    "erasure.proposed" => ErasureProposed(Erasure),
    /// Audit: another person doesn't.
    "erasure.declined" => ErasureDeclined(Erasure),
    /// Audit: another person, or the rule of how long it is kept, agrees.
    "erasure.approved" => ErasureApproved(Erasure),
    /// Audit: it is erased.
    "erasure.completed" => ErasureCompleted(Erasure),
    /// Any service: somebody was shown something.
    "access.recorded" => AccessRecorded {
        /// What was shown.
        access: Access,
    },
}

#[cfg(test)]
mod tests;
