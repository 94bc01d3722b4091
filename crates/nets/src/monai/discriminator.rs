//! The network that tells patches of real images from made ones.

use super::{
    Error, Result,
    layers::{Conv, Kernel},
    source::{self, Scope},
};
use crate::{
    kernels::{GroupNorm, group_norm},
    unet::Weights,
};
use candle_core::{DType, Device, Tensor};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Is added to the variance (PyTorch's batch and instance norms).
const EPSILON: f64 = 1e-5;
/// Layers at most: the channels double with each.
const LAYERS_MAX: usize = 16;

/// The norm between the layers, as MONAI calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum DiscriminatorNorm {
    /// Of each channel over the batch, with scale, shift and running statistics.
    Batch,
    /// Of each channel of each image, without scale and shift.
    Instance,
}

/// The activation between the layers, as MONAI writes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Activation {
    /// `"LEAKYRELU"`, with PyTorch's slope 0.01.
    Named(String),
    /// `["LEAKYRELU", {"negative_slope": 0.2}]`.
    With(String, BTreeMap<String, f64>),
}

impl Activation {
    /// Gives the slope below zero.
    fn slope(&self) -> Result<f64> {
        let (name, slope) = match self {
            Self::Named(name) => (name, Some(0.01)),
            Self::With(name, values) if values.len() == 1 => (name, values.get("negative_slope").copied()),
            Self::With(name, _) => (name, None),
        };
        let refused = || Error::Configuration(format!("activation {self:?} isn't a leaky rectifier"));
        slope.filter(|_| name.eq_ignore_ascii_case("leakyrelu")).ok_or_else(refused)
    }
}

/// The constructor parameters of MONAI's `PatchDiscriminator`, under their names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiscriminatorConfig {
    /// 2 or 3.
    pub spatial_dims: usize,
    /// Channels of the first layer; each further one has twice as many.
    pub channels: usize,
    /// Channels of the image.
    pub in_channels: usize,
    /// Channels of the verdict.
    #[serde(default = "one")]
    pub out_channels: usize,
    /// Layers between the first and the last.
    #[serde(default = "default_layers")]
    pub num_layers_d: usize,
    /// Side of the kernels.
    #[serde(default = "default_kernel")]
    pub kernel_size: usize,
    /// Activation behind all layers but the last.
    #[serde(default = "default_activation")]
    pub activation: Activation,
    /// Norm between layer and activation, behind all but the first and the last.
    #[serde(default = "default_norm")]
    pub norm: Option<DiscriminatorNorm>,
    /// Whether the layers between the first and the last have a bias.
    #[serde(default)]
    pub bias: bool,
    /// Zeros around the image, but for the last layer.
    #[serde(default = "one")]
    pub padding: usize,
    /// Has no effect: nothing is dropped here, in training neither.
    #[serde(default)]
    pub dropout: f64,
    /// Side of the last kernel, where it isn't that of the others.
    #[serde(default)]
    pub last_conv_kernel_size: Option<usize>,
}

fn one() -> usize {
    1
}

fn default_layers() -> usize {
    3
}

fn default_kernel() -> usize {
    4
}

fn default_activation() -> Activation {
    Activation::With("LEAKYRELU".into(), BTreeMap::from([("negative_slope".into(), 0.2)]))
}

#[expect(clippy::unnecessary_wraps, reason = "the default of a field that may be none")]
fn default_norm() -> Option<DiscriminatorNorm> {
    Some(DiscriminatorNorm::Batch)
}

impl DiscriminatorConfig {
    /// Lists the shape of each tensor by name.
    ///
    /// # Errors
    /// [`Error::Configuration`] when there is no such network.
    pub fn shapes(&self) -> Result<BTreeMap<String, Vec<usize>>> {
        source::shapes(|scope| Discriminator::over(self, scope))
    }
}

/// A norm of channels over the batch.
#[derive(Debug, Clone)]
struct BatchNorm {
    scale: Tensor,
    shift: Tensor,
    mean: Tensor,
    variance: Tensor,
}

impl BatchNorm {
    fn new(scope: &Scope<'_>, channels: usize) -> Result<Self> {
        let take = |name| scope.tensor(name, &[channels]);
        scope.tensor("num_batches_tracked", &[])?;
        Ok(Self {
            scale: take("weight")?,
            shift: take("bias")?,
            mean: take("running_mean")?,
            variance: take("running_var")?,
        })
    }

    /// By the running statistics.
    fn settled(&self, x: &Tensor) -> Result<Tensor> {
        let mut shape = vec![1; x.rank()];
        shape[1] = self.scale.elem_count();
        let scale = (&self.scale / (&self.variance + EPSILON)?.sqrt()?)?;
        let shift = (&self.shift - (&self.mean * &scale)?)?;
        Ok(x.broadcast_mul(&scale.reshape(shape.as_slice())?)?.broadcast_add(&shift.reshape(shape)?)?)
    }

    /// By the statistics of the batch, as in training.
    fn of_batch(&self, x: &Tensor) -> Result<Tensor> {
        let by_channel = x.transpose(0, 1)?.contiguous()?;
        let channels = by_channel.dim(0)?;
        let norm = GroupNorm { groups: channels, epsilon: EPSILON, silu: false };
        let normal = group_norm(&by_channel.reshape((1, channels, ()))?, &self.scale, &self.shift, norm)?;
        Ok(normal.reshape(by_channel.shape())?.transpose(0, 1)?.contiguous()?)
    }
}

/// What follows a convolution.
#[derive(Debug, Clone)]
enum Norm {
    None,
    Batch(BatchNorm),
    Instance,
}

/// Whose statistics a batch norm goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Statistics {
    Running,
    Batch,
}

/// A convolution with its norm and activation; the last layer has neither.
#[derive(Debug, Clone)]
struct Layer {
    conv: Conv,
    norm: Norm,
    slope: Option<f64>,
}

impl Layer {
    fn forward(&self, x: &Tensor, statistics: Statistics) -> Result<Tensor> {
        let y = self.conv.forward(x)?;
        let y = match (&self.norm, statistics) {
            (Norm::None, _) => y,
            (Norm::Batch(norm), Statistics::Running) => norm.settled(&y)?,
            (Norm::Batch(norm), Statistics::Batch) => norm.of_batch(&y)?,
            (Norm::Instance, _) => {
                let channels = y.dim(1)?;
                let norm = GroupNorm { groups: channels, epsilon: EPSILON, silu: false };
                let scale = Tensor::ones(channels, DType::F32, &Device::Cpu)?;
                group_norm(&y, &scale, &scale.zeros_like()?, norm)?
            }
        };
        match self.slope {
            Some(slope) => Ok((y.relu()? - (y.neg()?.relu()? * slope)?)?),
            None => Ok(y),
        }
    }
}

/// The network over its weights.
///
/// # Source
/// MONAI `nets/patchgan_discriminator.py` (`PatchDiscriminator`); Isola 2017, "Image-to-image translation with
/// conditional adversarial networks"; Wang 2018, "High-resolution image synthesis … with conditional GANs".
#[derive(Debug, Clone)]
pub struct Discriminator {
    layers: Vec<Layer>,
}

impl Discriminator {
    /// Builds the network over `weights`: trained if these are variables, frozen if they are plain tensors.
    ///
    /// # Errors
    /// When there is no such network, or a tensor is missing, has another shape or is left over.
    pub fn new(config: &DiscriminatorConfig, weights: &Weights) -> Result<Self> {
        source::build(weights, |scope| Self::over(config, scope))
    }

    fn over(config: &DiscriminatorConfig, scope: &Scope<'_>) -> Result<Self> {
        let &DiscriminatorConfig { spatial_dims, channels, num_layers_d, kernel_size, padding, .. } = config;
        let last_size = config.last_conv_kernel_size.unwrap_or(kernel_size);
        if ![2, 3].contains(&spatial_dims) || num_layers_d > LAYERS_MAX || kernel_size.min(last_size) == 0 {
            return Err(Error::Configuration(format!(
                "a discriminator with spatial_dims {spatial_dims}, num_layers_d {num_layers_d}, kernels of \
                 {kernel_size} and {last_size}"
            )));
        }
        let slope = Some(config.activation.slope()?);
        let kernel = |stride| Kernel { size: kernel_size, stride, border: [padding; 2] };
        let first = scope.at("initial_conv.conv");
        let conv = Conv::new(&first, spatial_dims, (config.in_channels, channels), kernel(2))?;
        let mut layers = vec![Layer { conv, norm: Norm::None, slope }];
        let mut width = channels;
        for index in 0..num_layers_d {
            let scope = scope.at(index);
            let stride = if index + 1 == num_layers_d { 1 } else { 2 };
            let make = if config.bias { Conv::new } else { Conv::unbiased };
            let conv = make(&scope.at("conv"), spatial_dims, (width, 2 * width), kernel(stride))?;
            width *= 2;
            let norm = match config.norm {
                None => Norm::None,
                Some(DiscriminatorNorm::Instance) => Norm::Instance,
                Some(DiscriminatorNorm::Batch) => Norm::Batch(BatchNorm::new(&scope.at("adn.N"), width)?),
            };
            layers.push(Layer { conv, norm, slope });
        }
        let last = Kernel { size: last_size, stride: 1, border: [(last_size - 1) / 2; 2] };
        let both = (width, config.out_channels);
        let conv = Conv::new(&scope.at("final_conv.conv"), spatial_dims, both, last)?;
        layers.push(Layer { conv, norm: Norm::None, slope: None });
        Ok(Self { layers })
    }

    /// Gives what each layer makes of images, the verdict last; batch norms go by their running statistics.
    ///
    /// # Shapes
    /// (batch, in, …) → of each layer (batch, channels, …).
    pub fn forward(&self, x: &Tensor) -> Result<Vec<Tensor>> {
        self.through(x, Statistics::Running)
    }

    /// The same with batch norms by the statistics of this batch. The running ones stay as they are.
    pub fn forward_in_training(&self, x: &Tensor) -> Result<Vec<Tensor>> {
        self.through(x, Statistics::Batch)
    }

    fn through(&self, x: &Tensor, statistics: Statistics) -> Result<Vec<Tensor>> {
        let mut outputs: Vec<Tensor> = Vec::with_capacity(self.layers.len());
        for layer in &self.layers {
            outputs.push(layer.forward(outputs.last().unwrap_or(x), statistics)?);
        }
        Ok(outputs)
    }
}
