//! Rules that one person proposes and another adopts.

use super::stop::StopRule;
use async_graphql::{Enum, ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use contract::rollout;

/// As what somebody approves a promotion.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "rollout::ApproverRole")]
pub(crate) enum ApproverRole {
    Quality,
    ClinicalOwner,
    Physicist,
}

/// A signed approval.
#[derive(SimpleObject)]
pub(crate) struct Approval {
    capacity: ApproverRole,
    /// Printed name.
    by: String,
    at: DateTime<Utc>,
}

impl From<rollout::Approval> for Approval {
    fn from(approval: rollout::Approval) -> Self {
        Self { capacity: approval.capacity.into(), by: approval.by, at: approval.at }
    }
}

/// What is asked before one stage. Shares are held by the near end of their exact 95 % interval.
#[derive(SimpleObject, InputObject, Clone, Copy)]
#[graphql(input_name = "BoundsInput")]
pub(crate) struct Bounds {
    days_min: u32,
    ended_min: u32,
    local_ended_min: u32,
    accepted_share_min: f64,
    discordant_share_max: f64,
    critical_findings_max: u32,
    readers_min: u32,
    covered_share_min: f64,
    covered_findings_min: u32,
    subgroup_gap_max: f64,
    subgroup_ended_min: u32,
    witness_hours_max: u32,
}

impl From<rollout::Bounds> for Bounds {
    fn from(bounds: rollout::Bounds) -> Self {
        Self {
            days_min: bounds.days_min,
            ended_min: bounds.ended_min,
            local_ended_min: bounds.local_ended_min,
            accepted_share_min: bounds.accepted_share_min,
            discordant_share_max: bounds.discordant_share_max,
            critical_findings_max: bounds.critical_findings_max,
            readers_min: bounds.readers_min,
            covered_share_min: bounds.covered_share_min,
            covered_findings_min: bounds.covered_findings_min,
            subgroup_gap_max: bounds.subgroup_gap_max,
            subgroup_ended_min: bounds.subgroup_ended_min,
            witness_hours_max: bounds.witness_hours_max,
        }
    }
}

impl From<Bounds> for rollout::Bounds {
    fn from(bounds: Bounds) -> Self {
        Self {
            days_min: bounds.days_min,
            ended_min: bounds.ended_min,
            local_ended_min: bounds.local_ended_min,
            accepted_share_min: bounds.accepted_share_min,
            discordant_share_max: bounds.discordant_share_max,
            critical_findings_max: bounds.critical_findings_max,
            readers_min: bounds.readers_min,
            covered_share_min: bounds.covered_share_min,
            covered_findings_min: bounds.covered_findings_min,
            subgroup_gap_max: bounds.subgroup_gap_max,
            subgroup_ended_min: bounds.subgroup_ended_min,
            witness_hours_max: bounds.witness_hours_max,
        }
    }
}

/// What the gates ask.
#[derive(SimpleObject, InputObject, Clone, Copy)]
#[graphql(input_name = "GatePolicyInput")]
pub(crate) struct GatePolicy {
    pilot: Bounds,
    supervised: Bounds,
    general: Bounds,
}

impl From<rollout::GatePolicy> for GatePolicy {
    fn from(policy: rollout::GatePolicy) -> Self {
        Self {
            pilot: policy.pilot.into(),
            supervised: policy.supervised.into(),
            general: policy.general.into(),
        }
    }
}

impl GatePolicy {
    /// The policy as rollout reads it, which gives the version.
    pub(crate) fn read(self) -> rollout::GatePolicy {
        rollout::GatePolicy {
            version: String::new(),
            pilot: self.pilot.into(),
            supervised: self.supervised.into(),
            general: self.general.into(),
        }
    }
}

/// A gate policy that is or was in force.
#[derive(SimpleObject)]
pub(crate) struct GatePolicyVersion {
    number: u32,
    version: String,
    policy: GatePolicy,
    /// Printed name; null for the policy of the configuration.
    proposed_by: Option<String>,
    /// Printed name.
    adopted_by: Option<String>,
    adopted_at: Option<DateTime<Utc>>,
    reason: String,
    difference: Vec<String>,
}

impl From<rollout::GatePolicyVersion> for GatePolicyVersion {
    fn from(version: rollout::GatePolicyVersion) -> Self {
        Self {
            number: version.number,
            version: version.policy.version.clone(),
            policy: version.policy.into(),
            proposed_by: version.proposed_by,
            adopted_by: version.adopted_by,
            adopted_at: version.adopted_at,
            reason: version.reason,
            difference: version.difference,
        }
    }
}

/// The gate policy in force, the former ones, and what is proposed.
#[derive(SimpleObject)]
pub(crate) struct GatePolicies {
    in_force: GatePolicyVersion,
    former: Vec<GatePolicyVersion>,
    proposals: Vec<RulesProposal>,
}

impl From<rollout::GatePolicies> for GatePolicies {
    fn from(policies: rollout::GatePolicies) -> Self {
        Self {
            in_force: policies.in_force.into(),
            former: policies.former.into_iter().map(GatePolicyVersion::from).collect(),
            proposals: policies.proposals.into_iter().map(RulesProposal::from).collect(),
        }
    }
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "rollout::RulesState")]
pub(crate) enum RulesState {
    Open,
    Adopted,
    Declined,
}

/// Other rules, in force when a second person adopts them: a gate policy, or stop rules.
#[derive(SimpleObject)]
pub(crate) struct RulesProposal {
    id: ID,
    /// Whose stop rules; null where it is the gate policy.
    deployment_id: Option<ID>,
    gate_policy: Option<GatePolicy>,
    stop_rules: Option<Vec<StopRule>>,
    /// The version that was looked at.
    follows: u32,
    difference: Vec<String>,
    reason: String,
    /// Printed name.
    proposed_by: String,
    proposed_at: DateTime<Utc>,
    state: RulesState,
    /// Printed name.
    decided_by: Option<String>,
    decided_at: Option<DateTime<Utc>>,
}

impl From<rollout::RulesProposal> for RulesProposal {
    fn from(proposal: rollout::RulesProposal) -> Self {
        let rules = |rules: rollout::StopRules| rules.rules.into_iter().map(StopRule::from).collect();
        Self {
            id: proposal.id.to_string().into(),
            deployment_id: proposal.deployment.map(|id| id.to_string().into()),
            gate_policy: proposal.gate_policy.map(GatePolicy::from),
            stop_rules: proposal.stop_rules.map(rules),
            follows: proposal.follows,
            difference: proposal.difference,
            reason: proposal.reason,
            proposed_by: proposal.proposed_by,
            proposed_at: proposal.proposed_at,
            state: proposal.state.into(),
            decided_by: proposal.decided_by,
            decided_at: proposal.decided_at,
        }
    }
}
