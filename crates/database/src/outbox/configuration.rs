//! That a service starts under another configuration than before: told through its own outbox, whichever it is.

use super::{NewEvent, append};
use crate::{Error, transaction};
use contract::{Actor, Digest, Event, EventId, Time};
use sea_orm::DatabaseConnection;
use std::collections::BTreeMap;

/// Tells which `sections` have changed since the service that owns `db` told them the last time, if any has. Each comes
/// with the digest of what is set in it.
pub async fn tell_configuration(
    db: &DatabaseConnection,
    sections: BTreeMap<String, Digest>,
    id: EventId,
    occurred_at: Time,
) -> Result<(), Error> {
    let known = match super::newest(db, "configuration.changed").await? {
        Some(Event::ConfigurationChanged { sections, .. }) => sections,
        _ => BTreeMap::new(),
    };
    let changed = changes(&known, &sections);
    if changed.is_empty() {
        return Ok(());
    }
    let event = NewEvent {
        id,
        occurred_at,
        actor: Actor::Operator,
        subject: "configuration".to_owned(),
        causation: None,
        trace: None,
        event: Event::ConfigurationChanged { sections, changed },
    };
    transaction(db, |txn| Box::pin(async move { append(txn, event).await })).await
}

fn changes(known: &BTreeMap<String, Digest>, now: &BTreeMap<String, Digest>) -> Vec<String> {
    let mut names: Vec<&String> = known.keys().chain(now.keys()).collect();
    names.sort();
    names.dedup();
    names.into_iter().filter(|name| known.get(*name) != now.get(*name)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_new_gone_or_different_has_changed() {
        let sections = |pairs: &[(&str, &str)]| -> BTreeMap<String, Digest> {
            pairs.iter().map(|(name, text)| ((*name).to_owned(), Digest::of(text.as_bytes()))).collect()
        };
        let before = sections(&[("audit", "a"), ("http", "h"), ("old", "o")]);
        let now = sections(&[("audit", "a"), ("http", "other"), ("new", "n")]);
        assert_eq!(changes(&before, &now), ["http", "new", "old"]);
        assert!(changes(&before, &before).is_empty());
    }
}
