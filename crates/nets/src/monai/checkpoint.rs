//! Checkpoints: named tensors from safetensors or from PyTorch's own format.

use super::{Error, Result, names, pickle};
use crate::unet::Weights;
use candle_core::{Device, Tensor};
use safetensors::SafeTensors;
use std::{fs, path::Path};

/// Reads the tensors of a checkpoint, all as float32 whatever they were.
#[derive(Debug, Clone, Copy)]
pub struct Checkpoint;

impl Checkpoint {
    /// Reads a safetensors file.
    ///
    /// # Errors
    /// When it can't be read, is broken, or holds numbers that aren't read here.
    pub fn safetensors(path: &Path) -> Result<Weights> {
        let bytes = fs::read(path).map_err(|source| Error::Access { path: path.to_owned(), source })?;
        Self::safetensors_bytes(&bytes)
    }

    /// Reads the bytes of a safetensors file.
    ///
    /// # Errors
    /// When they are broken, or hold numbers that aren't read here.
    pub fn safetensors_bytes(bytes: &[u8]) -> Result<Weights> {
        let tensors = SafeTensors::deserialize(bytes).map_err(Error::Tensors)?;
        let tensor = |(name, view): (&str, safetensors::tensor::TensorView<'_>)| {
            let number = format!("{:?}", view.dtype());
            let values = floats(view.data(), &number)
                .ok_or_else(|| Error::NumberType { name: name.to_owned(), found: number })?;
            Ok((name.to_owned(), Tensor::from_vec(values, view.shape(), &Device::Cpu)?))
        };
        tensors.iter().map(tensor).collect()
    }

    /// Reads what PyTorch's `torch.save` wrote (since PyTorch 1.6): a state dict, or a dictionary that holds one under
    /// a key such as `unet_state_dict`. Nothing in the file is executed.
    ///
    /// # Errors
    /// When it can't be read, is broken, has nothing under the key, or holds numbers that aren't read here.
    pub fn pytorch(path: &Path, key: Option<&str>) -> Result<Weights> {
        pickle::read(path, key)
    }

    /// Gives the tensors of a checkpoint of MONAI's GenerativeModels the names that they have in MONAI; others keep
    /// theirs.
    ///
    /// # Errors
    /// When a tensor that is an attention's weight has no dimensions.
    pub fn under_current_names(weights: Weights) -> Result<Weights> {
        names::current(weights)
    }
}

/// Gives little-endian numbers as float32, or none for a type that isn't read.
pub(super) fn floats(bytes: &[u8], number: &str) -> Option<Vec<f32>> {
    Some(match number {
        "F32" => bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect(),
        "F64" => bytes.as_chunks().0.iter().map(|b| f64::from_le_bytes(*b) as f32).collect(),
        "I64" => bytes.as_chunks().0.iter().map(|b| i64::from_le_bytes(*b) as f32).collect(),
        "F16" => bytes.as_chunks().0.iter().map(|b| half::f16::from_le_bytes(*b).to_f32()).collect(),
        "BF16" => bytes.as_chunks().0.iter().map(|b| half::bf16::from_le_bytes(*b).to_f32()).collect(),
        "U8" => bytes.iter().map(|byte| f32::from(*byte)).collect(),
        _ => return None,
    })
}
