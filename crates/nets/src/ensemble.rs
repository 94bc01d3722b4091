//! The family `guided-residual-ensemble`: several regressors of one size, each from a start and with patches of its own.
//!
//! A regressor's heads say how far full dose may lie from its image, and nothing of what it has never met: there the
//! members differ, since nothing taught them to agree. The image is their mean. By the law of total variance the
//! interval's half-width on either side is that of the mean variance of the members, the variance of their images added,
//! both read as a normal distribution's; calibration stretches it like that of a single regressor.
//!
//! # Source
//! Lakshminarayanan 2017, "Simple and scalable predictive uncertainty estimation using deep ensembles", section 2.4.

use crate::{
    family::Said,
    unet::{Architecture, UNet, Values, Weights},
};
use candle_core::{Device, Result, Tensor};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Members at most.
const COUNT_MAX: usize = 16;
/// The heads' quantiles, 5 % and 95 %, as standard deviations of a normal distribution.
const DEVIATIONS: f32 = 1.644_854;

/// How many regressors there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ensemble {
    /// Members, at least 2.
    pub members: usize,
}

impl Ensemble {
    /// Says why these settings can't be.
    pub(crate) fn fault(self) -> Option<String> {
        (!(2..=COUNT_MAX).contains(&self.members)).then(|| format!("{} members", self.members))
    }
}

fn prefix(member: usize) -> String {
    format!("members.{member}.")
}

/// Lists the shape of each tensor by name.
pub(crate) fn shapes(architecture: &Architecture, ensemble: Ensemble) -> BTreeMap<String, Vec<usize>> {
    let of_member = |member| {
        let shapes = architecture.shapes().into_iter();
        shapes.map(move |(name, shape)| (prefix(member) + &name, shape))
    };
    (0..ensemble.members).flat_map(of_member).collect()
}

/// Draws weights to start training from, those of each member by a seed of its own.
pub(crate) fn initial(architecture: &Architecture, ensemble: Ensemble, seed: u64) -> Values {
    let of_member = |member| {
        let values = architecture.initial(seed.wrapping_add(member as u64)).into_iter();
        values.map(move |(name, value)| (prefix(member) + &name, value))
    };
    (0..ensemble.members).flat_map(of_member).collect()
}

/// The members over their weights.
#[derive(Debug, Clone)]
pub(crate) struct EnsembleNetwork(Vec<UNet>);

impl EnsembleNetwork {
    /// # Errors
    /// When a tensor is missing or has another shape.
    pub(crate) fn new(architecture: &Architecture, ensemble: Ensemble, weights: &Weights) -> Result<Self> {
        let member = |member| {
            let prefix = prefix(member);
            let own = weights
                .iter()
                .filter_map(|(name, tensor)| Some((name.strip_prefix(&prefix)?.to_owned(), tensor.clone())));
            UNet::new(architecture, &own.collect())
        };
        Ok(Self((0..ensemble.members).map(member).collect::<Result<_>>()?))
    }

    /// Where the weights are.
    pub(crate) fn device(&self) -> &Device {
        self.0[0].device()
    }

    pub(crate) fn members(&self) -> usize {
        self.0.len()
    }

    /// Gives the heads of each member for its own share of a batch, in the members' order.
    ///
    /// # Shapes
    /// (members × batch, planes, height, width) → (members × batch, 3, height, width).
    pub(crate) fn of_shares(&self, x: &Tensor) -> Result<Tensor> {
        let batch = x.dim(0)? / self.0.len();
        let share =
            |(member, network): (usize, &UNet)| network.forward(&x.narrow(0, member * batch, batch)?);
        Tensor::cat(&self.0.iter().enumerate().map(share).collect::<Result<Vec<_>>>()?, 0)
    }

    /// Gives what the members together say of a slice.
    ///
    /// # Shapes
    /// `features` (1, planes, height, width).
    pub(crate) fn say(&self, features: &Tensor) -> Result<Said> {
        let say = |network: &UNet| network.say(features);
        let members = self.0.iter().map(say).collect::<Result<Vec<_>>>()?;
        let heads: Vec<&[f32]> = members.iter().map(|member| member.heads.as_slice()).collect();
        let (heads, spread) = together(&heads);
        let bottom = members.into_iter().flat_map(|member| member.bottom).collect();
        Ok(Said { heads, spread: Some(spread), bottom })
    }
}

/// Puts the heads of several members together, plane after plane; gives the standard deviation of their images too.
fn together(members: &[&[f32]]) -> (Vec<f32>, Vec<f32>) {
    let count = members[0].len() / 3;
    let mean = |value: &dyn Fn(&[f32]) -> f32| {
        members.iter().map(|member| value(member)).sum::<f32>() / members.len() as f32
    };
    let (mut heads, mut spread) = (vec![0.0; 3 * count], vec![0.0; count]);
    for (pixel, spread) in spread.iter_mut().enumerate() {
        let (below, at, above) = (pixel, count + pixel, 2 * count + pixel);
        let image = mean(&|member| member[at]);
        let variance = mean(&|member| (member[at] - image).powi(2));
        let between = DEVIATIONS * DEVIATIONS * variance;
        let down = mean(&|member| (member[at] - member[below]).powi(2));
        let up = mean(&|member| (member[above] - member[at]).powi(2));
        heads[below] = image - (down + between).sqrt();
        heads[at] = image;
        heads[above] = image + (up + between).sqrt();
        *spread = variance.sqrt();
    }
    (heads, spread)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unet::frozen;
    use candle_core::Var;

    const THREE: Ensemble = Ensemble { members: 3 };

    fn small() -> Architecture {
        Architecture { slices: 3, channels: [6, 8, 10], blocks: [1, 1, 2, 1, 1] }
    }

    fn features(batch: usize) -> Tensor {
        Tensor::rand(-3.0_f32, 3.0, (batch, 6, 16, 16), &Device::Cpu).unwrap()
    }

    #[test]
    fn members_that_agree_say_what_one_says_and_others_wider() {
        let one = [-2.0, 0.5, 3.0];
        let (heads, spread) = together(&[&one, &one, &one]);
        assert_eq!((heads.as_slice(), spread.as_slice()), (one.as_slice(), [0.0].as_slice()));
        let (heads, spread) = together(&[&[-3.0, -1.0, 1.0], &[-1.0, 1.0, 3.0]]);
        assert!((spread[0] - 1.0).abs() < 1e-6 && heads[1].abs() < 1e-6);
        let half_width = (4.0 + DEVIATIONS * DEVIATIONS).sqrt();
        assert!((heads[0] + half_width).abs() < 1e-5 && (heads[2] - half_width).abs() < 1e-5, "{heads:?}");
    }

    #[test]
    fn members_begin_differently_and_see_a_share_of_the_batch_each() {
        let weights = frozen(&initial(&small(), THREE, 3)).unwrap();
        let network = EnsembleNetwork::new(&small(), THREE, &weights).unwrap();
        let one = features(1);
        let heads = network.of_shares(&Tensor::cat(&[&one, &one, &one], 0).unwrap()).unwrap();
        let member =
            |index| heads.narrow(0, index, 1).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert_ne!(member(0), member(1));
        assert_ne!(member(1), member(2));
        let said = network.say(&one).unwrap();
        assert!(said.spread.unwrap().iter().any(|spread| *spread > 0.0));
        assert_eq!(said.heads.len(), 3 * 256);
        let missing = weights.into_iter().filter(|(name, _)| !name.starts_with("members.2.")).collect();
        assert!(EnsembleNetwork::new(&small(), THREE, &missing).is_err());
    }

    #[test]
    fn every_trainable_tensor_of_an_ensemble_gets_a_gradient() {
        let variables: BTreeMap<String, Var> = frozen(&initial(&small(), THREE, 3))
            .unwrap()
            .iter()
            .map(|(name, tensor)| (name.clone(), Var::from_tensor(tensor).unwrap()))
            .collect();
        assert_eq!(variables.len(), shapes(&small(), THREE).len());
        let weights = variables.iter().map(|(name, var)| (name.clone(), var.as_tensor().clone())).collect();
        let network = EnsembleNetwork::new(&small(), THREE, &weights).unwrap();
        let loss = network.of_shares(&features(3)).unwrap().sqr().unwrap().mean_all().unwrap();
        let gradients = loss.backward().unwrap();
        for (name, variable) in &variables {
            let gradient = gradients.get(variable.as_tensor()).unwrap_or_else(|| panic!("{name} has none"));
            let norm = gradient.sqr().unwrap().sum_all().unwrap().to_scalar::<f32>().unwrap();
            assert!(norm > 0.0 && norm.is_finite(), "{name}: {norm}");
        }
    }
}
