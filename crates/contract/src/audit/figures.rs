//! Figures of quality. Each leads to the cases behind it.

use super::{Audit, Sentinels};
use crate::review::{FindingKind, Severity};
use crate::{CaseId, ClientError, Time};
use serde::{Deserialize, Serialize};

/// The period of the figures.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct FiguresQuery {
    /// Cases that ended at or after this.
    pub from: Time,
    /// Cases that ended before this.
    pub to: Time,
}

/// Figures over the cases that ended in a period.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Figures {
    /// How many cases there are.
    pub cases: u32,
    /// Groups of fewer cases show no figures.
    pub minimum: u32,
    /// How well first readers agree.
    pub agreement: Vec<AgreementFigure>,
    /// How often something was invented, lost or distorted.
    pub rates: Vec<RateFigure>,
    /// How many ended too late.
    pub overdue: Vec<OverdueFigure>,
    /// How long things take.
    pub times: Vec<TimeFigure>,
    /// What each figure is.
    pub definitions: Vec<Definition>,
}

/// By what cases are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupBy {
    /// All cases.
    All,
    /// The two first readers.
    ReaderPair,
    /// The model version.
    Model,
    /// The deployment.
    Deployment,
    /// The stage under which the run was made.
    Stage,
    /// The scanner of the source series.
    Scanner,
    /// The month in which the case ended.
    Month,
    /// The hours of the day in which they were queued, UTC.
    Hours,
    /// Who read; only where test cases are counted.
    Reader,
}

/// A group of cases.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Group {
    /// By what.
    pub by: GroupBy,
    /// Which one, for programs.
    pub key: String,
    /// Which one, for people.
    pub label: String,
}

/// A value with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// The value.
    pub value: f64,
    /// Lower end; absent where the cases can't tell.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
}

/// Agreement of the first reads of a group.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AgreementFigure {
    /// The group.
    pub group: Group,
    /// How many cases.
    pub count: u32,
    /// The cases; none where the group is too small to be shown.
    pub cases: Vec<CaseId>,
    /// Of these, those on which the verdicts differ.
    pub differing: Vec<CaseId>,
    /// Share of cases with the same verdict.
    pub observed: Option<Measured>,
    /// Cohen's κ.
    pub kappa: Option<Measured>,
    /// Cohen's κ, weighted by the square of the distance.
    pub kappa_weighted: Option<Measured>,
    /// Gwet's AC1.
    pub ac1: Option<Measured>,
}

/// How often confirmed findings of a kind stand in the cases of a group.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RateFigure {
    /// The group.
    pub group: Group,
    /// What went wrong.
    pub kind: FindingKind,
    /// At least this grave.
    pub severity: Severity,
    /// How many cases.
    pub count: u32,
    /// The cases with such a finding; none where the group is too small to be shown.
    pub cases: Vec<CaseId>,
    /// Their share.
    pub rate: Option<Measured>,
}

/// What is timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
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

/// How long something takes in a group.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TimeFigure {
    /// The group.
    pub group: Group,
    /// What is timed.
    pub span: Span,
    /// How many times were taken.
    pub count: u32,
    /// The cases, longest first; none where the group is too small to be shown.
    pub cases: Vec<CaseId>,
    /// Median, seconds.
    pub median_s: Option<f64>,
    /// 90th percentile, seconds.
    pub p90_s: Option<f64>,
    /// 95th percentile, seconds.
    pub p95_s: Option<f64>,
}

/// How many cases of a group ended after they were due.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OverdueFigure {
    /// The group.
    pub group: Group,
    /// Cases in it.
    pub count: u32,
    /// Those that ended too late, when the group is large enough.
    pub cases: Vec<CaseId>,
    /// Their share.
    pub rate: Option<Measured>,
}

/// What a figure is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Definition {
    /// Its name.
    pub name: String,
    /// What it says, over what, and how its interval is made.
    pub text: String,
}

/// The forms in which the report of a period leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QualityFile {
    /// One page that needs nothing else.
    Html,
    /// PDF, to be kept and printed.
    Pdf,
}

impl QualityFile {
    /// The route.
    pub fn path(self) -> &'static str {
        match self {
            Self::Html => "/v1/quality/report",
            Self::Pdf => "/v1/quality/report/pdf",
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Html => "text/html; charset=utf-8",
            Self::Pdf => "application/pdf",
        }
    }

    /// How its name ends.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Pdf => "pdf",
        }
    }
}

impl Audit {
    /// Which test cases were caught, in a period.
    pub async fn sentinels(&self, query: &FiguresQuery) -> Result<Sentinels, ClientError> {
        self.0.get_one("/v1/quality/sentinels", query).await
    }

    /// Figures over the cases that ended in a period; for quality, and recorded.
    pub async fn figures(&self, query: &FiguresQuery) -> Result<Figures, ClientError> {
        self.0.get_one("/v1/quality/figures", query).await
    }

    /// The report of a period as a file; for quality, and recorded. It is sent as it comes.
    pub fn report(&self, file: QualityFile, query: &FiguresQuery) -> reqwest::RequestBuilder {
        self.0.request(reqwest::Method::GET, file.path()).query(query)
    }
}
