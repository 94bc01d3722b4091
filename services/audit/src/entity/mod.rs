//! The tables of audit.

pub(crate) mod ledger_checkpoint;
pub(crate) mod ledger_cosignature;
pub(crate) mod ledger_entry;
pub(crate) mod ledger_erasure;
pub(crate) mod ledger_forward;
pub(crate) mod ledger_head;
pub(crate) mod ledger_mention;
pub(crate) mod ledger_source;
pub(crate) mod ledger_tile;
