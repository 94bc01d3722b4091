//! The tables of the gateway, one file each. Only `store.rs` names them.

pub(crate) mod account;
pub(crate) mod account_change;
pub(crate) mod display;
pub(crate) mod login_session;
pub(crate) mod passkey;
pub(crate) mod passkey_ceremony;
