//! Recalls of a whole selection. Pure: what a selection covers, what a recall of it would take back, and the life of a
//! campaign: proposed by one person, confirmed by another over exactly the set that they saw, or withdrawn.
//!
//! What is confirmed is carried out case by case, by the same decision as a recall of one case (`workflow`).

use crate::sign;
use contract::review::{
    CampaignNow, CampaignState, RecallPreview, RecallSelection, SelectedCase, SelectedDeployment,
    SelectedSet, SelectedState,
};
use contract::{
    Actor, CaseId, DeploymentId, Digest, ModelVersionId, RecallCampaignId, Refusal, Time, UserId,
};
use std::collections::{BTreeMap, BTreeSet};

/// The most released cases that one selection may cover.
pub const CASES_MAX: usize = 10_000;

/// A released case that a selection covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The case.
    pub case: CaseId,
    /// Under which deployment it was made.
    pub deployment: DeploymentId,
    /// The model version that made it.
    pub model: ModelVersionId,
    /// When it was released.
    pub released_at: Time,
    /// Whether it is recalled already, or may be.
    pub standing: Standing,
}

/// Whether a released case is recalled already, or may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nobody wants it back yet.
    Released,
    /// A recall of this case alone waits for its second person.
    RecallProposed,
    /// It is recalled.
    Recalled,
}

impl Standing {
    /// Why a campaign doesn't take the case back; `None` when it does.
    pub fn reason_code(self) -> Option<&'static str> {
        match self {
            Self::Released => None,
            Self::RecallProposed => Some("recall_proposed"),
            Self::Recalled => Some("recalled_before"),
        }
    }
}

/// A campaign, without its cases.
#[derive(Debug, Clone, PartialEq)]
pub struct Campaign {
    /// The campaign.
    pub id: RecallCampaignId,
    /// What it selects.
    pub selection: RecallSelection,
    /// Why, in words.
    pub words: String,
    /// Who wants it.
    pub proposed_by: UserId,
    /// Since when.
    pub proposed_at: Time,
    /// What it named then.
    pub named: SelectedSet,
    /// What was confirmed.
    pub confirmation: Option<Confirmation>,
    /// Why it is not carried out.
    pub withdrawal: Option<Withdrawal>,
    /// When every case had been dealt with.
    pub completed_at: Option<Time>,
}

/// The second person's word.
#[derive(Debug, Clone, PartialEq)]
pub struct Confirmation {
    /// Who.
    pub by: UserId,
    /// As whom they acted, for what is carried out later.
    pub actor: Actor,
    /// The request that it came with.
    pub request: String,
    /// When.
    pub at: Time,
    /// Over exactly this set.
    pub set: SelectedSet,
}

/// That a campaign is not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Time,
    /// Why, in words.
    pub words: String,
}

impl Campaign {
    /// How far it is.
    pub fn state(&self) -> CampaignState {
        match (&self.withdrawal, &self.confirmation, self.completed_at) {
            (Some(_), _, _) => CampaignState::Withdrawn,
            (None, None, _) => CampaignState::Proposed,
            (None, Some(_), None) => CampaignState::UnderWay,
            (None, Some(_), Some(_)) => CampaignState::Completed,
        }
    }
}

/// Whether a selection can be looked for.
///
/// # Errors
/// A refusal when it names nothing, or ends before it begins.
pub fn check(selection: &RecallSelection) -> Result<(), Refusal> {
    let RecallSelection { model, deployment, from, until } = selection;
    if model.is_none() && deployment.is_none() && from.is_none() && until.is_none() {
        return Err(Refusal::new(
            "selection_empty",
            "a recall of a selection names a model version, a deployment or a span of time",
            "choose at least one of them",
        ));
    }
    if from.zip(*until).is_some_and(|(from, until)| until < from) {
        return Err(Refusal::new(
            "selection_span",
            "the span of time ends before it begins",
            "set an end that comes after the beginning, or leave it open",
        ));
    }
    Ok(())
}

/// Whether a selection covers what a model version released under a deployment at that instant.
pub fn covers(
    selection: &RecallSelection,
    model: &ModelVersionId,
    deployment: &DeploymentId,
    released_at: Time,
) -> bool {
    selection.model.as_ref().is_none_or(|wanted| wanted == model)
        && selection.deployment.as_ref().is_none_or(|wanted| wanted == deployment)
        && selection.from.is_none_or(|from| released_at >= from)
        && selection.until.is_none_or(|until| released_at <= until)
}

/// Says no to more cases than one campaign takes.
///
/// # Errors
/// The refusal.
pub fn check_size(candidates: &[Candidate]) -> Result<(), Refusal> {
    if candidates.len() <= CASES_MAX {
        return Ok(());
    }
    Err(Refusal::new(
        "selection_too_large",
        format!("the selection covers more than {CASES_MAX} released cases"),
        "split it into spans of time",
    ))
}

/// The set of the cases that a recall would take back.
pub fn set(candidates: &[Candidate]) -> SelectedSet {
    set_of(recallable(candidates).map(|candidate| &candidate.case))
}

/// The set of some cases.
pub fn set_of<'a>(cases: impl IntoIterator<Item = &'a CaseId>) -> SelectedSet {
    let lines: BTreeSet<String> = cases.into_iter().map(|case| format!("{case}\n")).collect();
    let text: String = lines.iter().map(String::as_str).collect();
    SelectedSet { cases: number(lines.len()), digest: Digest::of(text.as_bytes()) }
}

/// The cases that a recall would take back.
pub fn recallable(candidates: &[Candidate]) -> impl Iterator<Item = &Candidate> {
    candidates.iter().filter(|candidate| candidate.standing == Standing::Released)
}

/// What a recall would take back, counted.
pub fn preview(candidates: &[Candidate], now: Time) -> RecallPreview {
    let mut deployments: BTreeMap<(&DeploymentId, &ModelVersionId), SelectedDeployment> = BTreeMap::new();
    for candidate in candidates {
        let row = deployments.entry((&candidate.deployment, &candidate.model)).or_insert_with(|| {
            SelectedDeployment {
                deployment: candidate.deployment.clone(),
                model: candidate.model.clone(),
                released: 0,
                recalled: 0,
                recall_proposed: 0,
            }
        });
        row.released += 1;
        row.recalled += u32::from(candidate.standing == Standing::Recalled);
        row.recall_proposed += u32::from(candidate.standing == Standing::RecallProposed);
    }
    let deployments: Vec<SelectedDeployment> = deployments.into_values().collect();
    RecallPreview {
        resolved_at: now,
        released: number(candidates.len()),
        recalled: deployments.iter().map(|row| row.recalled).sum(),
        recall_proposed: deployments.iter().map(|row| row.recall_proposed).sum(),
        set: set(candidates),
        cases: recallable(candidates).map(|candidate| candidate.case.clone()).collect(),
        deployments,
    }
}

/// One case of a selection, before a campaign over it is confirmed. `named` are the cases of the campaign's proposal;
/// `None` while there is no campaign.
pub fn selected(candidate: &Candidate, named: Option<&BTreeSet<CaseId>>) -> SelectedCase {
    let reason = candidate.standing.reason_code();
    let is_named = named.is_none_or(|named| named.contains(&candidate.case));
    SelectedCase {
        case: candidate.case.clone(),
        deployment: candidate.deployment.clone(),
        model: candidate.model.clone(),
        released_at: candidate.released_at,
        state: match reason {
            Some(_) => SelectedState::Left,
            None if is_named => SelectedState::Named,
            None => SelectedState::ReleasedSince,
        },
        reason_code: reason.map(str::to_owned),
    }
}

/// What confirming a proposed campaign would take back now.
pub fn now(candidates: &[Candidate], named: &BTreeSet<CaseId>) -> CampaignNow {
    let there: BTreeSet<&CaseId> = recallable(candidates).map(|candidate| &candidate.case).collect();
    CampaignNow {
        set: set(candidates),
        released_since: number(there.iter().filter(|case| !named.contains(**case)).count()),
        no_longer: number(named.iter().filter(|case| !there.contains(case)).count()),
    }
}

/// What the first person wants.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The id that the campaign gets.
    pub id: RecallCampaignId,
    /// Of what.
    pub selection: RecallSelection,
    /// Who.
    pub by: UserId,
    /// Why, in words.
    pub words: String,
    /// The set that they were shown.
    pub seen: SelectedSet,
}

/// Proposes a campaign over the set that its proposer saw.
///
/// # Errors
/// A refusal when the selection is none, when the set is another by now, or nothing is there to take back.
pub fn propose(proposal: Proposal, candidates: &[Candidate], now: Time) -> Result<Campaign, Refusal> {
    let words = sign::check_reason(&proposal.words)?;
    check(&proposal.selection)?;
    check_size(candidates)?;
    Ok(Campaign {
        named: check_seen(candidates, proposal.seen)?,
        id: proposal.id,
        selection: proposal.selection,
        words,
        proposed_by: proposal.by,
        proposed_at: now,
        confirmation: None,
        withdrawal: None,
        completed_at: None,
    })
}

/// The second person, and the request that their word came with.
#[derive(Debug, Clone)]
pub struct Second {
    /// Who.
    pub user: UserId,
    /// As whom they act.
    pub actor: Actor,
    /// The request.
    pub request: String,
    /// The set that they were shown.
    pub seen: SelectedSet,
}

/// Confirms a campaign over the set that the second person saw.
///
/// # Errors
/// A refusal when it is not theirs to confirm, it was decided before, or the set is another by now.
pub fn confirm(
    campaign: &Campaign,
    candidates: &[Candidate],
    second: Second,
    now: Time,
) -> Result<Campaign, Refusal> {
    check_open(campaign)?;
    let Second { user: by, actor, request, seen } = second;
    if campaign.proposed_by == by {
        return Err(Refusal::new(
            "recall_same_person",
            "a recall is confirmed by another person than the one who proposed it",
            "ask somebody else of quality, or an adjudicator",
        ));
    }
    check_size(candidates)?;
    let set = check_seen(candidates, seen)?;
    let confirmation = Confirmation { by, actor, request, at: now, set };
    Ok(Campaign { confirmation: Some(confirmation), ..campaign.clone() })
}

/// Withdraws a campaign that was not confirmed.
///
/// # Errors
/// A refusal when it was decided before, or no reason is given.
pub fn withdraw(campaign: &Campaign, by: &UserId, words: &str, now: Time) -> Result<Campaign, Refusal> {
    let words = sign::check_reason(words)?;
    check_open(campaign)?;
    let withdrawal = Withdrawal { by: by.clone(), at: now, words };
    Ok(Campaign { withdrawal: Some(withdrawal), ..campaign.clone() })
}

fn check_open(campaign: &Campaign) -> Result<(), Refusal> {
    match campaign.state() {
        CampaignState::Proposed => Ok(()),
        CampaignState::UnderWay | CampaignState::Completed => Err(Refusal::new(
            "campaign_confirmed",
            "this recall is confirmed, and a recall is not taken back",
            "look at how far it is",
        )),
        CampaignState::Withdrawn => Err(Refusal::new(
            "campaign_withdrawn",
            "this recall was withdrawn",
            "propose it again if it is wanted after all",
        )),
    }
}

fn check_seen(candidates: &[Candidate], seen: SelectedSet) -> Result<SelectedSet, Refusal> {
    let set = set(candidates);
    if set != seen {
        return Err(Refusal::new(
            "selection_changed",
            format!(
                "the selection holds {} cases now, and not the {} that were shown",
                set.cases, seen.cases
            ),
            "look at it again, and decide over what it holds now",
        ));
    }
    if set.cases == 0 {
        return Err(Refusal::new(
            "selection_without_cases",
            "nothing of this selection can be taken back",
            "choose another version, deployment or span; what is not released yet is stopped at the deployment",
        ));
    }
    Ok(set)
}

/// The refusal to somebody who may not know yet how some case of the selection ended.
pub fn not_theirs() -> Refusal {
    Refusal::new(
        "selection_not_yours",
        "who may still read a case of this selection can't take it back",
        "ask somebody of quality who reads none of them",
    )
}

/// A count, as far as it can be told.
pub fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
