//! Generation's HTTP contract: runs and their derived objects.

use crate::{
    Client, ClientError, DeploymentId, Digest, ModelVersionId, Priority, RunId, SeriesId, StudyId, Time,
    client::Batch,
    job::{Cost, Scores, SuspectKind},
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
    /// How soon it is wanted.
    #[serde(default)]
    pub priority: Priority,
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
    /// Digest over the volumes of source and result, once completed: values and places, nothing of whose they are.
    #[serde(default)]
    pub volumes: Option<Digest>,
    /// The derived series, once completed.
    pub derived: Vec<DerivedSeries>,
    /// Where a reader is asked to look, once completed: regions of wide interval, widest first, then what the worker
    /// suspected, in its order.
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

/// A copy of an AI image from which nobody can tell which model made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlindedImage {
    /// (0008,0018) of the copy.
    pub sop_instance_uid: String,
    /// SHA-256 of its bytes after group 0002.
    pub digest: Digest,
    /// Place along the slice normal, from 0.
    pub slice: u32,
}

/// (0008,0018) of the copy of a slice under a salt: it derives from them and from nothing of the run.
pub fn blinded_uid(salt: &str, slice: u32) -> String {
    format!("2.25.{}", Digest::of(format!("blinded\n{salt}\n{slice}").as_bytes()).leading_bits())
}

/// Which copies are asked for: their names derive from the salt and nothing else.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blinding {
    /// A secret of who is shown them.
    pub salt: String,
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

/// A place where a reader is asked to look.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Region {
    /// Why; those of before this was told are of wide interval.
    #[serde(default)]
    pub kind: RegionKind,
    /// Its centre in patient coordinates (LPS), mm.
    pub centre_mm: [f64; 3],
    /// Diameter of the sphere of the same volume, mm.
    pub diameter_mm: f64,
    /// Largest half-width inside, in the image's unit; of what was suspected, within the sphere.
    pub half_width_max: f64,
    /// First and last slice it touches.
    pub slices: (u32, u32),
}

/// Why a reader is asked to look at a place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegionKind {
    /// The interval is wide: the map of uncertainty flagged it.
    #[default]
    Width,
    /// Structure was taken away or added.
    Structure,
    /// The images that the model draws disagree.
    Disagreement,
}

impl From<SuspectKind> for RegionKind {
    fn from(kind: SuspectKind) -> Self {
        match kind {
            SuspectKind::Structure => Self::Structure,
            SuspectKind::Disagreement => Self::Disagreement,
        }
    }
}

impl Region {
    /// Whether the map of uncertainty flagged it: what the map is worth is measured on these alone.
    pub fn is_wide(&self) -> bool {
        self.kind == RegionKind::Width
    }

    /// Whether a place in patient coordinates (LPS, mm) lies in the sphere that stands for the region.
    pub fn holds(&self, place_mm: [f64; 3]) -> bool {
        let squared: f64 = self.centre_mm.iter().zip(place_mm).map(|(a, b)| (a - b) * (a - b)).sum();
        squared.sqrt() <= self.diameter_mm / 2.0
    }
}

/// How much work stands before the workers of each pool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Capacity {
    /// When it was looked at.
    pub at: Time,
    /// Over how long what workers did is measured, hours.
    pub window_hours: u32,
    /// By name.
    pub pools: Vec<PoolCapacity>,
}

impl Capacity {
    /// A pool by name; one that has done and been asked nothing yet is not known.
    pub fn pool(&self, name: &str) -> Option<&PoolCapacity> {
        self.pools.iter().find(|pool| pool.pool == name)
    }
}

/// How much work stands before the workers of a pool, and how fast they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PoolCapacity {
    /// The pool.
    pub pool: String,
    /// Runs that no worker has started.
    pub waiting: u32,
    /// When the oldest of them was asked for.
    pub oldest_requested_at: Option<Time>,
    /// Runs that a worker has.
    pub running: u32,
    /// Workers that were seen at work at the same time in the window: there are at least as many. Workers don't announce
    /// themselves.
    pub workers_seen: u32,
    /// Jobs done in the window.
    pub measured: u32,
    /// Their mean wall time, seconds.
    pub seconds_per_job: Option<f64>,
    /// Share of the window in which the seen workers were at work, 0 to 1.
    pub utilisation: Option<f64>,
    /// How long a run that is asked for now will wait for a worker when it comes after everything else that waits.
    pub expected_wait: ExpectedWait,
    /// The same by how soon runs are wanted, the most urgent first.
    #[serde(default)]
    pub by_priority: Vec<PriorityCapacity>,
}

impl PoolCapacity {
    /// How long a run of a priority that is asked for now will wait for a worker.
    pub fn wait_of(&self, priority: Priority) -> ExpectedWait {
        let known = self.by_priority.iter().find(|known| known.priority == priority);
        known.map_or(self.expected_wait, |known| known.expected_wait)
    }
}

/// What waits for a pool at one priority.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PriorityCapacity {
    /// The priority.
    pub priority: Priority,
    /// Runs of it that no worker has started.
    pub waiting: u32,
    /// When the oldest of them was asked for.
    pub oldest_requested_at: Option<Time>,
    /// How long a run of it that is asked for now will wait for a worker.
    pub expected_wait: ExpectedWait,
}

/// How long something will wait, seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ExpectedWait {
    /// What is expected.
    pub seconds: f64,
    /// Lower end of its 95 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Whether it follows from measured jobs; if not it is only how long the oldest waits already.
    pub is_measured: bool,
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

    /// Blinded copies of the AI images of a completed run, in order of position; for review.
    pub async fn blinded_images(&self, run: &RunId, salt: &str) -> Result<Vec<BlindedImage>, ClientError> {
        let blinding = Blinding { salt: salt.to_owned() };
        self.0.post(&format!("/v1/runs/{run}/blinded"), &blinding).await
    }

    /// Asks for the bytes of one of them; for the gateway.
    pub fn blinded_image(&self, run: &RunId, salt: &str, slice: u32) -> reqwest::RequestBuilder {
        let path = format!("/v1/runs/{run}/blinded/{slice}");
        self.0.request(reqwest::Method::POST, &path).json(&Blinding { salt: salt.to_owned() })
    }

    /// What runs took that are over; those that are not are left out.
    pub async fn run_costs(&self, ids: Vec<RunId>) -> Result<Vec<RunCost>, ClientError> {
        self.0.post("/v1/runs/costs", &Batch { ids }).await
    }

    /// How much work stands before the workers of each pool.
    pub async fn capacity(&self) -> Result<Capacity, ClientError> {
        self.0.get_one("/v1/capacity", &()).await
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{from_value, json, to_value};

    #[test]
    fn a_region_of_before_kinds_were_told_is_of_wide_interval() {
        let stored = json!({ "centre_mm": [1.0, 2.0, 3.0], "diameter_mm": 6.0, "half_width_max": 40.0,
            "slices": [4, 6] });
        let region: Region = from_value(stored).unwrap();
        assert!(region.kind == RegionKind::Width && region.is_wide());
        let suspected = Region { kind: SuspectKind::Structure.into(), ..region };
        assert_eq!(to_value(&suspected).unwrap()["kind"], "structure");
        assert!(!suspected.is_wide());
        assert_eq!(from_value::<Region>(to_value(&suspected).unwrap()).unwrap(), suspected);
    }
}
