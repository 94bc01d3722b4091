//! Pairs of a comparison, and what readers answer without knowing which model is which.

use super::case::{Availability, Instance, SourceSeries};
use super::read::Severity;
use super::study::StudySummary;
use crate::graphql::fault::missing;
use crate::graphql::loader::Loaders;
use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use contract::{Refusal, review, rollout};

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "review::Preference")]
pub(crate) enum Preference {
    AMuch,
    A,
    Neither,
    B,
    BMuch,
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "review::ErrorKind")]
pub(crate) enum ErrorKind {
    Invented,
    Lost,
    Distorted,
}

/// Where an error is.
#[derive(SimpleObject, InputObject, Clone)]
#[graphql(input_name = "ErrorMarkInput")]
pub(crate) struct ErrorMark {
    kind: ErrorKind,
    /// Patient coordinates (LPS), mm.
    centre_mm: Vec<f64>,
    diameter_mm: f64,
}

/// What is wrong on one side.
#[derive(SimpleObject)]
pub(crate) struct SideErrors {
    /// Structures that the original doesn't have.
    invented: u32,
    lost: u32,
    distorted: u32,
    /// How much the worst of them matters; null where there is none.
    worst: Option<Severity>,
    /// Where they are, as far as it was marked.
    marks: Vec<ErrorMark>,
}

impl From<review::SideErrors> for SideErrors {
    fn from(errors: review::SideErrors) -> Self {
        let review::SideErrors { invented, lost, distorted, worst, marks } = errors;
        let mark = |mark: review::ErrorMark| ErrorMark {
            kind: mark.kind.into(),
            centre_mm: mark.centre_mm.into(),
            diameter_mm: mark.diameter_mm,
        };
        let marks = marks.into_iter().map(mark).collect();
        Self { invented, lost, distorted, worst: worst.map(Severity::from), marks }
    }
}

/// What a reader finds wrong on one side.
#[derive(InputObject)]
pub(crate) struct SideErrorsInput {
    invented: u32,
    lost: u32,
    distorted: u32,
    worst: Option<Severity>,
    marks: Option<Vec<ErrorMark>>,
}

impl TryFrom<SideErrorsInput> for review::SideErrors {
    type Error = Refusal;

    fn try_from(errors: SideErrorsInput) -> Result<Self, Refusal> {
        let SideErrorsInput { invented, lost, distorted, worst, marks } = errors;
        let malformed = || {
            Refusal::new(
                "mark_geometry",
                "a mark's place must be three numbers",
                "take the mark back and place it again",
            )
        };
        let mark = |mark: ErrorMark| {
            let centre_mm = <[f64; 3]>::try_from(mark.centre_mm).map_err(|_| malformed())?;
            Ok(review::ErrorMark { kind: mark.kind.into(), centre_mm, diameter_mm: mark.diameter_mm })
        };
        let marks = marks.unwrap_or_default().into_iter().map(mark).collect::<Result<_, Refusal>>()?;
        Ok(Self { invented, lost, distorted, worst: worst.map(review::Severity::from), marks })
    }
}

/// The viewer's own answer.
#[derive(SimpleObject)]
pub(crate) struct PairAnswer {
    preference: Preference,
    a: SideErrors,
    b: SideErrors,
}

impl From<review::PairAnswer> for PairAnswer {
    fn from(answer: review::PairAnswer) -> Self {
        Self { preference: answer.preference.into(), a: answer.a.into(), b: answer.b.into() }
    }
}

/// The images of both sides, at `/pairs/{pair}/{a|b}/{slice}`.
#[derive(SimpleObject)]
pub(crate) struct PairImages {
    a: Vec<Instance>,
    b: Vec<Instance>,
}

impl From<review::PairImages> for PairImages {
    fn from(images: review::PairImages) -> Self {
        let named = |side: Vec<review::PairImage>| {
            side.into_iter().map(|image| Instance::new(image.sop_instance_uid, image.slice)).collect()
        };
        Self { a: named(images.a), b: named(images.b) }
    }
}

/// A pair, as its reader may see it: nothing here tells which model made which image.
pub(crate) struct ComparisonPair(pub(crate) review::Pair);

#[Object]
impl ComparisonPair {
    async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    async fn availability(&self) -> Availability {
        self.0.availability.into()
    }

    async fn study(&self, ctx: &Context<'_>) -> Result<StudySummary> {
        let study = Loaders::of(ctx)?.one(ctx, self.0.study.clone()).await?;
        study.map(StudySummary::from).ok_or_else(|| missing(ctx, "study"))
    }

    /// The original.
    async fn source(&self, ctx: &Context<'_>) -> Result<SourceSeries> {
        let series = Loaders::of(ctx)?.one(ctx, self.0.series.clone()).await?;
        series.map(SourceSeries::from).ok_or_else(|| missing(ctx, "series"))
    }

    /// To who holds the pair.
    async fn images(&self) -> Option<PairImages> {
        self.0.images.clone().map(PairImages::from)
    }

    /// When the viewer's hold lapses.
    async fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.0.expires_at
    }

    async fn answer(&self) -> Option<PairAnswer> {
        self.0.answer.clone().map(PairAnswer::from)
    }

    async fn answered_at(&self) -> Option<DateTime<Utc>> {
        self.0.answered_at
    }
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "review::PairOutcome")]
pub(crate) enum PairOutcome {
    Champion,
    Challenger,
    Neither,
}

/// A pair of a comparison that is over, with the cases of its two runs.
#[derive(SimpleObject)]
pub(crate) struct ReadPair {
    pair: ID,
    champion_case: ID,
    challenger_case: ID,
    outcome: PairOutcome,
    /// What its readers found wrong, one by one; to quality only.
    errors: Option<PairErrors>,
}

impl From<rollout::ReadPair> for ReadPair {
    fn from(read: rollout::ReadPair) -> Self {
        Self {
            pair: read.pair.to_string().into(),
            champion_case: read.champion_case.to_string().into(),
            challenger_case: read.challenger_case.to_string().into(),
            outcome: read.outcome.into(),
            errors: read.errors.map(PairErrors::from),
        }
    }
}

/// What is wrong on the two images of a pair, as its readers say one by one.
#[derive(SimpleObject)]
pub(crate) struct PairErrors {
    champion: Vec<SideErrors>,
    challenger: Vec<SideErrors>,
}

impl From<review::PairErrors> for PairErrors {
    fn from(errors: review::PairErrors) -> Self {
        let of = |side: Vec<review::SideErrors>| side.into_iter().map(SideErrors::from).collect();
        Self { champion: of(errors.champion), challenger: of(errors.challenger) }
    }
}
