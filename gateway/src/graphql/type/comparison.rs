//! Comparisons of models: what was declared, how it behaves, and what its looks said.

use super::pair::ReadPair;
use async_graphql::{Enum, ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use contract::rollout;

/// What is declared before the first pair is read.
#[derive(SimpleObject, InputObject, Clone)]
#[graphql(input_name = "ComparisonPlanInput")]
pub(crate) struct ComparisonPlan {
    /// How much below one half the share of preferences may be: 0 asks for better, more for not worse.
    margin: f64,
    /// One-sided, over all looks together.
    alpha: f64,
    /// At how many pairs it is looked, rising; the last is how many are read.
    looks: Vec<u32>,
    /// How many people read each pair.
    readers: u32,
    /// Of a thousand sources that both have a run on.
    draw_per_mille: u32,
    /// Null where it ends early only when it shows what it asks for.
    futility: Option<ComparisonFutility>,
}

/// When a comparison ends early because it would hardly show any more what it asks for. What its looks need is the same
/// with it and without.
#[derive(SimpleObject, InputObject, Clone, Copy)]
#[graphql(input_name = "ComparisonFutilityInput")]
pub(crate) struct ComparisonFutility {
    /// The true share of preferences for the challenger that is hoped for.
    alternative: f64,
    /// A look ends it where, at that share, a later one would show what is asked for less often than this.
    limit: f64,
}

impl From<rollout::Futility> for ComparisonFutility {
    fn from(rollout::Futility { alternative, limit }: rollout::Futility) -> Self {
        Self { alternative, limit }
    }
}

impl From<ComparisonFutility> for rollout::Futility {
    fn from(ComparisonFutility { alternative, limit }: ComparisonFutility) -> Self {
        Self { alternative, limit }
    }
}

impl From<rollout::ComparisonPlan> for ComparisonPlan {
    fn from(plan: rollout::ComparisonPlan) -> Self {
        let rollout::ComparisonPlan { margin, alpha, looks, readers, draw_per_mille, futility } = plan;
        let futility = futility.map(ComparisonFutility::from);
        Self { margin, alpha, looks, readers, draw_per_mille, futility }
    }
}

impl From<ComparisonPlan> for rollout::ComparisonPlan {
    fn from(plan: ComparisonPlan) -> Self {
        let ComparisonPlan { margin, alpha, looks, readers, draw_per_mille, futility } = plan;
        let futility = futility.map(rollout::Futility::from);
        Self { margin, alpha, looks, readers, draw_per_mille, futility }
    }
}

/// What a look takes.
#[derive(SimpleObject)]
pub(crate) struct DesignLook {
    pairs: u32,
    /// How many pairs are expected to give a preference.
    preferences: u32,
    /// O'Brien and Fleming's, on the standardised statistic.
    bound: f64,
    /// Error used up to here.
    spent: f64,
    /// The fewest preferences for the challenger that end it here.
    needed: Option<u32>,
    /// The most with which it ends here for futility.
    futile: Option<u32>,
}

/// What comes of a plan when the true share is this.
#[derive(SimpleObject)]
pub(crate) struct DesignBehaviour {
    truth: f64,
    /// How often it shows what it asks for.
    shown: f64,
    /// How often it ends early for futility.
    futile: f64,
    /// Pairs read on average.
    pairs: f64,
}

/// How a plan behaves, counted exactly.
#[derive(SimpleObject)]
pub(crate) struct ComparisonDesign {
    looks: Vec<DesignLook>,
    behaviour: Vec<DesignBehaviour>,
}

impl From<rollout::ComparisonDesign> for ComparisonDesign {
    fn from(design: rollout::ComparisonDesign) -> Self {
        let look = |look: rollout::DesignLook| DesignLook {
            pairs: look.pairs,
            preferences: look.preferences,
            bound: look.bound,
            spent: look.spent,
            needed: look.needed,
            futile: look.futile,
        };
        let behaviour = |row: rollout::DesignBehaviour| DesignBehaviour {
            truth: row.truth,
            shown: row.shown,
            futile: row.futile,
            pairs: row.pairs,
        };
        Self {
            looks: design.looks.into_iter().map(look).collect(),
            behaviour: design.behaviour.into_iter().map(behaviour).collect(),
        }
    }
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "rollout::ComparisonState")]
pub(crate) enum ComparisonState {
    Open,
    Decided,
    GivenUp,
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "rollout::LookDecision")]
pub(crate) enum LookDecision {
    GoOn,
    Better,
    NotWorse,
    NotShown,
    Futile,
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "rollout::Measured")]
pub(crate) enum RunMeasure {
    DomainScore,
    Consistency,
    WideRegions,
    ComputeSeconds,
}

/// A difference within pairs, challenger less champion, with its 95 % interval.
#[derive(SimpleObject)]
pub(crate) struct PairedMeasure {
    measured: RunMeasure,
    pairs: u32,
    champion: f64,
    challenger: f64,
    difference: f64,
    low: Option<f64>,
    high: Option<f64>,
}

/// The figures of a declared look.
#[derive(SimpleObject)]
pub(crate) struct ComparisonLook {
    number: u32,
    pairs: u32,
    champion: u32,
    challenger: u32,
    /// Of the preferences, those for the challenger; null where there are none.
    share: Option<f64>,
    /// Ends of the repeated interval of that share.
    low: f64,
    high: f64,
    /// The fewest preferences for the challenger that would have ended it here.
    needed: Option<u32>,
    /// How often a later look would show what is asked for at the share that the plan hopes for; null where it declares
    /// none.
    power_left: Option<f64>,
    decision: LookDecision,
    measures: Vec<PairedMeasure>,
    looked_at: DateTime<Utc>,
}

impl From<rollout::Look> for ComparisonLook {
    fn from(look: rollout::Look) -> Self {
        let measure = |one: rollout::PairedMeasure| PairedMeasure {
            measured: one.measured.into(),
            pairs: one.pairs,
            champion: one.champion,
            challenger: one.challenger,
            difference: one.difference,
            low: one.low,
            high: one.high,
        };
        Self {
            number: look.number,
            pairs: look.pairs,
            champion: look.champion,
            challenger: look.challenger,
            share: look.share,
            low: look.low,
            high: look.high,
            needed: look.needed,
            power_left: look.power_left,
            decision: look.decision.into(),
            measures: look.measures.into_iter().map(measure).collect(),
            looked_at: look.looked_at,
        }
    }
}

/// A comparison. Between looks it says how many pairs are read and nothing of what the readers preferred.
#[derive(SimpleObject)]
pub(crate) struct Comparison {
    id: ID,
    champion_id: ID,
    challenger_id: ID,
    plan: ComparisonPlan,
    reason: String,
    started_by: String,
    started_at: DateTime<Utc>,
    state: ComparisonState,
    /// Pairs that all their readers answered.
    pairs: u32,
    looks: Vec<ComparisonLook>,
    ended_at: Option<DateTime<Utc>>,
    /// Who gave it up.
    ended_by: Option<String>,
    ended_reason: Option<String>,
    /// What a result rests on; empty until there is one.
    read: Vec<ReadPair>,
}

impl From<rollout::Comparison> for Comparison {
    fn from(comparison: rollout::Comparison) -> Self {
        let id = |id: &dyn ToString| ID::from(id.to_string());
        Self {
            id: id(&comparison.id),
            champion_id: id(&comparison.champion),
            challenger_id: id(&comparison.challenger),
            plan: comparison.plan.into(),
            reason: comparison.reason,
            started_by: comparison.started_by,
            started_at: comparison.started_at,
            state: comparison.state.into(),
            pairs: comparison.pairs,
            looks: comparison.looks.into_iter().map(ComparisonLook::from).collect(),
            ended_at: comparison.ended_at,
            ended_by: comparison.ended_by,
            ended_reason: comparison.ended_reason,
            read: comparison.read.into_iter().map(ReadPair::from).collect(),
        }
    }
}
