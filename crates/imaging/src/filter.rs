//! Classical filters: the baselines that a model has to beat.

use pulp::{Arch, NullaryFnOnce};
use rayon::prelude::*;

/// Patches further apart than this weigh nothing in non-local means.
const DISTANCE_MAX: f32 = 5.0;

/// Non-local means of one slice, the baseline denoiser.
///
/// Patches compared within a distance of 6, mirrored at the border; the weight of a patch is exp(−d/h²) with d its
/// squared differences over 25, cut off at exp(−5). This is scikit-image's
/// `denoise_nl_means(patch_size=5, patch_distance=6, fast_mode=True)`, on which the tuned strength rests; its fast
/// mode sums 4 × 4 pixels of the 5 × 5 (from one before to two after the centre), and so does this.
///
/// # Units
/// `h` is in the unit of the slice. Tuned for CT noise: h = 1.2 σ of the slice's inserted noise.
///
/// # Source
/// Buades 2005, CVPR 2:60; Darbon 2008 for the integral images.
pub fn non_local_means(slice: &[f32], width: usize, h: f32) -> Vec<f32> {
    const BEFORE: usize = 1;
    const AFTER: usize = 2;
    const DISTANCE: usize = 6;
    let height = slice.len() / width;
    let pad = AFTER + DISTANCE + 1;
    let padded = mirrored(slice, width, pad);
    let padded_width = width + 2 * pad;
    let scale = 1.0 / (h * h * 25.0);
    let shifts: Vec<(isize, isize)> = (-(DISTANCE as isize)..=DISTANCE as isize)
        .flat_map(|dy| (-(DISTANCE as isize)..=DISTANCE as isize).map(move |dx| (dy, dx)))
        .collect();
    let arch = Arch::new();
    let rows: Vec<Vec<f32>> = (0..height)
        .into_par_iter()
        .map(|y| {
            let (mut sum, mut weights) = (vec![0.0_f32; width], vec![0.0_f32; width]);
            arch.dispatch(Row {
                padded: &padded,
                stride: padded_width,
                at: (y + pad, pad),
                shifts: &shifts,
                scale,
                columns: vec![0.0; width + BEFORE + AFTER],
                sum: &mut sum,
                weights: &mut weights,
            });
            sum.iter().zip(&weights).map(|(value, weight)| value / weight).collect()
        })
        .collect();
    rows.concat()
}

/// One row of the result, to be worked out with the processor's own vectors.
struct Row<'a> {
    padded: &'a [f32],
    stride: usize,
    at: (usize, usize),
    shifts: &'a [(isize, isize)],
    scale: f32,
    columns: Vec<f32>,
    sum: &'a mut [f32],
    weights: &'a mut [f32],
}

impl NullaryFnOnce for Row<'_> {
    type Output = ();

    #[expect(clippy::inline_always, reason = "only inlined is it compiled with the vectors of its caller")]
    #[inline(always)]
    fn call(self) {
        let Self { padded, stride, at, shifts, scale, mut columns, sum, weights } = self;
        for &(dy, dx) in shifts {
            column_distances(padded, stride, at, (dy, dx), &mut columns);
            let shifted = ((at.0 as isize + dy) as usize * stride + at.1) as isize + dx;
            weigh(&columns, scale, &padded[shifted as usize..][..sum.len()], (&mut *sum, &mut *weights));
        }
    }
}

/// Adds a shifted row with the weights of its patches, whose squared differences are the sums of four `columns`.
#[expect(clippy::inline_always, reason = "only inlined is it compiled with the vectors of its caller")]
#[inline(always)]
fn weigh(columns: &[f32], scale: f32, shifted: &[f32], (sum, weights): (&mut [f32], &mut [f32])) {
    let patches = columns.iter().zip(&columns[1..]).zip(&columns[2..]).zip(&columns[3..]);
    for ((value, (sum, weights)), (((a, b), c), d)) in
        shifted.iter().zip(sum.iter_mut().zip(weights)).zip(patches)
    {
        let distance = (a + b + c + d) * scale;
        let weight = if distance <= DISTANCE_MAX { exp_minus(distance.min(DISTANCE_MAX)) } else { 0.0 };
        *sum += weight * value;
        *weights += weight;
    }
}

/// Gives exp(−x) of an x from 0 to [`DISTANCE_MAX`], within a millionth of it, without a branch.
#[inline(always)]
fn exp_minus(x: f32) -> f32 {
    /// Added, it leaves the nearest whole number in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    /// ln(2)ⁿ/n!
    const POWERS: [f32; 6] =
        [std::f32::consts::LN_2, 0.240_226_5, 0.055_504_11, 0.009_618_129, 0.001_333_356, 0.000_154_035_3];
    let power = -x * std::f32::consts::LOG2_E;
    let rounded = power + ROUND;
    let share = power - (rounded - ROUND);
    let fraction = POWERS.iter().rev().fold(0.0, |sum, factor| (sum + factor) * share) + 1.0;
    // The bits of a whole number, in the place of the exponent.
    fraction * f32::from_bits((rounded.to_bits() << 23).wrapping_add(1.0_f32.to_bits()))
}

/// Fills `columns` with the squared differences, summed over a patch's rows, of each column and its shift.
#[expect(clippy::inline_always, reason = "only inlined is it compiled with the vectors of its caller")]
#[inline(always)]
fn column_distances(
    padded: &[f32],
    stride: usize,
    (row, start): (usize, usize),
    (dy, dx): (isize, isize),
    columns: &mut [f32],
) {
    columns.fill(0.0);
    for y in row - 1..=row + 2 {
        let here = y * stride + start - 1;
        let there = ((here as isize) + dy * stride as isize + dx) as usize;
        let (a, b) = (&padded[here..here + columns.len()], &padded[there..there + columns.len()]);
        for (sum, (a, b)) in columns.iter_mut().zip(a.iter().zip(b)) {
            *sum += (a - b) * (a - b);
        }
    }
}

/// Gives the slice with a border of `pad` pixels mirrored at its edge pixels.
fn mirrored(slice: &[f32], width: usize, pad: usize) -> Vec<f32> {
    let height = slice.len() / width;
    let reflect = |index: usize, len: usize| {
        let (signed, last) = (index as isize - pad as isize, len as isize - 1);
        let folded = if last == 0 { 0 } else { signed.rem_euclid(2 * last) };
        folded.min(2 * last - folded) as usize
    };
    let columns: Vec<usize> = (0..width + 2 * pad).map(|x| reflect(x, width)).collect();
    (0..height + 2 * pad)
        .flat_map(|y| {
            let row = &slice[reflect(y, height) * width..][..width];
            columns.iter().map(move |&x| row[x])
        })
        .collect()
}

/// Smooths a slice with a Gaussian of `sigma` pixels, cut off at 3 σ; beyond the border the edge pixel goes on.
pub fn gaussian(slice: &[f32], width: usize, sigma: f64) -> Vec<f32> {
    let radius = (3.0 * sigma).ceil() as isize;
    let mut taps: Vec<f32> =
        (-radius..=radius).map(|i| (-((i * i) as f64) / (2.0 * sigma * sigma)).exp() as f32).collect();
    let total: f32 = taps.iter().sum();
    for tap in &mut taps {
        *tap /= total;
    }
    let height = slice.len() / width;
    let clamp = |index: isize, len: usize| index.clamp(0, len as isize - 1) as usize;
    let mut rows = vec![0.0; slice.len()];
    rows.par_chunks_mut(width).zip(slice.par_chunks(width)).for_each(|(out, row)| {
        let reach = radius as usize;
        let (first, last) = (row[0], row[width - 1]);
        let padded: Vec<f32> = std::iter::repeat_n(first, reach)
            .chain(row.iter().copied())
            .chain(std::iter::repeat_n(last, reach))
            .collect();
        for (tap, samples) in taps.iter().zip(padded.windows(width)) {
            out.iter_mut().zip(samples).for_each(|(value, &sample)| *value += tap * sample);
        }
    });
    let mut result = vec![0.0; slice.len()];
    result.par_chunks_mut(width).enumerate().for_each(|(y, out)| {
        for (i, tap) in taps.iter().enumerate() {
            let row = &rows[clamp(y as isize + i as isize - radius, height) * width..][..width];
            out.iter_mut().zip(row).for_each(|(value, &sample)| *value += tap * sample);
        }
    });
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{SeedableRng, rngs::ChaCha8Rng};
    use rand_distr::{Distribution, Normal};

    #[test]
    fn non_local_means_removes_noise_and_keeps_an_edge() {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let normal = Normal::new(0.0_f32, 10.0).unwrap();
        let clean: Vec<f32> = (0..64 * 48).map(|i| if i % 64 < 30 { 0.0 } else { 200.0 }).collect();
        let noisy: Vec<f32> = clean.iter().map(|value| value + normal.sample(&mut rng)).collect();
        let result = non_local_means(&noisy, 64, 12.0);
        let rmse = |image: &[f32]| {
            (image.iter().zip(&clean).map(|(a, b)| (a - b).powi(2)).sum::<f32>() / clean.len() as f32).sqrt()
        };
        assert!(rmse(&result) < 0.35 * rmse(&noisy), "{} of {}", rmse(&result), rmse(&noisy));
        assert!(result[20 * 64 + 31] - result[20 * 64 + 28] > 180.0);
    }

    #[test]
    fn the_quick_exponential_is_near_the_exact_one() {
        for step in 0..=5_000_u16 {
            let x = f32::from(step) / 1_000.0;
            let exact = (-f64::from(x)).exp();
            assert!((f64::from(exp_minus(x)) / exact - 1.0).abs() < 1e-6, "{x}: {} {exact}", exp_minus(x));
        }
    }

    /// `denoise_nl_means(image, patch_size=5, patch_distance=6, h=25, fast_mode=True)` of scikit-image 0.26.
    /// It approximates the exponential, hence the tolerance.
    #[test]
    fn non_local_means_agrees_with_another_implementation() {
        let image: Vec<f32> = (0..1024_usize)
            .map(|i| ((i * 7919) % 41) as f32 - 20.0 + if i % 32 < 15 { 0.0 } else { 100.0 })
            .collect();
        let result = non_local_means(&image, 32, 25.0);
        for ((y, x), expected) in [((16, 5), 0.728_12), ((16, 14), 10.496_19), ((16, 15), 92.582_2)] {
            assert!((result[y * 32 + x] - expected).abs() < 0.2, "{} {expected}", result[y * 32 + x]);
        }
    }

    #[test]
    fn a_gaussian_keeps_the_mean_of_a_constant() {
        let smooth = gaussian(&vec![7.0; 30 * 20], 30, 2.0);
        assert!(smooth.iter().all(|value| (value - 7.0).abs() < 1e-4));
    }
}
