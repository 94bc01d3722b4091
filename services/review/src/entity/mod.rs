//! Review's tables, one file each. Named by `store` only.

pub(crate) mod comparison_pair;
pub(crate) mod comparison_terms;
pub(crate) mod conflict;
pub(crate) mod credential;
pub(crate) mod deferral;
pub(crate) mod deployment_stage;
pub(crate) mod draft;
pub(crate) mod hold;
pub(crate) mod lease;
pub(crate) mod pair_answer;
pub(crate) mod pair_seat;
pub(crate) mod pixel_access;
pub(crate) mod presence;
pub(crate) mod priority_change;
pub(crate) mod recall;
pub(crate) mod recall_campaign;
pub(crate) mod recall_campaign_case;
pub(crate) mod release;
pub(crate) mod review_case;
pub(crate) mod review_policy;
pub(crate) mod run_requester;
pub(crate) mod sentinel_source;
pub(crate) mod signed_read;
pub(crate) mod signing_nonce;
pub(crate) mod study_flag;
