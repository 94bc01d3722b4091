//! Whether an uncertainty is worth its name: calibrated, sharp, where the errors are, and with which guarantee.
//!
//! The peers are uncertainty-toolbox and mapie; what they give for the inputs of the tests is printed by
//! `crates/evaluation/tests/peers.py`.

mod conformal;
mod scores;
mod sparsification;

pub use conformal::{Candidate, Controlled, Guarantee, Target, control, hoeffding_bentkus, risk_bound};
pub use scores::{
    Normal, calibration_error, crps_of_quantiles, crps_of_samples, expected_normalised_calibration_error,
    interval_score, sharpness,
};
pub use sparsification::{Sparsification, sparsification};
