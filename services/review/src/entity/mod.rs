//! Review's tables, one file each. Named by `store` only.

pub(crate) mod deployment_stage;
pub(crate) mod draft;
pub(crate) mod hold;
pub(crate) mod lease;
pub(crate) mod pixel_access;
pub(crate) mod release;
pub(crate) mod review_case;
pub(crate) mod signed_read;
pub(crate) mod signing_nonce;
