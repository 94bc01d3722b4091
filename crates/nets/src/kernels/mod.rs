//! Operations with kernels of our own, since candle's convolution spends four times PyTorch's time on a CPU and its
//! nearest up-sampling loses gradients of an input that is used twice.
//!
//! All tensors are float32, (batch, channel, height, width), on the CPU.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod conv;
mod direct;
mod gradient;
mod resample;

pub(crate) use conv::conv3x3;
pub(crate) use resample::{fold2, upsample2};

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
