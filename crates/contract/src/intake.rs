//! Intake's HTTP contract: studies, series, instances and quarantine.

use crate::{
    Client, ClientError, Digest, Page, PageRequest, QuarantineId, Refusal, SeriesId, StudyId, Time,
    client::Batch,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

mod field;
mod prior;
mod quarantine;

pub use field::{FieldStrength, TESLA_MAX};
pub use prior::{Prior, PriorCount, PriorLikeness};
pub use quarantine::{
    Attribute, Discard, Fix, QuarantineGroup, QuarantineGroups, QuarantineOutcome, QuarantineState,
    QuarantineSummary, Quarantined, Readmit, StillRefused,
};

/// How long storing one STOW-RS request may take: it may hold gigabytes and come over a slow line.
const STOW_TIME_MAX: std::time::Duration = std::time::Duration::from_hours(1);

/// A patient as the source images name them. Never logged, never in an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patient {
    /// (0010,0010), component groups separated by `=`.
    pub name: String,
    /// (0010,0020).
    pub id: String,
    /// (0010,0021), empty when the source names none.
    pub issuer: String,
    /// (0010,0030) as stored: `YYYYMMDD` or empty.
    pub birth_date: String,
    /// (0010,0040).
    pub sex: String,
}

/// What a correction may change: patient, accession and study attributes. Never logged, never in an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// (0020,000D).
    pub study_instance_uid: String,
    /// Whose it is.
    pub patient: Patient,
    /// (0008,0020) as stored.
    pub study_date: String,
    /// (0008,0030) as stored.
    pub study_time: String,
    /// (0008,0050).
    pub accession_number: String,
    /// (0008,1030).
    pub study_description: String,
}

/// An identity under which images of a study came once more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimedIdentity {
    /// What they say they are.
    pub identity: Identity,
    /// How many images came under it.
    pub images: u32,
    /// How many images the study has.
    pub images_of_study: u32,
}

/// A study and its series, without instances.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Study {
    /// Our id.
    pub id: StudyId,
    /// (0020,000D).
    pub study_instance_uid: String,
    /// Whose it is.
    pub patient: Patient,
    /// (0008,0020) as stored.
    pub study_date: String,
    /// (0008,0030) as stored.
    pub study_time: String,
    /// (0008,0050).
    pub accession_number: String,
    /// (0008,1030).
    pub study_description: String,
    /// When the first instance was stored.
    pub received_at: Time,
    /// Whether objects came that name another patient, accession number or study attribute: nothing of the study is
    /// released or sent until a coordinator has decided.
    pub identity_disputed: bool,
    /// Its series, in series number order.
    pub series: Vec<Series>,
}

/// A part of the list of studies in the order in which they came. Places in it stay as they are: what comes later stands
/// behind (R44).
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct StudyRange {
    /// How many studies are left out.
    pub offset: u64,
    /// How many at most.
    pub limit: u32,
}

/// Studies in the order in which they came.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ArrivedStudies {
    /// The part that was asked for.
    pub studies: Vec<Study>,
    /// How many there are in all.
    pub total: u64,
}

/// How far a received series is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeriesState {
    /// Instances still arrive.
    Receiving,
    /// One volume, ready for runs.
    Ready,
    /// Complete, but not one volume that a model can take; see the reason.
    Parked,
}

/// A received series with the attributes that routing and hanging need.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Series {
    /// Our id.
    pub id: SeriesId,
    /// Its study.
    pub study: StudyId,
    /// (0020,000D), repeated here so that a series can be shown alone.
    pub study_instance_uid: String,
    /// (0020,000E).
    pub series_instance_uid: String,
    /// (0008,0060).
    pub modality: String,
    /// (0018,0015), upper case, empty when absent.
    pub body_part_examined: String,
    /// (0018,1030).
    pub protocol_name: String,
    /// (0008,103E).
    pub series_description: String,
    /// (0020,0011).
    pub series_number: Option<i32>,
    /// (0008,0008).
    pub image_type: Vec<String>,
    /// (0008,0070).
    pub manufacturer: String,
    /// (0008,1090).
    pub manufacturer_model_name: String,
    /// (0018,1210).
    pub convolution_kernel: String,
    /// (0018,0050) in mm.
    pub slice_thickness_mm: Option<f64>,
    /// (0018,1020) as stored, empty when absent.
    #[serde(default)]
    pub software_versions: String,
    /// (0028,0030) of the first instance: the distance between its columns, mm.
    #[serde(default)]
    pub pixel_spacing_mm: Option<f64>,
    /// (0018,0087) as stored, empty when absent.
    #[serde(default)]
    pub magnetic_field_strength: String,
    /// Rows, columns of the first instance.
    pub matrix: (u32, u32),
    /// (0040,1003) as stored, empty when absent.
    #[serde(default)]
    pub requested_procedure_priority: String,
    /// Calling AE title of the association that brought it, or `STOW`, `IMPORT`.
    pub sender: String,
    /// How far it is.
    pub state: SeriesState,
    /// Why it is parked, in words.
    pub parked_reason: Option<String>,
    /// How many instances are stored.
    pub instance_count: u32,
    /// Digest of the current set of source instances, once ready.
    pub source_set: Option<Digest>,
    /// The volume, once ready.
    pub volume: Option<Digest>,
    /// The instances in order of position; empty unless asked for one by one.
    #[serde(default)]
    pub instances: Vec<Instance>,
}

impl Series {
    /// What the scanner says of its magnet.
    pub fn field_strength(&self) -> FieldStrength {
        FieldStrength::of(&self.magnetic_field_strength)
    }
}

/// The groups to which the patient and the scanner of a series belong, so coarse that nobody is recognised by them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subgroups {
    /// The series.
    pub series: SeriesId,
    /// (0010,0040), empty when it isn't known.
    pub sex: String,
    /// Decades of life put together: `under 18`, `18 to 39`, `40 to 64`, `65 and older`; empty when it isn't known.
    pub age: String,
    /// Manufacturer and model of the scanner, empty when they aren't known.
    pub scanner: String,
}

/// A stored instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// (0008,0018).
    pub sop_instance_uid: String,
    /// (0008,0016).
    pub sop_class_uid: String,
    /// Digest of the bytes as received after group 0002: what the case digest covers and the browser computes.
    pub digest: Digest,
    /// Key of the stored file in the `dicom` store.
    pub object: Digest,
    /// (0002,0010) of the stored file.
    pub transfer_syntax_uid: String,
    /// Place along the slice normal, from 0.
    pub slice: u32,
}

/// Whether the sources of a run still are what was signed.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct SourceCheck {
    /// Whether the current set has this digest and the identity is not in question.
    pub unchanged: bool,
    /// Whether the identity of the study is not in question.
    pub identity_certain: bool,
}

/// What becomes of a study that objects came for under another identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityDecision {
    /// What stands is right. What came stays in quarantine.
    Keep,
    /// What came is right and takes the place of what stands; everything made of it is retired and made anew.
    Take,
}

/// Decides whose a study is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SettleIdentity {
    /// What becomes of it.
    pub decision: IdentityDecision,
    /// Why.
    pub reason: String,
}

/// A number by which studies are looked for. It goes in a body: an address would stand in logs.
#[derive(Clone, Serialize, Deserialize)]
pub struct StudyNumber {
    /// (0010,0020) or (0008,0050), to the letter.
    pub number: String,
}

/// Typed client.
#[derive(Clone)]
pub struct Intake(pub Client);

impl Intake {
    /// Studies, newest first.
    pub async fn studies(&self, page: &PageRequest) -> Result<Page<Study>, ClientError> {
        self.0.get_one("/v1/studies", page).await
    }

    /// Studies under a number, the newest first; for quality and administrators, who look for what was done with them.
    pub async fn studies_named(&self, number: &StudyNumber) -> Result<Vec<Study>, ClientError> {
        self.0.post("/v1/studies/named", number).await
    }

    /// Studies by id.
    pub async fn study_batch(&self, ids: Vec<StudyId>) -> Result<Vec<Study>, ClientError> {
        self.0.post("/v1/studies/batch", &Batch { ids }).await
    }

    /// Series by id, with their instances.
    pub async fn series_batch(&self, ids: Vec<SeriesId>) -> Result<Vec<Series>, ClientError> {
        self.0.post("/v1/series/batch", &Batch { ids }).await
    }

    /// The groups that series belong to; for rollout.
    pub async fn subgroups(&self, ids: Vec<SeriesId>) -> Result<Vec<Subgroups>, ClientError> {
        self.0.post("/v1/series/subgroups", &Batch { ids }).await
    }

    /// Series of a study by Study Instance UID, with instances: what DICOMweb asks.
    pub async fn study_by_uid(&self, study_instance_uid: &str) -> Result<Option<Study>, ClientError> {
        self.0.get("/v1/studies/by-uid", &[("study_instance_uid", study_instance_uid)]).await
    }

    /// Acquired series of earlier studies of the patient of a series, the most like it first.
    pub async fn priors(&self, series: &SeriesId) -> Result<Vec<Prior>, ClientError> {
        self.0.get_one(&format!("/v1/series/{series}/priors"), &()).await
    }

    /// How many priors series have; unknown ones are left out.
    pub async fn prior_counts(&self, ids: Vec<SeriesId>) -> Result<Vec<PriorCount>, ClientError> {
        self.0.post("/v1/series/prior-counts", &Batch { ids }).await
    }

    /// Asks whether the calling person may see the pixels of a series, and records the access. The record is
    /// committed before the answer.
    pub async fn view(&self, series: &SeriesId) -> Result<(), ClientError> {
        self.0.post(&format!("/v1/series/{series}/view"), &()).await
    }

    /// Whether the set of source instances still is `source_set`.
    pub async fn source_check(
        &self,
        series: &SeriesId,
        source_set: Digest,
    ) -> Result<SourceCheck, ClientError> {
        self.0.get_one(&format!("/v1/series/{series}/source-check"), &[("source_set", source_set)]).await
    }

    /// Passes on a STOW-RS body (`multipart/related` of `application/dicom`) as it comes. The caller's token names
    /// the sending device.
    pub async fn stow(
        &self,
        content_type: &str,
        body: reqwest::Body,
    ) -> Result<Vec<StowOutcome>, ClientError> {
        let request = self.0.request(reqwest::Method::POST, "/v1/stow");
        let request = request.header(reqwest::header::CONTENT_TYPE, content_type).timeout(STOW_TIME_MAX);
        self.0.answer("/v1/stow", request.body(body)).await
    }

    /// A part of the list of studies in the order in which they came.
    pub async fn studies_by_arrival(&self, range: &StudyRange) -> Result<ArrivedStudies, ClientError> {
        self.0.get_one("/v1/studies/by-arrival", range).await
    }

    /// The identities under which images of a study came once more, while nobody has decided.
    pub async fn claimed_identities(&self, study: &StudyId) -> Result<Vec<ClaimedIdentity>, ClientError> {
        self.0.get_one(&format!("/v1/studies/{study}/claims"), &()).await
    }

    /// Decides whose a study is; for coordinators and quality.
    pub async fn settle_identity(
        &self,
        study: &StudyId,
        command: &SettleIdentity,
    ) -> Result<Study, ClientError> {
        self.0.post(&format!("/v1/studies/{study}/identity"), command).await
    }

    /// What is or was kept for a person, newest first.
    pub async fn quarantine(&self, page: &PageRequest) -> Result<Page<Quarantined>, ClientError> {
        self.0.get_one("/v1/quarantine", page).await
    }

    /// How many entries wait for a person, and for how long.
    pub async fn quarantine_summary(&self) -> Result<QuarantineSummary, ClientError> {
        self.0.get_one("/v1/quarantine/summary", &()).await
    }

    /// The entries that wait, put together, the oldest first.
    pub async fn quarantine_groups(&self) -> Result<QuarantineGroups, ClientError> {
        self.0.get_one("/v1/quarantine/groups", &()).await
    }

    /// What the kept object says of the attributes that a person may correct; for those who may end the entry.
    pub async fn quarantine_as_sent(
        &self,
        entry: &QuarantineId,
    ) -> Result<BTreeMap<Attribute, String>, ClientError> {
        self.0.get_one(&format!("/v1/quarantine/{entry}/as-sent"), &()).await
    }

    /// Lets the kept bytes of an entry and of those that stand with it go through admission once more.
    pub async fn readmit_quarantined(
        &self,
        entry: &QuarantineId,
        command: &Readmit,
    ) -> Result<QuarantineOutcome, ClientError> {
        self.0.post(&format!("/v1/quarantine/{entry}/readmit"), command).await
    }

    /// Ends an entry, and those that stand with it, without taking anything in. The bytes stay for the retention.
    pub async fn discard_quarantined(
        &self,
        entry: &QuarantineId,
        command: &Discard,
    ) -> Result<QuarantineOutcome, ClientError> {
        self.0.post(&format!("/v1/quarantine/{entry}/discard"), command).await
    }
}

/// What became of one instance of a STOW-RS request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StowOutcome {
    /// (0008,0016), when it could be read.
    pub sop_class_uid: Option<String>,
    /// (0008,0018), when it could be read.
    pub sop_instance_uid: Option<String>,
    /// `None` when stored; otherwise why not.
    pub failure: Option<StowFailure>,
}

/// Why an instance was not stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StowFailure {
    /// PS3.18 failure reason, the same number C-STORE would answer.
    pub failure_reason: u16,
    /// In words.
    pub refusal: Refusal,
}
