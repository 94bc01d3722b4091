//! What destinations are told about releases that are taken back.

use async_graphql::{Enum, ID, SimpleObject};
use chrono::{DateTime, Utc};
use contract::delivery;

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "delivery::RejectionNoteState")]
pub(crate) enum RejectionNoteState {
    Queued,
    Following,
    Closed,
}

/// Why a recall is done at a destination.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "RejectionNoteClosure", remote = "delivery::Closure")]
pub(crate) enum Closure {
    NothingSent,
    Gone,
    ByHand,
}

#[derive(SimpleObject)]
pub(crate) struct RejectionNote {
    id: ID,
    destination: String,
    state: RejectionNoteState,
    /// Document title (CID 7011): 113037 for patient safety, 113001 for quality.
    title_code: String,
    objects: u32,
    /// Null when the destination can't be asked.
    objects_shown: Option<u32>,
    /// Whether the destination ever showed one of the objects: only then does an empty answer prove anything.
    provable: bool,
    next_look_at: Option<DateTime<Utc>>,
    last_error: Option<String>,
    opened_at: DateTime<Utc>,
    sent_at: Option<DateTime<Utc>>,
    looked_at: Option<DateTime<Utc>>,
    closed_at: Option<DateTime<Utc>>,
    closure: Option<Closure>,
    /// Printed name.
    closed_by: Option<String>,
    closing_words: Option<String>,
}

impl From<delivery::RejectionNote> for RejectionNote {
    fn from(note: delivery::RejectionNote) -> Self {
        Self {
            id: note.id.to_string().into(),
            destination: note.destination,
            state: note.state.into(),
            title_code: note.title_code,
            objects: note.objects,
            objects_shown: note.objects_shown,
            provable: note.provable,
            next_look_at: note.next_look_at,
            last_error: note.last_error,
            opened_at: note.opened_at,
            sent_at: note.sent_at,
            looked_at: note.looked_at,
            closed_at: note.closed_at,
            closure: note.closure.map(Closure::from),
            closed_by: note.closed_by,
            closing_words: note.closing_words,
        }
    }
}
