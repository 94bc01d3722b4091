//! Recalls of whole selections: looked at, proposed, confirmed, withdrawn, and carried out case by case.

use super::{Asked, Shell};
use crate::blind;
use crate::campaign::{self, CASES_MAX, Campaign, Candidate, Proposal, Second};
use crate::case::Case;
use crate::error::Error;
use crate::store::{self, Origin, Progress};
use crate::workflow::{Command, SelectedRecall, decide};
use contract::event::{
    RecallCampaignCompleted, RecallCampaignConfirmed, RecallCampaignProposed, RecallCampaignWithdrawn,
};
use contract::review::{
    CampaignState, ConfirmCampaign, ProposeCampaign, RecallCampaign, RecallPreview, RecallSelection,
    SelectedCase, SelectedPage,
};
use contract::{Actor, CaseId, Digest, Event, Page, PageRequest, RecallCampaignId};
use database::{DatabaseTransaction, transaction};

/// How many cases are looked at at once when each has to be asked whether its ending may be known.
const CASES_AT_ONCE: usize = 200;

impl Shell {
    /// What a recall of a selection would take back.
    pub(crate) async fn recall_preview(
        &self,
        actor: &Actor,
        selection: &RecallSelection,
    ) -> Result<RecallPreview, Error> {
        let candidates = self.candidates(actor, selection).await?;
        Ok(campaign::preview(&candidates, self.now()))
    }

    /// One page of the released cases of a selection, oldest release first.
    pub(crate) async fn recall_preview_cases(
        &self,
        actor: &Actor,
        wanted: &SelectedPage,
    ) -> Result<Page<SelectedCase>, Error> {
        let candidates = self.candidates(actor, &wanted.selection).await?;
        let cases = candidates.iter().map(|candidate| campaign::selected(candidate, None));
        Ok(page_of(cases, &wanted.page))
    }

    /// What a selection covers, for somebody who may know it.
    async fn candidates(&self, actor: &Actor, selection: &RecallSelection) -> Result<Vec<Candidate>, Error> {
        campaign::check(selection)?;
        let candidates = store::candidates(&self.db, selection, CASES_MAX + 1).await?;
        campaign::check_size(&candidates)?;
        self.check_knows(&self.db, actor, candidates.iter().map(|candidate| &candidate.case)).await?;
        Ok(candidates)
    }

    /// A recall that left out what its people may not know would miss cases without a word: so it is all or nothing.
    async fn check_knows(
        &self,
        db: &impl store::ConnectionTrait,
        actor: &Actor,
        cases: impl Iterator<Item = &CaseId>,
    ) -> Result<(), Error> {
        if blind::knows_every_release(actor) {
            return Ok(());
        }
        let (cases, now) = (cases.cloned().collect::<Vec<_>>(), self.now());
        let ending_shows =
            |case: &Case| blind::view(case, actor, now).is_some_and(|view| view.state.is_some());
        for chunk in cases.chunks(CASES_AT_ONCE) {
            if !store::cases_load(db, chunk).await?.iter().all(ending_shows) {
                return Err(campaign::not_theirs().into());
            }
        }
        Ok(())
    }

    /// Proposes a campaign. From then on nothing more of its selection is sent.
    pub(crate) async fn propose_campaign(
        &self,
        asked: &Asked,
        command: ProposeCampaign,
    ) -> Result<RecallCampaign, Error> {
        let (shell, asked) = (self.clone(), asked.clone());
        transaction(&self.db, move |txn| {
            Box::pin(async move {
                let origin = shell.person(&asked.actor, &asked.causation);
                campaign::check(&command.selection)?;
                let candidates = store::candidates(txn, &command.selection, CASES_MAX + 1).await?;
                let known = candidates.iter().map(|candidate| &candidate.case);
                shell.check_knows(txn, &asked.actor, known).await?;
                let proposal = Proposal {
                    id: shell.random.with(RecallCampaignId::random),
                    selection: command.selection,
                    by: asked.user,
                    words: command.reason,
                    seen: command.set,
                };
                let proposed = campaign::propose(proposal, &candidates, origin.now)?;
                let cases: Vec<CaseId> =
                    campaign::recallable(&candidates).map(|candidate| candidate.case.clone()).collect();
                store::campaign_insert(txn, &proposed, &cases).await?;
                let event = Event::RecallCampaignProposed(RecallCampaignProposed {
                    campaign: proposed.id.clone(),
                    cases: proposed.named.cases,
                    set: proposed.named.digest,
                    reason: Digest::of(proposed.words.as_bytes()),
                });
                store::tell(txn, &origin, proposed.id.as_str(), event).await?;
                shell.campaign_view(txn, proposed).await
            })
        })
        .await
    }

    /// Confirms a campaign over the set that was shown. What follows is carried out by `recall`.
    pub(crate) async fn confirm_campaign(
        &self,
        asked: &Asked,
        id: &RecallCampaignId,
        command: ConfirmCampaign,
    ) -> Result<RecallCampaign, Error> {
        let (shell, asked, id) = (self.clone(), asked.clone(), id.clone());
        transaction(&self.db, move |txn| {
            Box::pin(async move {
                let origin = shell.person(&asked.actor, &asked.causation);
                let (found, candidates) = shell.campaign_locked(txn, &asked.actor, &id).await?;
                let second = Second {
                    user: asked.user,
                    actor: asked.actor,
                    request: asked.causation.to_string(),
                    seen: command.set,
                };
                let confirmed = campaign::confirm(&found, &candidates, second, origin.now)?;
                store::campaign_confirmed(txn, &confirmed, &candidates, origin.now).await?;
                let event = Event::RecallCampaignConfirmed(RecallCampaignConfirmed {
                    campaign: id.clone(),
                    cases: command.set.cases,
                    set: command.set.digest,
                });
                store::tell(txn, &origin, id.as_str(), event).await?;
                shell.campaign_view(txn, confirmed).await
            })
        })
        .await
    }

    /// Withdraws a campaign that was not confirmed: what it named is sent again.
    pub(crate) async fn withdraw_campaign(
        &self,
        asked: &Asked,
        id: &RecallCampaignId,
        words: &str,
    ) -> Result<RecallCampaign, Error> {
        let (shell, asked, id, words) = (self.clone(), asked.clone(), id.clone(), words.to_owned());
        transaction(&self.db, move |txn| {
            Box::pin(async move {
                let origin = shell.person(&asked.actor, &asked.causation);
                let (found, _) = shell.campaign_locked(txn, &asked.actor, &id).await?;
                let withdrawn = campaign::withdraw(&found, &asked.user, &words, origin.now)?;
                store::campaign_withdrawn(txn, &withdrawn, origin.now).await?;
                let reason = withdrawn.withdrawal.as_ref().map_or("", |withdrawal| &withdrawal.words);
                let event = Event::RecallCampaignWithdrawn(RecallCampaignWithdrawn {
                    campaign: id.clone(),
                    reason: Digest::of(reason.as_bytes()),
                });
                store::tell(txn, &origin, id.as_str(), event).await?;
                shell.campaign_view(txn, withdrawn).await
            })
        })
        .await
    }

    /// Loads a campaign for a change, with what its selection covers now.
    async fn campaign_locked(
        &self,
        txn: &DatabaseTransaction,
        actor: &Actor,
        id: &RecallCampaignId,
    ) -> Result<(Campaign, Vec<Candidate>), Error> {
        let found = store::campaign_load_locked(txn, id).await?.ok_or(Error::NotFound)?;
        let candidates = store::candidates(txn, &found.selection, CASES_MAX + 1).await?;
        self.check_knows(txn, actor, candidates.iter().map(|candidate| &candidate.case)).await?;
        Ok((found, candidates))
    }

    /// One page of the campaigns that the actor may know.
    pub(crate) async fn campaigns(
        &self,
        actor: &Actor,
        page: &PageRequest,
    ) -> Result<Page<RecallCampaign>, Error> {
        let rows = store::campaign_page(&self.db, page).await?;
        let page = Page::from_rows(rows, page.limit(), |row| store::cursor(row.proposed_at, &row.id));
        let mut shown = Page { items: Vec::new(), has_next_page: page.has_next_page };
        for item in page.items {
            match self.check_knows_campaign(actor, &item.node).await {
                Ok(()) => {
                    let node = self.campaign_view(&self.db, item.node).await?;
                    shown.items.push(contract::page::Item { cursor: item.cursor, node });
                }
                Err(Error::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(shown)
    }

    /// One campaign, to somebody who may know how all its cases ended.
    pub(crate) async fn campaign(
        &self,
        actor: &Actor,
        id: &RecallCampaignId,
    ) -> Result<RecallCampaign, Error> {
        let found = self.campaign_known(actor, id).await?;
        self.campaign_view(&self.db, found).await
    }

    async fn campaign_known(&self, actor: &Actor, id: &RecallCampaignId) -> Result<Campaign, Error> {
        let found = store::campaign_load(&self.db, id).await?.ok_or(Error::NotFound)?;
        self.check_knows_campaign(actor, &found).await?;
        Ok(found)
    }

    async fn check_knows_campaign(&self, actor: &Actor, campaign: &Campaign) -> Result<(), Error> {
        if blind::knows_every_release(actor) {
            return Ok(());
        }
        let cases = self.campaign_case_ids_of(campaign).await?;
        match self.check_knows(&self.db, actor, cases.iter()).await {
            Err(Error::Refused(_)) => Err(Error::NotFound),
            other => other,
        }
    }

    /// One page of the cases of a campaign: while it is proposed, of what it would take back now.
    pub(crate) async fn campaign_cases(
        &self,
        actor: &Actor,
        id: &RecallCampaignId,
        page: &PageRequest,
    ) -> Result<Page<SelectedCase>, Error> {
        let found = self.campaign_known(actor, id).await?;
        if found.state() != CampaignState::Proposed {
            let rows = store::campaign_case_page(&self.db, id, page).await?;
            return Ok(Page::from_rows(rows, page.limit(), |row| row.case.to_string()));
        }
        let named = store::campaign_named(&self.db, id).await?;
        let candidates = store::candidates(&self.db, &found.selection, CASES_MAX).await?;
        let cases = candidates.iter().map(|candidate| campaign::selected(candidate, Some(&named)));
        Ok(page_of(cases, page))
    }

    /// The cases that a campaign takes or took back.
    pub(crate) async fn campaign_case_ids(
        &self,
        actor: &Actor,
        id: &RecallCampaignId,
    ) -> Result<Vec<CaseId>, Error> {
        let found = self.campaign_known(actor, id).await?;
        self.campaign_case_ids_of(&found).await
    }

    async fn campaign_case_ids_of(&self, campaign: &Campaign) -> Result<Vec<CaseId>, Error> {
        if campaign.state() == CampaignState::Proposed {
            let candidates = store::candidates(&self.db, &campaign.selection, CASES_MAX).await?;
            return Ok(campaign::recallable(&candidates).map(|candidate| candidate.case.clone()).collect());
        }
        let wanted = [Progress::Waiting, Progress::Recalled];
        store::campaign_case_ids(&self.db, &campaign.id, &wanted, (None, CASES_MAX as u64)).await
    }

    /// Whether a campaign wants a released case back that isn't recalled yet.
    pub(crate) async fn is_wanted_back(&self, case: &Case) -> Result<bool, Error> {
        if store::campaign_wants(&self.db, &case.id).await? {
            return Ok(true);
        }
        // What is released after a proposal belongs to its selection too.
        let Some(released_at) = case.ending.as_ref().map(crate::case::Ending::at) else { return Ok(false) };
        let proposed = store::campaigns_proposed(&self.db).await?;
        Ok(proposed.iter().any(|proposed| {
            campaign::covers(&proposed.selection, &case.model, &case.deployment, released_at)
        }))
    }

    async fn campaign_view(
        &self,
        db: &impl store::ConnectionTrait,
        campaign: Campaign,
    ) -> Result<RecallCampaign, Error> {
        let state = campaign.state();
        let now = if state == CampaignState::Proposed {
            let named = store::campaign_named(db, &campaign.id).await?;
            let candidates = store::candidates(db, &campaign.selection, CASES_MAX).await?;
            Some(campaign::now(&candidates, &named))
        } else {
            None
        };
        let progress = store::campaign_progress(db, &campaign.id).await?;
        let count = |wanted| progress.get(&wanted).copied().unwrap_or(0);
        let (confirmation, withdrawal) = (campaign.confirmation, campaign.withdrawal);
        Ok(RecallCampaign {
            id: campaign.id,
            selection: campaign.selection,
            reason: campaign.words,
            state,
            proposed_by: campaign.proposed_by,
            proposed_at: campaign.proposed_at,
            named: campaign.named,
            now,
            confirmed_at: confirmation.as_ref().map(|confirmation| confirmation.at),
            confirmed: confirmation.as_ref().map(|confirmation| confirmation.set),
            confirmed_by: confirmation.map(|confirmation| confirmation.by),
            withdrawn_at: withdrawal.as_ref().map(|withdrawal| withdrawal.at),
            withdrawn_by: withdrawal.as_ref().map(|withdrawal| withdrawal.by.clone()),
            withdrawal: withdrawal.map(|withdrawal| withdrawal.words),
            completed_at: campaign.completed_at,
            waiting: count(Progress::Waiting),
            recalled: count(Progress::Recalled),
            left: count(Progress::Left),
        })
    }

    /// Takes one case of a confirmed campaign back, or finds why it can't be; nothing when that was done before.
    pub(crate) async fn recall_selected(&self, campaign: &Campaign, id: &CaseId) -> Result<(), Error> {
        let Some(confirmation) = &campaign.confirmation else { return Ok(()) };
        let wanted = SelectedRecall {
            words: campaign.words.clone(),
            proposed_by: campaign.proposed_by.clone(),
            proposed_at: campaign.proposed_at,
            confirmed_by: confirmation.by.clone(),
        };
        let (actor, request) = (&confirmation.actor, &confirmation.request);
        self.racing(|| {
            let (shell, campaign, id) = (self.clone(), campaign.id.clone(), id.clone());
            let (command, actor) = (Command::RecallSelected(wanted.clone()), actor.clone());
            let causation = Some(request.clone());
            transaction(&self.db, move |txn| {
                Box::pin(async move {
                    let origin = Origin { actor, ..shell.review(causation) };
                    let Some(mut case) = shell.locked(txn, &id, &origin).await? else { return Ok(()) };
                    if !store::campaign_case_waits(txn, &campaign, &id).await? {
                        return Ok(());
                    }
                    let left = match decide(&case, &command, origin.now) {
                        Ok(decision) => {
                            store::case_save(txn, &mut case, decision, &origin).await?;
                            fail::fail_point!("review.mid_recall");
                            None
                        }
                        Err(refusal) => Some(refusal.code),
                    };
                    store::campaign_case_end(txn, &campaign, &id, left.as_deref(), origin.now).await
                })
            })
        })
        .await
    }

    /// Ends a campaign of which no case waits any more. Whether it is ended.
    pub(crate) async fn complete_campaign(&self, id: &RecallCampaignId) -> Result<bool, Error> {
        let (shell, id) = (self.clone(), id.clone());
        transaction(&self.db, move |txn| {
            Box::pin(async move {
                let Some(found) = store::campaign_load_locked(txn, &id).await? else { return Ok(true) };
                let progress = store::campaign_progress(txn, &id).await?;
                let count = |wanted| progress.get(&wanted).copied().unwrap_or(0);
                if found.state() != CampaignState::UnderWay || count(Progress::Waiting) > 0 {
                    return Ok(found.state() == CampaignState::Completed);
                }
                let origin = shell.review(None);
                let completed = Campaign { completed_at: Some(origin.now), ..found };
                store::campaign_update(txn, &completed).await?;
                let event = Event::RecallCampaignCompleted(RecallCampaignCompleted {
                    campaign: id.clone(),
                    recalled: count(Progress::Recalled),
                    left: count(Progress::Left),
                });
                store::tell(txn, &origin, id.as_str(), event).await?;
                Ok(true)
            })
        })
        .await
    }
}

/// One page of cases in the order of their release.
fn page_of(cases: impl Iterator<Item = SelectedCase>, page: &PageRequest) -> Page<SelectedCase> {
    let place = |case: &SelectedCase| (case.released_at.timestamp_micros(), case.case.to_string());
    let after = page.after.as_deref().and_then(store::read_cursor);
    let after = after.map(|(at, id)| (at.timestamp_micros(), id));
    let rows = cases.filter(|case| after.as_ref().is_none_or(|after| place(case) > *after));
    let rows = rows.take(usize::try_from(page.limit() + 1).unwrap_or(usize::MAX)).collect();
    Page::from_rows(rows, page.limit(), |case: &SelectedCase| store::cursor(case.released_at, &case.case))
}
