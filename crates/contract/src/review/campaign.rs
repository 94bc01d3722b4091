//! Recalls of a whole selection: everything that a model version, a deployment or a span of time released.

use super::{Reason, Review};
use crate::{
    CaseId, ClientError, DeploymentId, Digest, ModelVersionId, Page, PageRequest, RecallCampaignId, Time,
    UserId,
};
use serde::{Deserialize, Serialize};

/// Which releases are meant: those for which every criterion that is given holds. At least one is given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecallSelection {
    /// Made by this model version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelVersionId>,
    /// Made under this deployment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment: Option<DeploymentId>,
    /// Released at this instant or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Time>,
    /// Released at this instant or before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
}

/// The set of cases that somebody was shown: an act on a selection is an act on exactly this set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelectedSet {
    /// How many cases.
    pub cases: u32,
    /// SHA-256 over the lines `case id\n`, sorted.
    pub digest: Digest,
}

/// What one deployment and model version released within a selection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelectedDeployment {
    /// The deployment.
    pub deployment: DeploymentId,
    /// The model version that made the results.
    pub model: ModelVersionId,
    /// Every released case, whatever became of it.
    pub released: u32,
    /// Of those, recalled before.
    pub recalled: u32,
    /// Of those, with a recall of their own that waits for its second person.
    pub recall_proposed: u32,
}

/// What a recall of a selection would take back. Nothing changes by looking.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecallPreview {
    /// When it was looked.
    pub resolved_at: Time,
    /// Every released case of the selection.
    pub released: u32,
    /// Of those, recalled before.
    pub recalled: u32,
    /// Of those, with a recall of their own that waits for its second person.
    pub recall_proposed: u32,
    /// The rest: what would be taken back.
    pub set: SelectedSet,
    /// By deployment and model version.
    pub deployments: Vec<SelectedDeployment>,
    /// The cases of `set`.
    pub cases: Vec<CaseId>,
}

/// What a selection, or a campaign over it, means for one case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SelectedState {
    /// It is taken back when the campaign is confirmed.
    Named,
    /// It was released after the campaign was proposed, and is taken back too when that is confirmed.
    ReleasedSince,
    /// The campaign is confirmed and the case waits for its turn.
    Waiting,
    /// Taken back by this campaign.
    Recalled,
    /// Not taken back by it, for a reason.
    Left,
}

/// One case of a selection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelectedCase {
    /// The case.
    pub case: CaseId,
    /// Under which deployment it was made.
    pub deployment: DeploymentId,
    /// The model version that made it.
    pub model: ModelVersionId,
    /// When it was released.
    pub released_at: Time,
    /// What becomes of it.
    pub state: SelectedState,
    /// Why it is left, if it is: `recalled_before`, `recall_proposed`, `withdrawn`, or the code of the refusal.
    pub reason_code: Option<String>,
}

/// How far a campaign is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CampaignState {
    /// It waits for the second person; nothing of the selection is sent.
    Proposed,
    /// Confirmed; its cases are being recalled.
    UnderWay,
    /// Every case has been dealt with.
    Completed,
    /// It is not carried out.
    Withdrawn,
}

/// What confirming a proposed campaign would take back now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignNow {
    /// The set that is to be confirmed.
    pub set: SelectedSet,
    /// Of those, released after the proposal.
    pub released_since: u32,
    /// Cases of the proposal that can't be taken back by it any more.
    pub no_longer: u32,
}

/// A wish of one person to take every release of a selection back, carried out when another one confirms it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecallCampaign {
    /// The campaign.
    pub id: RecallCampaignId,
    /// What it selects.
    pub selection: RecallSelection,
    /// Why.
    pub reason: String,
    /// How far it is.
    pub state: CampaignState,
    /// Who wants it.
    pub proposed_by: UserId,
    /// Since when.
    pub proposed_at: Time,
    /// The cases that it named then.
    pub named: SelectedSet,
    /// While it is proposed: what confirming would take back now.
    pub now: Option<CampaignNow>,
    /// The second person.
    pub confirmed_by: Option<UserId>,
    /// When.
    pub confirmed_at: Option<Time>,
    /// What was confirmed.
    pub confirmed: Option<SelectedSet>,
    /// Who withdrew it.
    pub withdrawn_by: Option<UserId>,
    /// When.
    pub withdrawn_at: Option<Time>,
    /// Why.
    pub withdrawal: Option<String>,
    /// When every case had been dealt with.
    pub completed_at: Option<Time>,
    /// Cases that wait for their turn.
    pub waiting: u32,
    /// Cases that it took back.
    pub recalled: u32,
    /// Cases that it did not take back, each with a reason.
    pub left: u32,
}

/// One page of the cases of a selection.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SelectedPage {
    /// The selection.
    pub selection: RecallSelection,
    /// Which page.
    pub page: PageRequest,
}

/// Proposes to take every release of a selection back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProposeCampaign {
    /// Of what.
    pub selection: RecallSelection,
    /// The set that the preview showed: refused when it is another by now.
    pub set: SelectedSet,
    /// Why, 3 to 500 characters.
    pub reason: String,
}

/// Confirms a campaign that another person proposed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ConfirmCampaign {
    /// The set that was shown: refused when it is another by now.
    pub set: SelectedSet,
}

impl Review {
    /// What a recall of a selection would take back, for quality and adjudicators.
    pub async fn recall_preview(&self, selection: &RecallSelection) -> Result<RecallPreview, ClientError> {
        self.0.post("/v1/recall-campaigns/preview", selection).await
    }

    /// The released cases of a selection, oldest release first.
    pub async fn recall_preview_cases(
        &self,
        wanted: &SelectedPage,
    ) -> Result<Page<SelectedCase>, ClientError> {
        self.0.post("/v1/recall-campaigns/preview/cases", wanted).await
    }

    /// Campaigns, newest first.
    pub async fn recall_campaigns(&self, page: &PageRequest) -> Result<Page<RecallCampaign>, ClientError> {
        self.0.get_one("/v1/recall-campaigns", page).await
    }

    /// One campaign.
    pub async fn recall_campaign(
        &self,
        id: &RecallCampaignId,
    ) -> Result<Option<RecallCampaign>, ClientError> {
        self.0.get(&format!("/v1/recall-campaigns/{id}"), &()).await
    }

    /// The cases of a campaign, by id.
    pub async fn recall_campaign_cases(
        &self,
        id: &RecallCampaignId,
        page: &PageRequest,
    ) -> Result<Page<SelectedCase>, ClientError> {
        self.0.get_one(&format!("/v1/recall-campaigns/{id}/cases"), page).await
    }

    /// The ids of the cases that a campaign takes or took back.
    pub async fn recall_campaign_case_ids(&self, id: &RecallCampaignId) -> Result<Vec<CaseId>, ClientError> {
        self.0.get_one(&format!("/v1/recall-campaigns/{id}/case-ids"), &()).await
    }

    /// Proposes a campaign.
    pub async fn propose_recall_campaign(
        &self,
        command: &ProposeCampaign,
    ) -> Result<RecallCampaign, ClientError> {
        self.0.post("/v1/recall-campaigns", command).await
    }

    /// Confirms a campaign that another person proposed.
    pub async fn confirm_recall_campaign(
        &self,
        id: &RecallCampaignId,
        command: &ConfirmCampaign,
    ) -> Result<RecallCampaign, ClientError> {
        self.0.post(&format!("/v1/recall-campaigns/{id}/confirm"), command).await
    }

    /// Withdraws a campaign that isn't confirmed.
    pub async fn withdraw_recall_campaign(
        &self,
        id: &RecallCampaignId,
        command: &Reason,
    ) -> Result<RecallCampaign, ClientError> {
        self.0.post(&format!("/v1/recall-campaigns/{id}/withdraw"), command).await
    }
}
