//! The adversary of a generator: a patch discriminator that learns to tell made images from scanned ones.
//!
//! Its weights are divided by their largest singular value, so that its verdict changes no faster than its input: the
//! gradient penalties that other adversaries have need second derivatives, which candle doesn't have.
//!
//! # Source
//! Miyato 2018, "Spectral normalization for generative adversarial networks", algorithm 1 and the hinge loss of
//! equations 16 and 17; the layers are [`crate::monai::Discriminator`]'s.

use super::{
    Error,
    optimiser::{self, Parameter, Parameters},
    recipe::{Adversarial, Optimiser, Recipe},
};
use crate::{
    guide,
    monai::{Discriminator, DiscriminatorConfig},
    unet::Weights,
};
use candle_core::{Device, Result as TensorResult, Tensor};
use rand::{SeedableRng, rngs::ChaCha8Rng};
use rand_distr::{Distribution, StandardNormal};
use std::collections::BTreeMap;

/// Deviation of the weights at the start (MONAI's `normal_init`).
const SIGMA: f32 = 0.02;
/// Keeps a vector of zeros from being divided by its length.
const LENGTH_MIN: f32 = 1e-12;

/// A discriminator while it is trained.
#[derive(Debug)]
pub(super) struct Adversary {
    config: DiscriminatorConfig,
    settings: Adversarial,
    optimiser: Optimiser,
    pub(super) parameters: Parameters,
    /// Of each weight the left singular vector of its largest singular value, as far as it's known.
    pub(super) directions: BTreeMap<String, Vec<f32>>,
}

impl Adversary {
    /// Draws one to start from.
    ///
    /// # Errors
    /// When there is no such discriminator.
    pub(super) fn new(recipe: &Recipe, settings: &Adversarial) -> Result<Self, Error> {
        let config = DiscriminatorConfig {
            spatial_dims: 2,
            channels: settings.channels,
            // The image, and what the generator saw.
            in_channels: 1 + guide::channels(recipe.network.slices),
            out_channels: 1,
            num_layers_d: settings.layers,
            kernel_size: 4,
            activation: crate::monai::Activation::With(
                "LEAKYRELU".into(),
                BTreeMap::from([("negative_slope".into(), 0.2)]),
            ),
            norm: None,
            bias: true,
            padding: 1,
            dropout: 0.0,
            last_conv_kernel_size: None,
        };
        let mut rng = ChaCha8Rng::seed_from_u64(recipe.seed);
        rng.set_stream(1 << 62);
        let mut draw = |count: usize, sigma: f32| -> Vec<f32> {
            let normal = |_| -> f32 { StandardNormal.sample(&mut rng) };
            (0..count).map(normal).map(|x| x * sigma).collect()
        };
        let (mut parameters, mut directions) = (Parameters::new(), BTreeMap::new());
        for (name, shape) in config.shapes()? {
            let count = shape.iter().product();
            let values = if shape.len() > 1 {
                directions.insert(name.clone(), unit(draw(shape[0], 1.0)));
                draw(count, SIGMA)
            } else {
                vec![0.0; count]
            };
            parameters.insert(name, Parameter::new(&shape, values, &Device::Cpu)?);
        }
        let optimiser = Optimiser {
            steps: recipe.optimiser.steps.saturating_sub(settings.begin),
            learning_rate: settings.learning_rate,
            ..recipe.optimiser.clone()
        };
        Ok(Self { config, settings: settings.clone(), optimiser, parameters, directions })
    }

    /// Learns from a batch, then gives what the generator's loss gets for images that it made; none before the step
    /// at which the adversary begins.
    ///
    /// # Shapes
    /// `features` (batch, planes, height, width), `real` and `made` (batch, 1, height, width) → a scalar.
    pub(super) fn against(
        &mut self,
        features: &Tensor,
        (real, made): (&Tensor, &Tensor),
        step: usize,
    ) -> Result<Option<Tensor>, Error> {
        let Some(step) = step.checked_sub(self.settings.begin) else { return Ok(None) };
        self.turn()?;
        let network = Discriminator::new(
            &self.config,
            &self.normalised(|parameter| parameter.variable.as_tensor().clone())?,
        )?;
        let real = verdict(&network, features, real)?;
        let false_one = verdict(&network, features, &made.detach())?;
        let loss = ((1.0 - real)?.relu()?.mean_all()? + (1.0 + false_one)?.relu()?.mean_all()?)?;
        optimiser::update(&mut self.parameters, &loss.backward()?, &self.optimiser, step)?;
        let frozen = self.normalised(|parameter| parameter.variable.as_tensor().detach())?;
        let network = Discriminator::new(&self.config, &frozen)?;
        let verdict = verdict(&network, features, made)?.mean_all()?;
        Ok(Some((verdict * -self.settings.weight)?))
    }

    /// Brings the directions nearer to the singular vectors by one step of the power method.
    fn turn(&mut self) -> TensorResult<()> {
        for (name, direction) in &mut self.directions {
            let weight = matrix(self.parameters[name].variable.as_tensor())?.detach();
            *direction = unit(across(&weight, &along(&weight, direction)?)?);
        }
        Ok(())
    }

    /// Gives the weights divided by their largest singular values.
    fn normalised(&self, tensor: impl Fn(&Parameter) -> Tensor) -> TensorResult<Weights> {
        self.parameters
            .iter()
            .map(|(name, parameter)| {
                let weight = tensor(parameter);
                let Some(direction) = self.directions.get(name) else { return Ok((name.clone(), weight)) };
                let rows = matrix(&weight)?;
                let right = unit(along(&rows.detach(), direction)?);
                let right = Tensor::from_vec(right, (rows.dim(1)?, 1), &Device::Cpu)?;
                let left = Tensor::from_slice(direction, (1, rows.dim(0)?), &Device::Cpu)?;
                let largest = left.matmul(&rows.matmul(&right)?)?.reshape(())?;
                Ok((name.clone(), weight.broadcast_div(&largest)?))
            })
            .collect()
    }
}

/// Gives the verdict on images beside what the generator saw.
fn verdict(network: &Discriminator, features: &Tensor, image: &Tensor) -> Result<Tensor, Error> {
    let layers = network.forward(&Tensor::cat(&[image, features], 1)?)?;
    Ok(layers.into_iter().next_back().expect("a discriminator has a last layer"))
}

/// A weight as a matrix with a row for each output.
fn matrix(weight: &Tensor) -> TensorResult<Tensor> {
    weight.flatten_from(1)
}

/// Wᵀ · u.
fn along(rows: &Tensor, direction: &[f32]) -> TensorResult<Vec<f32>> {
    Tensor::from_slice(direction, (1, direction.len()), &Device::Cpu)?.matmul(rows)?.flatten_all()?.to_vec1()
}

/// W · v.
fn across(rows: &Tensor, direction: &[f32]) -> TensorResult<Vec<f32>> {
    rows.matmul(&Tensor::from_slice(direction, (direction.len(), 1), &Device::Cpu)?)?.flatten_all()?.to_vec1()
}

fn unit(mut vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt().max(LENGTH_MIN);
    for x in &mut vector {
        *x /= length;
    }
    vector
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECIPE: &str = r#"
        name = "tiny"
        version = "0"
        seed = 7
        fold_steps = 3
        intended_use = "tests"
        limits = []
        subjects = []
        family = "guided-residual-gan"
        physics = { doses = [0.25], realisations = 1, views = 60 }
        network = { slices = 3, channels = [6, 6, 6], blocks = [1, 1, 1, 1, 1] }
        loss = { gradient = 0.05, local_mean = 0.5 }
        calibration = { slab = 0.4, miss_rate = 0.2, width_bins = 2 }

        [adversarial]
        weight = 0.1
        begin = 5
        channels = 4
        layers = 2
        learning_rate = 1e-2

        [optimiser]
        steps = 105
        batch = 4
        patch = 16
        learning_rate = 2e-3
        warm_up = 4
        weight_decay = 0.0
        clip = 10.0
        average = 0.999
        noise_scale = [1.0, 1.0]
        zooms = [1.0]
        kernels = [0.0]
        noise_reshaped = 0.0
        noise_misjudged = 0.0
    "#;

    fn adversary() -> Adversary {
        let recipe: Recipe = toml::from_str(RECIPE).unwrap();
        Adversary::new(&recipe, recipe.adversarial.as_ref().unwrap()).unwrap()
    }

    /// What a generator saw, a scanned image and one that is too smooth.
    fn images() -> (Tensor, Tensor, Tensor) {
        let draw = |planes| Tensor::randn(0.0_f32, 1.0, (4, planes, 16, 16), &Device::Cpu).unwrap();
        let real = draw(1);
        (draw(6), real.clone(), real.affine(0.1, 0.0).unwrap())
    }

    #[test]
    fn a_normalised_weight_has_the_largest_singular_value_one() {
        let mut adversary = adversary();
        for _ in 0..200 {
            adversary.turn().unwrap();
        }
        let weights = adversary.normalised(|parameter| parameter.variable.as_tensor().detach()).unwrap();
        for name in adversary.directions.keys() {
            let rows = matrix(&weights[name]).unwrap();
            // No vector is made longer, and that of the largest singular value keeps its length.
            let mut right = unit((0..rows.dim(1).unwrap()).map(|i| ((i * 37) % 11) as f32 - 5.0).collect());
            let mut longest = 0.0_f32;
            for _ in 0..200 {
                let left = across(&rows, &right).unwrap();
                longest = left.iter().map(|x| x * x).sum::<f32>().sqrt();
                right = unit(along(&rows, &left).unwrap());
            }
            assert!((longest - 1.0).abs() < 1e-2, "{name}: {longest}");
        }
    }

    #[test]
    fn every_trainable_tensor_of_an_adversary_gets_a_gradient() {
        let mut adversary = adversary();
        adversary.turn().unwrap();
        let (features, real, _) = images();
        let weights = adversary.normalised(|parameter| parameter.variable.as_tensor().clone()).unwrap();
        let network = Discriminator::new(&adversary.config, &weights).unwrap();
        let loss = verdict(&network, &features, &real).unwrap().sqr().unwrap().mean_all().unwrap();
        let gradients = loss.backward().unwrap();
        for (name, parameter) in &adversary.parameters {
            let gradient = gradients.get(parameter.variable.as_tensor()).unwrap_or_else(|| panic!("{name}"));
            let norm = gradient.sqr().unwrap().sum_all().unwrap().to_scalar::<f32>().unwrap();
            assert!(norm > 0.0 && norm.is_finite(), "{name}: {norm}");
        }
    }

    #[test]
    fn an_adversary_learns_to_tell_and_teaches_the_generator_alone() {
        let mut adversary = adversary();
        let (features, real, smooth) = images();
        let made = candle_core::Var::from_tensor(&smooth).unwrap();
        assert!(adversary.against(&features, (&real, &made), 4).unwrap().is_none());
        let mut last = None;
        for step in 5..105 {
            last = adversary.against(&features, (&real, &made), step).unwrap();
        }
        let gradients = last.unwrap().backward().unwrap();
        assert!(gradients.get(made.as_tensor()).is_some());
        let discriminator = adversary.parameters.values().map(|parameter| parameter.variable.as_tensor());
        assert!(discriminator.into_iter().all(|tensor| gradients.get(tensor).is_none()));
        let weights = adversary.normalised(|parameter| parameter.variable.as_tensor().detach()).unwrap();
        let network = Discriminator::new(&adversary.config, &weights).unwrap();
        let mean = |image| {
            let verdict = verdict(&network, &features, image).unwrap();
            verdict.mean_all().unwrap().to_scalar::<f32>().unwrap()
        };
        assert!(mean(&real) > mean(&smooth) + 0.2, "{} {}", mean(&real), mean(&smooth));
    }
}
