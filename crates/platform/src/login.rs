//! Whether the login session behind a token lives: asked of the gateway, remembered for a few seconds.

use crate::Clock;
use async_trait::async_trait;
use chrono::TimeDelta;
use contract::gateway::Gateway;
use contract::{ClientError, LoginSessionId, Time};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

/// A revoked login session stops within this time.
const REMEMBERED: TimeDelta = TimeDelta::seconds(3);
/// The cache is emptied when it grows over this.
const ENTRIES_MAX: usize = 4096;

/// Tells whether a login session lives.
#[async_trait]
pub trait Logins: Send + Sync {
    /// Whether it lives.
    async fn alive(&self, login: &LoginSessionId) -> Result<bool, ClientError>;
}

/// Asks the gateway.
pub struct GatewayLogins {
    gateway: Gateway,
    clock: Arc<dyn Clock>,
    seen: Mutex<HashMap<LoginSessionId, (Time, bool)>>,
}

impl GatewayLogins {
    /// Asks `gateway`.
    pub fn new(gateway: Gateway, clock: Arc<dyn Clock>) -> Self {
        Self { gateway, clock, seen: Mutex::default() }
    }
}

#[async_trait]
impl Logins for GatewayLogins {
    async fn alive(&self, login: &LoginSessionId) -> Result<bool, ClientError> {
        let now = self.clock.now();
        if let Some((at, alive)) = self.seen.lock().get(login)
            && now - *at < REMEMBERED
        {
            return Ok(*alive);
        }
        let alive = self.gateway.login_status(login).await?.alive;
        let mut seen = self.seen.lock();
        if seen.len() >= ENTRIES_MAX {
            seen.clear();
        }
        seen.insert(login.clone(), (now, alive));
        Ok(alive)
    }
}

/// For processes in which no person acts, and for tests: every session lives.
pub struct EveryLogin;

#[async_trait]
impl Logins for EveryLogin {
    async fn alive(&self, _login: &LoginSessionId) -> Result<bool, ClientError> {
        Ok(true)
    }
}
