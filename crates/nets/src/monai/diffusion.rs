//! The U-Net that a diffusion model asks for its next step.

use super::{
    Error, PerLevel, Result,
    attention::{SpatialAttention, SpatialTransformer, Style},
    layers::{Conv, Kernel, Linear, Norm, average_pool, upsample},
    level::refuse_other_levels,
    source::{self, Scope},
};
use crate::unet::Weights;
use candle_core::{Device, Tensor};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The stride-2 convolution on the way down: a zero on both sides of each axis, other than in the autoencoder.
const DOWN: Kernel = Kernel { size: 3, stride: 2, border: [1, 1] };
/// The longest period of the embedding of time, in steps.
const PERIOD_MAX: f64 = 10_000.0;

/// The constructor parameters of MONAI's `DiffusionModelUNet`, under their names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "the parameters are MONAI's")]
pub struct DiffusionConfig {
    /// 2 or 3.
    pub spatial_dims: usize,
    /// Channels that go in.
    pub in_channels: usize,
    /// Channels that come out.
    pub out_channels: usize,
    /// Residual blocks of each level; one more on the way up.
    #[serde(default = "default_blocks")]
    pub num_res_blocks: PerLevel,
    /// Channels of each level, the highest resolution first.
    #[serde(default = "default_channels")]
    pub channels: Vec<usize>,
    /// Levels with attention behind each residual block. The bottom always has it.
    #[serde(default = "default_attention")]
    pub attention_levels: Vec<bool>,
    /// Groups of the norms.
    #[serde(default = "default_groups")]
    pub norm_num_groups: usize,
    /// Is added to the variance in a norm.
    #[serde(default = "default_epsilon")]
    pub norm_eps: f64,
    /// Whether residual blocks go down by averaging and up by nearest neighbours, instead of convolutions.
    #[serde(default)]
    pub resblock_updown: bool,
    /// Channels of an attention head at each level.
    #[serde(default = "default_head")]
    pub num_head_channels: PerLevel,
    /// Whether attention looks at a context too.
    #[serde(default)]
    pub with_conditioning: bool,
    /// Transformer blocks of each such attention.
    #[serde(default = "default_layers")]
    pub transformer_num_layers: usize,
    /// Width of the context.
    #[serde(default)]
    pub cross_attention_dim: Option<usize>,
    /// Number of classes that an image can be asked of.
    #[serde(default)]
    pub num_class_embeds: Option<usize>,
    /// Has no effect: all is float32.
    #[serde(default)]
    pub upcast_attention: bool,
    /// Has no effect: nothing is dropped here, in training neither.
    #[serde(default)]
    pub dropout_cattn: f64,
    /// Whether a linear layer follows each attention to the image itself.
    #[serde(default = "yes")]
    pub include_fc: bool,
    /// Whether queries, keys and values of the attention to the image itself come of one linear layer.
    #[serde(default)]
    pub use_combined_linear: bool,
    /// Has no effect: the result is that without.
    #[serde(default)]
    pub use_flash_attention: bool,
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

fn default_groups() -> usize {
    32
}

fn default_epsilon() -> f64 {
    1e-6
}

fn default_head() -> PerLevel {
    PerLevel::Same(8)
}

fn default_layers() -> usize {
    1
}

impl DiffusionConfig {
    /// Lists the shape of each tensor by name.
    ///
    /// # Errors
    /// [`Error::Configuration`] when there is no such network.
    pub fn shapes(&self) -> Result<BTreeMap<String, Vec<usize>>> {
        source::shapes(|scope| Diffusion::over(self, scope))
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

/// What a step is asked of beside the image and the time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Conditions<'a> {
    /// (batch, tokens, width), where the network has attention to a context.
    pub context: Option<&'a Tensor>,
    /// A class for each image, where the network has classes.
    pub class_labels: Option<&'a [u32]>,
}

/// What a residual block does to the resolution between its norm and its first convolution.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Move {
    Stay,
    Down,
    Up,
}

/// A residual block that knows the time.
#[derive(Debug, Clone)]
struct Residual {
    norms: [Norm; 2],
    convs: [Conv; 2],
    time: Linear,
    skip: Option<Conv>,
    resolution: Move,
}

impl Residual {
    fn new(
        scope: &Scope<'_>,
        plan: &Plan,
        (inputs, outputs): (usize, usize),
        resolution: Move,
    ) -> Result<Self> {
        let norm = |name, channels| Norm::new(&scope.at(name), channels, plan.style.norm);
        let conv = |name, inputs, size| {
            Conv::new(&scope.at(name), plan.style.spatial_dims, (inputs, outputs), Kernel::same(size))
        };
        Ok(Self {
            norms: [norm("norm1", inputs)?, norm("norm2", outputs)?],
            convs: [conv("conv1.conv", inputs, 3)?, conv("conv2.conv", outputs, 3)?],
            time: Linear::new(&scope.at("time_emb_proj"), plan.embedding, outputs)?,
            skip: if inputs == outputs { None } else { Some(conv("skip_connection.conv", inputs, 1)?) },
            resolution,
        })
    }

    /// `time` has passed the sigmoid linear unit.
    fn forward(&self, x: &Tensor, time: &Tensor) -> Result<Tensor> {
        let to_there = |x: &Tensor| match self.resolution {
            Move::Stay => Ok(x.clone()),
            Move::Down => average_pool(x),
            Move::Up => upsample(x),
        };
        let h = self.convs[0].forward(&to_there(&self.norms[0].silu(x)?)?)?;
        let mut time = self.time.forward(time)?;
        while time.rank() < h.rank() {
            time = time.unsqueeze(time.rank())?;
        }
        let h = self.convs[1].forward(&self.norms[1].silu(&h.broadcast_add(&time)?)?)?;
        let x = to_there(x)?;
        Ok(match &self.skip {
            Some(conv) => (conv.forward(&x)? + h)?,
            None => (x + h)?,
        })
    }
}

/// Attention to the image itself, or to a context too.
#[derive(Debug, Clone)]
enum Attention {
    Spatial(Box<SpatialAttention>),
    Transformer(Box<SpatialTransformer>),
}

impl Attention {
    fn new(scope: &Scope<'_>, plan: &Plan, channels: usize, head: usize) -> Result<Self> {
        let heads = channels.checked_div(head).unwrap_or(0);
        if heads == 0 || !channels.is_multiple_of(head) {
            let why = format!("{channels} channels can't be divided into heads of {head}");
            return Err(Error::Configuration(why));
        }
        Ok(match plan.context {
            Some(context) => Self::Transformer(Box::new(SpatialTransformer::new(
                scope,
                plan.style,
                (channels, heads),
                (plan.layers, context),
            )?)),
            None => Self::Spatial(Box::new(SpatialAttention::new(scope, plan.style, (channels, heads))?)),
        })
    }

    fn forward(&self, x: &Tensor, context: Option<&Tensor>) -> Result<Tensor> {
        match self {
            Self::Spatial(block) => block.forward(x),
            Self::Transformer(block) => block.forward(x, context),
        }
    }
}

/// What leads from one level to the next.
#[derive(Debug, Clone)]
enum Sampler {
    None,
    Conv(Conv),
    Upsample(Conv),
    Residual(Box<Residual>),
}

impl Sampler {
    fn down(scope: &Scope<'_>, plan: &Plan, channels: usize) -> Result<Self> {
        let (scope, both) = (scope.at("downsampler"), (channels, channels));
        if plan.residual_moves {
            return Ok(Self::Residual(Box::new(Residual::new(&scope, plan, both, Move::Down)?)));
        }
        Ok(Self::Conv(Conv::new(&scope.at("op.conv"), plan.style.spatial_dims, both, DOWN)?))
    }

    fn up(scope: &Scope<'_>, plan: &Plan, channels: usize) -> Result<Self> {
        let (scope, both) = (scope.at("upsampler"), (channels, channels));
        if plan.residual_moves {
            return Ok(Self::Residual(Box::new(Residual::new(&scope, plan, both, Move::Up)?)));
        }
        let conv = Conv::new(&scope.at("postconv.conv"), plan.style.spatial_dims, both, Kernel::same(3))?;
        Ok(Self::Upsample(conv))
    }

    /// None where the level is the last.
    fn forward(&self, x: &Tensor, time: &Tensor) -> Result<Option<Tensor>> {
        Ok(match self {
            Self::None => None,
            Self::Conv(conv) => Some(conv.forward(x)?),
            Self::Upsample(conv) => Some(conv.forward(&upsample(x)?)?),
            Self::Residual(block) => Some(block.forward(x, time)?),
        })
    }
}

/// Residual blocks of a level, their attention if there is any, and the way to the next level.
#[derive(Debug, Clone)]
struct Level {
    residuals: Vec<Residual>,
    attentions: Vec<Attention>,
    sampler: Sampler,
}

/// What all blocks are made by.
struct Plan {
    style: Style,
    /// Width of the embedding of time.
    embedding: usize,
    residual_moves: bool,
    /// Width of the context, where there is one.
    context: Option<usize>,
    /// Transformer blocks of each attention.
    layers: usize,
}

impl Plan {
    /// The blocks of a level, of which `widths` are the (in, out) channels.
    fn level(&self, scope: &Scope<'_>, widths: &[(usize, usize)], head: Option<usize>) -> Result<Level> {
        let residual = |(index, both): (usize, &(usize, usize))| {
            Residual::new(&scope.at("resnets").at(index), self, *both, Move::Stay)
        };
        let attention = |(index, &(_, channels)): (usize, &(usize, usize))| {
            let head = head?;
            Some(Attention::new(&scope.at("attentions").at(index), self, channels, head))
        };
        Ok(Level {
            residuals: widths.iter().enumerate().map(residual).collect::<Result<_>>()?,
            attentions: widths.iter().enumerate().filter_map(attention).collect::<Result<_>>()?,
            sampler: Sampler::None,
        })
    }
}

/// The network over its weights.
///
/// # Source
/// MONAI `nets/diffusion_model_unet.py` (`DiffusionModelUNet`); Rombach 2022, "High-resolution image synthesis with
/// latent diffusion models".
#[derive(Debug, Clone)]
pub struct Diffusion {
    conv_in: Conv,
    time: [Linear; 2],
    classes: Option<Tensor>,
    down: Vec<Level>,
    bottom: [Residual; 2],
    bottom_attention: Attention,
    up: Vec<Level>,
    out: (Norm, Conv),
    frequencies: usize,
    conditioned: bool,
}

impl Diffusion {
    /// Builds the network over `weights`: trained if these are variables, frozen if they are plain tensors.
    ///
    /// # Errors
    /// When there is no such network, or a tensor is missing, has another shape or is left over.
    pub fn new(config: &DiffusionConfig, weights: &Weights) -> Result<Self> {
        source::build(weights, |scope| Self::over(config, scope))
    }

    fn over(config: &DiffusionConfig, scope: &Scope<'_>) -> Result<Self> {
        let channels = &config.channels;
        refuse_other_levels(config.spatial_dims, channels, &config.attention_levels, config.norm_num_groups)?;
        if config.with_conditioning != config.cross_attention_dim.is_some() {
            let why = "with_conditioning and cross_attention_dim go together";
            return Err(Error::Configuration(why.into()));
        }
        let (first, last) = (channels[0], channels[channels.len() - 1]);
        let heads = config.num_head_channels.of(channels.len(), "num_head_channels")?;
        let plan = Plan {
            style: config.style(),
            embedding: 4 * first,
            residual_moves: config.resblock_updown,
            context: config.cross_attention_dim,
            layers: config.transformer_num_layers,
        };
        let conv = |name: &str, both| {
            Conv::new(&scope.at(name).at("conv"), config.spatial_dims, both, Kernel::same(3))
        };
        let middle = scope.at("middle_block");
        let bottom = |name| Residual::new(&middle.at(name), &plan, (last, last), Move::Stay);
        let classes = config
            .num_class_embeds
            .map(|count| scope.at("class_embedding").tensor("weight", &[count, plan.embedding]));
        Ok(Self {
            conv_in: conv("conv_in", (config.in_channels, first))?,
            time: [
                Linear::new(&scope.at("time_embed.0"), first, plan.embedding)?,
                Linear::new(&scope.at("time_embed.2"), plan.embedding, plan.embedding)?,
            ],
            classes: classes.transpose()?,
            down: way_down(config, &plan, &heads, scope)?,
            bottom: [bottom("resnet_1")?, bottom("resnet_2")?],
            bottom_attention: Attention::new(&middle.at("attention"), &plan, last, heads[heads.len() - 1])?,
            up: way_up(config, &plan, &heads, scope)?,
            out: (
                Norm::new(&scope.at("out.0"), first, plan.style.norm)?,
                conv("out.2", (first, config.out_channels))?,
            ),
            frequencies: first,
            conditioned: config.with_conditioning,
        })
    }

    /// Gives what the network makes of images at a time each, in steps.
    ///
    /// # Shapes
    /// `x` (batch, in, …), `times` one for each image → (batch, out, …); each axis a multiple of 2 for each level but
    /// the first.
    ///
    /// # Errors
    /// [`Error::Input`] when the conditions aren't those that the network has.
    pub fn forward(&self, x: &Tensor, times: &[f32], conditions: &Conditions<'_>) -> Result<Tensor> {
        if conditions.context.is_some() && !self.conditioned {
            return Err(Error::Input("this network has no attention to a context".into()));
        }
        let context = conditions.context;
        let time = self.embedding(x.dim(0)?, times, conditions.class_labels)?.silu()?;
        let mut h = self.conv_in.forward(x)?;
        let mut skips = vec![h.clone()];
        for level in &self.down {
            for (index, residual) in level.residuals.iter().enumerate() {
                h = residual.forward(&h, &time)?;
                if let Some(attention) = level.attentions.get(index) {
                    h = attention.forward(&h, context)?;
                }
                skips.push(h.clone());
            }
            if let Some(next) = level.sampler.forward(&h, &time)? {
                h = next;
                skips.push(h.clone());
            }
        }
        h = self.bottom[0].forward(&h, &time)?;
        h = self.bottom_attention.forward(&h, context)?;
        h = self.bottom[1].forward(&h, &time)?;
        for level in &self.up {
            for (index, residual) in level.residuals.iter().enumerate() {
                let skip = skips.pop().ok_or_else(|| Error::Input("no skip is left".into()))?;
                h = residual.forward(&Tensor::cat(&[&h, &skip], 1)?, &time)?;
                if let Some(attention) = level.attentions.get(index) {
                    h = attention.forward(&h, context)?;
                }
            }
            if let Some(next) = level.sampler.forward(&h, &time)? {
                h = next;
            }
        }
        self.out.1.forward(&self.out.0.silu(&h)?)
    }

    /// Gives the embedding of times and classes, (batch, width).
    fn embedding(&self, batch: usize, times: &[f32], labels: Option<&[u32]>) -> Result<Tensor> {
        if times.len() != batch || labels.is_some_and(|labels| labels.len() != batch) {
            return Err(Error::Input(format!("{batch} images want as many times and classes")));
        }
        let [first, second] = &self.time;
        let time = second.forward(&first.forward(&waves(times, self.frequencies)?)?.silu()?)?;
        match (&self.classes, labels) {
            (None, None) => Ok(time),
            (Some(classes), Some(labels)) => {
                let count = classes.dim(0)?;
                if let Some(other) = labels.iter().find(|label| **label as usize >= count) {
                    return Err(Error::Input(format!("there is no class {other} of {count}")));
                }
                let rows = Tensor::from_slice(labels, batch, &Device::Cpu)?;
                Ok((time + classes.index_select(&rows, 0)?)?)
            }
            (Some(_), None) => Err(Error::Input("this network wants a class for each image".into())),
            (None, Some(_)) => Err(Error::Input("this network has no classes".into())),
        }
    }
}

/// Gives cosines, then sines, of each time at falling frequencies; a zero where the width is odd.
///
/// # Source
/// Ho 2020, "Denoising diffusion probabilistic models"; MONAI `get_timestep_embedding`.
fn waves(times: &[f32], width: usize) -> Result<Tensor> {
    let half = width / 2;
    let angle = |time: f32, index: usize| {
        let exponent = -(PERIOD_MAX.ln() as f32) * index as f32;
        time * (exponent / half as f32).exp()
    };
    let mut values = Vec::with_capacity(times.len() * width);
    for &time in times {
        values.extend((0..half).map(|index| angle(time, index).cos()));
        values.extend((0..half).map(|index| angle(time, index).sin()));
        values.extend((2 * half..width).map(|_| 0.0));
    }
    Ok(Tensor::from_vec(values, (times.len(), width), &Device::Cpu)?)
}

fn way_down(config: &DiffusionConfig, plan: &Plan, heads: &[usize], scope: &Scope<'_>) -> Result<Vec<Level>> {
    let channels = &config.channels;
    let counts = config.num_res_blocks.of(channels.len(), "num_res_blocks")?;
    let mut inputs = channels[0];
    let mut levels = Vec::new();
    for (index, &outputs) in channels.iter().enumerate() {
        let scope = scope.at("down_blocks").at(index);
        let widths: Vec<_> =
            (0..counts[index]).map(|block| (if block == 0 { inputs } else { outputs }, outputs)).collect();
        let head = config.attention_levels[index].then_some(heads[index]);
        let mut level = plan.level(&scope, &widths, head)?;
        if index + 1 < channels.len() {
            level.sampler = Sampler::down(&scope, plan, outputs)?;
        }
        levels.push(level);
        inputs = outputs;
    }
    Ok(levels)
}

fn way_up(config: &DiffusionConfig, plan: &Plan, heads: &[usize], scope: &Scope<'_>) -> Result<Vec<Level>> {
    let channels = &config.channels;
    let counts = config.num_res_blocks.of(channels.len(), "num_res_blocks")?;
    let mut previous = channels[channels.len() - 1];
    let mut levels = Vec::new();
    for (index, level) in (0..channels.len()).rev().enumerate() {
        let scope = scope.at("up_blocks").at(index);
        let (outputs, below) = (channels[level], channels[level.saturating_sub(1)]);
        let count = counts[level] + 1;
        let width = |block: usize| {
            let skip = if block + 1 == count { below } else { outputs };
            (if block == 0 { previous } else { outputs } + skip, outputs)
        };
        let widths: Vec<_> = (0..count).map(width).collect();
        let head = config.attention_levels[level].then_some(heads[level]);
        let mut blocks = plan.level(&scope, &widths, head)?;
        if level > 0 {
            blocks.sampler = Sampler::up(&scope, plan, outputs)?;
        }
        levels.push(blocks);
        previous = outputs;
    }
    Ok(levels)
}
