//! The tables of generation.

pub(crate) mod derived_instance;
pub(crate) mod result;
pub(crate) mod run;
