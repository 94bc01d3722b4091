//! Networks and schedulers with the layers, parameters and names of MONAI, so that its checkpoints run here.
//!
//! A network is built over named tensors: it trains if these are variables, and keeps no graph if they are plain. Its
//! configuration has the constructor parameters of MONAI's class under their names. A checkpoint is read from
//! safetensors, or from PyTorch's own format without executing anything of it ([`Checkpoint`]); a tensor that is
//! missing, has another shape or is left over is an error.
//!
//! # Source
//! MONAI 1.4.0 and 1.6.1, `monai/networks/{nets,blocks,schedulers}` and `monai/inferers`; where the two differ, both are there. The tests
//! compare with outputs of MONAI itself (`tests/golden/make.py`).

mod attention;
mod autoencoder;
mod checkpoint;
mod diffusion;
mod discriminator;
mod latent;
mod layers;
mod level;
mod names;
mod pickle;
mod rectified_flow;
mod scheduler;
mod source;

pub use autoencoder::{Autoencoder, AutoencoderConfig};
pub use checkpoint::Checkpoint;
pub use diffusion::{Conditions, Diffusion, DiffusionConfig};
pub use discriminator::{Activation, Discriminator, DiscriminatorConfig, DiscriminatorNorm};
pub use latent::{Given, LatentDiffusion, Sampler};
pub use level::PerLevel;
pub use rectified_flow::{RectifiedFlow, RectifiedFlowConfig, SampleMethod};
pub use scheduler::{
    Ddim, DdimConfig, Ddpm, DdpmConfig, NoiseSchedule, Prediction, Release, Schedule, Stepped, Variance,
};

use std::{io, path::PathBuf};
use thiserror::Error;

/// What can go wrong with a network of MONAI.
#[derive(Debug, Error)]
pub enum Error {
    /// A file can't be read.
    #[error("can't read {path}")]
    Access {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file isn't a safetensors file.
    #[error("the tensors can't be read")]
    Tensors(#[source] safetensors::SafeTensorError),
    /// A file isn't a PyTorch checkpoint that is read here; the text says why.
    #[error("not a PyTorch checkpoint that is read here: {0}")]
    Checkpoint(String),
    /// A tensor is made of numbers that aren't read here.
    #[error("tensor {name} has the unknown number type {found}")]
    NumberType {
        /// The tensor.
        name: String,
        /// Its number type.
        found: String,
    },
    /// The configuration can't be that of a network; the text says why.
    #[error("no such network: {0}")]
    Configuration(String),
    /// A tensor that the network has isn't there.
    #[error("tensor {0} is missing")]
    Missing(String),
    /// A tensor has another shape than that of the network.
    #[error("tensor {name} should have the shape {expected:?} and has {found:?}")]
    OtherShape {
        /// The tensor.
        name: String,
        /// Its shape in the network.
        expected: Vec<usize>,
        /// Its shape in the checkpoint.
        found: Vec<usize>,
    },
    /// Tensors are there that the network doesn't have.
    #[error("{} tensors belong to no layer, the first is {}", .0.len(), .0.first().map_or("", String::as_str))]
    Unread(Vec<String>),
    /// The input is nothing that the network takes; the text says why.
    #[error("the input is not suitable: {0}")]
    Input(String),
    /// A tensor operation failed.
    #[error("a tensor operation failed")]
    Tensor(#[from] candle_core::Error),
}

/// Results of this module.
type Result<T> = std::result::Result<T, Error>;
