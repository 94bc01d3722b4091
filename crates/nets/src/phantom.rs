//! A phantom for tests: a head of water with a skull and a ventricle, under white noise.

use imaging::{Affine, Volume};
use rand::{SeedableRng, rngs::ChaCha8Rng};
use rand_distr::{Distribution, StandardNormal};

/// Gives a head of 96 × 96 pixels per slice whose noise has `sigma` HU.
pub(crate) fn head(depth: usize, sigma: f32, seed: u64) -> Volume {
    const SIZE: usize = 96;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let data = (0..SIZE * SIZE * depth)
        .map(|index| {
            let (x, y) = ((index % SIZE) as f32 - 47.5, (index / SIZE % SIZE) as f32 - 47.5);
            let radius = x.hypot(y * 0.9);
            let tissue = match radius {
                r if r > 40.0 => -1000.0,
                r if r > 36.0 => 900.0,
                r if r < 8.0 => 5.0,
                _ => 35.0,
            };
            let noise: f32 = StandardNormal.sample(&mut rng);
            tissue + sigma * noise
        })
        .collect();
    Volume::new(data, [SIZE, SIZE, depth], Affine::from_spacing([1.0, 1.0, 3.0]))
        .expect("the head fills its grid")
}
