//! Convolutions, norms and linear layers, and moving between resolutions, in two and three dimensions.

use super::{Result, source::Scope};
use crate::kernels::{GroupNorm, Window, conv_transpose3d, conv3d, conv3x3, group_norm, upsample2};
use candle_core::{D, DType, Device, Tensor};

/// The kernel of a convolution, the same along each axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kernel {
    pub(super) size: usize,
    pub(super) stride: usize,
    /// Zeros before and after each axis.
    pub(super) border: [usize; 2],
}

impl Kernel {
    /// A kernel that leaves the size as it is.
    pub(super) const fn same(size: usize) -> Self {
        Self { size, stride: 1, border: [size / 2; 2] }
    }

    fn over(self, spatial_dims: usize) -> ([usize; 3], Window) {
        let each =
            |plane: usize, value: usize| if spatial_dims == 3 { [value; 3] } else { [plane, value, value] };
        let [before, after] = self.border;
        (
            each(1, self.size),
            Window { stride: each(1, self.stride), before: each(0, before), after: each(0, after) },
        )
    }
}

/// A convolution, or the transpose of one.
#[derive(Debug, Clone)]
pub(super) struct Conv {
    weight: Tensor,
    bias: Tensor,
    kernel: Kernel,
    spatial_dims: usize,
    transposed: bool,
}

impl Conv {
    /// Takes a convolution with bias.
    pub(super) fn new(
        scope: &Scope<'_>,
        spatial_dims: usize,
        (inputs, outputs): (usize, usize),
        kernel: Kernel,
    ) -> Result<Self> {
        let bias = scope.tensor("bias", &[outputs])?;
        Self::with_bias(scope, spatial_dims, (inputs, outputs), kernel, bias)
    }

    /// Takes a convolution without bias.
    pub(super) fn unbiased(
        scope: &Scope<'_>,
        spatial_dims: usize,
        (inputs, outputs): (usize, usize),
        kernel: Kernel,
    ) -> Result<Self> {
        let bias = Tensor::zeros(outputs, DType::F32, &Device::Cpu)?;
        Self::with_bias(scope, spatial_dims, (inputs, outputs), kernel, bias)
    }

    fn with_bias(
        scope: &Scope<'_>,
        spatial_dims: usize,
        (inputs, outputs): (usize, usize),
        kernel: Kernel,
        bias: Tensor,
    ) -> Result<Self> {
        let shape = [vec![outputs, inputs], vec![kernel.size; spatial_dims]].concat();
        let weight = scope.tensor("weight", &shape)?;
        Ok(Self { weight, bias, kernel, spatial_dims, transposed: false })
    }

    /// Takes a transposed convolution with bias.
    pub(super) fn transposed(
        scope: &Scope<'_>,
        spatial_dims: usize,
        (inputs, outputs): (usize, usize),
        kernel: Kernel,
    ) -> Result<Self> {
        let shape = [vec![inputs, outputs], vec![kernel.size; spatial_dims]].concat();
        let weight = scope.tensor("weight", &shape)?;
        let bias = scope.tensor("bias", &[outputs])?;
        Ok(Self { weight, bias, kernel, spatial_dims, transposed: true })
    }

    /// (batch, in, …) → (batch, out, …).
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        if self.spatial_dims == 2 && !self.transposed && self.kernel == Kernel::same(3) && x.rank() == 4 {
            let expected = self.weight.dim(1)?;
            if x.dim(1)? == expected {
                return Ok(conv3x3(x, &self.weight, &self.bias, (false, 1.0))?);
            }
        }
        let operation = if self.transposed { conv_transpose3d } else { conv3d };
        let (_, window) = self.kernel.over(self.spatial_dims);
        if self.spatial_dims == 3 {
            return Ok(operation(x, &self.weight, &self.bias, window)?);
        }
        let flat = operation(&x.unsqueeze(2)?, &self.weight.unsqueeze(2)?, &self.bias, window)?;
        Ok(flat.squeeze(2)?)
    }
}

/// A group norm with scale and shift.
#[derive(Debug, Clone)]
pub(super) struct Norm {
    scale: Tensor,
    shift: Tensor,
    groups: usize,
    epsilon: f64,
}

impl Norm {
    pub(super) fn new(scope: &Scope<'_>, channels: usize, (groups, epsilon): (usize, f64)) -> Result<Self> {
        let (scale, shift) = (scope.tensor("weight", &[channels])?, scope.tensor("bias", &[channels])?);
        Ok(Self { scale, shift, groups, epsilon })
    }

    /// The norm alone.
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.apply(x, false)
    }

    /// The norm and the sigmoid linear unit.
    pub(super) fn silu(&self, x: &Tensor) -> Result<Tensor> {
        self.apply(x, true)
    }

    fn apply(&self, x: &Tensor, silu: bool) -> Result<Tensor> {
        let norm = GroupNorm { groups: self.groups, epsilon: self.epsilon, silu };
        Ok(group_norm(x, &self.scale, &self.shift, norm)?)
    }

    /// The norm of each vector of (batch, tokens, channels): a layer norm where there is one group.
    pub(super) fn of_tokens(&self, x: &Tensor) -> Result<Tensor> {
        let (batch, tokens, channels) = x.dims3()?;
        Ok(self.forward(&x.reshape((batch * tokens, channels))?)?.reshape((batch, tokens, channels))?)
    }
}

/// A linear layer.
#[derive(Debug, Clone)]
pub(super) struct Linear {
    weight: Tensor,
    bias: Option<Tensor>,
}

impl Linear {
    /// Takes a layer with bias.
    pub(super) fn new(scope: &Scope<'_>, inputs: usize, outputs: usize) -> Result<Self> {
        let bias = Some(scope.tensor("bias", &[outputs])?);
        Ok(Self { weight: scope.tensor("weight", &[outputs, inputs])?, bias })
    }

    /// Takes a layer without bias.
    pub(super) fn unbiased(scope: &Scope<'_>, inputs: usize, outputs: usize) -> Result<Self> {
        Ok(Self { weight: scope.tensor("weight", &[outputs, inputs])?, bias: None })
    }

    /// (…, in) → (…, out).
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let mut shape = x.dims().to_vec();
        let product = x.flatten_to(D::Minus2)?.matmul(&self.weight.t()?)?;
        let product = match &self.bias {
            Some(bias) => product.broadcast_add(bias)?,
            None => product,
        };
        if let Some(last) = shape.last_mut() {
            *last = self.weight.dim(0)?;
        }
        Ok(product.reshape(shape)?)
    }
}

/// Repeats each value two times along each axis.
pub(super) fn upsample(x: &Tensor) -> Result<Tensor> {
    if x.rank() == 4 {
        return Ok(upsample2(x)?);
    }
    let (n, c, d, h, w) = x.dims5()?;
    let planes = upsample2(&x.reshape((n * c, d, h, w))?)?.reshape((n * c * d, 1, 4 * h * w))?;
    Ok(planes.broadcast_as((n * c * d, 2, 4 * h * w))?.reshape((n, c, 2 * d, 2 * h, 2 * w))?)
}

/// Gives the mean of each two values along each axis; an odd one at the end is left out.
pub(super) fn average_pool(x: &Tensor) -> Result<Tensor> {
    if x.rank() == 4 {
        return Ok(x.avg_pool2d(2)?);
    }
    let (n, c, d, h, w) = x.dims5()?;
    let planes = x.reshape((n * c, d, h, w))?.avg_pool2d(2)?.narrow(1, 0, d / 2 * 2)?;
    let planes = planes.reshape((n * c, d / 2, 2, (h / 2) * (w / 2)))?.mean(2)?;
    Ok(planes.reshape((n, c, d / 2, h / 2, w / 2))?)
}

/// (batch, channels, …) → (batch, tokens, channels), the last axis fastest.
pub(super) fn tokens(x: &Tensor) -> Result<Tensor> {
    Ok(x.flatten_from(2)?.transpose(1, 2)?.contiguous()?)
}

/// The inverse of [`tokens`] onto the axes of `like`, whose number of channels doesn't matter.
pub(super) fn image(tokens: &Tensor, like: &Tensor) -> Result<Tensor> {
    let (batch, _, channels) = tokens.dims3()?;
    let shape = [&[batch, channels], &like.dims()[2..]].concat();
    Ok(tokens.transpose(1, 2)?.contiguous()?.reshape(shape)?)
}
