//! What the gateway tells of accounts and of those who are signed in.

use crate::{Digest, Role, UserId};
use serde::{Deserialize, Serialize};

/// Somebody who is signed in, or an operator at the machine, was refused something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CommandRefused {
    /// What was asked for: a field of the API, `view` for pixels, or a command of the command line (`user add`).
    pub command: String,
    /// Stable code of the reason.
    pub reason_code: String,
}

/// An account is no longer what it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccountChanged {
    /// Whose it is.
    pub user: UserId,
    /// What became of it.
    #[serde(flatten)]
    pub change: AccountChange,
}

/// What became of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum AccountChange {
    /// It exists.
    Added {
        /// What the person may do.
        roles: Vec<Role>,
    },
    /// The person may do something else.
    RolesChanged {
        /// Before.
        from: Vec<Role>,
        /// Now.
        to: Vec<Role>,
    },
    /// Nobody signs in with it any more.
    Disabled,
    /// Somebody may again.
    Enabled,
    /// An administrator had a password made that has to be changed at the next sign-in.
    PasswordReset,
    /// The person chose a password.
    PasswordChanged,
    /// The person registered a passkey to sign with.
    PasskeyAdded {
        /// SHA-256 of the credential's id.
        passkey: Digest,
    },
    /// A passkey signs no more.
    PasskeyRevoked {
        /// SHA-256 of the credential's id.
        passkey: Digest,
    },
}
