//! Field reports: what users of comparable systems saw, and must not see here. `docs/requirements.md` names them.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]
#![expect(clippy::float_cmp, reason = "whole numbers come out exactly")]

mod anatomy;
#[path = "../outside/dciodvfy.rs"]
mod dciodvfy;
#[path = "../outside/dcmtk.rs"]
mod dcmtk;
mod findings;
mod modality;
mod numbers;
mod pixel_values;
mod private;
mod recoded;
mod reports;
