//! The doors through which objects come: one file each.

pub mod cstore;
pub mod import;
pub(crate) mod stow;
