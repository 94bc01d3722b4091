//! The Hallucination Index: how unlike a model's images are to what the truth would give without anything made up.
//!
//! Both sides are distributions: of what the model makes of one patient with other noise or other seeds, and of the
//! full-dose image with the noise that is left in it. A model that only denoises differs in its spread alone.

/// Mean and variance of each voxel, voxels taken as independent and normal.
#[derive(Debug, Clone, PartialEq)]
pub struct Voxels {
    mean: Vec<f64>,
    variance: Vec<f64>,
}

impl Voxels {
    /// Takes means and variances.
    ///
    /// # Panics
    /// If they aren't as many, there are none, or a variance isn't above 0.
    pub fn new(mean: Vec<f64>, variance: Vec<f64>) -> Self {
        assert!(!mean.is_empty() && mean.len() == variance.len(), "each voxel has a mean and a variance");
        assert!(variance.iter().all(|value| *value > 0.0), "a voxel varies");
        Self { mean, variance }
    }

    /// Measures them of samples of one image; `None` with fewer than two, or where a voxel is the same in all.
    ///
    /// # Shapes
    /// `samples` is (sample, voxel).
    ///
    /// # Panics
    /// If samples differ in size.
    pub fn of_samples(samples: &[Vec<f32>]) -> Option<Self> {
        if samples.len() < 2 {
            return None;
        }
        let (mean, variance) = moments(samples);
        let varies = !mean.is_empty() && variance.iter().all(|value| *value > 0.0);
        varies.then_some(Self { mean, variance })
    }

    /// Measures them of samples of one image to each of whose voxels independent noise of a variance is added.
    ///
    /// # Shapes
    /// `samples` is (sample, voxel); `noise` is in their squared unit.
    ///
    /// # Panics
    /// If there are fewer than two samples, they differ in size or are empty, or the noise isn't above 0.
    pub fn of_samples_in_noise(samples: &[Vec<f32>], noise: f64) -> Self {
        assert!(samples.len() >= 2, "of one sample there is no variance");
        let (mean, variance) = moments(samples);
        Self::new(mean, variance.into_iter().map(|value| value + noise).collect())
    }

    /// Gives the index over all voxels: Hellinger's distance to the reference, from 0 (alike) to 1.
    ///
    /// Over many voxels it soon is 1: compare it over regions of one size, or look at [`Voxels::map`].
    ///
    /// # Panics
    /// If the reference hasn't as many voxels.
    ///
    /// # Source
    /// Tivnan 2024, MICCAI (arXiv 2407.12780); the closed form of two normal distributions, with diagonal covariances:
    /// H² = 1 − |Σ₁|^¼ |Σ₂|^¼ / |Σ̄|^½ · exp(−Δμᵀ Σ̄⁻¹ Δμ / 8), Σ̄ their mean.
    pub fn hallucination_index(&self, reference: &Self) -> f64 {
        distance(self.affinities(reference).sum())
    }

    /// Gives the index of a voxel of the region: Hellinger's distance by the geometric mean of the voxels' affinities. It
    /// doesn't grow with the region, so it tells regions apart where that of all voxels together is 1 for each.
    ///
    /// # Panics
    /// If the reference hasn't as many voxels.
    pub fn index_per_voxel(&self, reference: &Self) -> f64 {
        distance(self.affinities(reference).sum::<f64>() / self.mean.len() as f64)
    }

    /// Gives the index of each voxel alone, where in the image something is made up.
    ///
    /// # Panics
    /// If the reference hasn't as many voxels.
    pub fn map(&self, reference: &Self) -> Vec<f64> {
        self.affinities(reference).map(distance).collect()
    }

    /// The logarithm of each voxel's Bhattacharyya coefficient, which add up over voxels.
    fn affinities<'a>(&'a self, reference: &'a Self) -> impl Iterator<Item = f64> + 'a {
        assert_eq!(self.mean.len(), reference.mean.len(), "both are of the same voxels");
        (0..self.mean.len()).map(|at| {
            let (one, other) = (self.variance[at], reference.variance[at]);
            let between = f64::midpoint(one, other);
            let apart = (self.mean[at] - reference.mean[at]).powi(2);
            0.25 * (one.ln() + other.ln()) - 0.5 * between.ln() - apart / (8.0 * between)
        })
    }
}

/// Mean and unbiased variance of each voxel over at least two samples.
fn moments(samples: &[Vec<f32>]) -> (Vec<f64>, Vec<f64>) {
    let voxels = samples[0].len();
    assert!(samples.iter().all(|sample| sample.len() == voxels), "samples are of one image");
    let count = samples.len() as f64;
    let at = |voxel: usize| samples.iter().map(move |sample| f64::from(sample[voxel]));
    let mean: Vec<f64> = (0..voxels).map(|voxel| at(voxel).sum::<f64>() / count).collect();
    let apart = |voxel: usize| at(voxel).map(|value| (value - mean[voxel]).powi(2)).sum::<f64>();
    let variance = (0..voxels).map(|voxel| apart(voxel) / (count - 1.0)).collect();
    (mean, variance)
}

/// Hellinger's distance from the logarithm of an affinity, exact where that is next to 1.
fn distance(affinity: f64) -> f64 {
    (-affinity.exp_m1()).max(0.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
    use rand_distr::StandardNormal;

    /// √(1 − ∫√(p q)) by the trapezoid rule, of two normal densities.
    fn integrated((mean, sigma): (f64, f64), (other_mean, other_sigma): (f64, f64)) -> f64 {
        let density = |x: f64, mean: f64, sigma: f64| {
            (-((x - mean) / sigma).powi(2) / 2.0).exp() / (sigma * (2.0 * std::f64::consts::PI).sqrt())
        };
        let step = 1e-3;
        let shared: f64 = (-60_000..60_000)
            .map(|at| f64::from(at) * step)
            .map(|x| (density(x, mean, sigma) * density(x, other_mean, other_sigma)).sqrt() * step)
            .sum();
        (1.0 - shared).sqrt()
    }

    fn one(mean: f64, sigma: f64) -> Voxels {
        Voxels::new(vec![mean], vec![sigma * sigma])
    }

    #[test]
    fn the_index_is_the_integral_that_it_stands_for() {
        for (mine, reference) in
            [((0.0, 1.0), (0.5, 1.0)), ((3.0, 2.0), (-1.0, 0.7)), ((0.0, 4.0), (0.0, 1.0))]
        {
            let found = one(mine.0, mine.1).hallucination_index(&one(reference.0, reference.1));
            let expected = integrated(mine, reference);
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
    }

    #[test]
    fn what_is_alike_has_none_and_what_is_far_apart_has_all_of_it() {
        let reference = Voxels::new(vec![10.0; 50], vec![4.0; 50]);
        assert!(reference.hallucination_index(&reference) < 1e-9);
        let mut made_up = vec![10.0; 50];
        made_up[7] = 40.0;
        let made_up = Voxels::new(made_up, vec![4.0; 50]);
        let map = made_up.map(&reference);
        assert!(map[7] > 0.99 && map.iter().enumerate().all(|(at, value)| at == 7 || *value < 1e-9));
        let (there, back) =
            (made_up.hallucination_index(&reference), reference.hallucination_index(&made_up));
        assert!((there - back).abs() < 1e-12 && there > 0.99 && there <= 1.0);
    }

    #[test]
    fn voxels_add_up_as_independent_ones_do() {
        let (mine, reference) = (one(1.0, 2.0), one(0.0, 1.0));
        let alone = mine.hallucination_index(&reference);
        let twice = |single: &Voxels| Voxels::new(vec![single.mean[0]; 2], vec![single.variance[0]; 2]);
        let both = twice(&mine).hallucination_index(&twice(&reference));
        // 1 − H² multiplies, and of two alike each has that of one.
        assert!((1.0 - both * both - (1.0 - alone * alone).powi(2)).abs() < 1e-12);
        assert!((twice(&mine).index_per_voxel(&twice(&reference)) - alone).abs() < 1e-12);
    }

    #[test]
    fn samples_are_measured_and_a_voxel_that_never_varies_says_nothing() {
        let mut rng = StdRng::seed_from_u64(3);
        let samples: Vec<Vec<f32>> =
            (0..4_000).map(|_| vec![5.0 + 2.0 * rng.sample::<f32, _>(StandardNormal)]).collect();
        let found = Voxels::of_samples(&samples).unwrap().hallucination_index(&one(5.0, 2.0));
        assert!(found < 0.03, "{found}");
        assert_eq!(Voxels::of_samples(&[vec![1.0], vec![1.0]]), None);
        assert_eq!(Voxels::of_samples(&samples[..1]), None);
        // In noise one that never varies has that of the noise.
        let still = Voxels::of_samples_in_noise(&[vec![1.0], vec![1.0]], 4.0);
        assert_eq!(still, one(1.0, 2.0));
    }
}
