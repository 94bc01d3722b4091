//! Operations with kernels of our own, since candle's convolution spends four times PyTorch's time on a CPU and its
//! nearest up-sampling loses gradients of an input that is used twice.
//!
//! All tensors are float32; (batch, channel, height, width) where a kernel doesn't say otherwise. On another processor than the CPU the
//! operations of the denoisers' trunk are candle's own, and the others fail.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod columns;
mod conv;
mod conv3d;
mod direct;
mod gradient;
mod group_norm;
mod planes;
mod resample;
mod warp;

pub(crate) use conv::conv3x3;
pub(crate) use conv3d::{Window, conv_transpose3d, conv3d};
pub(crate) use group_norm::{GroupNorm, group_norm};
pub(crate) use resample::{fold2, upsample2};
pub use warp::warp_bilinear;

use candle_core::{CpuStorage, Layout, Result, bail};

/// Gives a contiguous float32 operand's values.
fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match (storage, layout.contiguous_offsets()) {
        (CpuStorage::F32(data), Some((start, end))) => Ok(&data[start..end]),
        _ => bail!("the kernels take contiguous float32 tensors only"),
    }
}

/// Numbers between −1 and 1 for tests.
#[cfg(test)]
fn numbers(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        })
        .collect()
}

/// Checks the gradients of an operation on three operands, through a weighted sum of its squares, against differences.
#[cfg(test)]
fn agrees_with_finite_differences(
    operands: [&candle_core::Var; 3],
    operation: impl Fn([&candle_core::Tensor; 3]) -> Result<candle_core::Tensor>,
) {
    use candle_core::{Device, Tensor};
    const STEP: f32 = 1e-2;
    // Weights that differ: the plain sum of a norm's squares hardly depends on its input.
    let cost = |operands: [&Tensor; 3]| {
        let squares = operation(operands).unwrap().sqr().unwrap().flatten_all().unwrap();
        let weights: Vec<f32> = (0..squares.elem_count()).map(|index| (index % 5) as f32 + 0.5).collect();
        (squares * Tensor::new(weights, &Device::Cpu).unwrap()).unwrap().sum_all().unwrap()
    };
    let tensors = operands.map(candle_core::Var::as_tensor);
    let gradients = cost(tensors).backward().unwrap();
    for (which, operand) in tensors.iter().enumerate() {
        let values = operand.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let gradient = gradients.get(operand).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let largest = gradient.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        for index in (0..values.len()).step_by(values.len().div_ceil(23)) {
            let at = |by: f32| {
                let mut moved = values.clone();
                moved[index] += by;
                let moved = Tensor::from_vec(moved, operand.shape(), &Device::Cpu).unwrap();
                let mut operands = tensors;
                operands[which] = &moved;
                cost(operands).to_scalar::<f32>().unwrap()
            };
            let numeric = (at(STEP) - at(-STEP)) / (2.0 * STEP);
            let off = (gradient[index] - numeric).abs();
            assert!(off < 0.01 * largest, "operand {which}, {index}: {} for {numeric}", gradient[index]);
        }
    }
}
