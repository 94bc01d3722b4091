//! Studies and patients.

use super::series::Series;
use crate::auth::Viewer;
use crate::graphql::fault::{asking, fault, viewer};
use crate::graphql::services;
use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use contract::{Role, intake};

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

    /// The identities under which its images came once more, while nobody has decided; for coordinators and quality.
    async fn claimed_identities(&self, ctx: &Context<'_>) -> Result<Vec<ClaimedIdentity>> {
        let decides = |viewer: &Viewer| viewer.has_role(Role::Coordinator) || viewer.has_role(Role::Quality);
        if !self.0.identity_disputed || !asking(ctx).viewer.as_ref().is_some_and(decides) {
            return Ok(Vec::new());
        }
        let intake = services(ctx, viewer(ctx)?).intake;
        let claimed = intake.claimed_identities(&self.0.id).await;
        let claimed = claimed.map_err(|error| fault(ctx, error.into()))?;
        Ok(claimed.into_iter().map(ClaimedIdentity::from).collect())
    }

    async fn series(&self) -> Vec<Series> {
        self.0.series.iter().cloned().map(Series).collect()
    }
}

/// An identity under which images of a study came once more.
#[derive(SimpleObject)]
pub(crate) struct ClaimedIdentity {
    study_instance_uid: String,
    patient: Patient,
    study_date: String,
    study_time: String,
    accession_number: String,
    study_description: String,
    /// How many images came under it.
    images: u32,
    /// How many images the study has.
    images_of_study: u32,
}

impl From<intake::ClaimedIdentity> for ClaimedIdentity {
    fn from(claimed: intake::ClaimedIdentity) -> Self {
        let identity = claimed.identity;
        Self {
            patient: Patient::from(&identity.patient),
            study_instance_uid: identity.study_instance_uid,
            study_date: identity.study_date,
            study_time: identity.study_time,
            accession_number: identity.accession_number,
            study_description: identity.study_description,
            images: claimed.images,
            images_of_study: claimed.images_of_study,
        }
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
