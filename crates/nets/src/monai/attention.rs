//! Attention of each place of an image to all others, and to a context.

use super::{
    Error, Result,
    layers::{Conv, Kernel, Linear, Norm, image, tokens},
    source::Scope,
};
use candle_core::{D, Tensor};

/// Is added to the variance of a layer norm (PyTorch's `LayerNorm`).
const LAYER_NORM_EPSILON: f64 = 1e-5;

/// How attention blocks are made, the same in a whole network.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub(super) spatial_dims: usize,
    /// Groups of the norms, and what is added to their variance.
    pub(super) norm: (usize, f64),
    /// Whether a linear layer follows the attention.
    pub(super) include_fc: bool,
    /// Whether queries, keys and values come of one layer.
    pub(super) combined: bool,
}

/// The layers that queries, keys and values come of.
#[derive(Debug, Clone)]
enum Projections {
    Separate([Linear; 3]),
    Combined(Linear),
}

/// Multi-head attention.
///
/// # Source
/// MONAI `blocks/selfattention.py` (`SABlock`) and `blocks/crossattention.py` (`CrossAttentionBlock`).
#[derive(Debug, Clone)]
struct Attention {
    projections: Projections,
    out: Option<Linear>,
    heads: usize,
}

impl Attention {
    /// Attention of tokens to each other; `biased` is of queries, keys and values.
    fn of_itself(
        scope: &Scope<'_>,
        style: Style,
        (channels, heads): (usize, usize),
        biased: bool,
    ) -> Result<Self> {
        let linear = if biased { Linear::new } else { Linear::unbiased };
        let projections = if style.combined {
            Projections::Combined(linear(&scope.at("qkv"), channels, 3 * channels)?)
        } else {
            let part = |name| linear(&scope.at(name), channels, channels);
            Projections::Separate([part("to_q")?, part("to_k")?, part("to_v")?])
        };
        let out = scope.at("out_proj");
        let out = if style.include_fc {
            Some(Linear::new(&out, channels, channels)?)
        } else {
            // MONAI 1.4 has the layer even where it isn't used.
            out.without_effect("weight", &[channels, channels])?;
            out.without_effect("bias", &[channels])?;
            None
        };
        Ok(Self { projections, out, heads })
    }

    /// Attention of tokens to a context of another width.
    fn of_context(scope: &Scope<'_>, (channels, heads): (usize, usize), context: usize) -> Result<Self> {
        let part = |name, inputs| Linear::unbiased(&scope.at(name), inputs, channels);
        let projections =
            Projections::Separate([part("to_q", channels)?, part("to_k", context)?, part("to_v", context)?]);
        let out = Some(Linear::new(&scope.at("out_proj"), channels, channels)?);
        Ok(Self { projections, out, heads })
    }

    /// (batch, tokens, channels), (batch, other tokens, width) → (batch, tokens, channels).
    fn forward(&self, x: &Tensor, context: &Tensor) -> Result<Tensor> {
        let [q, k, v] = match &self.projections {
            Projections::Separate([q, k, v]) => [q.forward(x)?, k.forward(context)?, v.forward(context)?],
            Projections::Combined(layer) => {
                let all = layer.forward(x)?;
                let width = all.dim(D::Minus1)? / 3;
                let part = |index| all.narrow(D::Minus1, index * width, width);
                [part(0)?, part(1)?, part(2)?]
            }
        };
        let (batch, places, width) = q.dims3()?;
        let by_head = |x: &Tensor| -> Result<Tensor> {
            let (batch, count, width) = x.dims3()?;
            let split = x.reshape((batch, count, self.heads, width / self.heads))?;
            Ok(split.transpose(1, 2)?.contiguous()?)
        };
        let (q, k, v) = (by_head(&q)?, by_head(&k)?, by_head(&v)?);
        let scale = ((width / self.heads) as f64).powf(-0.5);
        let share = softmax(&(q.matmul(&k.t()?.contiguous()?)? * scale)?)?;
        let mixed = share.matmul(&v)?.transpose(1, 2)?.contiguous()?.reshape((batch, places, width))?;
        match &self.out {
            Some(layer) => layer.forward(&mixed),
            None => Ok(mixed),
        }
    }
}

/// Softmax over the last dimension; candle's fused one has no gradient.
fn softmax(x: &Tensor) -> Result<Tensor> {
    let largest = x.max_keepdim(D::Minus1)?.detach();
    let shares = x.broadcast_sub(&largest)?.exp()?;
    Ok(shares.broadcast_div(&shares.sum_keepdim(D::Minus1)?)?)
}

/// A norm, attention of each place to all others, and what came in.
///
/// # Source
/// MONAI `blocks/spatialattention.py` (`SpatialAttentionBlock`).
#[derive(Debug, Clone)]
pub(super) struct SpatialAttention {
    norm: Norm,
    attention: Attention,
}

impl SpatialAttention {
    pub(super) fn new(scope: &Scope<'_>, style: Style, (channels, heads): (usize, usize)) -> Result<Self> {
        refuse_other_heads(channels, heads)?;
        Ok(Self {
            norm: Norm::new(&scope.at("norm"), channels, style.norm)?,
            attention: Attention::of_itself(&scope.at("attn"), style, (channels, heads), true)?,
        })
    }

    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let places = tokens(&self.norm.forward(x)?)?;
        let mixed = self.attention.forward(&places, &places)?;
        Ok((image(&mixed, x)? + x)?)
    }
}

pub(super) fn refuse_other_heads(channels: usize, heads: usize) -> Result<()> {
    if heads > 0 && channels.is_multiple_of(heads) {
        return Ok(());
    }
    Err(Error::Configuration(format!("{channels} channels can't be divided among {heads} heads")))
}

/// Attention to the image itself and to a context, then a gated layer for each place.
///
/// # Source
/// MONAI `nets/diffusion_model_unet.py` (`DiffusionUNetTransformerBlock`), `blocks/mlp.py` with `GEGLU`.
#[derive(Debug, Clone)]
struct Transformer {
    norms: [Norm; 3],
    to_itself: Attention,
    to_context: Attention,
    widen: Linear,
    narrow: Linear,
}

impl Transformer {
    fn new(
        scope: &Scope<'_>,
        style: Style,
        (channels, heads): (usize, usize),
        context: usize,
    ) -> Result<Self> {
        let norm = |name| Norm::new(&scope.at(name), channels, (1, LAYER_NORM_EPSILON));
        Ok(Self {
            norms: [norm("norm1")?, norm("norm2")?, norm("norm3")?],
            to_itself: Attention::of_itself(&scope.at("attn1"), style, (channels, heads), false)?,
            to_context: Attention::of_context(&scope.at("attn2"), (channels, heads), context)?,
            widen: Linear::new(&scope.at("ff.linear1"), channels, 8 * channels)?,
            narrow: Linear::new(&scope.at("ff.linear2"), 4 * channels, channels)?,
        })
    }

    fn forward(&self, x: &Tensor, context: Option<&Tensor>) -> Result<Tensor> {
        let [first, second, third] = &self.norms;
        let normal = first.of_tokens(x)?;
        let x = (self.to_itself.forward(&normal, &normal)? + x)?;
        let normal = second.of_tokens(&x)?;
        let x = (self.to_context.forward(&normal, context.unwrap_or(&normal))? + x)?;
        let wide = self.widen.forward(&third.of_tokens(&x)?)?;
        let half = wide.dim(D::Minus1)? / 2;
        let gate = wide.narrow(D::Minus1, half, half)?.contiguous()?.gelu_erf()?;
        let gated = (wide.narrow(D::Minus1, 0, half)?.contiguous()? * gate)?;
        Ok((self.narrow.forward(&gated)? + x)?)
    }
}

/// Transformer blocks over the places of an image, and what came in.
///
/// # Source
/// MONAI `nets/diffusion_model_unet.py` (`SpatialTransformer`).
#[derive(Debug, Clone)]
pub(super) struct SpatialTransformer {
    norm: Norm,
    project_in: Conv,
    blocks: Vec<Transformer>,
    project_out: Conv,
}

impl SpatialTransformer {
    pub(super) fn new(
        scope: &Scope<'_>,
        style: Style,
        (channels, heads): (usize, usize),
        (layers, context): (usize, usize),
    ) -> Result<Self> {
        refuse_other_heads(channels, heads)?;
        let conv =
            |name| Conv::new(&scope.at(name), style.spatial_dims, (channels, channels), Kernel::same(1));
        let block = |index| {
            let scope = scope.at("transformer_blocks").at(index);
            Transformer::new(&scope, style, (channels, heads), context)
        };
        Ok(Self {
            norm: Norm::new(&scope.at("norm"), channels, style.norm)?,
            project_in: conv("proj_in.conv")?,
            blocks: (0..layers).map(block).collect::<Result<_>>()?,
            project_out: conv("proj_out.conv")?,
        })
    }

    /// Without a context the places attend to themselves, as in MONAI.
    pub(super) fn forward(&self, x: &Tensor, context: Option<&Tensor>) -> Result<Tensor> {
        let mut places = tokens(&self.project_in.forward(&self.norm.forward(x)?)?)?;
        for block in &self.blocks {
            places = block.forward(&places, context)?;
        }
        Ok((self.project_out.forward(&image(&places, x)?)? + x)?)
    }
}
