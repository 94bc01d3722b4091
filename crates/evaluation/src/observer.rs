//! Model observers: how well a lesion known exactly is told from its absence.
//!
//! They are evidence about images, not about readers.

use std::f64::consts::PI;

/// Degrees of the visual field that a millimetre spans, seen at its own size from half a metre.
const DEGREES_PER_MM: f64 = 0.1146;

/// Channels of the observer.
const CHANNELS: usize = 5;
/// Fewer pairs say nothing: each half has to fill a covariance of five channels.
pub const PAIRS_MIN: usize = 40;

/// A square region around a place: row by row, of an odd side.
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    /// Values in HU.
    pub values: Vec<f32>,
    /// Side in pixels, odd.
    pub side: usize,
}

impl Region {
    /// Cuts the region of `radius` pixels around (row, column) out of a slice; `None` where it leaves the slice.
    pub fn cut(slice: &[f32], width: usize, (row, column): (usize, usize), radius: usize) -> Option<Self> {
        let height = slice.len() / width;
        let fits = |centre: usize, len: usize| centre >= radius && centre + radius < len;
        if !fits(row, height) || !fits(column, width) {
            return None;
        }
        let side = 2 * radius + 1;
        let values = (row - radius..=row + radius)
            .flat_map(|y| &slice[y * width + column - radius..][..side])
            .copied()
            .collect();
        Some(Self { values, side })
    }
}

/// Gives d′ of a channelised Hotelling observer with five Laguerre–Gauss channels.
///
/// Each half of the pairs is judged by a template from the other half, so that no region is judged by a template that
/// knows it; the result is the mean of the two. `None` with fewer than [`PAIRS_MIN`] pairs, or when the channels'
/// covariance is singular.
///
/// # Units
/// `spread` is the channels' width a in pixels: exp(−πr²/a²).
///
/// # Source
/// Gallas 2003, J Opt Soc Am A 20:1725 (channels, eq. 14); d′ = (t̄₁ − t̄₀)/√((s₁² + s₀²)/2).
pub fn detectability(present: &[Region], absent: &[Region], spread: f64) -> Option<f64> {
    if present.len() != absent.len() || present.len() < PAIRS_MIN {
        return None;
    }
    let channels = laguerre_gauss(present[0].side, spread);
    let seen = |regions: &[Region]| -> Vec<[f64; CHANNELS]> {
        regions.iter().map(|region| through(&channels, region)).collect()
    };
    let (present, absent) = (seen(present), seen(absent));
    let half = |of: &[[f64; CHANNELS]], parity: usize| -> Vec<[f64; CHANNELS]> {
        of.iter().skip(parity).step_by(2).copied().collect()
    };
    let judged = |parity: usize| {
        let template = template(&half(&present, 1 - parity), &half(&absent, 1 - parity))?;
        let responses = |of: &[[f64; CHANNELS]]| -> Vec<f64> {
            half(of, parity).iter().map(|seen| dot(&template, seen)).collect()
        };
        let (with, without) = (moments(&responses(&present)), moments(&responses(&absent)));
        let spread = f64::midpoint(with.1, without.1).sqrt();
        (spread > 0.0).then(|| (with.0 - without.0) / spread)
    };
    Some(f64::midpoint(judged(0)?, judged(1)?))
}

/// Gives d′ of a non-prewhitening observer with an eye filter: it matches the signal as the eye passes it, and knows
/// nothing of the noise.
///
/// Halves and `None` are as in [`detectability`]. A pair's two regions share their noise: the eye passes frequencies in which
/// a signal that is told from unlike noise would drown.
///
/// # Units
/// `pixel_mm` in mm; the eye filter is f^1.3 · exp(−0.04 f²), f in cycles per degree at half a metre.
///
/// # Source
/// Burgess 1994, J Opt Soc Am A 11:1237; Richard & Siewerdsen 2008, Med Phys 35:5043; the filter's numbers are those of
/// the FDA's LCD-CT toolbox.
pub fn eye_detectability(present: &[Region], absent: &[Region], pixel_mm: f64) -> Option<f64> {
    if present.len() != absent.len() || present.len() < PAIRS_MIN {
        return None;
    }
    let side = present[0].side;
    let half = |of: &[Region], parity: usize| -> Vec<Vec<f64>> {
        of.iter().skip(parity).step_by(2).map(centred).collect()
    };
    let judged = |parity: usize| {
        let mean = |of: &[Vec<f64>], at: usize| of.iter().map(|one| one[at]).sum::<f64>() / of.len() as f64;
        let (with, without) = (half(present, 1 - parity), half(absent, 1 - parity));
        let signal: Vec<f64> = (0..side * side).map(|at| mean(&with, at) - mean(&without, at)).collect();
        let template = seen_by_the_eye(&signal, side, pixel_mm);
        let responses = |of: &[Region]| -> Vec<f64> {
            let response = |one: &Vec<f64>| one.iter().zip(&template).map(|(a, b)| a * b).sum();
            half(of, parity).iter().map(response).collect()
        };
        let (with, without) = (moments(&responses(present)), moments(&responses(absent)));
        let spread = f64::midpoint(with.1, without.1).sqrt();
        (spread > 0.0).then(|| (with.0 - without.0) / spread)
    };
    Some(f64::midpoint(judged(0)?, judged(1)?))
}

/// Gives a region less its mean.
fn centred(region: &Region) -> Vec<f64> {
    let mean = region.values.iter().map(|&hu| f64::from(hu)).sum::<f64>() / region.values.len() as f64;
    region.values.iter().map(|&hu| f64::from(hu) - mean).collect()
}

/// Passes a signal through the square of the eye filter: once as it is seen, once as it is matched.
fn seen_by_the_eye(signal: &[f64], side: usize, pixel_mm: f64) -> Vec<f64> {
    let frequency = |at: usize| at.min(side - at) as f64 / (side as f64 * pixel_mm * DEGREES_PER_MM);
    let mut spectrum = fourier(&signal.iter().map(|&value| (value, 0.0)).collect::<Vec<_>>(), side, -1.0);
    for (index, value) in spectrum.iter_mut().enumerate() {
        let f = frequency(index % side).hypot(frequency(index / side));
        let gain = (f.powf(1.3) * (-0.04 * f * f).exp()).powi(2) / (side * side) as f64;
        *value = (value.0 * gain, value.1 * gain);
    }
    fourier(&spectrum, side, 1.0).into_iter().map(|(re, _)| re).collect()
}

/// Gives the discrete Fourier transform of a square of complex numbers, along its rows and then its columns; the sides
/// are small and odd.
fn fourier(values: &[(f64, f64)], side: usize, sign: f64) -> Vec<(f64, f64)> {
    let turns: Vec<(f64, f64)> =
        (0..side).map(|at| (sign * 2.0 * PI * at as f64 / side as f64).sin_cos()).collect();
    let along = |values: &[(f64, f64)], stride: usize, across: usize| -> Vec<(f64, f64)> {
        let mut result = vec![(0.0, 0.0); side * side];
        for line in 0..side {
            for to in 0..side {
                let sum = (0..side).fold((0.0, 0.0), |sum: (f64, f64), from| {
                    let ((re, im), (sin, cos)) =
                        (values[line * across + from * stride], turns[from * to % side]);
                    (sum.0 + re * cos - im * sin, sum.1 + re * sin + im * cos)
                });
                result[line * across + to * stride] = sum;
            }
        }
        result
    };
    along(&along(values, 1, side), side, 1)
}

/// Gives the channels over a square region, each row by row.
fn laguerre_gauss(side: usize, spread: f64) -> Vec<Vec<f64>> {
    let centre = (side / 2) as f64;
    (0..CHANNELS)
        .map(|order| {
            (0..side * side)
                .map(|i| {
                    let (x, y) = ((i % side) as f64 - centre, (i / side) as f64 - centre);
                    let r2 = (x * x + y * y) / (spread * spread);
                    2.0_f64.sqrt() / spread * (-PI * r2).exp() * laguerre(order, 2.0 * PI * r2)
                })
                .collect()
        })
        .collect()
}

/// Gives the Laguerre polynomial of an order, by its recurrence.
fn laguerre(order: usize, x: f64) -> f64 {
    let (mut before, mut value) = (0.0, 1.0);
    for n in 0..order {
        let n = n as f64;
        (before, value) = (value, ((2.0 * n + 1.0 - x) * value - n * before) / (n + 1.0));
    }
    value
}

/// Gives a region as its channels see it, its mean taken away.
fn through(channels: &[Vec<f64>], region: &Region) -> [f64; CHANNELS] {
    let mean = region.values.iter().map(|&hu| f64::from(hu)).sum::<f64>() / region.values.len() as f64;
    std::array::from_fn(|channel| {
        channels[channel].iter().zip(&region.values).map(|(u, &hu)| u * (f64::from(hu) - mean)).sum()
    })
}

/// Gives the Hotelling template K⁻¹(v̄₁ − v̄₀), K being the mean of the two classes' covariances.
fn template(present: &[[f64; CHANNELS]], absent: &[[f64; CHANNELS]]) -> Option<[f64; CHANNELS]> {
    let (with, without) = (mean(present), mean(absent));
    let mut covariance = [[0.0; CHANNELS]; CHANNELS];
    for (seen, centre) in [(present, &with), (absent, &without)] {
        for one in seen {
            for i in 0..CHANNELS {
                for j in 0..CHANNELS {
                    let product = (one[i] - centre[i]) * (one[j] - centre[j]);
                    covariance[i][j] += product / (2.0 * (seen.len() - 1) as f64);
                }
            }
        }
    }
    solve(covariance, std::array::from_fn(|i| with[i] - without[i]))
}

fn mean(of: &[[f64; CHANNELS]]) -> [f64; CHANNELS] {
    std::array::from_fn(|i| of.iter().map(|one| one[i]).sum::<f64>() / of.len() as f64)
}

/// Solves a positive definite system by Cholesky's factors; `None` where it isn't one.
fn solve(matrix: [[f64; CHANNELS]; CHANNELS], right: [f64; CHANNELS]) -> Option<[f64; CHANNELS]> {
    let mut lower = [[0.0; CHANNELS]; CHANNELS];
    for i in 0..CHANNELS {
        for j in 0..=i {
            let rest = matrix[i][j] - (0..j).map(|k| lower[i][k] * lower[j][k]).sum::<f64>();
            if i == j {
                if rest <= matrix[i][i] * 1e-12 {
                    return None;
                }
                lower[i][i] = rest.sqrt();
            } else {
                lower[i][j] = rest / lower[j][j];
            }
        }
    }
    let mut x = right;
    for i in 0..CHANNELS {
        x[i] = (x[i] - (0..i).map(|k| lower[i][k] * x[k]).sum::<f64>()) / lower[i][i];
    }
    for i in (0..CHANNELS).rev() {
        x[i] = (x[i] - (i + 1..CHANNELS).map(|k| lower[k][i] * x[k]).sum::<f64>()) / lower[i][i];
    }
    Some(x)
}

fn dot(a: &[f64; CHANNELS], b: &[f64; CHANNELS]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Gives mean and variance.
fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{SeedableRng, rngs::ChaCha8Rng};
    use rand_distr::{Distribution, Normal};

    const SIDE: usize = 25;

    /// White noise of 10, with a Gaussian blob of `height` and of σ = 3 pixels in it.
    fn regions(count: usize, height: f32, seed: u64) -> Vec<Region> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let normal = Normal::new(0.0_f32, 10.0).unwrap();
        (0..count)
            .map(|_| {
                let value = |i: usize| {
                    let (x, y) = ((i % SIDE) as f32 - 12.0, (i / SIDE) as f32 - 12.0);
                    height * (-(x * x + y * y) / 18.0).exp()
                };
                let values = (0..SIDE * SIDE).map(|i| value(i) + normal.sample(&mut rng)).collect();
                Region { values, side: SIDE }
            })
            .collect()
    }

    /// In white noise the ideal observer has d′ = √(Σ s²)/σ; the first channel is this blob itself.
    #[test]
    fn a_blob_in_white_noise_is_seen_as_the_ideal_observer_sees_it() {
        let height = 6.0;
        let energy: f64 = (0..SIDE * SIDE)
            .map(|i| {
                let (x, y) = ((i % SIDE) as f64 - 12.0, (i / SIDE) as f64 - 12.0);
                (f64::from(height) * (-(x * x + y * y) / 18.0).exp()).powi(2)
            })
            .sum();
        let ideal = energy.sqrt() / 10.0;
        let spread = (18.0 * PI).sqrt();
        let found = detectability(&regions(800, height, 1), &regions(800, 0.0, 2), spread).unwrap();
        assert!((found / ideal - 1.0).abs() < 0.08, "{found} of {ideal}");
    }

    /// In white noise of σ the observer with the template w has d′ = Σ w·s/(σ √Σ w²); with w = F⁻¹[E² F[s − s̄]] on this
    /// blob, 0.7 mm pixels and σ = 10, numpy 2.4 gives 2.0225.
    #[test]
    fn a_blob_in_white_noise_is_seen_as_the_eye_would_match_it() {
        let found = eye_detectability(&regions(1600, 6.0, 1), &regions(1600, 0.0, 1), 0.7).unwrap();
        assert!((found / 2.0225 - 1.0).abs() < 0.08, "{found}");
    }

    #[test]
    fn nothing_is_seen_where_nothing_is() {
        let found = detectability(&regions(400, 0.0, 3), &regions(400, 0.0, 4), 7.5).unwrap();
        assert!(found.abs() < 0.25, "{found}");
        let found = eye_detectability(&regions(400, 0.0, 3), &regions(400, 0.0, 4), 0.7).unwrap();
        assert!(found.abs() < 0.25, "{found}");
    }

    #[test]
    fn too_few_pairs_say_nothing() {
        assert_eq!(detectability(&regions(39, 50.0, 1), &regions(39, 0.0, 2), 7.5), None);
    }

    #[test]
    fn the_polynomials_are_laguerres() {
        // L₂(x) = 1 − 2x + x²/2, L₃(x) = 1 − 3x + 3x²/2 − x³/6
        assert!((laguerre(2, 3.0) - -0.5).abs() < 1e-12);
        assert!((laguerre(3, 2.0) - -1.0 / 3.0).abs() < 1e-12);
    }
}
