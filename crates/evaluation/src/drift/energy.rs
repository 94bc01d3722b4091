//! All statistics of a study jointly: the energy distance, with the chance of one as large.

use super::compare::Tested;
use rand::seq::SliceRandom as _;

/// The energy distance between two samples of points, with the share of `permutations` that come at least as far
/// apart. Each coordinate is scaled by its standard deviation over both samples, so that units don't decide. `None`
/// with fewer than two points on a side.
///
/// # Source
/// Székely and Rizzo, Journal of Statistical Planning and Inference 143 (2013) 1249–1272; the permutation chance
/// counts the observed order among the permutations (Phipson and Smyth 2010) and so keeps its level exactly.
pub fn energy(
    one: &[Vec<f64>],
    other: &[Vec<f64>],
    permutations: u32,
    rng: &mut impl rand::Rng,
) -> Option<Tested> {
    if one.len() < 2 || other.len() < 2 {
        return None;
    }
    let points = standardised(one.iter().chain(other).cloned().collect());
    let count = points.len();
    let mut apart = vec![0.0; count * count];
    for i in 0..count {
        for j in 0..i {
            let squared: f64 = points[i].iter().zip(&points[j]).map(|(a, b)| (a - b) * (a - b)).sum();
            apart[i * count + j] = squared.sqrt();
            apart[j * count + i] = squared.sqrt();
        }
    }
    let mut is_first: Vec<bool> = (0..count).map(|at| at < one.len()).collect();
    let observed = statistic(&apart, &is_first, one.len());
    let mut as_far = 0;
    for _ in 0..permutations {
        is_first.shuffle(rng);
        as_far += u32::from(statistic(&apart, &is_first, one.len()) >= observed - 1e-12);
    }
    let p = f64::from(as_far + 1) / f64::from(permutations + 1);
    Some(Tested { statistic: observed, p })
}

/// Twice the mean distance across less the mean distances within.
fn statistic(apart: &[f64], is_first: &[bool], first: usize) -> f64 {
    let count = is_first.len();
    let (mut across, mut within_one, mut within_other) = (0.0, 0.0, 0.0);
    for (i, row) in apart.chunks(count).enumerate() {
        let to_first: f64 =
            row.iter().zip(is_first).filter(|(_, first)| **first).map(|(apart, _)| apart).sum();
        let to_other: f64 = row.iter().sum::<f64>() - to_first;
        if is_first[i] {
            within_one += to_first;
            across += to_other;
        } else {
            within_other += to_other;
        }
    }
    let (n, m) = (first as f64, (count - first) as f64);
    2.0 * across / (n * m) - within_one / (n * n) - within_other / (m * m)
}

fn standardised(mut points: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let count = points.len() as f64;
    let width = points.iter().map(Vec::len).min().unwrap_or_default();
    for at in 0..width {
        let mean = points.iter().map(|point| point[at]).sum::<f64>() / count;
        let spread = (points.iter().map(|point| (point[at] - mean).powi(2)).sum::<f64>() / count).sqrt();
        let scale = if spread > 0.0 { spread } else { 1.0 };
        for point in &mut points {
            point[at] = (point[at] - mean) / scale;
        }
    }
    for point in &mut points {
        point.truncate(width);
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::StdRng;
    use rand::{RngExt as _, SeedableRng as _};
    use rand_distr::StandardNormal;

    fn cloud(rng: &mut StdRng, count: usize, shift: f64) -> Vec<Vec<f64>> {
        (0..count).map(|_| (0..3).map(|_| rng.sample::<f64, _>(StandardNormal) + shift).collect()).collect()
    }

    #[test]
    fn the_chance_keeps_its_level_and_a_shift_is_found() {
        let mut rng = StdRng::seed_from_u64(13);
        let mut below = 0;
        for _ in 0..200 {
            let (one, other) = (cloud(&mut rng, 30, 0.0), cloud(&mut rng, 20, 0.0));
            below += u32::from(energy(&one, &other, 99, &mut rng).unwrap().p <= 0.05);
        }
        // 5 % of 200 is 10; 20 or more would come once in 700 times.
        assert!(below < 20, "{below} of 200 at 5 %");
        let (one, other) = (cloud(&mut rng, 60, 0.0), cloud(&mut rng, 50, 0.7));
        assert!(energy(&one, &other, 199, &mut rng).unwrap().p < 0.01);
        assert_eq!(energy(&one[..1], &other, 9, &mut rng), None);
    }

    #[test]
    fn the_distance_is_that_of_its_definition() {
        // One coordinate, 0 and 1 against 2 and 3, whose deviation is the root of 1.25: 2·2 − 0.5 − 0.5, scaled.
        let column = |values: [f64; 2]| values.map(|value| vec![value]).to_vec();
        let mut rng = StdRng::seed_from_u64(1);
        let found = energy(&column([0.0, 1.0]), &column([2.0, 3.0]), 9, &mut rng).unwrap().statistic;
        assert!((found - 3.0 / 1.25_f64.sqrt()).abs() < 1e-12, "{found}");
    }
}
