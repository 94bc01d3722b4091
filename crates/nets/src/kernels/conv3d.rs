//! Convolutions of any kernel, stride and border over three axes, and their transposes, with gradients.
//!
//! The kernel that does most of the work, 3 × 3 × 3 with a border of one, goes plane by plane ([`super::planes`]), all
//! others as products of matrices ([`super::columns`]). Two axes are three with a depth of 1. A sum is added up in the
//! same order whatever the number of threads, so that gives the same bits.

use super::{
    columns,
    planes::{Volumes, convolve_planes, input_gradient, weights_gradient},
    values,
};
use candle_core::{CpuStorage, CustomOp3, Device, Layout, Result, Shape, Tensor, bail};
use std::ops::Range;

/// How a kernel is moved over the axes (depth, height, width), and how many zeros stand before and after each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) stride: [usize; 3],
    pub(crate) before: [usize; 3],
    pub(crate) after: [usize; 3],
}

/// Gives conv(x, weight) + bias.
///
/// # Shapes
/// `x` (batch, in, depth, height, width), `weight` (out, in, kernel depth, kernel height, kernel width), `bias` (out)
/// → (batch, out, depth', height', width') with length' = (before + length + after − kernel) / stride + 1.
///
/// # Errors
/// When a shape doesn't fit, or the kernel is longer than an axis with its border.
pub(crate) fn conv3d(x: &Tensor, weight: &Tensor, bias: &Tensor, window: Window) -> Result<Tensor> {
    x.contiguous()?.apply_op3(weight, bias, Conv3d(window))
}

/// Gives the transpose of [`conv3d`] + bias, which makes the axes longer: the gradient of a convolution's input.
///
/// # Shapes
/// `x` (batch, in, depth, height, width), `weight` (in, out, kernel depth, kernel height, kernel width), `bias` (out)
/// → (batch, out, depth', height', width') with length' = (length − 1) · stride + kernel − before − after.
///
/// # Errors
/// When a shape doesn't fit.
pub(crate) fn conv_transpose3d(x: &Tensor, weight: &Tensor, bias: &Tensor, window: Window) -> Result<Tensor> {
    x.contiguous()?.apply_op3(weight, bias, ConvTranspose3d(window))
}

struct Conv3d(Window);
struct ConvTranspose3d(Window);

/// The sizes of one convolution.
#[derive(Debug, Clone, Copy)]
pub(super) struct Geometry {
    pub(super) batch: usize,
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    /// Depth, height and width of the input, of the kernel and of the output.
    long: [usize; 3],
    pub(super) kernel: [usize; 3],
    pub(super) short: [usize; 3],
    pub(super) window: Window,
}

impl Geometry {
    /// Takes the shape of the input and of the weights, (out, in, …).
    fn new(x: &[usize], weight: &[usize], window: Window) -> Result<Self> {
        let (&[batch, inputs, d, h, w], &[outputs, expected, kd, kh, kw]) = (x, weight) else {
            bail!("a convolution over three axes takes five dimensions, not {x:?} and {weight:?}")
        };
        let (long, kernel) = ([d, h, w], [kd, kh, kw]);
        let mut short = [0; 3];
        for axis in 0..3 {
            let length = window.before[axis] + long[axis] + window.after[axis];
            if inputs != expected || kernel[axis] == 0 || length < kernel[axis] {
                bail!("a convolution with weights {weight:?} doesn't fit {x:?}")
            }
            short[axis] = (length - kernel[axis]) / window.stride[axis] + 1;
        }
        Ok(Self { batch, inputs, outputs, long, kernel, short, window })
    }

    /// Takes the shape of the input of a transpose, which is the output of the convolution.
    fn transposed(x: &[usize], weight: &[usize], window: Window) -> Result<Self> {
        let (&[batch, outputs, d, h, w], &[expected, inputs, kd, kh, kw]) = (x, weight) else {
            bail!("a transposed convolution over three axes takes five dimensions, not {x:?} and {weight:?}")
        };
        let (short, kernel) = ([d, h, w], [kd, kh, kw]);
        let mut long = [0; 3];
        for axis in 0..3 {
            let length = short[axis].saturating_sub(1) * window.stride[axis] + kernel[axis];
            let border = window.before[axis] + window.after[axis];
            if outputs != expected || short[axis] == 0 || length <= border {
                bail!("a transposed convolution with weights {weight:?} doesn't fit {x:?}")
            }
            long[axis] = length - border;
        }
        Ok(Self { batch, inputs, outputs, long, kernel, short, window })
    }

    /// Gives the sizes where this is the convolution of [`super::planes`].
    fn by_planes(&self) -> Option<Volumes> {
        let ones = Window { stride: [1; 3], before: [1; 3], after: [1; 3] };
        let [depth, height, width] = self.long;
        let Self { batch, inputs, outputs, .. } = *self;
        let whole = batch * inputs * outputs * self.long_volume() > 0;
        (self.kernel == [3; 3] && self.window == ones && whole).then_some(Volumes {
            batch,
            inputs,
            outputs,
            depth,
            height,
            width,
        })
    }

    pub(super) fn taps(&self) -> usize {
        self.kernel.iter().product()
    }

    /// Outputs along an axis for which a tap of the kernel lies within the input.
    pub(super) fn inside(&self, axis: usize, tap: usize) -> Range<usize> {
        let (stride, before) = (self.window.stride[axis], self.window.before[axis]);
        let start = before.saturating_sub(tap).div_ceil(stride);
        let reach = self.long[axis] + before;
        let end = if reach > tap { (reach - tap - 1) / stride + 1 } else { 0 };
        start..end.min(self.short[axis]).max(start)
    }

    /// The input under a tap of the kernel at an output where it lies within.
    pub(super) fn under(&self, axis: usize, tap: usize, at: usize) -> usize {
        at * self.window.stride[axis] + tap - self.window.before[axis]
    }

    /// The start of a row of the long side within its channel.
    pub(super) fn long_row(&self, z: usize, y: usize) -> usize {
        (z * self.long[1] + y) * self.long[2]
    }

    pub(super) fn long_volume(&self) -> usize {
        self.long.iter().product()
    }

    pub(super) fn short_volume(&self) -> usize {
        self.short.iter().product()
    }
}

/// Gives the convolution.
fn forward(x: &[f32], weight: &[f32], bias: &[f32], geometry: &Geometry) -> Result<Vec<f32>> {
    match geometry.by_planes() {
        Some(volumes) => Ok(convolve_planes(x, weight, bias, volumes)),
        None => columns::forward(x, weight, bias, geometry),
    }
}

/// Gives the convolution's transpose: the gradient of its input for a gradient of its output.
fn backward(g: &[f32], weight: &[f32], geometry: &Geometry) -> Result<Vec<f32>> {
    match geometry.by_planes() {
        Some(volumes) => Ok(input_gradient(g, weight, volumes)),
        None => columns::backward(g, weight, geometry),
    }
}

/// Gives the gradient of the weights, (out, in, kernel…), for an input and a gradient of the output.
fn weight_gradient(x: &[f32], g: &[f32], geometry: &Geometry) -> Result<Vec<f32>> {
    match geometry.by_planes() {
        Some(volumes) => Ok(weights_gradient(x, g, volumes)),
        None => columns::weight_gradient(x, g, geometry),
    }
}

/// Gives the sum of each channel over images of `channels` planes.
fn channel_sums(g: &[f32], channels: usize, plane: usize) -> Result<Tensor> {
    let mut sums = vec![0.0; channels];
    for (index, plane) in g.chunks_exact(plane).enumerate() {
        sums[index % channels] += plane.iter().sum::<f32>();
    }
    Tensor::from_vec(sums, channels, &Device::Cpu)
}

fn flat(tensor: &Tensor) -> Result<Vec<f32>> {
    tensor.flatten_all()?.to_vec1()
}

fn shape_of(batch: usize, channels: usize, [d, h, w]: [usize; 3]) -> Shape {
    Shape::from((batch, channels, d, h, w))
}

/// The gradients of input, weights and bias, where they are asked for.
type Gradients = (Option<Tensor>, Option<Tensor>, Option<Tensor>);

impl CustomOp3 for Conv3d {
    fn name(&self) -> &'static str {
        "conv3d"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let geometry = Geometry::new(x_layout.shape().dims(), weight_layout.shape().dims(), self.0)?;
        let bias = values(bias, bias_layout)?;
        if bias.len() != geometry.outputs {
            bail!("{} biases for {} channels", bias.len(), geometry.outputs)
        }
        let out = forward(values(x, x_layout)?, values(weight, weight_layout)?, bias, &geometry)?;
        Ok((CpuStorage::F32(out), shape_of(geometry.batch, geometry.outputs, geometry.short)))
    }

    fn bwd(&self, x: &Tensor, weight: &Tensor, bias: &Tensor, _: &Tensor, g: &Tensor) -> Result<Gradients> {
        let geometry = Geometry::new(x.dims(), weight.dims(), self.0)?;
        let g = flat(g)?;
        let to_x = x.track_op().then(|| {
            let back = backward(&g, &flat(weight)?, &geometry)?;
            Tensor::from_vec(back, x.shape(), &Device::Cpu)
        });
        let to_weight = weight.track_op().then(|| {
            let back = weight_gradient(&flat(x)?, &g, &geometry)?;
            Tensor::from_vec(back, weight.shape(), &Device::Cpu)
        });
        let to_bias = bias.track_op().then(|| channel_sums(&g, geometry.outputs, geometry.short_volume()));
        Ok((to_x.transpose()?, to_weight.transpose()?, to_bias.transpose()?))
    }
}

impl CustomOp3 for ConvTranspose3d {
    fn name(&self) -> &'static str {
        "conv-transpose3d"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let geometry = Geometry::transposed(x_layout.shape().dims(), weight_layout.shape().dims(), self.0)?;
        let bias = values(bias, bias_layout)?;
        if bias.len() != geometry.inputs {
            bail!("{} biases for {} channels", bias.len(), geometry.inputs)
        }
        let mut out = backward(values(x, x_layout)?, values(weight, weight_layout)?, &geometry)?;
        for (index, plane) in out.chunks_exact_mut(geometry.long_volume()).enumerate() {
            for value in plane {
                *value += bias[index % geometry.inputs];
            }
        }
        Ok((CpuStorage::F32(out), shape_of(geometry.batch, geometry.inputs, geometry.long)))
    }

    fn bwd(&self, x: &Tensor, weight: &Tensor, bias: &Tensor, _: &Tensor, g: &Tensor) -> Result<Gradients> {
        let geometry = Geometry::transposed(x.dims(), weight.dims(), self.0)?;
        let g = flat(g)?;
        let to_x = x.track_op().then(|| {
            let none = vec![0.0; geometry.outputs];
            Tensor::from_vec(forward(&g, &flat(weight)?, &none, &geometry)?, x.shape(), &Device::Cpu)
        });
        let to_weight = weight.track_op().then(|| {
            let back = weight_gradient(&g, &flat(x)?, &geometry)?;
            Tensor::from_vec(back, weight.shape(), &Device::Cpu)
        });
        let to_bias = bias.track_op().then(|| channel_sums(&g, geometry.inputs, geometry.long_volume()));
        Ok((to_x.transpose()?, to_weight.transpose()?, to_bias.transpose()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::{agrees_with_finite_differences, numbers};
    use candle_core::Var;

    fn window(stride: [usize; 3], before: [usize; 3], after: [usize; 3]) -> Window {
        Window { stride, before, after }
    }

    fn variable(shape: &[usize], seed: u32) -> Var {
        Var::from_vec(numbers(shape.iter().product(), seed), shape, &Device::Cpu).unwrap()
    }

    /// The definition, an output at a time.
    fn by_definition(x: &Tensor, weight: &Tensor, window: Window) -> Vec<f32> {
        let geometry = Geometry::new(x.dims(), weight.dims(), window).unwrap();
        let (x, weight) = (flat(x).unwrap(), flat(weight).unwrap());
        let mut out = Vec::new();
        let Geometry { batch, inputs, outputs, long, kernel, short, .. } = geometry;
        for (n, o) in (0..batch).flat_map(|n| (0..outputs).map(move |o| (n, o))) {
            for at in 0..geometry.short_volume() {
                let at = [at / (short[1] * short[2]), at / short[2] % short[1], at % short[2]];
                let mut sum = 0.0;
                for c in 0..inputs {
                    for tap in 0..geometry.taps() {
                        let k = [tap / (kernel[1] * kernel[2]), tap / kernel[2] % kernel[1], tap % kernel[2]];
                        let place: Option<Vec<usize>> = (0..3)
                            .map(|axis| {
                                (at[axis] * window.stride[axis] + k[axis]).checked_sub(window.before[axis])
                            })
                            .collect();
                        let Some(place) = place else { continue };
                        if (0..3).all(|axis| place[axis] < long[axis]) {
                            let index = ((n * inputs + c) * long[0] + place[0]) * long[1] + place[1];
                            let weight = weight[(o * inputs + c) * geometry.taps() + tap];
                            sum += weight * x[index * long[2] + place[2]];
                        }
                    }
                }
                out.push(sum);
            }
        }
        out
    }

    #[test]
    fn a_volume_is_convolved_as_the_definition_says() {
        for (kernel, window) in [
            ([3, 3, 3], window([1; 3], [1; 3], [1; 3])),
            ([3, 3, 3], window([2; 3], [0; 3], [1; 3])),
            ([4, 4, 4], window([2; 3], [1; 3], [1; 3])),
            ([1, 3, 2], window([1, 2, 3], [0, 2, 0], [0, 1, 2])),
        ] {
            let x = variable(&[2, 3, 4, 5, 11], 1);
            let weight = variable(&[&[6, 3], kernel.as_slice()].concat(), 2);
            let none = Tensor::zeros(6, candle_core::DType::F32, &Device::Cpu).unwrap();
            let found = flat(&conv3d(&x, &weight, &none, window).unwrap()).unwrap();
            let expected = by_definition(&x, &weight, window);
            assert_eq!(found.len(), expected.len());
            assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-5), "{kernel:?} {window:?}");
        }
    }

    #[test]
    fn gradients_of_the_convolution_are_those_of_finite_differences() {
        for (kernel, window) in [
            ([3, 3, 3], window([1; 3], [1; 3], [1; 3])),
            ([3, 3, 3], window([2; 3], [0; 3], [1; 3])),
            ([1, 4, 4], window([1, 2, 2], [0, 1, 1], [0, 1, 1])),
        ] {
            let weight = variable(&[&[5, 2], kernel.as_slice()].concat(), 4);
            agrees_with_finite_differences(
                [&variable(&[2, 2, 3, 5, 12], 3), &weight, &variable(&[5], 5)],
                |[x, weight, bias]| conv3d(x, weight, bias, window),
            );
        }
    }

    #[test]
    fn gradients_of_the_transpose_are_those_of_finite_differences() {
        for (kernel, window) in
            [([2, 2, 2], window([2; 3], [0; 3], [0; 3])), ([3, 3, 3], window([1, 2, 2], [1; 3], [1, 1, 0]))]
        {
            let weight = variable(&[&[3, 4], kernel.as_slice()].concat(), 4);
            agrees_with_finite_differences(
                [&variable(&[2, 3, 3, 2, 9], 3), &weight, &variable(&[4], 5)],
                |[x, weight, bias]| conv_transpose3d(x, weight, bias, window),
            );
        }
    }

    #[test]
    fn the_transpose_is_the_adjoint_of_the_convolution() {
        let window = window([2, 1, 2], [1; 3], [1, 1, 0]);
        let (x, g) = (variable(&[2, 3, 5, 4, 6], 6), variable(&[2, 4, 3, 4, 3], 7));
        let weight = variable(&[4, 3, 3, 3, 3], 8);
        let none = |count: usize| Tensor::zeros(count, candle_core::DType::F32, &Device::Cpu).unwrap();
        let forth = conv3d(&x, &weight, &none(4), window).unwrap();
        assert_eq!(forth.dims(), g.dims());
        let back = conv_transpose3d(&g, &weight, &none(3), window).unwrap();
        assert_eq!(back.dims(), x.dims());
        let inner = |a: &Tensor, b: &Tensor| (a * b).unwrap().sum_all().unwrap().to_scalar::<f32>().unwrap();
        assert!((inner(&forth, &g) - inner(&x, &back)).abs() < 1e-3);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let one = window([1; 3], [0; 3], [0; 3]);
        let none = Tensor::zeros(2, candle_core::DType::F32, &Device::Cpu).unwrap();
        let weight = variable(&[2, 3, 3, 3, 3], 1);
        for x in [&[1, 3, 2, 5, 5][..], &[1, 2, 5, 5, 5], &[3, 5, 5, 5]] {
            assert!(conv3d(&variable(x, 2), &weight, &none, one).is_err(), "{x:?}");
        }
        let three = Tensor::zeros(3, candle_core::DType::F32, &Device::Cpu).unwrap();
        assert!(conv3d(&variable(&[1, 3, 5, 5, 5], 2), &weight, &three, one).is_err());
    }
}
