//! Where layers take their tensors from, by name, and what becomes of those that none takes.

use super::{Error, Result};
use crate::unet::Weights;
use candle_core::{DType, Device, Tensor};
use std::{cell::RefCell, collections::BTreeMap};

/// Shapes by name.
pub(super) type Shapes = BTreeMap<String, Vec<usize>>;

/// The tensors that a network is built over, and the names that its layers took.
struct Names<'a> {
    /// None where only the names are wanted.
    weights: Option<&'a Weights>,
    taken: RefCell<Shapes>,
}

/// The tensors below a name.
#[derive(Clone)]
pub(super) struct Scope<'a> {
    names: &'a Names<'a>,
    prefix: String,
}

impl Scope<'_> {
    /// Gives the tensors below a further name.
    pub(super) fn at(&self, name: impl std::fmt::Display) -> Self {
        let prefix =
            if self.prefix.is_empty() { name.to_string() } else { format!("{}.{name}", self.prefix) };
        Self { names: self.names, prefix }
    }

    /// Takes a tensor.
    ///
    /// # Errors
    /// When it's missing or has another shape.
    pub(super) fn tensor(&self, name: &str, shape: &[usize]) -> Result<Tensor> {
        let name = self.at(name).prefix;
        self.names.taken.borrow_mut().insert(name.clone(), shape.to_vec());
        let Some(weights) = self.names.weights else {
            return Ok(Tensor::zeros(0, DType::F32, &Device::Cpu)?);
        };
        let tensor = weights.get(&name).ok_or_else(|| Error::Missing(name.clone()))?;
        if tensor.dims() == shape {
            return Ok(tensor.clone());
        }
        Err(Error::OtherShape { name, expected: shape.to_vec(), found: tensor.dims().to_vec() })
    }

    /// Passes over a tensor that may be there and has no part in the result.
    pub(super) fn without_effect(&self, name: &str, shape: &[usize]) -> Result<()> {
        let there = |weights: &Weights| weights.contains_key(&self.at(name).prefix);
        if self.names.weights.is_some_and(there) {
            self.tensor(name, shape)?;
        }
        Ok(())
    }
}

/// Builds a network over its tensors.
///
/// # Errors
/// When one is missing, has another shape, or belongs to no layer.
pub(super) fn build<T>(weights: &Weights, make: impl FnOnce(&Scope<'_>) -> Result<T>) -> Result<T> {
    let names = Names { weights: Some(weights), taken: RefCell::default() };
    let network = make(&Scope { names: &names, prefix: String::new() })?;
    let taken = names.taken.into_inner();
    let unread: Vec<String> = weights.keys().filter(|name| !taken.contains_key(*name)).cloned().collect();
    if unread.is_empty() { Ok(network) } else { Err(Error::Unread(unread)) }
}

/// Gives the shapes of the tensors that a network is built over.
pub(super) fn shapes<T>(make: impl FnOnce(&Scope<'_>) -> Result<T>) -> Result<Shapes> {
    let names = Names { weights: None, taken: RefCell::default() };
    make(&Scope { names: &names, prefix: String::new() })?;
    Ok(names.taken.into_inner())
}
