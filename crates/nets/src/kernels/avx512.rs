//! The convolution's sums with AVX-512.
#![expect(unsafe_code, reason = "vector loads and stores take raw pointers; every one is bounded by a slice")]

use super::direct::{Finish, Kernel, finish_channel};
use std::arch::x86_64::{
    _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_set1_ps, _mm512_setzero_ps, _mm512_storeu_ps,
};
use std::mem::MaybeUninit;

/// Output channels per tile: with [`PIXELS`], sums fill 24 of 32 registers.
const CHANNELS: usize = 12;
/// Pixels per tile: two vectors of sixteen.
const PIXELS: usize = 32;

pub(super) fn available() -> bool {
    is_x86_feature_detected!("avx512f")
}

pub(super) const KERNEL: Kernel<CHANNELS, PIXELS> = Kernel { tile, finish };

fn tile(source: &[f32], strides: (usize, usize), weights: &[f32], sums: &mut [[f32; PIXELS]; CHANNELS]) {
    // SAFETY: this function is only chosen where the processor has the feature.
    unsafe { tile_vector(source, strides, weights, sums) }
}

fn finish(out: &mut [MaybeUninit<f32>], sums: &[f32; PIXELS], bias: f32, finish: Finish) {
    // SAFETY: as above.
    unsafe { finish_vector(out, sums, bias, finish) }
}

#[target_feature(enable = "avx512f")]
fn finish_vector(out: &mut [MaybeUninit<f32>], sums: &[f32; PIXELS], bias: f32, finish: Finish) {
    finish_channel(out, sums, bias, finish);
}

/// One bound is checked for the whole tile: checks between the loads would drive the sums out of the registers.
#[target_feature(enable = "avx512f")]
fn tile_vector(
    source: &[f32],
    (plane, row): (usize, usize),
    weights: &[f32],
    sums: &mut [[f32; PIXELS]; CHANNELS],
) {
    let inputs = weights.len() / (9 * CHANNELS);
    assert!(source.len() >= (inputs - 1) * plane + 2 * row + PIXELS + 2, "the tile lies within its planes");
    let mut acc = [[_mm512_setzero_ps(); 2]; CHANNELS];
    let mut weight = weights.as_ptr();
    for input in 0..inputs {
        for ky in 0..3 {
            // SAFETY: the largest offset read, of the last input, row, tap and vector, is the bound above; and
            // the weights have nine taps of twelve channels per input.
            unsafe {
                let mut pixels = source.as_ptr().add(input * plane + ky * row);
                for _ in 0..3 {
                    let (low, high) = (_mm512_loadu_ps(pixels), _mm512_loadu_ps(pixels.add(16)));
                    for (c, acc) in acc.iter_mut().enumerate() {
                        let weight = _mm512_set1_ps(*weight.add(c));
                        acc[0] = _mm512_fmadd_ps(weight, low, acc[0]);
                        acc[1] = _mm512_fmadd_ps(weight, high, acc[1]);
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
            _mm512_storeu_ps(sums.as_mut_ptr(), acc[0]);
            _mm512_storeu_ps(sums.as_mut_ptr().add(16), acc[1]);
        }
    }
}
