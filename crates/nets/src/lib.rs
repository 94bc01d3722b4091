//! Network layers with kernels of their own, model families, training and inference.

mod agreement;
mod calibration;
mod checks;
mod clusters;
mod cold;
mod consistency;
mod description;
mod domain;
mod ensemble;
mod family;
mod guide;
mod kernels;
mod model;
pub mod monai;
#[cfg(test)]
mod phantom;
mod predict;
mod processor;
pub mod train;
pub mod unet;

pub use agreement::AgreementReference;
pub use calibration::{IntervalFactors, Promise};
pub use clusters::{Suspect, SuspectKind};
pub use cold::Cold;
pub use consistency::{ConsistencyReference, Structure};
pub use description::{Description, Sampling};
pub use domain::DomainReference;
pub use ensemble::Ensemble;
pub use family::Family;
pub use kernels::warp_bilinear;
pub use model::{Error, Model, Output, Parameters, Scores};
pub use predict::Anchor;
pub use processor::Processor;

/// Gives bytes as lower-case hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        text.push(char::from_digit(u32::from(byte >> 4), 16).expect("four bits are a digit"));
        text.push(char::from_digit(u32::from(byte & 15), 16).expect("four bits are a digit"));
        text
    })
}
