//! The names that tensors had before these networks came to MONAI.

use super::Result;
use crate::unet::Weights;
use candle_core::{DType, Device, Tensor};

/// Gives tensors of a checkpoint of MONAI's GenerativeModels the names that they have in MONAI; others keep theirs.
///
/// Where the attention of such a checkpoint has no layer behind it, the identity stands for it.
///
/// # Source
/// MONAI 1.6.1, `load_old_state_dict` of `nets/autoencoderkl.py` and `nets/diffusion_model_unet.py`.
pub(super) fn current(weights: Weights) -> Result<Weights> {
    let mut renamed = Weights::new();
    let mut projected = Vec::new();
    for (name, tensor) in weights {
        let now = renamed_to(&name);
        if now != name
            && let Some(block) = now.strip_suffix(".to_q.weight")
        {
            projected.push((format!("{block}.out_proj"), tensor.dim(0)?));
        }
        renamed.insert(now, tensor);
    }
    for (layer, width) in projected {
        if !renamed.contains_key(&format!("{layer}.weight")) {
            let device = Device::Cpu;
            renamed.insert(format!("{layer}.weight"), Tensor::eye(width, DType::F32, &device)?);
            renamed.insert(format!("{layer}.bias"), Tensor::zeros(width, DType::F32, &device)?);
        }
    }
    Ok(renamed)
}

fn renamed_to(name: &str) -> String {
    let parts: Vec<&str> = name.split('.').collect();
    match parts.as_slice() {
        [block @ .., layer @ ("to_q" | "to_k" | "to_v"), kind]
            if !block.last().is_some_and(|last| last.starts_with("attn")) =>
        {
            format!("{}.attn.{layer}.{kind}", block.join("."))
        }
        [block @ .., "proj_attn", kind] => format!("{}.attn.out_proj.{kind}", block.join(".")),
        [block @ .., "to_out", "0", kind] => format!("{}.out_proj.{kind}", block.join(".")),
        [block @ .., "upsampler", "conv", "conv", kind] => {
            format!("{}.upsampler.postconv.conv.{kind}", block.join("."))
        }
        ["decoder", "blocks", index, "conv", "conv", kind] => {
            format!("decoder.blocks.{index}.postconv.conv.{kind}")
        }
        _ => name.to_owned(),
    }
}
