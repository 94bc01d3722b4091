//! What rollout tells beside stages and runs: versions in force, rules that fire, budgets that refuse.

use crate::rollout::{BudgetStanding, StopAction};
use crate::{AlarmId, DeploymentId, Digest, SeriesId};
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
