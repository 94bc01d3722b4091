//! The families of networks: what each is made of, and how it's asked for a slice.

use crate::{
    cold::{self, Cold, ColdNetwork},
    ensemble::{self, Ensemble, EnsembleNetwork},
    unet::{Architecture, UNet, Values, Weights},
};
use candle_core::{Device, Result, Tensor};
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
    /// Several of these regressors, of which each learnt by itself.
    GuidedResidualEnsemble,
    /// Several ways from the low dose to the full dose, in steps.
    GuidedColdDiffusion,
}

impl Family {
    const ALL: [Self; 4] = [
        Self::GuidedResidualUnet,
        Self::GuidedResidualGan,
        Self::GuidedResidualEnsemble,
        Self::GuidedColdDiffusion,
    ];

    /// Gives the name.
    pub fn name(self) -> &'static str {
        match self {
            Self::GuidedResidualUnet => "guided-residual-unet",
            Self::GuidedResidualGan => "guided-residual-gan",
            Self::GuidedResidualEnsemble => "guided-residual-ensemble",
            Self::GuidedColdDiffusion => "guided-cold-diffusion",
        }
    }

    /// Gives the family of a name, or none.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.name() == name)
    }

    /// Says which tables a recipe of the family has.
    fn tables(self) -> &'static str {
        match self {
            Self::GuidedResidualUnet | Self::GuidedResidualGan => "has neither a table 'cold' nor 'ensemble'",
            Self::GuidedResidualEnsemble => "wants a table 'ensemble', and no other",
            Self::GuidedColdDiffusion => "wants a table 'cold', and no other",
        }
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
    Ensemble(Architecture, Ensemble),
    Cold(Architecture, Cold),
}

/// What a family has beside its network's sizes, as a recipe or a description says it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Parts<'a> {
    pub(crate) cold: Option<&'a Cold>,
    pub(crate) ensemble: Option<Ensemble>,
}

impl Design {
    /// Puts the parts of a recipe or a description together; the error says what doesn't fit.
    pub(crate) fn new(
        family: Family,
        architecture: &Architecture,
        parts: Parts<'_>,
    ) -> std::result::Result<Self, String> {
        match (family, parts.cold, parts.ensemble) {
            (Family::GuidedResidualUnet | Family::GuidedResidualGan, None, None) => {
                Ok(Self::Heads(architecture.clone()))
            }
            (Family::GuidedResidualEnsemble, None, Some(ensemble)) => match ensemble.fault() {
                None => Ok(Self::Ensemble(architecture.clone(), ensemble)),
                Some(fault) => Err(format!("no ensemble has {fault}")),
            },
            (Family::GuidedColdDiffusion, Some(cold), None) => match cold.fault() {
                None => Ok(Self::Cold(architecture.clone(), cold.clone())),
                Some(fault) => Err(format!("no way from low to full dose has {fault}")),
            },
            (family, ..) => Err(format!("{} {}", family.name(), family.tables())),
        }
    }

    /// Lists the shape of each tensor by name.
    pub(crate) fn shapes(&self) -> BTreeMap<String, Vec<usize>> {
        match self {
            Self::Heads(architecture) => architecture.shapes(),
            Self::Ensemble(architecture, ensemble) => ensemble::shapes(architecture, *ensemble),
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
            Self::Ensemble(architecture, ensemble) => ensemble::initial(architecture, *ensemble, seed),
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
            Self::Ensemble(architecture, ensemble) => {
                Network::Ensemble(EnsembleNetwork::new(architecture, *ensemble, weights)?)
            }
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
    Ensemble(EnsembleNetwork),
    Cold(Box<ColdNetwork>),
}

/// What a network says of a slice.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Said {
    /// Lower quantile, image and upper quantile less the estimate, plane after plane, in units of the noise.
    pub(crate) heads: Vec<f32>,
    /// Standard deviation of the images that were drawn, in units of the noise; `None` where there is one image.
    pub(crate) spread: Option<Vec<f32>>,
    /// The deepest layer, plane after plane at a quarter of the resolution: of all members of an ensemble; of a
    /// diffusion at the first step of the first way.
    pub(crate) bottom: Vec<f32>,
}

impl Network {
    /// Where the weights are.
    pub(crate) fn device(&self) -> &Device {
        match self {
            Self::Heads(network) => network.device(),
            Self::Ensemble(network) => network.device(),
            Self::Cold(network) => network.device(),
        }
    }

    /// Asks for a slice; what is drawn is by the seed and the slice.
    ///
    /// # Shapes
    /// `features` (1, planes, height, width).
    pub(crate) fn say(&self, features: &Tensor, (seed, slice): (u64, usize)) -> Result<Said> {
        let features = &features.to_device(self.device())?;
        match self {
            Self::Heads(network) => network.say(features),
            Self::Ensemble(network) => network.say(features),
            Self::Cold(network) => network.say(features, (seed, slice)),
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
        let of_parts = |family, cold: Option<&Cold>, members: Option<usize>| {
            let ensemble = members.map(|members| Ensemble { members });
            Design::new(family, &architecture, Parts { cold, ensemble })
        };
        let design = |family, cold: Option<&Cold>| of_parts(family, cold, None);
        assert!(design(Family::GuidedResidualUnet, Some(&cold)).is_err());
        assert!(design(Family::GuidedResidualGan, Some(&cold)).is_err());
        assert!(design(Family::GuidedColdDiffusion, None).is_err());
        assert!(design(Family::GuidedColdDiffusion, Some(&cold)).is_ok());
        assert!(of_parts(Family::GuidedColdDiffusion, Some(&cold), Some(3)).is_err());
        let members = |members| of_parts(Family::GuidedResidualEnsemble, None, members);
        assert!(members(Some(3)).is_ok());
        assert!(members(None).is_err() && members(Some(1)).is_err() && members(Some(1000)).is_err());
        for broken in [
            Cold { steps: 0, ..cold.clone() },
            Cold { samples: 1, ..cold.clone() },
            Cold { noise: f64::NAN, ..cold.clone() },
        ] {
            assert!(design(Family::GuidedColdDiffusion, Some(&broken)).is_err());
        }
    }
}
