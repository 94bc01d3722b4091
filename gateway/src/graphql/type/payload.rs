//! What mutations return: the noun, or a refusal.

use super::account::{IssuedPassword, UserAccount};
use super::campaign::RecallCampaign;
use super::case::Case;
use super::comparison::Comparison;
use super::deployment::{Deployment, Proposal};
use super::destination::{Destination, DestinationTest};
use super::discussion::Discussion;
use super::erasure::Erasure;
use super::governance::RulesProposal;
use super::oversight::{Conflict, Credential, ReviewPolicy, StudyFlag};
use super::pair::ComparisonPair;
use super::passkey::Passkey;
use super::quarantine::QuarantineOutcome;
use super::read::Draft;
use super::rejection_note::RejectionNote;
use super::site::Site;
use super::stop::{Alarm, RecallEvaluation};
use super::study::Study;
use super::teaching::TeachingSet;
use super::terms::{PlanVersion, PricesVersion};
use super::use_rule::UseRuleVersion;
use super::viewer::Viewer;
use crate::error::Error;
use crate::graphql::fault::fault;
use crate::record;
use async_graphql::{Context, SimpleObject};

/// Why a command was not carried out, and what to do.
#[derive(SimpleObject)]
pub(crate) struct Refusal {
    code: String,
    message: String,
    remedy: String,
}

impl From<contract::Refusal> for Refusal {
    fn from(refusal: contract::Refusal) -> Self {
        Self { code: refusal.code, message: refusal.message, remedy: refusal.remedy }
    }
}

macro_rules! payloads {
    ($($name:ident { $noun:ident: $type:ty })*) => {$(
        #[derive(SimpleObject)]
        pub(crate) struct $name {
            $noun: Option<$type>,
            refusal: Option<Refusal>,
        }

        impl $name {
            /// What came of the command. A fault is no value: it becomes a GraphQL error.
            pub(crate) fn from_outcome(
                ctx: &Context<'_>,
                outcome: Result<$type, Error>,
            ) -> async_graphql::Result<Self> {
                match outcome {
                    Ok(value) => Ok(Self { $noun: Some(value), refusal: None }),
                    Err(error) => match error.into_refusal() {
                        Ok(refusal) => {
                            record::refused(ctx, &refusal.code);
                            Ok(Self { $noun: None, refusal: Some(refusal.into()) })
                        }
                        Err(error) => Err(fault(ctx, error)),
                    },
                }
            }
        }
    )*};
}

payloads! {
    SignInPayload { viewer: Viewer }
    AddAccountPayload { issued: IssuedPassword }
    ChangeAccountRolesPayload { account: UserAccount }
    DisableAccountPayload { account: UserAccount }
    EnableAccountPayload { account: UserAccount }
    ResetPasswordPayload { issued: IssuedPassword }
    ChangePasswordPayload { viewer: Viewer }
    AddDestinationPayload { destination: Destination }
    ChangeDestinationPayload { destination: Destination }
    TestDestinationPayload { test: DestinationTest }
    OpenCasePayload { case: Case }
    SaveDraftPayload { draft: Draft }
    SignReadPayload { case: Case }
    AdjudicatePayload { case: Case }
    CreateDeploymentPayload { deployment: Deployment }
    ProposePromotionPayload { proposal: Proposal }
    ApprovePromotionPayload { deployment: Deployment }
    DemoteDeploymentPayload { deployment: Deployment }
    ProposeGatePolicyPayload { proposal: RulesProposal }
    ProposeStopRulesPayload { proposal: RulesProposal }
    AdoptRulesPayload { proposal: RulesProposal }
    DeclineRulesPayload { proposal: RulesProposal }
    AcknowledgeAlarmPayload { alarm: Alarm }
    CloseRecallEvaluationPayload { evaluation: RecallEvaluation }
    ChangeUseRulePayload { version: UseRuleVersion }
    ChangePricesPayload { version: PricesVersion }
    ChangePlanPayload { version: PlanVersion }
    ChangeSitePayload { site: Site }
    RemoveSitePayload { site: Site }
    WithdrawReadPayload { case: Case }
    ConfirmReadPayload { case: Case }
    WriteAddendumPayload { case: Case }
    StartPasskeyRegistrationPayload { options: String }
    RegisterPasskeyPayload { passkey: Passkey }
    RevokePasskeyPayload { passkeys: Vec<Passkey> }
    StartPasskeySignaturePayload { options: String }
    DeferCasePayload { case: Case }
    DeclareOwnConflictPayload { conflict: Conflict }
    HoldCasePayload { case: Case }
    ChangeCasePriorityPayload { case: Case }
    ResumeCasePayload { case: Case }
    ReturnCasePayload { case: Case }
    RevokeHoldsPayload { case: Case }
    ProposeRecallPayload { case: Case }
    ConfirmRecallPayload { case: Case }
    MarkSentinelPayload { case: Case }
    InvalidateSignaturePayload { case: Case }
    FlagStudyPayload { flag: StudyFlag }
    UnflagStudyPayload { flag: StudyFlag }
    SettleIdentityPayload { study: Study }
    ReadmitQuarantinedPayload { outcome: QuarantineOutcome }
    DiscardQuarantinedPayload { outcome: QuarantineOutcome }
    CloseRejectionNotePayload { note: RejectionNote }
    ProposeRecallCampaignPayload { campaign: RecallCampaign }
    ConfirmRecallCampaignPayload { campaign: RecallCampaign }
    WithdrawRecallCampaignPayload { campaign: RecallCampaign }
    GrantCredentialPayload { credential: Credential }
    RevokeCredentialPayload { credential: Credential }
    DeclareConflictPayload { conflict: Conflict }
    ChangeReviewPolicyPayload { policy: ReviewPolicy }
    ProposeErasurePayload { erasure: Erasure }
    ApproveErasurePayload { erasure: Erasure }
    DeclineErasurePayload { erasure: Erasure }
    StartComparisonPayload { comparison: Comparison }
    GiveUpComparisonPayload { comparison: Comparison }
    OpenComparisonPairPayload { pair: ComparisonPair }
    AnswerComparisonPairPayload { pair: ComparisonPair }
    OpenDiscussionPayload { discussion: Discussion }
    ContributeToDiscussionPayload { discussion: Discussion }
    ScoreReadingPayload { discussion: Discussion }
    CloseDiscussionPayload { discussion: Discussion }
    PrepareTeachingSetPayload { teaching_set: TeachingSet }
    ReleaseTeachingSetPayload { teaching_set: TeachingSet }
    WithdrawTeachingSetPayload { teaching_set: TeachingSet }
}

#[derive(SimpleObject)]
pub(crate) struct SignOutPayload {
    pub(crate) ok: bool,
    pub(crate) refusal: Option<Refusal>,
}
