//! Whether what comes in, or what comes out, is still like what came before.
//!
//! Two kinds of answer. A *comparison* holds one period against another, once: [`psi`] for size, [`ks`] and
//! [`categorical`] with [`benjamini_hochberg`] over all statistics, [`energy`] over all of them jointly. A *watch*
//! ([`watch`]) looks after every study and keeps its promise however often it looks.

pub mod compare;
pub mod energy;
pub mod watch;

pub use compare::{benjamini_hochberg, ks, psi};
