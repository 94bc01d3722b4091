//! Deployments, their gates and proposals.

use super::governance::{Approval, ApproverRole};
use super::model::Model;
use super::use_rule::UseRule;
use crate::graphql::fault::missing;
use crate::graphql::loader::Loaders;
use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use contract::{CaseId, DeploymentId, Digest, rollout};

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "rollout::Stage")]
pub(crate) enum Stage {
    Suspended,
    Shadow,
    Pilot,
    Supervised,
    General,
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "rollout::ProposalState")]
pub(crate) enum ProposalState {
    Open,
    Approved,
    Lapsed,
}

/// What a case shows of its deployment.
#[derive(SimpleObject)]
pub(crate) struct DeploymentSummary {
    id: ID,
    name: String,
    stage: Stage,
    banner: Option<String>,
    /// Percent of what the model takes away that is given back to the images, as texture; hidden with the model.
    texture_percent: Option<u8>,
}

impl From<rollout::DeploymentLabel> for DeploymentSummary {
    fn from(deployment: rollout::DeploymentLabel) -> Self {
        Self {
            id: deployment.id.to_string().into(),
            name: deployment.name,
            stage: deployment.stage.into(),
            banner: deployment.banner,
            texture_percent: Some(deployment.texture_percent),
        }
    }
}

impl DeploymentSummary {
    /// What may be told on a case whose model is hidden: where it stands.
    pub(crate) fn hidden(deployment: &rollout::DeploymentLabel, case: &CaseId) -> Self {
        // An id that stands for nothing but the case it is shown on.
        let stand_in = Digest::of(format!("deployment of {case}").as_bytes()).leading_bits();
        Self {
            id: DeploymentId::from_bits(stand_in).to_string().into(),
            name: String::new(),
            stage: deployment.stage.into(),
            banner: None,
            texture_percent: None,
        }
    }
}

#[derive(SimpleObject)]
pub(crate) struct Criterion {
    name: String,
    value: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    bound: f64,
    held: bool,
    note: String,
    /// The cases that it counts; none where it counts no cases.
    parts: Vec<CountedPart>,
}

/// Which of the cases that a gate rests on are meant.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "rollout::CountedBy")]
pub(crate) enum CountedBy {
    Here,
    HereNotAccepted,
    All,
    NotAccepted,
    Discordant,
    Critical,
    Marked,
    Unflagged,
    Sex,
    Age,
    Scanner,
}

/// A part of the cases that a criterion counts.
#[derive(SimpleObject)]
pub(crate) struct CountedPart {
    by: CountedBy,
    /// Which group, where it is one of several.
    group: Option<String>,
    /// The group in words; empty where it is unknown.
    label: String,
    cases: u32,
}

impl From<rollout::CountedPart> for CountedPart {
    fn from(part: rollout::CountedPart) -> Self {
        let rollout::CountedPart { by, group, label, cases } = part;
        Self { by: by.into(), group, label, cases }
    }
}

/// The cases of a part, as the gate counts them now.
#[derive(SimpleObject)]
pub(crate) struct GateCases {
    label: String,
    total: u32,
    /// The first of them, those that were not accepted before the others.
    case_ids: Vec<ID>,
}

impl From<rollout::CountedCases> for GateCases {
    fn from(counted: rollout::CountedCases) -> Self {
        let case_ids = counted.cases.iter().map(|case| case.to_string().into()).collect();
        Self { label: counted.label, total: counted.total, case_ids }
    }
}

impl From<rollout::Criterion> for Criterion {
    fn from(criterion: rollout::Criterion) -> Self {
        Self {
            name: criterion.name,
            value: criterion.value,
            low: criterion.interval.map(|(low, _)| low),
            high: criterion.interval.map(|(_, high)| high),
            bound: criterion.bound,
            held: criterion.held,
            note: criterion.note,
            parts: criterion.parts.into_iter().map(CountedPart::from).collect(),
        }
    }
}

/// Whether the evidence for a stage holds.
#[derive(SimpleObject)]
pub(crate) struct Gate {
    stage: Stage,
    policy_version: String,
    held: bool,
    criteria: Vec<Criterion>,
}

impl From<rollout::Gate> for Gate {
    fn from(gate: rollout::Gate) -> Self {
        Self {
            stage: gate.stage.into(),
            policy_version: gate.policy_version,
            held: gate.held,
            criteria: gate.criteria.into_iter().map(Criterion::from).collect(),
        }
    }
}

#[derive(SimpleObject)]
pub(crate) struct Proposal {
    id: ID,
    stage: Stage,
    reason: String,
    /// Printed name.
    proposed_by: String,
    proposed_at: DateTime<Utc>,
    state: ProposalState,
    /// In the order of signing.
    approvals: Vec<Approval>,
    /// Whose approval is still wanted.
    wanted: Vec<ApproverRole>,
    /// The gate when it was proposed.
    gate: Gate,
}

impl From<rollout::Proposal> for Proposal {
    fn from(proposal: rollout::Proposal) -> Self {
        Self {
            id: proposal.id.to_string().into(),
            stage: proposal.stage.into(),
            reason: proposal.reason,
            proposed_by: proposal.proposed_by,
            proposed_at: proposal.proposed_at,
            state: proposal.state.into(),
            approvals: proposal.approvals.into_iter().map(Approval::from).collect(),
            wanted: proposal.wanted.into_iter().map(ApproverRole::from).collect(),
            gate: proposal.gate.into(),
        }
    }
}

pub(crate) struct Deployment(pub(crate) rollout::Deployment);

#[Object]
impl Deployment {
    async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    async fn name(&self) -> &str {
        &self.0.name
    }

    async fn model(&self, ctx: &Context<'_>) -> Result<Model> {
        let model = Loaders::of(ctx)?.one(ctx, self.0.model.clone()).await?;
        model.map(Model).ok_or_else(|| missing(ctx, "model"))
    }

    async fn site(&self) -> &str {
        &self.0.site
    }

    async fn stage(&self) -> Stage {
        self.0.stage.into()
    }

    async fn stage_since(&self) -> DateTime<Utc> {
        self.0.stage_since
    }

    async fn banner(&self) -> Option<&str> {
        self.0.banner.as_deref()
    }

    async fn pool(&self) -> &str {
        &self.0.pool
    }

    /// Percent of what the model takes away that is given back to its images, as texture.
    async fn texture_percent(&self) -> u8 {
        self.0.texture_percent
    }

    /// What the deployment wants, one line per condition.
    async fn rule(&self) -> Vec<String> {
        self.0.rule.lines()
    }

    /// The same, field by field.
    async fn use_rule(&self) -> UseRule {
        self.0.rule.clone().into()
    }

    /// The gate to the next stage as it stands now.
    async fn gate(&self) -> Option<Gate> {
        self.0.gate.clone().map(Gate::from)
    }

    /// Newest first.
    async fn proposals(&self) -> Vec<Proposal> {
        self.0.proposals.iter().cloned().map(Proposal::from).collect()
    }
}
