//! The family `guided-cold-diffusion`: from the low dose to the full dose in steps, several times.
//!
//! A state lies between the low-dose and the full-dose image, both less the classical estimate, at a share of the way
//! that falls from 1 to 0: its mean is the interpolation of the two, so no step changes the mean of a tissue. Noise on
//! it makes the way one of many. At each state the network says where the way ends, and the next state is drawn as if
//! that were true. The ways end at images that might have been the full dose: their mean is the image, and their
//! quantiles are the ends of the interval, which calibration stretches like those of quantile heads.
//!
//! # Source
//! Interpolation between doses in ten steps: Gao 2023, "CoreDiff: contextual error-modulated generalized diffusion
//! model for low-dose CT denoising", after Bansal 2022, "Cold diffusion". The noise on the states and the posterior of
//! the next one: Yue 2023, "ResShift: efficient diffusion model by residual shifting", equations 2 and 7. Without noise
//! the states are cold diffusion's.

use crate::{
    family::Said,
    guide,
    unet::{Architecture, Layer, Passed, STAGES, Trunk, Values, Weights, bounded, drawn, flat},
};
use candle_core::{Device, Result, Tensor};
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, f64::consts::PI};

/// Waves of each kind by which the network is told the time.
const WAVES: usize = 4;
/// The quantiles of the samples that are the ends of the interval.
const LEVELS: [f32; 2] = [0.05, 0.95];
/// Steps and samples at most.
const COUNT_MAX: usize = 1000;

/// How the way from low to full dose is walked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cold {
    /// Steps of a way.
    pub steps: usize,
    /// Ways that are walked, each to an image of its own; at least 2.
    pub samples: usize,
    /// Deviation of the noise on the first state as a multiple of the scan's noise.
    pub noise: f64,
}

impl Cold {
    /// Gives the deviation of the noise on a state after which `step` steps are left.
    fn deviation(&self, step: usize) -> f64 {
        self.noise * (step as f64 / self.steps as f64).sqrt()
    }

    /// Says why these settings can't be.
    pub(crate) fn fault(&self) -> Option<String> {
        let sound = (1..=COUNT_MAX).contains(&self.steps)
            && (2..=COUNT_MAX).contains(&self.samples)
            && self.noise >= 0.0
            && self.noise.is_finite();
        (!sound).then(|| format!("{} steps, {} samples, noise {}", self.steps, self.samples, self.noise))
    }
}

/// Lists the shape of each tensor by name.
pub(crate) fn shapes(architecture: &Architecture) -> BTreeMap<String, Vec<usize>> {
    // Beside the features the network sees the state.
    let mut shapes = architecture.trunk_shapes(guide::channels(architecture.slices) + 1, 1);
    for (stage, channels) in STAGES.iter().zip(architecture.stage_channels()) {
        shapes.insert(format!("time.{stage}.weight"), vec![channels, 2 * WAVES]);
        shapes.insert(format!("time.{stage}.bias"), vec![channels]);
    }
    shapes
}

/// Draws weights to start training from: the network begins near the estimate, at any time.
pub(crate) fn initial(architecture: &Architecture, seed: u64) -> Values {
    drawn(shapes(architecture), seed)
}

/// A batch of states, with what is known beside them.
pub(crate) struct States<'a> {
    /// (batch, planes, height, width).
    pub(crate) features: &'a Tensor,
    /// (batch, 1, height, width).
    pub(crate) state: Tensor,
    /// How many steps are left of each.
    pub(crate) steps: Vec<usize>,
}

/// The network over its weights.
#[derive(Debug, Clone)]
pub(crate) struct ColdNetwork {
    trunk: Trunk,
    times: [Layer; 5],
    settings: Cold,
    slices: usize,
}

impl ColdNetwork {
    /// # Errors
    /// When a tensor is missing or has another shape.
    pub(crate) fn new(architecture: &Architecture, settings: &Cold, weights: &Weights) -> Result<Self> {
        let trunk = Trunk::new(architecture, shapes(architecture), weights)?;
        let time = |stage: &str| Layer::new(weights, &format!("time.{stage}"));
        let [a, b, c, d, e] = STAGES;
        Ok(Self {
            trunk,
            times: [time(a)?, time(b)?, time(c)?, time(d)?, time(e)?],
            settings: settings.clone(),
            slices: architecture.slices,
        })
    }

    /// Where the weights are.
    pub(crate) fn device(&self) -> &Device {
        self.trunk.device()
    }

    /// Gives where the ways of states end: full dose less the estimate, in units of the noise.
    ///
    /// # Shapes
    /// → (batch, 1, height, width).
    pub(crate) fn ends(&self, states: &States<'_>) -> Result<Tensor> {
        Ok(self.pass(states)?.heads)
    }

    fn pass(&self, states: &States<'_>) -> Result<Passed> {
        let mut waves = Vec::with_capacity(states.steps.len() * 2 * WAVES);
        for &step in &states.steps {
            let share = step as f64 / self.settings.steps as f64;
            waves.extend((1..=WAVES).map(|k| (PI * k as f64 * share).cos() as f32));
            waves.extend((1..=WAVES).map(|k| (PI * k as f64 * share).sin() as f32));
        }
        let waves = Tensor::from_vec(waves, (states.steps.len(), 2 * WAVES), states.state.device())?;
        let [a, b, c, d, e] = &self.times;
        let shift = |layer: &Layer| layer.of_vectors(&waves);
        let shifts = [shift(a)?, shift(b)?, shift(c)?, shift(d)?, shift(e)?];
        let planes = Tensor::cat(&[states.features, &states.state], 1)?;
        let Passed { heads, bottom } = self.trunk.shifted(&planes, &shifts)?;
        Ok(Passed { heads: bounded(&heads)?, bottom })
    }

    /// Draws states on the way to a known end, for training; the same seed and step always give the same.
    ///
    /// # Shapes
    /// `features` (batch, planes, height, width), `end` (batch, 1, height, width).
    pub(crate) fn on_the_way<'a>(
        &self,
        features: &'a Tensor,
        end: &Tensor,
        (seed, step): (u64, usize),
    ) -> Result<States<'a>> {
        // Patches are drawn from the streams of the other half.
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream((1 << 63) | step as u64);
        let (batch, _, height, width) = features.dims4()?;
        let total = self.settings.steps;
        let steps: Vec<usize> = (0..batch).map(|_| rng.random_range(1..=total)).collect();
        let column = |value: &dyn Fn(usize) -> f64| {
            let values: Vec<f32> = steps.iter().map(|&step| value(step) as f32).collect();
            Tensor::from_vec(values, (batch, 1, 1, 1), features.device())
        };
        let share = column(&|step| step as f64 / total as f64)?;
        let deviation = column(&|step| self.settings.deviation(step))?;
        let noise = normals(&mut rng, batch * height * width);
        let noise = Tensor::from_vec(noise, (batch, 1, height, width), features.device())?;
        let begin = features.narrow(1, self.slices / 2, 1)?;
        let state = (end + (begin - end)?.broadcast_mul(&share)?)?;
        Ok(States { features, state: (state + noise.broadcast_mul(&deviation)?)?, steps })
    }

    /// Gives the quantiles, the mean and the spread of the ends of several ways.
    ///
    /// # Shapes
    /// `features` (1, planes, height, width).
    pub(crate) fn say(&self, features: &Tensor, (seed, slice): (u64, usize)) -> Result<Said> {
        let mut bottom = None;
        let samples = (0..self.settings.samples)
            .map(|sample| {
                let mut rng = ChaCha8Rng::seed_from_u64(seed);
                rng.set_stream((slice * self.settings.samples + sample) as u64);
                self.walk(features, &mut rng, &mut bottom)
            })
            .collect::<Result<Vec<_>>>()?;
        let count = samples[0].len();
        let (mut heads, mut spread) = (vec![0.0; 3 * count], vec![0.0; count]);
        let mut values = vec![0.0; samples.len()];
        for pixel in 0..count {
            values.iter_mut().zip(&samples).for_each(|(value, sample)| *value = sample[pixel]);
            values.sort_by(f32::total_cmp);
            let mean = values.iter().sum::<f32>() / values.len() as f32;
            heads[pixel] = quantile(&values, LEVELS[0]);
            heads[count + pixel] = mean;
            heads[2 * count + pixel] = quantile(&values, LEVELS[1]);
            let squares = values.iter().map(|value| (value - mean).powi(2)).sum::<f32>();
            spread[pixel] = (squares / (values.len() - 1) as f32).sqrt();
        }
        let bottom = bottom.as_ref().map(flat).transpose()?.unwrap_or_default();
        Ok(Said { heads, spread: Some(spread), bottom })
    }

    /// Walks from the low dose to an image; the deepest layer of the very first step is kept.
    fn walk(&self, features: &Tensor, rng: &mut ChaCha8Rng, first: &mut Option<Tensor>) -> Result<Vec<f32>> {
        let (_, _, height, width) = features.dims4()?;
        let total = self.settings.steps;
        let mut state: Vec<f32> = flat(&features.narrow(1, self.slices / 2, 1)?)?;
        add_noise(&mut state, self.settings.deviation(total), rng);
        for step in (1..=total).rev() {
            let states = States {
                features,
                state: Tensor::from_slice(&state, (1, 1, height, width), features.device())?,
                steps: vec![step],
            };
            let Passed { heads, bottom } = self.pass(&states)?;
            first.get_or_insert(bottom);
            let end = flat(&heads)?;
            let goes = 1.0 / step as f32;
            state.iter_mut().zip(end).for_each(|(state, end)| *state += goes * (end - *state));
            if step > 1 {
                let share = (step - 1) as f64 / step as f64;
                add_noise(&mut state, self.settings.noise * (share / total as f64).sqrt(), rng);
            }
        }
        Ok(state)
    }
}

fn normals(rng: &mut ChaCha8Rng, count: usize) -> Vec<f32> {
    (0..count).map(|_| StandardNormal.sample(rng)).collect()
}

fn add_noise(state: &mut [f32], deviation: f64, rng: &mut ChaCha8Rng) {
    let noise = normals(rng, state.len());
    state.iter_mut().zip(noise).for_each(|(state, noise)| *state += deviation as f32 * noise);
}

/// Gives a quantile of ascending values, between the two that it lies between.
fn quantile(values: &[f32], level: f32) -> f32 {
    let place = level * (values.len() - 1) as f32;
    let (below, share) = (place as usize, place.fract());
    let above = (below + 1).min(values.len() - 1);
    values[below] + share * (values[above] - values[below])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unet::frozen;
    use candle_core::Var;

    fn small() -> Architecture {
        Architecture { slices: 3, channels: [6, 8, 10], blocks: [1, 1, 2, 1, 1] }
    }

    fn settings(noise: f64) -> Cold {
        Cold { steps: 10, samples: 4, noise }
    }

    fn network(noise: f64) -> ColdNetwork {
        ColdNetwork::new(&small(), &settings(noise), &frozen(&initial(&small(), 3)).unwrap()).unwrap()
    }

    fn features(batch: usize) -> Tensor {
        Tensor::rand(-3.0_f32, 3.0, (batch, 6, 16, 16), &Device::Cpu).unwrap()
    }

    fn mean(tensor: &Tensor) -> f32 {
        tensor.mean_all().unwrap().to_scalar().unwrap()
    }

    #[test]
    fn states_go_evenly_from_full_to_low_dose_and_keep_the_mean() {
        let features = features(64);
        let begin = features.narrow(1, 1, 1).unwrap();
        let end = begin.affine(0.3, -0.5).unwrap();
        let states = network(0.0).on_the_way(&features, &end, (1, 2)).unwrap();
        let (mut least, mut most) = (10, 0);
        for (index, &step) in states.steps.iter().enumerate() {
            let one = |tensor: &Tensor| mean(&tensor.narrow(0, index, 1).unwrap());
            let share = step as f32 / 10.0;
            let expected = share * one(&begin) + (1.0 - share) * one(&end);
            assert!((one(&states.state) - expected).abs() < 1e-4);
            (least, most) = (least.min(step), most.max(step));
        }
        assert_eq!((least, most), (1, 10));
        let noisy = network(0.5).on_the_way(&features, &end, (1, 2)).unwrap();
        let noise = (noisy.state - states.state).unwrap().sqr().unwrap();
        let expected = states.steps.iter().map(|&step| 0.025 * step as f32).sum::<f32>() / 64.0;
        assert!((mean(&noise) / expected - 1.0).abs() < 0.1);
    }

    #[test]
    fn a_way_ends_where_a_network_that_is_sure_says() {
        let mut weights = initial(&small(), 3);
        weights.get_mut("tail.weight").unwrap().1.fill(0.0);
        weights.get_mut("tail.bias").unwrap().1.fill(1.0);
        let end = 4.0 * 0.25_f32.tanh();
        for noise in [0.0, 1.0] {
            let network = ColdNetwork::new(&small(), &settings(noise), &frozen(&weights).unwrap()).unwrap();
            let Said { heads, spread, .. } = network.say(&features(1), (5, 0)).unwrap();
            assert!(heads.iter().all(|head| (head - end).abs() < 1e-5));
            assert!(spread.unwrap().iter().all(|spread| *spread < 1e-5));
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_samples_and_another_one_others() {
        let (network, features) = (network(1.0), features(1));
        let say = |seed, slice| network.say(&features, (seed, slice)).unwrap();
        let heads = |seed, slice| say(seed, slice).heads;
        assert_eq!(heads(1, 4), heads(1, 4));
        assert_ne!(heads(1, 4), heads(2, 4));
        assert_ne!(heads(1, 4), heads(1, 5));
        let all = heads(1, 4);
        let [lower, middle, upper] = [0, 1, 2].map(|head| &all[head * 256..(head + 1) * 256]);
        assert!(lower.iter().zip(upper).all(|(lower, upper)| lower <= upper));
        assert!(middle.iter().all(|middle| middle.is_finite()));
        assert!(say(1, 4).spread.unwrap().iter().all(|spread| *spread > 0.0));
    }

    #[test]
    fn quantiles_lie_between_the_values_around_them() {
        assert!((quantile(&[1.0, 2.0, 3.0], 0.05) - 1.1).abs() < 1e-6);
        assert!((quantile(&[1.0, 2.0, 3.0], 0.95) - 2.9).abs() < 1e-6);
    }

    #[test]
    fn every_trainable_tensor_of_cold_diffusion_gets_a_gradient() {
        let variables: BTreeMap<String, Var> = frozen(&initial(&small(), 3))
            .unwrap()
            .iter()
            .map(|(name, tensor)| (name.clone(), Var::from_tensor(tensor).unwrap()))
            .collect();
        let weights = variables.iter().map(|(name, var)| (name.clone(), var.as_tensor().clone())).collect();
        let network = ColdNetwork::new(&small(), &settings(1.0), &weights).unwrap();
        let planes = features(3);
        let end = features(3).narrow(1, 0, 1).unwrap();
        let states = network.on_the_way(&planes, &end, (1, 2)).unwrap();
        let loss = (network.ends(&states).unwrap() - end).unwrap().sqr().unwrap().mean_all().unwrap();
        let gradients = loss.backward().unwrap();
        for (name, variable) in &variables {
            let gradient = gradients.get(variable.as_tensor()).unwrap_or_else(|| panic!("{name} has none"));
            let norm = gradient.sqr().unwrap().sum_all().unwrap().to_scalar::<f32>().unwrap();
            assert!(norm > 0.0 && norm.is_finite(), "{name}: {norm}");
        }
    }
}
