//! `model.toml`: what a model is, what it was made from, what it may be used for.

use crate::{
    agreement::AgreementReference,
    calibration::IntervalFactors,
    cold::Cold,
    consistency::ConsistencyReference,
    domain::DomainReference,
    ensemble::Ensemble,
    family::{Design, Family, Parts},
    model::Error,
    predict::Anchor,
    unet::Architecture,
};
use serde::{Deserialize, Serialize};
use std::{fs, path::Path};

/// A model's description, the file `model.toml` beside its weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// Name, also that of the folder.
    pub name: String,
    /// Version of the weights and calibration together.
    pub version: String,
    /// What it does: `denoise`.
    pub task: String,
    /// DICOM modality of its input: `CT`.
    pub modality: String,
    /// Family of networks: the name of a [`Family`].
    pub family: String,
    /// Slices that its input has at least. Below it a slice stands in for its own neighbours: noise of which the network
    /// was taught that it is independent is then the same.
    pub slices_min: usize,
    /// UCUM unit of its input, output and uncertainty.
    pub unit: String,
    /// SHA-256 of `weights.safetensors`, 64 lower-case hexadecimal digits.
    pub weights_sha256: String,
    /// Number of trained values.
    pub parameters: usize,
    /// Steps that the weights were trained for.
    pub training_steps: usize,
    /// Who it was trained on.
    pub training_subjects: Vec<String>,
    /// What it is meant for.
    pub intended_use: String,
    /// What it isn't meant for, and what isn't known.
    pub limits: Vec<String>,
    /// Range of half-widths in HU that a display of the uncertainty spans.
    pub uncertainty_display: [f64; 2],
    /// Size of the network.
    pub architecture: Architecture,
    /// How the family `guided-cold-diffusion` goes from low to full dose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cold: Option<Cold>,
    /// How many regressors the family `guided-residual-ensemble` has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ensemble: Option<Ensemble>,
    /// What the image keeps of the scan's own means; nothing when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<Anchor>,
    /// Factors of the intervals.
    pub calibration: IntervalFactors,
    /// What is usual in the difference between input and image.
    pub consistency: ConsistencyReference,
    /// What is usual in the spread of the images that the model draws; nothing where it gives one image, nor in
    /// descriptions up to ct-denoise 0.6.0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<AgreementReference>,
    /// What the training data look like.
    pub domain: DomainReference,
}

/// How a model draws its result. Its intervals are calibrated for these numbers alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sampling {
    /// Steps of a way from the low dose to an image; 1 for a family that takes one.
    pub steps: usize,
    /// Images that the result is made of: an ensemble's members, the samples of a diffusion; 1 for a family that gives one.
    pub samples: usize,
}

impl Description {
    /// Reads the description in a model's folder.
    ///
    /// # Errors
    /// When it is missing or broken.
    pub fn load(folder: &Path) -> Result<Self, Error> {
        let path = folder.join("model.toml");
        let text = fs::read_to_string(&path).map_err(|source| Error::Access { path, source })?;
        toml::from_str(&text).map_err(|e| Error::Description(Box::new(e)))
    }

    /// Gives how the model draws its result.
    pub fn sampling(&self) -> Sampling {
        match (&self.cold, &self.ensemble) {
            (Some(Cold { steps, samples, .. }), _) => Sampling { steps: *steps, samples: *samples },
            (None, Some(Ensemble { members })) => Sampling { steps: 1, samples: *members },
            (None, None) => Sampling { steps: 1, samples: 1 },
        }
    }

    /// Gives the network's family and sizes.
    ///
    /// # Errors
    /// When the family isn't known, or has other parts.
    pub(crate) fn design(&self) -> Result<Design, Error> {
        let family =
            Family::of_name(&self.family).ok_or_else(|| Error::UnknownFamily(self.family.clone()))?;
        let parts = Parts { cold: self.cold.as_ref(), ensemble: self.ensemble };
        Design::new(family, &self.architecture, parts).map_err(Error::OtherFamily)
    }
}
