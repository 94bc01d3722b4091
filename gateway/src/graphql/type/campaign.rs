//! Recalls of whole selections. Review has cut them to what the viewer may know; destinations are delivery's.

use super::deployment::DeploymentSummary;
use super::model::Model;
use super::oversight::{Names, name_of};
use super::page::{self, Of};
use crate::graphql::fault::{fault, missing, viewer};
use crate::graphql::loader::Loaders;
use crate::graphql::services;
use crate::record;
use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use contract::event::Display;
use contract::{CaseId, DeploymentId, Digest, ModelVersionId, Refusal, UserId, delivery, review};
use std::collections::BTreeMap;

/// Which releases are meant: those for which every criterion that is given holds. At least one is given.
#[derive(InputObject)]
pub(crate) struct RecallSelectionInput {
    model_id: Option<ID>,
    deployment_id: Option<ID>,
    /// Released at this instant or later.
    from: Option<DateTime<Utc>>,
    /// Released at this instant or before.
    until: Option<DateTime<Utc>>,
}

impl RecallSelectionInput {
    /// The selection; an id of another kind leads nowhere.
    pub(crate) fn read(&self) -> Result<review::RecallSelection, Refusal> {
        fn read<T: std::str::FromStr>(id: Option<&ID>) -> Result<Option<T>, Refusal> {
            id.map(|id| id.parse().map_err(|_| Refusal::not_found())).transpose()
        }
        Ok(review::RecallSelection {
            model: read(self.model_id.as_ref())?,
            deployment: read(self.deployment_id.as_ref())?,
            from: self.from,
            until: self.until,
        })
    }
}

/// The set of cases that was shown: an act on a selection is an act on exactly this set.
#[derive(InputObject)]
pub(crate) struct SelectedSetInput {
    cases: u32,
    digest: String,
}

impl SelectedSetInput {
    /// The set; a digest that is none names another set than there is.
    pub(crate) fn read(&self) -> review::SelectedSet {
        let digest = self.digest.parse().unwrap_or_else(|_| Digest::of(self.digest.as_bytes()));
        review::SelectedSet { cases: self.cases, digest }
    }
}

/// A set of cases.
#[derive(SimpleObject)]
pub(crate) struct SelectedSet {
    cases: u32,
    /// SHA-256 over the lines `case id\n`, sorted.
    digest: String,
}

impl From<review::SelectedSet> for SelectedSet {
    fn from(set: review::SelectedSet) -> Self {
        Self { cases: set.cases, digest: set.digest.to_string() }
    }
}

/// What a selection, or a campaign over it, means for one case.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "review::SelectedState")]
pub(crate) enum SelectedState {
    /// It is taken back when the campaign is confirmed.
    Named,
    /// It was released after the proposal, and is taken back too.
    ReleasedSince,
    /// It waits for its turn.
    Waiting,
    /// Taken back by this campaign.
    Recalled,
    /// Not taken back by it, for a reason.
    Left,
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "RecallCampaignState", remote = "review::CampaignState")]
pub(crate) enum CampaignState {
    /// It waits for the second person; nothing of the selection is sent.
    Proposed,
    UnderWay,
    /// Every case has been dealt with; destinations are followed on.
    Completed,
    Withdrawn,
}

/// One released case of a selection.
pub(crate) struct SelectedCase(pub(crate) review::SelectedCase);

#[Object]
impl SelectedCase {
    async fn case_id(&self) -> ID {
        self.0.case.to_string().into()
    }

    async fn released_at(&self) -> DateTime<Utc> {
        self.0.released_at
    }

    async fn state(&self) -> SelectedState {
        self.0.state.into()
    }

    /// Why it is left: `recalled_before`, `recall_proposed`, `withdrawn`, or the code of a refusal.
    async fn reason_code(&self) -> Option<&str> {
        self.0.reason_code.as_deref()
    }

    async fn deployment(&self, ctx: &Context<'_>) -> Result<DeploymentSummary> {
        deployment(ctx, &self.0.deployment).await
    }

    async fn model(&self, ctx: &Context<'_>) -> Result<Model> {
        model(ctx, &self.0.model).await
    }
}

/// What one deployment and model version released within a selection.
pub(crate) struct SelectedDeployment(review::SelectedDeployment);

#[Object]
impl SelectedDeployment {
    async fn deployment(&self, ctx: &Context<'_>) -> Result<DeploymentSummary> {
        deployment(ctx, &self.0.deployment).await
    }

    async fn model(&self, ctx: &Context<'_>) -> Result<Model> {
        model(ctx, &self.0.model).await
    }

    async fn released(&self) -> u32 {
        self.0.released
    }

    async fn recalled(&self) -> u32 {
        self.0.recalled
    }

    async fn recall_proposed(&self) -> u32 {
        self.0.recall_proposed
    }
}

/// What the cases of a selection came to at one destination.
#[derive(SimpleObject)]
pub(crate) struct RecallDestination {
    /// AE title and address.
    destination: String,
    sends: u32,
    /// Sends of which the destination has taken at least one object.
    with_objects: u32,
    /// Recalled, and the rejection note is not stored there yet.
    notes_queued: u32,
    /// The note is stored there; the objects have not been shown to be gone.
    notes_following: u32,
    /// The destination shows none of the objects any more.
    gone: u32,
    /// Nothing had been sent.
    nothing_sent: u32,
    closed_by_hand: u32,
}

impl From<delivery::DestinationTally> for RecallDestination {
    fn from(tally: delivery::DestinationTally) -> Self {
        Self {
            destination: tally.destination,
            sends: tally.sends,
            with_objects: tally.with_objects,
            notes_queued: tally.notes_queued,
            notes_following: tally.notes_following,
            gone: tally.gone,
            nothing_sent: tally.nothing_sent,
            closed_by_hand: tally.closed_by_hand,
        }
    }
}

/// What a recall of a selection would take back. Nothing changes by looking.
pub(crate) struct RecallPreview {
    pub(crate) preview: review::RecallPreview,
    pub(crate) selection: review::RecallSelection,
}

#[Object]
impl RecallPreview {
    async fn resolved_at(&self) -> DateTime<Utc> {
        self.preview.resolved_at
    }

    /// Every released case of the selection.
    async fn released(&self) -> u32 {
        self.preview.released
    }

    /// Of those, recalled before.
    async fn recalled(&self) -> u32 {
        self.preview.recalled
    }

    /// Of those, with a recall of their own that waits for its second person.
    async fn recall_proposed(&self) -> u32 {
        self.preview.recall_proposed
    }

    /// The rest: what would be taken back.
    async fn set(&self) -> SelectedSet {
        self.preview.set.into()
    }

    async fn deployments(&self) -> Vec<SelectedDeployment> {
        self.preview.deployments.iter().cloned().map(SelectedDeployment).collect()
    }

    /// Where the cases that would be taken back went, or are on their way to.
    #[graphql(complexity = "20 + child_complexity")]
    async fn destinations(&self, ctx: &Context<'_>) -> Result<Vec<RecallDestination>> {
        destinations(ctx, &self.preview.cases).await
    }

    /// Every released case of the selection, oldest release first.
    #[graphql(complexity = "page::items(first) * child_complexity")]
    async fn cases(
        &self,
        ctx: &Context<'_>,
        first: Option<u32>,
        after: Option<String>,
    ) -> Result<Of<SelectedCase>> {
        let page = page::request(first, after);
        let wanted = review::SelectedPage { selection: self.selection.clone(), page };
        let review = services(ctx, viewer(ctx)?).review;
        let cases = review.recall_preview_cases(&wanted).await.map_err(|error| fault(ctx, error.into()))?;
        let shown = cases.items.iter().map(|item| item.node.case.to_string());
        record::shown(ctx, Display::RecallPreview, shown);
        Ok(page::connection(cases, wanted.page.after.is_some(), SelectedCase))
    }
}

/// What confirming a proposed campaign would take back now.
#[derive(SimpleObject)]
pub(crate) struct RecallCampaignNow {
    /// The set that is to be confirmed.
    set: SelectedSet,
    /// Of those, released after the proposal.
    released_since: u32,
    /// Cases of the proposal that it can't take back any more.
    no_longer: u32,
}

impl From<review::CampaignNow> for RecallCampaignNow {
    fn from(now: review::CampaignNow) -> Self {
        Self { set: now.set.into(), released_since: now.released_since, no_longer: now.no_longer }
    }
}

/// A wish of one person to take every release of a selection back, carried out when another one confirms it.
pub(crate) struct RecallCampaign {
    campaign: review::RecallCampaign,
    names: Names,
}

/// The accounts that a campaign names.
pub(crate) fn accounts_of(campaign: &review::RecallCampaign) -> impl Iterator<Item = UserId> + use<> {
    let others = [campaign.confirmed_by.clone(), campaign.withdrawn_by.clone()];
    [campaign.proposed_by.clone()].into_iter().chain(others.into_iter().flatten())
}

impl RecallCampaign {
    pub(crate) fn new(campaign: review::RecallCampaign, names: &Names) -> Self {
        Self { campaign, names: names.clone() }
    }

    fn name(&self, user: Option<&UserId>) -> Option<String> {
        user.map(|user| name_of(&self.names, user))
    }
}

#[Object]
impl RecallCampaign {
    async fn id(&self) -> ID {
        self.campaign.id.to_string().into()
    }

    async fn state(&self) -> CampaignState {
        self.campaign.state.into()
    }

    async fn reason(&self) -> &str {
        &self.campaign.reason
    }

    /// Null where any version is meant.
    async fn model(&self, ctx: &Context<'_>) -> Result<Option<Model>> {
        match &self.campaign.selection.model {
            Some(id) => model(ctx, id).await.map(Some),
            None => Ok(None),
        }
    }

    /// Null where any deployment is meant.
    async fn deployment(&self, ctx: &Context<'_>) -> Result<Option<DeploymentSummary>> {
        match &self.campaign.selection.deployment {
            Some(id) => deployment(ctx, id).await.map(Some),
            None => Ok(None),
        }
    }

    async fn from(&self) -> Option<DateTime<Utc>> {
        self.campaign.selection.from
    }

    async fn until(&self) -> Option<DateTime<Utc>> {
        self.campaign.selection.until
    }

    /// The account.
    async fn proposed_by(&self) -> String {
        name_of(&self.names, &self.campaign.proposed_by)
    }

    async fn proposed_at(&self) -> DateTime<Utc> {
        self.campaign.proposed_at
    }

    /// How many cases it named then.
    async fn named(&self) -> u32 {
        self.campaign.named.cases
    }

    /// Null once it is decided.
    async fn now(&self) -> Option<RecallCampaignNow> {
        self.campaign.now.map(RecallCampaignNow::from)
    }

    /// The account.
    async fn confirmed_by(&self) -> Option<String> {
        self.name(self.campaign.confirmed_by.as_ref())
    }

    async fn confirmed_at(&self) -> Option<DateTime<Utc>> {
        self.campaign.confirmed_at
    }

    /// How many cases were confirmed.
    async fn confirmed(&self) -> Option<u32> {
        self.campaign.confirmed.map(|set| set.cases)
    }

    /// The account.
    async fn withdrawn_by(&self) -> Option<String> {
        self.name(self.campaign.withdrawn_by.as_ref())
    }

    async fn withdrawn_at(&self) -> Option<DateTime<Utc>> {
        self.campaign.withdrawn_at
    }

    /// Why it was withdrawn.
    async fn withdrawal(&self) -> Option<&str> {
        self.campaign.withdrawal.as_deref()
    }

    async fn completed_at(&self) -> Option<DateTime<Utc>> {
        self.campaign.completed_at
    }

    /// Cases that wait for their turn.
    async fn waiting(&self) -> u32 {
        self.campaign.waiting
    }

    async fn recalled(&self) -> u32 {
        self.campaign.recalled
    }

    /// Cases that it didn't take back, each with a reason.
    async fn left(&self) -> u32 {
        self.campaign.left
    }

    /// Where its cases went, and what each destination shows since.
    #[graphql(complexity = "20 + child_complexity")]
    async fn destinations(&self, ctx: &Context<'_>) -> Result<Vec<RecallDestination>> {
        let review = services(ctx, viewer(ctx)?).review;
        let cases = review.recall_campaign_case_ids(&self.campaign.id).await;
        destinations(ctx, &cases.map_err(|error| fault(ctx, error.into()))?).await
    }

    #[graphql(complexity = "page::items(first) * child_complexity")]
    async fn cases(
        &self,
        ctx: &Context<'_>,
        first: Option<u32>,
        after: Option<String>,
    ) -> Result<Of<SelectedCase>> {
        let page = page::request(first, after);
        let review = services(ctx, viewer(ctx)?).review;
        let cases = review.recall_campaign_cases(&self.campaign.id, &page).await;
        let cases = cases.map_err(|error| fault(ctx, error.into()))?;
        let shown = cases.items.iter().map(|item| item.node.case.to_string());
        record::shown(ctx, Display::RecallCampaigns, shown);
        Ok(page::connection(cases, page.after.is_some(), SelectedCase))
    }
}

async fn deployment(ctx: &Context<'_>, id: &DeploymentId) -> Result<DeploymentSummary> {
    let deployment = Loaders::of(ctx)?.one(ctx, id.clone()).await?;
    deployment.map(DeploymentSummary::from).ok_or_else(|| missing(ctx, "deployment"))
}

async fn model(ctx: &Context<'_>, id: &ModelVersionId) -> Result<Model> {
    let model = Loaders::of(ctx)?.one(ctx, id.clone()).await?;
    model.map(Model).ok_or_else(|| missing(ctx, "model"))
}

/// What some cases came to at each destination, by its name.
async fn destinations(ctx: &Context<'_>, cases: &[CaseId]) -> Result<Vec<RecallDestination>> {
    let asked = services(ctx, viewer(ctx)?).delivery;
    let mut sums: BTreeMap<String, delivery::DestinationTally> = BTreeMap::new();
    for some in cases.chunks(delivery::TALLY_CASES_MAX) {
        let tallies = asked.tally(some.to_vec()).await.map_err(|error| fault(ctx, error.into()))?;
        for tally in tallies {
            match sums.get_mut(&tally.destination) {
                Some(sum) => add(sum, &tally),
                None => drop(sums.insert(tally.destination.clone(), tally)),
            }
        }
    }
    Ok(sums.into_values().map(RecallDestination::from).collect())
}

fn add(sum: &mut delivery::DestinationTally, more: &delivery::DestinationTally) {
    sum.sends += more.sends;
    sum.with_objects += more.with_objects;
    sum.notes_queued += more.notes_queued;
    sum.notes_following += more.notes_following;
    sum.gone += more.gone;
    sum.nothing_sent += more.nothing_sent;
    sum.closed_by_hand += more.closed_by_hand;
}
