//! Who may change what gates ask and when deployments are stopped: one person proposes, another adopts. Pure.

use chrono::TimeDelta;
use contract::rollout::RulesState;
use contract::{Actor, Refusal, Role, RulesProposalId, Time, UserId};
use platform::token::SigningClaims;

/// How long ago somebody may have proved who they are, to sign.
const AUTH_AGE_MAX: TimeDelta = TimeDelta::minutes(2);

/// What is known of proposed rules that are to be decided about.
#[derive(Debug, Clone)]
pub struct RulesFacts {
    /// The proposal.
    pub id: RulesProposalId,
    /// Who proposed.
    pub proposed_by: UserId,
    /// Where it stands.
    pub state: RulesState,
    /// The version that was looked at.
    pub follows: u32,
    /// The version in force.
    pub in_force: u32,
}

/// A decision as it comes in.
#[derive(Debug, Clone, Copy)]
pub struct Decision<'a> {
    /// Who decides.
    pub actor: &'a Actor,
    /// By which they have just proved who they are.
    pub signing: Option<&'a SigningClaims>,
    /// Whether the rules are to be in force.
    pub adopt: bool,
}

/// Whether `actor` may propose other rules for that reason.
///
/// # Errors
/// The refusal.
pub fn propose(actor: &Actor, reason: &str) -> Result<(), Refusal> {
    if !actor.has_role(Role::Quality) && !actor.has_role(Role::Administrator) {
        return Err(Refusal::forbidden());
    }
    if reason.trim().is_empty() {
        return Err(Refusal::new(
            "reason_missing",
            "other rules need a reason",
            "say why they should be in force",
        ));
    }
    Ok(())
}

/// Whether that may be decided so. To adopt takes a signature of somebody else; to decline takes anybody who may decide,
/// and whoever proposed takes the own proposal back that way.
///
/// # Errors
/// The refusal.
pub fn decide(proposal: &RulesFacts, decision: &Decision<'_>, now: Time) -> Result<(), Refusal> {
    let is_own = decision.actor.user() == Some(&proposal.proposed_by);
    let by_role = decision.actor.has_role(Role::Quality) || decision.actor.has_role(Role::ClinicalOwner);
    let takes_back = is_own && !decision.adopt;
    if !(by_role || takes_back) {
        return Err(Refusal::forbidden());
    }
    if proposal.state != RulesState::Open {
        return Err(Refusal::new(
            "proposal_closed",
            "these rules were decided about before",
            "propose them anew",
        ));
    }
    if !decision.adopt {
        return Ok(());
    }
    if is_own {
        return Err(Refusal::new(
            "same_person",
            "who proposes rules can't adopt them",
            "ask another person with the role quality or clinical-owner",
        ));
    }
    if proposal.follows != proposal.in_force {
        return Err(Refusal::new(
            "rules_overtaken",
            format!("version {} was put in force meanwhile", proposal.in_force),
            "decline this proposal, look at the rules in force and propose what should change in those",
        ));
    }
    check_signing(decision.signing, proposal.id.as_str(), now)
}

/// Whether somebody has just proved who they are, for this act.
pub(crate) fn check_signing(
    signing: Option<&SigningClaims>,
    subject: &str,
    now: Time,
) -> Result<(), Refusal> {
    let fresh = |claims: &&SigningClaims| {
        claims.subject == subject && now.signed_duration_since(claims.auth_time) <= AUTH_AGE_MAX
    };
    signing.filter(fresh).map(drop).ok_or_else(|| {
        Refusal::new("sign_again", "this is signed", "enter your password again and go on at once")
    })
}

#[cfg(test)]
mod tests;
