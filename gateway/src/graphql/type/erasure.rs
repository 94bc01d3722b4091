//! What the ledger keeps of people, and erasing it.

use super::oversight::{Names, name_of};
use async_graphql::{Enum, ID, SimpleObject};
use chrono::{DateTime, Utc};
use contract::UserId;
use contract::audit::{self, ErasureScope};

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "audit::ErasureState")]
pub(crate) enum ErasureState {
    /// It waits for another person.
    Proposed,
    Declined,
    /// It is agreed to and going on.
    Approved,
    Completed,
}

/// A wish that personal content of the ledger be erased, and what has become of it.
#[derive(SimpleObject)]
pub(crate) struct Erasure {
    id: ID,
    /// Whose name; null where it is of entries.
    username: Option<String>,
    /// Which entries; empty where it is of a person, or of everything older than it is kept.
    entries: Vec<u64>,
    reason: String,
    state: ErasureState,
    /// The account of who wants it; null where the rule of how long content is kept does.
    proposed_by: Option<String>,
    proposed_at: DateTime<Utc>,
    decided_by: Option<String>,
    decided_at: Option<DateTime<Utc>>,
    /// Only entries below this number.
    before: u64,
    /// Entries that have lost content so far.
    erased: u64,
}

/// The accounts that an erasure names.
pub(crate) fn accounts_of(record: &audit::ErasureRecord) -> impl Iterator<Item = UserId> + use<> {
    let whose = match &record.scope {
        ErasureScope::Person { user } => Some(user.clone()),
        ErasureScope::Entries { .. } | ErasureScope::Older => None,
    };
    [whose, record.proposed_by.clone(), record.decided_by.clone()].into_iter().flatten()
}

impl Erasure {
    pub(crate) fn new(record: audit::ErasureRecord, names: &Names) -> Self {
        let name = |user: UserId| name_of(names, &user);
        let (username, entries) = match record.scope {
            ErasureScope::Person { user } => (Some(name(user)), Vec::new()),
            ErasureScope::Entries { entries } => (None, entries),
            ErasureScope::Older => (None, Vec::new()),
        };
        Self {
            id: record.id.to_string().into(),
            username,
            entries,
            reason: record.reason,
            state: record.state.into(),
            proposed_by: record.proposed_by.map(name),
            proposed_at: record.proposed_at,
            decided_by: record.decided_by.map(name),
            decided_at: record.decided_at,
            before: record.before,
            erased: record.erased,
        }
    }
}
