//! Teaching sets: copies of the images of a discussed case, without whose they are.

use super::Delivery;
use crate::{CaseId, ClientError, Digest, DiscussionId, Refusal, TeachingSetId, Time, UserId};
use serde::{Deserialize, Serialize};

/// The most images that one set has.
pub const TEACHING_IMAGES_MAX: u32 = 2_000;

/// How far a teaching set is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TeachingSetState {
    /// Its images are being copied and looked through.
    Preparing,
    /// It can't be made.
    Refused,
    /// Made, and not looked at by the person who answers for it.
    Prepared,
    /// It may leave.
    Released,
    /// It leaves no more.
    Withdrawn,
}

/// Which images of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TeachingSeries {
    /// As they were acquired.
    Original,
    /// As the model made them.
    Ai,
}

impl TeachingSeries {
    /// Both, in the order in which they stand in a set.
    pub const ALL: [Self; 2] = [Self::Original, Self::Ai];

    /// The name of its folder.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Ai => "ai",
        }
    }
}

/// A teaching set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeachingSet {
    /// The set.
    pub id: TeachingSetId,
    /// Of which discussion.
    pub discussion: DiscussionId,
    /// Of which case.
    pub case: CaseId,
    /// How far it is.
    pub state: TeachingSetState,
    /// What stands in its images instead of the patient's name.
    pub code: String,
    /// Digest over its files, once it is made: what is released, and what leaves.
    pub content: Option<Digest>,
    /// Images of each series.
    pub slices: u32,
    /// How many images of both are done, while it is being made.
    pub images_done: u32,
    /// Why it can't be made.
    pub refusal: Option<Refusal>,
    /// Who had it made.
    pub prepared_by: UserId,
    /// When.
    pub prepared_at: Time,
    /// Who looked at each image, and when.
    pub released: Option<TeachingSetAct>,
    /// Who withdrew it, and when.
    pub withdrawn: Option<TeachingSetAct>,
    /// Why.
    pub withdrawal_reason: Option<String>,
}

impl TeachingSet {
    /// How many images it has, of both series.
    pub fn images(&self) -> u32 {
        self.slices * 2
    }
}

/// Who did something with a set, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeachingSetAct {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Time,
}

/// Which sets are wanted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TeachingSetsQuery {
    /// Of this discussion.
    pub discussion: DiscussionId,
}

/// Wants the images of a discussed case for teaching.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PrepareTeachingSet {
    /// Which discussion; it has to be closed.
    pub discussion: DiscussionId,
}

/// Answers for it that nobody is recognised in the images of a set: the caller looked at each of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReleaseTeachingSet {
    /// Digest over the files that were looked at.
    pub content: Digest,
    /// How many images were.
    pub seen: u32,
}

/// Takes a set back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WithdrawTeachingSet {
    /// Why, 3 to 500 characters.
    pub reason: String,
}

impl Delivery {
    /// The sets of a discussion, newest first; for quality.
    pub async fn teaching_sets(&self, query: &TeachingSetsQuery) -> Result<Vec<TeachingSet>, ClientError> {
        self.0.get_one("/v1/teaching-sets", query).await
    }

    /// Has a set made; how far it is, the list says.
    pub async fn teaching_set_prepare(
        &self,
        command: &PrepareTeachingSet,
    ) -> Result<TeachingSet, ClientError> {
        self.0.post("/v1/teaching-sets", command).await
    }

    /// Lets a set leave.
    pub async fn teaching_set_release(
        &self,
        id: &TeachingSetId,
        command: &ReleaseTeachingSet,
    ) -> Result<TeachingSet, ClientError> {
        self.0.post(&format!("/v1/teaching-sets/{id}/release"), command).await
    }

    /// Takes a set back.
    pub async fn teaching_set_withdraw(
        &self,
        id: &TeachingSetId,
        command: &WithdrawTeachingSet,
    ) -> Result<TeachingSet, ClientError> {
        self.0.post(&format!("/v1/teaching-sets/{id}/withdraw"), command).await
    }

    /// One image of a set as a DICOM file.
    pub fn teaching_image(
        &self,
        id: &TeachingSetId,
        series: TeachingSeries,
        slice: u32,
    ) -> reqwest::RequestBuilder {
        let path = format!("/v1/teaching-sets/{id}/images/{}/{slice}", series.as_str());
        self.0.request(reqwest::Method::GET, &path)
    }

    /// A released set as a zip archive.
    pub fn teaching_archive(&self, id: &TeachingSetId) -> reqwest::RequestBuilder {
        self.0.request(reqwest::Method::GET, &format!("/v1/teaching-sets/{id}/archive"))
    }
}
