//! The kernels' sums with AVX2 and fused multiply-add.
#![expect(unsafe_code, reason = "vector loads and stores take raw pointers; every one is bounded by a slice")]

use super::direct::{Finish, Kernel, finish_channel};
use super::gradient::CHANNELS as GRADIENT_CHANNELS;
use std::arch::x86_64::{
    _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_set1_ps, _mm256_setzero_ps, _mm256_storeu_ps,
};
use std::mem::MaybeUninit;

/// Output channels per tile: with [`PIXELS`], sums fill twelve of sixteen registers.
const CHANNELS: usize = 6;
/// Pixels per tile: two vectors of eight.
const PIXELS: usize = 16;

pub(super) fn available() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
}

pub(super) const KERNEL: Kernel<CHANNELS, PIXELS> = Kernel { tile, finish };

fn tile(source: &[f32], strides: (usize, usize), weights: &[f32], sums: &mut [[f32; PIXELS]; CHANNELS]) {
    // SAFETY: this function is only chosen where the processor has both features.
    unsafe { tile_vector(source, strides, weights, sums) }
}

pub(super) fn gradient(
    source: &[f32],
    planes: [&[f32]; GRADIENT_CHANNELS],
    extent: (usize, usize),
    sums: &mut [[f32; 3]; GRADIENT_CHANNELS],
) {
    // SAFETY: as above.
    unsafe { gradient_vector(source, planes, extent, sums) }
}

fn finish(out: &mut [MaybeUninit<f32>], sums: &[f32; PIXELS], bias: f32, finish: Finish) {
    // SAFETY: as above.
    unsafe { finish_vector(out, sums, bias, finish) }
}

#[target_feature(enable = "avx2,fma")]
fn finish_vector(out: &mut [MaybeUninit<f32>], sums: &[f32; PIXELS], bias: f32, finish: Finish) {
    finish_channel(out, sums, bias, finish);
}

/// One bound is checked for the whole tile: checks between the loads would drive the sums out of the registers.
#[target_feature(enable = "avx2,fma")]
fn tile_vector(
    source: &[f32],
    (plane, row): (usize, usize),
    weights: &[f32],
    sums: &mut [[f32; PIXELS]; CHANNELS],
) {
    let inputs = weights.len() / (9 * CHANNELS);
    assert!(source.len() >= (inputs - 1) * plane + 2 * row + PIXELS + 2, "the tile lies within its planes");
    let mut acc = [[_mm256_setzero_ps(); 2]; CHANNELS];
    let mut weight = weights.as_ptr();
    for input in 0..inputs {
        for ky in 0..3 {
            // SAFETY: the largest offset read, of the last input, row, tap and vector, is the bound above; and
            // the weights have nine taps of six channels per input.
            unsafe {
                let mut pixels = source.as_ptr().add(input * plane + ky * row);
                for _ in 0..3 {
                    let (low, high) = (_mm256_loadu_ps(pixels), _mm256_loadu_ps(pixels.add(8)));
                    for (c, acc) in acc.iter_mut().enumerate() {
                        let weight = _mm256_set1_ps(*weight.add(c));
                        acc[0] = _mm256_fmadd_ps(weight, low, acc[0]);
                        acc[1] = _mm256_fmadd_ps(weight, high, acc[1]);
                    }
                    weight = weight.add(CHANNELS);
                    pixels = pixels.add(1);
                }
            }
        }
    }
    for (sums, acc) in sums.iter_mut().zip(acc) {
        // SAFETY: a row of sums holds two vectors.
        unsafe {
            _mm256_storeu_ps(sums.as_mut_ptr(), acc[0]);
            _mm256_storeu_ps(sums.as_mut_ptr().add(8), acc[1]);
        }
    }
}

#[target_feature(enable = "avx2,fma")]
fn gradient_vector(
    source: &[f32],
    planes: [&[f32]; GRADIENT_CHANNELS],
    (rows, row): (usize, usize),
    sums: &mut [[f32; 3]; GRADIENT_CHANNELS],
) {
    let end = (rows - 1) * row + row - 2;
    assert!(source.len() >= end + 2 && planes.iter().all(|plane| plane.len() >= end), "the band lies within");
    let mut acc = [[_mm256_setzero_ps(); 3]; GRADIENT_CHANNELS];
    for y in 0..rows {
        for x in (y * row..y * row + row - 2).step_by(8) {
            // SAFETY: a row less its two border pixels is a whole number of vectors, so that x + 8 is at most
            // `end`, the bound of the planes; the taps read two pixels further.
            unsafe {
                let pixels = source.as_ptr().add(x);
                let taps =
                    [_mm256_loadu_ps(pixels), _mm256_loadu_ps(pixels.add(1)), _mm256_loadu_ps(pixels.add(2))];
                for (acc, plane) in acc.iter_mut().zip(planes) {
                    let gradient = _mm256_loadu_ps(plane.as_ptr().add(x));
                    acc[0] = _mm256_fmadd_ps(gradient, taps[0], acc[0]);
                    acc[1] = _mm256_fmadd_ps(gradient, taps[1], acc[1]);
                    acc[2] = _mm256_fmadd_ps(gradient, taps[2], acc[2]);
                }
            }
        }
    }
    for (sums, acc) in sums.iter_mut().zip(acc) {
        for (sum, acc) in sums.iter_mut().zip(acc) {
            let mut lanes = [0.0; 8];
            // SAFETY: the array holds one vector.
            unsafe { _mm256_storeu_ps(lanes.as_mut_ptr(), acc) }
            *sum = lanes.iter().sum();
        }
    }
}
