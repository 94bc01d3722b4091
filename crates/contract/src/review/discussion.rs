//! Discussions of cases that are over: how a discrepancy or a good catch becomes something that everybody learns from.
//!
//! Readers see no names, and no figure is made by person.

use super::{Finding, Review};
use crate::{CaseId, ClientError, DeploymentId, DiscussionId, ModelVersionId, Page, RunId, Time, UserId};
use serde::{Deserialize, Serialize};

/// What a discussion is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiscussionKind {
    /// Readers judged differently.
    Discrepancy,
    /// Somebody saw what is easily missed.
    GoodCatch,
    /// The model invented, lost or bent something.
    ModelError,
    /// Scanner, protocol, display or transport.
    Technical,
    /// Something else.
    Other,
}

/// As what somebody speaks in a discussion, to whoever reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Voice {
    /// The one who asks.
    Own,
    /// One of those who read the case; which one is not told.
    Reader,
    /// Somebody of quality who did not read it.
    Quality,
}

/// Who sees a discussion now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Quality, and those who read the case.
    Readers,
    /// Quality; its readers see it again once no read can be made on the same source images.
    ReadersLater,
    /// Quality alone, for ever: the case tests readers.
    Quality,
}

/// RADPEER's score of how a case was read: whether one would have read it so and, if not, how understandable that is;
/// *b* where it is likely to matter for the patient.
///
/// # Source
/// American College of Radiology, RADPEER, scoring language revised in 2016.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Radpeer {
    /// One would have read it so.
    #[serde(rename = "1")]
    One,
    /// Read otherwise, as is understandable, and unlikely to matter.
    #[serde(rename = "2a")]
    TwoA,
    /// Read otherwise, as is understandable, and likely to matter.
    #[serde(rename = "2b")]
    TwoB,
    /// Mostly read rightly by others, and unlikely to matter.
    #[serde(rename = "3a")]
    ThreeA,
    /// Mostly read rightly by others, and likely to matter.
    #[serde(rename = "3b")]
    ThreeB,
}

impl Radpeer {
    /// Every score.
    pub const ALL: [Self; 5] = [Self::One, Self::TwoA, Self::TwoB, Self::ThreeA, Self::ThreeB];

    /// The score as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::One => "1",
            Self::TwoA => "2a",
            Self::TwoB => "2b",
            Self::ThreeA => "3a",
            Self::ThreeB => "3b",
        }
    }
}

/// Something that was said. It never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contribution {
    /// Which one, from 1.
    pub number: u32,
    /// As what.
    pub voice: Voice,
    /// Who; for quality only.
    pub by: Option<UserId>,
    /// What.
    pub words: String,
    /// When.
    pub at: Time,
}

/// What is to be learned of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learned {
    /// In words.
    pub point: String,
    /// Who wrote it down; for quality only.
    pub by: Option<UserId>,
    /// When.
    pub at: Time,
}

/// A discussion, cut to what the caller may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discussion {
    /// The discussion.
    pub id: DiscussionId,
    /// Of which case.
    pub case: CaseId,
    /// What it is about.
    pub kind: DiscussionKind,
    /// What is asked.
    pub question: String,
    /// As what it was opened.
    pub voice: Voice,
    /// Who opened it; for quality only.
    pub opened_by: Option<UserId>,
    /// When.
    pub opened_at: Time,
    /// What was said, in order.
    pub contributions: Vec<Contribution>,
    /// What is to be learned; it is open until that is written down.
    pub learned: Option<Learned>,
    /// Who sees it now; for quality only.
    pub audience: Option<Audience>,
    /// Whether the caller may score how the case was read.
    pub may_score: bool,
    /// Whether the caller may close it.
    pub may_close: bool,
    /// The caller's own score, as it stands.
    pub own_score: Option<Radpeer>,
}

/// What may be taught of a case: its discussion is closed, and no read can be made on its source images.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lesson {
    /// The case.
    pub case: CaseId,
    /// What made its images.
    pub run: RunId,
    /// What the discussion was about.
    pub kind: DiscussionKind,
    /// What was asked.
    pub question: String,
    /// What is to be learned.
    pub learning_point: String,
    /// What its readers marked, without who did and without their words.
    pub findings: Vec<Finding>,
}

/// Which discussions are wanted.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct DiscussionsQuery {
    /// How many at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<u32>,
    /// The cursor after which the page starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Of this case only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<CaseId>,
}

/// Wants a case discussed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OpenDiscussion {
    /// Which case.
    pub case: CaseId,
    /// What about.
    pub kind: DiscussionKind,
    /// What is asked, 3 to 500 characters.
    pub question: String,
}

/// Says something in a discussion.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Contribute {
    /// What, 3 to 2,000 characters.
    pub words: String,
}

/// Scores how a case was read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ScoreReading {
    /// How.
    pub score: Radpeer,
}

/// Writes down what is to be learned, and so closes a discussion.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CloseDiscussion {
    /// In words, 3 to 2,000 characters.
    pub learning_point: String,
}

/// A case of a patient that was scored: by whom is not told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoredCase {
    /// The case.
    pub case: CaseId,
    /// The model version that made its images.
    pub model: ModelVersionId,
    /// Its deployment.
    pub deployment: DeploymentId,
    /// When its reads ended it.
    pub ended_at: Time,
    /// The score that each person gave last.
    pub scores: Vec<Radpeer>,
}

/// Which scored cases are wanted.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct ScoredQuery {
    /// Ended at or after this.
    pub from: Time,
    /// Ended before this.
    pub to: Time,
}

impl Review {
    /// Discussions that the caller may see, newest first.
    pub async fn discussions(&self, query: &DiscussionsQuery) -> Result<Page<Discussion>, ClientError> {
        self.0.get_one("/v1/discussions", query).await
    }

    /// One discussion.
    pub async fn discussion(&self, id: &DiscussionId) -> Result<Option<Discussion>, ClientError> {
        self.0.get(&format!("/v1/discussions/{id}"), &()).await
    }

    /// Has a case discussed that is over: as quality, or as one who read it.
    pub async fn open_discussion(&self, command: &OpenDiscussion) -> Result<Discussion, ClientError> {
        self.0.post("/v1/discussions", command).await
    }

    /// Says something in a discussion.
    pub async fn contribute(
        &self,
        id: &DiscussionId,
        command: &Contribute,
    ) -> Result<Discussion, ClientError> {
        self.0.post(&format!("/v1/discussions/{id}/contribute"), command).await
    }

    /// Scores how the case was read, as quality that did not read it.
    pub async fn score_reading(
        &self,
        id: &DiscussionId,
        command: &ScoreReading,
    ) -> Result<Discussion, ClientError> {
        self.0.post(&format!("/v1/discussions/{id}/score"), command).await
    }

    /// Closes a discussion with what is to be learned, as quality.
    pub async fn close_discussion(
        &self,
        id: &DiscussionId,
        command: &CloseDiscussion,
    ) -> Result<Discussion, ClientError> {
        self.0.post(&format!("/v1/discussions/{id}/close"), command).await
    }

    /// What may be taught of a case, for delivery; `None` when there is no such discussion.
    ///
    /// # Errors
    /// A refusal while it is open, or while a read can be made on the source images.
    pub async fn lesson(&self, id: &DiscussionId) -> Result<Option<Lesson>, ClientError> {
        self.0.get(&format!("/v1/discussions/{id}/lesson"), &()).await
    }

    /// Scored cases of patients that ended in a period, for audit.
    pub async fn scored_cases(&self, query: &ScoredQuery) -> Result<Vec<ScoredCase>, ClientError> {
        self.0.get_one("/v1/scored-cases", query).await
    }
}
