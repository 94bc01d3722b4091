//! The variational autoencoder whose latent images a latent diffusion model works on.

use super::{
    Error, PerLevel, Result,
    attention::{SpatialAttention, Style},
    layers::{Conv, Kernel, Norm, upsample},
    level::refuse_other_levels,
    source::{self, Scope},
};
use crate::unet::Weights;
use candle_core::Tensor;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The stride-2 convolution of the encoder: one zero behind each axis.
const DOWN: Kernel = Kernel { size: 3, stride: 2, border: [0, 1] };
/// The transposed convolution of the decoder.
const DECONV: Kernel = Kernel { size: 2, stride: 2, border: [0, 0] };
/// Bounds of the logarithm of the latent variance.
const LOG_VARIANCE: [f64; 2] = [-30.0, 20.0];

/// The constructor parameters of MONAI's `AutoencoderKL`, under their names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "the parameters are MONAI's")]
pub struct AutoencoderConfig {
    /// 2 or 3.
    pub spatial_dims: usize,
    /// Channels of the image.
    #[serde(default = "one")]
    pub in_channels: usize,
    /// Channels of the decoded image.
    #[serde(default = "one")]
    pub out_channels: usize,
    /// Residual blocks of each level.
    #[serde(default = "default_blocks")]
    pub num_res_blocks: PerLevel,
    /// Channels of each level, the highest resolution first.
    #[serde(default = "default_channels")]
    pub channels: Vec<usize>,
    /// Levels with attention behind each residual block.
    #[serde(default = "default_attention")]
    pub attention_levels: Vec<bool>,
    /// Channels of the latent image.
    #[serde(default = "default_latent")]
    pub latent_channels: usize,
    /// Groups of the norms.
    #[serde(default = "default_groups")]
    pub norm_num_groups: usize,
    /// Is added to the variance in a norm.
    #[serde(default = "default_epsilon")]
    pub norm_eps: f64,
    /// Whether the lowest level of the encoder has attention between two residual blocks.
    #[serde(default = "yes")]
    pub with_encoder_nonlocal_attn: bool,
    /// The same of the decoder.
    #[serde(default = "yes")]
    pub with_decoder_nonlocal_attn: bool,
    /// Has no effect: it saves memory of PyTorch's.
    #[serde(default)]
    pub use_checkpoint: bool,
    /// Whether the decoder goes up by transposed convolutions instead of nearest neighbours and a convolution.
    #[serde(default)]
    pub use_convtranspose: bool,
    /// Whether a linear layer follows each attention.
    #[serde(default = "yes")]
    pub include_fc: bool,
    /// Whether queries, keys and values come of one linear layer.
    #[serde(default)]
    pub use_combined_linear: bool,
    /// Has no effect: the result is that without.
    #[serde(default)]
    pub use_flash_attention: bool,
}

fn one() -> usize {
    1
}

fn yes() -> bool {
    true
}

fn default_blocks() -> PerLevel {
    PerLevel::Each(vec![2; 4])
}

fn default_channels() -> Vec<usize> {
    vec![32, 64, 64, 64]
}

fn default_attention() -> Vec<bool> {
    vec![false, false, true, true]
}

fn default_latent() -> usize {
    3
}

fn default_groups() -> usize {
    32
}

fn default_epsilon() -> f64 {
    1e-6
}

impl AutoencoderConfig {
    /// Lists the shape of each tensor by name.
    ///
    /// # Errors
    /// [`Error::Configuration`] when there is no such network.
    pub fn shapes(&self) -> Result<BTreeMap<String, Vec<usize>>> {
        source::shapes(|scope| Autoencoder::over(self, scope))
    }

    fn style(&self) -> Style {
        Style {
            spatial_dims: self.spatial_dims,
            norm: (self.norm_num_groups, self.norm_eps),
            include_fc: self.include_fc,
            combined: self.use_combined_linear,
        }
    }
}

/// A residual block.
#[derive(Debug, Clone)]
struct Residual {
    norms: [Norm; 2],
    convs: [Conv; 2],
    shortcut: Option<Conv>,
}

impl Residual {
    fn new(scope: &Scope<'_>, style: Style, (inputs, outputs): (usize, usize)) -> Result<Self> {
        let norm = |name, channels| Norm::new(&scope.at(name), channels, style.norm);
        let conv = |name, inputs, size| {
            Conv::new(&scope.at(name), style.spatial_dims, (inputs, outputs), Kernel::same(size))
        };
        Ok(Self {
            norms: [norm("norm1", inputs)?, norm("norm2", outputs)?],
            convs: [conv("conv1.conv", inputs, 3)?, conv("conv2.conv", outputs, 3)?],
            shortcut: if inputs == outputs { None } else { Some(conv("nin_shortcut.conv", inputs, 1)?) },
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let h = self.convs[0].forward(&self.norms[0].silu(x)?)?;
        let h = self.convs[1].forward(&self.norms[1].silu(&h)?)?;
        Ok(match &self.shortcut {
            Some(conv) => (conv.forward(x)? + h)?,
            None => (x + h)?,
        })
    }
}

/// One entry of MONAI's list `blocks`.
#[derive(Debug, Clone)]
enum Block {
    Conv(Conv),
    Residual(Box<Residual>),
    Attention(Box<SpatialAttention>),
    Upsample(Conv),
    Norm(Norm),
}

impl Block {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::Conv(conv) => conv.forward(x),
            Self::Residual(block) => block.forward(x),
            Self::Attention(block) => block.forward(x),
            Self::Upsample(conv) => conv.forward(&upsample(x)?),
            Self::Norm(norm) => norm.forward(x),
        }
    }
}

/// The list `blocks` while it is filled: its index is part of each name.
struct Blocks<'a> {
    scope: Scope<'a>,
    style: Style,
    list: Vec<Block>,
}

impl Blocks<'_> {
    fn here(&self) -> Scope<'_> {
        self.scope.at("blocks").at(self.list.len())
    }

    fn conv(&mut self, name: &str, channels: (usize, usize), kernel: Kernel) -> Result<()> {
        let conv = Conv::new(&self.here().at(name), self.style.spatial_dims, channels, kernel)?;
        self.list.push(Block::Conv(conv));
        Ok(())
    }

    fn residual(&mut self, channels: (usize, usize)) -> Result<()> {
        let block = Residual::new(&self.here(), self.style, channels)?;
        self.list.push(Block::Residual(Box::new(block)));
        Ok(())
    }

    fn attention(&mut self, channels: usize) -> Result<()> {
        let block = SpatialAttention::new(&self.here(), self.style, (channels, 1))?;
        self.list.push(Block::Attention(Box::new(block)));
        Ok(())
    }

    fn non_local(&mut self, channels: usize) -> Result<()> {
        self.residual((channels, channels))?;
        self.attention(channels)?;
        self.residual((channels, channels))
    }

    /// The residual blocks of a level, each with attention behind it or without.
    fn level(&mut self, (inputs, outputs): (usize, usize), count: usize, attention: bool) -> Result<usize> {
        let mut channels = inputs;
        for _ in 0..count {
            self.residual((channels, outputs))?;
            channels = outputs;
            if attention {
                self.attention(channels)?;
            }
        }
        Ok(channels)
    }

    fn upsample(&mut self, channels: usize, transposed: bool) -> Result<()> {
        let (here, dims, both) = (self.here(), self.style.spatial_dims, (channels, channels));
        let block = if transposed {
            Block::Conv(Conv::transposed(&here.at("deconv"), dims, both, DECONV)?)
        } else {
            Block::Upsample(Conv::new(&here.at("postconv.conv"), dims, both, Kernel::same(3))?)
        };
        self.list.push(block);
        Ok(())
    }

    /// The last norm and convolution. No activation stands between them, in contrast to other autoencoders.
    fn end(mut self, channels: usize, outputs: usize) -> Result<Vec<Block>> {
        let norm = Norm::new(&self.here(), channels, self.style.norm)?;
        self.list.push(Block::Norm(norm));
        self.conv("conv", (channels, outputs), Kernel::same(3))?;
        Ok(self.list)
    }
}

/// The autoencoder over its weights.
///
/// # Source
/// MONAI `nets/autoencoderkl.py` (`AutoencoderKL`); Rombach 2022, "High-resolution image synthesis with latent
/// diffusion models".
#[derive(Debug, Clone)]
pub struct Autoencoder {
    encoder: Vec<Block>,
    decoder: Vec<Block>,
    mean: Conv,
    log_variance: Conv,
    back: Conv,
}

impl Autoencoder {
    /// Builds the network over `weights`: trained if these are variables, frozen if they are plain tensors.
    ///
    /// # Errors
    /// When there is no such network, or a tensor is missing, has another shape or is left over.
    pub fn new(config: &AutoencoderConfig, weights: &Weights) -> Result<Self> {
        source::build(weights, |scope| Self::over(config, scope))
    }

    fn over(config: &AutoencoderConfig, scope: &Scope<'_>) -> Result<Self> {
        let channels = &config.channels;
        refuse_other_levels(config.spatial_dims, channels, &config.attention_levels, config.norm_num_groups)?;
        let counts = config.num_res_blocks.of(channels.len(), "num_res_blocks")?;
        if counts.contains(&0) {
            return Err(Error::Configuration(format!("num_res_blocks {counts:?} has a level without any")));
        }
        let latent = |name: &str| {
            let both = (config.latent_channels, config.latent_channels);
            Conv::new(&scope.at(name).at("conv"), config.spatial_dims, both, Kernel::same(1))
        };
        Ok(Self {
            encoder: encoder(config, &counts, &scope.at("encoder"))?,
            decoder: decoder(config, &counts, &scope.at("decoder"))?,
            mean: latent("quant_conv_mu")?,
            log_variance: latent("quant_conv_log_sigma")?,
            back: latent("post_quant_conv")?,
        })
    }

    /// Gives the mean and the standard deviation of the latent image.
    ///
    /// # Shapes
    /// (batch, in, …) → twice (batch, latent, …), each axis halved once for each level but the first.
    pub fn encode(&self, x: &Tensor) -> Result<(Tensor, Tensor)> {
        let h = through(&self.encoder, x)?;
        let [least, most] = LOG_VARIANCE;
        let log_variance = self.log_variance.forward(&h)?.clamp(least, most)?;
        Ok((self.mean.forward(&h)?, (log_variance / 2.0)?.exp()?))
    }

    /// Gives the image of a latent image.
    ///
    /// # Shapes
    /// (batch, latent, …) → (batch, out, …), each axis doubled once for each level but the first.
    pub fn decode(&self, z: &Tensor) -> Result<Tensor> {
        through(&self.decoder, &self.back.forward(z)?)
    }

    /// Gives the image of the mean of an image's latent image.
    pub fn reconstruct(&self, x: &Tensor) -> Result<Tensor> {
        self.decode(&self.encode(x)?.0)
    }
}

fn through(blocks: &[Block], x: &Tensor) -> Result<Tensor> {
    blocks.iter().try_fold(x.clone(), |x, block| block.forward(&x))
}

fn encoder(config: &AutoencoderConfig, counts: &[usize], scope: &Scope<'_>) -> Result<Vec<Block>> {
    let channels = &config.channels;
    let mut blocks = Blocks { scope: scope.clone(), style: config.style(), list: Vec::new() };
    blocks.conv("conv", (config.in_channels, channels[0]), Kernel::same(3))?;
    let mut width = channels[0];
    for (level, &outputs) in channels.iter().enumerate() {
        width = blocks.level((width, outputs), counts[level], config.attention_levels[level])?;
        if level + 1 < channels.len() {
            blocks.conv("conv.conv", (width, width), DOWN)?;
        }
    }
    if config.with_encoder_nonlocal_attn {
        blocks.non_local(width)?;
    }
    blocks.end(width, config.latent_channels)
}

fn decoder(config: &AutoencoderConfig, counts: &[usize], scope: &Scope<'_>) -> Result<Vec<Block>> {
    let channels = &config.channels;
    let mut blocks = Blocks { scope: scope.clone(), style: config.style(), list: Vec::new() };
    let mut width = channels[channels.len() - 1];
    blocks.conv("conv", (config.latent_channels, width), Kernel::same(3))?;
    if config.with_decoder_nonlocal_attn {
        blocks.non_local(width)?;
    }
    for (level, &outputs) in channels.iter().enumerate().rev() {
        width = blocks.level((width, outputs), counts[level], config.attention_levels[level])?;
        if level > 0 {
            blocks.upsample(width, config.use_convtranspose)?;
        }
    }
    blocks.end(width, config.out_channels)
}
