//! `[gateway]`: everything about the front door that a site may set.

use contract::Digest;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// `[gateway]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Minutes without activity after which a login session is locked.
    pub idle_lock_minutes: u32,
    /// Hours after which a login session ends, whatever happens.
    pub login_hours_max: u32,
    /// Sign-in and signing attempts.
    pub sign_in: SignInLimits,
    /// Limits of one GraphQL request.
    pub graphql: GraphqlLimits,
    /// Marks the sign-in cookie `Secure`. On wherever the browser speaks TLS, to this process or to a proxy.
    pub cookie_secure: bool,
    /// The origin that browsers see, for instance `https://countersign.example.org`. Empty: the `Host` header of
    /// the request counts.
    pub public_origin: String,
    /// Addresses of reverse proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Whether this is the demo: the web-ui says so, and the GraphQL schema can be explored.
    pub demo: bool,
    /// Senders that may store over STOW-RS.
    pub stow_senders: Vec<StowSender>,
    /// Largest body of one STOW-RS request in bytes.
    pub stow_bytes_max: u64,
    /// Largest package of a model that is taken from the page, bytes.
    pub package_bytes_max: u64,
}

/// How often one may try to prove who one is. An attempt is spent whether it succeeds or not.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SignInLimits {
    /// Attempts in a row for one account.
    pub account_burst: u32,
    /// Seconds after which an account has one more attempt.
    pub account_refill_seconds: u32,
    /// Attempts in a row from one address.
    pub address_burst: u32,
    /// Seconds after which an address has one more attempt.
    pub address_refill_seconds: u32,
}

/// Limits of one GraphQL request.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GraphqlLimits {
    /// Bytes of the body.
    pub body_bytes_max: usize,
    /// Nesting of fields.
    pub depth_max: usize,
    /// Cost: fields, times the items that a list may hold.
    pub complexity_max: usize,
    /// Renamed fields.
    pub aliases_max: usize,
    /// Fields at the root.
    pub root_fields_max: usize,
    /// Directives.
    pub directives_max: usize,
    /// Seconds after which a request is given up.
    pub deadline_seconds: u32,
    /// Open subscriptions of one person.
    pub subscriptions_per_user_max: u32,
}

/// Somebody who may store over STOW-RS, known by a bearer token.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StowSender {
    /// The name under which what it sends is listed.
    pub name: String,
    /// SHA-256 of its token, hexadecimal; the token itself stands nowhere.
    pub token_sha256: Digest,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            idle_lock_minutes: 15,
            login_hours_max: 12,
            sign_in: SignInLimits::default(),
            graphql: GraphqlLimits::default(),
            cookie_secure: false,
            public_origin: String::new(),
            trusted_proxies: Vec::new(),
            demo: false,
            stow_senders: Vec::new(),
            stow_bytes_max: 4 << 30,
            package_bytes_max: 8 << 30,
        }
    }
}

impl Default for SignInLimits {
    fn default() -> Self {
        Self { account_burst: 10, account_refill_seconds: 10, address_burst: 60, address_refill_seconds: 1 }
    }
}

impl Default for GraphqlLimits {
    fn default() -> Self {
        Self {
            body_bytes_max: 64 << 10,
            depth_max: 12,
            complexity_max: 5_000,
            aliases_max: 30,
            root_fields_max: 10,
            directives_max: 20,
            deadline_seconds: 5,
            subscriptions_per_user_max: 10,
        }
    }
}

impl Config {
    /// Whether the values go together.
    ///
    /// # Errors
    /// What is wrong, for the operator.
    pub fn check(&self) -> Result<(), String> {
        let attempts = &self.sign_in;
        let counts = [
            ("idle_lock_minutes", self.idle_lock_minutes),
            ("login_hours_max", self.login_hours_max),
            ("sign_in.account_burst", attempts.account_burst),
            ("sign_in.account_refill_seconds", attempts.account_refill_seconds),
            ("sign_in.address_burst", attempts.address_burst),
            ("sign_in.address_refill_seconds", attempts.address_refill_seconds),
            ("graphql.deadline_seconds", self.graphql.deadline_seconds),
        ];
        if let Some((key, _)) = counts.into_iter().find(|(_, value)| *value == 0) {
            return Err(format!("gateway.{key} must be at least 1"));
        }
        let origin = &self.public_origin;
        if !(origin.is_empty() || origin.starts_with("https://") || origin.starts_with("http://")) {
            return Err("gateway.public_origin must start with https:// or http://".to_owned());
        }
        if origin.starts_with("https://") && !self.cookie_secure {
            return Err("gateway.cookie_secure must be on when gateway.public_origin is https".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_go_together() {
        assert_eq!(Config::default().check(), Ok(()));
    }

    #[test]
    fn a_cookie_over_tls_must_be_secure() {
        let config = Config { public_origin: "https://example.org".into(), ..Config::default() };
        assert!(config.check().unwrap_err().contains("cookie_secure"));
    }
}
