//! The tables of rollout.

pub(crate) mod alarm;
pub(crate) mod budget_refusal;
pub(crate) mod capacity_wait;
pub(crate) mod case_outcome;
pub(crate) mod comparison;
pub(crate) mod comparison_look;
pub(crate) mod deployment;
pub(crate) mod gate_policy;
pub(crate) mod model_version;
pub(crate) mod proposal;
pub(crate) mod proposal_approval;
pub(crate) mod recall_evaluation;
pub(crate) mod routing;
pub(crate) mod rules_proposal;
pub(crate) mod run_cost;
pub(crate) mod run_request;
pub(crate) mod site;
pub(crate) mod site_sender;
pub(crate) mod site_version;
pub(crate) mod stage_change;
pub(crate) mod stop_rules;
pub(crate) mod terms;
pub(crate) mod use_rule;
