//! DICOM read, checked, derived and sent.
//!
//! Bytes from outside pass [`scan`] before anything else looks at them; what can't be used comes back as
//! [`Unusable`], with the reason in words. Bytes are never changed on the way in.

pub mod blind;
pub mod correct;
pub mod deidentify;
pub mod derive;
pub mod dimse;
#[cfg(any(test, feature = "fixture"))]
pub mod fixture;
pub mod geometry;
pub mod parametric_map;
mod pixels;
pub mod read;
mod rle;
pub mod scan;
pub mod scp;
pub mod scu;
pub mod sr;
pub mod tls;
pub mod transfer_syntax;
mod unusable;
pub mod volume;
pub mod wire;
pub mod write;

/// The standard attributes by name.
pub use dicom_core::{Tag, VR};
pub use dicom_dictionary_std::tags;
pub use transfer_syntax::TransferSyntax;
pub use unusable::Unusable;

/// (0008,0070) of every object that our programs make.
pub const MANUFACTURER: &str = "Countersign";
