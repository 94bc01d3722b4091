//! The gateway's HTTP contract towards services: whether a login session lives.

use crate::{Client, ClientError, LoginSessionId, Role};
use serde::{Deserialize, Serialize};

/// Whether a login session lives.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LoginStatus {
    /// Whether it was neither signed out, locked, expired nor revoked.
    pub alive: bool,
    /// The roles in force now.
    pub roles: Vec<Role>,
}

/// An account as the command line adds it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewUser {
    /// The name to sign in with.
    pub username: String,
    /// The name that is printed beside a signature.
    pub printed_name: String,
    /// What the person may do.
    pub roles: Vec<Role>,
}

/// Typed client.
#[derive(Clone)]
pub struct Gateway(pub Client);

impl Gateway {
    /// Whether a login session lives.
    pub async fn login_status(&self, id: &LoginSessionId) -> Result<LoginStatus, ClientError> {
        self.0.get_one(&format!("/internal/logins/{id}"), &()).await
    }
}
