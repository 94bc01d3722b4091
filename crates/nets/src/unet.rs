//! The family `guided-residual-unet`: a norm-free residual 2.5-D U-Net with three quantile heads, which corrects a
//! classical estimate.
//!
//! Without normalisation layers a voxel's result depends on its neighbourhood only, not on the extent of the slice
//! or tile, so the same patient gives the same image whatever is cropped.

use crate::{
    family::Said,
    guide,
    kernels::{conv3x3, fold2, upsample2},
};
use candle_core::{Device, Result, Tensor};
use rand::{SeedableRng, rngs::ChaCha8Rng};
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Named tensors, in the order of their names.
pub type Weights = BTreeMap<String, Tensor>;
/// Shapes and values of tensors, in the order of their names.
pub type Values = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

/// Scale of what a residual block adds.
const RESIDUAL_SCALE: f32 = 0.1;
/// Planes that come out: the 5 % quantile, the middle, the 95 % quantile.
const HEADS: usize = 3;
/// The middle head never corrects the estimate by more than this many times the noise.
pub(crate) const CORRECTION_MAX: f64 = 4.0;

/// Size of a network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Architecture {
    /// Neighbouring slices that go in; the middle one comes out.
    pub slices: usize,
    /// Channels at full, half and quarter resolution.
    pub channels: [usize; 3],
    /// Residual blocks on the way down (full, half), at the bottom, and on the way up (half, full).
    pub blocks: [usize; 5],
}

impl Architecture {
    /// Height and width have to be multiples of this.
    pub const MULTIPLE: usize = 4;

    /// Lists the shape of each tensor by name.
    pub fn shapes(&self) -> BTreeMap<String, Vec<usize>> {
        self.trunk_shapes(guide::channels(self.slices), HEADS)
    }

    /// Lists the shapes of a [`Trunk`] for so many planes in and out.
    pub(crate) fn trunk_shapes(&self, planes: usize, heads: usize) -> BTreeMap<String, Vec<usize>> {
        let [c0, c1, c2] = self.channels;
        let mut shapes = BTreeMap::new();
        let mut layer = |name: String, outputs: usize, rest: &[usize]| {
            let weight: Vec<usize> = [&[outputs], rest].concat();
            shapes.insert(format!("{name}.weight"), weight);
            shapes.insert(format!("{name}.bias"), vec![outputs]);
        };
        layer("head".into(), c0, &[planes, 3, 3]);
        for ((stage, count), channels) in STAGES.iter().zip(self.blocks).zip(self.stage_channels()) {
            for block in 0..count {
                layer(format!("{stage}.{block}.first"), channels, &[channels, 3, 3]);
                layer(format!("{stage}.{block}.second"), channels, &[channels, 3, 3]);
            }
        }
        for (name, from, to) in
            [("down0", 4 * c0, c1), ("down1", 4 * c1, c2), ("up1", c2, c1), ("up0", c1, c0)]
        {
            layer(name.into(), to, &[from]);
        }
        layer("tail".into(), heads, &[c0, 3, 3]);
        shapes
    }

    /// Gives the channels of each stage.
    pub(crate) fn stage_channels(&self) -> [usize; 5] {
        let [c0, c1, c2] = self.channels;
        [c0, c1, c2, c1, c0]
    }

    /// Gives the number of trainable values.
    pub fn parameters(&self) -> usize {
        self.shapes().values().map(|shape| shape.iter().product::<usize>()).sum()
    }

    /// Draws weights to start training from: the network begins as the estimate with an interval of ± 0.8 times the
    /// noise.
    pub fn initial(&self, seed: u64) -> Values {
        let mut values = drawn(self.shapes(), seed);
        if let Some((_, bias)) = values.get_mut("tail.bias") {
            *bias = vec![-0.8, 0.0, 0.8];
        }
        values
    }
}

/// Draws weights to start training from: biases are zero, and the last layer gives hardly anything.
pub(crate) fn drawn(shapes: BTreeMap<String, Vec<usize>>, seed: u64) -> Values {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    shapes
        .into_iter()
        .map(|(name, shape)| {
            let count = shape.iter().product();
            let fan_in: usize = shape.iter().skip(1).product();
            let values = if shape.len() == 1 {
                vec![0.0; count]
            } else {
                let gain = if name.starts_with("tail") { 0.01 } else { 1.0 };
                let sigma = gain * (2.0 / fan_in as f32).sqrt();
                (0..count).map(|_| -> f32 { StandardNormal.sample(&mut rng) }).map(|x| x * sigma).collect()
            };
            (name, (shape, values))
        })
        .collect()
}

/// The stages of a [`Trunk`], in the order in which they are passed.
pub(crate) const STAGES: [&str; 5] = ["down_full", "down_half", "bottom", "up_half", "up_full"];

/// A layer's weight and bias.
#[derive(Debug, Clone)]
pub(crate) struct Layer {
    weight: Tensor,
    bias: Tensor,
}

impl Layer {
    pub(crate) fn new(weights: &Weights, name: &str) -> Result<Self> {
        let get = |kind: &str| {
            let name = format!("{name}.{kind}");
            weights.get(&name).cloned().ok_or_else(|| candle_core::Error::Msg(format!("no tensor {name}")))
        };
        Ok(Self { weight: get("weight")?, bias: get("bias")? })
    }

    fn conv(&self, x: &Tensor, finish: (bool, f32)) -> Result<Tensor> {
        conv3x3(x, &self.weight, &self.bias, finish)
    }

    /// A 1 × 1 convolution as a matrix product.
    fn pointwise(&self, x: &Tensor) -> Result<Tensor> {
        let (n, c, h, w) = x.dims4()?;
        let product = self.weight.broadcast_matmul(&x.reshape((n, c, h * w))?)?;
        let outputs = self.bias.elem_count();
        product.broadcast_add(&self.bias.reshape((1, outputs, 1))?)?.reshape((n, outputs, h, w))
    }

    /// (batch, in) → (batch, out, 1, 1).
    pub(crate) fn of_vectors(&self, x: &Tensor) -> Result<Tensor> {
        x.matmul(&self.weight.t()?)?.broadcast_add(&self.bias)?.unsqueeze(2)?.unsqueeze(3)
    }
}

/// What has passed through a [`Trunk`].
#[derive(Debug, Clone)]
pub(crate) struct Passed {
    /// (batch, heads, height, width).
    pub(crate) heads: Tensor,
    /// The deepest layer: (batch, channels, height / 4, width / 4).
    pub(crate) bottom: Tensor,
}

/// The layers between the planes that go in and those that come out.
#[derive(Debug, Clone)]
pub(crate) struct Trunk {
    head: Layer,
    stages: [Vec<[Layer; 2]>; 5],
    down: [Layer; 2],
    up: [Layer; 2],
    tail: Layer,
}

impl Trunk {
    /// # Errors
    /// When a tensor of `shapes` is missing or has another shape.
    pub(crate) fn new(
        architecture: &Architecture,
        shapes: BTreeMap<String, Vec<usize>>,
        weights: &Weights,
    ) -> Result<Self> {
        for (name, shape) in shapes {
            let found = weights.get(&name).map(Tensor::dims);
            if found != Some(shape.as_slice()) {
                candle_core::bail!("tensor {name} should have shape {shape:?} and has {found:?}");
            }
        }
        let mut stages: [Vec<[Layer; 2]>; 5] = Default::default();
        for (index, stage) in stages.iter_mut().enumerate() {
            for block in 0..architecture.blocks[index] {
                let layer = |part| Layer::new(weights, &format!("{}.{block}.{part}", STAGES[index]));
                stage.push([layer("first")?, layer("second")?]);
            }
        }
        Ok(Self {
            head: Layer::new(weights, "head")?,
            stages,
            down: [Layer::new(weights, "down0")?, Layer::new(weights, "down1")?],
            up: [Layer::new(weights, "up0")?, Layer::new(weights, "up1")?],
            tail: Layer::new(weights, "tail")?,
        })
    }

    /// Where the weights are.
    pub(crate) fn device(&self) -> &Device {
        self.head.weight.device()
    }

    /// Passes planes through the layers; height and width are multiples of four.
    ///
    /// # Shapes
    /// (batch, planes, height, width) → (batch, heads, height, width).
    pub(crate) fn forward(&self, x: &Tensor) -> Result<Passed> {
        self.through(x, |_, x| Ok(x))
    }

    /// The same with something added before each stage: (batch, channels, 1, 1) each.
    pub(crate) fn shifted(&self, x: &Tensor, shifts: &[Tensor; 5]) -> Result<Passed> {
        self.through(x, |stage, x| x.broadcast_add(&shifts[stage]))
    }

    fn through(&self, x: &Tensor, before: impl Fn(usize, Tensor) -> Result<Tensor>) -> Result<Passed> {
        let stage = |index: usize, x: Tensor| self.stage(index, before(index, x)?);
        let full = stage(0, self.head.conv(x, (false, 1.0))?)?;
        let half = stage(1, self.down[0].pointwise(&fold2(&full)?)?)?;
        let bottom = stage(2, self.down[1].pointwise(&fold2(&half)?)?)?;
        let half = stage(3, (upsample2(&self.up[1].pointwise(&bottom)?)? + half)?)?;
        let full = stage(4, (upsample2(&self.up[0].pointwise(&half)?)? + full)?)?;
        Ok(Passed { heads: self.tail.conv(&full, (false, 1.0))?, bottom })
    }

    fn stage(&self, stage: usize, mut x: Tensor) -> Result<Tensor> {
        for [first, second] in &self.stages[stage] {
            x = (&x + second.conv(&first.conv(&x, (true, 1.0))?, (false, RESIDUAL_SCALE))?)?;
        }
        Ok(x)
    }
}

/// Gives the values of a tensor, in the order of its last dimension.
pub(crate) fn flat(tensor: &Tensor) -> Result<Vec<f32>> {
    tensor.flatten_all()?.to_vec1()
}

/// Keeps a correction within its bound.
pub(crate) fn bounded(correction: &Tensor) -> Result<Tensor> {
    (correction / CORRECTION_MAX)?.tanh()? * CORRECTION_MAX
}

/// The network over its weights.
#[derive(Debug, Clone)]
pub struct UNet(Trunk);

impl UNet {
    /// Builds the network over `weights`: trained if these are variables, frozen if they are plain tensors.
    ///
    /// # Errors
    /// When a tensor is missing or has another shape.
    pub fn new(architecture: &Architecture, weights: &Weights) -> Result<Self> {
        Ok(Self(Trunk::new(architecture, architecture.shapes(), weights)?))
    }

    /// Gives the middle slice's 5 % quantile, middle and 95 % quantile, less its estimate.
    ///
    /// # Shapes
    /// (batch, planes of features, height, width) → (batch, 3, height, width); height and width multiples of four.
    ///
    /// # Units
    /// The noise of the middle slice; the zeros beyond the border are the estimate itself.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        Ok(self.pass(x)?.heads)
    }

    fn pass(&self, x: &Tensor) -> Result<Passed> {
        let Passed { heads, bottom } = self.0.forward(x)?;
        let middle = bounded(&heads.narrow(1, 1, 1)?)?;
        let heads = Tensor::cat(&[&heads.narrow(1, 0, 1)?, &middle, &heads.narrow(1, 2, 1)?], 1)?;
        Ok(Passed { heads, bottom })
    }

    /// Where the weights are.
    pub(crate) fn device(&self) -> &Device {
        self.0.device()
    }

    /// Gives what the network says of a slice.
    ///
    /// # Shapes
    /// `features` (1, planes, height, width).
    pub(crate) fn say(&self, features: &Tensor) -> Result<Said> {
        let Passed { heads, bottom } = self.pass(features)?;
        Ok(Said { heads: flat(&heads)?, spread: None, bottom: flat(&bottom)? })
    }
}

/// Makes plain tensors of values.
///
/// # Errors
/// When values don't fill their shape.
pub fn frozen(values: &Values) -> Result<Weights> {
    values
        .iter()
        .map(|(name, (shape, values))| {
            Ok((name.clone(), Tensor::from_slice(values, shape.as_slice(), &Device::Cpu)?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Var;

    fn small() -> Architecture {
        Architecture { slices: 3, channels: [6, 8, 10], blocks: [1, 1, 2, 1, 1] }
    }

    fn largest(values: &Tensor) -> f32 {
        values.abs().unwrap().max_all().unwrap().to_scalar().unwrap()
    }

    #[test]
    fn the_documented_size_has_the_documented_number_of_parameters() {
        let full = Architecture { slices: 3, channels: [16, 32, 64], blocks: [2, 2, 4, 2, 2] };
        assert_eq!(full.parameters(), 402_227);
    }

    #[test]
    fn training_starts_at_the_estimate() {
        let network = UNet::new(&small(), &frozen(&small().initial(3)).unwrap()).unwrap();
        let x = Tensor::rand(-1.0_f32, 1.0, (1, 6, 16, 24), &Device::Cpu).unwrap();
        let largest = largest(&network.forward(&x).unwrap().narrow(1, 1, 1).unwrap());
        assert!(largest < 0.5, "{largest}");
    }

    #[test]
    fn no_correction_exceeds_its_bound_whatever_the_weights() {
        let mut initial = small().initial(3);
        initial.get_mut("tail.weight").unwrap().1.iter_mut().for_each(|value| *value *= 1e4);
        let network = UNet::new(&small(), &frozen(&initial).unwrap()).unwrap();
        let x = Tensor::rand(-6.0_f32, 6.0, (1, 6, 16, 24), &Device::Cpu).unwrap();
        let heads = network.forward(&x).unwrap();
        assert!(largest(&heads.narrow(1, 1, 1).unwrap()) <= CORRECTION_MAX as f32);
        assert!(largest(&heads) > 10.0);
    }

    #[test]
    fn every_trainable_tensor_gets_a_gradient() {
        let initial = small().initial(3);
        let variables: BTreeMap<String, Var> = frozen(&initial)
            .unwrap()
            .iter()
            .map(|(name, tensor)| (name.clone(), Var::from_tensor(tensor).unwrap()))
            .collect();
        let weights = variables.iter().map(|(name, var)| (name.clone(), var.as_tensor().clone())).collect();
        let network = UNet::new(&small(), &weights).unwrap();
        let x = Tensor::rand(-6.0_f32, 6.0, (2, 6, 16, 16), &Device::Cpu).unwrap();
        let gradients = network.forward(&x).unwrap().sqr().unwrap().mean_all().unwrap().backward().unwrap();
        for (name, variable) in &variables {
            let gradient = gradients.get(variable.as_tensor()).unwrap_or_else(|| panic!("{name} has none"));
            let norm = gradient.sqr().unwrap().sum_all().unwrap().to_scalar::<f32>().unwrap();
            assert!(norm > 0.0 && norm.is_finite(), "{name}: {norm}");
        }
    }
}
