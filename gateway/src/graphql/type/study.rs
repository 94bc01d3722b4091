//! Studies and patients.

use super::series::Series;
use async_graphql::{Enum, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use contract::intake;

#[derive(SimpleObject)]
pub(crate) struct Patient {
    name: String,
    #[graphql(name = "patientId")]
    id: String,
    issuer: String,
    birth_date: String,
    sex: String,
}

impl From<&intake::Patient> for Patient {
    fn from(patient: &intake::Patient) -> Self {
        Self {
            name: patient.name.clone(),
            id: patient.id.clone(),
            issuer: patient.issuer.clone(),
            birth_date: patient.birth_date.clone(),
            sex: patient.sex.clone(),
        }
    }
}

/// What becomes of a study that objects came for under another identity.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "intake::IdentityDecision")]
pub(crate) enum IdentityDecision {
    /// What stands is right.
    Keep,
    /// What came is right: everything made of the study is retired and made anew.
    Take,
}

pub(crate) struct Study(pub(crate) intake::Study);

#[Object]
impl Study {
    async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    async fn study_instance_uid(&self) -> &str {
        &self.0.study_instance_uid
    }

    async fn patient(&self) -> Patient {
        Patient::from(&self.0.patient)
    }

    async fn study_date(&self) -> &str {
        &self.0.study_date
    }

    async fn study_time(&self) -> &str {
        &self.0.study_time
    }

    async fn accession_number(&self) -> &str {
        &self.0.accession_number
    }

    async fn study_description(&self) -> &str {
        &self.0.study_description
    }

    async fn received_at(&self) -> DateTime<Utc> {
        self.0.received_at
    }

    /// Whether objects came under another identity: nothing of the study is released until it is settled.
    async fn identity_disputed(&self) -> bool {
        self.0.identity_disputed
    }

    async fn series(&self) -> Vec<Series> {
        self.0.series.iter().cloned().map(Series).collect()
    }
}

/// What a case shows of its study.
#[derive(SimpleObject)]
pub(crate) struct StudySummary {
    id: ID,
    study_instance_uid: String,
    patient: Patient,
    study_date: String,
    study_time: String,
    accession_number: String,
    study_description: String,
}

impl From<intake::Study> for StudySummary {
    fn from(study: intake::Study) -> Self {
        Self {
            id: study.id.to_string().into(),
            patient: Patient::from(&study.patient),
            study_instance_uid: study.study_instance_uid,
            study_date: study.study_date,
            study_time: study.study_time,
            accession_number: study.accession_number,
            study_description: study.study_description,
        }
    }
}
