//! A training recipe: everything that decides what the weights become, as one documented file.

use crate::{
    cold::Cold,
    ensemble::Ensemble,
    family::{Design, Family, Parts},
    predict::Anchor,
    train::lesions::Lesions,
    unet::Architecture,
};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A training recipe, read from `recipe.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Name of the model.
    pub name: String,
    /// Version that the trained model gets.
    pub version: String,
    /// What the model is meant for.
    pub intended_use: String,
    /// What it isn't meant for, and what isn't known.
    pub limits: Vec<String>,
    /// Seed of the initial weights, the patches and the noise.
    pub seed: u64,
    /// Steps of a fold, which leaves a subject out and only serves to measure.
    pub fold_steps: usize,
    /// Who is trained on.
    pub subjects: Vec<SubjectSource>,
    /// Who is evaluated on but never trained or calibrated on, nor looked at while choices were made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unseen: Vec<SubjectSource>,
    /// Scans that the model isn't for and should refuse.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub negatives: Vec<Negative>,
    /// How low dose is simulated.
    pub physics: Physics,
    /// Family of the network; quantile heads when absent.
    #[serde(default, skip_serializing_if = "Family::is_default")]
    pub family: Family,
    /// Size of the network.
    pub network: Architecture,
    /// How the family `guided-cold-diffusion` goes from low to full dose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cold: Option<Cold>,
    /// How many regressors the family `guided-residual-ensemble` has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ensemble: Option<Ensemble>,
    /// What the image keeps of the scan's own means; nothing when absent. It isn't trained: calibration measures with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<Anchor>,
    /// The adversary of the family `guided-residual-gan`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adversarial: Option<Adversarial>,
    /// Weights of the parts of the loss.
    pub loss: Loss,
    /// How the weights are updated.
    pub optimiser: Optimiser,
    /// How intervals are calibrated.
    pub calibration: Calibration,
}

impl Recipe {
    /// Gives the recipe of the fold that leaves a subject out, or `None` where there is no such subject.
    pub fn fold_without(&self, subject: &str) -> Option<Self> {
        let mut fold = self.clone();
        fold.subjects.retain(|source| source.name != subject);
        fold.optimiser.steps = self.fold_steps;
        fold.calibration.folds = None;
        (fold.subjects.len() < self.subjects.len()).then_some(fold)
    }

    /// Gives the network's family and sizes.
    pub(super) fn design(&self) -> Result<Design, super::Error> {
        let adversarial = self.family == Family::GuidedResidualGan;
        if adversarial != self.adversarial.is_some() {
            let does = if adversarial { "wants a" } else { "has no" };
            let why = format!("{} {does} table 'adversarial'", self.family.name());
            return Err(super::Error::OtherFamily(why));
        }
        let parts = Parts { cold: self.cold.as_ref(), ensemble: self.ensemble };
        Design::new(self.family, &self.network, parts).map_err(super::Error::OtherFamily)
    }
}

/// One subject of the training data, or one that is only evaluated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubjectSource {
    /// Name by which a fold leaves the subject out.
    pub name: String,
    /// File, or folder with the DICOM files of one series, in the folder that `fetch-data` fills.
    pub file: String,
    /// File with the mask of a lesion, evaluated separately.
    #[serde(default)]
    pub lesion: Option<String>,
    /// First slice that is evaluated, and the one after the last.
    pub evaluated_slices: [usize; 2],
    /// What the images are and under which licence.
    pub description: String,
}

/// A scan that the model isn't for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Negative {
    /// Name.
    pub name: String,
    /// File, or folder with the DICOM files of one series, in the folder that `fetch-data` fills.
    pub file: String,
    /// What it is and under which licence.
    pub description: String,
}

/// How low dose is simulated ([`imaging::physics`]).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Physics {
    /// Dose fractions.
    pub doses: Vec<f64>,
    /// Noise realisations per dose.
    pub realisations: usize,
    /// Views over 180°.
    pub views: usize,
}

/// Weights of the parts of the loss. The middle head's pseudo-Huber and the two pinball losses count 1 each; a family
/// without quantile heads has the first alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Loss {
    /// L1 of the middle head's horizontal and vertical differences.
    pub gradient: f64,
    /// Mean absolute residual after 8 × 8 averaging: keeps the tissues' mean HU right.
    pub local_mean: f64,
}

/// The adversary of a generator: a patch discriminator with spectral norm. It is updated as the generator is, but for
/// what is said here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adversarial {
    /// Weight of its verdict in the generator's loss.
    pub weight: f64,
    /// Steps of the generator alone before it begins.
    pub begin: usize,
    /// Channels of its first layer.
    pub channels: usize,
    /// Layers between its first and its last.
    pub layers: usize,
    /// Its highest learning rate.
    pub learning_rate: f64,
}

/// How the weights are updated: AdamW with warm-up, cosine decay, clipping and an exponential moving average.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Optimiser {
    /// Number of steps.
    pub steps: usize,
    /// Patches per step.
    pub batch: usize,
    /// Side of a patch in pixels.
    pub patch: usize,
    /// Highest learning rate; it ends at 1 % of it.
    pub learning_rate: f64,
    /// Steps of linear warm-up.
    pub warm_up: usize,
    /// Decoupled weight decay.
    pub weight_decay: f64,
    /// Largest global norm of the gradient.
    pub clip: f64,
    /// Decay of the moving average, which starts faster: min(this, (1 + t)/(10 + t)).
    pub average: f64,
    /// The noise of a patch is scaled by a number drawn from this range.
    pub noise_scale: [f64; 2],
    /// Sizes that the full-dose scan of a patch is drawn from: 1 is its own, 2 has twice as many pixels along a row.
    pub zooms: Vec<f64>,
    /// Kernels that the full-dose scan of a patch is drawn from: −1 is smoothed by 0.7 pixels, 0 is the scan itself,
    /// above 0 it's sharpened.
    pub kernels: Vec<f32>,
    /// Share of the patches whose added noise is made smoother or sharper, as another kernel would.
    pub noise_reshaped: f64,
    /// Relative error of the noise that the network is told, as a standard deviation.
    pub noise_misjudged: f64,
    /// Lesions that are drawn into the full-dose scans; none when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lesions: Option<Lesions>,
}

/// How intervals are calibrated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Share of a subject's slices, contiguous around its middle, that a training without folds keeps for calibration.
    pub slab: f64,
    /// Folder within that of the model that holds a fold for each subject, named after who it left out. Intervals are
    /// then calibrated on each subject by the model that has never seen it.
    #[serde(default)]
    pub folds: Option<PathBuf>,
    /// Wanted share of voxels outside their interval.
    pub miss_rate: f64,
    /// Number of bins of local interval width, each with a factor of its own.
    pub width_bins: usize,
    /// Number of bands of a slice's noise, each with bins of its own.
    #[serde(default = "one")]
    pub noise_bands: usize,
    /// Smoother kernels that the calibration slices are given too, scan and reference alike, each with bands and bins of
    /// its own: the width of a Gaussian in pixels, as a standard deviation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub smoothings: Vec<f64>,
}

fn one() -> usize {
    1
}
