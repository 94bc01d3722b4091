//! Noise and structure by spatial frequency: the noise power spectrum, and how alike two images are at each frequency.

use rustfft::{FftPlanner, num_complex::Complex};
use std::f64::consts::PI;

/// Rings that a half-spectrum is divided into.
const RINGS: usize = 16;

/// A noise power spectrum, averaged over directions.
#[derive(Debug, Clone, PartialEq)]
pub struct NoisePower {
    /// Middle frequency of each ring in cycles per mm.
    pub frequency_per_mm: Vec<f64>,
    /// Noise power in each ring in HU² mm².
    pub power: Vec<f64>,
    /// Variance in HU²: the integral of the spectrum over both axes.
    pub variance: f64,
    /// Regions that it is the mean of.
    pub regions: usize,
}

impl NoisePower {
    /// Gives the frequency of the strongest ring, per mm.
    pub fn peak_per_mm(&self) -> f64 {
        let strongest = (0..self.power.len()).max_by(|&a, &b| self.power[a].total_cmp(&self.power[b]));
        strongest.map_or(0.0, |ring| self.frequency_per_mm[ring])
    }

    /// Gives the mean frequency of the radial spectrum, per mm (AAPM TG-233).
    pub fn mean_per_mm(&self) -> f64 {
        let weighted: f64 = self.frequency_per_mm.iter().zip(&self.power).map(|(f, power)| f * power).sum();
        weighted / self.power.iter().sum::<f64>().max(f64::MIN_POSITIVE)
    }
}

/// Measures the noise power in square regions of `side` pixels, each freed of its least-squares plane; `None` without
/// any region.
///
/// # Units
/// Regions in HU, `pixel_mm` in mm; a region of two subtracted realisations has twice the power.
///
/// # Source
/// AAPM TG-233 (2019), eq. 6: NPS(u, v) = Δx Δy / (Nx Ny) · ⟨|DFT(region − fit)|²⟩; its integral is the variance.
pub fn noise_power(regions: &[Vec<f32>], side: usize, pixel_mm: f64) -> Option<NoisePower> {
    let mut mean = vec![0.0; side * side];
    for region in regions {
        let spectrum = transformed(&without_plane(region, side), side);
        for (sum, value) in mean.iter_mut().zip(&spectrum) {
            *sum += value.norm_sqr() / regions.len() as f64;
        }
    }
    let pixels = (side * side) as f64;
    let scale = pixel_mm * pixel_mm / pixels;
    let (mut power, mut counts) = (vec![0.0; RINGS], vec![0_usize; RINGS]);
    for (index, value) in mean.iter().enumerate() {
        if let Some(ring) = ring(index, side) {
            power[ring] += value * scale;
            counts[ring] += 1;
        }
    }
    let power = power.iter().zip(counts).map(|(sum, count)| sum / count.max(1) as f64).collect();
    let frequency = |ring: usize| (ring as f64 + 0.5) / RINGS as f64 * 0.5 / pixel_mm;
    (!regions.is_empty()).then(|| NoisePower {
        frequency_per_mm: (0..RINGS).map(frequency).collect(),
        power,
        // Parseval: the sum over the frequencies' cells of 1/(N Δx)² each.
        variance: mean.iter().sum::<f64>() / (pixels * pixels),
        regions: regions.len(),
    })
}

/// How alike two square regions are at each spatial frequency: Fourier ring correlation, 0 to 1, in rings one frequency
/// wide up to the Nyquist frequency. A frequency between two rings counts half in each.
///
/// # Source
/// Saxton & Baumeister 1982, J Microsc 127:127; as sFRC has it, the measure of hallucinations in CT of Kc 2026.
pub fn ring_correlation(first: &[f32], second: &[f32], side: usize) -> Vec<f64> {
    let [first, second] = [first, second].map(|region| transformed(&from_its_least(region, side), side));
    let mut sums = vec![(0.0, 0.0, 0.0); side / 2];
    for (index, (a, b)) in first.iter().zip(&second).enumerate() {
        let radius = radius(index, side);
        for ring in [radius.floor(), radius.ceil()] {
            if let Some(sum) = sums.get_mut(ring as usize) {
                sum.0 += (a * b.conj()).re;
                sum.1 += a.norm_sqr();
                sum.2 += b.norm_sqr();
            }
        }
    }
    let correlation = |(ab, aa, bb): (f64, f64, f64)| {
        if aa * bb > 0.0 { (ab / (aa * bb).sqrt()).abs() } else { 1.0 }
    };
    sums.into_iter().map(correlation).collect()
}

/// Gives the power in each ring of a region under a Hann window, in no particular unit.
pub fn ring_power(region: &[f32], side: usize) -> Vec<f64> {
    let mut power = vec![0.0; RINGS];
    for (index, value) in transformed(&windowed(region, side), side).iter().enumerate() {
        if let Some(ring) = ring(index, side) {
            power[ring] += value.norm_sqr();
        }
    }
    power
}

/// Gives the frequency, as a share of the Nyquist frequency, at which a ring correlation first crosses a limit, by linear
/// interpolation; 1 where it doesn't. The last ring, which the corners cut, doesn't count.
pub fn first_crossing(correlation: &[f64], limit: f64) -> f64 {
    let rings = &correlation[..correlation.len().saturating_sub(1)];
    let crossing = rings.windows(2).enumerate().find_map(|(ring, pair)| {
        let (here, next) = (pair[0] - limit, pair[1] - limit);
        (here * next <= 0.0 && here.total_cmp(&next).is_ne()).then(|| ring as f64 + here / (here - next))
    });
    crossing.map_or(1.0, |ring| ring / correlation.len() as f64)
}

/// Gives the distance of a frequency in a transform from zero, in frequencies.
fn radius(index: usize, side: usize) -> f64 {
    let of = |place: usize| place.min(side - place) as f64;
    of(index % side).hypot(of(index / side))
}

/// Gives the ring of a frequency in a transform; `None` at zero and beyond the Nyquist frequency.
fn ring(index: usize, side: usize) -> Option<usize> {
    let radius = radius(index, side) / (side as f64 / 2.0);
    (radius > 0.0 && radius < 1.0).then_some((radius * RINGS as f64) as usize)
}

/// Frees a square region of its mean and puts it under a Hann window.
fn windowed(region: &[f32], side: usize) -> Vec<f64> {
    let mean = region.iter().map(|&value| f64::from(value)).sum::<f64>() / region.len() as f64;
    under_window(region, side, mean, |at| (at as f64 + 0.5) / side as f64)
}

/// Puts a square region, its smallest value zero, under a Hann window that begins and ends at zero.
fn from_its_least(region: &[f32], side: usize) -> Vec<f64> {
    let least = region.iter().copied().fold(f32::INFINITY, f32::min);
    under_window(region, side, f64::from(least), |at| at as f64 / (side - 1) as f64)
}

fn under_window(region: &[f32], side: usize, base: f64, place: impl Fn(usize) -> f64) -> Vec<f64> {
    let hann: Vec<f64> = (0..side).map(|at| 0.5 * (1.0 - (2.0 * PI * place(at)).cos())).collect();
    region
        .iter()
        .enumerate()
        .map(|(index, &value)| (f64::from(value) - base) * hann[index % side] * hann[index / side])
        .collect()
}

/// Frees a square region of its least-squares plane.
pub fn without_plane(region: &[f32], side: usize) -> Vec<f64> {
    let half = (side - 1) as f64 / 2.0;
    let place = |index: usize| ((index % side) as f64 - half, (index / side) as f64 - half);
    let moment: f64 = (0..side).map(|i| (i as f64 - half).powi(2)).sum::<f64>() * side as f64;
    let mean = region.iter().map(|&value| f64::from(value)).sum::<f64>() / region.len() as f64;
    let (mut by_x, mut by_y) = (0.0, 0.0);
    for (index, &value) in region.iter().enumerate() {
        let (x, y) = place(index);
        by_x += x * f64::from(value) / moment;
        by_y += y * f64::from(value) / moment;
    }
    let plane = |index: usize| {
        let (x, y) = place(index);
        mean + by_x * x + by_y * y
    };
    region.iter().enumerate().map(|(index, &value)| f64::from(value) - plane(index)).collect()
}

/// Gives the two-dimensional discrete Fourier transform of a square region.
fn transformed(region: &[f64], side: usize) -> Vec<Complex<f64>> {
    let transform = FftPlanner::<f64>::new().plan_fft_forward(side);
    let mut rows: Vec<Complex<f64>> = region.iter().map(|&value| Complex::new(value, 0.0)).collect();
    transform.process(&mut rows);
    let mut columns: Vec<Complex<f64>> =
        (0..side * side).map(|index| rows[(index % side) * side + index / side]).collect();
    transform.process(&mut columns);
    (0..side * side).map(|index| columns[(index % side) * side + index / side]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{SeedableRng, rngs::ChaCha8Rng};
    use rand_distr::{Distribution, Normal};

    const SIDE: usize = 32;

    fn white(count: usize, sigma: f32, seed: u64) -> Vec<Vec<f32>> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let normal = Normal::new(0.0, sigma).unwrap();
        (0..count).map(|_| (0..SIDE * SIDE).map(|_| normal.sample(&mut rng)).collect()).collect()
    }

    /// Each pixel the mean of itself and its right neighbour, around the region: |H(u)|² = cos²(πu).
    fn smoothed(region: &[f32]) -> Vec<f32> {
        (0..SIDE * SIDE)
            .map(|i| f32::midpoint(region[i], region[i / SIDE * SIDE + (i % SIDE + 1) % SIDE]))
            .collect()
    }

    #[test]
    fn white_noise_is_flat_and_its_integral_is_its_variance() {
        let found = noise_power(&white(200, 10.0, 1), SIDE, 0.7).unwrap();
        // The plane takes a part of the lowest frequencies with it.
        for (ring, power) in found.power.iter().enumerate().skip(3) {
            assert!((power / (100.0 * 0.49) - 1.0).abs() < 0.06, "{ring}: {power}");
        }
        assert!((found.variance / 100.0 - 1.0).abs() < 0.02, "{}", found.variance);
        // Half the Nyquist frequency, and a little more for what the plane takes below.
        let of_nyquist = found.mean_per_mm() * 2.0 * 0.7;
        assert!((0.5..0.55).contains(&of_nyquist), "{of_nyquist}");
    }

    #[test]
    fn the_integral_is_the_variance_of_the_regions_without_their_planes() {
        let regions = white(3, 10.0, 2);
        let squares = |region: &Vec<f32>| without_plane(region, SIDE).iter().map(|v| v * v).sum::<f64>();
        let variance = regions.iter().map(squares).sum::<f64>() / (3 * SIDE * SIDE) as f64;
        let found = noise_power(&regions, SIDE, 0.5).unwrap();
        assert!((found.variance / variance - 1.0).abs() < 1e-9);
    }

    /// The mean over a ring of cos²(πu), u = r·cos θ/2, is (1 + J₀(πr))/2, r being the share of the Nyquist frequency;
    /// J₀ of π/4, π/2 and 3π/4 by scipy 1.17 `special.j0`.
    #[test]
    fn smoothed_noise_has_the_power_that_its_kernel_leaves() {
        let regions: Vec<Vec<f32>> = white(400, 10.0, 3).iter().map(|region| smoothed(region)).collect();
        let found = noise_power(&regions, SIDE, 1.0).unwrap();
        for (share, bessel) in [(0.25, 0.851_632), (0.5, 0.472_001), (0.75, 0.025_495)] {
            let ring = (share * RINGS as f64) as usize;
            let at = f64::midpoint(found.power[ring - 1], found.power[ring]) / 100.0;
            let wanted = f64::midpoint(1.0, bessel);
            assert!((at / wanted - 1.0).abs() < 0.06, "{share}: {at} for {wanted}");
        }
        assert!(found.peak_per_mm() < 0.2, "{}", found.peak_per_mm());
    }

    #[test]
    fn a_plane_leaves_no_power() {
        let region = (0..SIDE * SIDE).map(|i| (i % SIDE) as f32 * 2.0 - (i / SIDE) as f32 + 40.0).collect();
        assert!(noise_power(&[region], SIDE, 1.0).unwrap().variance < 1e-6);
        assert_eq!(noise_power(&[], SIDE, 1.0), None);
    }

    /// Two images of one signal with noise of their own: the correlation is S/(S + N).
    #[test]
    fn the_correlation_of_two_noisy_images_is_the_share_of_the_signal() {
        let mut mean = vec![0.0; SIDE / 2];
        let (signals, first, second) = (white(300, 10.0, 4), white(300, 5.0, 5), white(300, 5.0, 6));
        for ((signal, first), second) in signals.iter().zip(&first).zip(&second) {
            let with = |noise: &[f32]| signal.iter().zip(noise).map(|(a, b)| a + b).collect::<Vec<f32>>();
            let found = ring_correlation(&with(first), &with(second), SIDE);
            mean.iter_mut().zip(found).for_each(|(mean, found)| *mean += found / 300.0);
        }
        // The lowest rings hold few frequencies, whose correlation is told too low.
        for value in &mean[4..] {
            assert!((value - 0.8).abs() < 0.04, "{mean:?}");
        }
    }

    /// Numbers between −1 and 1, the same in each language.
    fn numbers(count: usize, seed: u32) -> Vec<f32> {
        let mut state = seed;
        (0..count)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 23) as f32 - 1.0
            })
            .collect()
    }

    /// Expected: sFRC's own `FRC` (inscribed rings) after its `normalize_data_ab` and numpy's Hann window, and the crossing
    /// that its `find_earliest_lp_intersection` finds, in cycles per pixel; DIDSR/sfrc at 527fbf5, numpy 2, shapely 2. Its own
    /// `apply_hanning_2d` multiplies a patch by its transpose and isn't a window.
    #[test]
    fn rings_and_crossing_are_those_of_sfrc() {
        const SIDE: usize = 64;
        let expected = [
            1.0, 0.99995, 0.99806, 0.98607, 0.99727, 0.99051, 0.9383, 0.95698, 0.98303, 0.95414, 0.66636,
            0.39859, 0.68329, 0.39829, 0.1003, 0.27742, 0.27828, 0.09012, 0.16881, 0.31483, 0.40944, 0.16999,
            0.01787, 0.23261, 0.4003, 0.20876, 0.06694, 0.13631, 0.10058, 0.1216, 0.20509, 0.18456,
        ];
        let triangle = |at: usize| (at % 16).abs_diff(8) as f32;
        let patch = |seed: u32, noise: f32| -> Vec<f32> {
            let structure = |at: usize| triangle(at % SIDE) * 10.0 + triangle(2 * (at / SIDE)) * 5.0;
            let noise_of = numbers(SIDE * SIDE, seed);
            noise_of.iter().enumerate().map(|(at, value)| structure(at) + noise * value).collect()
        };
        let found = ring_correlation(&patch(2, 12.5), &patch(1, 25.0), SIDE);
        assert_eq!(found.len(), expected.len());
        for (ring, (found, expected)) in found.iter().zip(expected).enumerate() {
            assert!((found - expected).abs() < 2e-4, "{ring}: {found} for {expected}");
        }
        assert!((first_crossing(&found, 0.5) / 2.0 - 0.165_957).abs() < 1e-4);
    }

    #[test]
    fn the_first_crossing_is_found_between_rings() {
        let correlation = [1.0, 0.9, 0.7, 0.3, 0.8, 0.1];
        assert!((first_crossing(&correlation, 0.5) - 2.5 / 6.0).abs() < 1e-12);
        assert!((first_crossing(&correlation[..3], 0.5) - 1.0).abs() < 1e-12);
        let same = &white(1, 1.0, 7)[0];
        assert!((first_crossing(&ring_correlation(same, same, SIDE), 0.5) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_another_noise_covers_no_longer_agrees() {
        let (signal, noise) = (smoothed(&white(1, 10.0, 7)[0]), &white(1, 10.0, 8)[0]);
        let agrees_with = |share: f32| {
            let noisy: Vec<f32> = signal.iter().zip(noise).map(|(a, b)| a + share * b).collect();
            first_crossing(&ring_correlation(&signal, &noisy, SIDE), 0.5)
        };
        assert!(agrees_with(0.1) > agrees_with(1.0) && agrees_with(1.0) > agrees_with(4.0));
    }
}
