//! The public queue contract between generation and workers (see `infra/asyncapi.yaml`): a job goes out on the
//! queue of a pool, reports come back on [`REPORTS_QUEUE`]. A worker sees volumes and parameters, never a
//! patient.

use crate::{Digest, JobId, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The queue on which workers report.
pub const REPORTS_QUEUE: &str = "generation.reports";

/// The queue of a pool of workers.
pub fn pool_queue(pool: &str) -> String {
    format!("jobs.{pool}")
}

/// What a worker is asked to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// The job; attempts of the same work share it.
    pub job: JobId,
    /// Counted by generation, from 1.
    pub attempt: u32,
    /// Grows with each attempt; reports with an older fence are dropped.
    pub fence: u64,
    /// Which weights.
    pub model: JobModel,
    /// `denoise`, …
    pub task: String,
    /// Input volumes.
    pub inputs: Vec<JobVolume>,
    /// How.
    pub parameters: Parameters,
    /// After this nobody waits for the answer: don't start.
    pub deadline: Time,
    /// W3C `traceparent` of the work that asked.
    pub trace: Option<String>,
}

/// Which attempt a message is about: what can be read of a job that is otherwise of no known shape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobAttempt {
    /// The job.
    pub job: JobId,
    /// The attempt.
    pub attempt: u32,
    /// The attempt's fence.
    pub fence: u64,
}

/// Names a model version by name, version and weights digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobModel {
    /// The folder below `models/`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Digest of the weights file; a worker with other weights answers `model_unavailable`.
    pub digest: Digest,
}

/// A volume in the `volumes` store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobVolume {
    /// `source` for inputs; `image`, `lower`, `upper` for outputs.
    pub role: String,
    /// Key in the `volumes` store: SHA-256 of the NIfTI file.
    pub volume: Digest,
}

/// How a model is run. The same input, model, parameters, seed and device give the same bytes. A parameter that a worker
/// doesn't know is refused: a condition that is passed over gives a good image of something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// Steps of an iterative sampler; 1 for a regressor.
    pub steps: u32,
    /// Samples drawn; 1 for a regressor.
    pub samples: u32,
    /// Seed of every random draw.
    pub seed: u64,
    /// Percent, 0 to 100, of what a denoiser takes away that is given back to its image, as texture.
    #[serde(default)]
    pub texture_percent: u8,
}

/// What a worker says about a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The job.
    pub job: JobId,
    /// The attempt.
    pub attempt: u32,
    /// The attempt's fence.
    pub fence: u64,
    /// What happened.
    pub outcome: Outcome,
}

/// What happened to a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Outcome {
    /// The worker has the job: its lease starts.
    Started,
    /// It works: the lease is renewed.
    Progress {
        /// 0 to 1.
        fraction: f32,
    },
    /// It is done.
    Completed {
        /// `image`, `lower`, `upper`.
        outputs: Vec<JobVolume>,
        /// Scores of the whole run.
        scores: Scores,
        /// What it took.
        cost: Cost,
        /// Places that a reader should look at, at most [`SUSPECTS_MAX`]. A worker need not tell any.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        suspects: Vec<Suspect>,
    },
    /// It can't be done.
    Failed {
        /// Stable code: `job_unreadable`, `model_unavailable`, `parameters_unsupported`, `input_unreadable`,
        /// `input_out_of_domain`, `deadline_passed`, `out_of_memory`, `internal`.
        code: String,
        /// In words, without patient data.
        message: String,
        /// Whether another attempt may do better.
        retry: bool,
    },
}

/// Scores of a run. Without domain and consistency no case is made: a missing one is a failed check.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// Conformal p-value of the input under the model's reference data, 0 to 1; low means out of domain.
    pub domain: Option<f64>,
    /// Image-domain consistency under a simulated forward model, 0 to 1; low means that structure was added
    /// or removed.
    pub consistency: Option<f64>,
    /// How usual the spread of the images that a model draws is under its calibration, 0 to 1; low means that they
    /// disagree. None for a model that gives one image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<f64>,
    /// What the worker measured of the input, by name, at most [`INPUT_STATISTICS_MAX`] numbers: audit watches them
    /// for drift. `noise` is the standard deviation of flat tissue in the image's unit. A worker need not tell any.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub input: BTreeMap<String, f64>,
}

/// The most numbers that a result tells of its input.
pub const INPUT_STATISTICS_MAX: usize = 64;
/// The name of the noise among them.
pub const INPUT_NOISE: &str = "noise";

/// The most places that a result suspects.
pub const SUSPECTS_MAX: usize = 10;

/// A place of a result that a reader should look at, found by something else than the width of the interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Suspect {
    /// What was found there.
    pub kind: SuspectKind,
    /// Its centre in patient coordinates (LPS), mm.
    pub centre_mm: [f64; 3],
    /// Diameter of the sphere of the same volume, mm.
    pub diameter_mm: f64,
    /// First and last slice it touches, counted along the volume's third axis from 0.
    pub slices: (u32, u32),
}

/// What was found at a suspected place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuspectKind {
    /// Structure was taken away or added: the difference of input and image is coherent there.
    Structure,
    /// The images that the model draws, or its members, disagree.
    Disagreement,
}

/// What a job took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// `cpu`, or the name of the accelerator.
    pub device: String,
    /// Wall time in seconds.
    pub seconds: f64,
    /// Largest resident memory in bytes, where it can be measured.
    pub peak_bytes: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{from_value, json, to_value};

    #[test]
    fn a_result_of_a_worker_that_suspects_nothing_is_read_and_written_as_before() {
        let before = json!({ "kind": "completed", "outputs": [], "scores": { "domain": 0.5, "consistency": 0.9 },
            "cost": { "device": "cpu", "seconds": 1.0, "peak_bytes": null } });
        let outcome: Outcome = from_value(before.clone()).unwrap();
        let Outcome::Completed { scores, suspects, .. } = &outcome else { panic!("{outcome:?}") };
        assert_eq!((scores.agreement, suspects.len()), (None, 0));
        assert_eq!(to_value(&outcome).unwrap(), before);
    }

    #[test]
    fn a_suspect_says_what_was_found_and_where() {
        let told = json!({ "kind": "disagreement", "centre_mm": [1.0, -2.0, 3.5], "diameter_mm": 6.0,
            "slices": [4, 6] });
        let suspect: Suspect = from_value(told.clone()).unwrap();
        assert_eq!((suspect.kind, suspect.slices), (SuspectKind::Disagreement, (4, 6)));
        assert_eq!(to_value(&suspect).unwrap(), told);
    }
}
