//! Figures of quality. Each leads to the cases behind it.

use super::read::{FindingKind, Severity};
use async_graphql::{Enum, ID, SimpleObject};
use contract::CaseId;
use contract::audit;

/// By what cases are grouped.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "audit::GroupBy")]
pub(crate) enum GroupBy {
    All,
    ReaderPair,
    Model,
    Deployment,
    Stage,
    Scanner,
    Month,
    /// The hours of the day in which they were queued, UTC.
    Hours,
    /// Who read; only where test cases are counted.
    Reader,
}

/// What is timed.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "audit::Span")]
pub(crate) enum Span {
    /// From queueing to the end of the case.
    Turnaround,
    /// From queueing until the first reader takes the case.
    FirstReader,
    /// From queueing until the second reader takes the case.
    SecondReader,
    /// From the second first read until the case ends, where the reads differed.
    Adjudication,
    /// From taking the case to signing, of each first read.
    Reading,
    /// From the second first read until the adjudicator takes the case, where the reads differed.
    AdjudicatorWait,
    /// What the worker took for the run.
    Machine,
}

/// A group of cases.
#[derive(SimpleObject)]
pub(crate) struct FigureGroup {
    by: GroupBy,
    key: String,
    label: String,
}

/// A value with its 95 % interval, which is absent where the cases can't tell.
#[derive(SimpleObject)]
pub(crate) struct Measured {
    value: f64,
    low: Option<f64>,
    high: Option<f64>,
}

/// Agreement of the first reads of a group; null values where the group is too small to be shown.
#[derive(SimpleObject)]
pub(crate) struct AgreementFigure {
    group: FigureGroup,
    count: u32,
    case_ids: Vec<ID>,
    /// Of these, those on which the verdicts differ.
    differing_case_ids: Vec<ID>,
    observed: Option<Measured>,
    kappa: Option<Measured>,
    kappa_weighted: Option<Measured>,
    ac1: Option<Measured>,
}

/// How often confirmed findings of a kind stand in the cases of a group.
#[derive(SimpleObject)]
pub(crate) struct RateFigure {
    group: FigureGroup,
    kind: FindingKind,
    /// At least this grave.
    severity: Severity,
    count: u32,
    /// The cases with such a finding.
    case_ids: Vec<ID>,
    rate: Option<Measured>,
}

/// How long something takes in a group.
#[derive(SimpleObject)]
pub(crate) struct TimeFigure {
    group: FigureGroup,
    span: Span,
    count: u32,
    /// Longest first.
    case_ids: Vec<ID>,
    median_seconds: Option<f64>,
    p90_seconds: Option<f64>,
    p95_seconds: Option<f64>,
}

/// How many cases of a group ended after they were due.
#[derive(SimpleObject)]
pub(crate) struct OverdueFigure {
    group: FigureGroup,
    count: u32,
    /// The cases that ended too late.
    case_ids: Vec<ID>,
    rate: Option<Measured>,
}

impl From<audit::OverdueFigure> for OverdueFigure {
    fn from(figure: audit::OverdueFigure) -> Self {
        Self {
            group: figure.group.into(),
            count: figure.count,
            case_ids: ids(figure.cases),
            rate: figure.rate.map(Measured::from),
        }
    }
}

/// How many test cases of a group, or reads of them, were caught.
#[derive(SimpleObject)]
pub(crate) struct SentinelFigure {
    group: FigureGroup,
    /// Those that came to a verdict.
    count: u32,
    caught: u32,
    /// Reads that could not judge.
    unable: u32,
    case_ids: Vec<ID>,
    missed_case_ids: Vec<ID>,
    rate: Option<Measured>,
}

impl From<audit::SentinelFigure> for SentinelFigure {
    fn from(figure: audit::SentinelFigure) -> Self {
        Self {
            group: figure.group.into(),
            count: figure.count,
            caught: figure.caught,
            unable: figure.unable,
            case_ids: ids(figure.cases),
            missed_case_ids: ids(figure.missed),
            rate: figure.rate.map(Measured::from),
        }
    }
}

/// Which test cases were caught.
#[derive(SimpleObject)]
pub(crate) struct SentinelFigures {
    /// By case: whether two readers would have released it.
    cases: Vec<SentinelFigure>,
    /// By reader and read.
    readers: Vec<SentinelFigure>,
    definitions: Vec<FigureDefinition>,
}

impl From<audit::Sentinels> for SentinelFigures {
    fn from(found: audit::Sentinels) -> Self {
        Self {
            cases: found.cases.into_iter().map(SentinelFigure::from).collect(),
            readers: found.readers.into_iter().map(SentinelFigure::from).collect(),
            definitions: found.definitions.into_iter().map(FigureDefinition::from).collect(),
        }
    }
}

/// What a figure is.
#[derive(SimpleObject)]
pub(crate) struct FigureDefinition {
    name: String,
    text: String,
}

/// Figures over the cases that ended in a period.
#[derive(SimpleObject)]
pub(crate) struct QualityFigures {
    cases: u32,
    /// Groups of fewer cases show a count and nothing else.
    minimum: u32,
    agreement: Vec<AgreementFigure>,
    rates: Vec<RateFigure>,
    times: Vec<TimeFigure>,
    overdue: Vec<OverdueFigure>,
    definitions: Vec<FigureDefinition>,
}

impl From<audit::Group> for FigureGroup {
    fn from(group: audit::Group) -> Self {
        Self { by: group.by.into(), key: group.key, label: group.label }
    }
}

impl From<audit::Measured> for Measured {
    fn from(measured: audit::Measured) -> Self {
        Self { value: measured.value, low: measured.low, high: measured.high }
    }
}

pub(super) fn ids(cases: Vec<CaseId>) -> Vec<ID> {
    cases.into_iter().map(|case| case.to_string().into()).collect()
}

impl From<audit::AgreementFigure> for AgreementFigure {
    fn from(figure: audit::AgreementFigure) -> Self {
        Self {
            group: figure.group.into(),
            count: figure.count,
            case_ids: ids(figure.cases),
            differing_case_ids: ids(figure.differing),
            observed: figure.observed.map(Measured::from),
            kappa: figure.kappa.map(Measured::from),
            kappa_weighted: figure.kappa_weighted.map(Measured::from),
            ac1: figure.ac1.map(Measured::from),
        }
    }
}

impl From<audit::RateFigure> for RateFigure {
    fn from(figure: audit::RateFigure) -> Self {
        Self {
            group: figure.group.into(),
            kind: figure.kind.into(),
            severity: figure.severity.into(),
            count: figure.count,
            case_ids: ids(figure.cases),
            rate: figure.rate.map(Measured::from),
        }
    }
}

impl From<audit::TimeFigure> for TimeFigure {
    fn from(figure: audit::TimeFigure) -> Self {
        Self {
            group: figure.group.into(),
            span: figure.span.into(),
            count: figure.count,
            case_ids: ids(figure.cases),
            median_seconds: figure.median_s,
            p90_seconds: figure.p90_s,
            p95_seconds: figure.p95_s,
        }
    }
}

impl From<audit::Definition> for FigureDefinition {
    fn from(definition: audit::Definition) -> Self {
        Self { name: definition.name, text: definition.text }
    }
}

impl From<audit::Figures> for QualityFigures {
    fn from(figures: audit::Figures) -> Self {
        Self {
            cases: figures.cases,
            minimum: figures.minimum,
            agreement: figures.agreement.into_iter().map(AgreementFigure::from).collect(),
            rates: figures.rates.into_iter().map(RateFigure::from).collect(),
            times: figures.times.into_iter().map(TimeFigure::from).collect(),
            overdue: figures.overdue.into_iter().map(OverdueFigure::from).collect(),
            definitions: figures.definitions.into_iter().map(FigureDefinition::from).collect(),
        }
    }
}
