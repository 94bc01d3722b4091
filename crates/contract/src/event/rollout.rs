//! What rollout tells beside stages and runs: versions in force, rules that fire, budgets that refuse.

use crate::rollout::{ApproverRole, BudgetStanding, StopAction};
use crate::{AlarmId, DeploymentId, Digest, ProposalId, RulesProposalId, SeriesId, SiteId};
use serde::{Deserialize, Serialize};

/// A version of something that belongs to a deployment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VersionInForce {
    /// The deployment.
    pub deployment: DeploymentId,
    /// The version.
    pub version: u32,
    /// Digest of its content as JSON.
    pub content: Digest,
}

/// A stop rule fired.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StopRuleFired {
    /// The alarm, which has value and bound.
    pub alarm: AlarmId,
    /// The deployment.
    pub deployment: DeploymentId,
    /// Version of the rules.
    pub rules_version: u32,
    /// What it did.
    pub action: StopAction,
    /// The statistic at which it fired.
    pub value: f64,
    /// The bound.
    pub bound: f64,
}

/// Prices, or a deployment's plan of costs and benefits, are in force in another version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TermsChanged {
    /// The deployment; `None` for the prices of the house.
    pub deployment: Option<DeploymentId>,
    /// The version.
    pub version: u32,
    /// Digest of its content as JSON.
    pub content: Digest,
}

/// A site is registered, has other scanners, or is registered no longer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SiteChanged {
    /// The site.
    pub site: SiteId,
    /// The version.
    pub version: u32,
    /// Whether it is registered from now on.
    pub is_registered: bool,
    /// Digest of its scanners as JSON.
    pub content: Digest,
}

/// A deployment's budget kept a run from being asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BudgetRefused {
    /// The deployment.
    pub deployment: DeploymentId,
    /// The series.
    pub series: SeriesId,
    /// How the budget stood.
    pub standing: BudgetStanding,
}

/// Somebody approved a promotion; with the last approval that is wanted it is carried out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PromotionSigned {
    /// The proposal.
    pub proposal: ProposalId,
    /// The deployment.
    pub deployment: DeploymentId,
    /// As what.
    pub capacity: ApproverRole,
}

/// Somebody proposes other rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RulesProposed {
    /// The proposal.
    pub proposal: RulesProposalId,
    /// Whose stop rules; `None` where it is the gate policy.
    pub deployment: Option<DeploymentId>,
    /// Digest of the rules as JSON.
    pub content: Digest,
}

/// A second person decided about proposed rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RulesDecided {
    /// The proposal.
    pub proposal: RulesProposalId,
    /// Whether they are in force.
    pub adopted: bool,
}

/// Another gate policy is in force.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GatePolicyChanged {
    /// Its version.
    pub version: String,
    /// Digest of it as JSON.
    pub content: Digest,
}
