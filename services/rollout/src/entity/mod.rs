//! The tables of rollout.

pub(crate) mod deployment;
pub(crate) mod gate_policy;
pub(crate) mod model_version;
pub(crate) mod proposal;
pub(crate) mod routing;
pub(crate) mod run_request;
pub(crate) mod stage_change;
