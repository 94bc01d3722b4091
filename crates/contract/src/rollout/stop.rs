//! Stop rules of a deployment, what they stand at, and what they did.

use super::{Rollout, RulesProposal, Stage};
use crate::{AlarmId, CaseId, ClientError, DeploymentId, ModelVersionId, RecallEvaluationId, Refusal, Time};
use serde::{Deserialize, Serialize};

/// What a rule counts among the cases that ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Cases that ended unreleased by their reads.
    Rejected,
    /// Cases on which the first readers differed.
    Discordant,
    /// Cases with a critical finding that both first readers or the deciding reader marked.
    CriticalFinding,
}

impl Counted {
    /// The word as it stands in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Discordant => "discordant",
            Self::CriticalFinding => "critical_finding",
        }
    }
}

/// How a rule looks at the stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "test", rename_all = "snake_case")]
pub enum StopTest {
    /// Bernoulli CUSUM. Firing moves the deployment down one stage.
    Cusum {
        /// What is counted.
        counted: Counted,
        /// The rate that is accepted, in (0, 1).
        baseline: f64,
        /// The rate that must be found, above the baseline.
        alarm: f64,
        /// Its share of the budget of false alarms; the shares of all such rules sum to at most 1.
        share: f64,
        /// Whether the cases of every deployment of the same model version count: what small sites need.
        #[serde(default)]
        pooled: bool,
    },
    /// One case is enough. Firing suspends the deployment.
    SingleEvent {
        /// What is counted.
        counted: Counted,
    },
    /// Nothing came where something was expected. Firing informs.
    Silence {
        /// How long nothing has come.
        hours: u32,
        /// Fires only where at least this many series were expected in that time, by the fourteen days before.
        expected_min: f64,
    },
    /// Share of the last cases. Firing informs: over months such a rule fires by chance (clinical.md 28).
    Window {
        /// What is counted.
        counted: Counted,
        /// How many cases.
        cases: u32,
        /// The share above which it fires.
        share_max: f64,
    },
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StopRule {
    /// What people call it; unique in its set.
    pub name: String,
    /// What it does.
    #[serde(flatten)]
    pub test: StopTest,
}

/// The rules of a deployment. One version never changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StopRules {
    /// How many false alarms a year all demoting tests may raise together while every baseline holds.
    pub false_alarms_per_year: f64,
    /// How many cases end in a month: turns the budget into run lengths.
    pub cases_per_month: f64,
    /// The rules.
    pub rules: Vec<StopRule>,
}

/// A version of a deployment's rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StopRulesVersion {
    /// From 1; 0 are the rules that every deployment begins with.
    pub version: u32,
    /// The rules.
    pub rules: StopRules,
    /// Printed name of who put them in force.
    pub changed_by: Option<String>,
    /// When.
    pub changed_at: Option<Time>,
    /// Why.
    pub reason: String,
    /// What is otherwise than in the version before, one line each.
    pub difference: Vec<String>,
}

/// What a firing does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopAction {
    /// People are told.
    Inform,
    /// The deployment goes down one stage.
    Demote,
    /// The deployment is suspended.
    Suspend,
}

impl StopAction {
    /// The word as it stands in JSON and databases.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inform => "inform",
            Self::Demote => "demote",
            Self::Suspend => "suspend",
        }
    }
}

/// Where a rule stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleState {
    /// The rule.
    pub rule: String,
    /// What a firing does.
    pub action: StopAction,
    /// The statistic now: points of a CUSUM, cases of a single-event rule, series of a silence rule, share of a window.
    pub value: f64,
    /// At which it fires.
    pub bound: f64,
    /// Whether it has fired since the deployment came to its stage.
    pub fired: bool,
    /// The case at which it fired.
    pub case: Option<CaseId>,
    /// How many cases it has seen.
    pub cases: u32,
    /// The statistic after each of the last cases, oldest first: a chart.
    pub path: Vec<f64>,
    /// What it means, in words.
    pub note: String,
}

/// How a rule behaves at one true rate: simulated, seeded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Characteristic {
    /// The rule.
    pub rule: String,
    /// The true rate, or expected series for silence.
    pub rate: f64,
    /// Whether this rate is the accepted one, so that every firing is a false alarm.
    pub acceptable: bool,
    /// Mean number of cases until it fires.
    pub cases_mean: f64,
    /// Half of the runs fire by this case.
    pub cases_median: f64,
    /// Nine of ten runs fire by this case.
    pub cases_p90: f64,
    /// Firings a year at this rate and the given volume.
    pub alarms_per_year: f64,
}

/// Something a rule told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alarm {
    /// The alarm.
    pub id: AlarmId,
    /// The deployment.
    pub deployment: DeploymentId,
    /// Its name.
    pub deployment_name: String,
    /// The rule.
    pub rule: String,
    /// Version of the rules.
    pub rules_version: u32,
    /// What it did.
    pub action: StopAction,
    /// The statistic at which it fired.
    pub value: f64,
    /// The bound.
    pub bound: f64,
    /// When.
    pub raised_at: Time,
    /// The case at which it fired.
    pub case: Option<CaseId>,
    /// The stage before.
    pub from: Stage,
    /// The stage after; the same where it only informed.
    pub to: Stage,
    /// What it means, in words.
    pub note: String,
    /// Printed name of who has looked into it.
    pub acknowledged_by: Option<String>,
    /// When.
    pub acknowledged_at: Option<Time>,
    /// What they found.
    pub acknowledgement: Option<String>,
}

/// Whether what was released before a stop must be taken back: opened by a stop, closed by a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecallEvaluation {
    /// The evaluation.
    pub id: RecallEvaluationId,
    /// The deployment.
    pub deployment: DeploymentId,
    /// Its model version at that time.
    pub model: ModelVersionId,
    /// The span in which released cases ended.
    pub from: Time,
    /// End of the span.
    pub to: Time,
    /// When it was opened.
    pub opened_at: Time,
    /// The alarm that opened it.
    pub alarm: AlarmId,
    /// The released cases of the span.
    pub cases: Vec<CaseId>,
    /// Printed name of who closed it.
    pub closed_by: Option<String>,
    /// When.
    pub closed_at: Option<Time>,
    /// What was decided.
    pub conclusion: Option<String>,
}

/// Everything about a deployment's stop rules.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StopView {
    /// In force.
    pub rules: StopRulesVersion,
    /// Former versions, newest first.
    pub former: Vec<StopRulesVersion>,
    /// Where each rule stands.
    pub states: Vec<RuleState>,
    /// How each rule behaves.
    pub characteristics: Vec<Characteristic>,
    /// What they told, newest first.
    pub alarms: Vec<Alarm>,
    /// What must be looked at again, newest first.
    pub recall_evaluations: Vec<RecallEvaluation>,
    /// Other rules that were proposed, newest first.
    pub proposals: Vec<RulesProposal>,
}

/// Proposes other rules, in force when a second person adopts them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProposeStopRules {
    /// The rules.
    pub rules: StopRules,
    /// Why.
    pub reason: String,
    /// The version that this one follows: refused when another came between.
    pub follows: u32,
}

/// Says what somebody found who looked into an alarm, or what was decided about a recall.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Conclude {
    /// In words.
    pub conclusion: String,
}

impl Rollout {
    /// A deployment's stop rules with everything about them.
    pub async fn stop_view(&self, id: &DeploymentId) -> Result<StopView, ClientError> {
        let answer = self.0.get(&format!("/v1/deployments/{id}/stop-rules"), &()).await?;
        answer.ok_or_else(|| ClientError::Refused { service: "rollout", refusal: Refusal::not_found() })
    }

    /// How rules would behave, before they are in force.
    pub async fn stop_rules_preview(&self, rules: &StopRules) -> Result<Vec<Characteristic>, ClientError> {
        self.0.post("/v1/stop-rules/preview", rules).await
    }

    /// Proposes other stop rules, for quality or as an administrator.
    pub async fn stop_rules_propose(
        &self,
        id: &DeploymentId,
        command: &ProposeStopRules,
    ) -> Result<RulesProposal, ClientError> {
        self.0.post(&format!("/v1/deployments/{id}/stop-rules"), command).await
    }

    /// Alarms of all deployments that nobody has looked into, newest first.
    pub async fn alarms(&self) -> Result<Vec<Alarm>, ClientError> {
        self.0.get_one("/v1/alarms", &()).await
    }

    /// Says that somebody has looked into an alarm.
    pub async fn alarm_acknowledge(&self, id: &AlarmId, command: &Conclude) -> Result<Alarm, ClientError> {
        self.0.post(&format!("/v1/alarms/{id}/acknowledge"), command).await
    }

    /// Closes a recall evaluation with what was decided.
    pub async fn recall_evaluation_close(
        &self,
        id: &RecallEvaluationId,
        command: &Conclude,
    ) -> Result<RecallEvaluation, ClientError> {
        self.0.post(&format!("/v1/recall-evaluations/{id}/close"), command).await
    }
}
