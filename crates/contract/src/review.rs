//! Review's HTTP contract: cases, reads and releases. What an answer holds depends on who asks: a reader learns
//! nothing of another read until all first reads are final (clinical decisions 2 to 4).

use crate::client::Batch;
use crate::{
    CaseId, Client, ClientError, DeploymentId, Digest, FindingId, LeaseId, ModelVersionId, Page, PageRequest,
    Priority, ReadId, ReleaseId, RunId, SeriesId, StudyId, Time, canonical_json, rollout::Stage,
};
use serde::{Deserialize, Serialize};

mod campaign;
mod discussion;
mod ended;
mod oversight;
mod pair;
mod policy;
mod signature;
mod viewing;

pub use campaign::*;
pub use discussion::*;
pub use ended::{BlindRead, ConfirmedFinding, EndedCase, EndedPage, EndedQuery};
pub use oversight::*;
pub use pair::*;
pub use policy::{ChangePolicy, Policy, PolicyVersion};
pub use signature::*;
pub use viewing::{DISPLAYED_AFTER_MS, Displayed, REGION_SLICES_MAX, RegionDisplayed, Screen, Viewing};

/// What a reader concludes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// May be released.
    Accept,
    /// May be released with the stated limitation.
    AcceptWithLimitation,
    /// Must not be released.
    Reject,
    /// This reader can't tell; the slot is vacated once.
    CannotJudge,
}

impl Verdict {
    /// Whether a release may rest on it.
    pub fn accepts(self) -> bool {
        matches!(self, Self::Accept | Self::AcceptWithLimitation)
    }
}

/// What the model did wrong at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FindingKind {
    /// In the AI image, not in the original.
    Invented,
    /// In the original, not in the AI image.
    Lost,
    /// There, but of another shape or place.
    Distorted,
    /// Unnatural or over-smoothed texture.
    Texture,
    /// An artefact of the model.
    Artefact,
    /// Wrong values.
    Intensity,
}

/// How much a finding matters for care.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Severity {
    /// No consequence.
    Minor,
    /// May change the report.
    Major,
    /// May hurt the patient.
    Critical,
}

/// A place where the model went wrong, in patient coordinates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Given by the browser or, when absent, by review.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<FindingId>,
    /// What went wrong.
    pub kind: FindingKind,
    /// How much it matters.
    pub severity: Severity,
    /// Centre in patient coordinates (LPS), mm; `None` when no place can be named.
    pub centre_mm: Option<[f64; 3]>,
    /// Diameter, mm.
    pub diameter_mm: Option<f64>,
    /// Free text, at most 500 characters.
    #[serde(default)]
    pub comment: String,
}

/// What a reader says about a flagged region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Disposition {
    /// The AI image is believable here.
    Plausible,
    /// An artefact.
    Artefact,
    /// Something was invented here.
    Invented,
    /// Something was lost here.
    Lost,
    /// The reader can't tell.
    CannotTell,
}

/// A region and what the reader says about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionDisposition {
    /// Index in the run's list of regions.
    pub region: u32,
    /// What the reader says.
    pub disposition: Disposition,
}

/// The content of a read, as typed in and as signed: the signature covers its canonical JSON.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ReadContent {
    /// The verdict; a draft may lack it, a signed read may not.
    pub verdict: Option<Verdict>,
    /// Marked findings.
    #[serde(default)]
    pub findings: Vec<Finding>,
    /// Dispositions of the flagged regions.
    #[serde(default)]
    pub regions: Vec<RegionDisposition>,
    /// Free text, at most 2,000 characters; states the limitation when the verdict is with limitation.
    #[serde(default)]
    pub comment: String,
    /// What was displayed; a draft has none, and reads that were signed before it was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub viewing: Option<Viewing>,
    /// The read that this one confirms after the study's identity was corrected: all the rest is what was signed then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirms: Option<ReadId>,
}

impl ReadContent {
    /// The digest of the canonical text, which a signature covers.
    pub fn digest(&self) -> Digest {
        Digest::of(canonical_json(self).as_bytes())
    }
}

/// A signed read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Read {
    /// The read.
    pub id: ReadId,
    /// The case.
    pub case: CaseId,
    /// What was signed.
    pub content: ReadContent,
    /// The signature.
    pub signature: Signature,
    /// Whether it can no longer be withdrawn.
    pub is_final: bool,
    /// What its reader wrote since, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addenda: Vec<Addendum>,
}

/// How far a case is, to somebody who may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// Waits for a first reader.
    Queued,
    /// At least one slot is taken or signed.
    Reading,
    /// The reads differ and a third reader is wanted.
    Discordant,
    /// The third reader is at work.
    Adjudicating,
    /// May be delivered.
    Released,
    /// Ended unreleased.
    Rejected,
    /// Nothing happens until the hold ends.
    Held,
    /// Out of all queues until a coordinator returns it.
    Deferred,
    /// A newer run took its place.
    Superseded,
    /// Ended unreleased because it came too late to be of use.
    Expired,
    /// Was released and is taken back.
    Recalled,
    /// Its readers ended it at shadow: evidence about the model, and never released.
    Evaluated,
}

/// What a reader may know of a case: the same words whatever others did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// May be opened.
    Available,
    /// This reader holds a slot.
    Mine,
    /// This reader signed; the rest is not told until the case ends.
    Signed,
    /// Not for this reader now; why is not told.
    Unavailable,
}

/// A case, cut to what the asking actor may see.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Case {
    /// The case.
    pub id: CaseId,
    /// The run it reviews.
    pub run: RunId,
    /// The source series.
    pub series: SeriesId,
    /// The study.
    pub study: StudyId,
    /// Model version.
    pub model: ModelVersionId,
    /// The deployment.
    pub deployment: DeploymentId,
    /// Whether this actor may not be told yet which model version and which deployment it is.
    pub is_model_hidden: bool,
    /// The stage under which the run was made.
    pub stage: Stage,
    /// What is signed.
    pub case_digest: Digest,
    /// How soon it is wanted.
    pub priority: Priority,
    /// When it was queued.
    pub queued_at: Time,
    /// From when on it comes before what is as urgent: its time is running out.
    pub escalates_at: Time,
    /// When it should have ended.
    pub due_at: Time,
    /// When it ends unreleased.
    pub expires_at: Time,
    /// What this reader may do with it.
    pub availability: Availability,
    /// How far it is; `None` while this actor may not know.
    pub state: Option<CaseState>,
    /// This reader's hold.
    pub lease: Option<Lease>,
    /// This reader's unsigned draft.
    pub draft: Option<Draft>,
    /// What this reader had typed on a case whose place this one took, offered to go on from; never signed.
    pub offered_draft: Option<Draft>,
    /// What this reader may confirm instead of reading the same images once more.
    pub confirmable: Option<Confirmable>,
    /// How this reader's hold ended without a read.
    pub ended_hold: Option<EndedHold>,
    /// This reader's signed read.
    pub my_read: Option<Read>,
    /// Until when this reader may withdraw it.
    pub withdraw_until: Option<Time>,
    /// All reads, in an order that says nothing; empty while this actor may not know. For an adjudicator whose
    /// own read is final the signers are unnamed.
    pub reads: Vec<Read>,
    /// The release, once released and visible.
    pub release: Option<ReleaseId>,
    /// What the case is for, for quality only: nobody else learns that there are others than clinical ones here.
    pub kind: Option<CaseKind>,
    /// What holds it back, for coordinators, quality and administrators.
    pub holds: Vec<Hold>,
    /// Readers' deferrals, unnamed, for coordinators, quality and administrators.
    pub deferrals: Vec<Deferral>,
    /// The last change of its priority by a person, for coordinators, quality and administrators.
    pub priority_change: Option<PriorityChange>,
    /// The recall, for coordinators, quality and administrators.
    pub recall: Option<Recall>,
    /// Set for quality and administrators when something after the release asks whether it should be recalled.
    pub needs_recall_evaluation: bool,
    /// For coordinators, quality and administrators: whether fewer people may read the case than it still needs. `None`
    /// where the policy asks for no credentials. It doesn't say which read is wanted.
    pub lacks_readers: Option<bool>,
}

/// One reader's hold on a slot.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Lease {
    /// The hold.
    pub id: LeaseId,
    /// When it ends without activity.
    pub expires_at: Time,
}

/// A private draft.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Draft {
    /// Grows with each save; a save with an older version is refused with both versions.
    pub version: u32,
    /// What was typed.
    pub content: ReadContent,
    /// When it was saved.
    pub saved_at: Time,
}

/// Saves a draft.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SaveDraft {
    /// The version this save follows; 0 for the first.
    pub version: u32,
    /// What was typed.
    pub content: ReadContent,
}

/// What delivery sends. It exists only for a released case.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Release {
    /// The release.
    pub id: ReleaseId,
    /// The case.
    pub case: CaseId,
    /// The run whose objects are sent.
    pub run: RunId,
    /// The source series.
    pub series: SeriesId,
    /// The study.
    pub study: StudyId,
    /// The set of source instances the run is bound to.
    pub source_set: Digest,
    /// The model version.
    pub model: ModelVersionId,
    /// The deployment, asked for its stage before each send.
    pub deployment: DeploymentId,
    /// The stage under which the run was made.
    pub stage: Stage,
    /// What was signed.
    pub case_digest: Digest,
    /// Every signed read, accepting or not, in the order of signing: one SR each.
    pub reads: Vec<Read>,
    /// The union of the stated limitations.
    pub limitations: Vec<String>,
    /// When the case became released.
    pub released_at: Time,
}

/// Whether review lets a release be sent now.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReleaseCheck {
    /// Whether no hold, recall or supersession stands against it.
    pub may_send: bool,
    /// Why not, in words; empty when it may.
    pub reason: String,
}

/// Which cases a gate counts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CountsQuery {
    /// Made for this deployment,
    pub deployment: DeploymentId,
    /// under this stage or a higher one,
    pub stage: Stage,
    /// and queued at or after this.
    pub since: Time,
}

/// The counts of reads that gates are computed from.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ReadCounts {
    /// Cases that their reads ended.
    pub ended: u32,
    /// Of these, accepted: released or, at shadow, what would have been.
    pub accepted: u32,
    /// Of these, discordant before they ended.
    pub discordant: u32,
    /// Adjudicated or agreed critical findings.
    pub critical_findings: u32,
    /// Different people who signed at least one read.
    pub readers: u32,
    /// The same cases one by one.
    pub cases: Vec<CountedCase>,
}

/// A case that a gate counts, for what is asked of groups of cases and of the map of uncertainty.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CountedCase {
    /// The case.
    pub case: CaseId,
    /// The run that it reviewed.
    pub run: RunId,
    /// The source series.
    pub series: SeriesId,
    /// Whether it was accepted.
    pub accepted: bool,
    /// Whether it was discordant before it ended.
    pub discordant: bool,
    /// Its adjudicated or agreed critical findings.
    pub critical_findings: u32,
    /// Where confirmed findings are that were marked at a place: patient coordinates (LPS), mm.
    pub findings_mm: Vec<[f64; 3]>,
}

/// Typed client.
#[derive(Clone)]
pub struct Review(pub Client);

impl Review {
    /// What the calling reader may take or holds.
    pub async fn worklist(&self, page: &PageRequest) -> Result<Page<Case>, ClientError> {
        self.0.get_one("/v1/worklist", page).await
    }

    /// What the calling evaluation reader may take or holds of cases at shadow, which no clinical worklist shows.
    pub async fn evaluation_worklist(&self, page: &PageRequest) -> Result<Page<Case>, ClientError> {
        self.0.get_one("/v1/evaluation-worklist", page).await
    }

    /// One case, cut to what the caller may see.
    pub async fn case(&self, id: &CaseId) -> Result<Option<Case>, ClientError> {
        self.0.get(&format!("/v1/cases/{id}"), &()).await
    }

    /// Every case, newest first; for quality and administrators.
    pub async fn cases(&self, page: &PageRequest) -> Result<Page<Case>, ClientError> {
        self.0.get_one("/v1/cases", page).await
    }

    /// The cases of series, the newest first; for quality and administrators.
    pub async fn cases_of_series(&self, ids: Vec<SeriesId>) -> Result<Vec<CaseId>, ClientError> {
        self.0.post("/v1/cases/of-series", &Batch { ids }).await
    }

    /// Takes or renews a hold.
    pub async fn open(&self, id: &CaseId) -> Result<Case, ClientError> {
        self.0.post(&format!("/v1/cases/{id}/open"), &()).await
    }

    /// Saves a draft, which also renews the hold.
    pub async fn save_draft(&self, id: &CaseId, command: &SaveDraft) -> Result<Draft, ClientError> {
        self.0.post(&format!("/v1/cases/{id}/draft"), command).await
    }

    /// Signs a read: a first read or the adjudicator's, as the caller's slot is.
    pub async fn sign(&self, id: &CaseId, command: &SignRead) -> Result<Case, ClientError> {
        self.0.post(&format!("/v1/cases/{id}/sign"), command).await
    }

    /// Signs once more what the caller signed of the same images under the study's former identity.
    pub async fn confirm(&self, id: &CaseId, command: &ConfirmRead) -> Result<Case, ClientError> {
        self.0.post(&format!("/v1/cases/{id}/confirm"), command).await
    }

    /// Writes an addendum to the caller's own final read.
    pub async fn write_addendum(&self, id: &CaseId, command: &WriteAddendum) -> Result<Case, ClientError> {
        self.0.post(&format!("/v1/cases/{id}/addenda"), command).await
    }

    /// Asks whether the calling person may see the derived pixels of a run, and records the access. The record
    /// is committed before the answer.
    pub async fn view(&self, run: &RunId) -> Result<(), ClientError> {
        self.0.post(&format!("/v1/runs/{run}/view"), &()).await
    }

    /// A release, for delivery.
    pub async fn release(&self, id: &ReleaseId) -> Result<Option<Release>, ClientError> {
        self.0.get(&format!("/v1/releases/{id}"), &()).await
    }

    /// Whether a release may be sent now, for delivery.
    pub async fn release_check(&self, id: &ReleaseId) -> Result<ReleaseCheck, ClientError> {
        self.0.get_one(&format!("/v1/releases/{id}/check"), &()).await
    }

    /// Counts for a gate, for rollout.
    pub async fn read_counts(&self, query: &CountsQuery) -> Result<ReadCounts, ClientError> {
        self.0.get_one("/v1/read-counts", query).await
    }
}
