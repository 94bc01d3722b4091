//! Gates: what a stage asks of a deployment, who agrees to a promotion, and who may change what is asked.

use super::{CountedPart, Deployment, Rollout, Stage, StopRules};
use crate::{ClientError, DeploymentId, ProposalId, Role, RulesProposalId, Time};
use serde::{Deserialize, Serialize};

/// What the stages ask of a deployment: versioned data, so that a gate says by which policy it was held.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatePolicy {
    /// Its version, which every gate shows. One version never changes; other bounds are another version.
    pub version: String,
    /// To enter pilot.
    pub pilot: Bounds,
    /// To enter supervised.
    pub supervised: Bounds,
    /// To enter general.
    pub general: Bounds,
}

/// What is asked before one stage. Shares are held by the near end of their exact 95 % interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// Fewest days in the stage before.
    pub days_min: u32,
    /// Fewest cases that ended, here or, where these are fewer, with those of the same model version elsewhere.
    pub ended_min: u32,
    /// Fewest cases that ended here, however many ended elsewhere.
    pub local_ended_min: u32,
    /// Smallest share of ended cases that was accepted.
    pub accepted_share_min: f64,
    /// Largest share of ended cases that was discordant.
    pub discordant_share_max: f64,
    /// Most adjudicated or agreed critical findings.
    pub critical_findings_max: u32,
    /// Fewest different people who signed reads here.
    pub readers_min: u32,
    /// Smallest share of confirmed findings that lie in regions which the map of uncertainty flagged.
    #[serde(default)]
    pub covered_share_min: f64,
    /// From so many confirmed findings on the near end of the interval has to keep that share; before, the far end.
    #[serde(default)]
    pub covered_findings_min: u32,
    /// By how much the accepted share of a subgroup may fall short of everybody else's.
    #[serde(default = "any_gap")]
    pub subgroup_gap_max: f64,
    /// A subgroup with fewer ended cases is named and not judged.
    #[serde(default)]
    pub subgroup_ended_min: u32,
    /// Longest since a witness cosigned the ledger, hours; 0 asks for no witness.
    #[serde(default)]
    pub witness_hours_max: u32,
}

/// What was asked of subgroups before policies named them.
fn any_gap() -> f64 {
    1.0
}

impl Default for GatePolicy {
    fn default() -> Self {
        let pilot = Bounds {
            days_min: 28,
            ended_min: 200,
            local_ended_min: 50,
            accepted_share_min: 0.95,
            discordant_share_max: 0.15,
            critical_findings_max: 0,
            readers_min: 3,
            covered_share_min: 0.8,
            covered_findings_min: 20,
            subgroup_gap_max: 0.1,
            subgroup_ended_min: 30,
            witness_hours_max: 0,
        };
        let supervised = Bounds {
            days_min: 56,
            ended_min: 500,
            local_ended_min: 100,
            discordant_share_max: 0.08,
            subgroup_gap_max: 0.075,
            // Clinical stages: what the ledger says of them has to be held by somebody who can't sign for it.
            witness_hours_max: 24,
            ..pilot.clone()
        };
        let general = Bounds {
            days_min: 90,
            ended_min: 1_000,
            local_ended_min: 200,
            subgroup_gap_max: 0.05,
            ..supervised.clone()
        };
        Self { version: "standard-3".to_owned(), pilot, supervised, general }
    }
}

impl GatePolicy {
    /// Counts that an evening of trying out can reach. They show how a gate works and nothing about a model,
    /// and the version says so.
    pub fn demo() -> Self {
        let bounds = Bounds {
            days_min: 0,
            ended_min: 1,
            local_ended_min: 1,
            accepted_share_min: 0.0,
            discordant_share_max: 1.0,
            critical_findings_max: 0,
            readers_min: 2,
            covered_share_min: 0.0,
            covered_findings_min: 0,
            subgroup_gap_max: 1.0,
            subgroup_ended_min: 1,
            witness_hours_max: 0,
        };
        Self {
            version: "demo-3 (small counts: no evidence of safety)".to_owned(),
            pilot: bounds.clone(),
            supervised: Bounds { ended_min: 2, ..bounds.clone() },
            general: Bounds { ended_min: 3, ..bounds },
        }
    }

    /// What is asked before `stage`; nothing of the reads where nobody reads yet.
    pub fn bounds(&self, stage: Stage) -> Option<&Bounds> {
        match stage {
            Stage::Suspended | Stage::Shadow => None,
            Stage::Pilot => Some(&self.pilot),
            Stage::Supervised => Some(&self.supervised),
            Stage::General => Some(&self.general),
        }
    }

    /// Checks what the types don't say.
    ///
    /// # Errors
    /// The first problem, naming the setting.
    pub fn check(&self) -> Result<(), String> {
        if self.version.trim().is_empty() {
            return Err("policy.version must not be empty".to_owned());
        }
        for (name, bounds) in
            [("pilot", &self.pilot), ("supervised", &self.supervised), ("general", &self.general)]
        {
            let shares = [
                bounds.accepted_share_min,
                bounds.discordant_share_max,
                bounds.covered_share_min,
                bounds.subgroup_gap_max,
            ];
            if shares.iter().any(|share| !(0.0..=1.0).contains(share)) {
                return Err(format!("policy.{name}: shares must be between 0 and 1"));
            }
            if bounds.local_ended_min > bounds.ended_min {
                return Err(format!("policy.{name}: local_ended_min must not be above ended_min"));
            }
        }
        Ok(())
    }

    /// What differs from a former policy, a line each.
    pub fn difference(&self, former: &Self) -> Vec<String> {
        let stages = [
            ("pilot", &self.pilot, &former.pilot),
            ("supervised", &self.supervised, &former.supervised),
            ("general", &self.general, &former.general),
        ];
        stages.into_iter().flat_map(|(stage, now, before)| now.difference(before, stage)).collect()
    }
}

impl Bounds {
    fn difference(&self, former: &Self, stage: &str) -> Vec<String> {
        let values = |bounds: &Self| {
            [
                ("days", f64::from(bounds.days_min)),
                ("ended cases", f64::from(bounds.ended_min)),
                ("ended cases here", f64::from(bounds.local_ended_min)),
                ("accepted share", bounds.accepted_share_min),
                ("discordant share", bounds.discordant_share_max),
                ("critical findings", f64::from(bounds.critical_findings_max)),
                ("readers", f64::from(bounds.readers_min)),
                ("findings in flagged regions", bounds.covered_share_min),
                ("findings that are asked for", f64::from(bounds.covered_findings_min)),
                ("gap of a subgroup", bounds.subgroup_gap_max),
                ("ended cases of a subgroup", f64::from(bounds.subgroup_ended_min)),
                ("hours since a witness", f64::from(bounds.witness_hours_max)),
            ]
        };
        let pairs = values(self).into_iter().zip(values(former));
        pairs
            .filter(|((_, now), (_, before))| now.total_cmp(before).is_ne())
            .map(|((name, now), (_, before))| format!("{stage}: {name} {before} → {now}"))
            .collect()
    }
}

/// Whether the evidence for the next stage holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// The stage it leads to.
    pub stage: Stage,
    /// Version of the policy in force.
    pub policy_version: String,
    /// Whether every criterion holds.
    pub held: bool,
    /// One line each.
    pub criteria: Vec<Criterion>,
}

/// One criterion of a gate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Criterion {
    /// What is asked, in words.
    pub name: String,
    /// What was measured; `None` when there is nothing to measure.
    pub value: Option<f64>,
    /// 95 % interval of the value, where it is a proportion.
    pub interval: Option<(f64, f64)>,
    /// What the value (or the interval's near end) is held against.
    pub bound: f64,
    /// Whether it holds.
    pub held: bool,
    /// `held`, `failing`, or `insufficient evidence`, with what that means here.
    pub note: String,
    /// The cases that it counts, in the parts that it speaks of; none where it counts no cases.
    #[serde(default)]
    pub parts: Vec<CountedPart>,
}

/// State of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProposalState {
    /// Waits for another person.
    Open,
    /// Carried out.
    Approved,
    /// Overtaken by another change of the stage.
    Lapsed,
}

/// A proposed promotion, with the evidence it rests on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Proposal {
    /// The proposal.
    pub id: ProposalId,
    /// The deployment.
    pub deployment: DeploymentId,
    /// The wanted stage.
    pub stage: Stage,
    /// Why.
    pub reason: String,
    /// Printed name of who proposed.
    pub proposed_by: String,
    /// When.
    pub proposed_at: Time,
    /// Where it stands.
    pub state: ProposalState,
    /// The gate when it was proposed.
    pub gate: Gate,
    /// Who has approved, in the order of signing.
    pub approvals: Vec<Approval>,
    /// Whose approval is still wanted; empty once it is carried out or has lapsed.
    pub wanted: Vec<ApproverRole>,
}

/// As what somebody approves a promotion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApproverRole {
    /// For quality.
    Quality,
    /// As the clinical owner, a radiologist who answers for the use.
    ClinicalOwner,
    /// As the medical physicist.
    Physicist,
}

impl ApproverRole {
    /// The role that it takes.
    pub fn role(self) -> Role {
        match self {
            Self::Quality => Role::Quality,
            Self::ClinicalOwner => Role::ClinicalOwner,
            Self::Physicist => Role::Physicist,
        }
    }

    /// As it stands in JSON and databases.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Quality => "quality",
            Self::ClinicalOwner => "clinical_owner",
            Self::Physicist => "physicist",
        }
    }
}

/// A signed approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// As what.
    pub capacity: ApproverRole,
    /// Printed name.
    pub by: String,
    /// When.
    pub at: Time,
}

/// A gate policy that is or was in force.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GatePolicyVersion {
    /// Counts up; 0 is that of the configuration.
    pub number: u32,
    /// The policy.
    pub policy: GatePolicy,
    /// Printed name of who proposed it; `None` for that of the configuration.
    pub proposed_by: Option<String>,
    /// Printed name of who adopted it.
    pub adopted_by: Option<String>,
    /// When.
    pub adopted_at: Option<Time>,
    /// Why.
    pub reason: String,
    /// What differs from the version before, a line each.
    pub difference: Vec<String>,
}

/// The gate policy in force, the former ones, and what is proposed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GatePolicies {
    /// The one in force.
    pub in_force: GatePolicyVersion,
    /// Newest first; the last one stands in the configuration.
    pub former: Vec<GatePolicyVersion>,
    /// Open and past proposals, newest first.
    pub proposals: Vec<RulesProposal>,
}

/// Where a proposal of other rules stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RulesState {
    /// Waits for a second person.
    Open,
    /// In force, or was until others took their place.
    Adopted,
    /// A second person said no.
    Declined,
}

/// Other rules, proposed by one person, in force when a second one adopts them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RulesProposal {
    /// The proposal.
    pub id: RulesProposalId,
    /// Whose stop rules; `None` where it is the gate policy.
    pub deployment: Option<DeploymentId>,
    /// The proposed policy of the gates.
    pub gate_policy: Option<GatePolicy>,
    /// The proposed stop rules.
    pub stop_rules: Option<StopRules>,
    /// The version that was looked at.
    pub follows: u32,
    /// What differs from it, a line each.
    pub difference: Vec<String>,
    /// Why.
    pub reason: String,
    /// Printed name of who proposed.
    pub proposed_by: String,
    /// When.
    pub proposed_at: Time,
    /// Where it stands.
    pub state: RulesState,
    /// Printed name of who decided.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<Time>,
}

/// Proposes another gate policy; its version is given by rollout.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProposeGatePolicy {
    /// The policy.
    pub policy: GatePolicy,
    /// Why.
    pub reason: String,
    /// The version that was looked at.
    pub follows: u32,
}

/// Adopts or declines proposed rules.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct DecideRules {
    /// Whether they are to be in force.
    pub adopt: bool,
}

/// Proposes a promotion.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Propose {
    /// The wanted stage: the next one.
    pub stage: Stage,
    /// Why.
    pub reason: String,
}

impl Rollout {
    /// Proposes a promotion, as an administrator.
    pub async fn propose(&self, id: &DeploymentId, command: &Propose) -> Result<Proposal, ClientError> {
        self.0.post(&format!("/v1/deployments/{id}/propose"), command).await
    }

    /// Approves a proposal, as whatever is still wanted and never as the proposer. The caller's token must be a signing
    /// token. The deployment moves with the last approval that is wanted.
    pub async fn approve(&self, id: &ProposalId) -> Result<Deployment, ClientError> {
        self.0.post(&format!("/v1/proposals/{id}/approve"), &()).await
    }

    /// The gate policy in force, the former ones, and what is proposed.
    pub async fn gate_policies(&self) -> Result<GatePolicies, ClientError> {
        self.0.get_one("/v1/gate-policies", &()).await
    }

    /// Proposes another gate policy, as an administrator or for quality.
    pub async fn gate_policy_propose(
        &self,
        command: &ProposeGatePolicy,
    ) -> Result<RulesProposal, ClientError> {
        self.0.post("/v1/gate-policies/propose", command).await
    }

    /// Adopts or declines proposed rules, for quality or as the clinical owner and never as the proposer. To adopt, the
    /// caller's token must be a signing token.
    pub async fn rules_decide(
        &self,
        id: &RulesProposalId,
        command: DecideRules,
    ) -> Result<RulesProposal, ClientError> {
        self.0.post(&format!("/v1/rules-proposals/{id}/decide"), &command).await
    }
}
