//! Stop rules, where they stand, what they told.

use super::deployment::Stage;
use super::governance::RulesProposal;
use async_graphql::{Enum, ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use contract::{Refusal, rollout};

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "rollout::Counted")]
pub(crate) enum Counted {
    Rejected,
    Discordant,
    CriticalFinding,
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "rollout::StopAction")]
pub(crate) enum StopAction {
    Inform,
    Demote,
    Suspend,
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StopTestKind {
    Cusum,
    SingleEvent,
    Silence,
    Window,
}

/// A rule. What a kind of test does not use is null.
#[derive(SimpleObject, InputObject, Clone)]
#[graphql(input_name = "StopRuleInput")]
pub(crate) struct StopRule {
    name: String,
    test: StopTestKind,
    counted: Option<Counted>,
    /// The accepted rate of a CUSUM.
    baseline: Option<f64>,
    /// The rate that a CUSUM must find.
    alarm: Option<f64>,
    /// Its share of the budget of false alarms.
    share: Option<f64>,
    /// Whether the cases of all sites of the model version count.
    pooled: Option<bool>,
    hours: Option<u32>,
    expected_min: Option<f64>,
    cases: Option<u32>,
    share_max: Option<f64>,
}

impl From<rollout::StopRule> for StopRule {
    fn from(rule: rollout::StopRule) -> Self {
        let empty = Self {
            name: rule.name,
            test: StopTestKind::Cusum,
            counted: None,
            baseline: None,
            alarm: None,
            share: None,
            pooled: None,
            hours: None,
            expected_min: None,
            cases: None,
            share_max: None,
        };
        match rule.test {
            rollout::StopTest::Cusum { counted, baseline, alarm, share, pooled } => Self {
                counted: Some(counted.into()),
                baseline: Some(baseline),
                alarm: Some(alarm),
                share: Some(share),
                pooled: Some(pooled),
                ..empty
            },
            rollout::StopTest::SingleEvent { counted } => {
                Self { test: StopTestKind::SingleEvent, counted: Some(counted.into()), ..empty }
            }
            rollout::StopTest::Silence { hours, expected_min } => Self {
                test: StopTestKind::Silence,
                hours: Some(hours),
                expected_min: Some(expected_min),
                ..empty
            },
            rollout::StopTest::Window { counted, cases, share_max } => Self {
                test: StopTestKind::Window,
                counted: Some(counted.into()),
                cases: Some(cases),
                share_max: Some(share_max),
                ..empty
            },
        }
    }
}

impl StopRule {
    fn read(self) -> Result<rollout::StopRule, Refusal> {
        let missing = || {
            Refusal::new(
                "stop_rules_malformed",
                format!("the rule '{}' lacks a number that its test needs", self.name),
                "fill in every field of the rule",
            )
        };
        let counted = self.counted.map(rollout::Counted::from);
        let test = match self.test {
            StopTestKind::Cusum => rollout::StopTest::Cusum {
                counted: counted.ok_or_else(missing)?,
                baseline: self.baseline.ok_or_else(missing)?,
                alarm: self.alarm.ok_or_else(missing)?,
                share: self.share.ok_or_else(missing)?,
                pooled: self.pooled.unwrap_or_default(),
            },
            StopTestKind::SingleEvent => {
                rollout::StopTest::SingleEvent { counted: counted.ok_or_else(missing)? }
            }
            StopTestKind::Silence => rollout::StopTest::Silence {
                hours: self.hours.ok_or_else(missing)?,
                expected_min: self.expected_min.ok_or_else(missing)?,
            },
            StopTestKind::Window => rollout::StopTest::Window {
                counted: counted.ok_or_else(missing)?,
                cases: self.cases.ok_or_else(missing)?,
                share_max: self.share_max.ok_or_else(missing)?,
            },
        };
        Ok(rollout::StopRule { name: self.name, test })
    }
}

#[derive(InputObject)]
pub(crate) struct StopRulesInput {
    false_alarms_per_year: f64,
    cases_per_month: f64,
    rules: Vec<StopRule>,
}

impl StopRulesInput {
    /// The rules as rollout reads them.
    pub(crate) fn read(self) -> Result<rollout::StopRules, Refusal> {
        Ok(rollout::StopRules {
            false_alarms_per_year: self.false_alarms_per_year,
            cases_per_month: self.cases_per_month,
            rules: self.rules.into_iter().map(StopRule::read).collect::<Result<_, _>>()?,
        })
    }
}

/// A version of a deployment's stop rules.
#[derive(SimpleObject)]
pub(crate) struct StopRulesVersion {
    version: u32,
    false_alarms_per_year: f64,
    cases_per_month: f64,
    rules: Vec<StopRule>,
    /// Printed name.
    changed_by: Option<String>,
    changed_at: Option<DateTime<Utc>>,
    reason: String,
    difference: Vec<String>,
}

impl From<rollout::StopRulesVersion> for StopRulesVersion {
    fn from(version: rollout::StopRulesVersion) -> Self {
        Self {
            version: version.version,
            false_alarms_per_year: version.rules.false_alarms_per_year,
            cases_per_month: version.rules.cases_per_month,
            rules: version.rules.rules.into_iter().map(StopRule::from).collect(),
            changed_by: version.changed_by,
            changed_at: version.changed_at,
            reason: version.reason,
            difference: version.difference,
        }
    }
}

/// Where a rule stands.
#[derive(SimpleObject)]
pub(crate) struct RuleState {
    rule: String,
    action: StopAction,
    value: f64,
    bound: f64,
    fired: bool,
    case: Option<ID>,
    cases: u32,
    path: Vec<f64>,
    note: String,
}

impl From<rollout::RuleState> for RuleState {
    fn from(state: rollout::RuleState) -> Self {
        Self {
            rule: state.rule,
            action: state.action.into(),
            value: state.value,
            bound: state.bound,
            fired: state.fired,
            case: state.case.map(|case| case.to_string().into()),
            cases: state.cases,
            path: state.path,
            note: state.note,
        }
    }
}

/// How a rule behaves at one true rate.
#[derive(SimpleObject)]
pub(crate) struct Characteristic {
    rule: String,
    rate: f64,
    /// Whether every firing at this rate is a false alarm.
    acceptable: bool,
    cases_mean: f64,
    cases_median: f64,
    cases_p90: f64,
    alarms_per_year: f64,
}

impl From<rollout::Characteristic> for Characteristic {
    fn from(row: rollout::Characteristic) -> Self {
        Self {
            rule: row.rule,
            rate: row.rate,
            acceptable: row.acceptable,
            cases_mean: row.cases_mean,
            cases_median: row.cases_median,
            cases_p90: row.cases_p90,
            alarms_per_year: row.alarms_per_year,
        }
    }
}

/// Something a rule told.
#[derive(SimpleObject)]
pub(crate) struct Alarm {
    id: ID,
    deployment_id: ID,
    deployment_name: String,
    rule: String,
    rules_version: u32,
    action: StopAction,
    value: f64,
    bound: f64,
    raised_at: DateTime<Utc>,
    case: Option<ID>,
    from_stage: Stage,
    to_stage: Stage,
    note: String,
    /// Printed name.
    acknowledged_by: Option<String>,
    acknowledged_at: Option<DateTime<Utc>>,
    acknowledgement: Option<String>,
}

impl From<rollout::Alarm> for Alarm {
    fn from(alarm: rollout::Alarm) -> Self {
        Self {
            id: alarm.id.to_string().into(),
            deployment_id: alarm.deployment.to_string().into(),
            deployment_name: alarm.deployment_name,
            rule: alarm.rule,
            rules_version: alarm.rules_version,
            action: alarm.action.into(),
            value: alarm.value,
            bound: alarm.bound,
            raised_at: alarm.raised_at,
            case: alarm.case.map(|case| case.to_string().into()),
            from_stage: alarm.from.into(),
            to_stage: alarm.to.into(),
            note: alarm.note,
            acknowledged_by: alarm.acknowledged_by,
            acknowledged_at: alarm.acknowledged_at,
            acknowledgement: alarm.acknowledgement,
        }
    }
}

/// Whether what was released before a stop must be taken back.
#[derive(SimpleObject)]
pub(crate) struct RecallEvaluation {
    id: ID,
    alarm_id: ID,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    opened_at: DateTime<Utc>,
    cases: Vec<ID>,
    /// Printed name.
    closed_by: Option<String>,
    closed_at: Option<DateTime<Utc>>,
    conclusion: Option<String>,
}

impl From<rollout::RecallEvaluation> for RecallEvaluation {
    fn from(evaluation: rollout::RecallEvaluation) -> Self {
        Self {
            id: evaluation.id.to_string().into(),
            alarm_id: evaluation.alarm.to_string().into(),
            from: evaluation.from,
            to: evaluation.to,
            opened_at: evaluation.opened_at,
            cases: evaluation.cases.into_iter().map(|case| case.to_string().into()).collect(),
            closed_by: evaluation.closed_by,
            closed_at: evaluation.closed_at,
            conclusion: evaluation.conclusion,
        }
    }
}

/// Everything about a deployment's stop rules.
#[derive(SimpleObject)]
pub(crate) struct StopView {
    rules: StopRulesVersion,
    former: Vec<StopRulesVersion>,
    states: Vec<RuleState>,
    characteristics: Vec<Characteristic>,
    alarms: Vec<Alarm>,
    recall_evaluations: Vec<RecallEvaluation>,
    /// Other rules that were proposed, newest first.
    proposals: Vec<RulesProposal>,
}

impl From<rollout::StopView> for StopView {
    fn from(view: rollout::StopView) -> Self {
        Self {
            rules: view.rules.into(),
            former: view.former.into_iter().map(StopRulesVersion::from).collect(),
            states: view.states.into_iter().map(RuleState::from).collect(),
            characteristics: view.characteristics.into_iter().map(Characteristic::from).collect(),
            alarms: view.alarms.into_iter().map(Alarm::from).collect(),
            recall_evaluations: view.recall_evaluations.into_iter().map(Into::into).collect(),
            proposals: view.proposals.into_iter().map(RulesProposal::from).collect(),
        }
    }
}
