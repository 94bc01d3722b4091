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
        "F16" => bytes.as_chunks().0.iter().map(|b| half(u16::from_le_bytes(*b))).collect(),
        "BF16" => {
            let widened = |b: &[u8; 2]| f32::from_bits(u32::from(u16::from_le_bytes(*b)) << 16);
            bytes.as_chunks().0.iter().map(widened).collect()
        }
        "U8" => bytes.iter().map(|byte| f32::from(*byte)).collect(),
        _ => return None,
    })
}

/// Gives the value of a half-precision number (IEEE 754 binary16).
fn half(bits: u16) -> f32 {
    let (sign, exponent, fraction) = (bits >> 15, bits >> 10 & 31, bits & 1023);
    let magnitude = match exponent {
        0 => f32::from(fraction) * 2_f32.powi(-24),
        31 if fraction == 0 => f32::INFINITY,
        31 => f32::NAN,
        _ => f32::from(1024 + fraction) * 2_f32.powi(i32::from(exponent) - 25),
    };
    if sign == 1 { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_precision_numbers_have_their_value() {
        for (bits, value) in [
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65504.0),
            (0x0001, 5.960_464_5e-8),
            (0x3555, 0.333_251_95),
        ] {
            assert_eq!(half(bits).to_bits(), f32::to_bits(value), "{bits:x}");
        }
        assert!(half(0x7c00).is_infinite() && half(0x7e00).is_nan());
    }
}
