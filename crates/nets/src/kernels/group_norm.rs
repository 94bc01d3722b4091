//! Group normalisation with scale and shift, and the sigmoid linear unit behind it, as one differentiable operation.
//!
//! Nothing but the input is kept for the gradient: means and deviations are found again, which costs one pass and
//! spares two copies of the activations.

use super::values;
use candle_core::{CpuStorage, CustomOp3, Device, Layout, Result, Shape, Tensor, bail};
use rayon::prelude::*;

/// Gives f(norm(x) · scale + shift), with f the sigmoid linear unit x · σ(x) or nothing.
///
/// # Shapes
/// `x` (batch, channels, …), `scale` and `shift` (channels) → the shape of `x`.
///
/// # Errors
/// When the channels are no multiple of the groups, or the shapes don't fit.
///
/// # Source
/// Wu and He 2018, "Group normalization", equation 7; Elfwing 2018, "Sigmoid-weighted linear units", equation 2.
pub(crate) fn group_norm(x: &Tensor, scale: &Tensor, shift: &Tensor, norm: GroupNorm) -> Result<Tensor> {
    x.contiguous()?.apply_op3(scale, shift, norm)
}

/// What [`group_norm`] does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct GroupNorm {
    pub(crate) groups: usize,
    /// Is added to the variance.
    pub(crate) epsilon: f64,
    /// Whether the sigmoid linear unit follows.
    pub(crate) silu: bool,
}

/// The sizes of the operands.
struct Size {
    channels: usize,
    /// Values of a channel of one image.
    plane: usize,
    /// Channels of a group.
    together: usize,
}

impl GroupNorm {
    fn size(&self, x: &[usize], scale: usize, shift: usize) -> Result<Size> {
        let &[_, channels, ..] = x else { bail!("a norm takes at least two dimensions, not {x:?}") };
        let fits = self.groups > 0 && channels.is_multiple_of(self.groups.max(1)) && channels > 0;
        if !fits || scale != channels || shift != channels {
            bail!("{} groups, {scale} scales and {shift} shifts don't fit {x:?}", self.groups)
        }
        Ok(Size { channels, plane: x[2..].iter().product(), together: channels / self.groups })
    }

    /// Gives the mean and the reciprocal deviation of a group.
    fn moments(&self, group: &[f32]) -> (f64, f64) {
        let count = group.len() as f64;
        let mean = group.iter().map(|&x| f64::from(x)).sum::<f64>() / count;
        let variance = group.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / count;
        (mean, 1.0 / (variance + self.epsilon).sqrt())
    }

    /// Gives the gradient of a group's input and (scale, shift) gradients of each of its channels.
    fn group_gradient(
        &self,
        (x, g, back): (&[f32], &[f32], &mut [f32]),
        (scale, shift): (&[f32], &[f32]),
        plane: usize,
    ) -> Vec<(f32, f32)> {
        let (mean, inverse) = self.moments(x);
        let (mut sum, mut sum_x) = (0.0, 0.0);
        let mut sums = Vec::with_capacity(scale.len());
        // First what flows into the normalised values, whose means over the group are needed for each of them.
        for (channel, back) in back.chunks_exact_mut(plane).enumerate() {
            let (x, g) = (&x[channel * plane..][..plane], &g[channel * plane..][..plane]);
            let (scale, shift) = (scale[channel], shift[channel]);
            let (mut to_scale, mut to_shift) = (0.0, 0.0);
            for ((back, x), g) in back.iter_mut().zip(x).zip(g) {
                let normal = ((f64::from(*x) - mean) * inverse) as f32;
                let g = if self.silu { g * silu_slope(normal * scale + shift) } else { *g };
                to_scale += f64::from(g * normal);
                to_shift += f64::from(g);
                *back = g * scale;
            }
            sum += to_shift * f64::from(scale);
            sum_x += to_scale * f64::from(scale);
            sums.push((to_scale as f32, to_shift as f32));
        }
        let (sum, sum_x) = (sum / x.len() as f64, sum_x / x.len() as f64);
        for (back, x) in back.iter_mut().zip(x) {
            let normal = (f64::from(*x) - mean) * inverse;
            *back = ((f64::from(*back) - sum - normal * sum_x) * inverse) as f32;
        }
        sums
    }
}

fn silu(y: f32) -> f32 {
    y / (1.0 + (-y).exp())
}

/// The derivative of [`silu`].
fn silu_slope(y: f32) -> f32 {
    let sigmoid = 1.0 / (1.0 + (-y).exp());
    sigmoid * (1.0 + y * (1.0 - sigmoid))
}

impl CustomOp3 for GroupNorm {
    fn name(&self) -> &'static str {
        "group-norm-silu"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        scale: &CpuStorage,
        scale_layout: &Layout,
        shift: &CpuStorage,
        shift_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (x, scale, shift) =
            (values(x, x_layout)?, values(scale, scale_layout)?, values(shift, shift_layout)?);
        let shape = x_layout.shape();
        let Size { plane, together, .. } = self.size(shape.dims(), scale.len(), shift.len())?;
        let mut out = vec![0.0; x.len()];
        if !x.is_empty() {
            let groups = out.par_chunks_mut(together * plane).zip(x.par_chunks(together * plane));
            groups.enumerate().for_each(|(index, (out, x))| {
                let (mean, inverse) = self.moments(x);
                let first = index % self.groups * together;
                for (channel, out) in out.chunks_exact_mut(plane).enumerate() {
                    let (scale, shift) = (scale[first + channel], shift[first + channel]);
                    for (out, x) in out.iter_mut().zip(&x[channel * plane..][..plane]) {
                        let y = ((f64::from(*x) - mean) * inverse) as f32 * scale + shift;
                        *out = if self.silu { silu(y) } else { y };
                    }
                }
            });
        }
        Ok((CpuStorage::F32(out), shape.clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        scale: &Tensor,
        shift: &Tensor,
        _: &Tensor,
        g: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let Size { channels, plane, together } =
            self.size(x.dims(), scale.elem_count(), shift.elem_count())?;
        let flat = |tensor: &Tensor| tensor.flatten_all()?.to_vec1::<f32>();
        let (values, g) = (flat(x)?, flat(g)?);
        let (scales, shifts) = (flat(scale)?, flat(shift)?);
        let mut back = vec![0.0; values.len()];
        let group = (together * plane).max(1);
        let sums: Vec<Vec<(f32, f32)>> = back
            .par_chunks_mut(group)
            .zip(values.par_chunks(group))
            .zip(g.par_chunks(group))
            .enumerate()
            .map(|(index, ((back, x), g))| {
                let first = index % self.groups * together;
                let channels = first..first + together;
                self.group_gradient((x, g, back), (&scales[channels.clone()], &shifts[channels]), plane)
            })
            .collect();
        let (mut to_scale, mut to_shift) = (vec![0.0; channels], vec![0.0; channels]);
        for (index, (scale, shift)) in sums.into_iter().flatten().enumerate() {
            to_scale[index % channels] += scale;
            to_shift[index % channels] += shift;
        }
        let tensor = |values: Vec<f32>, like: &Tensor| Tensor::from_vec(values, like.shape(), &Device::Cpu);
        Ok((Some(tensor(back, x)?), Some(tensor(to_scale, scale)?), Some(tensor(to_shift, shift)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::{agrees_with_finite_differences, numbers};
    use candle_core::Var;

    fn variable(shape: &[usize], seed: u32) -> Var {
        Var::from_vec(numbers(shape.iter().product(), seed), shape, &Device::Cpu).unwrap()
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        for (groups, silu) in [(1, true), (3, true), (6, false), (2, false)] {
            let norm = GroupNorm { groups, epsilon: 1e-6, silu };
            let scale = Var::from_tensor(&(variable(&[6], 2).as_tensor() + 1.5).unwrap()).unwrap();
            agrees_with_finite_differences(
                [&variable(&[2, 6, 3, 7], 1), &scale, &variable(&[6], 3)],
                |[x, scale, shift]| group_norm(x, scale, shift, norm),
            );
        }
    }

    #[test]
    fn a_group_has_mean_zero_and_deviation_one_and_then_its_channels_scale_and_shift() {
        let x = variable(&[1, 4, 50], 5);
        let scale = Tensor::new(&[1.0_f32, 1.0, 2.0, 2.0], &Device::Cpu).unwrap();
        let shift = Tensor::new(&[0.0_f32, 0.0, 3.0, 3.0], &Device::Cpu).unwrap();
        let norm = GroupNorm { groups: 2, epsilon: 1e-12, silu: false };
        let y =
            group_norm(&x, &scale, &shift, norm).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
        for (group, mean, deviation) in [(&y[..100], 0.0, 1.0), (&y[100..], 3.0, 2.0)] {
            let found = group.iter().sum::<f32>() / 100.0;
            let spread = (group.iter().map(|y| (y - found).powi(2)).sum::<f32>() / 100.0).sqrt();
            assert!((found - mean).abs() < 1e-4 && (spread - deviation).abs() < 1e-3, "{found} {spread}");
        }
        let with = GroupNorm { silu: true, ..norm };
        let z =
            group_norm(&x, &scale, &shift, with).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert!(y.iter().zip(z).all(|(y, z)| (z - y / (1.0 + (-y).exp())).abs() < 1e-5));
    }

    #[test]
    fn groups_that_do_not_divide_the_channels_are_refused() {
        let (x, scale) = (variable(&[1, 4, 5], 5), variable(&[4], 1));
        for groups in [0, 3, 8] {
            let norm = GroupNorm { groups, epsilon: 1e-6, silu: true };
            assert!(group_norm(&x, &scale, &scale, norm).is_err(), "{groups}");
        }
    }
}
