//! The life of a deployment's stage: up one step by two people on evidence, down at once by one.

use crate::governance::check_signing;
use contract::intake::TESLA_MAX;
use contract::rollout::{
    ApproverRole, Demote, Gate, ProposalState, Propose, Stage, StageCheck, StopAction, UseRule,
};
use contract::{Actor, ProposalId, Refusal, Role, Time, UserId};
use platform::token::SigningClaims;

/// What is known of a deployment when its stage is to change.
#[derive(Debug, Clone, Copy)]
pub struct DeploymentState {
    /// Its stage.
    pub stage: Stage,
    /// Whether a proposal waits for somebody.
    pub has_open_proposal: bool,
    /// Whether a stop by a rule waits for somebody to look into it; asked when a promotion is proposed.
    pub has_open_stop: bool,
}

/// What is known of a proposal that is to be approved.
#[derive(Debug, Clone)]
pub struct ProposalFacts {
    /// The proposal.
    pub id: ProposalId,
    /// The wanted stage.
    pub stage: Stage,
    /// Who proposed.
    pub proposed_by: UserId,
    /// Where it stands.
    pub state: ProposalState,
    /// Who approved before, and as what.
    pub signed: Vec<(ApproverRole, UserId)>,
}

/// An approval as it comes in.
#[derive(Debug, Clone, Copy)]
pub struct Approval<'a> {
    /// Who approves.
    pub actor: &'a Actor,
    /// By which they have just proved who they are.
    pub signing: Option<&'a SigningClaims>,
    /// The gate as it stands now.
    pub gate: &'a Gate,
    /// Whether they are too close to the model.
    pub conflicted: bool,
}

/// A stage that changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StageMove {
    /// Before.
    pub from: Stage,
    /// After.
    pub to: Stage,
}

/// Whether `actor` may propose that.
pub fn propose(deployment: DeploymentState, actor: &Actor, command: &Propose) -> Result<(), Refusal> {
    if !actor.has_role(Role::Administrator) {
        return Err(Refusal::forbidden());
    }
    check_next(deployment.stage, command.stage)?;
    if deployment.has_open_proposal {
        return Err(Refusal::new(
            "proposal_open",
            "a promotion of this deployment is already proposed",
            "have that proposal approved, or demote the deployment to let it lapse",
        ));
    }
    if deployment.has_open_stop {
        return Err(Refusal::new(
            "stop_open",
            "a stop rule has moved this deployment down, and nobody has looked into it",
            "have quality or the clinical owner look into the alarm and say what they found",
        ));
    }
    if command.reason.trim().is_empty() {
        return Err(Refusal::new(
            "reason_missing",
            "a promotion needs a reason",
            "say what speaks for the next stage",
        ));
    }
    Ok(())
}

/// What an approval leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Approved {
    /// As what it counts.
    pub capacity: ApproverRole,
    /// The change of the stage, once it is the last one that is wanted.
    pub moved: Option<StageMove>,
}

/// Whose approval a promotion takes (clinical decision 32): a stage whose results reach clinicians that of the clinical
/// owner too and, where radiation or a field was chosen by a scan protocol, that of a medical physicist.
pub fn capacities(stage: Stage, modality: &str) -> &'static [ApproverRole] {
    match (stage.is_clinical(), modality) {
        (false, _) => &[ApproverRole::Quality],
        (true, "CT" | "MR") => &[ApproverRole::Quality, ApproverRole::ClinicalOwner, ApproverRole::Physicist],
        (true, _) => &[ApproverRole::Quality, ApproverRole::ClinicalOwner],
    }
}

/// Whose approval is still wanted.
pub fn wanted(stage: Stage, modality: &str, signed: impl Fn(ApproverRole) -> bool) -> Vec<ApproverRole> {
    capacities(stage, modality).iter().copied().filter(|capacity| !signed(*capacity)).collect()
}

/// Decides about an approval. `modality` is that of the deployment; `conflicted` tells that the person is too close to its
/// model, as its developer is.
///
/// # Errors
/// The refusal.
pub fn approve(
    deployment: DeploymentState,
    (proposal, modality): (&ProposalFacts, &str),
    approval: &Approval<'_>,
    now: Time,
) -> Result<Approved, Refusal> {
    let actor = approval.actor;
    let may = [ApproverRole::Quality, ApproverRole::ClinicalOwner, ApproverRole::Physicist];
    if !may.iter().any(|capacity| actor.has_role(capacity.role())) {
        return Err(Refusal::forbidden());
    }
    if actor.user() == Some(&proposal.proposed_by) {
        return Err(Refusal::new(
            "same_person",
            "who proposes a promotion can't approve it",
            "ask another person with the role quality, clinical-owner or physicist",
        ));
    }
    if approval.conflicted {
        return Err(Refusal::new(
            "conflict_declared",
            "who is too close to the model, as its developer is, can't approve its promotion",
            "ask another person with the same role",
        ));
    }
    check_signing(approval.signing, proposal.id.as_str(), now)?;
    match proposal.state {
        ProposalState::Open => {}
        ProposalState::Approved => return Err(closed("this promotion was approved before")),
        ProposalState::Lapsed => return Err(closed("the stage has changed since this was proposed")),
    }
    if proposal.signed.iter().any(|(_, user)| actor.user() == Some(user)) {
        return Err(Refusal::new(
            "approved_before",
            "one person approves a promotion once",
            "ask another person for what is still wanted",
        ));
    }
    check_next(deployment.stage, proposal.stage)?;
    check_gate(approval.gate)?;
    let wanted =
        wanted(proposal.stage, modality, |one| proposal.signed.iter().any(|(signed, _)| *signed == one));
    let capacity = wanted.iter().copied().find(|capacity| actor.has_role(capacity.role()));
    let capacity = capacity.ok_or_else(|| not_wanted(&wanted))?;
    let moved = (wanted.len() == 1).then_some(StageMove { from: deployment.stage, to: proposal.stage });
    Ok(Approved { capacity, moved })
}

fn not_wanted(wanted: &[ApproverRole]) -> Refusal {
    let roles: Vec<&str> = wanted.iter().map(|capacity| capacity.role().as_str()).collect();
    Refusal::new(
        "approval_not_wanted",
        "your role has approved this promotion, or is not asked",
        format!("ask a person with the role {}", roles.join(" and one with the role ")),
    )
}

/// What a demotion leads to: one person is enough, and a reason may follow.
pub fn demote(deployment: DeploymentState, actor: &Actor, command: &Demote) -> Result<StageMove, Refusal> {
    let may = [Role::Administrator, Role::Quality, Role::ClinicalOwner];
    if !may.iter().any(|role| actor.has_role(*role)) {
        return Err(Refusal::forbidden());
    }
    if command.stage >= deployment.stage {
        return Err(Refusal::new(
            "not_lower",
            format!("{} is not below {}", command.stage.as_str(), deployment.stage.as_str()),
            "choose a lower stage; a promotion is proposed and approved by two people",
        ));
    }
    Ok(StageMove { from: deployment.stage, to: command.stage })
}

/// Where a stop rule leads; `None` where it only informs, or nothing is below.
pub fn stop(stage: Stage, action: StopAction) -> Option<StageMove> {
    let to = match action {
        StopAction::Inform => return None,
        StopAction::Demote => stage.below(),
        StopAction::Suspend => Stage::Suspended,
    };
    (to < stage).then_some(StageMove { from: stage, to })
}

/// Whether a rule can be put in force.
pub fn check_use_rule(rule: &UseRule) -> Result<(), Refusal> {
    let mm = |value: Option<f64>| value.is_none_or(|value| value.is_finite() && value > 0.0);
    let hours = rule
        .hours
        .is_none_or(|hours| hours.from < 24 && (1..=24).contains(&hours.to) && hours.from != hours.to);
    let share = rule.share_per_mille.is_none_or(|share| share <= 1_000);
    let good = !rule.modality.trim().is_empty()
        && mm(rule.slice_thickness_mm_min)
        && mm(rule.slice_thickness_mm_max)
        && hours
        && share
        && field_can_be(rule);
    if good {
        return Ok(());
    }
    Err(Refusal::new(
        "rule_malformed",
        "the rule can't work",
        "give a modality, thicknesses above 0 mm, a share of at most 1000 of 1000, hours from 0 to 24, and field \
         strengths of MR only, from a lower to a higher one, above 0 and at most 25 T",
    ))
}

/// Whether the field strength that a rule asks for is one of a magnet for people.
fn field_can_be(rule: &UseRule) -> bool {
    let (least, most) = (rule.field_strength_t_min, rule.field_strength_t_max);
    let tesla = |value: f64| value > 0.0 && value <= TESLA_MAX;
    [least, most].into_iter().flatten().all(|value| tesla(value) && rule.modality == "MR")
        && least.zip(most).is_none_or(|(least, most)| least <= most)
}

/// Whether a case made under a stage may be released and sent at the present stage.
pub fn stage_check(stage: Stage, made_under: Stage) -> StageCheck {
    let reason = if !made_under.is_clinical() {
        format!("the case was made at {}, where nothing is released", made_under.as_str())
    } else if stage < made_under {
        format!(
            "the deployment stands at {} and the case was made at {}: it is held",
            stage.as_str(),
            made_under.as_str()
        )
    } else if !made_under.delivers() {
        format!("the case was made at {}: it may go to research destinations only", made_under.as_str())
    } else {
        String::new()
    };
    let may_release = made_under.is_clinical() && stage >= made_under;
    StageCheck { stage, may_release, may_send: may_release && made_under.delivers(), reason }
}

fn check_next(stage: Stage, wanted: Stage) -> Result<(), Refusal> {
    if stage.next() == Some(wanted) {
        return Ok(());
    }
    let remedy = match stage.next() {
        Some(next) => format!("propose {}", next.as_str()),
        None => "nothing is above general".to_owned(),
    };
    let message = format!("{} is not one step above {}", wanted.as_str(), stage.as_str());
    Err(Refusal::new("not_one_step", message, remedy))
}

fn check_gate(gate: &Gate) -> Result<(), Refusal> {
    if gate.held {
        return Ok(());
    }
    let open: Vec<String> = gate
        .criteria
        .iter()
        .filter(|criterion| !criterion.held)
        .map(|criterion| format!("{} ({})", criterion.name, criterion.note))
        .collect();
    Err(Refusal::new(
        "gate_not_held",
        format!("the evidence does not hold under policy {}: {}", gate.policy_version, open.join("; ")),
        "gather the missing evidence; a gate can't be overridden, only its policy changed by two people",
    ))
}

fn closed(message: &str) -> Refusal {
    Refusal::new("proposal_closed", message, "propose the promotion anew")
}

#[cfg(test)]
mod tests;
