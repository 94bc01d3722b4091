//! Where releases are sent, and how that changed.

use async_graphql::{Enum, ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use contract::delivery;

/// What may be sent to a destination.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "delivery::DestinationKind")]
pub(crate) enum DestinationKind {
    /// Where care is given: releases of the supervised and general stages only.
    Clinical,
    /// Where research is done: releases of the pilot stage too.
    Research,
}

/// Whether anything is sent to a destination.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "delivery::DestinationState")]
pub(crate) enum DestinationState {
    InUse,
    /// Releases for it wait until it is in use again.
    Paused,
    /// New releases aren't meant for it any more; what waits for it stays held.
    Closed,
}

/// How a destination is reached and what it may have.
#[derive(SimpleObject)]
pub(crate) struct DestinationTerms {
    ae_title: String,
    host: String,
    port: u16,
    kind: DestinationKind,
    state: DestinationState,
}

#[derive(InputObject)]
pub(crate) struct DestinationTermsInput {
    /// At most 16 characters.
    ae_title: String,
    /// Name or address of the machine.
    host: String,
    port: u16,
    kind: DestinationKind,
    state: DestinationState,
}

#[derive(SimpleObject)]
pub(crate) struct Destination {
    id: ID,
    /// Never changes: sends and rejection notes are listed under it.
    name: String,
    terms: DestinationTerms,
    /// Sends to it that are not delivered.
    waiting: u32,
    /// Rejection notes for it that are open.
    notes_open: u32,
    /// Newest first; the first is in force.
    versions: Vec<DestinationVersion>,
}

#[derive(SimpleObject)]
pub(crate) struct DestinationVersion {
    version: u32,
    terms: DestinationTerms,
    changed_at: DateTime<Utc>,
    /// Printed name; null for the configuration.
    changed_by: Option<String>,
    reason: String,
    /// What is otherwise than before, in words.
    difference: Vec<String>,
}

/// What a destination answered when it was called.
#[derive(SimpleObject)]
pub(crate) struct DestinationTest {
    answered: bool,
    /// What it said, or what went wrong.
    words: String,
    milliseconds: u32,
}

impl From<delivery::DestinationTerms> for DestinationTerms {
    fn from(terms: delivery::DestinationTerms) -> Self {
        let delivery::DestinationTerms { ae_title, host, port, kind, state } = terms;
        Self { ae_title, host, port, kind: kind.into(), state: state.into() }
    }
}

impl From<DestinationTermsInput> for delivery::DestinationTerms {
    fn from(terms: DestinationTermsInput) -> Self {
        let DestinationTermsInput { ae_title, host, port, kind, state } = terms;
        Self { ae_title, host, port, kind: kind.into(), state: state.into() }
    }
}

impl From<delivery::Destination> for Destination {
    fn from(destination: delivery::Destination) -> Self {
        Self {
            id: destination.id.to_string().into(),
            name: destination.name,
            terms: destination.terms.into(),
            waiting: destination.waiting,
            notes_open: destination.notes_open,
            versions: destination.versions.into_iter().map(DestinationVersion::from).collect(),
        }
    }
}

impl From<delivery::DestinationVersion> for DestinationVersion {
    fn from(version: delivery::DestinationVersion) -> Self {
        Self {
            version: version.version,
            terms: version.terms.into(),
            changed_at: version.changed_at,
            changed_by: version.changed_by,
            reason: version.reason,
            difference: version.difference,
        }
    }
}

impl From<delivery::DestinationTest> for DestinationTest {
    fn from(test: delivery::DestinationTest) -> Self {
        let delivery::DestinationTest { answered, words, milliseconds } = test;
        Self { answered, words, milliseconds }
    }
}
