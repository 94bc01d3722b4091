//! Intake's tables, one file each. Named by `store` only.

pub(crate) mod access;
pub(crate) mod identity_claim;
pub(crate) mod identity_decision;
pub(crate) mod instance;
pub(crate) mod quarantine;
pub(crate) mod series;
pub(crate) mod study;
