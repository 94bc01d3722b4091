//! Generation's HTTP contract: runs and their derived objects.

use crate::{
    Client, ClientError, DeploymentId, Digest, ModelVersionId, RunId, SeriesId, StudyId, Time,
    client::Batch,
    job::{Cost, Scores},
    rollout::Stage,
};
use serde::{Deserialize, Serialize};

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Waits for a worker.
    Queued,
    /// A worker has it.
    Running,
    /// Its derived objects exist.
    Completed,
    /// It ended without a usable result.
    Failed,
    /// Its source set no longer holds.
    Superseded,
}

/// What a derived series is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DerivedRole {
    /// The AI image.
    Image,
    /// Half-width of the interval.
    Uncertainty,
    /// Lower end of the interval.
    Lower,
    /// Upper end of the interval.
    Upper,
}

impl DerivedRole {
    /// The role as it stands in JSON and databases.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Uncertainty => "uncertainty",
            Self::Lower => "lower",
            Self::Upper => "upper",
        }
    }
}

/// A run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Run {
    /// The run.
    pub id: RunId,
    /// Who wanted it.
    pub deployment: DeploymentId,
    /// With what.
    pub model: ModelVersionId,
    /// The stage under which it was made.
    pub stage: Stage,
    /// On which series.
    pub series: SeriesId,
    /// Of which study.
    pub study: StudyId,
    /// The set of source instances it is bound to.
    pub source_set: Digest,
    /// How far it is.
    pub state: RunState,
    /// Attempts so far.
    pub attempt: u32,
    /// 0 to 1.
    pub progress: f32,
    /// Why it failed, in words.
    pub failure: Option<String>,
    /// When it was requested.
    pub requested_at: Time,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// Its scores, once completed.
    pub scores: Option<Scores>,
    /// What it took, once completed.
    pub cost: Option<Cost>,
    /// What readers sign, once completed.
    pub case_digest: Option<Digest>,
    /// The derived series, once completed.
    pub derived: Vec<DerivedSeries>,
    /// Connected regions of wide interval, widest first, once completed.
    pub regions: Vec<Region>,
}

/// A derived series.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DerivedSeries {
    /// (0020,000E).
    pub series_instance_uid: String,
    /// What it is for.
    pub role: DerivedRole,
    /// Its instances in order of position; a parametric map is one.
    pub instances: Vec<DerivedInstance>,
}

/// A derived instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DerivedInstance {
    /// (0008,0018).
    pub sop_instance_uid: String,
    /// (0008,0016).
    pub sop_class_uid: String,
    /// SHA-256 of the bytes after group 0002.
    pub digest: Digest,
    /// Key of the file in the `dicom` store.
    pub object: Digest,
    /// Place along the slice normal, from 0.
    pub slice: u32,
}

/// What a run took, however it ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunCost {
    /// The run.
    pub run: RunId,
    /// How it ended.
    pub state: RunState,
    /// When.
    pub ended_at: Time,
    /// Attempts in all.
    pub attempts: u32,
    /// What the last attempt took, where a worker reported it.
    pub cost: Option<Cost>,
    /// Bytes of the derived objects that are kept.
    pub stored_bytes: Option<u64>,
}

/// A connected region in which the interval is wide.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Region {
    /// Its centre in patient coordinates (LPS), mm.
    pub centre_mm: [f64; 3],
    /// Diameter of the sphere of the same volume, mm.
    pub diameter_mm: f64,
    /// Largest half-width inside, in the image's unit.
    pub half_width_max: f64,
    /// First and last slice it touches.
    pub slices: (u32, u32),
}

/// Typed client.
#[derive(Clone)]
pub struct Generation(pub Client);

impl Generation {
    /// Runs by id.
    pub async fn run_batch(&self, ids: Vec<RunId>) -> Result<Vec<Run>, ClientError> {
        self.0.post("/v1/runs/batch", &Batch { ids }).await
    }

    /// One run.
    pub async fn run(&self, id: &RunId) -> Result<Option<Run>, ClientError> {
        Ok(self.run_batch(vec![id.clone()]).await?.pop())
    }

    /// What runs took that are over; those that are not are left out.
    pub async fn run_costs(&self, ids: Vec<RunId>) -> Result<Vec<RunCost>, ClientError> {
        self.0.post("/v1/runs/costs", &Batch { ids }).await
    }

    /// Runs on the given series, newest first.
    pub async fn runs_of_series(&self, ids: Vec<SeriesId>) -> Result<Vec<Run>, ClientError> {
        self.0.post("/v1/runs/by-series", &Batch { ids }).await
    }

    /// The run that owns a derived series, by Series Instance UID.
    pub async fn run_by_series_uid(&self, series_instance_uid: &str) -> Result<Option<Run>, ClientError> {
        self.0.get("/v1/runs/by-series-uid", &[("series_instance_uid", series_instance_uid)]).await
    }

    /// The completed runs of a study, by study id.
    pub async fn runs_of_study(&self, study: &StudyId) -> Result<Vec<Run>, ClientError> {
        self.0.get_one("/v1/runs/by-study", &[("study", study.as_str())]).await
    }
}
