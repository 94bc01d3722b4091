//! Scores of how cases were read, counted by what made the images and never by who read them.

use super::{Audit, Definition, FiguresQuery, Group};
use crate::ClientError;
use crate::review::Radpeer;
use serde::{Deserialize, Serialize};

/// How often a score was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoreCount {
    /// The score.
    pub score: Radpeer,
    /// How often it stands.
    pub count: u32,
}

/// The scores of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoreFigure {
    /// The group.
    pub group: Group,
    /// How many of its cases were scored.
    pub cases: u32,
    /// Every score with its count; `None` where the group is too small to be shown.
    pub counts: Option<Vec<ScoreCount>>,
}

/// Scores over the cases that ended in a period.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Scores {
    /// By all, model version, deployment and month.
    pub figures: Vec<ScoreFigure>,
    /// Groups of fewer cases show no counts.
    pub minimum: u32,
    /// What each is.
    pub definitions: Vec<Definition>,
}

impl Audit {
    /// Scores over the cases that ended in a period; for quality, and recorded.
    pub async fn scores(&self, query: &FiguresQuery) -> Result<Scores, ClientError> {
        self.0.get_one("/v1/quality/scores", query).await
    }
}
