//! A refusal by the domain: a value that says why, and what to do.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a command was not carried out, for the person who gave it. On the wire: HTTP 409 with this JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Stable, for programs: `snake_case`.
    pub code: String,
    /// What was refused and why, in words.
    pub message: String,
    /// What the person can do about it.
    pub remedy: String,
}

impl Refusal {
    /// Builds a refusal.
    pub fn new(code: &str, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), remedy: remedy.into() }
    }

    /// The refusal for an actor who lacks the right, worded so that it tells nothing about the object.
    pub fn forbidden() -> Self {
        Self::new("forbidden", "you may not do this", "ask an administrator for the role that the task needs")
    }

    /// The refusal for something that does not exist, or not for this actor: the two are never told apart.
    pub fn not_found() -> Self {
        Self::new("not_found", "there is nothing here for you", "go back to the list and open it from there")
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}
