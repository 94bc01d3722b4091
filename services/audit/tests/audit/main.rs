//! The ledger as others meet it: what it takes in, what it answers, and what it shows of tampering.

#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]

mod desk;
mod erasure;
mod exports;
mod ledger;
mod mutations;
mod proofs;
mod search;
mod syslog;
mod tampering;
mod witness;
