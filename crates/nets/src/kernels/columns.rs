//! Convolutions as products of matrices, for kernels that have no routine of their own.
//!
//! What lies under each tap of the kernel becomes a row of a matrix, a strip of the output at a time, so that a strip's
//! matrix stays in the cache and no volume is unfolded as a whole. The product is candle's.
//!
//! # Source
//! Chellapilla 2006, "High performance convolutional neural networks for document processing", section 3.

use super::conv3d::Geometry;
use candle_core::{Device, Result, Tensor};
use rayon::prelude::*;
use std::ops::Range;

/// Values of a strip's matrix: 1 MiB.
const STRIP_VALUES: usize = 1 << 18;

/// Gives the convolution.
pub(super) fn forward(x: &[f32], weight: &[f32], bias: &[f32], geometry: &Geometry) -> Result<Vec<f32>> {
    let (volume, image) = (geometry.short_volume(), geometry.inputs * geometry.long_volume());
    let mut out = vec![0.0; geometry.batch * geometry.outputs * volume];
    if out.is_empty() || image == 0 {
        return Ok(out);
    }
    let weight = matrix(weight, geometry)?;
    out.par_chunks_mut(geometry.outputs * volume).zip(x.par_chunks(image)).try_for_each(|(out, x)| {
        let products = strips(geometry)
            .into_par_iter()
            .map(|strip| {
                let product = weight.matmul(&columns(x, geometry, &strip)?)?;
                Ok((strip, product.flatten_all()?.to_vec1::<f32>()?))
            })
            .collect::<Result<Vec<_>>>()?;
        for (strip, product) in products {
            let places = out.chunks_exact_mut(volume).zip(bias);
            for ((out, bias), sums) in places.zip(product.chunks_exact(strip.len() * geometry.short[2])) {
                let out = &mut out[strip.start * geometry.short[2]..strip.end * geometry.short[2]];
                out.iter_mut().zip(sums).for_each(|(out, sum)| *out = sum + bias);
            }
        }
        Ok::<_, candle_core::Error>(())
    })?;
    Ok(out)
}

/// Gives the convolution's transpose: the gradient of its input for a gradient of its output.
pub(super) fn backward(g: &[f32], weight: &[f32], geometry: &Geometry) -> Result<Vec<f32>> {
    let image = geometry.inputs * geometry.long_volume();
    let mut out = vec![0.0; geometry.batch * image];
    if out.is_empty() || g.is_empty() {
        return Ok(out);
    }
    let weight = matrix(weight, geometry)?.t()?;
    let images = g.par_chunks(geometry.outputs * geometry.short_volume());
    out.par_chunks_mut(image).zip(images).try_for_each(|(out, g)| {
        // Strips overlap in the input, so they follow each other.
        for strip in strips(geometry) {
            let columns = weight.matmul(&rows_of(g, geometry, &strip)?)?.flatten_all()?.to_vec1::<f32>()?;
            runs(geometry, &strip, |column, row, length| {
                let row = out[row..].iter_mut().step_by(geometry.window.stride[2]);
                row.zip(&columns[column..column + length]).for_each(|(out, value)| *out += value);
            });
        }
        Ok::<_, candle_core::Error>(())
    })?;
    Ok(out)
}

/// Gives the gradient of the weights, (out, in, kernel…), for an input and a gradient of the output.
pub(super) fn weight_gradient(x: &[f32], g: &[f32], geometry: &Geometry) -> Result<Vec<f32>> {
    let mut out = vec![0.0; geometry.outputs * geometry.inputs * geometry.taps()];
    if out.is_empty() || x.is_empty() || g.is_empty() {
        return Ok(out);
    }
    let images = x.par_chunks(geometry.inputs * geometry.long_volume());
    let of_images = images
        .zip(g.par_chunks(geometry.outputs * geometry.short_volume()))
        .map(|(x, g)| {
            let mut sums = vec![0.0; geometry.outputs * geometry.inputs * geometry.taps()];
            for strip in strips(geometry) {
                let product = rows_of(g, geometry, &strip)?.matmul(&columns(x, geometry, &strip)?.t()?)?;
                add(&mut sums, &product.flatten_all()?.to_vec1::<f32>()?);
            }
            Ok(sums)
        })
        .collect::<Result<Vec<_>>>()?;
    for sums in &of_images {
        add(&mut out, sums);
    }
    Ok(out)
}

fn add(sums: &mut [f32], values: &[f32]) {
    sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
}

/// The weights as a matrix with a row for each output.
fn matrix(weight: &[f32], geometry: &Geometry) -> Result<Tensor> {
    Tensor::from_slice(weight, (geometry.outputs, geometry.inputs * geometry.taps()), &Device::Cpu)
}

/// Divides the rows of the output, over all planes, into strips.
fn strips(geometry: &Geometry) -> Vec<Range<usize>> {
    let rows = geometry.short[0] * geometry.short[1];
    let row = geometry.inputs * geometry.taps() * geometry.short[2];
    let height = (STRIP_VALUES / row.max(1)).max(1);
    (0..rows).step_by(height).map(|start| start..rows.min(start + height)).collect()
}

/// Gives a strip of the output's gradient as a matrix with a row for each output channel.
fn rows_of(g: &[f32], geometry: &Geometry, strip: &Range<usize>) -> Result<Tensor> {
    let width = geometry.short[2];
    let planes = g.chunks_exact(geometry.short_volume());
    let values: Vec<f32> =
        planes.flat_map(|plane| &plane[strip.start * width..strip.end * width]).copied().collect();
    Tensor::from_vec(values, (geometry.outputs, strip.len() * width), &Device::Cpu)
}

/// Gives what lies under each tap of the kernel, at each output of a strip: a row for each input channel and tap.
fn columns(x: &[f32], geometry: &Geometry, strip: &Range<usize>) -> Result<Tensor> {
    let shape = (geometry.inputs * geometry.taps(), strip.len() * geometry.short[2]);
    let mut values = vec![0.0; shape.0 * shape.1];
    runs(geometry, strip, |column, row, length| {
        let row = x[row..].iter().step_by(geometry.window.stride[2]);
        values[column..column + length].iter_mut().zip(row).for_each(|(value, x)| *value = *x);
    });
    Tensor::from_vec(values, shape, &Device::Cpu)
}

/// Calls `visit` with each run of values that a row of an image and a strip's matrix share: where it starts in the
/// matrix, where in the image, and its length in the matrix. In the image it goes in steps of the stride.
fn runs(geometry: &Geometry, strip: &Range<usize>, mut visit: impl FnMut(usize, usize, usize)) {
    let ([_, kh, kw], taps) = (geometry.kernel, geometry.taps());
    let width = geometry.short[2];
    for row in 0..geometry.inputs * taps {
        let (channel, tap) = (row / taps, row % taps);
        let [i, j, k] = [tap / (kh * kw), tap / kw % kh, tap % kw];
        let inside = geometry.inside(2, k);
        if inside.is_empty() {
            continue;
        }
        for (index, at) in strip.clone().enumerate() {
            let (z, y) = (at / geometry.short[1], at % geometry.short[1]);
            if geometry.inside(0, i).contains(&z) && geometry.inside(1, j).contains(&y) {
                let long = geometry.long_row(geometry.under(0, i, z), geometry.under(1, j, y));
                let source = channel * geometry.long_volume() + long + geometry.under(2, k, inside.start);
                visit((row * strip.len() + index) * width + inside.start, source, inside.len());
            }
        }
    }
}
