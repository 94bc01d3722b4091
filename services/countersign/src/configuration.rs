//! The configuration as the ledger knows it: a digest of each section, so that a change shows and no secret does.

use crate::config::Config;
use contract::Digest;
use serde_json::Value;
use std::collections::BTreeMap;

/// The digest of each section.
pub(crate) fn sections(config: &Config) -> BTreeMap<String, Digest> {
    let value = serde_json::to_value(config).expect("a configuration is plain data");
    let Value::Object(sections) = value else { unreachable!("a configuration is a struct") };
    let digest = |value: Value| Digest::of(without_passwords(value).to_string().as_bytes());
    sections.into_iter().map(|(name, value)| (name, digest(value))).collect()
}

/// A digest of few possible words tells the word, so URLs lose their passwords first.
fn without_passwords(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(without_password(&text)),
        Value::Array(items) => items.into_iter().map(without_passwords).collect(),
        Value::Object(members) => {
            members.into_iter().map(|(name, member)| (name, without_passwords(member))).collect()
        }
        other => other,
    }
}

fn without_password(text: &str) -> String {
    let parts = text.split_once("://").and_then(|(scheme, rest)| {
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (login, host) = authority.rsplit_once('@')?;
        let (user, _) = login.split_once(':')?;
        Some(format!("{scheme}://{user}@{host}{path}"))
    });
    parts.unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_differently_has_another_digest() {
        let mut config = Config::default();
        let before = sections(&config);
        config.audit.checkpoint_entries += 1;
        let now = sections(&config);
        assert_ne!(before["audit"], now["audit"]);
        assert_eq!(before["http"], now["http"]);
    }

    #[test]
    fn a_password_is_no_part_of_the_digest() {
        let mut config = Config::default();
        config.storage.bus = "amqp://user:one@host:5672/vhost".to_owned();
        let before = sections(&config);
        config.storage.bus = "amqp://user:other@host:5672/vhost".to_owned();
        assert_eq!(before, sections(&config));
        assert_eq!(without_password("postgres://u:p@h/db"), "postgres://u@h/db");
        assert_eq!(without_password("sqlite:/folder"), "sqlite:/folder");
    }
}
