//! The families of networks: what each is made of, and how it's asked for a slice.

use crate::{
    cold::{self, Cold, ColdNetwork},
    unet::{Architecture, UNet, Values, Weights},
};
use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A family of networks, under the name that a recipe and `model.toml` give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// A regressor with three quantile heads ([`crate::unet`]).
    #[default]
    GuidedResidualUnet,
    /// The same regressor, which an adversary taught too: images that it can't tell from scanned ones.
    GuidedResidualGan,
    /// Several ways from the low dose to the full dose, in steps.
    GuidedColdDiffusion,
}

impl Family {
    const ALL: [Self; 3] = [Self::GuidedResidualUnet, Self::GuidedResidualGan, Self::GuidedColdDiffusion];

    /// Gives the name.
    pub fn name(self) -> &'static str {
        match self {
            Self::GuidedResidualUnet => "guided-residual-unet",
            Self::GuidedResidualGan => "guided-residual-gan",
            Self::GuidedColdDiffusion => "guided-cold-diffusion",
        }
    }

    /// Gives the family of a name, or none.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.name() == name)
    }

    /// Whether this is the family of recipes that name none.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// A family with its sizes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Design {
    Heads(Architecture),
    Cold(Architecture, Cold),
}

impl Design {
    /// Puts the parts of a recipe or a description together; the error says what doesn't fit.
    pub(crate) fn new(
        family: Family,
        architecture: &Architecture,
        cold: Option<&Cold>,
    ) -> std::result::Result<Self, String> {
        match (family, cold) {
            (Family::GuidedResidualUnet | Family::GuidedResidualGan, None) => {
                Ok(Self::Heads(architecture.clone()))
            }
            (Family::GuidedColdDiffusion, Some(cold)) => match cold.fault() {
                None => Ok(Self::Cold(architecture.clone(), cold.clone())),
                Some(fault) => Err(format!("no way from low to full dose has {fault}")),
            },
            (family @ Family::GuidedColdDiffusion, None) => {
                Err(format!("{} wants a table 'cold'", family.name()))
            }
            (family, Some(_)) => Err(format!("{} has no table 'cold'", family.name())),
        }
    }

    /// Lists the shape of each tensor by name.
    pub(crate) fn shapes(&self) -> BTreeMap<String, Vec<usize>> {
        match self {
            Self::Heads(architecture) => architecture.shapes(),
            Self::Cold(architecture, _) => cold::shapes(architecture),
        }
    }

    /// Gives the number of trainable values.
    pub(crate) fn parameters(&self) -> usize {
        self.shapes().values().map(|shape| shape.iter().product::<usize>()).sum()
    }

    /// Draws weights to start training from.
    pub(crate) fn initial(&self, seed: u64) -> Values {
        match self {
            Self::Heads(architecture) => architecture.initial(seed),
            Self::Cold(architecture, _) => cold::initial(architecture, seed),
        }
    }

    /// Builds the network over weights.
    ///
    /// # Errors
    /// When a tensor is missing or has another shape.
    pub(crate) fn build(&self, weights: &Weights) -> Result<Network> {
        Ok(match self {
            Self::Heads(architecture) => Network::Heads(Box::new(UNet::new(architecture, weights)?)),
            Self::Cold(architecture, cold) => {
                Network::Cold(Box::new(ColdNetwork::new(architecture, cold, weights)?))
            }
        })
    }
}

/// A network of one of the families.
#[derive(Debug, Clone)]
pub(crate) enum Network {
    Heads(Box<UNet>),
    Cold(Box<ColdNetwork>),
}

impl Network {
    /// Gives a slice's lower quantile, image and upper quantile less the estimate, plane after plane, in units of the
    /// noise; what is drawn is by the seed and the slice.
    ///
    /// # Shapes
    /// `features` (1, planes, height, width) → 3 × height × width values.
    pub(crate) fn heads(&self, features: &Tensor, (seed, slice): (u64, usize)) -> Result<Vec<f32>> {
        match self {
            Self::Heads(network) => network.forward(features)?.flatten_all()?.to_vec1(),
            Self::Cold(network) => network.heads(features, (seed, slice)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_has_the_name_that_recipes_give_it() {
        for family in Family::ALL {
            assert_eq!(serde_json::to_value(family).unwrap(), family.name());
            assert_eq!(Family::of_name(family.name()), Some(family));
        }
        assert_eq!(Family::of_name("unguided"), None);
    }

    #[test]
    fn the_parts_of_another_family_are_refused() {
        let architecture = Architecture { slices: 3, channels: [6; 3], blocks: [1; 5] };
        let cold = Cold { steps: 10, samples: 8, noise: 1.0 };
        let design = |family, cold: Option<&Cold>| Design::new(family, &architecture, cold);
        assert!(design(Family::GuidedResidualUnet, Some(&cold)).is_err());
        assert!(design(Family::GuidedResidualGan, Some(&cold)).is_err());
        assert!(design(Family::GuidedColdDiffusion, None).is_err());
        assert!(design(Family::GuidedColdDiffusion, Some(&cold)).is_ok());
        for broken in [
            Cold { steps: 0, ..cold.clone() },
            Cold { samples: 1, ..cold.clone() },
            Cold { noise: f64::NAN, ..cold.clone() },
        ] {
            assert!(design(Family::GuidedColdDiffusion, Some(&broken)).is_err());
        }
    }
}
