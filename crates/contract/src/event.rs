//! Events: what happened, told once by the service that owns the fact. They carry our ids only; who needs more
//! reads it from the owner by id.

use crate::{
    AlarmId, CaseId, ConflictId, CredentialId, DeploymentId, Digest, LeaseId, LoginSessionId, ModelVersionId,
    ProposalId, QuarantineId, ReadId, RecallEvaluationId, ReleaseId, RunId, SendId, SeriesId, SignatureId,
    StudyId, UserId,
    review::{Verdict, Viewing},
    rollout::{Stage, StopAction},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

mod display;
mod envelope;
mod kind;

pub use display::{Access, Display};
pub use envelope::Envelope;

/// Every fact that a service tells. One emitter each; `audit` takes all of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload")]
pub enum Event {
    /// Intake: a series is complete and converted to a volume.
    #[serde(rename = "series.ready")]
    SeriesReady {
        /// The series.
        series: SeriesId,
        /// Its study.
        study: StudyId,
        /// Digest of the set of source instances a run is bound to.
        source_set: Digest,
        /// The volume in the `volumes` store.
        volume: Digest,
    },
    /// Intake: the set of source instances of a ready series changed.
    #[serde(rename = "series.changed")]
    SeriesChanged {
        /// The series.
        series: SeriesId,
        /// The set that no longer holds.
        former_source_set: Digest,
    },
    /// Intake: a series can't become one volume; it waits for a person.
    #[serde(rename = "series.parked")]
    SeriesParked {
        /// The series.
        series: SeriesId,
        /// Stable code of the reason.
        reason_code: String,
    },
    /// Intake: objects came that name another patient, accession number or study attribute.
    #[serde(rename = "study.disputed")]
    StudyDisputed {
        /// The study.
        study: StudyId,
        /// Stable code of the reason.
        reason_code: String,
    },
    /// Intake: a person decided whose a study is.
    #[serde(rename = "study.settled")]
    StudySettled {
        /// The study.
        study: StudyId,
        /// Whether it has another identity now.
        changed: bool,
        /// Digest of the reason; the words stay with intake.
        reason: Digest,
    },
    /// Intake: bytes that can't be used are kept.
    #[serde(rename = "instance.quarantined")]
    InstanceQuarantined {
        /// The entry.
        quarantine: QuarantineId,
        /// Stable code of the reason.
        reason_code: String,
    },
    /// Rollout: a model version exists.
    #[serde(rename = "model.registered")]
    ModelRegistered {
        /// The version.
        model: ModelVersionId,
        /// Digest of its weights.
        weights: Digest,
    },
    /// Rollout: a deployment exists.
    #[serde(rename = "deployment.created")]
    DeploymentCreated {
        /// The deployment.
        deployment: DeploymentId,
        /// Its stage.
        stage: Stage,
        /// Set when the stage was given without evidence, as the demo does.
        banner: Option<String>,
    },
    /// Rollout: a deployment wants a run on a series.
    #[serde(rename = "run.requested")]
    RunRequested {
        /// The run.
        run: RunId,
        /// The deployment.
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
    },
    /// Rollout: no deployment wants a series.
    #[serde(rename = "series.unmatched")]
    SeriesUnmatched {
        /// The series.
        series: SeriesId,
    },
    /// Rollout: somebody proposes to move a deployment up.
    #[serde(rename = "promotion.proposed")]
    PromotionProposed {
        /// The proposal.
        proposal: ProposalId,
        /// The deployment.
        deployment: DeploymentId,
        /// The wanted stage.
        stage: Stage,
    },
    /// Rollout: a proposal was approved by another person.
    #[serde(rename = "promotion.approved")]
    PromotionApproved {
        /// The proposal.
        proposal: ProposalId,
        /// The deployment.
        deployment: DeploymentId,
    },
    /// Rollout: a deployment's stage changed.
    #[serde(rename = "deployment.stage_changed")]
    StageChanged {
        /// The deployment.
        deployment: DeploymentId,
        /// Before.
        from: Stage,
        /// Now.
        to: Stage,
    },
    /// Rollout: other stop rules are in force for a deployment.
    #[serde(rename = "stop_rules.changed")]
    StopRulesChanged {
        /// The deployment.
        deployment: DeploymentId,
        /// Their version.
        version: u32,
        /// Digest of the rules as JSON.
        content: Digest,
    },
    /// Rollout: a stop rule fired.
    #[serde(rename = "stop_rule.fired")]
    StopRuleFired {
        /// The alarm, which has value and bound.
        alarm: AlarmId,
        /// The deployment.
        deployment: DeploymentId,
        /// Version of the rules.
        rules_version: u32,
        /// What it did.
        action: StopAction,
        /// The statistic at which it fired.
        value: f64,
        /// The bound.
        bound: f64,
    },
    /// Rollout: somebody has looked into an alarm.
    #[serde(rename = "alarm.acknowledged")]
    AlarmAcknowledged {
        /// The alarm.
        alarm: AlarmId,
        /// Digest of what they found; the words stay with rollout.
        conclusion: Digest,
    },
    /// Rollout: what was released before a stop must be looked at again.
    #[serde(rename = "recall_evaluation.opened")]
    RecallEvaluationOpened {
        /// The evaluation.
        evaluation: RecallEvaluationId,
        /// The deployment.
        deployment: DeploymentId,
        /// How many released cases it covers.
        cases: u32,
    },
    /// Rollout: it is decided what becomes of what was released before a stop.
    #[serde(rename = "recall_evaluation.closed")]
    RecallEvaluationClosed {
        /// The evaluation.
        evaluation: RecallEvaluationId,
        /// Digest of what was decided; the words stay with rollout.
        conclusion: Digest,
    },
    /// Rollout: a deployment wants other series than before.
    #[serde(rename = "deployment.rule_changed")]
    UseRuleChanged {
        /// The deployment.
        deployment: DeploymentId,
        /// Version of the rule.
        version: u32,
        /// Digest of the rule as JSON.
        content: Digest,
    },
    /// Generation: a worker started on a run.
    #[serde(rename = "run.started")]
    RunStarted {
        /// The run.
        run: RunId,
        /// Counted in the database, from 1.
        attempt: u32,
    },
    /// Generation: the first valid result of a run is fixed and its derived objects exist.
    #[serde(rename = "run.completed")]
    RunCompleted {
        /// The run.
        run: RunId,
        /// The deployment.
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
    #[serde(rename = "run.failed")]
    RunFailed {
        /// The run.
        run: RunId,
        /// Stable code of the reason.
        reason_code: String,
    },
    /// Generation: a run's source set no longer holds.
    #[serde(rename = "run.superseded")]
    RunSuperseded {
        /// The run.
        run: RunId,
    },
    /// Review: a case waits for readers.
    #[serde(rename = "case.queued")]
    CaseQueued {
        /// The case.
        case: CaseId,
        /// The run it reviews.
        run: RunId,
    },
    /// Review: a reader holds a slot.
    #[serde(rename = "case.leased")]
    CaseLeased {
        /// The case.
        case: CaseId,
        /// The hold.
        lease: LeaseId,
    },
    /// Review: a hold ended without a read.
    #[serde(rename = "lease.ended")]
    LeaseEnded {
        /// The case.
        case: CaseId,
        /// The hold.
        lease: LeaseId,
        /// Stable code: expired, superseded, given back.
        reason_code: String,
    },
    /// Review: a private draft was saved.
    #[serde(rename = "draft.saved")]
    DraftSaved {
        /// The case.
        case: CaseId,
        /// The draft's version.
        version: u32,
        /// Digest of its content; the content stays with the reader.
        content: Digest,
    },
    /// Review: a read was signed.
    #[serde(rename = "read.signed")]
    ReadSigned {
        /// The case.
        case: CaseId,
        /// The read.
        read: ReadId,
        /// The signature.
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
    #[serde(rename = "signature.refused")]
    SignatureRefused {
        /// The case.
        case: CaseId,
        /// Stable code of the reason.
        reason_code: String,
    },
    /// Review: the two reads differ.
    #[serde(rename = "case.discordant")]
    CaseDiscordant {
        /// The case.
        case: CaseId,
    },
    /// Review: two accepting signatures stand over the same digest.
    #[serde(rename = "case.released")]
    CaseReleased {
        /// The case.
        case: CaseId,
        /// What delivery loads.
        release: ReleaseId,
        /// The deployment.
        deployment: DeploymentId,
    },
    /// Review: the case ended unreleased.
    #[serde(rename = "case.rejected")]
    CaseRejected {
        /// The case.
        case: CaseId,
    },
    /// Review: nothing may happen to the case until the hold ends.
    #[serde(rename = "case.held")]
    CaseHeld {
        /// The case.
        case: CaseId,
        /// Stable code of the reason.
        reason_code: String,
    },
    /// Review: the hold ended.
    #[serde(rename = "case.resumed")]
    CaseResumed {
        /// The case.
        case: CaseId,
    },
    /// Review: a newer source set or run took the case's place.
    #[serde(rename = "case.superseded")]
    CaseSuperseded {
        /// The case.
        case: CaseId,
    },
    /// Review: a reader took a read back within the finalisation window.
    #[serde(rename = "read.withdrawn")]
    ReadWithdrawn {
        /// The case.
        case: CaseId,
        /// The read.
        read: ReadId,
        /// Digest of the reason; the words stay with review.
        reason: Digest,
    },
    /// Review: two people found that a signature doesn't count; its slot is open again.
    #[serde(rename = "signature.invalidated")]
    SignatureInvalidated {
        /// The case.
        case: CaseId,
        /// The read, which is kept as it was signed.
        read: ReadId,
        /// The signature.
        signature: SignatureId,
        /// Digest of the reason; the words stay with review.
        reason: Digest,
    },
    /// Review: a reader, or a coordinator for all readers, put a case off.
    #[serde(rename = "case.deferred")]
    CaseDeferred {
        /// The case.
        case: CaseId,
        /// Stable code: reader, coordinator.
        reason_code: String,
    },
    /// Review: a coordinator put a deferred case back into the queues.
    #[serde(rename = "case.returned")]
    CaseReturned {
        /// The case.
        case: CaseId,
    },
    /// Review: the case came too late to be of use; nothing is sent.
    #[serde(rename = "case.expired")]
    CaseExpired {
        /// The case.
        case: CaseId,
    },
    /// Review: an adjudicator accepts against a critical rejection; a second one is wanted.
    #[serde(rename = "case.panel_called")]
    PanelCalled {
        /// The case.
        case: CaseId,
    },
    /// Review: an agreed case gets a third read for the quality sample.
    #[serde(rename = "case.sampled")]
    CaseSampled {
        /// The case.
        case: CaseId,
    },
    /// Review: a case that can't be released was read to its end.
    #[serde(rename = "case.sample_read")]
    SampleRead {
        /// The case.
        case: CaseId,
    },
    /// Review: somebody wants a released case back.
    #[serde(rename = "case.recall_proposed")]
    RecallProposed {
        /// The case.
        case: CaseId,
    },
    /// Review: two people took a released case back.
    #[serde(rename = "case.recalled")]
    CaseRecalled {
        /// The case.
        case: CaseId,
        /// What was released.
        release: ReleaseId,
    },
    /// Review: a study is under investigation; its cases are held.
    #[serde(rename = "study.flagged")]
    StudyFlagged {
        /// The study.
        study: StudyId,
        /// Digest of the reason; the words stay with review.
        reason: Digest,
    },
    /// Review: the investigation of a study ended.
    #[serde(rename = "study.unflagged")]
    StudyUnflagged {
        /// The study.
        study: StudyId,
    },
    /// Review: somebody may read a modality for a use.
    #[serde(rename = "credential.granted")]
    CredentialGranted {
        /// The credential.
        credential: CredentialId,
        /// Who may.
        reader: UserId,
    },
    /// Review: a credential was taken back.
    #[serde(rename = "credential.revoked")]
    CredentialRevoked {
        /// The credential.
        credential: CredentialId,
        /// Who may no longer.
        reader: UserId,
    },
    /// Review: somebody is too close to something to read it.
    #[serde(rename = "conflict.declared")]
    ConflictDeclared {
        /// The conflict.
        conflict: ConflictId,
        /// Who.
        reader: UserId,
    },
    /// Review: the run of a case is known to be bad and may test readers.
    #[serde(rename = "sentinel.marked")]
    SentinelMarked {
        /// The case.
        case: CaseId,
        /// The run.
        run: RunId,
    },
    /// Review: new rules are in force for cases queued from now on.
    #[serde(rename = "review.policy_changed")]
    PolicyChanged {
        /// Their version.
        version: String,
        /// Digest of the rules as JSON.
        content: Digest,
    },
    /// Delivery: a release is to go to a destination.
    #[serde(rename = "send.queued")]
    SendQueued {
        /// The send.
        send: SendId,
        /// The case.
        case: CaseId,
    },
    /// Delivery: every object is confirmed at the destination.
    #[serde(rename = "send.delivered")]
    SendDelivered {
        /// The send.
        send: SendId,
        /// The case.
        case: CaseId,
        /// Digest over the lines of what was sent, as the case digest is made.
        content: Digest,
        /// How many objects.
        objects: u32,
    },
    /// Delivery: an attempt failed; it will be repeated.
    #[serde(rename = "send.failed")]
    SendFailed {
        /// The send.
        send: SendId,
        /// The case.
        case: CaseId,
        /// Stable code of the reason.
        reason_code: String,
    },
    /// Delivery: a check before sending said no; nothing leaves.
    #[serde(rename = "send.held")]
    SendHeld {
        /// The send.
        send: SendId,
        /// The case.
        case: CaseId,
        /// Stable code of the reason.
        reason_code: String,
    },
    /// Gateway: somebody signed in.
    #[serde(rename = "login.opened")]
    LoginOpened {
        /// The login session.
        login: LoginSessionId,
    },
    /// Gateway: a login session ended.
    #[serde(rename = "login.ended")]
    LoginEnded {
        /// The login session.
        login: LoginSessionId,
        /// Stable code: signed_out, locked, expired.
        reason_code: String,
    },
    /// Gateway: a sign-in failed.
    #[serde(rename = "login.refused")]
    LoginRefused {
        /// Stable code of the reason.
        reason_code: String,
    },
    /// Gateway: an account exists.
    #[serde(rename = "user.added")]
    UserAdded {
        /// The account.
        user: UserId,
    },
    /// Gateway: somebody was shown something; once per login session for each thing.
    #[serde(rename = "display.recorded")]
    DisplayRecorded {
        /// What.
        display: Display,
        /// Ids of the studies and cases that stood in it.
        shown: Vec<String>,
    },
    /// Gateway: somebody who is signed in was refused something.
    #[serde(rename = "command.refused")]
    CommandRefused {
        /// What was asked for: a field of the API, or `view` for pixels.
        command: String,
        /// Stable code of the reason.
        reason_code: String,
    },
    /// Gateway: a sender stored instances over STOW-RS.
    #[serde(rename = "instances.uploaded")]
    InstancesUploaded {
        /// Instances that are kept.
        stored: u32,
        /// Instances that were refused, each with a reason in the answer.
        refused: u32,
    },
    /// Any service: it started under another configuration than before.
    #[serde(rename = "configuration.changed")]
    ConfigurationChanged {
        /// Digest of each section, passwords left out.
        sections: BTreeMap<String, Digest>,
        /// The sections that are not as they were.
        changed: Vec<String>,
    },
    /// Any service: somebody was shown something.
    #[serde(rename = "access.recorded")]
    AccessRecorded {
        /// What was shown.
        access: Access,
    },
}
