//! Champion against challenger: the plan that is declared beforehand, and what its looks say.

use super::Rollout;
use crate::review::{PairErrors, PairOutcome};
use crate::{CaseId, ClientError, ComparisonId, DeploymentId, PairId, Time};
use serde::{Deserialize, Serialize};

/// What is declared before the first pair is read, and never changes afterwards.
///
/// The endpoint is the preference: of the pairs on which the readers prefer one image, the share on which they prefer
/// the challenger's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparisonPlan {
    /// How much below one half the share may be: 0 asks whether the challenger is better, more whether it is not worse
    /// by that.
    pub margin: f64,
    /// One-sided error over all looks together.
    pub alpha: f64,
    /// At how many pairs the figures are looked at, rising; the last is how many are read.
    pub looks: Vec<u32>,
    /// How many people read each pair.
    pub readers: u32,
    /// Of a thousand sources that both deployments have a run on, how many are read.
    pub draw_per_mille: u32,
    /// When it ends early because it would hardly show any more what it asks for; `None` never, as was so before plans
    /// could declare it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub futility: Option<Futility>,
}

/// When what is left to read is not worth its readers' time.
///
/// It binds nobody: what a look needs is computed as if no comparison ended for it, so that the error is the declared one
/// also where people read on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Futility {
    /// The true share of preferences for the challenger that is hoped for.
    pub alternative: f64,
    /// A look ends the comparison where, at that true share, a later one would show what is asked for less often than
    /// this (conditional power).
    pub limit: f64,
}

impl ComparisonPlan {
    /// How many pairs are read in all.
    pub fn pairs(&self) -> u32 {
        self.looks.last().copied().unwrap_or_default()
    }

    /// The share that must be exceeded.
    pub fn null(&self) -> f64 {
        0.5 - self.margin
    }
}

/// Begins a comparison.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StartComparison {
    /// What is in use.
    pub champion: DeploymentId,
    /// What may be better; it stands at shadow.
    pub challenger: DeploymentId,
    /// What is declared.
    pub plan: ComparisonPlan,
    /// Why.
    pub reason: String,
}

/// Ends a comparison before its plan does, without a result.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GiveUpComparison {
    /// Why.
    pub reason: String,
}

/// Asks how a plan would behave.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DesignRequest {
    /// The plan.
    pub plan: ComparisonPlan,
    /// The share of pairs on which readers prefer neither, as it is expected.
    pub no_preference: f64,
}

/// How a plan behaves, counted exactly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComparisonDesign {
    /// What each look takes.
    pub looks: Vec<DesignLook>,
    /// How often it shows what it is to show, by the true share.
    pub behaviour: Vec<DesignBehaviour>,
}

/// What a look takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DesignLook {
    /// At how many pairs.
    pub pairs: u32,
    /// How many of them give a preference, as it is expected.
    pub preferences: u32,
    /// The bound of O'Brien and Fleming on the standardised statistic.
    pub bound: f64,
    /// Error that is used up to here.
    pub spent: f64,
    /// The fewest preferences for the challenger that end the comparison here; `None` where none suffice.
    pub needed: Option<u32>,
    /// The most with which it ends here for futility; `None` where it doesn't, however few they are.
    pub futile: Option<u32>,
}

/// What comes of a plan when the true share is this.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DesignBehaviour {
    /// The true share of preferences for the challenger.
    pub truth: f64,
    /// How often the comparison shows what it asks for: its power, or at the bound its error.
    pub shown: f64,
    /// How often it ends early for futility.
    pub futile: f64,
    /// How many pairs are read on average.
    pub pairs: f64,
}

/// Where a comparison stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComparisonState {
    /// Pairs are read.
    Open,
    /// A look decided.
    Decided,
    /// A person ended it; it has no result.
    GivenUp,
}

impl ComparisonState {
    /// The state as it stands in JSON and databases.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Decided => "decided",
            Self::GivenUp => "given_up",
        }
    }
}

/// What a look says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookDecision {
    /// Read on.
    GoOn,
    /// The challenger is preferred.
    Better,
    /// The challenger is not worse by more than the margin.
    NotWorse,
    /// All pairs are read and the question is not answered. That is no proof that there is no difference.
    NotShown,
    /// Not all are read, and the others would hardly have answered it: not shown, and no proof either.
    Futile,
}

/// The figures of a declared look.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Look {
    /// From 1.
    pub number: u32,
    /// How many pairs it rests on.
    pub pairs: u32,
    /// Pairs on which the champion's image is preferred.
    pub champion: u32,
    /// Pairs on which the challenger's is.
    pub challenger: u32,
    /// The share of preferences for the challenger; `None` where nobody preferred any.
    pub share: Option<f64>,
    /// Lower end of the repeated interval of that share.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// The fewest preferences for the challenger that would have ended it here; `None` where none suffice.
    pub needed: Option<u32>,
    /// How often a later look would show what is asked for, at the share that the plan hopes for; `None` where it
    /// declares none, and at the last look.
    #[serde(default)]
    pub power_left: Option<f64>,
    /// What the plan says.
    pub decision: LookDecision,
    /// How runs differ within pairs: beside the preference, never instead of it.
    pub measures: Vec<PairedMeasure>,
    /// When.
    pub looked_at: Time,
}

/// What of a run is compared within pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measured {
    /// How near the input is to what the model was trained on.
    DomainScore,
    /// Image-domain consistency under a simulated forward model.
    Consistency,
    /// How many regions have a wide interval.
    WideRegions,
    /// How long the device was at work, seconds.
    ComputeSeconds,
}

/// A difference within pairs, challenger less champion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PairedMeasure {
    /// Of what.
    pub measured: Measured,
    /// Pairs where both runs have it.
    pub pairs: u32,
    /// The champion's mean.
    pub champion: f64,
    /// The challenger's mean.
    pub challenger: f64,
    /// The mean difference.
    pub difference: f64,
    /// Lower end of its 95 % interval (Student); `None` of fewer than two pairs.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
}

/// A comparison. Between looks it says how many pairs are read and nothing of what the readers preferred.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The comparison.
    pub id: ComparisonId,
    /// What is in use.
    pub champion: DeploymentId,
    /// What may be better.
    pub challenger: DeploymentId,
    /// What was declared.
    pub plan: ComparisonPlan,
    /// Why.
    pub reason: String,
    /// Who began it.
    pub started_by: String,
    /// When.
    pub started_at: Time,
    /// Where it stands.
    pub state: ComparisonState,
    /// Pairs that all their readers answered.
    pub pairs: u32,
    /// The looks so far.
    pub looks: Vec<Look>,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// Who gave it up.
    pub ended_by: Option<String>,
    /// Why it was given up.
    pub ended_reason: Option<String>,
    /// The pairs, once it is over.
    pub read: Vec<ReadPair>,
}

/// A pair of a comparison that is over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReadPair {
    /// The pair.
    pub pair: PairId,
    /// The case of the champion's run.
    pub champion_case: CaseId,
    /// The case of the challenger's run.
    pub challenger_case: CaseId,
    /// What its readers said together.
    pub outcome: PairOutcome,
    /// What they found wrong; told to quality only.
    pub errors: Option<PairErrors>,
}

impl Rollout {
    /// Every comparison, newest first.
    pub async fn comparisons(&self) -> Result<Vec<Comparison>, ClientError> {
        self.0.get_one("/v1/comparisons", &()).await
    }

    /// How a plan would behave.
    pub async fn comparison_design(&self, request: &DesignRequest) -> Result<ComparisonDesign, ClientError> {
        self.0.post("/v1/comparisons/design", request).await
    }

    /// Begins one.
    pub async fn comparison_start(&self, command: &StartComparison) -> Result<Comparison, ClientError> {
        self.0.post("/v1/comparisons", command).await
    }

    /// Ends one without a result.
    pub async fn comparison_give_up(
        &self,
        id: &ComparisonId,
        command: &GiveUpComparison,
    ) -> Result<Comparison, ClientError> {
        self.0.post(&format!("/v1/comparisons/{id}/give-up"), command).await
    }
}
