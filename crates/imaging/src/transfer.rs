//! The task-based transfer function: how much of an edge's contrast is left at each spatial frequency.
//!
//! Of a denoiser it depends on contrast and dose, so it's measured on rods of several contrasts under the noise.

use std::f64::consts::PI;

/// Width in pixels of the bins that the edge is sampled in.
const BIN_PIXELS: f64 = 0.1;
/// Half-width in pixels of the edge's neighbourhood, and the share of it that counts in full: a window that fell from the
/// middle on would narrow the edge of a blurred image.
const REACH_PIXELS: f64 = 10.0;
const WHOLE: f64 = 0.6;
/// Step in cycles per pixel between the frequencies that are looked at, up to one cycle per pixel.
const STEP_PER_PIXEL: f64 = 0.005;

/// A rod in a slice: place of its axis (column, row) and radius, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rod {
    /// Column of the axis.
    pub x: f64,
    /// Row of the axis.
    pub y: f64,
    /// Radius in pixels.
    pub radius: f64,
}

/// A transfer function, by its two usual frequencies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Transfer {
    /// Frequency per mm at which half of the contrast is left.
    pub half_per_mm: f64,
    /// Frequency per mm at which a tenth of the contrast is left.
    pub tenth_per_mm: f64,
}

/// Measures the transfer function at the edge of a rod, over slices that all show it; `None` where the edge is lost.
///
/// # Units
/// `pixel_mm` in mm; the slices in any unit.
///
/// # Source
/// Richard 2012, Med Phys 39:4115; AAPM TG-233 (2019), section 3.2: the radial edge, binned finer than a pixel and
/// differentiated, transformed and divided by its value at zero.
pub fn rod_transfer(slices: &[&[f32]], width: usize, rod: Rod, pixel_mm: f64) -> Option<Transfer> {
    let bins = (2.0 * REACH_PIXELS / BIN_PIXELS) as usize;
    let (mut sums, mut counts) = (vec![0.0; bins], vec![0_usize; bins]);
    for slice in slices {
        for (index, &value) in slice.iter().enumerate() {
            let (x, y) = ((index % width) as f64 - rod.x, (index / width) as f64 - rod.y);
            let from_edge = x.hypot(y) - rod.radius;
            if from_edge.abs() < REACH_PIXELS {
                let bin = (((from_edge + REACH_PIXELS) / BIN_PIXELS) as usize).min(bins - 1);
                sums[bin] += f64::from(value);
                counts[bin] += 1;
            }
        }
    }
    let edge = filled(&sums, &counts)?;
    let line: Vec<f64> = edge.windows(2).map(|pair| pair[0] - pair[1]).collect();
    let middle = (line.len() - 1) as f64 / 2.0;
    let gain = |per_pixel: f64| {
        let (mut re, mut im) = (0.0, 0.0);
        for (bin, value) in line.iter().enumerate() {
            let offset = (bin as f64 - middle) * BIN_PIXELS;
            // Noise far from the edge counts for nothing.
            let beyond = ((offset.abs() / REACH_PIXELS - WHOLE) / (1.0 - WHOLE)).max(0.0);
            let window = 0.5 * (1.0 + (PI * beyond).cos());
            let (sin, cos) = (2.0 * PI * per_pixel * offset).sin_cos();
            re += value * window * cos;
            im -= value * window * sin;
        }
        re.hypot(im)
    };
    let whole = gain(0.0);
    let below = |share: f64| {
        let mut before = 1.0;
        for step in 1..=(1.0 / STEP_PER_PIXEL) as usize {
            let found = gain(step as f64 * STEP_PER_PIXEL) / whole;
            if found < share {
                let within = (before - share) / (before - found);
                return Some((step as f64 - 1.0 + within) * STEP_PER_PIXEL / pixel_mm);
            }
            before = found;
        }
        None
    };
    (whole > 0.0).then(|| Some(Transfer { half_per_mm: below(0.5)?, tenth_per_mm: below(0.1)? })).flatten()
}

/// Gives the mean of each bin, a bin without pixels between its neighbours; `None` with hardly any pixels.
fn filled(sums: &[f64], counts: &[usize]) -> Option<Vec<f64>> {
    let known: Vec<usize> = (0..counts.len()).filter(|&bin| counts[bin] > 0).collect();
    let mean = |bin: usize| sums[bin] / counts[bin] as f64;
    (known.len() * 2 > counts.len()).then(|| {
        (0..counts.len())
            .map(|bin| {
                let next = known.partition_point(|&other| other < bin).min(known.len() - 1);
                let (above, below) = (known[next], known[next.saturating_sub(1)]);
                if above <= bin || above == below {
                    return mean(above);
                }
                let share = bin.saturating_sub(below) as f64 / (above - below) as f64;
                mean(below) + share * (mean(above) - mean(below))
            })
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::gaussian;

    const WIDTH: usize = 96;
    const ROD: Rod = Rod { x: 47.3, y: 48.6, radius: 20.0 };

    /// A rod whose edge pixels hold the share of the rod in them, smoothed with a Gaussian.
    fn rod(sigma: f64) -> Vec<f32> {
        const PARTS: usize = 8;
        let share = |index: usize| {
            let inside = (0..PARTS * PARTS).filter(|part| {
                let fine =
                    |pixel: usize, part: usize| pixel as f64 + (part as f64 + 0.5) / PARTS as f64 - 0.5;
                let x = fine(index % WIDTH, part % PARTS) - ROD.x;
                let y = fine(index / WIDTH, part / PARTS) - ROD.y;
                x.hypot(y) < ROD.radius
            });
            inside.count() as f32 / (PARTS * PARTS) as f32
        };
        let sharp: Vec<f32> = (0..WIDTH * WIDTH).map(|index| 100.0 * share(index)).collect();
        gaussian(&sharp, WIDTH, sigma)
    }

    /// A Gaussian of σ transfers exp(−2π²σ²f²): a half at √(ln 2/2)/(πσ), a tenth at √(ln 10/2)/(πσ). The pixel adds
    /// about a twelfth to σ².
    #[test]
    fn a_gaussian_blur_has_its_own_transfer() {
        for sigma in [1.5, 2.5] {
            let slice = rod(sigma);
            let found = rod_transfer(&[&slice], WIDTH, ROD, 0.8).unwrap();
            let whole = (sigma * sigma + 1.0 / 12.0).sqrt();
            let at = |share: f64| ((1.0 / share).ln() / 2.0).sqrt() / (PI * whole) / 0.8;
            assert!((found.half_per_mm / at(0.5) - 1.0).abs() < 0.02, "{sigma}: {found:?} for {}", at(0.5));
            assert!((found.tenth_per_mm / at(0.1) - 1.0).abs() < 0.02, "{sigma}: {found:?} for {}", at(0.1));
        }
    }

    #[test]
    fn the_contrast_and_its_sign_do_not_count() {
        let slice = rod(1.5);
        let other: Vec<f32> = slice.iter().map(|value| 40.0 - 3.0 * value).collect();
        let [a, b] = [&slice, &other].map(|slice| rod_transfer(&[slice], WIDTH, ROD, 0.8).unwrap());
        assert!((a.half_per_mm / b.half_per_mm - 1.0).abs() < 1e-6);
    }

    #[test]
    fn nothing_has_no_transfer() {
        assert_eq!(rod_transfer(&[&vec![7.0; WIDTH * WIDTH]], WIDTH, ROD, 0.8), None);
        assert_eq!(rod_transfer(&[], WIDTH, ROD, 0.8), None);
    }
}
