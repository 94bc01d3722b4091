//! Volumes, geometry, acquisition physics and image metrics; pure functions of values.
//!
//! Inside the program patient coordinates are DICOM's: millimetres, LPS (x to the patient's left, y to the
//! back, z to the head). Other conventions are converted where a file is read or written.

pub mod filter;
pub mod magnetic_resonance;
pub mod metrics;
pub mod noise;
pub mod physics;
pub mod projection;
pub mod spectrum;
pub mod total_variation;
pub mod transfer;
mod volume;

pub use volume::{Affine, Error, Volume};
