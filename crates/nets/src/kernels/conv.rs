//! The 3 × 3 convolution with bias, rectifier and scale as one differentiable operation.

use super::{
    direct::{Finish, Size, convolve, transposed},
    gradient::weight_gradient,
    values,
};
use candle_core::{CpuStorage, CustomOp3, Device, Layout, Result, Shape, Tensor};

/// Gives scale · f(conv(x, weight) + bias), with f the rectifier or nothing.
///
/// # Shapes
/// `x` (batch, in, height, width), `weight` (out, in, 3, 3), `bias` (out) → (batch, out, height, width).
pub(crate) fn conv3x3(x: &Tensor, weight: &Tensor, bias: &Tensor, finish: (bool, f32)) -> Result<Tensor> {
    let (relu, scale) = finish;
    if !x.device().is_cpu() {
        return by_candle(x, weight, bias, finish);
    }
    x.contiguous()?.apply_op3(weight, bias, Conv3x3(Finish { relu, scale }))
}

/// The same by candle's operations.
fn by_candle(x: &Tensor, weight: &Tensor, bias: &Tensor, (relu, scale): (bool, f32)) -> Result<Tensor> {
    let sum = x.contiguous()?.conv2d(weight, 1, 1, 1, 1)?.broadcast_add(&bias.reshape((1, (), 1, 1))?)?;
    let sum = if relu { sum.relu()? } else { sum };
    sum * f64::from(scale)
}

struct Conv3x3(Finish);

fn size_of(dims: &[usize]) -> Size {
    Size { batch: dims[0], height: dims[2], width: dims[3] }
}

impl CustomOp3 for Conv3x3 {
    fn name(&self) -> &'static str {
        "conv3x3"
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
        let (x, weight) = (values(x, x_layout)?, values(weight, weight_layout)?);
        let bias = values(bias, bias_layout)?;
        let dims = x_layout.shape().dims();
        let output = convolve(x, weight, bias, size_of(dims), self.0);
        Ok((CpuStorage::F32(output), Shape::from((dims[0], bias.len(), dims[2], dims[3]))))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        result: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let size = size_of(x.dims());
        let (outputs, inputs, _, _) = weight.dims4()?;
        let mut g = gradient.flatten_all()?.to_vec1::<f32>()?;
        if self.0.relu {
            let result = result.flatten_all()?.to_vec1::<f32>()?;
            g.iter_mut().zip(result).for_each(|(g, r)| *g = if r > 0.0 { *g * self.0.scale } else { 0.0 });
        } else {
            for g in &mut g {
                *g *= self.0.scale;
            }
        }
        let to_input = if x.track_op() {
            let turned = transposed(&weight.flatten_all()?.to_vec1::<f32>()?, outputs, inputs);
            let plain = Finish { relu: false, scale: 1.0 };
            let back = convolve(&g, &turned, &vec![0.0; inputs], size, plain);
            Some(Tensor::from_vec(back, x.shape(), &Device::Cpu)?)
        } else {
            None
        };
        let to_weight = if weight.track_op() {
            let x = x.flatten_all()?.to_vec1::<f32>()?;
            Some(Tensor::from_vec(weight_gradient(&x, &g, size, outputs), weight.shape(), &Device::Cpu)?)
        } else {
            None
        };
        let to_bias = if bias.track_op() {
            let mut sums = vec![0.0; outputs];
            let pixels = size.height * size.width;
            for (index, plane) in g.chunks_exact(pixels).enumerate() {
                sums[index % outputs] += plane.iter().sum::<f32>();
            }
            Some(Tensor::from_vec(sums, outputs, &Device::Cpu)?)
        } else {
            None
        };
        Ok((to_input, to_weight, to_bias))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Var;

    fn sum_of_squares(x: &Tensor, weight: &Tensor, bias: &Tensor, finish: (bool, f32)) -> f32 {
        let y = conv3x3(x, weight, bias, finish).unwrap();
        y.sqr().unwrap().sum_all().unwrap().to_scalar::<f32>().unwrap()
    }

    fn nudged(tensor: &Tensor, index: usize, by: f32) -> Tensor {
        let mut values = tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        values[index] += by;
        Tensor::from_vec(values, tensor.shape(), &Device::Cpu).unwrap()
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let device = Device::Cpu;
        for finish in [(false, 0.5), (true, 1.0)] {
            let x = Var::randn(0.0_f32, 1.0, (2, 5, 6, 19), &device).unwrap();
            let weight = Var::randn(0.0_f32, 0.3, (7, 5, 3, 3), &device).unwrap();
            let bias = Var::randn(0.0_f32, 0.3, 7, &device).unwrap();
            let operands = [x.as_tensor(), weight.as_tensor(), bias.as_tensor()];
            let y = conv3x3(operands[0], operands[1], operands[2], finish).unwrap();
            let gradients = y.sqr().unwrap().sum_all().unwrap().backward().unwrap();
            for (which, operand) in operands.iter().enumerate() {
                let gradient =
                    gradients.get(operand).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
                for index in (0..operand.elem_count()).step_by(operand.elem_count().div_ceil(9)) {
                    let at = |by: f32| {
                        let mut moved = operands.map(Clone::clone);
                        moved[which] = nudged(operand, index, by);
                        sum_of_squares(&moved[0], &moved[1], &moved[2], finish)
                    };
                    let numeric = (at(1e-2) - at(-1e-2)) / 2e-2;
                    let tolerance = 0.03 * numeric.abs() + 0.3;
                    assert!((gradient[index] - numeric).abs() < tolerance, "{} {numeric}", gradient[index]);
                }
            }
        }
    }

    #[test]
    fn candle_gives_the_same_and_the_same_gradients() {
        let device = Device::Cpu;
        let x = Var::randn(0.0_f32, 1.0, (2, 5, 6, 19), &device).unwrap();
        let weight = Var::randn(0.0_f32, 0.3, (7, 5, 3, 3), &device).unwrap();
        let bias = Var::randn(0.0_f32, 0.3, 7, &device).unwrap();
        let operands = [x.as_tensor(), weight.as_tensor(), bias.as_tensor()];
        for finish in [(false, 0.5), (true, 1.0)] {
            let ours = conv3x3(operands[0], operands[1], operands[2], finish).unwrap();
            let theirs = by_candle(operands[0], operands[1], operands[2], finish).unwrap();
            let gradients = [&ours, &theirs].map(|y| y.sqr().unwrap().sum_all().unwrap().backward().unwrap());
            let pairs = operands.map(|of| gradients.each_ref().map(|all| all.get(of).unwrap().clone()));
            for [a, b] in pairs.into_iter().chain([[ours, theirs]]) {
                let largest = |t: &Tensor| t.abs().unwrap().max_all().unwrap().to_scalar::<f32>().unwrap();
                let off = largest(&(&a - &b).unwrap());
                assert!(off < 1e-5 * largest(&b), "{off}");
            }
        }
    }

    #[test]
    fn frozen_weights_get_no_gradient_and_the_input_still_does() {
        let device = Device::Cpu;
        let x = Var::randn(0.0_f32, 1.0, (1, 2, 4, 4), &device).unwrap();
        let weight = Tensor::randn(0.0_f32, 1.0, (3, 2, 3, 3), &device).unwrap();
        let bias = Tensor::zeros(3, candle_core::DType::F32, &device).unwrap();
        let y = conv3x3(x.as_tensor(), &weight, &bias, (false, 1.0)).unwrap();
        let gradients = y.sum_all().unwrap().backward().unwrap();
        assert!(gradients.get(&weight).is_none() && gradients.get(&bias).is_none());
        assert!(gradients.get(x.as_tensor()).is_some());
    }
}
