//! A model observer: how well a lesion known exactly is told from its absence.
//!
//! It is evidence about images, not about readers.

use std::f64::consts::PI;

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

    #[test]
    fn nothing_is_seen_where_nothing_is() {
        let found = detectability(&regions(400, 0.0, 3), &regions(400, 0.0, 4), 7.5).unwrap();
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
