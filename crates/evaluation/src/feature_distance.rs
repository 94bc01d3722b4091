//! How far two sets of images are apart in features: Fréchet's distance, and the maximum mean discrepancy of a kernel.
//!
//! The features are the caller's own (such as [`crate::radiomics`], or a network's): figures of different features can't
//! be compared, and with features of the Inception network, which aren't here, neither can these be called FID or KID.

use nalgebra::DMatrix;

/// Gives Fréchet's distance of the normal distributions that two sets of features have: ‖Δμ‖² + tr(Σ₁ + Σ₂ −
/// 2(Σ₁Σ₂)^½), in the squared unit of the features. `None` with fewer than two points in a set.
///
/// Unlike [`kernel`] it is biased: of few points it is too large, so only sets of equal size may be compared, of many more
/// points than features.
///
/// # Shapes
/// Each set is (point, feature).
///
/// # Panics
/// If points haven't as many features.
///
/// # Source
/// Dowson and Landau 1982, J Multivar Anal 12:450; Heusel 2017, NeurIPS, eq. 6.
pub fn frechet(one: &[Vec<f64>], other: &[Vec<f64>]) -> Option<f64> {
    if one.len() < 2 || other.len() < 2 {
        return None;
    }
    check(one, other);
    let (first, second) = (mean(one), mean(other));
    let apart: f64 = first.iter().zip(&second).map(|(a, b)| (a - b).powi(2)).sum();
    let (first, second) = (covariance(one, &first), covariance(other, &second));
    let traces = first.trace() + second.trace();
    // (Σ₁Σ₂)^½ has the trace of the root of √Σ₁ Σ₂ √Σ₁, which is symmetric.
    let root = root(first);
    let product = &root * second * &root;
    let shared: f64 = product.symmetric_eigenvalues().iter().map(|value| value.max(0.0).sqrt()).sum();
    Some((apart + traces - 2.0 * shared).max(0.0))
}

/// Gives the unbiased squared maximum mean discrepancy of two sets of features under the kernel (x·y/d + 1)³, without
/// unit. Where both come from one distribution it is 0 in the mean, and so below 0 at times. `None` with fewer than two
/// points in a set.
///
/// # Shapes
/// Each set is (point, feature); d is the number of features.
///
/// # Panics
/// If points haven't as many features.
///
/// # Source
/// Gretton 2012, J Mach Learn Res 13:723, eq. 3; the kernel of Bińkowski 2018, ICLR.
pub fn kernel(one: &[Vec<f64>], other: &[Vec<f64>]) -> Option<f64> {
    if one.len() < 2 || other.len() < 2 {
        return None;
    }
    check(one, other);
    let alike = |a: &[f64], b: &[f64]| {
        let product: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
        (product / a.len() as f64 + 1.0).powi(3)
    };
    let within = |set: &[Vec<f64>]| {
        let pairs = (0..set.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
        let sum: f64 = pairs.map(|(i, j)| alike(&set[i], &set[j])).sum();
        2.0 * sum / (set.len() * (set.len() - 1)) as f64
    };
    let across: f64 = one.iter().map(|a| other.iter().map(|b| alike(a, b)).sum::<f64>()).sum();
    Some(within(one) + within(other) - 2.0 * across / (one.len() * other.len()) as f64)
}

fn check(one: &[Vec<f64>], other: &[Vec<f64>]) {
    let width = one[0].len();
    assert!(width > 0, "points have features");
    assert!(one.iter().chain(other).all(|point| point.len() == width), "points have the same features");
}

fn mean(points: &[Vec<f64>]) -> Vec<f64> {
    let of = |at: usize| points.iter().map(|point| point[at]).sum::<f64>() / points.len() as f64;
    (0..points[0].len()).map(of).collect()
}

fn covariance(points: &[Vec<f64>], mean: &[f64]) -> DMatrix<f64> {
    DMatrix::from_fn(mean.len(), mean.len(), |i, j| {
        let products = points.iter().map(|point| (point[i] - mean[i]) * (point[j] - mean[j]));
        products.sum::<f64>() / (points.len() - 1) as f64
    })
}

/// Gives the root of a symmetric matrix without negative eigenvalues; what rounding made of zero counts as zero.
fn root(matrix: DMatrix<f64>) -> DMatrix<f64> {
    let mut eigen = matrix.symmetric_eigen();
    eigen.eigenvalues.apply(|value| *value = value.max(0.0).sqrt());
    eigen.recompose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
    use rand_distr::StandardNormal;

    const FRECHET: f64 = 0.324_445_540_972;
    const KERNEL: f64 = 1.540_685_161_766;

    /// Points of five features that go together, as tests/peers.py makes them.
    fn points(count: usize, factor: usize, shift: f64) -> Vec<Vec<f64>> {
        let value = |at: usize| ((at * factor) % 103) as f64 / 103.0;
        (0..count)
            .map(|i| {
                (0..5).map(|j| value(7 * i * i + 11 * i * j + j + 1) + shift * j as f64 + value(i)).collect()
            })
            .collect()
    }

    /// `scipy.linalg.sqrtm` in the formula, and `sklearn.metrics.pairwise.polynomial_kernel` in the estimate.
    #[test]
    fn the_distances_are_those_of_scipy_and_scikit_learn() {
        let (one, other) = (points(60, 37, 0.0), points(45, 29, 0.1));
        let found = frechet(&one, &other).unwrap();
        assert!((found - FRECHET).abs() < 1e-9, "{found}");
        let found = kernel(&one, &other).unwrap();
        assert!((found - KERNEL).abs() < 1e-9, "{found}");
    }

    #[test]
    fn a_set_is_not_apart_from_itself_and_a_shift_is_its_square() {
        let one = points(60, 37, 0.0);
        assert!(frechet(&one, &one).unwrap() < 1e-9);
        let moved: Vec<Vec<f64>> =
            one.iter().map(|point| point.iter().map(|value| value + 2.0).collect()).collect();
        // The same covariance: only the means are apart, by 2 in each of 5 features.
        assert!((frechet(&one, &moved).unwrap() - 20.0).abs() < 1e-9);
        assert_eq!((frechet(&one[..1], &one), kernel(&one, &one[..1])), (None, None));
    }

    #[test]
    fn of_one_distribution_the_discrepancy_is_nothing_in_the_mean() {
        let mut rng = StdRng::seed_from_u64(9);
        let mut cloud = |count: usize, shift: f64| -> Vec<Vec<f64>> {
            (0..count)
                .map(|_| (0..4).map(|_| shift + rng.sample::<f64, _>(StandardNormal)).collect())
                .collect()
        };
        let found: Vec<f64> = (0..200).map(|_| kernel(&cloud(30, 0.0), &cloud(20, 0.0)).unwrap()).collect();
        let mean = found.iter().sum::<f64>() / 200.0;
        let spread = (found.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 199.0).sqrt();
        assert!(mean.abs() < 3.0 * spread / 200.0_f64.sqrt(), "{mean} of {spread}");
        assert!(found.iter().any(|value| *value < 0.0));
        assert!(kernel(&cloud(60, 0.0), &cloud(60, 1.0)).unwrap() > 5.0 * spread);
    }
}
