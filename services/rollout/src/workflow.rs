//! The life of a deployment's stage: up one step by two people on evidence, down at once by one.

use chrono::TimeDelta;
use contract::rollout::{Demote, Gate, ProposalState, Propose, Stage, StageCheck, StopAction, UseRule};
use contract::{Actor, ProposalId, Refusal, Role, Time, UserId};
use platform::token::SigningClaims;

/// How long ago somebody may have proved who they are, to sign.
const AUTH_AGE_MAX: TimeDelta = TimeDelta::minutes(2);

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
pub fn approve(
    deployment: DeploymentState,
    proposal: &ProposalFacts,
    approval: &Approval<'_>,
    now: Time,
) -> Result<StageMove, Refusal> {
    let actor = approval.actor;
    if !actor.has_role(Role::Quality) && !actor.has_role(Role::ClinicalOwner) {
        return Err(Refusal::forbidden());
    }
    if actor.user() == Some(&proposal.proposed_by) {
        return Err(Refusal::new(
            "same_person",
            "who proposes a promotion can't approve it",
            "ask another person with the role quality or clinical-owner",
        ));
    }
    check_signing(approval.signing, &proposal.id, now)?;
    match proposal.state {
        ProposalState::Open => {}
        ProposalState::Approved => return Err(closed("this promotion was approved before")),
        ProposalState::Lapsed => return Err(closed("the stage has changed since this was proposed")),
    }
    check_next(deployment.stage, proposal.stage)?;
    check_gate(approval.gate)?;
    Ok(StageMove { from: deployment.stage, to: proposal.stage })
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
        && share;
    if good {
        return Ok(());
    }
    Err(Refusal::new(
        "rule_malformed",
        "the rule can't work",
        "give a modality, thicknesses above 0 mm, a share of at most 1000 of 1000, hours from 0 to 24",
    ))
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

fn check_signing(signing: Option<&SigningClaims>, proposal: &ProposalId, now: Time) -> Result<(), Refusal> {
    let fresh = |claims: &&SigningClaims| {
        claims.subject == proposal.as_str() && now.signed_duration_since(claims.auth_time) <= AUTH_AGE_MAX
    };
    signing.filter(fresh).map(drop).ok_or_else(|| {
        Refusal::new("sign_again", "an approval is signed", "enter your password again and approve at once")
    })
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
        "gather the missing evidence; a gate can't be overridden",
    ))
}

fn closed(message: &str) -> Refusal {
    Refusal::new("proposal_closed", message, "propose the promotion anew")
}

#[cfg(test)]
mod tests;
