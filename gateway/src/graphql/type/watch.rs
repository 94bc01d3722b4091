//! Control charts, drift, what the maps of uncertainty were worth, and what is unusual.

use super::quality::{FigureDefinition, Measured, ids};
use async_graphql::{Enum, ID, SimpleObject};
use chrono::{DateTime, Utc};
use contract::audit;

/// How a case may come out that is counted.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "audit::Outcome")]
pub(crate) enum WatchedOutcome {
    /// The first reads differ.
    Discordant,
    /// It ended unreleased.
    Rejected,
    /// Something was invented.
    Invented,
    /// Something was lost.
    Lost,
    /// Something was distorted.
    Distorted,
}

/// Along what a chart runs.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "audit::ChartBy")]
pub(crate) enum ChartBy {
    Week,
    Scanner,
    Model,
    Deployment,
}

/// A statistic of a study.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "audit::Statistic")]
pub(crate) enum DriftStatistic {
    Scanner,
    Software,
    Kernel,
    Protocol,
    SliceThickness,
    PixelSpacing,
    Noise,
    DomainScore,
    ConsistencyScore,
    AgreementScore,
    ReadingTime,
    Discordant,
    Rejected,
}

/// Of what kind a notice is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "audit::NoticeKind")]
pub(crate) enum NoticeKind {
    OutcomeHigh,
    OutcomeLow,
    Drift,
    Slower,
    Faster,
    Critical,
    Volume,
    Agreement,
    Calm,
}

/// A point of a chart, with the fewest and the most cases that the other points let expect.
#[derive(SimpleObject)]
pub(crate) struct ChartPoint {
    label: String,
    /// Cases with the outcome.
    found: u32,
    /// All cases.
    count: u32,
    low: u32,
    high: u32,
    is_outside: bool,
    /// The cases with the outcome.
    case_ids: Vec<ID>,
}

/// A chart of a proportion with exact limits.
#[derive(SimpleObject)]
pub(crate) struct ControlChart {
    outcome: WatchedOutcome,
    by: ChartBy,
    /// The share of all points together.
    centre: f64,
    /// Groups below the minimum are left out.
    points: Vec<ChartPoint>,
}

/// Confirmed findings of a model version against the regions that the map of uncertainty flagged.
#[derive(SimpleObject)]
pub(crate) struct FlaggedFigure {
    label: String,
    count: u32,
    /// Confirmed findings with a place.
    findings: u32,
    /// The share of them inside.
    inside: Option<Measured>,
    /// Flagged in a case, median, cm³.
    flagged_cm3: Option<f64>,
    /// The cases with a finding outside.
    case_ids: Vec<ID>,
}

/// Confirmed findings in cases of like domain score.
#[derive(SimpleObject)]
pub(crate) struct DomainFigure {
    from: f64,
    to: f64,
    count: u32,
    rate: Option<Measured>,
    case_ids: Vec<ID>,
}

/// A statistic in the last quarter of the cases against those before.
#[derive(SimpleObject)]
pub(crate) struct DriftFigure {
    statistic: DriftStatistic,
    reference: u32,
    recent: u32,
    /// Population stability index.
    psi: f64,
    p: f64,
    /// Adjusted over all statistics.
    q: f64,
    is_changed: bool,
    /// The cases of the last quarter, where it changed.
    case_ids: Vec<ID>,
}

/// A change that the sequential watch found.
#[derive(SimpleObject)]
pub(crate) struct DriftAlarm {
    statistic: DriftStatistic,
    /// Share of the evidence, 0 to 1.
    share: f64,
    case_id: ID,
    at: DateTime<Utc>,
}

/// A sentence about the last week, with its cases.
#[derive(SimpleObject)]
pub(crate) struct QualityNotice {
    kind: NoticeKind,
    /// Whether it is unusual, or only says how things stand.
    is_unusual: bool,
    outcome: Option<WatchedOutcome>,
    statistic: Option<DriftStatistic>,
    /// The group; empty where all cases are meant.
    label: String,
    /// Cases or seconds.
    value: f64,
    count: u32,
    low: Option<f64>,
    high: Option<f64>,
    /// The notice in English.
    sentence: String,
    case_ids: Vec<ID>,
}

/// What is watched about the cases that ended in a period.
#[derive(SimpleObject)]
pub(crate) struct QualityWatch {
    /// About the last week, three to seven.
    unusual: Vec<QualityNotice>,
    charts: Vec<ControlChart>,
    flagged: Vec<FlaggedFigure>,
    domain: Vec<DomainFigure>,
    drift: Vec<DriftFigure>,
    /// The chance of numbers as different jointly where nothing changed.
    drift_jointly_p: Option<f64>,
    alarms: Vec<DriftAlarm>,
    minimum: u32,
    definitions: Vec<FigureDefinition>,
}

impl From<audit::Chart> for ControlChart {
    fn from(chart: audit::Chart) -> Self {
        let point = |point: audit::ChartPoint| ChartPoint {
            label: point.label,
            found: point.found,
            count: point.count,
            low: point.low,
            high: point.high,
            is_outside: point.is_outside,
            case_ids: ids(point.cases),
        };
        Self {
            outcome: chart.outcome.into(),
            by: chart.by.into(),
            centre: chart.centre,
            points: chart.points.into_iter().map(point).collect(),
        }
    }
}

impl From<audit::FlaggedFigure> for FlaggedFigure {
    fn from(figure: audit::FlaggedFigure) -> Self {
        Self {
            label: figure.label,
            count: figure.count,
            findings: figure.findings,
            inside: figure.inside.map(Measured::from),
            flagged_cm3: figure.flagged_cm3,
            case_ids: ids(figure.cases),
        }
    }
}

impl From<audit::DomainFigure> for DomainFigure {
    fn from(figure: audit::DomainFigure) -> Self {
        Self {
            from: figure.from,
            to: figure.to,
            count: figure.count,
            rate: figure.rate.map(Measured::from),
            case_ids: ids(figure.cases),
        }
    }
}

impl From<audit::DriftFigure> for DriftFigure {
    fn from(figure: audit::DriftFigure) -> Self {
        Self {
            statistic: figure.statistic.into(),
            reference: figure.reference,
            recent: figure.recent,
            psi: figure.psi,
            p: figure.p,
            q: figure.q,
            is_changed: figure.is_changed,
            case_ids: ids(figure.cases),
        }
    }
}

impl From<audit::DriftAlarm> for DriftAlarm {
    fn from(alarm: audit::DriftAlarm) -> Self {
        let case_id = alarm.case.to_string().into();
        Self { statistic: alarm.statistic.into(), share: alarm.share, case_id, at: alarm.at }
    }
}

impl From<audit::Notice> for QualityNotice {
    fn from(notice: audit::Notice) -> Self {
        Self {
            kind: notice.kind.into(),
            is_unusual: notice.is_unusual,
            outcome: notice.outcome.map(WatchedOutcome::from),
            statistic: notice.statistic.map(DriftStatistic::from),
            label: notice.label,
            value: notice.value,
            count: notice.count,
            low: notice.low,
            high: notice.high,
            sentence: notice.sentence,
            case_ids: ids(notice.cases),
        }
    }
}

impl From<audit::Watched> for QualityWatch {
    fn from(watched: audit::Watched) -> Self {
        Self {
            unusual: watched.unusual.into_iter().map(QualityNotice::from).collect(),
            charts: watched.charts.into_iter().map(ControlChart::from).collect(),
            flagged: watched.flagged.into_iter().map(FlaggedFigure::from).collect(),
            domain: watched.domain.into_iter().map(Into::into).collect(),
            drift: watched.drift.into_iter().map(DriftFigure::from).collect(),
            drift_jointly_p: watched.drift_jointly.map(|tested| tested.p),
            alarms: watched.alarms.into_iter().map(DriftAlarm::from).collect(),
            minimum: watched.minimum,
            definitions: watched.definitions.into_iter().map(FigureDefinition::from).collect(),
        }
    }
}
