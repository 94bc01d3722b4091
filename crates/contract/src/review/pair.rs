//! Pairs of a comparison: two AI images of one original, side by side, read by people who don't know which is which.

use super::{Availability, Review, Severity};
use crate::{CaseId, ClientError, ComparisonId, Digest, PairId, RunId, SeriesId, StudyId, Time};
use serde::{Deserialize, Serialize};

/// A side of a pair. Which model stands on it is drawn for each reader of each pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The first.
    A,
    /// The second.
    B,
}

impl Side {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::A, Self::B];

    /// The side as it stands in JSON, databases and paths.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::A => "a",
            Self::B => "b",
        }
    }

    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// Which side a reader would rather have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preference {
    /// A is much better.
    AMuch,
    /// A is better.
    A,
    /// Neither.
    Neither,
    /// B is better.
    B,
    /// B is much better.
    BMuch,
}

/// What can be wrong with structures on a side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The original doesn't have them.
    Invented,
    /// They are lost.
    Lost,
    /// They are bent.
    Distorted,
}

impl ErrorKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Invented, Self::Lost, Self::Distorted];
}

/// Where a reader saw an error.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorMark {
    /// What it is.
    pub kind: ErrorKind,
    /// Centre in patient coordinates (LPS), mm.
    pub centre_mm: [f64; 3],
    /// Diameter, mm.
    pub diameter_mm: f64,
}

/// What a reader found wrong on one side.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SideErrors {
    /// Structures that the original doesn't have.
    pub invented: u32,
    /// Structures that are lost.
    pub lost: u32,
    /// Structures that are bent.
    pub distorted: u32,
    /// How much the worst of them matters for care; `None` where there is none.
    pub worst: Option<Severity>,
    /// Where they are, as far as the reader marked it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<ErrorMark>,
}

impl SideErrors {
    /// How many there are.
    pub fn count(&self) -> u32 {
        ErrorKind::ALL.into_iter().fold(0, |sum, kind| sum.saturating_add(self.of(kind)))
    }

    /// How many there are of a kind.
    pub fn of(&self, kind: ErrorKind) -> u32 {
        match kind {
            ErrorKind::Invented => self.invented,
            ErrorKind::Lost => self.lost,
            ErrorKind::Distorted => self.distorted,
        }
    }

    /// How many of a kind are marked.
    pub fn marked(&self, kind: ErrorKind) -> u32 {
        self.marks.iter().filter(|mark| mark.kind == kind).count() as u32
    }
}

/// What is wrong on the two images of a pair, told by the readers one by one, in the order of signing and without who
/// they are.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PairErrors {
    /// On the champion's image.
    pub champion: Vec<SideErrors>,
    /// On the challenger's.
    pub challenger: Vec<SideErrors>,
}

/// What a reader says of a pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairAnswer {
    /// Which side is better.
    pub preference: Preference,
    /// What is wrong on A.
    pub a: SideErrors,
    /// What is wrong on B.
    pub b: SideErrors,
}

/// Signs an answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SignPair {
    /// What is signed.
    pub answer: PairAnswer,
    /// Digest over the images of both sides that the browser received and displayed: SHA-256 over the lines
    /// `SOPInstanceUID digest\n`, sorted.
    pub shown_digest: Digest,
}

/// An image of a side, under a name that says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairImage {
    /// (0008,0018) of the copy that this reader is shown.
    pub sop_instance_uid: String,
    /// Place along the slice normal, from 0.
    pub slice: u32,
}

/// The images of both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairImages {
    /// Side A, in order of position.
    pub a: Vec<PairImage>,
    /// Side B.
    pub b: Vec<PairImage>,
}

/// A pair, as a reader may see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    /// The pair.
    pub id: PairId,
    /// The original.
    pub series: SeriesId,
    /// Its study.
    pub study: StudyId,
    /// What the reader may do.
    pub availability: Availability,
    /// The images, to who holds the pair.
    pub images: Option<PairImages>,
    /// When the own hold lapses.
    pub expires_at: Option<Time>,
    /// The own answer.
    pub answer: Option<PairAnswer>,
    /// When it was signed.
    pub answered_at: Option<Time>,
}

/// Where the images of one side come from: told to the gateway, and to nobody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairSource {
    /// The run whose image stands on the side.
    pub run: RunId,
    /// What the names of its copies derive from.
    pub salt: String,
}

/// What the readers of a pair said together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PairOutcome {
    /// The champion's image is preferred.
    Champion,
    /// The challenger's is.
    Challenger,
    /// Neither.
    Neither,
}

/// A pair that all its readers answered: told to rollout, which shows it at declared looks only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CompletedPair {
    /// The pair.
    pub pair: PairId,
    /// The case of the champion's run.
    pub champion_case: CaseId,
    /// The champion's run.
    pub champion: RunId,
    /// The case of the challenger's run.
    pub challenger_case: CaseId,
    /// The challenger's run.
    pub challenger: RunId,
    /// What its readers said together.
    pub outcome: PairOutcome,
    /// What they found wrong.
    pub errors: PairErrors,
    /// When the last of them signed.
    pub completed_at: Time,
}

impl Review {
    /// Pairs that the calling reader may take or holds.
    pub async fn pairs(&self) -> Result<Vec<Pair>, ClientError> {
        self.0.get_one("/v1/pairs", &()).await
    }

    /// One pair.
    pub async fn pair(&self, id: &PairId) -> Result<Option<Pair>, ClientError> {
        self.0.get(&format!("/v1/pairs/{id}"), &()).await
    }

    /// Takes a pair or goes on with it.
    pub async fn pair_open(&self, id: &PairId) -> Result<Pair, ClientError> {
        self.0.post(&format!("/v1/pairs/{id}/open"), &()).await
    }

    /// Signs which side is better.
    pub async fn pair_sign(&self, id: &PairId, command: &SignPair) -> Result<Pair, ClientError> {
        self.0.post(&format!("/v1/pairs/{id}/sign"), command).await
    }

    /// Asks whether the calling person may see a side, and records the access. The record is committed before the
    /// answer.
    pub async fn pair_view(&self, id: &PairId, side: Side) -> Result<PairSource, ClientError> {
        self.0.post(&format!("/v1/pairs/{id}/{}/view", side.as_str()), &()).await
    }

    /// The pairs of a comparison that all their readers answered, in the order of that; for rollout.
    pub async fn pairs_completed(&self, id: &ComparisonId) -> Result<Vec<CompletedPair>, ClientError> {
        self.0.get_one(&format!("/v1/comparisons/{id}/pairs"), &()).await
    }
}
