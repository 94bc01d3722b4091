//! Control charts, what the maps of uncertainty were worth, drift, and what is unusual. Everything leads to its cases.

use super::{Audit, Definition, FiguresQuery, Measured};
use crate::{CaseId, ClientError, Time};
use serde::{Deserialize, Serialize};

/// What is watched about the cases that ended in a period.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Watched {
    /// What is unusual in the last week of the period, and why; three to seven sentences.
    pub unusual: Vec<Notice>,
    /// Charts of proportions.
    pub charts: Vec<Chart>,
    /// Findings against regions of wide interval, by model version.
    pub flagged: Vec<FlaggedFigure>,
    /// Findings by domain score.
    pub domain: Vec<DomainFigure>,
    /// The last quarter of the cases against those before.
    pub drift: Vec<DriftFigure>,
    /// All numbers of a study jointly, the same.
    pub drift_jointly: Option<Tested>,
    /// Changes that the sequential watch found.
    pub alarms: Vec<DriftAlarm>,
    /// Groups of fewer cases are not shown.
    pub minimum: u32,
    /// What each figure is.
    pub definitions: Vec<Definition>,
}

/// How a case may come out that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
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

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 5] =
        [Self::Discordant, Self::Rejected, Self::Invented, Self::Lost, Self::Distorted];
}

/// Along what a chart runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChartBy {
    /// Weeks (ISO 8601): a p-chart.
    Week,
    /// Scanners: a funnel plot.
    Scanner,
    /// Model versions: a funnel plot.
    Model,
    /// Deployments: a funnel plot.
    Deployment,
}

/// A chart of a proportion with exact limits.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Chart {
    /// What is counted.
    pub outcome: Outcome,
    /// Along what.
    pub by: ChartBy,
    /// The share of all points together.
    pub centre: f64,
    /// The points; groups below the minimum are left out.
    pub points: Vec<ChartPoint>,
}

/// A point of a chart.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ChartPoint {
    /// Which one, for people.
    pub label: String,
    /// Cases with the outcome.
    pub found: u32,
    /// All cases.
    pub count: u32,
    /// The fewest and the most that the other points let expect.
    pub low: u32,
    /// The most.
    pub high: u32,
    /// Whether `found` lies outside.
    pub is_outside: bool,
    /// The cases with the outcome.
    pub cases: Vec<CaseId>,
}

/// Confirmed findings against the regions that the map of uncertainty flagged.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FlaggedFigure {
    /// The model version, for people.
    pub label: String,
    /// Cases.
    pub count: u32,
    /// Confirmed findings with a place.
    pub findings: u32,
    /// The share of them whose centre lies in a region of wide interval.
    pub inside: Option<Measured>,
    /// What was flagged in a case: the median over cases, cm³.
    pub flagged_cm3: Option<f64>,
    /// The cases with a finding outside.
    pub cases: Vec<CaseId>,
}

/// Confirmed findings in cases of like domain score.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DomainFigure {
    /// Domain scores from here.
    pub from: f64,
    /// To below here.
    pub to: f64,
    /// Cases.
    pub count: u32,
    /// The share with a confirmed finding.
    pub rate: Option<Measured>,
    /// The cases with one.
    pub cases: Vec<CaseId>,
}

/// A statistic of a study.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Statistic {
    /// Manufacturer and model of the scanner.
    Scanner,
    /// Version of the scanner's software.
    Software,
    /// Convolution kernel.
    Kernel,
    /// Protocol.
    Protocol,
    /// Slice thickness.
    SliceThickness,
    /// Distance between the columns of an image.
    PixelSpacing,
    /// Noise of flat tissue, in the image's unit, as the worker measured it.
    Noise,
    /// Domain score of the run.
    DomainScore,
    /// Consistency score of the run.
    ConsistencyScore,
    /// Agreement score of the run, where its model draws several images.
    AgreementScore,
    /// Time per first read.
    ReadingTime,
    /// Whether the first reads differ.
    Discordant,
    /// Whether the case ended unreleased.
    Rejected,
}

/// What a test says.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Tested {
    /// Its statistic.
    pub statistic: f64,
    /// The chance of one at least as large where nothing changed.
    pub p: f64,
}

/// A statistic in the last quarter of the cases against those before.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DriftFigure {
    /// Which.
    pub statistic: Statistic,
    /// Cases before.
    pub reference: u32,
    /// Cases in the last quarter.
    pub recent: u32,
    /// Population stability index.
    pub psi: f64,
    /// Chance by Kolmogorov and Smirnov, of names by Pearson.
    pub p: f64,
    /// The same, adjusted over all statistics by Benjamini and Hochberg.
    pub q: f64,
    /// Whether it changed: q below 0.01.
    pub is_changed: bool,
    /// The cases of the last quarter.
    pub cases: Vec<CaseId>,
}

/// A change that the sequential watch found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DriftAlarm {
    /// The statistic that speaks loudest.
    pub statistic: Statistic,
    /// Its share of the evidence, 0 to 1.
    pub share: f64,
    /// The case at which the evidence sufficed.
    pub case: CaseId,
    /// When that case ended.
    pub at: Time,
}

/// Of what kind a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// An outcome is more frequent than its limits allow.
    OutcomeHigh,
    /// An outcome is rarer than its limits allow.
    OutcomeLow,
    /// The sequential watch found a change this week.
    Drift,
    /// Cases take longer than before.
    Slower,
    /// Cases take less time than before.
    Faster,
    /// A critical finding was confirmed.
    Critical,
    /// How many cases ended.
    Volume,
    /// How often the first reads agree.
    Agreement,
    /// Nothing lies outside its limits.
    Calm,
}

/// A sentence about the last week, with its cases.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Notice {
    /// Of what kind.
    pub kind: NoticeKind,
    /// Whether it is unusual, or only says how things stand.
    pub is_unusual: bool,
    /// The outcome, where one is meant.
    pub outcome: Option<Outcome>,
    /// The statistic, where one is meant.
    pub statistic: Option<Statistic>,
    /// The group, for people; empty where all cases are meant.
    pub label: String,
    /// What was counted or measured: cases, seconds.
    pub value: f64,
    /// Of how many.
    pub count: u32,
    /// The least that would be usual.
    pub low: Option<f64>,
    /// The most that would be usual.
    pub high: Option<f64>,
    /// The notice as an English sentence.
    pub sentence: String,
    /// The cases.
    pub cases: Vec<CaseId>,
}

impl Audit {
    /// What is watched about the cases that ended in a period; for quality, and recorded.
    pub async fn watched(&self, query: &FiguresQuery) -> Result<Watched, ClientError> {
        self.0.get_one("/v1/quality/watch", query).await
    }
}
