//! Rollout's HTTP contract: models, deployments, stages and proposals.

use crate::{Client, ClientError, DeploymentId, Digest, ModelVersionId, SeriesId, Time};
use serde::{Deserialize, Serialize};
use std::time::Duration;

mod comparison;
mod counted;
mod economics;
mod gate;
mod routing;
mod site;
mod stop;

/// How long a package may take.
const IMPORT_TIME_MAX: Duration = Duration::from_hours(1);

pub use comparison::{
    Comparison, ComparisonDesign, ComparisonPlan, ComparisonState, DesignBehaviour, DesignLook,
    DesignRequest, Futility, GiveUpComparison, Look, LookDecision, Measured, PairedMeasure, ReadPair,
    StartComparison,
};
pub use counted::{COUNTED_NAMED_MAX, CountedBy, CountedCases, CountedPart, CountedQuery};
pub use economics::{
    Account, Benefit, BenefitLine, BenefitPer, Budget, BudgetRefusal, BudgetStanding, BudgetState,
    ChangeTerms, CostKind, CostLine, DeploymentEconomics, DevicePrice, Economics, EconomicsFile,
    EconomicsQuery, Entered, Known, Meaning, Plan, Prices, Sensitivity, Span, StudyCounts, TermsVersion,
};
pub use gate::{
    Approval, ApproverRole, Bounds, Criterion, DecideRules, Gate, GatePolicies, GatePolicy,
    GatePolicyVersion, Proposal, ProposalState, Propose, ProposeGatePolicy, RulesProposal, RulesState,
};
pub use routing::{
    ChangeUseRule, CreateDeployment, DryRun, DryRunOf, DryRunRequest, DryRunSeries, Hours, Routing,
    RuleOutcome, UseRule, UseRuleVersion,
};
pub use site::{
    ChangeSite, PreviewSite, RemoveSite, Scanner, Site, SiteDeployment, SitePreview, SiteSeries, SiteVersion,
};
pub use stop::{
    Alarm, Characteristic, Conclude, Counted, ProposeStopRules, RecallEvaluation, RuleState, StopAction,
    StopRule, StopRules, StopRulesVersion, StopTest, StopView,
};

/// How far a deployment may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Stopped: nobody sees results, nothing leaves.
    Suspended,
    /// Results for quality and evaluation readers only; never to a PACS.
    Shadow,
    /// Named readers; research destination only.
    Pilot,
    /// All credentialed readers of the site; to the PACS after release.
    Supervised,
    /// The site's default.
    General,
}

impl Stage {
    /// The stages in which results may reach a clinical worklist.
    pub fn is_clinical(self) -> bool {
        matches!(self, Self::Pilot | Self::Supervised | Self::General)
    }

    /// The stages in which a released case may be sent to a clinical destination.
    pub fn delivers(self) -> bool {
        matches!(self, Self::Supervised | Self::General)
    }

    /// The one stage a promotion leads to.
    pub fn next(self) -> Option<Self> {
        match self {
            Self::Suspended => Some(Self::Shadow),
            Self::Shadow => Some(Self::Pilot),
            Self::Pilot => Some(Self::Supervised),
            Self::Supervised => Some(Self::General),
            Self::General => None,
        }
    }

    /// The stage below, where a stop leads that moves one stage down.
    #[must_use]
    pub fn below(self) -> Self {
        match self {
            Self::Suspended | Self::Shadow => Self::Suspended,
            Self::Pilot => Self::Shadow,
            Self::Supervised => Self::Pilot,
            Self::General => Self::Supervised,
        }
    }

    /// The stage as it stands in JSON and databases.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Suspended => "suspended",
            Self::Shadow => "shadow",
            Self::Pilot => "pilot",
            Self::Supervised => "supervised",
            Self::General => "general",
        }
    }
}

/// A registered model version. It never changes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Model {
    /// The version's id.
    pub id: ModelVersionId,
    /// The model's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// `denoise`, `super-resolution`, `translation`, `synthesis`, `progression`.
    pub task: String,
    /// Digest of the weights file.
    pub weights: Digest,
    /// What it takes.
    #[serde(default)]
    pub input: ModelInput,
    /// How it draws its result.
    #[serde(default)]
    pub sampling: Sampling,
    /// What it is meant for, in plain words.
    pub intended_use: String,
    /// Where it must not be used, in plain words.
    pub limits: Vec<String>,
    /// Regulatory status at this site; `RESEARCH` for every model of this repository.
    pub content_qualification: String,
    /// What the status rests on, where it isn't research: a clearance's or certificate's number.
    #[serde(default)]
    pub regulatory_reference: Option<String>,
    /// Whom it was trained on, as its maker names them.
    #[serde(default)]
    pub training_subjects: Vec<String>,
    /// The text of its licence.
    #[serde(default)]
    pub licence: Option<String>,
    /// Who signed the package that it came in; `None` when it was installed with the program.
    #[serde(default)]
    pub publisher: Option<String>,
    /// Digest of the signed list of the package's files.
    #[serde(default)]
    pub manifest: Option<Digest>,
    /// The card, Markdown.
    pub card: String,
    /// The committed metrics, as JSON.
    pub metrics: serde_json::Value,
    /// On how many subjects the calibration of the interval rests.
    pub calibration_subjects: u32,
    /// Upper end of the fixed uncertainty scale, in the image's unit.
    pub uncertainty_range: f64,
    /// UCUM unit of image and uncertainty.
    pub unit: String,
    /// When it was registered.
    pub registered_at: Time,
}

/// What a model takes, by its own description.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelInput {
    /// DICOM modality of its input.
    pub modality: String,
    /// Slices that its input has at least.
    pub slices_min: u32,
}

/// How a model draws its result, by its own description: its intervals are calibrated for these numbers alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sampling {
    /// Steps of an iterative sampler; 1 for a regressor.
    pub steps: u32,
    /// Samples drawn; 1 for a regressor.
    pub samples: u32,
}

impl Default for Sampling {
    fn default() -> Self {
        Self { steps: 1, samples: 1 }
    }
}

/// A model version in use at a site.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Deployment {
    /// The deployment.
    pub id: DeploymentId,
    /// What people call it.
    pub name: String,
    /// The model version.
    pub model: ModelVersionId,
    /// What the model takes; nothing else is routed to it, whatever the rule says.
    #[serde(default)]
    pub input: ModelInput,
    /// Where.
    pub site: String,
    /// For what.
    pub rule: UseRule,
    /// Queue of the workers.
    pub pool: String,
    /// Percent, 0 to 100, of what the model takes away that is given back to its images, as texture. It never changes:
    /// the evidence of a deployment is of images made in one way.
    #[serde(default)]
    pub texture_percent: u8,
    /// Its stage.
    pub stage: Stage,
    /// Standing warning, for instance of a stage that rests on no evidence.
    pub banner: Option<String>,
    /// When the stage last changed.
    pub stage_since: Time,
    /// The gate to the next stage, as it stands now.
    pub gate: Option<Gate>,
    /// Open and past proposals, newest first.
    pub proposals: Vec<Proposal>,
}

/// What everybody who is signed in may know of a deployment: no evidence, so nothing about anybody's reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentLabel {
    /// The deployment.
    pub id: DeploymentId,
    /// What people call it.
    pub name: String,
    /// Its stage.
    pub stage: Stage,
    /// Standing warning.
    pub banner: Option<String>,
    /// Percent of what the model takes away that is given back to its images.
    #[serde(default)]
    pub texture_percent: u8,
}

impl From<Deployment> for DeploymentLabel {
    fn from(deployment: Deployment) -> Self {
        let Deployment { id, name, stage, banner, texture_percent, .. } = deployment;
        Self { id, name, stage, banner, texture_percent }
    }
}

/// Whether rollout lets a case made under a stage be released or sent now.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StageCheck {
    /// The stage now.
    pub stage: Stage,
    /// Whether a release may be written now.
    pub may_release: bool,
    /// Whether objects may be sent to a clinical destination now.
    pub may_send: bool,
    /// Why not, in words; empty when both hold.
    pub reason: String,
}

/// Moves a deployment down.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Demote {
    /// Any lower stage.
    pub stage: Stage,
    /// Why; may follow afterwards.
    pub reason: String,
}

/// A run that is wanted and waits for its pool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CapacityWait {
    /// Who wants it.
    pub deployment: DeploymentId,
    /// On which series.
    pub series: SeriesId,
    /// Since when it waits.
    pub since: Time,
    /// How long it would have waited at the pool then, seconds.
    pub expected_seconds: f64,
}

/// Typed client.
#[derive(Clone)]
pub struct Rollout(pub Client);

impl Rollout {
    /// Every model version, newest first.
    pub async fn models(&self) -> Result<Vec<Model>, ClientError> {
        self.0.get_one("/v1/models", &()).await
    }

    /// Takes in a package, a zip archive that streams in, as an administrator.
    pub async fn import_model(&self, package: reqwest::Body) -> Result<Model, ClientError> {
        let request = self.0.request(reqwest::Method::POST, "/v1/models/import").timeout(IMPORT_TIME_MAX);
        self.0.answer("/v1/models/import", request.body(package)).await
    }

    /// Every deployment, by name.
    pub async fn deployments(&self) -> Result<Vec<Deployment>, ClientError> {
        self.0.get_one("/v1/deployments", &()).await
    }

    /// What each deployment is called and where it stands.
    pub async fn deployment_labels(&self) -> Result<Vec<DeploymentLabel>, ClientError> {
        self.0.get_one("/v1/deployment-labels", &()).await
    }

    /// One deployment.
    pub async fn deployment(&self, id: &DeploymentId) -> Result<Option<Deployment>, ClientError> {
        self.0.get(&format!("/v1/deployments/{id}"), &()).await
    }

    /// Runs that are wanted and wait for a pool, the oldest first.
    pub async fn capacity_waits(&self) -> Result<Vec<CapacityWait>, ClientError> {
        self.0.get_one("/v1/capacity-waits", &()).await
    }

    /// What the router made of series.
    pub async fn routing_batch(&self, ids: Vec<SeriesId>) -> Result<Vec<Routing>, ClientError> {
        self.0.post("/v1/routing/batch", &crate::client::Batch { ids }).await
    }

    /// Whether a run made under `made_under` may be released and sent now.
    pub async fn stage_check(&self, id: &DeploymentId, made_under: Stage) -> Result<StageCheck, ClientError> {
        let query = [("made_under", made_under.as_str())];
        self.0.get_one(&format!("/v1/deployments/{id}/stage-check"), &query).await
    }

    /// Moves a deployment down, at once and alone.
    pub async fn demote(&self, id: &DeploymentId, command: &Demote) -> Result<Deployment, ClientError> {
        self.0.post(&format!("/v1/deployments/{id}/demote"), command).await
    }
}
