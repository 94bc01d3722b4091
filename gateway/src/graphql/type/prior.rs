//! Earlier images of the patient of a case.

use async_graphql::{Enum, ID, SimpleObject};
use contract::intake;

/// What a prior has in common with the source of the case.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "intake::PriorLikeness")]
pub(crate) enum PriorLikeness {
    SameRegion,
    OverlappingRegion,
    SameModality,
    OtherModality,
}

/// An acquired series of an earlier study of the same patient. Its instances are listed and had over DICOMweb, like
/// every other's.
#[derive(SimpleObject)]
pub(crate) struct Prior {
    /// Of the series.
    id: ID,
    study_instance_uid: String,
    series_instance_uid: String,
    study_date: String,
    study_time: String,
    study_description: String,
    series_description: String,
    modality: String,
    body_part_examined: String,
    instance_count: u32,
    likeness: PriorLikeness,
}

/// What of a prior is written down when it is shown.
pub(crate) fn ids(prior: &intake::Prior) -> [String; 2] {
    [prior.study.to_string(), prior.series.id.to_string()]
}

impl From<intake::Prior> for Prior {
    fn from(prior: intake::Prior) -> Self {
        let series = prior.series;
        Self {
            id: series.id.to_string().into(),
            study_instance_uid: series.study_instance_uid,
            series_instance_uid: series.series_instance_uid,
            study_date: prior.study_date,
            study_time: prior.study_time,
            study_description: prior.study_description,
            series_description: series.series_description,
            modality: series.modality,
            body_part_examined: series.body_part_examined,
            instance_count: series.instance_count,
            likeness: prior.likeness.into(),
        }
    }
}
