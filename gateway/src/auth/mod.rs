//! Who is at the door: accounts, sign-in, login sessions and the proof that precedes a signature.

mod attempts;
pub(crate) mod cookie;
mod logins;
pub(crate) mod passkeys;
pub(crate) mod password;

pub(crate) use logins::{Components, Logins, Proof, Viewer};
