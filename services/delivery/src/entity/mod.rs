//! Delivery's tables, one file each. Named by `store` only.

pub(crate) mod destination_version;
pub(crate) mod rejection_note;
pub(crate) mod send;
pub(crate) mod sent_object;
pub(crate) mod teaching_set;
pub(crate) mod teaching_view;
