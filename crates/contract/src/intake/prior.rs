//! Earlier images of a patient.

use super::Series;
use crate::{SeriesId, StudyId};
use serde::{Deserialize, Serialize};

/// What a prior has in common with the series that it stands beside; the most comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PriorLikeness {
    /// Modality and body part.
    SameRegion,
    /// Modality, and a body part that has a region in common.
    OverlappingRegion,
    /// Modality alone.
    SameModality,
    /// The patient alone.
    OtherModality,
}

/// An acquired series of an earlier study of the same patient. Never logged, never in an event.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Prior {
    /// Its study.
    pub study: StudyId,
    /// (0008,0020) as stored: `YYYYMMDD`.
    pub study_date: String,
    /// (0008,0030) as stored.
    pub study_time: String,
    /// (0008,1030).
    pub study_description: String,
    /// The series, without instances.
    pub series: Series,
    /// Why it stands where it stands in the list.
    pub likeness: PriorLikeness,
}

/// How many priors a series has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriorCount {
    /// The series.
    pub series: SeriesId,
    /// Its priors, as they would be listed.
    pub priors: u32,
}
